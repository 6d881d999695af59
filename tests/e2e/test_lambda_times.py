"""The remediator as a Lambda function when its time is over: which messages it answers for, which
come again, and when."""
import json
import time
import unittest

from support import estate
from support.pump import bodies
from support.remediator import ACCOUNT, REGION, Case
from support.runtime_api import SHORT


class Times(Case):
    def shown_later(self, pump):
        """[(id, number of receives)] of the messages that come again after a visibility timeout of
        their own: not while the invocation may still be working on them, but long before the
        queue's timeout."""
        found = []
        for one in self.cloud.proxy.requests:
            if one.operation != "sqs:ChangeMessageVisibilityBatch":
                continue
            self.assertEqual(one.status, 200)
            self.assertTrue(one.json()["QueueUrl"].endswith("/remediator-resource-queue"))
            for entry in one.json()["Entries"]:
                message, = [message for message in pump.received
                            if message["ReceiptHandle"] == entry["ReceiptHandle"]]
                count = int(message["Attributes"]["ApproximateReceiveCount"])
                after = entry["VisibilityTimeout"] - 30 * 2 ** (count - 1)
                self.assertTrue(0 < after <= pump.seconds, entry)
                found.append((json.loads(message["Body"])["id"], count))
        return found

    def test_messages_that_were_not_started_come_again(self):
        """One at a time, and slowly: the messages that were finished in time are done."""
        urls = [self.bad(f"bad-{number}") for number in range(8)]
        self.cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, then=lambda: time.sleep(0.7))
        self.send(*map(self.line, urls))
        pump = self.pump(seconds=SHORT)
        answer = pump.cycle()
        self.assertIsNone(answer.error)  # the pump ends a function that does not answer in time
        shown = self.shown_later(pump)
        self.assertLessEqual(len(answer.failures), len(shown))
        self.cloud.proxy.rules.clear()
        pump.drain()
        for url in urls:
            self.assertEqual(self.statements(url), ["own", "friend", "guard"])
        self.assertEqual(self.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 8)
        self.assertEqual(bodies(self.own, self.dead), [])

    def test_messages_that_never_end_come_again(self):
        """The function answers in time, whatever is in progress; then the process restarts."""
        quick, slow = self.bad("quick"), self.bad("hangs")
        self.refuse_for("sqs:GetQueueAttributes", "hangs", code=None, times=1,
                        then=lambda: time.sleep(SHORT))
        self.send(self.line(quick), self.line(slow))
        pump = self.pump(seconds=SHORT)
        answer = pump.cycle()
        self.assertIsNone(answer.error)
        self.assertEqual(len(answer.failures), 1)
        self.assertEqual([json.loads(one)["id"] for one in pump.deleted], [quick])
        self.assertEqual(self.shown_later(pump), [(slow, 1)])
        pump.drain()
        self.assertEqual([self.statements(url) for url in (quick, slow)],
                         [["own", "friend", "guard"]] * 2)
        self.assertEqual(pump.function.starts, 1)

    def test_a_visibility_timeout_that_cannot_be_changed(self):
        """There is a warning, and the message comes again after the queue's visibility timeout."""
        self.refuse_for("sqs:GetQueueAttributes", "hangs", code=None, times=1,
                        then=lambda: time.sleep(SHORT))
        self.cloud.proxy.refuse("sqs:ChangeMessageVisibilityBatch", code="AccessDenied")
        self.send(self.line(self.bad("hangs")))
        self.assertEqual(len(self.pump(seconds=SHORT).cycle().failures), 1)
        self.assertRegex(self.log_text(), "WARN .*after the queue's own visibility timeout: "
                                      "refused by the test")

    def test_nothing_is_changed_in_time(self):
        """A finding that SNS does not accept comes again after the queue's visibility timeout: an
        earlier attempt would not help."""
        self.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        self.send(self.line(self.bad("bad")))
        pump = self.pump()
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(self.shown_later(pump), [])

    def test_reading_back_ends_in_time(self):
        """The change does not show: the resource is audited again later, with a higher attempt and
        without a trace header."""
        url = self.bad("bad")
        before = estate.queue_policy(self.cloud, ACCOUNT, REGION, url)
        sqs = self.cloud.client("sqs", ACCOUNT, REGION)

        def put_back():
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": before})
        self.cloud.proxy.refuse("sqs:GetQueueAttributes", code=None, skip=2, then=put_back)
        self.send(self.line(url, attempt=3))
        pump = self.pump(self.function(VERIFY_SECONDS="60"), seconds=SHORT)
        started = time.monotonic()
        self.assertEqual(pump.cycle().failures, [])
        self.assertLess(time.monotonic() - started, SHORT)
        sent = [one for one in self.cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"]
        self.assertEqual(len(sent), 1)
        entry, = sent[0].json()["Entries"]
        self.assertEqual(json.loads(entry["MessageBody"])["attempt"], 4)
        self.assertGreater(entry["DelaySeconds"], 0)
        self.assertLessEqual(entry["DelaySeconds"], 900)
        self.assertEqual(set(entry) & {"MessageSystemAttributes", "MessageAttributes"}, set())
        for one in self.cloud.proxy.requests:
            if one.operation.startswith("sqs:"):
                self.assertNotIn("x-amzn-trace-id", one.headers)
        [trace] = {one.headers.get("x-amzn-trace-id") for one in self.cloud.proxy.requests
                   if one.operation == "sts:GetCallerIdentity"}
        self.assertIn("1-5759e988", trace)


if __name__ == "__main__":
    unittest.main()
