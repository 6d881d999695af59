"""The poller as a Lambda function that lists all regions of each account (REGIONS=all), by messages
to itself."""
import json
import unittest

from support.cloud import Cloud
from support.pager import Pager
from support.poller_case import (FIRST, REGIONS, SCHEDULED, SECOND, Entry, OfAccount,
                                 PollerCase)
from support.pump import Pump, bodies

cloud = None


def setUpModule():
    global cloud
    cloud = PollerCase.cloud = Cloud()


def tearDownModule():
    cloud.close()


class AllRegions(PollerCase):
    def all_regions(self):
        """A function whose accounts have two regions; moto would name more."""
        cloud.proxy.rules.append(Pager("ec2", "DescribeRegions", [
            {"Regions": [{"RegionName": one} for one in REGIONS]}]))
        return self.function(REGIONS="all", POLL_QUEUE=self.polls)

    def test_each_account_is_asked_for_its_regions(self):
        function = self.all_regions()
        self.assertEqual(function.invoke(SCHEDULED).body, {"places": 0, "accounts": 2})
        self.assertEqual([(one["type"], one["accounts"], one["attempt"])
                          for one in bodies(self.own, self.polls)],
                         [("poll-accounts", [FIRST], 0), ("poll-accounts", [SECOND], 0)])
        function.invoke(SCHEDULED)
        pump = Pump(self.own, self.polls, function)
        pump.drain()
        self.assertEqual(len(pump.deleted), 2 + 6)
        self.assertEqual(self.found(), sorted(self.wanted))

    def test_an_account_that_cannot_be_entered(self):
        """It has one line, which counts its places; they are not tried one by one."""
        cloud.proxy.rules.append(Entry("sts:AssumeRole"))
        function = self.all_regions()
        function.invoke(SCHEDULED)
        pump = Pump(self.own, self.polls, function)
        pump.drain()
        self.assertEqual(len(pump.deleted), 2 + 3)
        lines = bodies(self.own, self.work)
        self.assertEqual([(one["id"], one["places"], one["error"]["code"]) for one in lines
                          if one["account"] == SECOND], [("*", 2, "AccessDenied")])
        self.assertEqual(len([one for one in lines if one["account"] == FIRST]), 3)
        self.assertIn(("PlacesNotListed", 2, "poller"), function.counts())

    def test_an_account_that_is_throttled(self):
        """Only its own message is sent again."""
        cloud.proxy.rules.append(OfAccount(cloud, "ec2:DescribeRegions", SECOND,
                                           code="RequestLimitExceeded", status=503))
        function = self.all_regions()
        function.invoke(SCHEDULED)
        cloud.proxy.clear_requests()
        answer = function.invoke(self.batch(*[json.dumps(one) for one in
                                              bodies(self.own, self.polls)]), 16)
        self.assertEqual(answer.failures, [])
        sent = [(json.loads(entry["MessageBody"]), entry.get("DelaySeconds")) for one
                in cloud.proxy.requests if one.operation == "sqs:SendMessageBatch"
                for entry in one.json()["Entries"]]
        self.assertEqual([one for one in sent if one[0]["type"] == "poll-accounts"],
                         [({"type": "poll-accounts", "accounts": [SECOND], "attempt": 1}, 30)])
        self.assertEqual({one["account"] for one, _ in sent if one["type"] == "poll"}, {FIRST})
        self.assertEqual(len(sent), 1 + 3)

    def test_lines_that_are_not_accepted(self):
        """The message of the account comes again, and nothing of it was polled."""
        cloud.proxy.rules.append(OfAccount(cloud, "ec2:DescribeRegions", FIRST,
                                           code="UnauthorizedOperation", status=403))
        cloud.proxy.refuse("sqs:SendMessageBatch", code="AccessDenied")
        text = json.dumps({"type": "poll-accounts", "accounts": [FIRST], "attempt": 0})
        function = self.all_regions()
        self.assertEqual(function.invoke(self.batch(text)).failures, ["m0"])
        self.assertEqual(cloud.proxy.operations().count("sqs:SendMessageBatch"), 1)
        cloud.proxy.rules.pop(1)
        self.assertEqual(function.invoke(self.batch(text)).failures, [])
        self.assertEqual([(one["type"], one["id"]) for one in bodies(self.own, self.work)],
                         [("near", "*")])
        self.assertEqual([one["resource_type"] for one in bodies(self.own, self.polls)], ["wide"])


if __name__ == "__main__":
    unittest.main()
