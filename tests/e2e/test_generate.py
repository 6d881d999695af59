"""What `engine generate` makes of the shipped policies: the generated files are up to date, the
patterns match the watched events and no others, and the permissions are those that are declared."""
import itertools
import json
import re
import subprocess
import unittest

from support.cloud import ROOT, Cloud, Ministack
from support.engine import ENGINE
from support.permissions import generate, permissions

OUTDATED = "is not what the policies say: run script/generate"
# The engine's own reads.
OWN = {"ec2:DescribeRegions", "iam:SimulatePrincipalPolicy", "organizations:ListAccounts",
       "organizations:DescribeOrganization", "organizations:ListAccountsForParent",
       "organizations:ListOrganizationalUnitsForParent"}

# The keys of a policy file's events and the actions of its permissions, read without the engine.
DECLARED = """
package.path = "tests/lua/?.lua;policies/?.lua"
local json, sandbox = require "support.json", require "support.sandbox"
local all = {}
for i, name in ipairs(arg) do
  local policy = sandbox.load(name)
  local one = { type = policy.type, events = json.list {}, read = json.list {}, write = json.list {} }
  for event in pairs(policy.events or {}) do table.insert(one.events, event) end
  for _, access in ipairs { "read", "write" } do
    for key, value in pairs(policy.permissions[access] or {}) do
      table.insert(one[access], type(key) == "string" and key or value)
    end
  end
  all[i] = one
end
print(json.encode(all))
"""


def declared():
    names = sorted(path.stem for path in (ROOT / "policies").glob("*.lua"))
    listed = subprocess.run(["lua5.4", "-", *names], input=DECLARED, capture_output=True, text=True,
                            check=True, cwd=ROOT)
    return json.loads(listed.stdout)


def actions(document, key="Action"):
    found = [one for statement in json.loads(document)["Statement"] for one in statement[key]]
    assert len(found) == len(set(found)), found
    return set(found)


class Files(unittest.TestCase):
    maxDiff = None

    def test_the_event_patterns_are_up_to_date(self):
        path = ROOT / "member_account_setup" / "events_to_watch.json"
        self.assertEqual(path.read_text(), generate("events"), f"{path} {OUTDATED}")

    def test_the_patterns_of_security_hub_are_up_to_date(self):
        path = ROOT / "member_account_setup" / "security_hub_events.json"
        self.assertEqual(path.read_text(), generate("security-hub"), f"{path} {OUTDATED}")

    def test_the_tables_of_checks_are_up_to_date(self):
        path = ROOT / "docs" / "checks.md"
        self.assertEqual(path.read_text(), generate("checks"), f"{path} {OUTDATED}")

    def test_the_pages_of_the_types_are_up_to_date(self):
        folder = ROOT / "docs" / "checks"
        types = [one["type"] for one in declared()]
        self.assertEqual(sorted(path.stem for path in folder.iterdir()), sorted(types))
        for name in types:
            path = folder / f"{name}.md"
            self.assertEqual(path.read_text(), generate("pages", "--types", name),
                             f"{path} {OUTDATED}")

    def test_the_table_of_checks_leads_to_each_check(self):
        """The anchor of a heading is its text without the dot, on GitHub and on GitLab."""
        linked = re.findall(r"^\| \[`([\w.]+)`\]\((checks/\w+\.md)#(\w+)\) ", generate("checks"), re.M)
        checks = [one["id"] for one in json.loads(generate("checks", "--format", "json"))]
        self.assertEqual([check for check, _, _ in linked], checks)
        for check, page, anchor in linked:
            self.assertEqual(anchor, check.replace(".", ""))
            self.assertIn(f"\n## {check}\n", (ROOT / "docs" / page).read_text())

    def test_the_tables_of_types_are_up_to_date(self):
        for which, path in (("calls", ROOT / "docs" / "calls.md"),
                            ("maker", ROOT / "misconfiguration_maker" / "README.md")):
            run = subprocess.run(["python3", "-B", ROOT / "script" / "type_tables.py", which],
                                 capture_output=True, text=True, check=True)
            self.assertEqual(path.read_text(), run.stdout, f"{path} {OUTDATED}")

    def test_the_readme_is_up_to_date(self):
        path = ROOT / "README.md"
        run = subprocess.run(["python3", "-B", ROOT / "script" / "readme.py"], capture_output=True,
                             text=True, check=True)
        self.assertEqual(path.read_text(), run.stdout, f"{path} {OUTDATED}")
        said = re.search(r"^(\d+) resource types, (\d+) checks, (\d+) events:", run.stdout, re.M)
        policies, checks = declared(), json.loads(generate("checks", "--format", "json"))
        events = {event for one in policies for event in one["events"]}
        self.assertEqual([int(count) for count in said.groups()],
                         [len(policies), len(checks), len(events)])

    def test_the_output_is_the_same_each_time(self):
        for what in ("events", "security-hub", "permissions", "checks", "pages", "types"):
            self.assertEqual(generate(what), generate(what))


class SecurityHub(unittest.TestCase):
    """Findings about each type: what Security Hub calls the resource leads back to its id."""
    ACCOUNT, REGION = "111122223333", "eu-west-1"
    # Amazon's names: AWS Security Finding Format, "Resources", and the Service Authorization Reference.
    NAMED = {
        "ami": ("Other", "arn:aws:ec2:{r}::image/ami-1", "ami-1"),
        "ebs_snapshot": ("Other", "arn:aws:ec2:{r}::snapshot/snap-1", "snap-1"),
        "ec2": ("AwsEc2Instance", "arn:aws:ec2:{r}:{a}:instance/i-1", "i-1"),
        "ecs_service": ("AwsEcsService", "arn:aws:ecs:{r}:{a}:service/c/s", None),
        "ecs_task": ("AwsEcsTask", "arn:aws:ecs:{r}:{a}:task/c/0123456789abcdef", None),
        "ecs_task_set": ("Other", "arn:aws:ecs:{r}:{a}:task-set/c/s/ecs-svc/1", None),
        "elb": ("AwsElbLoadBalancer", "arn:aws:elasticloadbalancing:{r}:{a}:loadbalancer/web", "web"),
        "elbv2": ("AwsElbv2LoadBalancer", "arn:aws:elasticloadbalancing:{r}:{a}:loadbalancer/app/web/1", None),
        "iam_role": ("AwsIamRole", "arn:aws:iam::{a}:role/path/admin", "admin"),
        "iam_user": ("AwsIamUser", "arn:aws:iam::{a}:user/alice", "alice"),
        "kms_key": ("AwsKmsKey", "arn:aws:kms:{r}:{a}:key/12345678-1234-1234-1234-123456789012",
                    "12345678-1234-1234-1234-123456789012"),
        "lambda_function": ("AwsLambdaFunction", "arn:aws:lambda:{r}:{a}:function:f", "f"),
        "rds": ("AwsRdsDbInstance", "arn:aws:rds:{r}:{a}:db:main", "main"),
        "rds_snapshot": ("AwsRdsDbSnapshot", "arn:aws:rds:{r}:{a}:snapshot:s", "s"),
        "redshift": ("AwsRedshiftCluster", "arn:aws:redshift:{r}:{a}:cluster:c", "c"),
        "s3_bucket": ("AwsS3Bucket", "arn:aws:s3:::web", "web"),
        "security_group": ("AwsEc2SecurityGroup", "arn:aws:ec2:{r}:{a}:security-group/sg-1", "sg-1"),
        "sqs": ("AwsSqsQueue", "arn:aws:sqs:{r}:{a}:q", "https://sqs.{r}.amazonaws.com/{a}/q"),
    }

    def filled(self, text):
        return text.format(a=self.ACCOUNT, r=self.REGION)

    def translated(self, kind, name):
        finding = {"Id": "f", "AwsAccountId": self.ACCOUNT, "Region": self.REGION,
                   "Compliance": {"Status": "FAILED"}, "Workflow": {"Status": "NEW"},
                   "RecordState": "ACTIVE", "Resources": [{"Type": kind, "Id": name}]}
        event = {"detail-type": "Security Hub Findings - Imported", "source": "aws.securityhub",
                 "detail": {"findings": [finding]}}
        done = subprocess.run([ENGINE, "translate"], input=json.dumps(event), capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_each_type_is_found_by_its_arn(self):
        self.assertEqual(self.NAMED.keys() | {"region"}, {one["type"] for one in declared()})
        for kind, (name, arn, wanted) in self.NAMED.items():
            arn = self.filled(arn)
            with self.subTest(type=kind):
                self.assertEqual(self.translated(name, arn), [{
                    "account": self.ACCOUNT, "region": self.REGION, "type": kind,
                    "id": self.filled(wanted) if wanted else arn}])

    def test_a_finding_about_the_account_lists_the_region(self):
        self.assertEqual(self.translated("AwsAccount", f"AWS::::Account:{self.ACCOUNT}"), [{
            "type": "poll", "account": self.ACCOUNT, "region": self.REGION, "resource_type": "region"}])


class Events(unittest.TestCase):
    """The events are matched by an emulator of EventBridge."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(Ministack)
        cls.events = cls.cloud.client("events")
        cls.patterns = json.loads(generate("events"))
        cls.watched = sorted({event for one in declared() for event in one["events"]})

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def matches(self, source, name, bus_source=None, **detail):
        """The number of patterns that match such an event."""
        event = json.dumps({
            "id": "1", "account": "111122223333", "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1", "resources": [], "source": bus_source or f"aws.{source}",
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {"eventSource": f"{source}.amazonaws.com", "eventName": name, **detail}})
        return sum(self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=event)
                   ["Result"] for pattern in self.patterns)

    def test_the_patterns_are_within_the_limit_of_eventbridge(self):
        for pattern in self.patterns:
            self.assertLess(len(json.dumps(pattern)), 2048)

    def test_each_watched_event_matches_once(self):
        self.assertGreater(len(self.watched), 50)
        for event in self.watched:
            self.assertEqual(self.matches(*event.split(":")), 1, event)

    def test_failed_and_foreign_events_match_nothing(self):
        for event in self.watched[::5]:
            source, name = event.split(":")
            self.assertEqual(self.matches(source, name, errorCode="AccessDenied"), 0, event)
            self.assertEqual(self.matches(source, name, bus_source="my.own"), 0, event)
            self.assertEqual(self.matches("sns", name), 0, event)

    def test_no_source_is_paired_with_the_names_of_another(self):
        listed = []
        for pattern in self.patterns:
            detail = pattern["detail"]
            listed += itertools.product(pattern["source"], detail["eventSource"],
                                        detail["eventName"])
        pairs = [event.split(":") for event in self.watched]
        self.assertEqual(sorted(listed), sorted(
            (f"aws.{source}", f"{source}.amazonaws.com", name) for source, name in pairs))


class Permissions(unittest.TestCase):
    maxDiff = None

    def test_the_permissions_are_those_that_are_declared(self):
        read = {one for policy in declared() for one in policy["read"]}
        write = {one for policy in declared() for one in policy["write"]}
        self.assertEqual(actions(permissions(access="read")), read | OWN)
        self.assertEqual(actions(permissions(access="write")), write)
        self.assertEqual(actions(permissions()), read | write | OWN)

    def test_types_limits_the_permissions(self):
        for policy in declared():
            document = permissions([policy["type"]])
            self.assertEqual(actions(document),
                             {*policy["read"], *policy["write"], *OWN}, policy["type"])

    def test_iam_accepts_the_policies(self):
        document = permissions()
        self.assertLess(len(re.sub(r"\s", "", document)), 6144)
        self.assertNotIn("*", "".join(actions(document)))

    def test_only_lists_are_allowed_on_all_resources(self):
        [everything] = [one for one in json.loads(permissions())["Statement"]
                        if one["Resource"] == "*"]
        for action in everything["Action"]:
            self.assertRegex(action, r":(List|Describe|Get|Generate)")
        writes = json.loads(permissions(access="write"))
        self.assertNotIn("*", [one["Resource"] for one in writes["Statement"]])

    def test_roles_may_be_passed_to_ecs_only(self):
        [passing] = [one for one in json.loads(permissions())["Statement"]
                     if "iam:PassRole" in one["Action"]]
        self.assertEqual(passing["Condition"], {"StringEquals": {"iam:PassedToService": [
            "ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]}})
        self.assertEqual(passing["Action"], ["iam:PassRole"])

    def test_arns_are_those_of_the_partition(self):
        arns = actions(generate("permissions", "--partition", "aws-cn", "--types", "sqs,s3"),
                       "Resource") - {"*"}
        self.assertEqual(arns, {"arn:aws-cn:iam::*:role/*", "arn:aws-cn:s3:::*",
                                "arn:aws-cn:sqs:*:*:*"})


class Types(unittest.TestCase):
    def setUp(self):
        self.text = generate("types")

    def fields(self, name):
        """The fields of a class; a class can be declared in several places."""
        blocks = re.findall(rf"^---@class {re.escape(name)}\b(?!\.).*\n((?:---@field .*\n)*)",
                            self.text, re.M)
        return set(re.findall(r"^---@field (\w+)", "".join(blocks), re.M))

    def accepted(self, table):
        """The names in a table of the loader, which it accepts."""
        files = sorted((ROOT / "bindings").rglob("schema*.lua"))
        schema = "\n".join(file.read_text() for file in files)
        block = re.search(rf"^local {table} = {{(.*?)}}", schema, re.M | re.S)
        return set(re.findall(r"(\w+) = true", block.group(1)))

    def test_the_annotations_are_valid_lua(self):
        subprocess.run(["luac5.4", "-p", "-"], input=self.text, text=True, check=True)
        self.assertTrue(self.text.startswith("---@meta"))

    def test_the_fields_are_those_that_the_loader_accepts(self):
        self.assertEqual(self.fields("engine.Policy"), self.accepted("names"))
        self.assertEqual(self.fields("engine.Check"), self.accepted("check_names"))

    def test_the_declared_operations_are_annotated(self):
        self.assertLessEqual({"sqs", "s3", "ec2", "elbv2"}, self.fields("engine.Aws"))
        self.assertLessEqual({"ListQueues", "SetQueueAttributes"}, self.fields("engine.aws.sqs"))


class CommandLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(Ministack)

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def refused(self, *args):
        run = self.cloud.engine("generate", *args)
        self.assertEqual((run.status, run.out), (64, ""), run)
        return run.err

    def test_wrong_values_are_usage_errors(self):
        self.assertIn("events, security-hub, permissions, checks, pages, types", self.refused("event"))
        self.assertIn("WHAT", self.refused())
        self.assertIn("WHAT", self.refused("events", "checks"))
        self.assertIn("--access", self.refused("permissions", "--access", "all"))
        for partition in ("arn:*", "awscn", "china"):
            self.assertIn("--partition", self.refused("permissions", "--partition", partition))
        self.assertIn("queue", self.refused("permissions", "--types", "sqs,queue"))
        self.assertIn("--regions", self.refused("events", "--regions", "us-east-1"))

    def test_a_type_that_is_named_twice_counts_once(self):
        once = self.cloud.engine("generate", "checks", "--types", "sqs,s3")
        again = self.cloud.engine("generate", "checks", "--types", "s3,s3_bucket,sqs,sqs")
        self.assertEqual((once.status, once.out), (0, again.out), again)

    def test_generate_needs_no_network(self):
        for what in ("events", "security-hub", "permissions", "checks", "pages", "types"):
            run = self.cloud.engine("generate", what, AWS_ACCESS_KEY_ID=None,
                                    AWS_SECRET_ACCESS_KEY=None, EXCEPTIONS="/nowhere")
            self.assertEqual((run.status, run.err), (0, ""), run)
        self.assertEqual(self.cloud.proxy.requests, [])

    def test_a_policy_that_is_too_long_is_an_error(self):
        folder = self.cloud.directory / "many"
        folder.mkdir()
        names = ", ".join(f'["x:Thing{i:04}WithALongName"] = false' for i in range(260))
        (folder / "many.lua").write_text(
            'return policy { type = "many", title = "Many", permissions = { read = {}, write = { '
            + names + ' } }, fetch = function() end, checks = { { id = "many.a", title = "A", '
            'severity = "low", audit = function() return true end } } }')
        run = self.cloud.engine("generate", "permissions", "--policies", str(folder))
        self.assertEqual((run.status, run.out), (1, ""), run)
        self.assertIn("--access", run.err)


if __name__ == "__main__":
    unittest.main()
