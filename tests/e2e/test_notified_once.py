"""STATE_TABLE, in a table of an emulator: the remediator notifies each finding once, holds a
finding whose repair keeps being undone, and functions share a daily limit."""
import json
import threading
import time
import unittest

from support import estate, notified
from support.pump import bodies
from support.notified import ACCOUNT, KEPT, OPEN, REGION, TABLE, Case, open_policy


def setUpModule():
    notified.open_cloud()


def tearDownModule():
    notified.cloud.close()


class Life(Case):
    def test_a_finding_is_notified_from_its_appearance_to_its_end(self):
        """A finding is notified when it appears, changes, and is repaired; the engine is silent
        between these events and afterwards."""
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

    def test_a_finding_that_somebody_corrects_is_resolved_once(self):
        url, pump = self.bad("bad"), self.audits()
        self.look(pump, url)
        self.put(url, estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT)[:2]))
        self.assertEqual(self.look(pump, url), ["resolved"])
        self.assertEqual(self.look(pump, url), [])
        self.put(url, open_policy())
        self.assertEqual(self.look(pump, url), ["non-compliant"])

    def test_findings_of_a_deleted_resource_are_resolved_once(self):
        url, pump = self.bad("bad"), self.audits()
        self.look(pump, url)
        notified.cloud.client("sqs", ACCOUNT, REGION).delete_queue(QueueUrl=url)
        self.assertEqual(self.look(pump, url), ["resolved"])
        self.assertEqual(self.look(pump, url), [])

    def test_commands_share_it_with_functions(self):
        url = self.bad("bad")
        self.assertEqual(self.look(self.audits(), url), ["non-compliant"])
        run = notified.cloud.engine("remediate", stdin=self.line(url), STATE_TABLE=TABLE,
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
        """Each subscription has a queue, which shows what it received."""
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
        notified = json.loads(item["content"]["S"])
        self.set(item, "content", {"S": json.dumps({**notified, "day": "2026-01-01"})})

    def test_the_summary_is_sent_once_a_day(self):
        """Not on the first day of the table; one of the functions sends it; it contains what is
        open by then."""
        urls = [self.bad(name) for name in ("one", "two")]
        self.assertEqual(self.look(self.audits(), *urls), ["non-compliant"] * 2)
        self.yesterday()
        good = estate.queue(notified.cloud, ACCOUNT, REGION, "good")
        self.assertEqual(self.look(self.audits(), good), ["open"])
        self.assertIn("2 findings (2 ", self.notices()[-1])
        self.assertEqual(self.look(self.audits(), good), [])
        self.yesterday()
        self.assertEqual(self.look(self.pump(), urls[0]), ["fixed", "open"])
        self.assertIn("1 findings (1 ", self.notices()[-1])


    def test_a_deleted_resource_is_resolved(self):
        """Neither an event nor a poll reports a deleted resource: the daily summary has it audited
        once more."""
        url = self.bad("gone")
        self.look(self.audits(), url)
        self.yesterday()
        notified.cloud.client("sqs", ACCOUNT, REGION).delete_queue(QueueUrl=url)
        item, = self.items("resource")
        content = json.loads(item["content"]["S"])
        content["seen"] -= 3 * 86400 + 3600
        self.set(item, "content", {"S": json.dumps(content)})
        good = estate.queue(notified.cloud, ACCOUNT, REGION, "good")
        pump = self.pump(REMEDIATE=None, SQS_QUEUE=self.work)
        self.assertEqual(self.look(pump, good), ["open"])
        pump.drain()
        self.assertEqual(self.news(), ["resolved"])
        item, = self.items("resource")
        self.assertEqual(item["open_checks"]["N"], "0")


class FlipFlop(Case):
    def test_a_finding_is_held_after_some_rounds(self):
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
        """All functions run at the same time, each with its batch; returns their answers."""
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
        """Two functions have eight resources to repair, and may repair three."""
        urls = [self.bad(f"bad-{number}") for number in range(8)]
        functions = [self.function(MAX_CHANGES_PER_DAY="3") for _ in range(2)]
        for answer in self.at_once(functions, urls[:4], urls[4:]):
            self.assertEqual(answer.failures, [])
        self.assertEqual(notified.cloud.proxy.operations().count("sqs:SetQueueAttributes"), 3)
        self.assertEqual(sum(self.statements(url) == KEPT for url in urls), 3)
        news = self.news()
        self.assertEqual((news.count("fixed"), news.count("held")), (3, 5))
        item, = self.items("changes")
        self.assertEqual(item["change_count"]["N"], "3")
        self.assertIn(f"changes/{ACCOUNT}/20", item["pk"]["S"])
        held = self.look(self.pump(MAX_CHANGES_PER_DAY="3"), self.bad("another"))
        self.assertEqual(held, ["held"])
        # The count starts again on the next day.
        self.dynamodb.delete_item(TableName=TABLE, Key={"pk": item["pk"]})
        left = [url for url in urls if self.statements(url) == OPEN][:3]
        self.assertEqual(self.look(self.pump(MAX_CHANGES_PER_DAY="3"), *left), ["fixed"] * 3)

    def test_two_functions_notify_once(self):
        """SNS is slow, so that both functions have the finding to notify at the same time."""
        url = self.bad("bad")
        notified.cloud.proxy.refuse("sns:Publish", code=None, then=lambda: time.sleep(1))
        functions = [self.function(REMEDIATE=None) for _ in range(2)]
        for answer in self.at_once(functions, [url], [url]):
            self.assertEqual(answer.failures, [])
        self.assertEqual(self.news(), ["non-compliant"])


if __name__ == "__main__":
    unittest.main()
