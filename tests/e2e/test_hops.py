"""Nothing is lost silently: these tests cause one fault in each hop from an event, or from the
schedule, to the notification. Each time a message is kept, or a metric that an alarm watches
changes. terraform/tests assert what AWS alone does between the hops (rules, and their dead-letter
queues)."""
import json
import unittest

from support import estate, events
from support.asynchronous import TRIES, deliver
from support.pump import Pump, bodies, make_queue
from support.remediator import ACCOUNT, REGION, Case

SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


class Hops(Case):
    def setUp(self):
        super().setUp()
        self.polls = make_queue(self.own, "remediator-poll-queue", "dead-polls")
        self.dead_polls = self.own.get_queue_url(QueueName="dead-polls")["QueueUrl"]
        self.dead_events = make_queue(self.own, "event_translator-dead-letter")

    def start(self, handler, **more):
        return self.function(handler=handler, SQS=self.work, POLLER_SQS=self.work,
                             POLL_QUEUE=self.polls, ACCOUNTS=ACCOUNT, REGIONS=REGION, **more)

    def event(self):
        url = estate.queue(self.cloud, ACCOUNT, REGION, "made")
        return json.loads(events.event("sqs:CreateQueue", id=url))

    def test_translator_to_queue(self):
        """The third failure keeps the whole event, so that it can be translated again."""
        rule = self.cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        event = self.event()
        answers = deliver(self.start("event_translator"), event, self.own, self.dead_events)
        self.assertEqual([one.error_type for one in answers], ["Engine.CallFailed"] * TRIES)
        kept, = bodies(self.own, self.dead_events)
        self.assertEqual(kept["requestPayload"], event)
        self.assertEqual(bodies(self.own, self.work), [])
        self.cloud.proxy.rules.remove(rule)
        run = self.cloud.engine("translate", stdin=json.dumps(kept["requestPayload"]) + "\n",
                                SQS=self.work)
        self.assertEqual(run.status, 0, run)
        self.assertEqual([one["type"] for one in bodies(self.own, self.work)], ["sqs"])

    def test_schedule_to_poller(self):
        """The event is kept, and no round is counted, which triggers the alarm for missing
        rounds."""
        rule = self.cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        poller = self.start("poller")
        deliver(poller, SCHEDULED, self.own, self.dead_events)
        kept, = bodies(self.own, self.dead_events)
        self.assertEqual(kept["requestPayload"], SCHEDULED)
        self.assertEqual(poller.counts(), [])
        self.cloud.proxy.rules.remove(rule)
        deliver(poller, kept["requestPayload"], self.own, self.dead_events)
        self.assertEqual(poller.counts(), [("Rounds", 1, "poller")])
        self.assertEqual(bodies(self.own, self.dead_events), [])

    def place(self, **more):
        return json.dumps({"type": "poll", "account": ACCOUNT, "region": REGION,
                           "resource_type": "sqs", "attempt": 0, **more})

    def ends_among(self, dead, function, work, *more):
        """Limited by the queue's own count of receives; each time a metric changes."""
        Pump(self.own, work, function).drain()
        self.assertEqual(function.counts(), [
            (name, 1, function.api.name) for name in (*more, "BatchItemsFailed")] * 3)
        return bodies(self.own, dead)

    def test_poll_queue_to_poller(self):
        self.own.send_message(QueueUrl=self.polls, MessageBody="no place")
        self.assertEqual(self.ends_among(self.dead_polls, self.start("poller"), self.polls),
                         ["no place"])

    def test_poller_to_queue(self):
        """Neither the lines nor the message for another attempt can be sent."""
        self.cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        estate.queue(self.cloud, ACCOUNT, REGION, "found")
        self.own.send_message(QueueUrl=self.polls, MessageBody=self.place())
        kept, = self.ends_among(self.dead_polls, self.start("poller"), self.polls)
        self.assertEqual(kept, json.loads(self.place()))

    def test_target_that_cannot_be_listed(self):
        """A metric, and a finding that the remediator notifies; the finding is not lost on the
        way."""
        self.cloud.proxy.refuse("sqs:ListQueues", code="AccessDenied")
        self.own.send_message(QueueUrl=self.polls, MessageBody=self.place())
        poller = self.start("poller")
        Pump(self.own, self.polls, poller).drain()
        self.assertEqual(poller.counts(), [("PlacesNotListed", 1, "poller")])
        rule = self.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        pump = self.pump()
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(pump.function.counts()[-1], ("BatchItemsFailed", 1, "remediator"))
        self.cloud.proxy.rules.remove(rule)
        pump.drain()
        notice, = self.notices()
        self.assertTrue(notice.startswith("[unknown]") and "*" in notice, notice)
        found = [one for one in self.findings() if one["check"] == "sqs.listed"]
        self.assertEqual({(one["status"], one["severity"], one["account"], one["id"])
                          for one in found}, {("unknown", "high", ACCOUNT, "*")})
        self.assertEqual(found[-1]["error"]["code"], "AccessDenied")

    def test_target_that_is_throttled_to_the_end(self):
        """The same, once all attempts are used up."""
        self.cloud.proxy.refuse("sqs:ListQueues", code="ThrottlingException", status=400)
        self.own.send_message(QueueUrl=self.polls, MessageBody=self.place(attempt=12))
        poller = self.start("poller")
        Pump(self.own, self.polls, poller, seconds=15).drain()
        self.assertEqual(poller.counts(), [("PlacesNotListed", 1, "poller")])
        self.assertEqual(bodies(self.own, self.dead_polls), [])
        self.pump().drain()
        notice, = self.notices()
        self.assertTrue(notice.startswith("[unknown]") and "*" in notice, notice)
        found, = [one for one in self.findings() if one["check"] == "sqs.listed"]
        self.assertEqual((found["status"], found["error"]["code"]),
                         ("unknown", "ThrottlingException"))

    def test_queue_to_remediator(self):
        self.send("no line")
        self.assertEqual(self.ends_among(self.dead, self.function(), self.work), ["no line"])

    def test_remediator_to_topic(self):
        self.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        line = self.line(self.bad("bad"))
        self.send(line)
        self.assertEqual(self.ends_among(self.dead, self.function(REMEDIATE="false"), self.work,
                                         "NotificationsFailed"), [json.loads(line)])

    def test_repair_to_topic(self):
        """Without STATE_TABLE the resource is compliant when the message comes again: the metric
        and the log record the repair."""
        rule = self.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        self.send(self.line(self.bad("bad")))
        pump = self.pump()
        pump.cycle()
        self.cloud.proxy.rules.remove(rule)
        pump.drain()
        self.assertEqual(self.notices(), [])
        self.assertEqual(pump.function.counts()[0], ("NotificationsFailed", 1, "remediator"))
        self.assertIn("fixed", [one["remediation"] for one in self.findings()])
        kept, = [line for line in self.log_text().splitlines() if "a repair was not notified" in line]
        kept = json.loads(kept[kept.index("{"):])
        self.assertEqual((kept["account"], kept["check"], kept["remediation"]),
                         (ACCOUNT, "sqs.public", "fixed"))
        self.assertIn("open", json.dumps(kept["evidence"]))

    def test_two_deployments_share_no_metric(self):
        self.send("no line")
        function = self.function(AWS_LAMBDA_FUNCTION_NAME="second-remediator")
        self.pump(function).cycle()
        self.assertEqual(function.counts(), [("BatchItemsFailed", 1, "second-remediator")])


if __name__ == "__main__":
    unittest.main()
