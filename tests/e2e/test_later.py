"""Resources that are not ready, and changes that do not show yet: the engine waits, requeues the
line, or reports it."""
import json
import os
import time
import unittest

from support import estate
from support.cloud import Cloud

ACCOUNT, REGION = "111122223333", "us-east-1"

# A queue that delays messages is not ready; one with a visibility timeout of 77 s is bad.
POLICY = """
return policy {
  type = "thing",
  title = "A queue that takes its time",
  permissions = { read = { "sqs:GetQueueAttributes" }, write = { "sqs:SetQueueAttributes" } },
  fetch = function(resource)
    local state = resource.aws.sqs:GetQueueAttributes{
      QueueUrl = resource.id, AttributeNames = { "All" } }.Attributes
    if state.DelaySeconds ~= "0" then return resource:later(tonumber(state.DelaySeconds)) end
    return { hidden = state.VisibilityTimeout }
  end,
  checks = {
    {
      id = "thing.hidden", title = "Hidden too long", severity = "low",
      audit = function(_, state)
        if state.hidden ~= "77" then return true end
        return false, "hidden too long", state.hidden
      end,
      fix = function(resource, state)
        return { {
          call = "sqs:SetQueueAttributes",
          with = { QueueUrl = resource.id, Attributes = { VisibilityTimeout = "30" } },
          undo = { call = "sqs:SetQueueAttributes",
            with = { QueueUrl = resource.id, Attributes = { VisibilityTimeout = state.hidden } } },
        } }, { hidden = "30" }
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


class Later(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.sqs = cloud.client("sqs", ACCOUNT, REGION)
        self.thing = estate.queue(cloud, ACCOUNT, REGION, "thing")
        own = cloud.client("sqs")
        self.again = own.create_queue(QueueName="again")["QueueUrl"]
        self.own = own
        os.makedirs(cloud.path("policies"), exist_ok=True)
        with open(cloud.path("policies/thing.lua"), "w", encoding="utf-8") as file:
            file.write(POLICY)
        cloud.proxy.clear()

    def set(self, **attributes):
        self.sqs.set_queue_attributes(QueueUrl=self.thing, Attributes=attributes)

    def remediate(self, *args, line=None, **environment):
        line = {"account": ACCOUNT, "region": REGION, "type": "thing", "id": self.thing,
                **(line or {})}
        return cloud.engine("remediate", "--policies", cloud.path("policies"), "--all", "--journal",
                            cloud.path("journal"), *args, stdin=json.dumps(line) + "\n",
                            **environment)

    def audits(self):
        return cloud.proxy.operations().count("sqs:GetQueueAttributes")

    def sent(self):
        """The entries that were sent to the queue for later audits."""
        return [entry for one in cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"
                for entry in one.json()["Entries"]]

    def test_by_default_the_run_does_not_wait(self):
        self.set(DelaySeconds="900")
        began = time.monotonic()
        run = self.remediate()
        found = run.finding("thing.hidden")
        self.assertEqual((found["status"], found["remediation"]), ("pending", "none"), run)
        self.assertEqual(run.status, 1, run)
        self.assertEqual(self.audits(), 1)
        self.assertLess(time.monotonic() - began, 20)

    def test_waits_until_it_is_ready(self):
        self.set(DelaySeconds="1")
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=1,
                           then=lambda: self.set(DelaySeconds="0"))
        run = self.remediate("--wait", "2")
        self.assertEqual(run.finding("thing.hidden")["status"], "compliant", run)
        self.assertEqual((run.status, self.audits()), (0, 2), run)

    def test_waits_no_longer_than_allowed(self):
        self.set(DelaySeconds="1")
        run = self.remediate("--wait", "1")
        self.assertEqual(run.finding("thing.hidden")["status"], "pending", run)
        self.assertEqual((run.status, self.audits()), (1, 2), run)

    def test_waiting_lines_do_not_delay_others(self):
        slow = [estate.queue(cloud, ACCOUNT, REGION, f"slow-{number}") for number in range(5)]
        for url in slow:
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
        lines = "".join(json.dumps({"account": ACCOUNT, "region": REGION, "type": "thing",
                                    "id": url}) + "\n" for url in [*slow, self.thing])
        run = cloud.engine("remediate", "--policies", cloud.path("policies"), "--all", "--wait", "1",
                           "--concurrency", "1", stdin=lines)
        asked = [one.json()["QueueUrl"] for one in cloud.proxy.requests
                 if one.operation == "sqs:GetQueueAttributes"]
        self.assertEqual(sorted(asked[:6]), sorted([*slow, self.thing]), run)
        reported = list(dict.fromkeys(line["id"] for line in run.lines))
        self.assertEqual(reported, [*slow, self.thing], run)  # in the order of the lines
        self.assertEqual(len(asked), 11, run)

    def test_the_line_is_requeued(self):
        self.set(DelaySeconds="2")
        run = self.remediate(SQS_QUEUE=self.again, line={"attempt": 4, "from": "an event"},
                             _X_AMZN_TRACE_ID="Root=1-5759e988-bd862e3fe1be46a994272793")
        self.assertEqual(run.finding("thing.hidden")["status"], "pending", run)
        [entry] = self.sent()
        self.assertEqual(entry["DelaySeconds"], 2)
        self.assertEqual(set(entry), {"Id", "MessageBody", "DelaySeconds"})
        line = {"account": ACCOUNT, "region": REGION, "type": "thing", "id": self.thing,
                "attempt": 5, "from": "an event"}
        self.assertEqual(json.loads(entry["MessageBody"]), line)
        for request in cloud.proxy.requests:
            self.assertNotIn("x-amzn-trace-id", request.headers)
        held = self.own.get_queue_attributes(QueueUrl=self.again, AttributeNames=["All"])
        self.assertEqual(held["Attributes"]["ApproximateNumberOfMessagesDelayed"], "1")

    def test_long_delays_are_cut(self):
        policy = POLICY.replace("tonumber(state.DelaySeconds)", "7200")
        with open(cloud.path("policies/thing.lua"), "w", encoding="utf-8") as file:
            file.write(policy)
        self.set(DelaySeconds="1")
        self.remediate(SQS_QUEUE="arn:aws:sqs:us-east-1:123456789012:again")
        self.assertEqual([entry["DelaySeconds"] for entry in self.sent()], [900])

    def test_twelve_attempts_are_enough(self):
        self.set(DelaySeconds="1")
        run = self.remediate(SQS_QUEUE=self.again, line={"attempt": 11})
        self.assertEqual(run.finding("thing.hidden")["remediation"], "none", run)
        self.assertEqual(len(self.sent()), 1)
        run = self.remediate(SQS_QUEUE=self.again, line={"attempt": 12})
        found = run.finding("thing.hidden")
        self.assertEqual((found["status"], found["remediation"]), ("pending", "failed"), run)
        self.assertIn("12 attempts", found["error"]["message"])
        self.assertEqual((run.status, len(self.sent())), (1, 1), run)

    def test_a_queue_that_does_not_accept_it_is_reported(self):
        self.set(DelaySeconds="1")
        cloud.proxy.refuse("sqs:SendMessageBatch")
        run = self.remediate(SQS_QUEUE=self.again)
        found = run.finding("thing.hidden")
        self.assertEqual((found["status"], found["remediation"]), ("pending", "failed"), run)
        self.assertIn("AccessDenied", json.dumps(found["error"]))
        self.assertEqual(run.status, 1, run)

    def test_a_repair_in_transition_is_pending(self):
        self.set(VisibilityTimeout="77")
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=2,
                           then=lambda: self.set(DelaySeconds="9"))
        run = self.remediate("--remediate", VERIFY_SECONDS="1", SQS_QUEUE=self.again)
        found = run.finding("thing.hidden")
        self.assertEqual((found["status"], found["remediation"]), ("pending", "planned"), run)
        self.assertNotIn("error", found)
        self.assertEqual(run.status, 1, run)
        self.assertEqual(json.loads(self.sent()[0]["MessageBody"])["attempt"], 1)
        cloud.proxy.clear()
        self.set(DelaySeconds="0")
        again = self.remediate("--remediate")
        self.assertEqual(again.finding("thing.hidden")["status"], "compliant", again)

    def test_a_repair_that_is_not_visible_is_pending(self):
        self.set(VisibilityTimeout="77")
        rule = cloud.proxy.refuse("sqs:SetQueueAttributes")
        rule.answer = lambda _request: (200, "application/x-amz-json-1.0", b"{}")
        run = self.remediate("--remediate", VERIFY_SECONDS="1")
        found = run.finding("thing.hidden")
        self.assertEqual((found["status"], found["remediation"]), ("pending", "planned"), run)
        self.assertEqual(found["summary"], "hidden too long")
        self.assertEqual(run.status, 1, run)

    def test_a_repair_that_becomes_visible_late_is_fixed(self):
        self.set(VisibilityTimeout="77")
        rule = cloud.proxy.refuse("sqs:SetQueueAttributes")
        rule.answer = lambda _request: (200, "application/x-amz-json-1.0", b"{}")
        cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=3,
                           then=lambda: self.set(VisibilityTimeout="30"))
        run = self.remediate("--remediate", VERIFY_SECONDS="5")
        self.assertEqual(run.finding("thing.hidden")["remediation"], "fixed", run)
        self.assertEqual(run.status, 0, run)


if __name__ == "__main__":
    unittest.main()
