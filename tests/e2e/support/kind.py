"""The whole life of a resource type in an emulator, with signatures and IAM enforced.

    class Queues(KindCase):
        type = "sqs"

        def test_found_repaired_and_undone(self):
            [bad] = self.make()      # misconfiguration_maker's; or make what you need by self.aws()
            good = [...]
            self.life(bad={bad: {"sqs.public": "fixed", "sqs.shared": "none"}}, good=good)

`life` proves: polling lists all of them (of test resources only the maker's, see `made`); an audit
finds exactly what `bad` lists, changes nothing, and makes the calls that the type's file lists; the
plan makes no change; remediation has the results of `bad` ("fixed", "held", "none" …), and does not
touch what is compliant; a second audit finds the repaired resources compliant; undo reverts what can
be undone (`stays`: checks that cannot), and the next audit finds it again.

The engine runs as a user who may only assume the member role, which has the permissions that `engine
generate permissions` prints for the type; the tests' own clients (self.aws) bypass the role. Repairs
that stop, delete or cannot be undone are allowed. `environment` has more variables."""
import collections
import contextlib
import json
import pathlib
import unittest

from support.cloud import MASTER, ROOT, Cloud
from support.journals import surprises
from support.permissions import make_operator, make_role, permissions
from support.type_files import all_types

STRANGER = "999988887777"  # the account to which misconfiguration_maker gives access
FRIEND = "222233334444"
SAME = ("status", "remediation", "summary", "evidence", "error")


def counted(operations):
    """"sqs:GetQueueAttributes, sqs:ListQueueTags x 2", in the order of the first calls."""
    counts = collections.Counter(one for one in operations if not one.startswith("sts:"))
    return ", ".join(name if n == 1 else f"{name} x {n}" for name, n in counts.items())


class KindCase(unittest.TestCase):
    type = None
    account = "111122223333"
    region = "us-east-1"
    environment = {}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def setUp(self):
        self.cloud.reset()
        pathlib.Path(self.cloud.path("journal")).unlink(missing_ok=True)
        make_role(self.cloud, self.account, self.permissions())
        self.keys = make_operator(self.cloud)

    def permissions(self):
        return permissions([self.type])

    def aws(self, service, region=None, account=None):
        """A boto3 client of the account that bypasses the engine and IAM."""
        return self.cloud.client(service, account or self.account, region or self.region)

    def make(self, *types):
        """Lets misconfiguration_maker create its resources; returns their ids."""
        run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), "make",
                                "--account", self.account, "--region", self.region,
                                *(types or [self.type]))
        self.assertEqual((run.status, run.err), (0, ""), run)
        return [line["id"] for line in run.lines]

    @contextlib.contextmanager
    def enforced(self):
        self.cloud.proxy.clear_requests()
        self.cloud.enforce(True)
        try:
            yield
        finally:
            self.cloud.enforce(False)

    def engine(self, *args, **more):
        """Runs the engine as the operator, with IAM enforced; clears the proxy's log first."""
        settings = {"KNOWN_ACCOUNTS": FRIEND, "REPAIR": "all", "HOLD_IRREVERSIBLE": "false",
                    **self.keys, **self.environment}
        stdin = more.pop("stdin", "")
        with self.enforced():
            return self.cloud.engine(*args, stdin=stdin, **{**settings, **more})

    def line(self, id_, **more):
        return json.dumps({"account": self.account, "region": self.region, "type": self.type,
                           "id": id_, **more})

    def poll(self, *args, **more):
        run = self.engine("poll", "--accounts", self.account, "--regions", self.region,
                          "--types", self.type, *args, **more)
        self.assertEqual(run.status, 0, run)
        return run

    def audit(self, *ids, **more):
        """{(id, check): finding} of an audit without any change."""
        run = self.engine("remediate", "--all", stdin="\n".join(map(self.line, ids)), **more)
        self.assertEqual(self.changes(), [], run)
        return self.by_check(run)

    def remediate(self, *ids, journal="journal", **more):
        """{(id, check): finding} of a run that makes changes."""
        run = self.engine("remediate", "--all", "--remediate", "--journal",
                          self.cloud.path(journal), stdin="\n".join(map(self.line, ids)), **more)
        self.assertEqual(surprises(self.cloud.path(journal)), [])
        return self.by_check(run)

    def undo(self, journal="journal"):
        return self.engine("undo", self.cloud.path(journal))

    def changes(self):
        return [one for one in self.cloud.proxy.writes() if not one.operation.startswith("sts:")]

    def by_check(self, run):
        found = {(line["id"], line["check"]): line for line in run.lines}
        self.assertEqual(len(found), len(run.lines), run)
        return found

    def assert_statuses(self, findings, bad, good, words):
        """The checks of the bad resources have the results of words(result); everything else is
        compliant."""
        for (id_, check), finding in findings.items():
            result = bad.get(id_, {}).get(check)
            wanted = words(check, result) if result else ("compliant", "none")
            self.assertEqual((finding["status"], finding["remediation"]), wanted, finding)
        seen = {id_ for id_, _ in findings}
        self.assertEqual(seen, {*bad, *good})
        for id_, checks in bad.items():
            self.assertLessEqual(set(checks), {check for one, check in findings if one == id_})

    def assert_calls(self, column, *ids):
        """An audit of this resource makes the calls that the type's file lists."""
        self.audit(*ids)
        self.assert_called(column)

    def assert_called(self, column):
        wanted = getattr(all_types()[self.type].calls, column)
        self.assertEqual(counted(self.cloud.proxy.operations()), wanted,
                         f"tests/types/{self.type}.py: calls.{column}")

    def check_poll(self, ids, made):
        found = self.poll()
        listed = [line["id"] for line in found.lines]
        self.assertEqual(len(set(listed)), len(listed), found)
        self.assertLessEqual(set(ids), set(listed), found)
        self.assert_called("listing")
        only = self.poll("--only-use-test-resources")
        self.assertEqual({line["id"] for line in only.lines}, set(made), only)

    def check_scan(self, ids, audited):
        """A scan, which uses what the listing returned, has the same findings as the audit of the
        lines."""
        run = self.engine("scan", "--all", "--accounts", self.account, "--regions", self.region,
                          "--types", self.type)
        self.assertEqual(self.changes(), [], run)
        found = {key: finding for key, finding in self.by_check(run).items() if key[0] in ids}
        self.assertEqual(*({key: {name: finding.get(name) for name in SAME}
                            for key, finding in one.items()} for one in (found, audited)))

    def check_plan(self, ids, bad):
        run = self.engine("plan", stdin="\n".join(map(self.line, ids)))
        self.assertEqual(self.changes(), [], run)
        steps = [step for line in run.lines for step in line.get("steps", [])]
        fixed = any(result == "fixed" for checks in bad.values() for result in checks.values())
        self.assertEqual((bool(steps), run.status), (fixed, 2 if fixed else run.status), run)

    def check_undo(self, bad, good, stays):
        run = self.undo()
        self.assertIn(run.status, (0, 2) if stays else (0,), run)

        def words(check, result):
            if check in stays:
                return "compliant", "none"
            return "non_compliant", "none" if result == "none" else "available"
        self.assert_statuses(self.audit(*bad, *good), bad, good, words)

    def life(self, bad, good, made=None, stays=(), left=()):
        """See the head of this file. bad: {id: {check: the result}}; made: the test resources among
        them (all of the bad ones); left: checks with something exempt, which stay non-compliant."""
        ids = [*bad, *good]
        self.check_poll(ids, bad if made is None else made)
        audited = self.audit(*ids)
        self.assert_statuses(audited, bad, good, lambda _, result: (
            "non_compliant", "none" if result == "none" else "available"))
        self.check_scan(ids, audited)
        self.assert_calls("good", good[0])
        self.assert_calls("bad", next(iter(bad)))
        self.check_plan(ids, bad)
        findings = self.remediate(*ids)
        self.assert_statuses(findings, bad, good, lambda _, result: ("non_compliant", result))
        for change in self.changes():
            for id_ in good:
                self.assertFalse(change.speaks_of(id_), (change, id_))
        self.assert_statuses(self.audit(*ids), bad, good, lambda check, result: (
            ("exempt" if check in left else "compliant", "none") if result == "fixed" else
            ("non_compliant", "none" if result == "none" else "available")))
        if any(result == "fixed" for checks in bad.values() for result in checks.values()):
            self.check_undo(bad, good, stays)
