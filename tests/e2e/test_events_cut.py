"""Events from which CloudTrail left out what was too large, through `engine translate`: the rest of
the event names the resource, or the type must be listed."""
import json
import os
import unittest

from support import events
from support.engine import ROOT
from support.fake_queue import FakeQueue
from support.translated import engine, numbered, translate

MODELS = os.environ.get("ENGINE_MODELS", str(ROOT / "build" / "models"))


class Cut(unittest.TestCase):
    """The lines of such events."""
    maxDiff = None

    def setUp(self):
        self.names = events.names()

    def test_an_event_without_an_id_requests_a_listing(self):
        """CloudTrail leaves out what is too large, and says so: the type must be listed."""
        names = [name for name in self.names if events.expected(name)
                 and "CreateLoadBalancer" not in name
                 and all(line["type"] != "region" for line in events.expected(name))]
        left_out = {"omitted": True, "originalSize": 112_640,
                    "reason": "requestParameters too large"}
        done = translate(numbered(names, requestParameters=left_out, responseElements=left_out,
                                  resources=None, userIdentity={"type": "Unknown"}))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], [
            {"type": "poll", "account": f"{number:012}", "region": "us-east-1",
             "resource_type": events.expected(name)[0]["type"]}
            for number, name in enumerate(names, 1)])

    def test_an_event_that_names_its_resource_twice_may_lose_one_half(self):
        """One half may be left out if the other half names the resource: a fixture of each
        event."""
        only_there = {  # the other half and the rest of the event do not name the resource
            "ec2:AssociateAddress", "ec2:DeleteTags", "ec2:ModifyImageAttribute",
            "ec2:ModifySecurityGroupRules", "ec2:ModifySnapshotAttribute", "ecs:CreateTaskSet",
            "ecs:StartTask", "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
            "elasticloadbalancing:RegisterTargets", "iam:DeactivateMFADevice",
            "iam:UpdateAssumeRolePolicy", "sqs:AddPermission", "sqs:SetQueueAttributes",
            "lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig", "s3:CreateBucket",
            "s3:DeleteBucketPolicy", "s3:DeleteBucketPublicAccessBlock", "s3:DeleteBucketTagging",
            *events.with_one_element()}
        cut = {events.key(name) for name in self.names if name.endswith("cut")}
        of_regions = {events.key(name) for name in self.names
                      if any(line["type"] == "region" for line in events.expected(name))}
        self.assertEqual(cut & only_there, set())
        self.assertEqual(cut | only_there | of_regions,
                         {events.key(name) for name in self.names})

    def test_the_list_of_resources_can_name_the_queue(self):
        detail = {"requestParameters": {"omitted": True}, "resources": [{
            "accountId": events.ACCOUNT, "type": "AWS::SQS::Queue",
            "ARN": f"arn:aws:sqs:us-east-1:{events.ACCOUNT}:orders"}]}
        done = translate([events.event("sqs:SetQueueAttributes", **detail)])
        self.assertEqual(json.loads(done.stdout)["id"],
                         f"https://sqs.us-east-1.amazonaws.com/{events.ACCOUNT}/orders", done)

    def test_the_caller_is_not_taken_for_the_user(self):
        """The caller counts as the owner of the device only if the request is present and names no
        user."""
        done = translate([events.event("iam:DeactivateMFADevice-own",
                                       requestParameters={"omitted": "true"})])
        self.assertEqual(json.loads(done.stdout)["resource_type"], "iam_user", done)

    def test_the_root_user_is_audited_in_the_master_region(self):
        for detail in ({}, {"requestParameters": {"userName": "AWS ROOT USER"},
                            "userIdentity": {"type": "AssumedRole"}},
                       {"requestParameters": None}):
            done = translate([events.event("iam:DeactivateMFADevice-root", **detail)],
                             MASTER_REGION="eu-west-1")
            found = json.loads(done.stdout)
            self.assertEqual((found["type"], found["id"], found["region"], done.stderr),
                             ("region", "eu-west-1", "eu-west-1", ""))

    def test_an_audit_reports_that_nothing_was_listed(self):
        """`engine translate | engine remediate`: the request for a listing becomes a finding."""
        made = translate([events.event("iam:UpdateAssumeRolePolicy",
                                       requestParameters={"omitted": True})])
        done = engine("remediate", "--format", "jsonl", stdin=made.stdout, AWS_REGION="us-east-1",
                      AWS_ACCESS_KEY_ID="AKIDFIRST", AWS_SECRET_ACCESS_KEY="secret",
                      ENGINE_MODELS=MODELS)
        finding = json.loads(done.stdout)
        self.assertEqual((done.returncode, finding["check"], finding["status"], finding["id"]),
                         (1, "iam_role.listed", "unknown", "*"), done)
        self.assertIn("engine scan", finding["summary"])


class Queues(unittest.TestCase):
    """Lines go to one queue, requests for a listing to the queue of the poller."""

    def setUp(self):
        self.queue = FakeQueue()
        self.addCleanup(self.queue.close)

    def translate(self, *lines, **more):
        line = "https://sqs.us-east-1.amazonaws.com/111122223333/"
        return translate(lines, SQS=line + "lines", AWS_ENDPOINT_URL_SQS=self.queue.url,
                         AWS_ACCESS_KEY_ID="AKIDFIRST", AWS_SECRET_ACCESS_KEY="secret",
                         AWS_REGION="us-east-1", ENGINE_MODELS=MODELS,
                         **{name: line + value for name, value in more.items()})

    def cut(self, **more):
        return events.event("iam:UpdateAssumeRolePolicy", requestParameters={"omitted": True},
                            **more)

    def test_many_events_cause_few_listings(self):
        many = [self.cut(account=account) for account in ("444455556666", "777788889999")] * 50
        done = self.translate(*many, events.event("iam:CreateRole"), POLL_QUEUE="polls")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        asked = [(one["account"], delay) for one, delay in
                 zip(self.queue.messages, self.queue.delays) if one["type"] == "poll"]
        self.assertEqual(sorted(account for account, _ in asked),
                         ["444455556666"] * 2 + ["777788889999"] * 2)
        for account in ("444455556666", "777788889999"):
            first, last = (delay for one, delay in asked if one == account)
            self.assertIsNone(first)
            self.assertTrue(290 <= last <= 300, asked)
        self.assertEqual([one["id"] for one in self.queue.messages if "id" in one], ["deployer"])

    def test_without_a_poll_queue_there_is_a_warning(self):
        done = self.translate(self.cut())
        self.assertEqual((done.returncode, done.stdout, self.queue.messages), (0, "", []))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("iam:UpdateAssumeRolePolicy: the event has no id", done.stderr)


if __name__ == "__main__":
    unittest.main()
