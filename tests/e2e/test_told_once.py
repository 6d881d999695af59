"""STATE_TABLE, in a table of an emulator's: what the remediator tells of it once, how it holds what
flips back and forth, and how functions share a limit of a day."""
import http.client
import json
import threading
import time
import unittest
import urllib.parse

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.proxy import Rule
from support.pump import Pump, bodies, make_queue
from support.runtime_api import Function, counted

ACCOUNT, REGION = "111122223333", "us-east-1"
TABLE = "remediator-state"
KEPT = ["own", "friend", "guard"]
OPEN = ["own", "friend", "open", "guard"]

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def open_policy(*more):
    return estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT), *more)


def make_table(dynamodb):
    """As Terraform makes it."""
    dynamodb.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "expires_at"})


class Unanswered(Rule):
    """The emulator carries it out, and the answer is a fault of the service."""

    def answer(self, request):
        upstream = http.client.HTTPConnection(urllib.parse.urlsplit(cloud.emulator.url).netloc)
        upstream.request(request.method, request.path, request.body, request.headers)
        assert upstream.getresponse().status == 200
        upstream.close()
        self.code, self.status = "InternalServerError", 500
        return super().answer(request)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.own = cloud.client("sqs")
        self.dynamodb = cloud.client("dynamodb")
        make_table(self.dynamodb)
        self.work = make_queue(self.own, "remediator-resource-queue")
        self.sns = cloud.client("sns")
        self.topic = self.sns.create_topic(Name="remediator_notifications")["TopicArn"]
        self.log = cloud.path("lambda.log")
        open(self.log, "w", encoding="utf-8").close()
        self.seen = 0

    def function(self, **more):
        names = cloud.environment(**{
            "REMEDIATE": "true", "NOTIFICATION_TOPIC": self.topic, "STATE_TABLE": TABLE,
            "KNOWN_ACCOUNTS": estate.FRIEND, "AWS_MAX_ATTEMPTS": "1", **more})
        function = Function([ENGINE], "remediator",
                            {name: value for name, value in names.items() if value is not None},
                            self.log)
        self.addCleanup(function.close)
        return function

    def pump(self, **more):
        return Pump(self.own, self.work, self.function(**more))

    def audits(self):
        return self.pump(REMEDIATE=None)

    def line(self, url):
        return json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": url})

    def look(self, pump, *urls):
        """Words that begin the subjects of what was told by a look at these queues."""
        for url in urls:
            self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        answer = pump.cycle()
        self.assertEqual((answer.error, answer.failures), (None, []), answer)
        return self.news()

    def notices(self):
        """Subjects that SNS took."""
        return [urllib.parse.parse_qs(one.body.decode())["Subject"][0]
                for one in list(cloud.proxy.requests)
                if one.operation == "sns:Publish" and one.status == 200]

    def news(self):
        fresh = self.notices()[self.seen:]
        self.seen += len(fresh)
        return [one.split("]")[0].strip("[") for one in fresh]

    def bad(self, name):
        return estate.queue(cloud, ACCOUNT, REGION, name, open_policy())

    def put(self, url, text):
        cloud.client("sqs", ACCOUNT, REGION).set_queue_attributes(QueueUrl=url,
                                                                  Attributes={"Policy": text})

    def statements(self, url):
        text = estate.queue_policy(cloud, ACCOUNT, REGION, url)
        return [one["Sid"] for one in json.loads(text)["Statement"]]

    def items(self, kind):
        return [one for one in self.dynamodb.scan(TableName=TABLE)["Items"]
                if one["item_kind"]["S"] == kind]

    def set(self, item, name, value):
        self.dynamodb.put_item(TableName=TABLE, Item={**item, name: value})

    def again(self):
        """Lines that were sent to be looked at again later."""
        return [json.loads(entry["MessageBody"]) for one in list(cloud.proxy.requests)
                if one.operation == "sqs:SendMessageBatch" for entry in one.json()["Entries"]]

    def metrics(self, name):
        """How often the log counts it."""
        with open(self.log, encoding="utf-8") as file:
            found = [json.loads(line) for line in file if f'"Name":"{name}"' in line]
        for one in found:
            self.assertEqual(counted(one), (name, 1, "remediator"))
        return len(found)


class Life(Case):
    def test_from_its_appearing_to_its_end(self):
        """Told when it appears, changes, and is repaired; silent in between and afterwards."""
        url, pump = self.bad("bad"), self.audits()
        self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertEqual(self.look(pump, url), [])
        self.put(url, open_policy(estate.statement("wide", "*", "sqs:PurgeQueue", "*")))
        self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertEqual(self.look(pump, url), [])
        repairs = self.pump()
        self.assertEqual(self.look(repairs, url), ["fixed"])
        self.assertEqual(self.statements(url), KEPT)
        self.assertEqual(self.look(repairs, url), [])
        self.assertEqual(self.look(pump, url), [])
        item, = self.items("resource")
        self.assertEqual(json.loads(item["content"]["S"])["checks"], {})

    def test_what_somebody_sets_right_is_resolved_once(self):
        url, pump = self.bad("bad"), self.audits()
        self.look(pump, url)
        self.put(url, estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT)[:2]))
        self.assertEqual(self.look(pump, url), ["resolved"])
        self.assertEqual(self.look(pump, url), [])
        self.put(url, open_policy())
        self.assertEqual(self.look(pump, url), ["non-compliant"])

    def test_what_is_deleted_is_resolved_once(self):
        url, pump = self.bad("bad"), self.audits()
        self.look(pump, url)
        cloud.client("sqs", ACCOUNT, REGION).delete_queue(QueueUrl=url)
        self.assertEqual(self.look(pump, url), ["resolved"])
        self.assertEqual(self.look(pump, url), [])

    def test_commands_share_it_with_functions(self):
        url = self.bad("bad")
        self.assertEqual(self.look(self.audits(), url), ["non-compliant"])
        run = cloud.engine("remediate", stdin=self.line(url), STATE_TABLE=TABLE,
                           NOTIFICATION_TOPIC=self.topic, KNOWN_ACCOUNTS=estate.FRIEND)
        self.assertEqual(run.status, 2, run)
        self.assertEqual(self.news(), [])

    def test_time_to_live_is_a_number_of_the_documented_days(self):
        self.look(self.audits(), self.bad("bad"))
        item, = self.items("resource")
        days = (int(item["expires_at"]["N"]) - time.time()) / 86400
        self.assertAlmostEqual(days, 90, delta=0.1)
        self.set(item, "expires_at", {"N": str(int(time.time()) - 1)})
        self.assertEqual(self.look(self.audits(), self.bad("bad")), ["non-compliant"])

    def test_filter_policies_choose_by_attributes(self):
        """A queue for each subscription, and what came to it."""
        wanted = {"closed": {"status": ["resolved"]}, "open": {"status": ["non_compliant"]},
                  "others": {"account": ["444455556666"]},
                  "urgent": {"type": ["sqs"], "check": ["sqs.public"],
                             "severity": ["critical", "high"], "remediation": ["fixed"]}}
        queues = {}
        for name, policy in wanted.items():
            queues[name] = self.own.create_queue(QueueName=name)["QueueUrl"]
            self.sns.subscribe(TopicArn=self.topic, Protocol="sqs",
                               Endpoint=f"arn:aws:sqs:{REGION}:123456789012:{name}",
                               Attributes={"FilterPolicy": json.dumps(policy)})
        url = self.bad("bad")
        self.look(self.audits(), url)
        self.look(self.pump(), url)
        got = {name: [one["Subject"].split("]")[0] for one in bodies(self.own, queue)]
               for name, queue in queues.items()}
        self.assertEqual(got, {"closed": ["[fixed"], "open": ["[non-compliant"], "others": [],
                               "urgent": ["[fixed"]})


class Sum(Case):
    def yesterday(self):
        item, = self.items("sum")
        told = json.loads(item["content"]["S"])
        self.set(item, "content", {"S": json.dumps({**told, "day": "2026-01-01"})})

    def test_comes_once_a_day(self):
        """Not on the table's first day; by one of the functions; of what is open by then."""
        urls = [self.bad(name) for name in ("one", "two")]
        self.assertEqual(self.look(self.audits(), *urls), ["non-compliant"] * 2)
        self.yesterday()
        good = estate.queue(cloud, ACCOUNT, REGION, "good")
        self.assertEqual(self.look(self.audits(), good), ["open"])
        self.assertIn("2 findings (2 ", self.notices()[-1])
        self.assertEqual(self.look(self.audits(), good), [])
        self.yesterday()
        self.assertEqual(self.look(self.pump(), urls[0]), ["fixed", "open"])
        self.assertIn("1 findings (1 ", self.notices()[-1])


    def test_what_is_gone_is_found_out(self):
        """Neither an event nor a poll tells of it: the sum has it looked at once more."""
        url = self.bad("gone")
        self.look(self.audits(), url)
        self.yesterday()
        cloud.client("sqs", ACCOUNT, REGION).delete_queue(QueueUrl=url)
        item, = self.items("resource")
        content = json.loads(item["content"]["S"])
        content["seen"] -= 3 * 86400 + 3600
        self.set(item, "content", {"S": json.dumps(content)})
        good = estate.queue(cloud, ACCOUNT, REGION, "good")
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        self.assertEqual(self.look(pump, good), ["open"])
        pump.drain()
        self.assertEqual(self.news(), ["resolved"])
        item, = self.items("resource")
        self.assertEqual(item["open_checks"]["N"], "0")


class FlipFlop(Case):
    def test_is_held_after_some_rounds(self):
        """Until it was left alone for three days; then it is repaired again."""
        url, pump = self.bad("bad"), self.pump(REPAIR_ROUNDS="2")
        for _ in range(2):
            self.assertEqual(self.look(pump, url), ["fixed"])
            self.put(url, open_policy())
        self.assertEqual(self.look(pump, url), ["held"])
        self.assertEqual(self.statements(url), OPEN)
        self.assertEqual(self.metrics("FlipFlops"), 1)
        self.assertEqual(self.look(pump, url), [])
        self.assertEqual(self.metrics("FlipFlops"), 2)
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "2")
        days = (int(item["expires_at"]["N"]) - time.time()) / 86400
        self.assertAlmostEqual(days, 3, delta=0.1)
        self.set(item, "expires_at", {"N": str(int(time.time()) - 1)})
        self.assertEqual(self.look(pump, url), ["fixed"])
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "1")

    def test_other_resources_have_rounds_of_their_own(self):
        pump = self.pump(REPAIR_ROUNDS="1")
        self.assertEqual(self.look(pump, self.bad("one"), self.bad("two")), ["fixed"] * 2)


class Together(Case):
    def at_once(self, functions, *batches):
        """Each function with its batch, at the same time; the answers."""
        answers = [None] * len(functions)

        def run(number):
            records = [{"messageId": f"m-{number}-{place}", "eventSource": "aws:sqs",
                        "body": self.line(url)} for place, url in enumerate(batches[number])]
            answers[number] = functions[number].invoke({"Records": records})
        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(functions))]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return answers

    def test_two_functions_share_a_limit(self):
        """Eight are to be repaired by two functions, and three may be."""
        urls = [self.bad(f"bad-{number}") for number in range(8)]
        functions = [self.function(MAX_CHANGES_PER_DAY="3") for _ in range(2)]
        for answer in self.at_once(functions, urls[:4], urls[4:]):
            self.assertEqual(answer.failures, [])
        self.assertEqual(cloud.proxy.operations().count("sqs:SetQueueAttributes"), 3)
        self.assertEqual(sum(self.statements(url) == KEPT for url in urls), 3)
        news = self.news()
        self.assertEqual((news.count("fixed"), news.count("held")), (3, 5))
        item, = self.items("changes")
        self.assertEqual(item["change_count"]["N"], "3")
        self.assertIn(f"changes/{ACCOUNT}/20", item["pk"]["S"])
        held = self.look(self.pump(MAX_CHANGES_PER_DAY="3"), self.bad("another"))
        self.assertEqual(held, ["held"])
        # The next day's count begins anew.
        self.dynamodb.delete_item(TableName=TABLE, Key={"pk": item["pk"]})
        left = [url for url in urls if self.statements(url) == OPEN][:3]
        self.assertEqual(self.look(self.pump(MAX_CHANGES_PER_DAY="3"), *left), ["fixed"] * 3)

    def test_two_functions_tell_one_thing_once(self):
        """SNS is slow, so that both have it to tell at the same time."""
        url = self.bad("bad")
        cloud.proxy.refuse("sns:Publish", code=None, then=lambda: time.sleep(1))
        functions = [self.function(REMEDIATE=None) for _ in range(2)]
        for answer in self.at_once(functions, [url], [url]):
            self.assertEqual(answer.failures, [])
        self.assertEqual(self.news(), ["non-compliant"])


class Trouble(Case):
    def test_table_that_cannot_be_read(self):
        """Told each time rather than not at all."""
        url, pump = self.bad("bad"), self.audits()
        rule = cloud.proxy.refuse("dynamodb:GetItem", code="AccessDeniedException", status=400)
        for _ in range(2):
            self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertGreater(self.metrics("StateTableFailures"), 1)
        cloud.proxy.rules.remove(rule)
        self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertEqual(self.look(pump, url), [])

    def test_table_that_cannot_be_written(self):
        """Told, and nothing is changed."""
        url, pump = self.bad("bad"), self.pump()
        for operation in ("dynamodb:PutItem", "dynamodb:UpdateItem"):
            cloud.proxy.refuse(operation, code="AccessDeniedException", status=400)
        for _ in range(2):
            self.assertEqual(self.look(pump, url), ["held"])
        self.assertEqual(self.statements(url), OPEN)
        cloud.proxy.rules.clear()
        self.assertEqual(self.look(pump, url), ["fixed"])

    def test_limit_that_is_not_answered(self):
        """Nothing is changed or told by it: the line comes again, and is repaired then."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work)
        cloud.proxy.refuse("dynamodb:UpdateItem", code="InternalServerError", status=500, times=1)
        self.assertEqual(self.look(pump, url), [])
        self.assertEqual(self.statements(url), OPEN)
        self.assertEqual(cloud.proxy.operations().count("sqs:SetQueueAttributes"), 0)
        line, = self.again()
        self.assertEqual((line["id"], line["attempt"]), (url, 1))
        self.assertEqual(self.look(pump, url), ["fixed"])
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "1")

    def test_limit_whose_answer_is_lost(self):
        """It was counted: that is taken back, or repairs would flip back and forth by themselves."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work, REPAIR_ROUNDS="1")
        cloud.proxy.rules.append(Unanswered("dynamodb:UpdateItem", times=1))
        self.assertEqual(self.look(pump, url), [])
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "0")
        self.assertEqual(self.look(pump, url), ["fixed"])

    def test_limit_that_is_never_answered(self):
        """After the attempts it is held, and told."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work)
        cloud.proxy.refuse("dynamodb:UpdateItem", code="InternalServerError", status=500)
        self.own.send_message(QueueUrl=self.work, MessageBody=json.dumps(
            {**json.loads(self.line(url)), "attempt": 12}))
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual((self.news(), self.again()), (["held"], []))
        self.assertEqual(self.statements(url), OPEN)

    def test_table_that_is_not_there(self):
        url = self.bad("bad")
        self.dynamodb.delete_table(TableName=TABLE)
        self.assertEqual(self.look(self.pump(), url), ["held"])
        self.assertEqual(self.statements(url), OPEN)

    def test_throttled_table_is_asked_again(self):
        url, pump = self.bad("bad"), self.pump()
        for operation in ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"):
            cloud.proxy.refuse(operation, code="ThrottlingException", status=400, times=2)
        self.assertEqual(self.look(pump, url), ["fixed"])
        self.assertEqual(self.metrics("StateTableFailures"), 0)
        self.assertEqual(self.look(pump, url), [])

    def test_what_sns_does_not_take_is_told_when_it_does(self):
        url, pump = self.bad("bad"), self.audits()
        rule = cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        self.assertEqual(len(pump.cycle().failures), 1)
        cloud.proxy.rules.remove(rule)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.news(), ["non-compliant"])

    def test_limits_of_a_day_need_a_table(self):
        function = self.function(STATE_TABLE=None, MAX_CHANGES_PER_DAY="3")
        function.start()
        self.assertEqual(function.process.wait(10), 1)
        (body, _), = function.api.init_errors
        self.assertEqual(body["errorType"], "Engine.ConfigInvalid")
        self.assertIn("STATE_TABLE", body["errorMessage"])
        run = cloud.engine("remediate", "--remediate", stdin=self.line(self.bad("bad")),
                           MAX_CHANGES_PER_DAY="3")
        self.assertEqual(run.status, 64, run)
        self.assertEqual(cloud.proxy.operations(), [])


if __name__ == "__main__":
    unittest.main()
