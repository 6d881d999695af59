"""If STATE_TABLE or the topic cannot be reached, nothing is changed that cannot be counted, and no
finding or repair is lost."""
import http.client
import json
import time
import unittest
import urllib.parse

from support import estate, notified
from support.proxy import Moment, Rule
from support.pump import Pump
from support.notified import ACCOUNT, KEPT, OPEN, TABLE, Case, open_policy


def setUpModule():
    notified.open_cloud()


def tearDownModule():
    notified.cloud.close()


class Unanswered(Rule):
    """The emulator carries out the request, but the response is a server error."""

    def answer(self, request):
        upstream = http.client.HTTPConnection(urllib.parse.urlsplit(notified.cloud.emulator.url).netloc)
        upstream.request(request.method, request.path, request.body, request.headers)
        assert upstream.getresponse().status == 200
        upstream.close()
        self.code, self.status = "InternalServerError", 500
        return super().answer(request)


class Trouble(Case):
    def test_table_that_cannot_be_read(self):
        """Findings are notified each time rather than not at all."""
        url, pump = self.bad("bad"), self.audits()
        rule = notified.cloud.proxy.refuse("dynamodb:GetItem", code="AccessDeniedException", status=400)
        for _ in range(2):
            self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertGreater(self.metrics("StateTableFailures"), 1)
        notified.cloud.proxy.rules.remove(rule)
        self.assertEqual(self.look(pump, url), ["non-compliant"])
        self.assertEqual(self.look(pump, url), [])

    def test_table_that_cannot_be_written(self):
        """Findings are notified, and nothing is changed."""
        url, pump = self.bad("bad"), self.pump()
        for operation in ("dynamodb:PutItem", "dynamodb:UpdateItem"):
            notified.cloud.proxy.refuse(operation, code="AccessDeniedException", status=400)
        for _ in range(2):
            self.assertEqual(self.look(pump, url), ["held"])
        self.assertEqual(self.statements(url), OPEN)
        notified.cloud.proxy.rules.clear()
        self.assertEqual(self.look(pump, url), ["fixed"])

    def test_limit_without_a_response(self):
        """Nothing is changed or notified because of it: the line comes again, and then the resource
        is repaired."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work)
        notified.cloud.proxy.refuse("dynamodb:UpdateItem", code="InternalServerError", status=500,
                                times=1)
        self.assertEqual(self.look(pump, url), [])
        self.assertEqual(self.statements(url), OPEN)
        self.assertEqual(notified.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 0)
        line, = self.again()
        self.assertEqual((line["id"], line["attempt"]), (url, 1))
        self.assertEqual(self.look(pump, url), ["fixed"])
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "1")

    def test_limit_whose_response_is_lost(self):
        """The count was stored: it is taken back, or one repair would count as several rounds."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work, REPAIR_ROUNDS="1")
        notified.cloud.proxy.rules.append(Unanswered("dynamodb:UpdateItem", times=1))
        self.assertEqual(self.look(pump, url), [])
        item, = self.items("rounds")
        self.assertEqual(item["change_count"]["N"], "0")
        self.assertEqual(self.look(pump, url), ["fixed"])

    def test_limit_that_never_gets_a_response(self):
        """After the last attempt the finding is held and notified."""
        url, pump = self.bad("bad"), self.pump(SQS_QUEUE=self.work)
        notified.cloud.proxy.refuse("dynamodb:UpdateItem", code="InternalServerError", status=500)
        self.own.send_message(QueueUrl=self.work, MessageBody=json.dumps(
            {**json.loads(self.line(url)), "attempt": 12}))
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual((self.news(), self.again()), (["held"], []))
        self.assertEqual(self.statements(url), OPEN)

    def test_table_that_does_not_exist(self):
        url = self.bad("bad")
        self.dynamodb.delete_table(TableName=TABLE)
        self.assertEqual(self.look(self.pump(), url), ["held"])
        self.assertEqual(self.statements(url), OPEN)

    def test_requests_to_a_throttled_table_are_retried(self):
        url, pump = self.bad("bad"), self.pump()
        for operation in ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"):
            notified.cloud.proxy.refuse(operation, code="ThrottlingException", status=400, times=2)
        self.assertEqual(self.look(pump, url), ["fixed"])
        self.assertEqual(self.metrics("StateTableFailures"), 0)
        self.assertEqual(self.look(pump, url), [])

    def test_what_sns_refuses_is_notified_when_it_accepts(self):
        url, pump = self.bad("bad"), self.audits()
        rule = notified.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        self.assertEqual(len(pump.cycle().failures), 1)
        notified.cloud.proxy.rules.remove(rule)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.news(), ["non-compliant"])

    def test_repair_that_sns_does_not_accept(self):
        """The table keeps the repair: the message comes again, and then the repair is notified."""
        url, pump = self.bad("bad"), self.pump()
        rule = notified.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(self.statements(url), KEPT)
        self.assertEqual(len(pump.cycle().failures), 1, "it is compliant by now, and not notified")
        notified.cloud.proxy.rules.remove(rule)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.news(), ["fixed"])
        self.assertEqual(notified.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 1)
        self.assertEqual(self.look(pump, url), [])

    def test_repair_whose_function_dies_while_it_is_notified(self):
        url, function = self.bad("bad"), self.function()
        rule = notified.cloud.proxy.refuse("sns:Publish", code="InternalError", status=500,
                                  then=lambda: function.process.kill())
        pump = Pump(self.own, self.work, function)
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        self.assertIsNotNone(pump.cycle().error)
        self.assertEqual(self.statements(url), KEPT)
        notified.cloud.proxy.rules.remove(rule)
        self.free(*self.items("resource"))
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.news(), ["fixed"])

    def test_repair_that_sns_accepts_a_little_later(self):
        url = self.bad("bad")
        notified.cloud.proxy.refuse("sns:Publish", code="InternalError", status=500, times=2)
        self.assertEqual(self.look(self.pump(STATE_TABLE=None), url), ["fixed"])

    def test_limits_of_a_day_need_a_table(self):
        function = self.function(STATE_TABLE=None, MAX_CHANGES_PER_DAY="3")
        function.start()
        self.assertEqual(function.process.wait(60), 1)
        (body, _), = function.api.init_errors
        self.assertEqual(body["errorType"], "Engine.ConfigInvalid")
        self.assertIn("STATE_TABLE", body["errorMessage"])
        run = notified.cloud.engine("remediate", "--remediate", stdin=self.line(self.bad("bad")),
                           MAX_CHANGES_PER_DAY="3")
        self.assertEqual(run.status, 64, run)
        self.assertEqual(notified.cloud.proxy.operations(), [])


class Killed(Case):
    """The function is killed at every request of a repair, after it was sent and before: the
    resource is repaired, and the repair is notified."""

    def attempt(self, url, number, code):
        """True when the moment has come."""
        self.put(url, open_policy())
        for item in self.dynamodb.scan(TableName=TABLE)["Items"]:
            self.dynamodb.delete_item(TableName=TABLE, Key={"pk": item["pk"]})
        notified.cloud.proxy.clear()
        self.seen = 0
        function = self.function()
        pump = Pump(self.own, self.work, function)
        rule = Moment(number, code=code, status=500, then=lambda: function.process.kill())
        self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        notified.cloud.proxy.rules.append(rule)
        came = pump.cycle().error is not None
        notified.cloud.proxy.rules.remove(rule)
        for item in self.items("resource"):
            self.free(item)
        pump.drain()
        function.close()
        with self.subTest(moment=number, code=code):
            self.assertEqual(self.statements(url), KEPT)
            self.assertIn("fixed", self.news())
        return came

    def every_moment(self, code):
        url, number = self.bad("bad"), 1
        while self.attempt(url, number, code):
            number += 1
        self.assertGreater(number, 10)

    def test_after_each_request(self):
        self.every_moment(None)

    def test_before_each_request(self):
        self.every_moment("InternalFailure")


if __name__ == "__main__":
    unittest.main()
