"""Findings that are not about a resource are notified once, too: places that cannot be listed, from
the refused poller to the remediator's notification, and exception rules that cannot be read."""
import json
import unittest

from support import estate, notified
from support.pump import Pump, make_queue
from support.notified import ACCOUNT, REGION, TABLE, Case


def setUpModule():
    notified.open_cloud()


def tearDownModule():
    notified.cloud.close()


class Targets(Case):
    """From the poller that is refused to the remediator's notification."""

    def setUp(self):
        super().setUp()
        self.polls = make_queue(self.own, "remediator-poll-queue")

    def poller(self):
        return Pump(self.own, self.polls, self.function(
            handler="poller", POLLER_SQS=self.work, POLL_QUEUE=self.polls, ACCOUNTS=ACCOUNT,
            REGIONS=REGION))

    def round(self, poller, remediator):
        """The first words of the subjects that are notified about queues after one round of
        polling."""
        self.own.send_message(QueueUrl=self.polls, MessageBody=json.dumps(
            {"type": "poll", "account": ACCOUNT, "region": REGION, "resource_type": "sqs"}))
        poller.drain()
        remediator.drain()
        return self.news()

    def tomorrow(self):
        """Makes a new daily summary."""
        item, = self.items("sum")
        notified = json.loads(item["content"]["S"])
        self.set(item, "content", {"S": json.dumps({**notified, "day": "2026-01-01"})})

    def test_are_notified_once_and_resolved(self):
        """However often a round fails; the daily summary contains the place until it can be
        listed."""
        poller = self.poller()
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        rule = notified.cloud.proxy.refuse("sqs:ListQueues", code="AccessDenied")
        self.assertEqual(self.round(poller, pump), ["unknown"])
        for _ in range(2):
            self.assertEqual(self.round(poller, pump), [])
        self.tomorrow()
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        self.assertEqual(self.round(poller, pump), ["open"])
        self.assertIn("1 findings (1 high)", self.notices()[-1])
        notified.cloud.proxy.rules.remove(rule)
        self.assertEqual(self.round(poller, pump), [])
        self.tomorrow()
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        good = estate.queue(notified.cloud, ACCOUNT, REGION, "good")
        self.assertEqual(self.look(pump, good), ["open"])
        pump.drain()
        self.assertEqual(self.news(), ["resolved"])
        self.assertEqual([one["open_checks"]["N"] for one in self.items("resource")], ["0"])
        self.tomorrow()
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        self.assertEqual(self.round(poller, pump), [])

    def test_are_resolved_by_a_scan(self):
        def scan():
            notified.cloud.engine("scan", "--types", "sqs", STATE_TABLE=TABLE, ACCOUNTS=ACCOUNT,
                         REGIONS=REGION, NOTIFICATION_TOPIC=self.topic,
                         KNOWN_ACCOUNTS=estate.FRIEND)
            return self.news()
        rule = notified.cloud.proxy.refuse("sqs:ListQueues", code="AccessDenied")
        self.assertEqual(scan(), ["unknown"])
        self.assertEqual(scan(), [])
        notified.cloud.proxy.rules.remove(rule)
        self.assertEqual(scan(), ["resolved"])
        self.assertEqual(scan(), [])

    def test_line_of_a_target_is_listed(self):
        """If it is throttled, the line comes again like any other."""
        place = json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": "*"})
        notified.cloud.proxy.refuse("sqs:ListQueues", code="InternalFailure", status=500, times=1)
        self.own.send_message(QueueUrl=self.work, MessageBody=place)
        pump = self.pump(SQS_QUEUE=self.work)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual([(one["id"], one["attempt"]) for one in self.again()], [("*", 1)])
        self.assertEqual(self.news(), [])

    def test_exception_rules_are_notified_once(self):
        """Whichever process finds the error; and once more when the rules can be read."""
        rules = notified.cloud.path("rules.json")
        good = estate.queue(notified.cloud, ACCOUNT, REGION, "good")

        def looks(text):
            with open(rules, "w", encoding="utf-8") as file:
                file.write(text)
            return [self.look(self.pump(EXCEPTIONS=rules), good) for _ in range(2)]
        self.assertEqual(looks('{"rules": [{}]}'), [["unknown"], []])
        self.assertEqual(looks('{"rules": 1}'), [["unknown"], []])
        self.assertEqual(looks('{"rules": []}'), [["resolved"], []])


if __name__ == "__main__":
    unittest.main()
