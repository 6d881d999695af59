"""The examples of the documentation. Those of docs/bindings.md run. With the worked example of
docs/policy-authors.md, one new file beside the policies, listing, audit, repair, undo, events,
event patterns, permissions and the table of checks know the type."""
import json
import shutil
import unittest
import urllib.request

from support.cloud import MASTER, ROOT, Cloud

SCRIPTS = ROOT / "docs" / "examples" / "scripts"
NAME = "/aws/lambda/orders"
EVENT = {
    "version": "0", "id": "c8c4daa7-a20c-2f03-0070-b7393dd542ad", "source": "aws.logs",
    "detail-type": "AWS API Call via CloudTrail", "account": MASTER, "region": "us-east-1",
    "time": "2026-11-20T09:14:00Z", "resources": [],
    "detail": {
        "eventVersion": "1.09", "eventSource": "logs.amazonaws.com", "eventName": "CreateLogGroup",
        "awsRegion": "us-east-1", "recipientAccountId": MASTER,
        "userIdentity": {"type": "IAMUser", "accountId": MASTER, "userName": "someone"},
        "requestParameters": {"logGroupName": NAME}, "responseElements": None}}


class NewType(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.policies = cls.cloud.directory / "policies"
        shutil.copytree(ROOT / "policies", cls.policies)
        shutil.copy(ROOT / "docs" / "examples" / "log_group.lua", cls.policies)
        cls.logs = cls.cloud.client("logs")
        cls.logs.create_log_group(logGroupName=NAME)

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def engine(self, *args, status=0, **more):
        run = self.cloud.engine(*args, "--policies", str(self.policies), **more)
        self.assertEqual(run.status, status, run)
        return run

    def generated(self, what):
        return self.engine("generate", what, "--types", "log_group").out

    def days(self):
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=NAME)["logGroups"]
        return group.get("retentionInDays")

    def test_it_is_found_repaired_and_undone(self):
        polled = self.engine("poll", "--types", "log_group")
        self.assertEqual([line["id"] for line in polled.lines], [NAME])
        self.engine("remediate", stdin=polled.out, status=2)
        [held] = self.engine("remediate", "--remediate", "--journal", self.cloud.path("none"),
                             stdin=polled.out, status=2).lines
        self.assertEqual((held["remediation"], held["impact"]), ("held", "destroys"))
        self.engine("remediate", "--remediate", "--repair", "log_group", "--journal",
                    self.cloud.path("journal"), stdin=polled.out)
        self.assertEqual(self.days(), 365)
        self.engine("undo", self.cloud.path("journal"))
        self.assertIsNone(self.days())

    def test_its_events_are_translated(self):
        run = self.engine("translate", stdin=json.dumps(EVENT) + "\n")
        self.assertEqual([(line["type"], line["id"]) for line in run.lines], [("log_group", NAME)])

    def test_it_needs_no_other_file(self):
        """In a folder of its own, as the README and the demo use it, there is no lib."""
        own = ROOT / "docs" / "examples"
        run = self.cloud.engine("generate", "checks", "--format", "json", "--policies", str(own))
        self.assertEqual((run.status, run.err), (0, ""), run)
        self.assertIn("log_group.retention", run.out)

    def test_all_generated_files_contain_it(self):
        self.assertIn("CreateLogGroup", self.generated("events"))
        document = json.loads(self.generated("permissions"))
        actions = {action for one in document["Statement"] for action in one["Action"]}
        self.assertLessEqual({"logs:DescribeLogGroups", "logs:PutRetentionPolicy",
                              "logs:DeleteRetentionPolicy"}, actions)
        self.assertIn("log_group.retention", self.generated("checks"))


class Scripts(unittest.TestCase):
    """The scripts of docs/bindings.md."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.sqs, cls.sns = cls.cloud.client("sqs"), cls.cloud.client("sns")
        cls.s3 = cls.cloud.client("s3")

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def script(self, name, *args, status=0, stdin=""):
        run = self.cloud.engine("run", str(SCRIPTS / name), *args, stdin=stdin)
        self.assertEqual(run.status, status, run)
        return run

    def queue(self, name):
        return self.sqs.create_queue(QueueName=name)["QueueUrl"]

    def messages(self, url):
        return [one["Body"] for one in self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])]

    def test_dead_letters_are_translated_again(self):
        url = self.queue("dead-letters")
        for body in (EVENT, {"requestPayload": EVENT}):
            self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        events = self.script("dead_letters.lua", url, "--delete")
        self.assertEqual([json.loads(line) for line in events.out.splitlines()], [EVENT, EVENT])
        run = self.cloud.engine("translate", "--policies", str(ROOT / "docs" / "examples"),
                                stdin=events.out)
        self.assertEqual([line["id"] for line in run.lines], [NAME, NAME], run)
        self.assertEqual(self.messages(url), [])

    def test_a_message_that_is_no_json_stays(self):
        url = self.queue("unreadable")
        self.sqs.send_message(QueueUrl=url, MessageBody="{")
        run = self.script("dead_letters.lua", url, "--delete", status=1)
        self.assertEqual((run.out, run.err), ("", "0 events, 1 unreadable messages\n"))
        self.script("dead_letters.lua", status=64)

    def test_a_report_is_shared_by_a_link(self):
        self.s3.create_bucket(Bucket="reports")
        topic = self.sns.create_topic(Name="reports")["TopicArn"]
        url = self.queue("readers")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs",
                           Endpoint=f"arn:aws:sqs:us-east-1:{MASTER}:readers",
                           Attributes={"RawMessageDelivery": "true"})
        report = self.cloud.directory / "report of today.html"
        report.write_text("<p>all is well", encoding="utf-8")
        run = self.script("share_report.lua", str(report), "reports", topic,
                          f"arn:aws:iam::{MASTER}:role/reader")
        self.assertEqual(self.messages(url), [run.out.strip()])
        with urllib.request.urlopen(run.out.strip()) as reply:
            self.assertEqual(reply.read(), b"<p>all is well")
        self.assertIn("report%20of%20today.html?", run.out)
        self.assertIn("X-Amz-Security-Token=", run.out)


if __name__ == "__main__":
    unittest.main()
