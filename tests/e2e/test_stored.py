"""Reports, plans and journals in S3: --output s3://, apply s3://, undo s3://."""
import json
import os
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, environment
from support.fake_changes import FakeChanges
from support.fake_s3 import FakeS3

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

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        api.reset()
        s3.objects.clear()
        s3.calls.clear()
        s3.failure = lambda method, bucket, key: None

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *args):
        names = environment(self.folder, api.url, MEMBER_ROLE="none", VERIFY_SECONDS="2",
                            KNOWN_ACCOUNTS="111122223333", AWS_ENDPOINT_URL_S3=s3.url)
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
            with open(names[0], "rb") as file:
                wanted = file.read()
            self.assertEqual(len(s3.objects[names[1]]), len(wanted))
        self.assertEqual(s3.types["s3://plans/reports/a b+ü.html"], "text/html; charset=utf-8")

    def test_the_bucket_may_be_in_another_region(self):
        self.plan("s3://far-away/plan")
        self.assertIn("s3://far-away/plan", s3.objects)
        self.assertEqual([call[2] for call in s3.calls], ["us-east-1", "eu-central-1"])

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
