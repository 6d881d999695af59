"""Reports, plans and journals in S3: --output s3://, apply s3://, undo s3://."""
import json
import os
import subprocess
import tempfile
import threading
import unittest

from support.engine import ENGINE, environment
from support.fake_changes import FakeChanges
from support.fake_s3 import OWNER, FakeS3
from support.pages import findings_of
from support.without_run import without_run

QUEUES, FUNCTIONS = 2, 1
PLAN = "s3://plans/team/plan.json"

api = s3 = None


def setUpModule():
    global api, s3
    api = FakeChanges(QUEUES, FUNCTIONS)
    s3 = FakeS3(plans="us-east-1", far_away="eu-central-1")


def tearDownModule():
    api.close()
    s3.close()


class Stored(unittest.TestCase):
    maxDiff = None
    more = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        api.reset()
        s3.objects.clear()
        s3.calls.clear()
        s3.failure = lambda method, bucket, key: None

    @classmethod
    def owner(cls, account):
        cls.more = {"BUCKET_OWNER": account} if account else {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *args):
        names = environment(self.folder, api.url, MEMBER_ROLE="none", VERIFY_SECONDS="2",
                            KNOWN_ACCOUNTS="111122223333", AWS_ENDPOINT_URL_S3=s3.url, **self.more)
        return subprocess.Popen([ENGINE, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=names, cwd=self.folder, text=True)

    def engine(self, *args, stdin=None):
        process = self.start(*args)
        out, err = process.communicate(stdin, timeout=120)
        return process.returncode, out, err

    def plan(self, where=PLAN):
        status, _, err = self.engine("plan", "--output", where, stdin=api.lines())
        self.assertEqual(status, 2, err)
        return err


class Reports(Stored):
    def test_a_report_is_the_same_in_s3_as_in_a_file(self):
        for format in ("jsonl", "html"):
            names = [self.path("report"), f"s3://plans/reports/a b+ü.{format}"]
            for name in names:
                status, out, err = self.engine("remediate", "--format", format, "--output", name,
                                               stdin=api.lines())
                self.assertEqual((status, out), (2, ""), err)
            with open(names[0], encoding="utf-8") as file:
                self.assertEqual(findings_of(s3.text(names[1])), findings_of(file.read()))
        self.assertEqual(s3.types["s3://plans/reports/a b+ü.html"], "text/html; charset=utf-8")

    def test_the_bucket_may_be_in_another_region(self):
        self.plan("s3://far-away/plan")
        self.assertIn("s3://far-away/plan", s3.objects)
        self.assertEqual([call[2] for call in s3.calls], ["us-east-1", "eu-central-1"])

    def test_the_bucket_must_belong_to_its_owner(self):
        """A bucket that was deleted may be another account's now."""
        self.addCleanup(self.owner, None)
        for owner, status in ((OWNER, 2), ("999988887777", 1)):
            self.owner(owner)
            got, _, err = self.engine("plan", "--output", PLAN, stdin=api.lines())
            self.assertEqual((got, PLAN in s3.objects), (status, status == 2), err)
            s3.objects.clear()
        self.assertIn(f"{PLAN} cannot be written", err)
        self.assertIn("AccessDenied", err)

    def test_what_prevents_writing_is_named(self):
        for bucket, failure, words in (
                ("nowhere", None, "NoSuchBucket"),
                ("plans", "AccessDenied", "allow what this call needs, s3:PutObject")):
            s3.failure = lambda method, bucket, key, code=failure: code
            status, _, err = self.engine("remediate", "--output", f"s3://{bucket}/r",
                                         stdin=api.lines())
            self.assertEqual(status, 1, err)
            self.assertIn(f"s3://{bucket}/r cannot be written", err)
            self.assertIn(words, err)

    def test_wrong_names_are_usage_errors_before_anything_is_sent(self):
        for name, words in (("s3://Plans/r", "is not the name of an S3 bucket"),
                            ("s3://plans/r/", "names no object"), ("s3://plans", "names no object")):
            status, _, err = self.engine("scan", "--output", name)
            self.assertEqual(status, 64, err)
            self.assertIn(words, err)
        status, _, err = self.engine("remediate", "--output", "s3://plans/r", "--record",
                                     self.path("tape"), stdin=api.lines())
        self.assertEqual(status, 64)
        self.assertIn("cannot be combined with --record", err)
        self.assertEqual(s3.calls, [])

    def test_a_server_fault_is_tried_again(self):
        faults = ["SlowDown"]
        s3.failure = lambda method, bucket, key: faults.pop() if faults else None
        self.plan()
        findings = [json.loads(line) for line in s3.text(PLAN).splitlines()]
        self.assertTrue(any("steps" in finding for finding in findings))


class Shown(Stored):
    def test_a_plan_as_markdown(self):
        """Nobody has to be asked again, and the plan may be in S3."""
        self.plan()
        api.writes, before = 0, len(s3.calls)
        status, out, err = self.engine("show", PLAN, "--format", "markdown")
        self.assertEqual(status, 0, err)
        self.assertIn("Call: `sqs:SetQueueAttributes`", out)
        self.assertEqual([call[0] for call in s3.calls[before:]], ["GET"])

    def test_a_report_in_every_format(self):
        """As the run itself would have written it, but for the scope of the run: the lines of a
        report do not contain it."""
        kept = self.path("report.jsonl")
        self.engine("remediate", "--steps", "--all", "--output", kept, stdin=api.lines())
        for format in ("sarif", "junit", "csv", "table", "json"):
            _, wanted, _ = self.engine("remediate", "--steps", "--all", "--format", format,
                                       stdin=api.lines())
            status, out, err = self.engine("show", kept, "--all", "--format", format)
            self.assertEqual(status, 0, err)
            self.assertEqual(without_run(out), without_run(wanted), format)
        for format in ("asff", "ocsf"):
            status, _, err = self.engine("show", kept, "--format", format)
            self.assertEqual(status, 64, err)
            self.assertIn("the ARNs that it needs", err)

    def test_what_is_no_report(self):
        with open(self.path("file"), "w", encoding="utf-8") as file:
            file.write("hello")
        for name, words in (("file", "file line 1: this is not a report in jsonl or json"),
                            ("s3://plans/none", "s3://plans/none cannot be read"),
                            ("nowhere", "nowhere: No such file")):
            status, out, err = self.engine("show", name, "--output", "out")
            self.assertIn(status, (1, 64))
            self.assertIn(words, err)
            self.assertFalse(os.path.exists(self.path("out")))


LOCK, JOURNAL = "s3://plans/team/plan.json.lock", PLAN + ".journal"


class Changes(Stored):
    def setUp(self):
        super().setUp()
        self.plan()
        s3.calls.clear()

    def apply(self, *more, status=0):
        got, out, err = self.engine("apply", PLAN, *more)
        self.assertEqual(got, status, (out, err))
        return err

    def undo(self, status=0):
        got, out, err = self.engine("undo", JOURNAL)
        self.assertEqual(got, status, (out, err))
        return out, err

    def local(self, name="plan.json.journal"):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_applied_and_undone_on_another_machine(self):
        """The journal is a local file and an object; the lock is there only during the run."""
        err = self.apply()
        self.assertNotEqual(api.changed(), [])
        self.assertEqual(self.local(), s3.objects[JOURNAL])
        self.assertNotIn(LOCK, s3.objects)
        self.assertIn(f"engine undo {JOURNAL}", err)
        puts = [key for method, key, _ in s3.calls if method == "PUT"]
        self.assertEqual((puts[0], puts[-1]), ("team/plan.json.lock", "team/plan.json.journal"))
        os.remove(self.path("plan.json.journal"))
        self.undo()
        self.assertEqual(api.changed(), [])
        self.assertEqual(self.local(), s3.objects[JOURNAL])
        self.assertNotIn(LOCK, s3.objects)
        self.assertIn("undone already", self.undo()[1])

    def test_who_holds_the_lock_is_named(self):
        """Whoever comes second makes no call, until the lock is removed."""
        s3.objects[LOCK] = json.dumps({"lock": 1, "by": "arn:aws:iam::111122223333:user/ann",
                                       "host": "laptop\x1b[2J", "since": "2026-11-30T10:00:00Z",
                                       "token": "theirs"}).encode()
        err = self.apply(status=1)
        for words in (f"the lock {LOCK}", "user/ann on the host laptop\ufffd[2J",
                      "since 2026-11-30T10:00:00Z", f"(aws s3 rm {LOCK})", "Nothing was changed"):
            self.assertIn(words, err)
        s3.objects[JOURNAL] = b""
        self.assertIn("user/ann", self.undo(status=1)[1])
        self.assertEqual(api.changed(), [])
        self.assertEqual(json.loads(s3.text(LOCK))["token"], "theirs")
        self.assertFalse(os.path.exists(self.path("plan.json.journal")))

    def test_lock_that_was_removed_by_hand(self):
        """It belongs to another process, so the run does not remove it."""
        def replace(method, bucket, key):
            if method == "PUT" and key.endswith(".journal"):
                s3.objects[LOCK] = b"what is this"
        s3.failure = lambda method, bucket, key: (
            s3.objects.pop(LOCK, None) and None if key.endswith(".journal") else None)
        self.assertIn("not removed: somebody removed it during the run\n", self.apply(status=1))
        api.reset()
        s3.failure = replace
        self.assertIn("it now belongs to another process", self.apply(status=1))
        self.assertIn("(? on the host ?, since ?)", self.apply(status=1))
        s3.failure = lambda method, bucket, key: (
            "AccessDenied" if method == "GET" and key.endswith(".lock") else None)
        self.assertIn("its owner cannot be read", self.apply(status=1))

    def test_two_at_once(self):
        """One of them applies the plan, and the other says who does."""
        api.slow_s = 0.3
        self.addCleanup(setattr, api, "slow_s", 0)
        both = [self.start("apply", PLAN) for _ in range(2)]
        ends = [(process.communicate(timeout=120), process.returncode) for process in both]
        self.assertEqual(sorted(status for _, status in ends), [0, 1], ends)
        refused = next(err for (_, err), status in ends if status == 1)
        self.assertIn("another process holds the lock", refused)
        self.assertIn("arn:aws", refused)

    def test_lock_whose_replies_were_lost(self):
        """Each attempt was carried out, or finds the own lock."""
        def store_and_fail(method, bucket, key):
            if (method, key) != ("PUT", "team/plan.json.lock"):
                return None
            s3.objects.setdefault(LOCK, s3.sent)
            return "InternalError"
        s3.failure = store_and_fail
        self.apply()
        self.assertNotEqual(api.changed(), [])
        self.assertNotIn(LOCK, s3.objects)

    def test_resumed_where_the_first_run_was_killed(self):
        """Another machine continues with the journal in S3."""
        self.apply()
        lines = s3.objects[JOURNAL].splitlines(keepends=True)
        s3.objects[JOURNAL] = b"".join(lines[:-1])
        os.remove(self.path("plan.json.journal"))
        self.apply()
        self.assertTrue(self.local().startswith(b"".join(lines[:-1])))
        self.assertEqual(self.local(), s3.objects[JOURNAL])

    def test_killed_and_continued_elsewhere(self):
        """The copy of the journal follows the run, the lock survives it, and a machine without the
        local journal continues after the lock was removed. The process is killed when each resource
        has a call on its way and the copy is complete: a call that only the local journal has would
        be unknown there. One of these calls is lost, the others are carried out."""
        ended, count = threading.Event(), len(api.first)
        self.addCleanup(ended.set)
        api.at_write = lambda number, phase: phase == "before" and ended.wait(60) and number == 0
        process = self.start("apply", PLAN)
        api.until(lambda: api.writes == count and s3.objects.get(JOURNAL) == self.local())
        process.kill()
        process.communicate(timeout=60)
        ended.set()
        api.until(lambda: api.changes == count - 1)
        self.assertIn(b'"state":"begin"', s3.objects[JOURNAL])
        self.assertIn("another process holds the lock", self.apply(status=1))
        del s3.objects[LOCK]
        os.remove(self.path("plan.json.journal"))
        got, out, err = self.engine("apply", PLAN)
        self.assertIn(got, (0, 2), (out, err))
        self.undo()
        self.assertEqual(api.changed(), [])

    def test_local_journal_that_is_ahead_counts(self):
        self.apply()
        whole = s3.objects[JOURNAL]
        s3.objects[JOURNAL] = whole[:len(whole) // 2]
        self.apply()
        self.assertTrue(s3.objects[JOURNAL].startswith(whole))

    def test_journals_that_differ(self):
        self.apply()
        with open(self.path("plan.json.journal"), "r+b") as file:
            file.write(b"{ ")
        before = s3.objects[JOURNAL]
        got, _, err = self.engine("apply", PLAN)
        self.assertEqual(got, 64, err)
        self.assertIn("different runs wrote them", err)
        self.assertEqual(s3.objects[JOURNAL], before)
        self.assertNotIn(LOCK, s3.objects)

    def test_journal_that_cannot_be_copied(self):
        """The local journal counts; the lock stays, so that nobody works with an older one."""
        def refuse(method, bucket, key):
            return "AccessDenied" if method == "PUT" and key.endswith(".journal") else None
        s3.failure = refuse
        err = self.apply(status=1)
        for words in (f"{JOURNAL} cannot be written", "is the complete journal", "The lock stays",
                      f"aws s3 cp plan.json.journal {JOURNAL} && aws s3 rm {LOCK}"):
            self.assertIn(words, err)
        self.assertIn(LOCK, s3.objects)
        self.assertEqual(self.engine("undo", "plan.json.journal")[0], 0)
        self.assertEqual(api.changed(), [])

    def test_journal_of_another_process_is_not_overwritten(self):
        """Somebody removed the lock of this run, and another one applied the same plan."""
        def replace(method, bucket, key):
            if method == "PUT" and key.endswith(".journal"):
                s3.objects[JOURNAL] = b"theirs"
        s3.failure = replace
        err = self.apply(status=1)
        self.assertIn(f"another process wrote {JOURNAL} during this run", err)
        self.assertIn("plan.json.journal is the complete journal of this run", err)
        self.assertEqual(s3.objects[JOURNAL], b"theirs")
        s3.failure = lambda method, bucket, key: None
        self.assertEqual(self.engine("undo", "plan.json.journal")[0], 0)
        self.assertEqual(api.changed(), [])

    def test_journal_whose_replies_were_lost(self):
        """Each attempt was carried out, so the next one finds another version: the own one."""
        lost = []

        def store_and_fail(method, bucket, key):
            if method == "PUT" and key.endswith(".journal") and len(lost) < 2:
                lost.append(s3.sent)
                s3.objects[JOURNAL] = s3.sent
                return "InternalError"
            return None
        s3.failure = store_and_fail
        self.apply()
        self.assertEqual(len(lost), 2)
        self.assertEqual(self.local(), s3.objects[JOURNAL])
        self.assertNotIn(LOCK, s3.objects)

    def test_journal_that_was_removed_is_written_again(self):
        self.apply()
        s3.failure = lambda method, bucket, key: (
            s3.objects.pop(JOURNAL, None) and None if method == "PUT" and key.endswith(".journal")
            else None)
        self.undo()
        self.assertEqual(self.local(), s3.objects[JOURNAL])

    def test_what_prevents_reading_is_named(self):
        for failure, words in (("NoSuchKey", "NoSuchKey"), ("AccessDenied", "s3:GetObject")):
            s3.failure = lambda method, bucket, key, code=failure: (
                code if method == "GET" and key.endswith("plan.json") else None)
            err = self.apply(status=1)
            self.assertIn(f"{PLAN} cannot be read", err)
            self.assertIn(words, err)
            self.assertNotIn(LOCK, s3.objects)
        s3.failure = lambda method, bucket, key: (
            "AccessDenied" if method == "GET" and key.endswith(".journal") else None)
        self.assertIn("s3:ListBucket", self.apply(status=1))
        self.assertEqual(api.changed(), [])

    def test_plan_that_is_too_long(self):
        s3.objects[PLAN] = bytes(65 << 20)
        err = self.apply(status=1)
        self.assertIn(f"{PLAN} is longer than 67108864 bytes", err)
        self.assertIn("`aws s3 cp`", err)
        self.assertNotIn(LOCK, s3.objects)

    def test_only_a_journal_is_undone(self):
        """The plan does not become a local file."""
        got, _, err = self.engine("undo", PLAN)
        self.assertEqual(got, 64, err)
        self.assertIn(f"{PLAN} is not the name of a journal", err)
        self.assertFalse(os.path.exists(self.path("plan.json")))
        self.assertEqual(s3.calls, [])

    def test_what_is_no_plan_is_named_by_its_url(self):
        s3.objects[PLAN] = b"hello\n"
        self.assertIn(f"the plan {PLAN}: line 1", self.apply(status=64))
        self.assertNotIn(LOCK, s3.objects)

    def test_the_journal_is_a_local_file(self):
        got, _, err = self.engine("apply", PLAN, "--journal", JOURNAL)
        self.assertEqual(got, 64, err)
        self.assertIn("is not a file", err)
        self.assertEqual(s3.calls, [])
