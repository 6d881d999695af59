"""The roles of the three functions: what each function calls with its own role is exactly what
Terraform allows that role (test_terraform.py compares its policies with the same table). The calls
in members are made by the member role, whose permissions are those of test_iam.py."""
import json
import time
import unittest

from support import estate, events, notified
from support.notified import ACCOUNT, REGION, Case
from support.permissions import OWN_ACTIONS
from support.pump import Pump, make_queue
from support.runtime_api import SHORT

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
# Source: Service Authorization Reference, "Actions defined by Amazon SQS": an action for single
# messages stands for the batch, too. GetCallerIdentity needs no permission.
ACTIONS = {"sqs:SendMessageBatch": "sqs:SendMessage",
           "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
           "sts:GetCallerIdentity": None}
RULES = json.dumps([{"type": "sqs", "id": "*-left-alone", "reason": "the test's own"}])


def setUpModule():
    notified.open_cloud()


def tearDownModule():
    notified.cloud.close()


class Roles(Case):
    def setUp(self):
        super().setUp()
        self.polls = make_queue(self.own, "remediator-poll-queue")
        self.proxy = notified.cloud.proxy

    def called(self):
        """The actions of the calls that were signed with the function's own keys."""
        own = notified.cloud.environment()["AWS_ACCESS_KEY_ID"]
        return {ACTIONS.get(one.operation, one.operation)
                for one in list(self.proxy.requests) if one.scope[0] == own} - {None}

    def hangs(self, operation):
        self.proxy.refuse(operation, code=None, times=1, then=lambda: time.sleep(SHORT))

    def test_event_translator(self):
        url = estate.queue(notified.cloud, ACCOUNT, REGION, "made")
        translator = self.function(handler="event_translator", SQS=self.work,
                                   POLL_QUEUE=self.polls)
        event = json.loads(events.event("sqs:CreateQueue", id=url))
        self.assertEqual(translator.invoke(event).body, {"resources": 1})
        self.assertEqual(self.called(), OWN_ACTIONS["event_translator"])

    def test_poller(self):
        estate.queue(notified.cloud, ACCOUNT, REGION, "found")
        poller = self.function(handler="poller", POLLER_SQS=self.work, POLL_QUEUE=self.polls,
                               ACCOUNTS=ACCOUNT, REGIONS=REGION)
        self.assertGreater(poller.invoke(SCHEDULED).body["places"], 1)
        self.hangs("sqs:ListQueues")
        pump = Pump(self.own, self.polls, poller, seconds=SHORT)
        while pump.cycle() is not None and "sqs:ListQueues" not in self.proxy.operations():
            pass
        self.assertEqual(self.called(), OWN_ACTIONS["poller"])

    def notify_again(self, pump, url):
        """As on another day, with a summary of what is open."""
        item, = self.items("sum")
        stored = json.loads(item["content"]["S"])
        self.set(item, "content", {"S": json.dumps({**stored, "day": "2026-01-01"})})
        self.look(pump, url)

    def test_remediator(self):
        """One message is repaired, one is put off because of a throttle, one hangs."""
        urls = [self.bad(name) for name in ("first", "second", "third")]
        self.look(self.pump(SQS_QUEUE=self.work), urls[0])
        self.notify_again(self.pump(REMEDIATE="false", SQS_QUEUE=self.work), urls[1])
        self.proxy.refuse("sqs:GetQueueAttributes", code="ThrottlingException", status=400)
        pump = self.pump(SQS_QUEUE=self.work, PATIENCE="1")
        self.look(pump, urls[2])
        self.proxy.rules.clear()
        self.hangs("sqs:GetQueueAttributes")
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(urls[2]))
        pump = Pump(self.own, self.work, self.function(SQS_QUEUE=self.work), seconds=SHORT)
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(self.called(), OWN_ACTIONS["remediator"])

    def more(self, action, **settings):
        """Those of an audit with these settings, besides what an audit makes without them."""
        url = self.bad("bad")
        self.look(self.pump(REMEDIATE="false", **settings), url)
        self.assertEqual(self.called() - OWN_ACTIONS["remediator"], {action})

    def test_event_bus(self):
        self.more("events:PutEvents", EVENT_BUS="default")

    def test_plans(self):
        notified.cloud.client("s3").create_bucket(Bucket="acme-plans")
        self.more("s3:PutObject", PLANS="s3://acme-plans/engine")

    def test_exceptions_in_an_object(self):
        s3 = notified.cloud.client("s3")
        s3.create_bucket(Bucket="acme-rules")
        s3.put_object(Bucket="acme-rules", Key="exceptions.json", Body=RULES)
        self.more("s3:GetObject", EXCEPTIONS="s3://acme-rules/exceptions.json")

    def test_exceptions_in_a_parameter(self):
        notified.cloud.client("ssm").put_parameter(Name="/engine/exceptions", Type="String",
                                                   Value=RULES)
        self.more("ssm:GetParameter", EXCEPTIONS="ssm:/engine/exceptions")

    def test_security_hub(self):
        """The findings are imported by the member role."""
        url = self.bad("bad")
        self.look(self.pump(REMEDIATE="false", SECURITY_HUB="true"), url)
        self.assertLessEqual(self.called(), OWN_ACTIONS["remediator"])
        self.assertIn("securityhub:" , " ".join(self.proxy.operations()))


if __name__ == "__main__":
    unittest.main()
