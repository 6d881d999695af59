"""How a run ends when it is disturbed: by signals, unusable journals, full disks, or invalid
arguments."""
import glob
import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.signals import until_handled

ACCOUNT, REGION = "111122223333", "us-east-1"

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


class Endings(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
        self.queue = estate.queue(cloud, ACCOUNT, REGION, "open-queue", text)
        self.line = json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs",
                                "id": self.queue}) + "\n"
        for name in ("journal", "plan", "plan.journal"):
            if os.path.exists(cloud.path(name)):
                os.remove(cloud.path(name))
        cloud.proxy.clear()

    def remediate(self, *args):
        return cloud.engine("remediate", *args, stdin=self.line)

    def start(self, *args, ignore=(), **environment):
        """The running engine, with its one line on stdin."""
        def prepare():
            for number in ignore:
                signal.signal(number, signal.SIG_IGN)
        process = subprocess.Popen(
            [ENGINE, "remediate", *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=cloud.environment(**environment),
            cwd=cloud.directory, preexec_fn=prepare)
        self.addCleanup(self.end, process)
        process.stdin.write(self.line.encode())
        process.stdin.flush()
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        process.wait()

    def hold(self, operation):
        """Requests for the operation wait until the event is set."""
        asked, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)

        def wait():
            asked.set()
            go_on.wait(60)
        cloud.proxy.refuse(operation, code=None, then=wait)
        return asked, go_on

    def reports(self):
        return sorted(os.path.basename(path) for path in glob.glob(cloud.path("report*")))

    def test_a_second_signal_leaves_no_unfinished_report(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asked, go_on = self.hold("sqs:GetQueueAttributes")
            process = self.start("--output", cloud.path("report"))
            self.assertTrue(asked.wait(60))
            self.assertEqual(self.reports(), [])
            process.send_signal(number)
            self.assertIn(b"stopping", process.stderr.readline())
            process.send_signal(number)
            self.assertEqual(process.wait(60), 128 + number)
            go_on.set()
            cloud.proxy.clear()
            self.assertEqual(self.reports(), [])

    def test_a_first_signal_does_not_wait_for_the_callers_identity(self):
        with socket.create_server(("127.0.0.1", 0)) as mute:
            mute.settimeout(60)
            process = self.start(
                "--output", cloud.path("report"),
                AWS_ENDPOINT_URL=f"http://127.0.0.1:{mute.getsockname()[1]}")
            with mute.accept()[0]:
                process.send_signal(signal.SIGTERM)
                self.assertIn(b"stopping", process.stderr.readline())
                self.assertEqual(process.wait(60), 1)
        with open(cloud.path("report"), encoding="utf-8") as file:
            self.assertIn("interrupted", file.read())
        os.remove(cloud.path("report"))

    def test_a_first_signal_finishes_the_work_in_progress(self):
        asked, go_on = self.hold("sqs:GetQueueAttributes")
        process = self.start("--output", cloud.path("report"))
        self.assertTrue(asked.wait(60))
        process.send_signal(signal.SIGTERM)
        self.assertIn(b"stopping", process.stderr.readline())
        go_on.set()
        self.assertEqual(process.wait(60), 1)
        self.assertEqual(self.reports(), ["report"])
        with open(cloud.path("report"), encoding="utf-8") as file:
            self.assertIn("sqs.public", file.read())
        os.remove(cloud.path("report"))

    def test_an_ignored_signal_stays_ignored(self):
        asked, go_on = self.hold("sqs:GetQueueAttributes")
        process = self.start(ignore=[signal.SIGHUP])
        self.assertTrue(asked.wait(60))
        process.send_signal(signal.SIGHUP)
        go_on.set()
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 2, err)
        self.assertIn(b"sqs.public", out)
        self.assertNotIn(b"stopping", err)

    def test_a_signal_ends_waiting(self):
        line = json.loads(self.line)
        self.line = json.dumps({**line, "delay": 3000}) + "\n"
        process = self.start("--wait", "3600")
        until_handled(process, signal.SIGTERM)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 1)
        self.assertLess(time.monotonic() - began, 30)

    def test_a_journal_that_cannot_be_written_is_one_error(self):
        self.assertEqual(cloud.engine("plan", "--output", cloud.path("plan"),
                                      stdin=self.line).status, 2)
        cloud.proxy.clear()
        for args in (("remediate", "--remediate"), ("apply", cloud.path("plan"))):
            run = cloud.engine(*args, "--journal", "/nowhere/at/all", stdin=self.line)
            self.assertEqual((run.status, run.out), (1, ""), run)
            self.assertEqual(run.err.count("\n"), 1, run)
            self.assertIn("/nowhere/at/all", run.err)
            self.assertIn("nothing was changed", run.err)
        self.assertEqual(cloud.proxy.requests, [])
        run = self.remediate("--journal", "/nowhere/at/all")
        self.assertEqual(run.status, 2, run)

    def test_a_run_without_changes_leaves_no_journal(self):
        run = self.remediate("--remediate", "--max-changes", "0", "--journal", cloud.path("journal"))
        self.assertEqual(run.finding("sqs.public")["remediation"], "held", run)
        self.assertFalse(os.path.exists(cloud.path("journal")))

    def edited(self, edit):
        """The repair's journal with changed lines, and the undo that reads it."""
        self.setUp()
        run = self.remediate("--remediate", "--journal", cloud.path("journal"))
        self.assertEqual(run.finding("sqs.public")["remediation"], "fixed", run)
        with open(cloud.path("journal"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        with open(cloud.path("journal"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in edit(lines))
        cloud.proxy.clear()
        return cloud.engine("undo", cloud.path("journal"))

    def test_an_edited_journal_is_not_undone(self):
        def elsewhere(lines):
            lines[1]["undo"]["with"]["QueueUrl"] += "-2"
            return lines

        def unlike(lines):
            lines[0]["before"] = "0" * 64
            return lines
        for edit, number in ((elsewhere, 2), (unlike, 1),
                             (lambda lines: lines[:1] + lines[2:], 2),
                             (lambda lines: [{**one, "sum": ""} for one in lines], 1)):
            run = self.edited(edit)
            self.assertEqual((run.status, run.lines[0]["result"]), (1, "failed"), run)
            self.assertIn(f"line {number} of the journal was changed", run.out)
            asked = [request.body for request in cloud.proxy.requests]
            self.assertEqual(asked, [b"Action=GetCallerIdentity&Version=2011-06-15"], run)

    def test_a_journal_may_be_written_again(self):
        run = self.edited(lambda lines: [dict(reversed(one.items())) if i else one
                                         for i, one in enumerate(lines)][:1] + lines[1:])
        self.assertEqual(run.status, 0, run)
        self.assertIn("undone", run.out)

    def test_check_says_what_went_wrong(self):
        self.assertEqual(cloud.engine("check", "nofile").status, 64)
        run = cloud.engine("check", "nofile", "sqs")
        self.assertEqual(run.status, 64, run)
        self.assertIn("ok  sqs", run.out)
        with open(cloud.path("broken.lua"), "w", encoding="utf-8") as file:
            file.write("return policy {}")
        self.assertEqual(cloud.engine("check", cloud.path("broken.lua")).status, 1)
        self.assertEqual(cloud.engine("check", cloud.path("broken.lua"), "nofile").status, 64)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([ENGINE, "check", "sqs"], stdout=full, check=False,
                                  stderr=subprocess.PIPE, env=cloud.environment())
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot be written", done.stderr)


if __name__ == "__main__":
    unittest.main()
