"""Checks that pass for now and must be made again: the other findings are reported at once, these
later."""
import json
import os
import unittest

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.runtime_api import Function

ACCOUNT, REGION = "111122223333", "us-east-1"

# A queue is young for as many seconds as it delays messages; an old one is bad.
POLICY = """
return policy {
  type = "thing",
  title = "A queue that is given time",
  permissions = { read = { "sqs:GetQueueAttributes" } },
  fetch = function(resource)
    local state = resource.aws.sqs:GetQueueAttributes{
      QueueUrl = resource.id, AttributeNames = { "All" } }.Attributes
    return { left = tonumber(state.DelaySeconds), hidden = state.VisibilityTimeout }
  end,
  checks = {
    {
      id = "thing.hidden", title = "Hidden too long", severity = "low",
      audit = function(_, state)
        if state.hidden ~= "77" then return true end
        return false, "hidden too long", state.hidden
      end,
    },
    {
      id = "thing.old", title = "Old", severity = "low",
      audit = function(_, state)
        if state.left > 0 then return true, { summary = "still young", later = state.left } end
        return false, "old by now"
      end,
    },
  },
}
"""

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def sent():
    """The lines that were sent to the queue for later audits: [(line, seconds)]."""
    return [(json.loads(entry["MessageBody"]), entry["DelaySeconds"])
            for one in cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"
            for entry in one.json()["Entries"]]


class Revisit(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.sqs = cloud.client("sqs", ACCOUNT, REGION)
        self.thing = estate.queue(cloud, ACCOUNT, REGION, "thing")
        self.again = cloud.client("sqs").create_queue(QueueName="again")["QueueUrl"]
        self.policy(POLICY)
        cloud.proxy.clear()

    def policy(self, text):
        os.makedirs(cloud.path("policies"), exist_ok=True)
        with open(cloud.path("policies/thing.lua"), "w", encoding="utf-8") as file:
            file.write(text)

    def set(self, **attributes):
        self.sqs.set_queue_attributes(QueueUrl=self.thing, Attributes=attributes)

    def line(self, **more):
        return {"account": ACCOUNT, "region": REGION, "type": "thing", "id": self.thing, **more}

    def remediate(self, *args, line=None, **environment):
        return cloud.engine("remediate", "--policies", cloud.path("policies"), *args,
                            stdin=json.dumps(line or self.line()) + "\n", **environment)

    def found(self, run):
        return {one["check"]: one["status"] for one in run.lines}

    def test_a_check_can_pass_for_a_limited_time(self):
        self.set(DelaySeconds="600")
        run = self.remediate("--all")
        found = run.finding("thing.old")
        self.assertEqual((found["status"], found["summary"]), ("compliant", "still young"), run)
        self.assertNotIn("later", found)
        self.assertEqual((run.status, sent()), (0, []), run)
        self.assertEqual(self.found(self.remediate()), {})

    def test_the_others_are_reported_at_once_and_only_this_check_comes_again(self):
        for mode in ((), ("--remediate", "--journal", cloud.path("journal"))):
            cloud.proxy.clear()
            self.set(DelaySeconds="600", VisibilityTimeout="77")
            run = self.remediate(*mode, SQS_QUEUE=self.again, line=self.line(attempt=3, own="x"))
            self.assertEqual(self.found(run), {"thing.hidden": "non_compliant"}, run)
            self.assertEqual(run.status, 2, run)
            line = self.line(attempt=4, own="x", check="thing.old")
            self.assertEqual(sent(), [(line, 600)])
            self.set(DelaySeconds="0")
            run = self.remediate(*mode, SQS_QUEUE=self.again, line=line)
            self.assertEqual(self.found(run), {"thing.old": "non_compliant"}, run)
            self.assertEqual(len(sent()), 1)

    def test_the_run_waits_for_it(self):
        self.set(DelaySeconds="1", VisibilityTimeout="77")
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=1,
                           then=lambda: self.set(DelaySeconds="0", VisibilityTimeout="30"))
        run = self.remediate("--wait", "2", SQS_QUEUE=self.again)
        self.assertEqual(self.found(run), {"thing.old": "non_compliant"}, run)
        self.assertEqual((len(run.lines), sent()), (1, []), run)

    def test_the_audit_after_the_wait_decides_each_check_once(self):
        scope = cloud.path("scope.json")
        for hidden, failed in ("30", 1), ("77", 2):
            cloud.proxy.clear()
            self.set(DelaySeconds="1", VisibilityTimeout="107" if hidden == "77" else "77")
            cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=1,
                               then=lambda: self.set(DelaySeconds="0", VisibilityTimeout=hidden))
            run = self.remediate("--wait", "2", "--scope", scope)
            with open(scope, encoding="utf-8") as file:
                record = json.load(file)
            self.assertEqual((len(run.lines), record["results"]["checks"]), (failed, 2), record)

    def test_an_audit_that_fails_after_the_wait_replaces_all_results(self):
        scope = cloud.path("scope.json")
        self.set(DelaySeconds="1")
        cloud.proxy.refuse("sqs:GetQueueAttributes", skip=1)
        run = self.remediate("--wait", "2", "--scope", scope)
        self.assertEqual(self.found(run), {"thing.hidden": "unknown", "thing.old": "unknown"}, run)
        with open(scope, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["results"]["checks"], 2)

    def test_a_line_that_comes_too_early_names_one_check(self):
        self.set(DelaySeconds="600", VisibilityTimeout="77")
        run = self.remediate("--all", SQS_QUEUE=self.again, line=self.line(check="thing.old"))
        self.assertEqual((self.found(run), run.status), ({"thing.old": "compliant"}, 0), run)
        self.assertEqual(sent(), [(self.line(check="thing.old", attempt=1), 600)])

    def test_a_line_that_names_a_check_reports_no_other(self):
        line = self.line(check="thing.old")
        cloud.proxy.refuse("sqs:GetQueueAttributes")
        run = self.remediate("--all", line=line)
        self.assertEqual(self.found(run), {"thing.old": "unknown"}, run)
        cloud.proxy.clear()
        self.policy(POLICY.replace("if state.left > 0 then", "if state.left then _:later(60)"))
        run = self.remediate("--all", SQS_QUEUE=self.again, line=line)
        self.assertEqual(self.found(run), {"thing.old": "pending"}, run)
        self.assertEqual(sent(), [({**line, "attempt": 1}, 60)])

    def test_a_quarter_of_an_hour_at_a_time_and_three_hours_in_all(self):
        for left, attempt, wanted in ((7200, 0, [900]), (10800, 0, [900]), (10801, 0, []),
                                      (900, 11, [900]), (901, 11, []), (1, 12, [])):
            cloud.proxy.clear()
            self.set(DelaySeconds="1")
            self.policy(POLICY.replace("later = state.left", f"later = {left}"))
            run = self.remediate(SQS_QUEUE=self.again, line=self.line(attempt=attempt))
            self.assertEqual((run.status, [seconds for _, seconds in sent()]), (0, wanted), run)

    def test_a_queue_that_does_not_accept_it_is_reported(self):
        self.set(DelaySeconds="600")
        cloud.proxy.refuse("sqs:SendMessageBatch")
        run = self.remediate("--all", SQS_QUEUE=self.again)
        self.assertEqual((self.found(run)["thing.old"], run.status), ("compliant", 1), run)
        self.assertIn("cannot be audited again later", run.err)

    def test_a_resource_is_requeued_once(self):
        self.set(DelaySeconds="600")
        self.policy(POLICY.replace('if state.hidden ~= "77" then return true end',
                                   "_.aws.sqs:GetQueueAttributes{ QueueUrl = _.id }"))
        cloud.proxy.refuse("sqs:GetQueueAttributes", code="ServiceUnavailable", status=503, skip=1)
        run = self.remediate("--all", SQS_QUEUE=self.again, AWS_MAX_ATTEMPTS="1")
        self.assertEqual(self.found(run)["thing.hidden"], "unknown", run)
        self.assertEqual(sent(), [], "an unknown check is looked at again by whoever sent it")

    def test_an_unknown_check_means_all(self):
        self.set(VisibilityTimeout="77")
        for odd in ("thing.none", 7, None, ""):
            run = self.remediate(line=self.line(check=odd))
            self.assertEqual(set(self.found(run)), {"thing.hidden", "thing.old"}, run)

    def test_invalid_notes_are_errors(self):
        self.set(DelaySeconds="1")
        for odd in ('"young"', "{}", '{ summary = "" }', '{ summary = "a", later = 0 }',
                    '{ summary = "a", later = 1.5 }', '{ summary = "a", x = 1 }',
                    '{ summary = "a" }, 1'):
            self.policy(POLICY.replace('{ summary = "still young", later = state.left }', odd))
            run = self.remediate()
            self.assertEqual(self.found(run), {"thing.old": "unknown"}, odd)
            self.assertIn("must return true, or false", run.finding("thing.old")["summary"])


class Database(unittest.TestCase):
    """With the policy that is shipped."""

    def setUp(self):
        cloud.reset()
        rds = cloud.client("rds", ACCOUNT, REGION)
        rds.create_db_instance(DBInstanceIdentifier="plain", DBInstanceClass="db.t3.micro",
                               Engine="mysql", AllocatedStorage=20, MasterUsername="admin",
                               MasterUserPassword="secret123", StorageEncrypted=False,
                               PubliclyAccessible=True)
        self.again = cloud.client("sqs").create_queue(QueueName="again")["QueueUrl"]
        cloud.proxy.clear()

    def test_in_the_function(self):
        """The other findings are notified at once; the message is done when the queue has accepted
        the later line."""
        topic = cloud.client("sns").create_topic(Name="findings")["TopicArn"]
        function = Function([ENGINE], "remediator", cloud.environment(
            SQS_QUEUE=self.again, NOTIFICATION_TOPIC=topic), cloud.path("lambda.log"))
        self.addCleanup(function.close)
        line = {"account": ACCOUNT, "region": REGION, "type": "rds", "id": "plain", "delay": 900}
        batch = {"Records": [{"messageId": "m", "body": json.dumps(line),
                              "eventSource": "aws:sqs"}]}
        rule = cloud.proxy.refuse("sqs:SendMessageBatch")
        self.assertEqual(function.invoke(batch).failures, ["m"])
        self.assertEqual(cloud.proxy.operations().count("sns:Publish"), 0)
        cloud.proxy.rules.remove(rule)
        cloud.proxy.clear_requests()
        self.assertEqual(function.invoke(batch).failures, [])
        self.assertEqual(cloud.proxy.operations().count("sns:Publish"), 1)
        del line["delay"]
        self.assertEqual(sent(), [({**line, "attempt": 1, "check": "rds.unencrypted"}, 900)])
        cloud.proxy.clear_requests()
        batch["Records"][0]["body"] = json.dumps({**line, "attempt": 1, "check": "rds.unencrypted"})
        self.assertEqual(function.invoke(batch).failures, [])
        self.assertEqual(cloud.proxy.operations().count("sns:Publish"), 0)
        self.assertEqual([one["attempt"] for one, _ in sent()], [2])

    def test_a_new_database_is_audited_after_its_grace_period(self):
        again = self.again
        line = {"account": ACCOUNT, "region": REGION, "type": "rds", "id": "plain"}
        run = cloud.engine("remediate", stdin=json.dumps(line) + "\n", SQS_QUEUE=again)
        self.assertEqual({one["check"]: one["status"] for one in run.lines},
                         {"rds.public": "non_compliant"}, run)
        self.assertEqual(sent(), [({**line, "attempt": 1, "check": "rds.unencrypted"}, 900)])
        run = cloud.engine("remediate", stdin=json.dumps(sent()[0][0]) + "\n", SQS_QUEUE=again,
                           DB_CHECK_TIME="0")
        self.assertEqual({one["check"]: one["status"] for one in run.lines},
                         {"rds.unencrypted": "non_compliant"}, run)
        self.assertEqual(len(sent()), 1)


if __name__ == "__main__":
    unittest.main()
