"""engine scan does everything that poll and remediate do, in one process; the exit status and every
format report what is missing, and the order is that of the places."""
import collections
import csv
import json
import os
import random
import re
import signal
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE

ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("eu-west-1", "us-east-1")
WHERE = ("--accounts", ",".join(reversed(ACCOUNTS)), "--regions", ",".join(reversed(REGIONS)),
         "--types", "sqs,s3_bucket")
FORMATS = ("table", "summary", "jsonl", "json", "csv", "html", "sarif", "junit", "asff",
           "ocsf")
QUEUES = 3
CHECKS = ("sqs.public", "sqs.shared", "s3_bucket.public_acl", "s3_bucket.public_policy",
          "s3_bucket.sse", "s3_bucket.tls", "s3_bucket.grants_access")
# The members that differ from run to run.
VARIABLE = re.compile(r'"(time|request_id)":"[^"]*"')

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()
    for account in ACCOUNTS:
        for region in REGIONS:
            for number in range(QUEUES):
                text = estate.text_of(*estate.four_statements("sqs", "*", account))
                estate.queue(cloud, account, region, f"q{number}", text)
        estate.bucket(cloud, account, "us-east-1", f"open-{account}", public_acl=True)


def tearDownModule():
    cloud.close()


def shuffle_answers(operation):
    """Returns responses in another order each time."""
    cloud.proxy.refuse(operation, code=None, then=lambda: time.sleep(random.random() / 10))


def same(text):
    return VARIABLE.sub("", text).splitlines()


class Scan(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.proxy.clear()

    def scan(self, *args, **environment):
        return cloud.engine("scan", *WHERE, *args, **environment)

    def test_it_is_poll_and_remediate(self):
        shuffle_answers("sqs:GetQueueAttributes")
        shuffle_answers("sqs:ListQueues")
        polled = cloud.engine("poll", *WHERE)
        self.assertEqual(polled.marks, [{"poll": "begin", "places": 6},
                                        {"poll": "end", "failed": []}], polled)
        audited = cloud.engine("remediate", "--all", stdin=polled.out)
        scanned = self.scan("--all")
        self.assertEqual((scanned.status, audited.status), (2, 2), scanned)
        self.assertEqual(same(scanned.out), same(audited.out))
        own = collections.Counter(line["check"] for line in scanned.lines
                                  if line["check"] in CHECKS)
        self.assertEqual(own, {check: 2 * (len(REGIONS) * QUEUES if check.startswith("sqs.") else 1)
                               for check in CHECKS}, scanned)
        self.assertEqual(cloud.proxy.writes(), [])

    def test_targets_are_in_order(self):
        shuffle_answers("sqs:ListQueues")
        lines = cloud.engine("poll", *WHERE).lines
        order = [(line["account"], line["region"], line["type"]) for line in lines]
        self.assertEqual(order, sorted(order))
        self.assertEqual(len(order), 2 * (len(REGIONS) * QUEUES + 1))

    def test_every_run_is_the_same(self):
        shuffle_answers("sqs:GetQueueAttributes")
        shuffle_answers("sqs:ListQueues")
        cloud.proxy.refuse("s3:GetBucketAcl", code="AccessDenied", status=403)
        first = self.scan("--record", cloud.path("rec"))
        self.assertEqual(first.status, 1, first)
        for _ in range(3):
            self.assertEqual(same(self.scan().out), same(first.out))
        for _ in range(3):
            again = self.scan("--replay", cloud.path("rec"), AWS_ACCESS_KEY_ID=None)
            self.assertEqual((again.status, again.out), (1, first.out), again.err)

    def test_only_chosen_checks_are_audited(self):
        run = self.scan("--all", "--checks", "s3_bucket.public_acl,s3.tls")
        self.assertEqual({line["check"] for line in run.lines},
                         {"s3_bucket.public_acl", "s3_bucket.tls"}, run)
        self.assertEqual({one.split(":")[0] for one in cloud.proxy.operations()},
                         {"sts", "s3", "s3control"})
        run = self.scan("--all", "--checks", "sqs", "--severity", "critical",
                        REQUIRED_TAGS="owner")
        self.assertEqual({line["check"] for line in run.lines}, {"sqs.public"}, run)
        self.assertNotIn("checks that are off", run.err)

    def test_only_the_named_severities_are_audited(self):
        every = {line["check"]: line["severity"] for line in self.scan("--all").lines}
        for chosen in (["high"], ["critical", "low"]):
            found = self.scan("--all", "--severity", ",".join(chosen)).lines
            self.assertEqual({line["check"] for line in found},
                             {check for check, severity in every.items() if severity in chosen})

    def test_other_checks_are_neither_read_nor_planned(self):
        lines = cloud.engine("poll", *WHERE).out
        cloud.proxy.clear()
        cloud.proxy.refuse("s3:GetBucketAcl")
        run = cloud.engine("plan", "--checks", "s3_bucket.public_acl", stdin=lines)
        self.assertEqual((run.status, {line["check"] for line in run.lines}),
                         (1, {"s3_bucket.public_acl"}), run)
        for read in ("sqs:GetQueueAttributes", "s3:GetBucketPolicy"):
            self.assertNotIn(read, cloud.proxy.operations())
        cloud.proxy.clear()
        run = cloud.engine("plan", "--checks", "s3_bucket.public_acl", stdin=lines)
        self.assertEqual([line["check"] for line in run.lines if line.get("steps")],
                         2 * ["s3_bucket.public_acl"], run)
        single = cloud.engine("--policy", "s3", "--resource", f"open-{ACCOUNTS[0]}", "--account",
                              ACCOUNTS[0], "--checks", "s3.tls", "--all")
        self.assertEqual([line["check"] for line in single.lines], ["s3_bucket.tls"], single)

    def test_a_wrong_choice_of_checks_is_a_usage_error(self):
        for args, words in ((("--checks", "sqs.publc"), 'did you mean "sqs.public"?'),
                            (("--severity", "hig"), 'did you mean "high"?'),
                            (("--severity", "low", "--checks", "sqs"), "leave no check to audit"),
                            (("--checks", "ami.public"), "leave nothing to list")):
            run = self.scan(*args)
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn(words, run.err)

    def test_a_target_that_cannot_be_listed(self):
        cloud.proxy.refuse("sqs:ListQueues")
        polled = cloud.engine("poll", *WHERE)
        self.assertEqual(polled.status, 1, polled)
        failed = polled.marks[-1]["failed"]
        self.assertEqual([(one["account"], one["region"], one["type"]) for one in failed],
                         [(account, region, "sqs") for account in ACCOUNTS for region in REGIONS])
        self.assertEqual(failed[0]["error"]["code"], "AccessDenied", failed)
        scanned = self.scan()
        for run in (scanned, cloud.engine("remediate", stdin=polled.out)):
            lost = [line for line in run.lines if line["id"] == "*"]
            self.assertEqual(run.status, 1, run)
            self.assertEqual([(line["check"], line["account"], line["region"], line["severity"],
                               line["status"], line["error"]["code"]) for line in lost],
                             [("sqs.listed", account, region, "high", "unknown", "AccessDenied")
                              for account in ACCOUNTS for region in REGIONS], run)
        order = [(line["account"], line["region"]) for line in scanned.lines
                 if line["check"] == "sqs.listed"]
        self.assertEqual(order, sorted(order))
        self.assertIn("s3_bucket", {line["type"] for line in scanned.lines})

    def test_every_format_names_the_target(self):
        cloud.proxy.refuse("sqs:ListQueues")
        for name in FORMATS:
            run = self.scan("--format", name, "--regions", "eu-west-1")
            self.assertEqual(run.status, 1, run)
            self.assertIn("cannot be listed", run.out)
            self.check_format(name, run.out)

    def check_format(self, name, text):
        """The report can be read, and says in the way of its format that it is incomplete."""
        if name == "sarif":
            invocation = json.loads(text)["runs"][0]["invocations"][0]
            self.assertIs(invocation["executionSuccessful"], False)
            self.assertTrue(invocation["toolExecutionNotifications"])
        elif name == "junit":
            self.assertTrue(list(ElementTree.fromstring(text).iter("error")))
        elif name == "html":
            self.assertIn("This report is incomplete", text)
        elif name in ("table", "summary"):
            self.assertIn("\nincomplete: ", text)
        elif name == "csv":
            self.assertTrue([row for row in csv.DictReader(text.splitlines())
                             if row["id"] == "*" and row["status"] == "unknown"])
        elif name == "jsonl":
            self.assertTrue([line for line in map(json.loads, text.splitlines())
                             if line["id"] == "*" and line["status"] == "unknown"])
        else:
            json.loads(text)

    def test_a_list_that_is_cut_off_is_reported(self):
        lines = cloud.engine("poll", *WHERE).out.splitlines()
        whole = cloud.engine("remediate", stdin="\n".join(lines))
        self.assertEqual(whole.status, 2, whole)
        for name in FORMATS:
            run = cloud.engine("remediate", "--format", name, stdin="\n".join(lines[:-1]))
            self.assertEqual(run.status, 1, run)
            self.assertIn("the list of lines is incomplete", run.out)
            self.check_format(name, run.out)
        plan = cloud.engine("plan", "--output", cloud.path("cut"), stdin="\n".join(lines[:-1]))
        self.assertEqual(plan.status, 1, plan)
        plain = cloud.engine("remediate", stdin="\n".join(lines[1:-1]))
        self.assertEqual((plain.status, same(plain.out)), (2, same(whole.out)), plain)

    def start(self, *args):
        process = subprocess.Popen([ENGINE, *args], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=cloud.directory,
                                   env=cloud.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def interrupted(self, number, name):
        """One queue's response arrives after the signal; the queues after it are not requested."""
        cloud.proxy.clear()
        path = cloud.path("report")
        process = None

        def end():
            process.send_signal(number)
            time.sleep(0.5)
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, then=end, times=1, skip=2)
        process = self.start("scan", *WHERE, "--format", name, "--output", path, "--concurrency", "1")
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        os.remove(path)
        self.assertIn("interrupted (SIG", text)
        self.check_format(name, text)
        return text

    def test_an_interrupted_run_says_so(self):
        for name in FORMATS:
            self.interrupted(signal.SIGTERM, name)
        text = self.interrupted(signal.SIGINT, "jsonl")
        self.assertIn("sqs.public", text)  # the finished part is in the report

    def test_a_plan_that_was_interrupted_says_so(self):
        text = self.interrupted(signal.SIGINT, "jsonl")
        with open(cloud.path("partial"), "w", encoding="utf-8") as file:
            file.write(text)
        run = cloud.engine("apply", cloud.path("partial"))
        self.assertIn("this plan is incomplete", run.err)

    def test_a_killed_run_leaves_no_report(self):
        asked = []

        def end():
            asked.append(time.monotonic())
            time.sleep(1)
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, then=end)
        before = set(os.listdir(cloud.directory))
        process = self.start("scan", *WHERE, "--format", "html", "--output", cloud.path("killed"))
        while not asked and process.poll() is None:
            time.sleep(0.05)
        self.assertIsNone(process.poll(), "it ended before it was killed")
        process.kill()
        process.wait(60)
        self.assertEqual(set(os.listdir(cloud.directory)), before)

    def test_a_summary(self):
        cloud.proxy.refuse("s3:GetBucketAcl", code="AccessDenied", status=403)
        run = self.scan("--format", "summary")
        self.assertEqual(run.status, 1, run)
        row = next(line.split() for line in run.out.splitlines() if line.split()[:1] == ["sqs"])
        self.assertEqual(row[1], str(2 * len(REGIONS) * QUEUES), run)
        self.assertRegex(run.out, r"not known, or failed:\n  2 resources in 2 accounts: .*AccessD")
        self.assertRegex(run.out, r"  (none|interrupts) +[1-9][0-9]* +\S")
        self.assertLess(len(run.out.splitlines()), 30)

    def next_of(self, text):
        """The commands that a summary suggests, each by its purpose."""
        lines = text.split("\nnext:\n")[1].splitlines()
        return dict(re.findall(r"  ([a-z ]+): +(.*)", "\n".join(lines)))

    def shell(self, command):
        return subprocess.run(["sh", "-c", command], env=cloud.environment(), cwd=cloud.directory,
                              capture_output=True, text=True, timeout=120, check=False)

    def test_suggested_commands_run_unchanged(self):
        commands = self.next_of(self.scan("--format", "summary", "--checks", "sqs,s3_bucket").out)
        self.assertEqual(list(commands), ["why it matters", "every finding", "what repairs it"])
        self.assertIn("To repair:", self.shell(commands["why it matters"]).stdout)
        table = self.shell(commands["every finding"])
        self.assertEqual((table.returncode, "STATUS" in table.stdout), (2, True), table)
        plan = self.shell(commands["what repairs it"])
        self.assertEqual((plan.returncode, "engine apply plan" in plan.stderr), (2, True), plan)
        with open(cloud.path("plan"), encoding="utf-8") as file:
            plan = [json.loads(line) for line in file]
        self.assertEqual({line["type"] for line in plan if line.get("steps")},
                         {"sqs", "s3_bucket"})
        single = cloud.engine("--policy", "sqs", "--resource", self.queue(), "--format", "summary",
                              "--region", REGIONS[0], "--account", ACCOUNTS[0])
        plan = self.shell(self.next_of(single.out)["what repairs it"])
        self.assertEqual(plan.returncode, 2, plan)

    def queue(self):
        lines = cloud.engine("poll", *WHERE).lines
        return next(line["id"] for line in lines if line["type"] == "sqs"
                    and line["account"] == ACCOUNTS[0] and line["region"] == REGIONS[0])

    def on_terminal(self, *words):
        master, slave = os.openpty()
        with subprocess.Popen([ENGINE, *words], stdin=subprocess.DEVNULL, stdout=slave,
                              stderr=subprocess.DEVNULL, cwd=cloud.directory,
                              env={**cloud.environment(), "TERM": "xterm", "NO_COLOR": "1"}):
            os.close(slave)
            text = b""
            try:
                while chunk := os.read(master, 65536):
                    text += chunk
            except OSError:  # the other end was closed
                pass
        os.close(master)
        self.assertNotIn(b"\x1b", text)
        return text.decode()

    def test_a_scan_on_a_terminal_is_a_summary(self):
        self.assertIn("next:", self.on_terminal("scan", *WHERE))
        one = self.on_terminal("--policy", "sqs", "--resource", self.queue(), "--account",
                               ACCOUNTS[0], "--region", REGIONS[0])
        self.assertIn("STATUS", one)

    def test_it_plans_and_repairs(self):
        plan = self.scan("--dry-run", "--output", cloud.path("plan"))
        self.assertEqual(plan.status, 2, plan)
        self.assertIn("engine apply", plan.err)
        lines = cloud.engine("poll", *WHERE).out
        with open(cloud.path("plan"), encoding="utf-8") as file:
            self.assertEqual(same(file.read()), same(cloud.engine("plan", stdin=lines).out))
        run = self.scan("--remediate", "--journal", cloud.path("journal"))
        fixed = [line["remediation"] for line in run.lines if line["check"] == "sqs.public"]
        self.assertEqual(set(fixed), {"fixed"}, run)
        self.check_undo(sum(line["remediation"] == "fixed" for line in run.lines))

    def check_undo(self, count):
        """The first run is interrupted: it reports what it did not audit, and the second run does
        it."""
        process = None

        def end():
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, then=end, times=1, skip=2)
        process = self.start("undo", cloud.path("journal"))
        out, err = process.communicate(timeout=60)
        results = [json.loads(line)["result"] for line in out.splitlines()]
        self.assertEqual((process.returncode, len(results)), (1, count), err)
        self.assertEqual(set(results), {"undone", "held"})
        again = cloud.engine("undo", cloud.path("journal"))
        self.assertEqual(again.status, 0, again)
        self.assertEqual([line["result"] for line in again.lines],
                         ["undone"] * results.count("held"))

    def test_a_scan_without_resources(self):
        run = cloud.engine("scan", "--accounts", ACCOUNTS[0], "--regions", "eu-central-1",
                           "--types", "sqs")
        self.assertEqual((run.status, run.out), (0, ""), run)
        self.assertIn("no resources found in 1 place:", run.err)

    def test_options_that_it_refuses(self):
        for args in (("--sqs", "https://q"), ("--types", "nosuch")):
            run = cloud.engine("scan", "--regions", "us-east-1", *args)
            self.assertEqual((run.status, run.out), (64, ""), run)


if __name__ == "__main__":
    unittest.main()
