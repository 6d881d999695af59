"""The poller as a Lambda function: everything in one invocation, messages to itself, and one
message after the other."""
import collections
import json
import time
import unittest
import urllib.request

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.proxy import Rule
from support.pump import Pump, bodies, make_queue
from support.runtime_api import Function

FIRST, SECOND, THIRD = "111122223333", "222233334444", "333344445555"
REGIONS = ("us-east-1", "eu-west-1")
ARN = "arn:aws:sqs:us-east-1:123456789012:remediator-poll-queue"
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}

POLICY = """
return policy {{
  type = "{0}", title = "Queues", scope = "{1}", permissions = {{ read = {{ "sqs:ListQueues" }} }},
  discover = function(scope)
    for page in scope.aws.sqs:pages("ListQueues", {{}}) do
      scope:found(page.QueueUrls or {{}})
    end
  end,
  fetch = function() return {{}} end,
  checks = {{ {{ id = "{0}.none", title = "None", severity = "low",
    audit = function() return true end }} }},
}}
"""

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()
    # Answers to abandoned requests cannot be delivered; the tests cause this on purpose.
    cloud.proxy._server.handle_error = lambda *_: None


def tearDownModule():
    cloud.close()


class OfAccount(Rule):
    """Intercepts an operation of one account only; it recognizes the account by the keys in the
    response of AssumeRole."""

    def __init__(self, operation, account, **more):
        super().__init__(operation, **more)
        self.account = account

    def takes(self, request):
        key = request.scope[0]
        return request.operation == self.operation and key in keys_of(self.account) \
            and super().takes(request)


class Entry(Rule):
    """Refuses the role of one account."""

    def takes(self, request):
        return SECOND.encode() in request.body and super().takes(request)


class Partly(Rule):
    """Accepts a batch of messages except the third, which may be sent again."""

    def answer(self, request):
        ids = [one["Id"] for one in request.json()["Entries"]]
        body = {"Successful": [{"Id": one, "MessageId": one, "MD5OfMessageBody": "-"}
                               for one in ids if one != "2"],
                "Failed": [{"Id": "2", "Code": "InternalError", "SenderFault": False}]}
        return 200, "application/x-amz-json-1.0", json.dumps(body).encode()


def keys_of(account):
    """The access keys that the emulator issued for roles of the account."""
    with urllib.request.urlopen(cloud.emulator.url + "/moto-api/data.json") as answer:
        data = json.load(answer)
    return {one["access_key_id"] for one in data["sts"]["AssumedRole"]
            if f"::{account}:" in one.get("role_arn", one.get("arn", ""))}


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.own = cloud.client("sqs")
        self.work = make_queue(self.own, "remediator-resource-queue")
        self.polls = make_queue(self.own, "remediator-poll-queue", "dead-polls", most=3)
        self.dead = self.own.get_queue_url(QueueName="dead-polls")["QueueUrl"]
        self.log = cloud.path("lambda.log")
        open(self.log, "w", encoding="utf-8").close()
        self.policies = cloud.directory / "policies"
        self.policies.mkdir(exist_ok=True)
        for name, scope in (("near", "region"), ("wide", "global")):
            (self.policies / f"{name}.lua").write_text(POLICY.format(name, scope))
        self.wanted = []
        for account in (FIRST, SECOND):
            for region in REGIONS:
                url = estate.queue(cloud, account, region, f"q-{account[0]}-{region}")
                name = url.rsplit("/", 1)[-1]
                self.wanted.append((account, region, "near", name))
                if region == "us-east-1":
                    self.wanted.append((account, region, "wide", name))
        cloud.proxy.clear()

    def function(self, **more):
        names = cloud.environment(**{
            "POLLER_SQS": self.work, "ACCOUNTS": f"{FIRST},{SECOND}", "REGIONS": ",".join(REGIONS),
            "ENGINE_POLICIES": str(self.policies), "AWS_MAX_ATTEMPTS": "1", **more})
        names = {name: value for name, value in names.items() if value is not None}
        function = Function([ENGINE], "poller", names, self.log)
        self.addCleanup(function.close)
        return function

    def found(self):
        """Lines with the queues' names, because the emulator's URLs depend on the caller."""
        return sorted((one["account"], one["region"], one["type"], one["id"].rsplit("/", 1)[-1])
                      for one in bodies(self.own, self.work))

    def log_text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()


class AllAtOnce(Case):
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
        cloud.proxy.rules.append(OfAccount("sqs:ListQueues", SECOND, code="AccessDenied"))
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
        cloud.proxy.refuse("sqs:ListQueues", code=None, then=lambda: time.sleep(0.5))
        answer = self.function(ACCOUNTS=",".join([FIRST, *accounts])).invoke(SCHEDULED, seconds=3)
        self.assertEqual(answer.error_type, "Engine.OutOfTime", answer)
        self.assertRegex(answer.error["errorMessage"], r"\d+ of 303 places were not")
        self.assertIn("POLL_QUEUE", answer.error["errorMessage"])


class ByMessages(Case):
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
            OfAccount("sqs:ListQueues", SECOND, code="ThrottlingException", status=400))
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

    def one(self, **more):
        return json.dumps({"type": "poll", "account": FIRST, "region": "us-east-1",
                           "resource_type": "near", "attempt": 0, **more})

    def batch(self, *texts):
        return {"Records": [{"messageId": f"m{number}", "receiptHandle": f"r{number}", "body": text,
                             "eventSource": "aws:sqs", "eventSourceARN": ARN}
                            for number, text in enumerate(texts)]}

    def test_attempts_are_bounded(self):
        cloud.proxy.refuse("sqs:ListQueues", code="ThrottlingException", status=400)
        function = self.function()
        self.assertEqual(function.invoke(self.batch(self.one(attempt=11)), 5).failures, [])
        self.assertEqual(bodies(self.own, self.work), [], "handed on")
        self.assertEqual(function.invoke(self.batch(self.one(attempt=12)), 5).failures, [])
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
        self.assertEqual(function.invoke(self.batch(self.one(attempt=12)), 5).failures, ["m0"])
        self.assertEqual(cloud.proxy.operations().count("sqs:SendMessageBatch"), 1)
        self.assertEqual(function.counts(), [("BatchItemsFailed", 1, "poller")])

    def test_refused_account_is_done(self):
        cloud.proxy.rules.append(OfAccount("sqs:ListQueues", SECOND, code="AccessDenied"))
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
        cloud.proxy.refuse("sqs:ListQueues", code=None, then=lambda: time.sleep(5))
        function = self.function()
        started = time.monotonic()
        answer = function.invoke(self.batch(*self.many(40)), seconds=2)
        self.assertLess(time.monotonic() - started, 2)
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
        gate = collections.Counter()

        def slow():
            gate["n"] += 1
            time.sleep(4.6)
        cloud.proxy.refuse("sqs:ListQueues", code=None, then=slow)
        function = self.function()
        function.invoke(self.batch(self.one()))
        gate.clear()
        answer = function.invoke(self.batch(*self.many(40, **more)), seconds=6)
        self.assertEqual((answer.failures, gate["n"]), ([], 32), answer)

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
