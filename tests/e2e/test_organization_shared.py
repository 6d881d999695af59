"""All functions share the list of the organization's accounts through STATE_TABLE: one of them
makes the list, an incomplete or old list is not used, and another function takes over if the one
that lists dies."""
import json
import pathlib
import tempfile
import threading
import time
import unittest

from support.cloud import Cloud
from support.engine import ENGINE, environment
from support.fake_organization import FakeOrganization
from support.runtime_api import SHORT, Function

HEAD = "111111111111"
STRANGER = "999999999999"
OUTER, INNER = "ou-ab12-00000000", "ou-ab12-00000001"
REGION = "us-east-1"
TABLE = "remediator-state"
KEY = f"organization/{HEAD}"
LONG = 240  # of an invocation that lists many thousand accounts
QUEUE = f"arn:aws:sqs:{REGION}:123456789012:remediator-resource-queue"

# Each resource is one account: is it trusted? May it be repaired?
POLICY = """
local function check(resource, wanted)
  local trusted = resource:trusted(resource.id)
  if trusted == nil then error("nobody knows") end
  if trusted == wanted then return true end
  return false, "it is the other"
end
return policy {
  type = "near", title = "Things",
  permissions = { read = { "sqs:ListQueues" }, write = { "sqs:SetQueueAttributes" } },
  discover = function() end,
  fetch = function() return {} end,
  checks = {
    { id = "near.member", title = "Member", severity = "low",
      audit = function(resource) return check(resource, false) end },
    { id = "near.stranger", title = "Stranger", severity = "low", impact = "none",
      audit = function(resource) return check(resource, true) end,
      fix = function() return {} end },
  },
}
"""

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def ids(first, count):
    return [str(first * 10 ** 11 + number) for number in range(count)]


def now():
    return int(time.time())


class Ending(FakeOrganization):
    """Refuses pages of the listing after the first `ends` of them."""
    ends = None

    def answer(self, operation, sent):
        if operation == "ListAccounts" and self.ends is not None and len(self.asked) >= self.ends:
            return 400, {"__type": "AccessDeniedException", "Message": "no more of them"}
        return super().answer(operation, sent)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.table = cloud.client("dynamodb")
        self.table.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        self.aws = Ending()
        self.addCleanup(self.aws.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "near.lua").write_text(POLICY)
        self.aws.add(HEAD)
        self.count = 0

    def members(self, count):
        for one in ids(2, count):
            self.aws.add(one)
        return ids(2, count)

    def function(self, **more):
        names = {"ORGANIZATION_ACCOUNT": HEAD, "STATE_TABLE": TABLE, "ACCOUNTS": HEAD,
                 "AWS_ENDPOINT_URL_DYNAMODB": cloud.proxy.url, "ENGINE_POLICIES": str(self.folder),
                 "AWS_MAX_ATTEMPTS": "2", **more}
        self.count += 1
        function = Function([ENGINE], "remediator",
                            environment(self.folder, self.aws.url, **names),
                            str(self.folder / f"log{self.count}"))
        self.addCleanup(function.close)
        return function

    def look(self, function, *accounts, seconds=60, received=1):
        records = [{"messageId": f"m{number}", "eventSource": "aws:sqs", "eventSourceARN": QUEUE,
                    "receiptHandle": f"handle {number}",
                    "attributes": {"ApproximateReceiveCount": str(received)}, "body": json.dumps(
                        {"account": HEAD, "region": REGION, "type": "near", "id": one})}
                   for number, one in enumerate(accounts)]
        return function.invoke({"Records": records}, seconds)

    def found(self, function):
        """{account: the result of its checks}"""
        found = {}
        for line in self.log_text(function).splitlines():
            if '"check":"near.' in line:
                one = json.loads(line[line.index("{"):])
                said = one["status"] if one["status"] == "unknown" else one["check"][5:]
                found.setdefault(one["id"], set()).add(said)
        return found

    def log_text(self, function):
        return pathlib.Path(function.log).read_text(encoding="utf-8")

    def knows(self, function, *members, seconds=60):
        answer = self.look(function, *members, STRANGER, seconds=seconds)
        self.assertEqual(answer.body, {"batchItemFailures": []}, self.log_text(function))
        self.assertEqual(self.found(function), {
            **{one: {"member"} for one in members}, STRANGER: {"stranger"}})

    def items(self):
        """{key: content} of the shared items."""
        found = self.table.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        return {one["pk"]["S"]: json.loads(one["content"]["S"]) for one in found
                if one["pk"]["S"].startswith("organization/")}

    def parts(self):
        return [key for key in self.items() if key.count("/") > 1]

    def write(self, key, content):
        """Writes items into the table as if they had been written earlier, or by somebody else."""
        self.table.update_item(
            TableName=TABLE, Key={"pk": {"S": key}}, UpdateExpression="SET content = :text",
            ExpressionAttributeValues={":text": {"S": json.dumps(content, separators=(",", ":"))}})

    def change_head(self, **more):
        self.write(KEY, {**self.items()[KEY], **more})

    def table_calls(self):
        return [one for one in cloud.proxy.operations() if one.startswith("dynamodb:")]


class Sharing(Case):
    def test_ten_thousand_accounts_are_listed_once_for_all_functions(self):
        members = self.members(9999)
        self.aws.delay = 0.004
        functions = [self.function() for _ in range(8)]
        threads = [threading.Thread(target=lambda one=one: self.look(
            one, members[-1], STRANGER, seconds=LONG)) for one in functions]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for one in functions:
            self.assertEqual(self.found(one), {members[-1]: {"member"}, STRANGER: {"stranger"}},
                             self.log_text(one))
        self.assertEqual((len(self.aws.asked), len(set(self.aws.asked)),
                          self.aws.organizations_described), (500, 500, 1))
        self.knows(self.function(), members[0], members[5000])
        self.assertEqual(len(self.aws.asked), 500)
        [part] = self.parts()
        item = self.table.get_item(TableName=TABLE, Key={"pk": {"S": part}})["Item"]
        self.assertLess(len(item["content"]["S"]), 200 * 1024, "DynamoDB takes 400 KB")
        before = len(self.table_calls())
        self.knows(functions[0], members[-1])
        self.assertEqual(len(self.table_calls()), before, "it knows already")

    def test_a_list_of_several_items(self):
        members = self.members(15001)
        self.knows(self.function(), members[-1], seconds=LONG)
        self.assertEqual(len(self.parts()), 2)
        self.knows(self.function(), members[0], members[-1])
        self.assertEqual(len(self.aws.asked), 15002 // 20 + 1)

    def test_the_units_of_repair_are_shared_too(self):
        self.aws.units[OUTER].append(INNER)
        self.aws.add("200000000000", INNER)
        words = {"REPAIR": json.dumps({OUTER: ["all"]}), "ACCOUNTS": "200000000000"}
        for _ in range(2):
            self.knows(self.function(**words), HEAD)
        self.assertEqual(len(self.aws.asked), len(set(self.aws.asked)))
        self.assertIn(("ListAccountsForParent", INNER, None), self.aws.asked)
        self.assertEqual(len(self.items()), 4, "two heads, and a part of each")


class Age(Case):
    def setUp(self):
        super().setUp()
        self.member = self.members(30)[-1]
        self.knows(self.function(), self.member)
        self.asked = len(self.aws.asked)

    def test_an_aging_list_is_renewed_by_one_function(self):
        self.change_head(listed=now() - 1000)
        self.aws.add("300000000000")
        for _ in range(2):
            self.knows(self.function(), "300000000000")
        self.assertEqual(len(self.aws.asked), 2 * self.asked)

    def test_the_older_list_is_used_while_another_function_lists(self):
        self.change_head(listed=now() - 1000, claim={"token": "another", "until": now() + 60})
        self.knows(self.function(), self.member, seconds=SHORT)
        self.assertEqual(len(self.aws.asked), self.asked)

    def test_an_older_list_is_used_while_aws_refuses(self):
        self.change_head(listed=now() - 3000)
        self.aws.refuses = "ListAccounts"
        function = self.function()
        self.knows(function, self.member)
        self.assertIn("the list from 50 minutes ago is used", self.log_text(function))
        self.assertNotIn("claim", self.items()[KEY])

    def test_a_list_that_is_too_old_is_not_used(self):
        self.change_head(listed=now() - 3601)
        self.aws.refuses = "ListAccounts"
        function = self.function()
        self.assertEqual(self.look(function, self.member, STRANGER, HEAD).body,
                         {"batchItemFailures": []})
        self.assertEqual(self.found(function), {self.member: {"unknown"}, STRANGER: {"unknown"},
                                                HEAD: {"member"}})

    def test_a_list_dated_in_the_future_is_not_used(self):
        self.change_head(listed=now() + 3600)
        self.knows(self.function(), self.member)
        self.assertEqual(len(self.aws.asked), 2 * self.asked)


class Dying(Case):
    def begin(self):
        """A function dies while it lists."""
        self.members(400)
        self.aws.delay = 0.05
        function = self.function()
        thread = threading.Thread(target=self.look, args=(function, HEAD))
        thread.start()
        while len(self.aws.asked) < 5:
            time.sleep(0.01)
        function.kill()
        thread.join()
        self.aws.delay = 0
        self.aws.asked.clear()

    def test_a_function_that_died_is_replaced(self):
        self.begin()
        head = self.items()[KEY]
        self.assertNotIn("listed", head)
        self.assertEqual(self.parts(), [])
        self.assertLessEqual(head["claim"]["until"], now() + 120)
        self.change_head(claim={**head["claim"], "until": now() + 4})
        functions = [self.function() for _ in range(3)]
        threads = [threading.Thread(target=self.knows, args=(one, ids(2, 400)[-1]))
                   for one in functions]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(len(self.aws.asked), 21)

    def test_messages_of_a_function_that_waits_in_vain_come_again(self):
        self.begin()
        answer = self.look(self.function(), HEAD, STRANGER, seconds=SHORT)
        self.assertIn("another process lists it", answer.error["errorMessage"])
        self.assertEqual(self.aws.asked, [])
        self.assertEqual([one["ReceiptHandle"] for one in self.aws.shown], ["handle 0", "handle 1"])

    def test_a_claim_that_never_expires_is_ignored(self):
        """Whoever can write to the table cannot prevent all listing with one item."""
        self.begin()
        self.change_head(claim={"token": "another", "until": now() + 10 ** 6})
        self.knows(self.function(), ids(2, 400)[0])


class Cut(Case):
    def test_a_listing_that_the_deadline_cut_off_is_not_shared_but_repeated(self):
        members = self.members(999)
        self.aws.delay = 0.25  # of each of 50 pages
        function = self.function()
        answer = self.look(function, members[-1], STRANGER, seconds=SHORT)
        self.assertIn("there was not enough time", answer.error["errorMessage"])
        self.assertNotIn("listed", self.items()[KEY])
        self.assertEqual(self.parts(), [])
        self.assertEqual([one["ReceiptHandle"] for one in self.aws.shown], ["handle 0", "handle 1"])
        for one in self.aws.shown:
            self.assertTrue(30 <= one["VisibilityTimeout"] <= 30 + SHORT, one)
        while self.look(function, members[-1], STRANGER, seconds=SHORT).error:
            self.assertEqual(self.parts(), [])
        self.knows(function, members[-1])
        self.assertEqual((len(self.aws.asked), len(set(self.aws.asked))), (50, 50))
        self.knows(self.function(), members[-1])
        self.assertEqual(len(self.aws.asked), 50)

    def test_messages_come_again_soon_after_throttling(self):
        self.members(100)
        self.aws.throttles = "ListAccounts"
        answer = self.look(self.function(PATIENCE="1"), HEAD, seconds=60)
        self.assertEqual(answer.error_type, "Engine.CallFailed", answer)
        self.assertEqual([one["VisibilityTimeout"] for one in self.aws.shown], [30])
        self.assertEqual(self.parts(), [])

    def test_a_listing_that_was_refused_halfway_is_not_shared(self):
        members = self.members(200)
        self.aws.ends = 3
        function = self.function()
        self.assertEqual(self.look(function, members[0], members[-1]).body,
                         {"batchItemFailures": []})
        self.assertEqual(self.found(function), {members[0]: {"unknown"}, members[-1]: {"unknown"}})
        self.assertEqual(self.parts(), [])
        self.assertEqual(self.items()[KEY], {})
        self.aws.ends = None
        self.knows(self.function(), members[0], members[-1])

    def test_listing_takes_at_most_half_of_the_time_if_there_is_an_older_list(self):
        members = self.members(999)
        self.knows(self.function(), members[0])
        self.change_head(listed=now() - 1000)
        self.aws.delay = 0.5  # of each of 50 pages
        function = self.function()
        started = time.monotonic()
        self.knows(function, members[0], members[-1], seconds=20)
        self.assertLess(time.monotonic() - started, 15)
        self.assertEqual(self.items()[KEY]["claim"]["token"] != "", True)


class Distrust(Case):
    def setUp(self):
        super().setUp()
        self.member = self.members(30)[-1]
        self.knows(self.function(), self.member)
        self.asked = len(self.aws.asked)

    def relisted(self):
        function = self.function()
        self.knows(function, self.member)
        self.assertEqual(len(self.aws.asked), 2 * self.asked)
        self.assertIn("StateTableFailures", self.log_text(function))

    def test_a_changed_part_is_not_used(self):
        [part] = self.parts()
        self.write(part, {"": [*self.items()[part][""], STRANGER]})
        self.relisted()

    def test_a_list_with_a_missing_part_is_not_used(self):
        [part] = self.parts()
        self.table.delete_item(TableName=TABLE, Key={"pk": {"S": part}})
        self.relisted()

    def test_a_head_without_parts_is_not_used(self):
        self.change_head(parts=[])
        self.relisted()

    def test_a_list_without_the_organization_is_not_used(self):
        self.change_head(organization="*")
        self.relisted()

    def test_invalid_content_is_not_used(self):
        for content in ([], {"listed": "today"}, {"listed": now(), "generation": 7, "parts": {}}):
            self.write(KEY, content)
            self.knows(self.function(), self.member)

    def test_a_table_that_refuses_is_not_used(self):
        """Each function lists for itself, as without a table."""
        for operation in ("dynamodb:GetItem", "dynamodb:PutItem"):
            rule = cloud.proxy.refuse(operation, code="AccessDeniedException", status=400)
            self.relisted()
            cloud.proxy.rules.remove(rule)
            self.aws.asked = self.aws.asked[:self.asked]
            self.change_head(listed=now() - 3700)

    def test_if_the_table_does_not_respond_messages_come_again(self):
        """Otherwise all would list at once: the messages come again, the first two times soon."""
        cloud.proxy.refuse("dynamodb:GetItem", code="InternalServerError", status=500)
        for received, shown in ((1, 1), (2, 2), (3, 2)):
            answer = self.look(self.function(), self.member, received=received)
            self.assertIn("STATE_TABLE cannot be read", answer.error["errorMessage"])
            self.assertEqual(len(self.aws.asked), self.asked)
            self.assertEqual(len(self.aws.shown), shown)


if __name__ == "__main__":
    unittest.main()
