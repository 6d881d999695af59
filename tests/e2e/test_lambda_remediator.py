"""The remediator as a Lambda function, with batches of a queue: which messages are done and which
come again, which findings are notified, and what remains when the function is killed."""
import json
import unittest
import urllib.parse

from support import estate
from support.proxy import Moment
from support.pump import bodies
from support.remediator import ACCOUNT, REGION, Case, open_policy

REFUSED = "444455556666"


class Batches(Case):
    def test_ten_of_which_three_fail(self):
        """Throttled and failed resources are sent again, unreadable messages come again, and
        refused resources are notified and done."""
        bad = [self.bad(f"bad-{number}") for number in range(4)]
        good = estate.queue(self.cloud, ACCOUNT, REGION, "good")
        throttled, broken, refused = (self.bad(name) for name in
                                      ("slow-down", "broken-down", "off-limits"))
        read = "sqs:GetQueueAttributes"
        self.refuse_for(read, "slow-down", code="ThrottlingException", status=400)
        self.refuse_for(read, "broken-down", code="InternalFailure", status=500)
        self.refuse_for(read, "off-limits", code="AccessDenied", status=403)
        self.send(*map(self.line, [*bad, good, throttled, broken, refused]), "not a line",
                  self.line(estate.queue(self.cloud, ACCOUNT, REGION, "gone-soon")))
        sqs = self.cloud.client("sqs", ACCOUNT)
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="gone-soon")["QueueUrl"])
        pump = self.pump()
        answer = pump.cycle()
        self.assertEqual((len(pump.batches[0]), len(answer.failures)), (10, 1), answer)
        self.assertLessEqual(set(answer.failures), set(pump.batches[0]))
        for url in bad:
            self.assertEqual(self.statements(url), ["own", "friend", "guard"])
        self.assertEqual(len(pump.deleted), 9)
        self.assertEqual(self.delayed(), 2)
        subjects = self.notices()
        self.assertEqual(sum("[fixed]" in one for one in subjects), 4, subjects)
        self.assertTrue(any("[unknown]" in one and "off-limits" in one for one in subjects))
        for name in ("slow-down", "broken-down"):
            self.assertFalse(any(name in one for one in subjects), subjects)
        self.cloud.proxy.rules.clear()
        self.cloud.proxy.clear_requests()
        pump.drain()
        self.assertEqual(bodies(self.own, self.dead), ["not a line"])
        self.assertEqual(pump.function.starts, 1)
        self.assertNotIn("DeleteMessage", json.dumps(self.cloud.proxy.operations()))

    def test_only_audits_unless_configured(self):
        url = self.bad("bad")
        self.send(self.line(url))
        pump = self.pump(self.function(REMEDIATE=None))
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        self.assertEqual([one[:15] for one in self.notices()], ["[non-compliant]"])

    def test_rules_that_cannot_be_understood(self):
        """The function continues, changes nothing, and reports the error once."""
        url = self.bad("bad")
        rules = self.cloud.path("rules.json")
        with open(rules, "w", encoding="utf-8") as file:
            json.dump({"rules": [{"type": "sqss", "reason": "agreed", "expires": "2999-12-31"}]},
                      file)
        pump = self.pump(self.function(EXCEPTIONS=rules))
        for _ in range(2):
            self.send(self.line(url))
            self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        about = [one for one in self.notices() if "exceptions" in one]
        self.assertEqual(len(about), 1, self.notices())
        self.assertIn("[unknown]", about[0])
        self.assertIn('no policy for the type "sqss", did you mean "sqs"?', self.log_text())

    def test_a_message_is_done_only_when_its_findings_are_notified(self):
        """SNS accepts nothing: the message comes again, and the resource is not repaired twice."""
        url = self.bad("bad")
        self.send(self.line(url))
        rule = self.cloud.proxy.refuse("sns:Publish", code="AuthorizationError")
        pump = self.pump()
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(self.statements(url), ["own", "friend", "guard"])
        self.cloud.proxy.rules.remove(rule)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 1)

    def test_role_that_cannot_be_assumed(self):
        """A refused role is notified, and the message is done. If STS itself throttles, the line is
        sent again."""
        self.send(self.line(self.bad("bad")))
        rule = self.cloud.proxy.refuse("sts:AssumeRole", code="Throttling", status=400)
        pump = self.pump(seconds=15)
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.delayed(), 1)
        self.assertEqual(self.notices(), [])
        self.send(self.line(self.bad("worse")))
        rule.code, rule.status = "AccessDenied", 403
        self.assertEqual(pump.cycle().failures, [])
        self.assertTrue(all("[unknown]" in one for one in self.notices()), self.notices())
        self.assertTrue(self.notices())

    def test_organization_that_cannot_be_listed(self):
        """For a temporary reason, all messages come again. If refused, the findings are notified as
        unknown, and the messages are done."""
        self.send(self.line(self.bad("bad")))
        rule = self.cloud.proxy.refuse("organizations:DescribeOrganization",
                                       code="TooManyRequestsException", status=400)
        pump = self.pump(self.function(ORGANIZATION_ACCOUNT=REFUSED), seconds=15)
        answer = pump.cycle()
        self.assertEqual(answer.error_type, "Engine.CallFailed", answer)
        self.assertEqual(self.notices(), [])
        rule.code = "AccessDeniedException"
        self.assertEqual(pump.cycle().failures, [])
        self.assertTrue(self.notices())

    def test_same_resource_twice(self):
        """A resource that several events name is repaired once."""
        url = self.bad("bad")
        self.send(*[self.line(url)] * 4)
        self.assertEqual(self.pump().cycle().failures, [])
        self.assertEqual(self.statements(url), ["own", "friend", "guard"])
        self.assertEqual(self.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 1)

    def test_change_limit_is_of_one_invocation(self):
        first, second = self.bad("first"), self.bad("second")
        pump = self.pump(self.function(MAX_CHANGES="1"), size=1)
        self.send(self.line(first), self.line(second))
        pump.drain()
        self.assertEqual([self.statements(url) for url in (first, second)],
                         [["own", "friend", "guard"]] * 2)

    def test_exceptions_are_read_again(self):
        url = self.bad("bad")
        rules = self.cloud.path("rules.json")
        with open(rules, "w", encoding="utf-8") as file:
            json.dump({"rules": [{"id": "*bad", "reason": "agreed", "owner": "me",
                                  "expires": "2999-01-01"}]}, file)
        pump = self.pump(self.function(EXCEPTIONS=rules))
        self.send(self.line(url))
        pump.cycle()
        self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        with open(rules, "w", encoding="utf-8") as file:
            json.dump({"rules": []}, file)
        self.send(self.line(url))
        pump.cycle()
        self.assertEqual((self.statements(url), pump.function.starts),
                         (["own", "friend", "guard"], 1))

    def test_exceptions_in_s3_and_ssm(self):
        url = self.bad("bad")
        text = json.dumps({"rules": [{"id": "*bad", "reason": "agreed", "expires": "2999-01-01"}]})
        self.cloud.client("s3").create_bucket(Bucket="rules")
        self.cloud.client("s3").put_object(Bucket="rules", Key="team/rules.json", Body=text)
        self.cloud.client("ssm").put_parameter(Name="/team/rules", Type="String", Value=text)
        for name in ("s3://rules/team/rules.json", "ssm:/team/rules"):
            self.send(self.line(url))
            self.assertEqual(self.pump(self.function(EXCEPTIONS=name)).cycle().failures, [])
            self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        self.assertEqual([one[:8] for one in self.notices()], ["[exempt]"] * 2)
        self.send(self.line(url))
        self.pump(self.function(EXCEPTIONS="s3://rules/none.json")).cycle()
        self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        self.assertIn("EXCEPTIONS: s3://rules/none.json cannot be read", self.log_text())

    def test_what_is_not_a_batch_is_an_error(self):
        function = self.function()
        for event in ({}, {"Records": 1}, {"Records": [{"body": "-"}]},
                      {"Records": [{"messageId": "a", "eventSource": "aws:sns"}]}):
            self.assertEqual(function.invoke(event).error_type, "Engine.EventInvalid", event)
        self.assertEqual(function.invoke({"Records": []}).body, {"batchItemFailures": []})

    def test_undo_reads_the_log(self):
        urls = [self.bad("bad-1"), self.bad("bad-2")]
        self.send(*map(self.line, urls))
        self.pump().cycle()
        with open(self.cloud.path("exported"), "w", encoding="utf-8") as file:
            for line in self.log_text().splitlines():
                file.write(f"2026-11-23T09:00:00.000Z\t2026/11/23/[$LATEST]8e1f\t{line}\n")
        run = self.cloud.engine("undo", self.cloud.path("exported"), KNOWN_ACCOUNTS=estate.FRIEND)
        self.assertEqual(run.status, 0, run)
        for url in urls:
            self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])


class Plans(Case):
    PLANS = "s3://acme-plans/engine"

    def setUp(self):
        super().setUp()
        self.s3 = self.cloud.client("s3")
        self.s3.create_bucket(Bucket="acme-plans")

    def keys(self):
        found = self.s3.list_objects_v2(Bucket="acme-plans").get("Contents", [])
        return [one["Key"] for one in found]

    def test_a_plan_is_written_notified_and_applied(self):
        """The function changes nothing; the command in the notification makes the calls."""
        url = self.bad("bad")
        pump = self.pump(self.function(REMEDIATE="false", PLANS=self.PLANS))
        for _ in range(2):  # the same plan is written once
            self.send(self.line(url))
            self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(self.statements(url), ["own", "friend", "open", "guard"])
        [key] = self.keys()
        self.assertTrue(key.startswith(f"engine/{ACCOUNT}/{REGION}/sqs/"), key)
        self.assertEqual([one[:9] for one in self.notices()], ["[planned]"] * 2)
        [body] = {urllib.parse.parse_qs(one.body.decode())["Message"][0].split("Evidence")[0]
                  for one in self.cloud.proxy.requests if one.operation == "sns:Publish"}
        self.assertIn("\nCall: sqs:SetQueueAttributes\n", body)
        command = body.partition("To make its calls: engine ")[2].splitlines()[0].split()
        self.assertEqual(command, ["apply", f"s3://acme-plans/{key}"])
        run = self.cloud.engine(*command, KNOWN_ACCOUNTS=estate.FRIEND)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.statements(url), ["own", "friend", "guard"])
        self.assertEqual(self.keys(), [key, key + ".journal"])

    def test_without_its_plan_nothing_is_notified(self):
        self.s3.delete_bucket(Bucket="acme-plans")
        self.send(self.line(self.bad("bad")))
        pump = self.pump(self.function(REMEDIATE="false", PLANS=self.PLANS))
        self.assertEqual(len(pump.cycle().failures), 1)
        self.assertEqual(self.notices(), [])
        self.assertIn("The specified bucket does not exist", self.log_text())
        self.s3.create_bucket(Bucket="acme-plans")
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(len(self.notices()), 1)


class Poisoned(Case):
    def test_an_unreadable_message_ends_in_the_dead_letter_queue(self):
        poison = ["", "{", "[]", '{"type":"sqs"}', self.line("x").replace("sqs", "nonsense")]
        self.send(*[text for text in poison if text], self.line(self.bad("bad")))
        pump = self.pump()
        pump.drain()
        self.assertEqual(len(pump.batches), 3)
        self.assertEqual(len(bodies(self.own, self.dead)), 4)
        self.assertEqual(len(pump.deleted), 1)
        self.assertEqual(pump.function.starts, 1)


class Killed(Case):
    """The function is killed at every request of a batch: after it was sent, and before."""
    names = ("one", "two", "three")

    def make_bad(self):
        return [self.bad(name) for name in self.names]

    def restore(self, urls):
        sqs = self.cloud.client("sqs", ACCOUNT, REGION)
        for url in urls:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": open_policy()})
        self.cloud.proxy.clear()

    def changes(self):
        """The changes that reached AWS."""
        return sorted(one.json()["QueueUrl"] for one in self.cloud.proxy.requests
                      if one.operation == "sqs:SetQueueAttributes" and one.status == 200)

    def attempt(self, urls, number, code):
        """True when the moment has come."""
        self.restore(urls)
        self.send(*map(self.line, urls))
        function = self.function()
        pump = self.pump(function)
        rule = Moment(number, code=code, status=500, then=lambda: function.process.kill())
        self.cloud.proxy.rules.append(rule)
        first = pump.cycle()
        came = rule.hits >= number
        self.assertEqual(first.error is not None, came, (number, first))
        pump.drain()
        function.close()
        with self.subTest(moment=number, code=code):
            self.assertEqual([self.statements(url) for url in urls],
                             [["own", "friend", "guard"]] * 3)
            self.assertEqual(self.changes(), sorted(urls))
            self.assertEqual(sorted(map(json.loads, pump.deleted), key=str),
                             sorted(map(json.loads, map(self.line, urls)), key=str))
            self.assertEqual(bodies(self.own, self.dead), [])
        return came

    def every_moment(self, code):
        urls = self.make_bad()
        number = 1
        while self.attempt(urls, number, code):
            number += 1
        self.assertGreater(number, 3 * 5)

    def test_after_each_request(self):
        self.every_moment(None)

    def test_before_each_request(self):
        self.every_moment("InternalFailure")


if __name__ == "__main__":
    unittest.main()
