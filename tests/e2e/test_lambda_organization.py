"""The poller of an organization of 10,000 accounts: it lists them page by page, continues in
further invocations when its time is over, and polls every account, region and type once."""
import collections
import json
import pathlib
import tempfile
import time
import unittest

from support.engine import ENGINE, environment
from support.fake_organization import ROOT, FakeOrganization
from support.runtime_api import SHORT, Function

HEAD = "111111111111"
OUTER = "ou-ab12-00000000"
ARN = f"arn:aws:sqs:us-east-1:{HEAD}:work"
REGIONS = ("us-east-1", "eu-west-1")
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
# Amazon SQS Developer Guide, "message quotas": the size that queues of any age accept.
LARGEST = 256 * 1024
# KiB of memory that the process may use: a deployed function has 256 MB.
MEMORY = 96 * 1024
LONG = 60  # of an invocation that has enough time

POLICY = """
return policy {{
  type = "{0}", title = "Things", scope = "{1}", permissions = {{ read = {{ "sqs:ListQueues" }} }},
  discover = function(scope) scope:found("one") end,
  fetch = function() return {{}} end,
  checks = {{ {{ id = "{0}.none", title = "None", severity = "low",
    audit = function() return true end }} }},
}}
"""

REPAIRED = """
return policy {
  type = "near", title = "Things",
  permissions = { read = { "sqs:ListQueues" }, write = { "sqs:SetQueueAttributes" } },
  discover = function(scope) scope:found("one") end,
  fetch = function() return {} end,
  checks = { { id = "near.bad", title = "Bad", severity = "low", impact = "none",
    audit = function() return false, "bad" end, fix = function() return {} end } },
}
"""


def ids(first, count):
    return [str(first * 10 ** 11 + number) for number in range(count)]


def unit(number):
    return f"ou-ab12-{number:08}"


class Organization(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.aws = FakeOrganization()
        self.addCleanup(self.aws.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, scope in (("near", "region"), ("wide", "global")):
            (self.folder / f"{name}.lua").write_text(POLICY.format(name, scope))
        self.aws.add(HEAD)
        self.log = str(self.folder / "lambda.log")

    def function(self, accounts, handler="poller", **more):
        more = {"REGIONS": ",".join(REGIONS), **more}
        names = environment(self.folder, self.aws.url, ACCOUNTS=accounts,
                            ORGANIZATION_ACCOUNT=HEAD, MASTER_REGION="us-east-1",
                            POLLER_SQS=self.aws.queue("work"), POLL_QUEUE=self.aws.queue("polls"),
                            ENGINE_POLICIES=str(self.folder), **more)
        function = Function([ENGINE], handler, names, self.log)
        self.addCleanup(function.close)
        return function

    def log_text(self):
        return pathlib.Path(self.log).read_text(encoding="utf-8")

    def batch(self, texts):
        return {"Records": [{"messageId": f"m{number}", "receiptHandle": f"r{number}", "body": text,
                             "eventSource": "aws:sqs", "eventSourceARN": ARN}
                            for number, text in enumerate(texts)]}

    def drain(self, function, seconds=LONG):
        """Does the work of the event source mapping until the queue is empty, and returns the
        number of invocations for accounts and for places. Batches of places are larger than batches
        of accounts only to shorten the test."""
        counts = collections.Counter()
        while texts := self.aws.take("polls", 1000000):
            kinds = collections.defaultdict(list)
            for text in texts:
                kinds[json.loads(text)["type"]].append(text)
            for kind, size, most in (("poll-accounts", 10, seconds), ("poll", 200, LONG)):
                for first in range(0, len(kinds[kind]), size):
                    started = time.monotonic()
                    answer = function.invoke(self.batch(kinds[kind][first:first + size]), most)
                    self.assertEqual(answer.body, {"batchItemFailures": []}, self.log_text())
                    self.assertLess(time.monotonic() - started, most)
                    counts[kind] += 1
        return counts

    def polled(self):
        """How often each place was polled."""
        lines = [json.loads(one) for one in self.aws.take("work", 1000000)]
        return collections.Counter((one["account"], one["region"], one["type"]) for one in lines)

    def places(self, accounts):
        return collections.Counter(
            {(account, region, kind) for account in accounts for region, kind in
             [(REGIONS[0], "wide")] + [(region, "near") for region in REGIONS]})

    def same(self, polled, wanted):
        """Compares without printing 30,000 places."""
        self.assertEqual(sorted((polled - wanted).items())[:5], [])
        self.assertEqual(sorted((wanted - polled).items())[:5], [])

    def test_ten_thousand_accounts(self):
        """Each page takes AWS a moment, and one request in 30 is throttled, so the time of one
        invocation is not enough."""
        accounts = ids(2, 9999)
        for one in accounts:
            self.aws.add(one)
        self.aws.accounts.update({accounts[5]: "SUSPENDED", accounts[6000]: "CLOSED"})
        active = {HEAD, *accounts} - {accounts[5], accounts[6000], accounts[77]}
        self.aws.delay, self.aws.nth = 0.025, 30
        function = self.function(f"org,!{accounts[77]}")
        started = time.monotonic()
        answer = function.invoke(SCHEDULED, SHORT)
        self.assertLess(time.monotonic() - started, SHORT)
        self.assertEqual((answer.body["places"], answer.body["left"]), (0, True), self.log_text())
        self.assertLess(answer.body["accounts"], 9000)
        counts = self.drain(function, SHORT)
        self.assertGreater(counts["poll-accounts"], 500 / 10)
        self.same(self.polled(), self.places(active))
        self.assertEqual(len(self.aws.asked), 500)
        self.assertEqual(len(set(self.aws.asked)), 500, "a page was asked for twice")
        self.assertGreater(self.aws.throttled, 10)
        self.assertLess(max(self.aws.sizes), LARGEST)
        self.assertLess(function.resident(), MEMORY)
        self.assertEqual(function.starts, 1)

    def test_units_of_units(self):
        """A tree of 40 units, each within an earlier one; another tree is not listed."""
        held = [HEAD]
        for number in range(40):
            if number > 0:
                self.aws.units[unit(number // 3)].append(unit(number))
            for one in ids(2, 1200)[number * 30:number * 30 + 30]:
                self.aws.add(one, unit(number))
                held.append(one)
        self.aws.units[ROOT] = [OUTER, unit(99)]
        self.aws.add("999999999999", unit(99))
        self.aws.delay = 0.1
        words = f"{HEAD},org:{unit(7)},org:{OUTER},!{held.pop()}"
        function = self.function(words)
        self.assertTrue(function.invoke(SCHEDULED, SHORT).body["left"])
        self.drain(function, SHORT)
        self.same(self.polled(), self.places(held))
        self.assertEqual(len(self.aws.asked), len(set(self.aws.asked)))

    def test_accounts_that_come_and_go(self):
        first, second = ids(2, 2)
        self.aws.add(first)
        function = self.function("org")
        for wanted in ([HEAD, first], [HEAD, first, second], [HEAD, second]):
            for one in (first, second):
                state = "ACTIVE" if one in wanted else "PENDING_CLOSURE"
                if one in self.aws.accounts:
                    self.aws.accounts[one] = state
                elif one in wanted:
                    self.aws.add(one)
            self.assertEqual(function.invoke(SCHEDULED).body,
                             {"places": 0, "accounts": len(wanted)})
            self.drain(function)
            self.same(self.polled(), self.places(wanted))

    def test_many_named_accounts(self):
        """The accounts are in a file, because they do not fit into a variable of a function. The
        time is not enough, so another invocation continues here, too."""
        named = ids(3, 3000)
        (self.folder / "named.txt").write_text("\n".join(named))
        function = self.function(f"@{self.folder}/named.txt")
        self.aws.slow_s = 0.5
        answer = function.invoke(SCHEDULED, SHORT)
        self.assertTrue(answer.body["left"], answer)
        self.aws.slow_s = 0
        self.drain(function)
        self.same(self.polled(), self.places(named))
        self.assertLess(answer.body["places"], 9000)
        self.assertEqual(self.aws.asked, [])

    def test_all_regions_of_each_account(self):
        """Each account is asked once, whatever the number of pages; global types are polled once.
        A queue may deliver a message twice."""
        accounts = ids(2, 49)
        for number, one in enumerate(accounts):
            self.aws.add(one)
            self.aws.regions[one] = ["us-east-1", "af-south-1", "eu-west-1"][:number % 3 + 1]
        self.aws.refuses = accounts[10]
        function = self.function("org", REGIONS="all")
        self.assertEqual(function.invoke(SCHEDULED).body, {"places": 0, "accounts": 50})
        self.drain(function)
        asked = collections.Counter(one[1] for one in self.aws.asked if one[0] == "DescribeRegions")
        self.assertEqual(asked, dict.fromkeys([HEAD, *accounts], 1))
        self.assertEqual(len(self.aws.sessions), len({one[0] for one in self.aws.sessions}) + 1)
        lines = [json.loads(one) for one in self.aws.take("work", 1000)]
        [refused] = [one for one in lines if one["id"] == "*"]
        self.assertEqual((refused["account"], refused["region"], refused["type"]),
                         (accounts[10], "us-east-1", "near"))
        self.assertIn("regions that are enabled", refused["error"]["message"])
        found = collections.Counter((one["account"], one["region"], one["type"]) for one in lines)
        wanted = collections.Counter(
            {(one, region, "near") for one in [HEAD, *accounts] for region in
             self.aws.regions[one] if one != accounts[10]} |
            {(one, "us-east-1", "wide") for one in [HEAD, *accounts]} |
            {(accounts[10], "us-east-1", "near")})
        self.same(found, wanted)
        again = json.dumps({"type": "poll-accounts", "accounts": [HEAD], "attempt": 0})
        self.aws.queues["polls"] += [again, again]
        self.drain(function)
        self.assertEqual(set(self.polled()), {one for one in wanted if one[0] == HEAD})

    def test_an_organization_that_refuses_to_be_listed(self):
        """Nothing is polled, so the invocation must fail."""
        self.aws.refuses = "ListAccounts"
        function = self.function("org")
        answer = function.invoke(SCHEDULED)
        self.assertEqual(answer.error_type, "Engine.CallFailed", answer)
        self.assertEqual(self.aws.queues["polls"], [])
        text = json.dumps({"type": "poll-accounts", "parents": [""], "attempt": 0})
        self.assertEqual(function.invoke(self.batch([text])).failures, ["m0"])

    def test_a_page_that_does_not_come(self):
        """The scheduled invocation ends well, so that Lambda does not repeat it, and another one
        continues with that page."""
        for one in ids(2, 99):
            self.aws.add(one)
        self.aws.silent = json.dumps(["ListAccounts", "", 60])
        self.addCleanup(self.aws.hung.set)
        function = self.function("org")
        answer = function.invoke(SCHEDULED, SHORT)
        self.assertEqual(answer.body, {"places": 0, "accounts": 60, "left": True}, answer)
        self.aws.silent = None
        self.drain(function)
        self.same(self.polled(), self.places([HEAD, *ids(2, 99)]))
        self.assertEqual(function.starts, 1)

    def test_throttled_all_the_time(self):
        """Each invocation passes the work on to a later one; in the end it is given up with an
        error."""
        self.aws.add(ids(2, 1)[0])
        self.aws.nth = 1
        function = self.function("org")
        self.assertTrue(function.invoke(SCHEDULED, SHORT).body["left"])
        [text] = self.aws.take("polls", 10)
        self.assertEqual(json.loads(text)["attempt"], 1)
        last = json.dumps({**json.loads(text), "attempt": 12})
        self.assertEqual(function.invoke(self.batch([last]), SHORT).failures, ["m0"])
        self.aws.nth = 0
        self.aws.queues["polls"].append(last)
        self.drain(function)
        self.same(self.polled(), self.places([HEAD, ids(2, 1)[0]]))

    def invoke_twice(self, function, line, page):
        """The page comes when the first invocation has stopped."""
        self.aws.silent = json.dumps(page)
        self.addCleanup(self.aws.hung.set)
        first = function.invoke(self.batch([line]), SHORT)
        self.assertTrue(self.aws.hung.is_set(), self.log_text())
        return first, function.invoke(self.batch([line]), LONG)

    def test_who_is_trusted_in_an_organization_that_takes_long(self):
        """The remediator also lists the organization. If the time of one invocation is not enough,
        the next one of the same process continues, and no page is requested twice."""
        for one in ids(2, 999):
            self.aws.add(one)
        self.aws.nth = 9
        function = self.function("org", "remediator")
        line = json.dumps({"account": HEAD, "region": REGIONS[0], "type": "near", "id": "one"})
        first, second = self.invoke_twice(function, line, ["ListAccounts", "", 500])
        self.assertIn("cannot be read", first.error["errorMessage"])
        self.assertEqual(second.body, {"batchItemFailures": []}, self.log_text())
        self.assertEqual(len(self.aws.asked), 50)
        self.assertEqual(len(set(self.aws.asked)), 50, "a page was asked for twice")
        self.assertEqual(function.starts, 1)

    def repairs_by_unit(self):
        """A remediator that may repair in the outer unit, which holds 300 accounts in ten units;
        and the line of the last account."""
        (self.folder / "near.lua").write_text(REPAIRED)
        for number in range(1, 11):
            self.aws.units[OUTER].append(unit(number))
            for one in ids(2, 300)[number * 30 - 30:number * 30]:
                self.aws.add(one, unit(number))
        function = self.function(HEAD, "remediator", REPAIR=json.dumps({OUTER: ["all"]}))
        return function, json.dumps({"account": ids(2, 300)[-1], "region": REGIONS[0],
                                     "type": "near", "id": "one"})

    def found(self):
        """The outcome of the check, each time that it was notified."""
        lines = [line[line.index("{"):] for line in self.log_text().splitlines()
                 if '"check":"near.bad"' in line]
        return [json.loads(line)["remediation"] for line in lines]

    def test_repairs_by_units_that_take_long(self):
        """The units are listed after the trusted accounts, and the next invocation continues here,
        too."""
        function, line = self.repairs_by_unit()
        first, second = self.invoke_twice(function, line,
                                          ["ListAccountsForParent", unit(5), 20])
        self.assertIn("the organizational units of REPAIR cannot be listed",
                      first.error["errorMessage"])
        self.assertEqual(second.body, {"batchItemFailures": []}, self.log_text())
        self.assertEqual(self.found(), ["available"])
        self.assertEqual(len(self.aws.asked), len(set(self.aws.asked)), "a page was asked for twice")
        self.assertEqual(function.starts, 1)

    def test_repairs_by_units_that_are_throttled(self):
        """Throttling does not hold the repair, and nobody waits for a quarter of an hour: the
        message comes again."""
        function, line = self.repairs_by_unit()
        self.aws.throttles = "ListAccountsForParent"
        answer = function.invoke(self.batch([line]), SHORT)
        self.assertIn("the organizational units of REPAIR cannot be listed",
                      answer.error["errorMessage"])
        self.aws.throttles = None
        answer = function.invoke(self.batch([line]), LONG)
        self.assertEqual(answer.body, {"batchItemFailures": []}, self.log_text())
        self.assertEqual(self.found(), ["available"])

    def test_invalid_messages(self):
        bad = [{"accounts": ["1"]}, {"accounts": [7]}, {"parents": ["o-a1b2c3d4e5"]},
               {"parents": [None]}, {"parents": [OUTER], "units": ["o-a1b2c3d4e5"]},
               {"parents": [OUTER], "units": []}, {"accounts": [HEAD], "attempt": -1},
               {"accounts": [HEAD], "attempt": 13}]
        texts = [json.dumps({"type": "poll-accounts", **one}) for one in bad]
        function = self.function("org")
        self.assertEqual(function.invoke(self.batch(texts)).failures, [f"m{number}" for number in range(len(bad))])
        self.assertEqual(self.aws.asked, [])
        text = json.dumps({"type": "poll-accounts", "parents": [OUTER]})
        answer = self.function(HEAD).invoke(self.batch([text]))
        self.assertEqual(answer.failures, ["m0"], "ACCOUNTS no longer names an organization")


if __name__ == "__main__":
    unittest.main()
