"""The deployed package from end to end: a CloudTrail event or the schedule, the translator or the
poller, the queues, the remediator, and the notification, until the resource is repaired. Every type
is tested once by event and once by schedule: in ministack, which runs the functions and the event
source mappings, if it supports the type; otherwise in moto, with a pump in place of the
mappings."""
import json
import pathlib
import sys
import unittest

from support import estate, events
from support.chain import EXTERNAL_ID, HIDDEN, TRIES, Deployed, Pumped, make_member
from support.clock import PastMoto
from support.cloud import ROOT, Cloud, Ministack
from support.permissions import make_operator, permissions
from support.pump import bodies
from support.proxy import Rule
from support.type_files import SETTINGS as EVERY, all_types, every_check

ACCOUNT, REGION = "111122223333", "us-east-1"
REFUSED = "444455556666"  # has no role that could be assumed
OLD = 200  # days
SETTINGS = {"KNOWN_ACCOUNTS": estate.FRIEND, **EVERY, "REPAIR": "all",
            "HOLD_IRREVERSIBLE": "false"}

FIXED, NOTIFIED = "fixed", "non-compliant"


def kinds_of(emulator):
    """{type: (event, {check: the expected outcome})} of the types that are tested there."""
    found = {}
    for name, one in all_types().items():
        deployed = one.deployed
        if deployed.emulator == emulator:
            words = {f"{name}.{check}": FIXED if calls else NOTIFIED
                     for check, calls in one.repairs.items() if check not in deployed.unseen}
            words |= {f"{name}.{check}": "exempt" for check in deployed.spared}
            found[name] = deployed.event, words
    return found


SPARED = every_check(lambda one: dict.fromkeys(one.deployed.spared))


class ChainMinistack(Ministack):
    """The executable finds policies and models in the folders of the package."""

    def command(self):
        server = pathlib.Path(__file__).parent / "support" / "ministack_server.py"
        return ["env", "-u", "ENGINE_POLICIES", "-u", "ENGINE_MODELS", sys.executable, str(server)]

    def variables(self):
        return {**super().variables(), "LAMBDA_EXECUTOR": "local", "TMPDIR": self._directory.name}


class Hurried(Rule):
    """Removes the delay from messages that pass, and records the requested delay."""

    def __init__(self):
        super().__init__("sqs:SendMessageBatch")
        self.delays = []

    def takes(self, request):
        if request.operation == self.operation:
            sent = request.json()
            self.delays += [entry.pop("DelaySeconds", 0) for entry in sent["Entries"]]
            request.body = json.dumps(sent).encode()
        return False


def any_resource(document):
    """The actions without their resources: for images, snapshots, services and databases, ministack
    uses other ARNs than AWS does."""
    policy = json.loads(document)
    for statement in policy["Statement"]:
        statement["Resource"] = "*"
    return json.dumps(policy)


class Case(unittest.TestCase):
    maxDiff = None
    account, region = ACCOUNT, REGION
    cloud = chain = None

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(lambda: cls.cloud and cls.cloud.close())
        cls.addClassCleanup(lambda: cls.chain and cls.chain.close())
        cls.begin()
        cls.operator = {**make_operator(cls.cloud), "EXTERNAL_ID": EXTERNAL_ID}

    def setUp(self):
        self.chain.forget()
        self.cloud.proxy.clear_requests()

    def tearDown(self):
        """The queues are empty, and no message was given up."""
        for url in (self.chain.work, self.chain.polls, self.chain.work_dead,
                    self.chain.polls_dead):
            self.assertEqual(self.chain.left(url), 0, url)

    def aws(self, service, region=REGION):
        return self.cloud.client(service, ACCOUNT, region)

    def line(self, kind, id_, account=ACCOUNT, **more):
        return json.dumps({"account": account, "region": REGION, "type": kind, "id": id_, **more})

    def maker(self, command, kinds):
        run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), command,
                                "--region", REGION, *self.owned, *kinds, **self.owner)
        self.assertEqual((run.status, run.err), (0, ""), run)
        return run.lines

    def make(self, *kinds):
        """{type: id} of misconfiguration_maker's resources, which are deleted after the test."""
        self.addCleanup(self.maker, "clean", kinds)
        made = {line["type"]: line["id"] for line in self.maker("make", kinds)}
        for kind, id_ in made.items():
            all_types()[kind].spoil(self, id_)
        return made

    def audit(self, made):
        """{check: status} of the resources as they are now, audited by another process."""
        run = self.cloud.engine(
            "remediate", "--all", stdin="\n".join(self.line(*one) for one in made.items()),
            **{**SETTINGS, **self.operator})
        return {line["check"]: line["status"] for line in run.lines}

    def wanted(self, kinds, made):
        return {(kind, made[kind], check, word) for kind, (_, checks) in kinds.items()
                for check, word in checks.items()}

    def assert_repaired(self, kinds, made, seen):
        """Only the expected findings were notified, and each bad resource is now compliant, or
        gone."""
        reported = {one[:4] for one in seen if made.get(one.type) == one.id}
        self.assertEqual(reported, self.wanted(kinds, made))
        found = self.audit(made)
        for kind, (_, checks) in kinds.items():
            for check, word in checks.items():
                if word == FIXED:
                    self.assertIn(found[check], {"compliant", "gone"}, (kind, check))


class Types:
    """The types of each emulator, tested along the whole chain."""

    def test_by_event(self):
        made = self.make(*self.kinds)
        for kind, (event, _) in self.kinds.items():
            self.chain.event(events.event(event, id=None if kind == "region" else made[kind],
                                          account=ACCOUNT))
        self.assert_repaired(self.kinds, made, self.chain.wait(self.wanted(self.kinds, made)))
        self.assertEqual(sorted(self.delays())[-2:], [0, 900])  # new resources are not ready at once

    def test_by_schedule(self):
        made = self.make(*self.kinds)
        self.chain.schedule()
        self.assert_repaired(self.kinds, made, self.chain.wait(self.wanted(self.kinds, made)))


class InMinistack(Types, Case):
    kinds, owned = kinds_of("ministack"), ()
    owner = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test"}

    @classmethod
    def begin(cls):
        cls.cloud = Cloud(ChainMinistack)
        make_member(cls.cloud, ACCOUNT, any_resource(permissions()))
        cls.chain = Deployed(cls.cloud, [ACCOUNT, REFUSED], REMEDIATE="true",
                             EXCEPTIONS=cls.exceptions(), **SETTINGS)

    @classmethod
    def exceptions(cls):
        with open(cls.cloud.path("exceptions.json"), "w", encoding="utf-8") as file:
            json.dump({"rules": [{"check": check, "reason": "this emulator speaks plain HTTP only",
                                  "expires": "2099-01-01"} for check in SPARED]}, file)
        return cls.cloud.path("exceptions.json")

    def entries(self):
        """The batches that the functions sent to the queues."""
        return [entry for one in list(self.cloud.proxy.requests)
                if one.operation == "sqs:SendMessageBatch" for entry in one.json()["Entries"]]

    def delays(self):
        return [entry.get("DelaySeconds", 0) for entry in self.entries()]

    def sent_again(self):
        """The lines that the remediator sent back to its own queue."""
        return [entry for entry in self.entries() if "attempt" in entry["MessageBody"]]

    def policy(self, url):
        return estate.queue_policy(self.cloud, ACCOUNT, REGION, url)

    def test_by_schedule(self):
        """One account refuses to be listed, and some services are not available: both are in the
        log, and notified."""
        super().test_by_schedule()
        reported = "\n".join(self.chain.log("poller"))
        self.assertIn(f"of account {REFUSED} cannot be listed: role", reported)
        self.assertIn(f"redshift in {REGION} of account {ACCOUNT} cannot be listed", reported)
        self.chain.until(lambda: any(one.account == REFUSED for one in self.chain.read_inbox()),
                         "the account that refuses is not reported")
        self.assertEqual({(one.id, one.word, one.check.split(".")[1])
                          for one in self.chain.seen if one.account != ACCOUNT},
                         {("*", "unknown", "entered")})

    def test_changes_are_undone_from_the_log(self):
        url = self.make("sqs")["sqs"]
        before, lines = self.policy(url), len(self.chain.log("remediator"))
        self.chain.event(events.event("sqs:CreateQueue", id=url, account=ACCOUNT))
        self.chain.wait({("sqs", url, "sqs.public", FIXED)})
        self.assertNotEqual(self.policy(url), before)
        pathlib.Path(self.cloud.path("log")).write_text(
            "\n".join(self.chain.log("remediator")[lines:]), encoding="utf-8")
        run = self.cloud.engine("undo", self.cloud.path("log"), **{**SETTINGS, **self.operator})
        self.assertEqual(run.status, 0, run)
        self.assertEqual(json.loads(self.policy(url)), json.loads(before))

    def test_an_unreadable_message_ends_in_the_dead_letter_queue(self):
        """The message is received as often as the queue's redrive policy says; the other messages
        of its batches are done."""
        url = self.make("sqs")["sqs"]
        self.addCleanup(self.chain.hide, self.chain.work, HIDDEN)
        self.chain.hide(self.chain.work, 6)
        self.chain.send("not a line", self.line("sqs", url), self.line("nonsense", "x"))
        self.chain.wait({("sqs", url, "sqs.public", FIXED)}, idle=False)
        self.chain.until(lambda: self.chain.left(self.chain.work_dead) == 2, "no dead letters")
        self.chain.until(self.chain.idle, "the queue is not empty")
        reported = [line for line in self.chain.log("remediator")
                    if "no policy for the type" in line]
        self.assertEqual(len(reported), TRIES)
        dead = bodies(self.chain.sqs, self.chain.work_dead)
        self.assertIn("not a line", dead)
        self.assertIn("nonsense", [one["type"] for one in dead if isinstance(one, dict)])

    def test_refused_account_is_reported_and_done(self):
        url = f"https://sqs.{REGION}.amazonaws.com/{REFUSED}/theirs"
        self.chain.event(events.event("sqs:CreateQueue", id=url, account=REFUSED))
        seen = self.chain.wait({("account", "*", "account.entered", "unknown")})
        self.assertEqual({one.account for one in seen}, {REFUSED})
        self.assertEqual({one.word for one in seen}, {"unknown"})

    def test_nothing_is_changed_without_remediate(self):
        url = self.make("sqs")["sqs"]
        before = self.policy(url)
        self.addCleanup(self.chain.configure, "remediator")
        self.chain.configure("remediator", REMEDIATE=None)
        self.cloud.proxy.clear_requests()
        self.chain.event(events.event("sqs:CreateQueue", id=url, account=ACCOUNT))
        seen = self.chain.wait({("sqs", url, "sqs.public", NOTIFIED), ("sqs", url, "sqs.shared", NOTIFIED)})
        self.assertEqual({one.word for one in seen}, {NOTIFIED})
        self.assertEqual(self.policy(url), before)
        self.assertEqual({one.operation for one in self.cloud.proxy.writes()},
                         {"sqs:SendMessageBatch", "sns:Publish"})

    def test_a_resource_is_audited_again_later(self):
        """The change does not show at first: the line comes again, with a higher attempt."""
        url = self.make("sqs")["sqs"]
        before, sqs = self.policy(url), self.aws("sqs")
        self.cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=2, then=lambda: (
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": before})))
        self.addCleanup(self.cloud.proxy.rules.clear)
        self.chain.event(events.event("sqs:CreateQueue", id=url, account=ACCOUNT))
        self.chain.until(self.sent_again, "nothing was put back")
        self.cloud.proxy.rules.clear()
        self.chain.wait({("sqs", url, "sqs.public", FIXED)})
        self.assertNotEqual(self.policy(url), before)
        first, *_ = entries = self.sent_again()
        self.assertEqual([json.loads(one["MessageBody"])["attempt"] for one in entries],
                         list(range(1, len(entries) + 1)))
        self.assertEqual(set(first), {"Id", "MessageBody", "DelaySeconds"})
        self.assertTrue(0 < first["DelaySeconds"] <= 900, first)
        for one in self.cloud.proxy.requests:
            if one.operation.startswith("sqs:"):
                self.assertNotIn("x-amzn-trace-id", one.headers)


class InMoto(Types, Case):
    kinds, owned = kinds_of("moto"), ("--account", ACCOUNT)
    owner = {"EXTERNAL_ID": EXTERNAL_ID}

    @classmethod
    def begin(cls):
        cls.cloud = Cloud(PastMoto)
        make_member(cls.cloud, ACCOUNT, permissions())
        cls.chain = Pumped(cls.cloud, [ACCOUNT], REMEDIATE="true", **SETTINGS)
        cls.hurried = Hurried()
        cls.cloud.proxy.rules.append(cls.hurried)

    def delays(self):
        return self.hurried.delays

class Complete(unittest.TestCase):
    def test_every_type_is_tested_in_an_emulator(self):
        self.assertEqual(sorted([*InMinistack.kinds, *InMoto.kinds]), sorted(all_types()))


if __name__ == "__main__":
    unittest.main()
