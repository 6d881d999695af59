"""The poller as a Lambda function: everything in one invocation, messages to itself, and one
message after the other."""
import json
import threading
import time
import unittest

from support.cloud import Cloud
from support.poller_case import FIRST, SCHEDULED, SECOND, Entry, OfAccount, PollerCase
from support.proxy import Rule
from support.pump import Pump, bodies
from support.runtime_api import SHORT

cloud = None


def setUpModule():
    global cloud
    cloud = PollerCase.cloud = Cloud()
    # Answers to abandoned requests cannot be delivered; the tests cause this on purpose.
    cloud.proxy._server.handle_error = lambda *_: None


def tearDownModule():
    cloud.close()


class Partly(Rule):
    """Accepts a batch of messages except the third, which may be sent again."""

    def answer(self, request):
        ids = [one["Id"] for one in request.json()["Entries"]]
        body = {"Successful": [{"Id": one, "MessageId": one, "MD5OfMessageBody": "-"}
                               for one in ids if one != "2"],
                "Failed": [{"Id": "2", "Code": "InternalError", "SenderFault": False}]}
        return 200, "application/x-amz-json-1.0", json.dumps(body).encode()


class NoQueues(Rule):
    """Lists no queue, without the emulator, which would be slow."""

    def answer(self, request):
        return 200, "application/x-amz-json-1.0", b"{}"


class AllAtOnce(PollerCase):
    def test_lists_everything(self):
        function = self.function()
        answer = function.invoke(SCHEDULED)
        self.assertEqual(answer.body, {"resources": 6, "places": 6, "failed": 0}, answer)
        self.assertEqual(self.found(), sorted(self.wanted))
        self.assertEqual(function.counts(), [("Rounds", 1, "poller")])
        self.assertEqual(len(function.log_text()), 1)

    def test_own_account_by_default(self):
        answer = self.function(ACCOUNTS=None, MEMBER_ROLE="none").invoke(SCHEDULED)
        self.assertEqual((answer.body["places"], answer.body["failed"]), (3, 0))
        self.assertEqual({one[0] for one in self.found()}, {"123456789012"})

    def test_account_that_refuses(self):
        cloud.proxy.rules.append(OfAccount(cloud, "sqs:ListQueues", SECOND, code="AccessDenied"))
        function = self.function()
        answer = function.invoke(SCHEDULED)
        self.assertEqual(answer.body, {"resources": 3, "places": 6, "failed": 3}, answer)
        self.assertEqual(self.found(), sorted(
            one if one[0] == FIRST else (*one[:3], "*") for one in self.wanted))
        self.assertEqual(function.counts(),
                         [("PlacesNotListed", 3, "poller"), ("Rounds", 1, "poller")])
        self.assertIn("ERROR RequestId: ", self.log_text())
        self.assertIn(SECOND, self.log_text())

    def test_account_that_cannot_be_entered_has_one_line(self):
        cloud.proxy.rules.append(Entry("sts:AssumeRole"))
        answer = self.function().invoke(SCHEDULED)
        self.assertEqual(answer.body, {"resources": 3, "places": 6, "failed": 3}, answer)
        lines = [one for one in bodies(self.own, self.work) if one["account"] == SECOND]
        self.assertEqual([(one["id"], one["places"], one["error"]["code"]) for one in lines],
                         [("*", 3, "AccessDenied")])

    def test_it_fails_if_nothing_can_be_listed(self):
        cloud.proxy.refuse("sqs:ListQueues", code="AccessDenied")
        function = self.function()
        answer = function.invoke(SCHEDULED)
        self.assertEqual(answer.error_type, "Engine.CallFailed", answer)
        self.assertEqual(function.counts(), [("PlacesNotListed", 6, "poller")], "no round")

    def test_no_region(self):
        """The error says so, even if no time is left."""
        function = self.function(REGIONS=None, AWS_REGION=None, AWS_DEFAULT_REGION=None)
        for seconds in (30, -1):
            function.start()
            one = function.api.offer(SCHEDULED, seconds)
            self.assertTrue(one.done.wait(20), self.log_text())
            self.assertIn("no region", one.answer.error["errorMessage"])
        self.assertEqual(function.starts, 1)

    def test_not_enough_time(self):
        """What was listed is sent; the error names what was not."""
        accounts = [f"{number:012}" for number in range(100000000000, 100000000100)]
        stopped = threading.Event()
        self.addCleanup(stopped.set)
        cloud.proxy.refuse("sqs:ListQueues", code=None, skip=8,
                           then=lambda: stopped.wait(2 * SHORT))
        answer = self.function(ACCOUNTS=",".join([FIRST, *accounts])).invoke(SCHEDULED, SHORT)
        stopped.set()
        self.assertEqual(answer.error_type, "Engine.OutOfTime", answer)
        self.assertRegex(answer.error["errorMessage"], r"\d+ of 303 places were not")
        self.assertNotIn("303 of 303", answer.error["errorMessage"])
        self.assertIn("POLL_QUEUE", answer.error["errorMessage"])


class ByMessages(PollerCase):
    def function(self, **more):
        return super().function(**{"POLL_QUEUE": self.polls, **more})

    def fan_out(self, function):
        answer = function.invoke(SCHEDULED)
        self.assertEqual(answer.body, {"places": 6}, answer)

    def test_every_target_is_a_message(self):
        self.fan_out(self.function())
        self.assertEqual(self.found(), [])
        messages = bodies(self.own, self.polls)
        self.assertEqual(
            sorted((one["account"], one["region"], one["resource_type"]) for one in messages),
            sorted(one[:3] for one in self.wanted))
        for one in messages:
            self.assertEqual(list(one), ["type", "account", "region", "resource_type", "attempt"])
            self.assertEqual((one["type"], one["attempt"]), ("poll", 0))
        self.assertEqual(cloud.proxy.operations(), ["sqs:SendMessageBatch"])

    def test_failure_within_a_batch_is_sent_again(self):
        cloud.proxy.rules.append(Partly("sqs:SendMessageBatch", times=1))
        self.fan_out(self.function())
        first, second = [one.json()["Entries"] for one in cloud.proxy.requests]
        self.assertEqual([one["MessageBody"] for one in second], [first[2]["MessageBody"]])
        self.assertEqual(bodies(self.own, self.polls), [json.loads(first[2]["MessageBody"])])

    def test_batches_of_ten(self):
        accounts = [f"{number:012}" for number in range(100000000000, 100000000025)]
        answer = self.function(ACCOUNTS=",".join(accounts)).invoke(SCHEDULED)
        self.assertEqual(answer.body, {"places": 75})
        self.assertEqual(len(bodies(self.own, self.polls)), 75)
        sizes = [len(one.json()["Entries"]) for one in cloud.proxy.requests]
        self.assertEqual(sorted(sizes), [5] + [10] * 7)

    def test_one_process_lists_every_place(self):
        function = self.function()
        self.fan_out(function)
        pump = Pump(self.own, self.polls, function)
        self.assertEqual([one.body for one in pump.drain()], [{"batchItemFailures": []}])
        self.assertEqual(self.found(), sorted(self.wanted))
        self.assertEqual(function.starts, 1)

    def test_a_throttled_account_is_passed_on(self):
        """It is sent again later with a higher attempt, and no other place waits for it."""
        cloud.proxy.rules.append(
            OfAccount(cloud, "sqs:ListQueues", SECOND, code="ThrottlingException", status=400))
        function = self.function()
        self.fan_out(function)
        cloud.proxy.clear_requests()
        pump = Pump(self.own, self.polls, function)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.found(), sorted(one for one in self.wanted if one[0] == FIRST))
        sent = [entry for one in cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"
                for entry in one.json()["Entries"] if one.json()["QueueUrl"].endswith("poll-queue")]
        self.assertEqual(len(sent), 3)
        for entry in sent:
            message = json.loads(entry["MessageBody"])
            self.assertEqual((message["account"], message["attempt"]), (SECOND, 1))
            self.assertEqual(entry["DelaySeconds"], 30)

    def test_attempts_are_bounded(self):
        cloud.proxy.refuse("sqs:ListQueues", code="ThrottlingException", status=400)
        function = self.function()
        self.assertEqual(function.invoke(self.batch(self.one(attempt=11)), SHORT).failures, [])
        self.assertEqual(bodies(self.own, self.work), [], "handed on")
        self.assertEqual(function.invoke(self.batch(self.one(attempt=12)), SHORT).failures, [])
        self.assertEqual(function.counts(), [("PlacesNotListed", 1, "poller")])
        line, = bodies(self.own, self.work)
        self.assertEqual((line["account"], line["region"], line["type"], line["id"]),
                         (FIRST, "us-east-1", "near", "*"))
        self.assertEqual(line["error"]["code"], "ThrottlingException")

    def test_last_attempt_that_cannot_be_reported(self):
        """It is neither done nor passed on: the message comes again."""
        cloud.proxy.refuse("sqs:ListQueues", code="ThrottlingException", status=400)
        cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        function = self.function()
        self.assertEqual(function.invoke(self.batch(self.one(attempt=12)), SHORT).failures, ["m0"])
        self.assertEqual(cloud.proxy.operations().count("sqs:SendMessageBatch"), 1)
        self.assertEqual(function.counts(), [("BatchItemsFailed", 1, "poller")])

    def test_refused_account_is_done(self):
        cloud.proxy.rules.append(OfAccount(cloud, "sqs:ListQueues", SECOND, code="AccessDenied"))
        function = self.function()
        self.fan_out(function)
        pump = Pump(self.own, self.polls, function)
        pump.drain()
        self.assertEqual(len(pump.deleted), 6)
        found = bodies(self.own, self.work)
        self.assertEqual(
            sorted((one["account"], one["region"], one["type"]) for one in found
                   if one["id"] == "*"),
            sorted(one[:3] for one in self.wanted if one[0] == SECOND))
        self.assertEqual({one["error"]["code"] for one in found if one["id"] == "*"},
                         {"AccessDenied"})
        self.assertEqual(len(found), len(self.wanted))
        self.assertIn(SECOND, self.log_text())
        self.assertEqual(function.counts(), [("Rounds", 1, "poller")] +
                         [("PlacesNotListed", 1, "poller")] * 3)

    def test_invalid_messages_come_again(self):
        bad = ["", "{", "[]", self.one(type="other"), self.one(account="1"),
               self.one(region="US EAST"), self.one(resource_type="nonsense"),
               self.one(resource_type=7), self.one(attempt="many")]
        answer = self.function().invoke(self.batch(*bad, self.one()))
        self.assertEqual(answer.failures, [f"m{number}" for number in range(len(bad))])
        self.assertEqual(len(self.found()), 1)

    def test_lines_that_are_not_accepted(self):
        """A place is done when its lines are delivered, not earlier."""
        cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        function = self.function()
        self.assertEqual(function.invoke(self.batch(self.one())).failures, ["m0"])
        cloud.proxy.rules.clear()
        self.assertEqual(function.invoke(self.batch(self.one())).failures, [])
        self.assertEqual(len(self.found()), 1)

    def test_message_of_an_event(self):
        """A message without `attempt` is the first attempt."""
        cloud.proxy.refuse("sqs:ListQueues", times=1, code="ThrottlingException", status=400)
        message = json.loads(self.one())
        del message["attempt"]
        function = self.function(AWS_MAX_ATTEMPTS="1")
        self.assertEqual(function.invoke(self.batch(json.dumps(message))).failures, [])
        self.assertEqual(len(self.found()), 1)

    def test_messages_of_one_target_are_one(self):
        """Many events named no resource: the place is listed once for all of them."""
        near = [self.one(attempt=attempt) for attempt in (0, 3, 0)]
        function = self.function()
        answer = function.invoke(self.batch(*near, self.one(region="eu-west-1"), *near))
        self.assertEqual(answer.failures, [])
        self.assertEqual(cloud.proxy.operations().count("sqs:ListQueues"), 2)
        self.assertEqual(len(self.found()), 2)

    def test_messages_of_one_target_fail_together(self):
        cloud.proxy.refuse("sqs:ListQueues", code="ThrottlingException", status=400)
        function = self.function()
        self.assertEqual(function.invoke(self.batch(*[self.one()] * 3)).failures, [])
        sent = [entry for one in cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"
                for entry in one.json()["Entries"]]
        self.assertEqual([json.loads(one["MessageBody"])["attempt"] for one in sent], [1])
        cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        answer = function.invoke(self.batch(*[self.one()] * 3))
        self.assertEqual(answer.failures, ["m0", "m1", "m2"])

    def many(self, count, **more):
        return [self.one(account=f"{100000000000 + number}", **more) for number in range(count)]

    def test_no_time_left(self):
        """Places that were not begun are passed on; a listing that hangs comes again."""
        cloud.proxy.refuse("sqs:ListQueues", code=None, then=lambda: time.sleep(2 * SHORT))
        function = self.function()
        started = time.monotonic()
        answer = function.invoke(self.batch(*self.many(40)), SHORT)
        self.assertLess(time.monotonic() - started, SHORT)
        self.assertEqual(len(answer.failures), 40, "handing on is not certain yet")
        later = [entry for one in cloud.proxy.requests
                 if one.operation == "sqs:ChangeMessageVisibilityBatch"
                 for entry in one.json()["Entries"]]
        self.assertEqual({one["ReceiptHandle"] for one in later}, {f"r{n}" for n in range(40)})
        self.assertLessEqual({one["VisibilityTimeout"] for one in later}, {31, 32})
        cloud.proxy.rules.clear()
        self.assertEqual(function.invoke(self.batch(self.one())).failures, [])
        self.assertEqual(function.starts, 1)

    def batch_of_which_eight_are_not_started(self, **more):
        """32 listings are answered after the function has stopped: when it stops, it makes the
        messages visible again."""
        stopped = threading.Event()
        self.addCleanup(stopped.set)
        cloud.proxy.refuse("sqs:ChangeMessageVisibilityBatch", code=None, then=stopped.set)
        listing = NoQueues("sqs:ListQueues", then=lambda: stopped.wait(2 * SHORT))
        cloud.proxy.rules.append(listing)
        answer = self.function().invoke(self.batch(*self.many(40, **more)), 2 * SHORT)
        self.assertEqual((answer.failures, listing.hits), ([], 32), answer)

    def test_not_started_in_time(self):
        self.batch_of_which_eight_are_not_started()
        again = bodies(self.own, self.polls)
        self.assertEqual([one["attempt"] for one in again], [1] * 8)

    def test_not_started_at_the_last_attempt(self):
        self.batch_of_which_eight_are_not_started(attempt=12)
        self.assertEqual(bodies(self.own, self.polls), [])
        sent = [one for one in bodies(self.own, self.work) if one["id"] == "*"]
        self.assertEqual([one["error"]["kind"] for one in sent], ["timeout"] * 8)


if __name__ == "__main__":
    unittest.main()
