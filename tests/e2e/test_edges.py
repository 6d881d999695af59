"""Values at and beyond the limit of each setting that decides about a verdict, on the resources of
all types at once. EDGES names the tests of limits of time and of unusual resources, which are
elsewhere. Nothing here sleeps: the tests set the clocks."""
import ast
import json
import unittest

from support import estate
from support.cloud import ROOT
from support.permissions import allow, make_role
from support.proxy import Rule
from support.type_files import ACCOUNT, REGION, every_check
from support.world import STRANGER, World

ORGANIZATION, HEAD = "o-abcdef1234", "444455556666"

# Limits that are tested elsewhere: file, class, test.
ELSEWHERE = {
    "24 hours, 90 days, 100 days": ("types/iam_user", "Users", "test_edges"),
    "DB_CHECK_TIME, 60 minutes": ("types/rds", "Databases", "test_the_grace_period"),
    "public and shared at once": ("e2e/test_acceptance", "Matrix", "test_polling_finds_every_bad_resource"),
    "IPv6, two halves: groups": ("e2e/test_breadth", "Addresses", "test_ranges_of_security_groups"),
    "IPv6, two halves: conditions": ("e2e/test_breadth", "Addresses", "test_ranges_of_conditions"),
    "two halves: prefix lists": ("types/security_group", "SecurityGroups", "test_halves_and_lists"),
    "ids of 200 characters": ("e2e/test_breadth", "Names", "test_names_of_200_characters"),
    "names with unicode": ("e2e/test_breadth", "Names", "test_names_in_other_scripts"),
    "vanished before it is read": ("e2e/test_hostile", "Ids", "test_what_does_not_exist_is_gone"),
    "vanished while it is read": ("e2e/test_breadth", "Vanishing", "test_buckets"),
    "thousands of each type": ("e2e/support/type_case", "TypeCase",
                               "test_it_is_listed_page_by_page"),
    "thousands of task sets": ("types/ecs_task_set", "TaskSets", "test_it_is_listed_page_by_page"),
    "a queue in another partition": ("e2e/test_breadth", "Partitions", "test_queues"),
    "endpoints of other partitions": ("e2e/test_endpoints", "Endpoints", "test_every_service"),
    "a bucket in another region": ("e2e/test_flow", "OneResource",
                                   "test_bucket_in_another_region_than_said"),
    "hostile lines": ("e2e/test_hostile", "Lines", "test_each_has_one_error_that_names_it"),
    "hostile ids": ("e2e/test_hostile", "Ids", "test_ids_of_every_type"),
    "hostile documents": ("e2e/test_hostile", "Documents",
                          "test_what_cannot_be_evaluated_is_unknown_and_says_why"),
    "documents of 100 kB": ("e2e/test_hostile", "Documents", "test_documents_of_100_kb_are_repaired"),
    "hostile events": ("e2e/test_hostile", "Events", "test_each_has_one_error_that_names_it"),
    "events of wrong types": ("e2e/test_events", "Forms", "test_of_wrong_types"),
    "one exemption": ("e2e/test_exceptions", "Exceptions",
                      "test_one_exemption_changes_nothing_else"),
    "exemptions among all types": ("e2e/test_acceptance", "Exemptions",
                                   "test_exempt_types_do_not_change_the_other_findings"),
}

world = None


def named(*words):
    """The checks of all types whose id ends with this word."""
    return {check for check in every_check(lambda one: one.repairs)
            if check.split(".")[1] in words}


def setUpModule():
    global world
    world = World()
    unittest.addModuleCleanup(world.close)


class Organization(Rule):
    """The responses of the organization's account, page by page."""
    accounts = ()

    def answer(self, request):
        if self.operation.endswith("DescribeOrganization"):
            answer = {"Organization": {"Id": ORGANIZATION, "Arn":
                                     f"arn:aws:organizations::{HEAD}:organization/{ORGANIZATION}"}}
        else:
            number = int(request.json().get("NextToken", "0"))
            answer = {"Accounts": [{"Id": self.accounts[number], "Status": "ACTIVE"}]}
            if number + 1 < len(self.accounts):
                answer["NextToken"] = str(number + 1)
        return 200, "application/x-amz-json-1.1", json.dumps(answer).encode()


class Edges(unittest.TestCase):
    maxDiff = None

    def audit(self, *more, **settings):
        """{(type, "bad" or "good", check): finding}, and the run."""
        lines = [(kind, word, id_) for word, ids in (("bad", world.bad), ("good", world.good))
                 for kind, id_ in ids.items()]
        run = world.engine("remediate", "--all", *more, **settings, stdin="".join(
            world.line(kind, id_) for kind, _, id_ in lines))
        words = {(kind, id_): word for kind, word, id_ in lines}
        return {(one["type"], words[one["type"], one["id"]], one["check"]): one
                for one in run.lines}, run

    def statuses(self, found, which, *checks):
        """{check: status} of these checks on the bad or the good resources; the checks are named by
        their last word."""
        return {check: one["status"] for (_, word, check), one in found.items()
                if word == which and check.split(".")[1] in checks}

    def test_dev_accounts(self):
        public = named("dev_public")
        self.assertGreaterEqual(len(public), 3)
        found, _ = self.audit(DEV_ACCOUNTS=f"{HEAD},{ACCOUNT}")
        self.assertEqual(self.statuses(found, "bad", "dev_public"),
                         dict.fromkeys(public, "non_compliant"))
        self.assertEqual(self.statuses(found, "good", "dev_public"),
                         dict.fromkeys(public, "compliant"))
        for others in (None, "", HEAD, ACCOUNT[:-1], ACCOUNT[:-1] + "9"):
            found, _ = self.audit(DEV_ACCOUNTS=others)
            self.assertEqual(self.statuses(found, "bad", "dev_public"), {}, others)

    def test_ignored_instances(self):
        instance = world.bad["ec2"]
        elb = world.aws("elb").describe_load_balancers(LoadBalancerNames=[world.bad["elb"]])
        group = world.more["elasticloadbalancing:RegisterTargets"][1]
        health = world.aws("elbv2").describe_target_health(TargetGroupArn=group)
        targets = [elb["LoadBalancerDescriptions"][0]["Instances"][0]["InstanceId"],
                   health["TargetHealthDescriptions"][0]["Target"]["Id"]]
        found, _ = self.audit(EC2_INSTANCE_IGNORE_LIST=",".join([instance, *targets]))
        self.assertEqual(self.statuses(found, "bad", "dev_public"), {
            "ec2.dev_public": "exempt", "elb.dev_public": "exempt", "elbv2.dev_public": "exempt"})
        for type_ in ("elb", "elbv2"):
            self.assertEqual(found[type_, "bad", f"{type_}.dev_public"]["exemption"]["rule"],
                             "EC2_INSTANCE_IGNORE_LIST")
        self.assertEqual(found["ec2", "bad", "ec2.imdsv1"]["status"], "non_compliant")
        near = [instance[:-1], instance + "0", targets[0][1:], "i-"]
        found, _ = self.audit(EC2_INSTANCE_IGNORE_LIST=",".join(near))
        self.assertEqual(set(self.statuses(found, "bad", "dev_public").values()),
                         {"non_compliant"})

    def test_ignored_buckets(self):
        bucket = world.bad["s3_bucket"]
        found, _ = self.audit("--remediate", "--max-changes", "0", S3_BUCKET_IGNORE_LIST=bucket)
        of_bucket = {one["status"] for (kind, word, _), one in found.items()
                     if (kind, word) == ("s3_bucket", "bad")}
        self.assertEqual(of_bucket, {"exempt"})
        self.assertEqual(found["sqs", "bad", "sqs.public"]["remediation"], "held")
        for near in (bucket[:-1], bucket + "x", bucket[1:], world.good["s3_bucket"]):
            found, _ = self.audit(S3_BUCKET_IGNORE_LIST=near)
            self.assertEqual({one["status"] for (kind, word, _), one in found.items()
                              if (kind, word) == ("s3_bucket", "bad")}, {"non_compliant"}, near)

    def test_known_accounts(self):
        shared = ("shared", "grants_access")
        self.assertGreaterEqual(len(named(*shared)), 8)
        found, _ = self.audit(KNOWN_ACCOUNTS=f"{estate.FRIEND},{STRANGER}")
        known = self.statuses(found, "bad", *shared)
        self.assertEqual(known, dict.fromkeys(named(*shared), "compliant"))
        found, _ = self.audit(KNOWN_ACCOUNTS=estate.FRIEND)
        self.assertEqual(self.statuses(found, "bad", *shared),
                         dict.fromkeys(known, "non_compliant"))
        self.assertEqual(self.statuses(found, "good", *shared), dict.fromkeys(known, "compliant"))

    def organization(self, *accounts, **refused):
        """The findings if the organization has these members, or if some reads are refused."""
        own = list(world.cloud.proxy.rules)
        for name in ("ListAccounts", "DescribeOrganization"):
            rule = Organization("organizations:" + name)
            rule.accounts = accounts
            world.cloud.proxy.rules.append(
                Rule(rule.operation, code=refused[name]) if name in refused else rule)
        try:
            return self.audit(KNOWN_ACCOUNTS=None, ORGANIZATION_ACCOUNT=HEAD)
        finally:
            world.cloud.proxy.rules[:] = own

    def test_organization(self):
        make_role(world.cloud, HEAD, allow(["organizations:ListAccounts",
                                            "organizations:DescribeOrganization"]))
        shared = ("shared", "grants_access")
        found, run = self.organization(HEAD, estate.FRIEND, STRANGER)
        inside = self.statuses(found, "bad", *shared)
        self.assertEqual(inside, dict.fromkeys(named(*shared), "compliant"), run.err)
        asked = world.cloud.proxy.operations()
        self.assertEqual((asked.count("organizations:ListAccounts"),
                          asked.count("organizations:DescribeOrganization")), (3, 1))
        found, _ = self.organization(HEAD, estate.FRIEND)
        self.assertEqual(self.statuses(found, "bad", *shared),
                         dict.fromkeys(inside, "non_compliant"))
        self.assertEqual(self.statuses(found, "good", *shared), dict.fromkeys(inside, "compliant"))

    def test_organization_that_cannot_be_read(self):
        found, run = self.organization(HEAD, ListAccounts="AccessDeniedException")
        shared = ("shared", "grants_access")
        self.assertEqual(self.statuses(found, "bad", *shared),
                         dict.fromkeys(named(*shared), "unknown"), run.err)
        public = self.statuses(found, "bad", "public", "public_acl", "public_policy",
                               "public_trust")
        self.assertEqual(set(public.values()), {"non_compliant"})
        self.assertEqual(run.status, 1)
        reported = [line for line in run.err.splitlines() if "ListAccounts" in line]
        self.assertEqual(len(reported), 1, run.err)

    def test_condition_on_the_organization(self):
        """aws:PrincipalOrgID with the id of the known organization, of another one (a stranger),
        and of none."""
        def queue(name, organization):
            return estate.queue(world.cloud, ACCOUNT, REGION, name, estate.text_of(
                estate.statement("members", "*", "sqs:SendMessage", "*", Condition={
                    "StringEquals": {"aws:PrincipalOrgID": organization}})))
        ours, others = queue("ours", ORGANIZATION), queue("others", "o-zzzzzzzzzz")
        kept = world.bad["sqs"], world.good["sqs"]
        try:
            world.bad["sqs"], world.good["sqs"] = others, ours
            found, _ = self.organization(HEAD)
            for word, status in (("bad", "non_compliant"), ("good", "compliant")):
                self.assertEqual(found["sqs", word, "sqs.shared"]["status"], status)
                self.assertEqual(found["sqs", word, "sqs.public"]["status"], "compliant")
            found, _ = self.organization(HEAD, DescribeOrganization="AccessDeniedException")
            for word in ("bad", "good"):
                self.assertEqual(found["sqs", word, "sqs.shared"]["status"], "unknown")
        finally:
            world.bad["sqs"], world.good["sqs"] = kept

    def test_required_tags(self):
        tagged, tags = named("tags"), named("tags", "instance_tags")
        self.assertGreaterEqual(len(tagged), 5)
        for wanted in ("Owner", "OWNER", "owner"):
            found, _ = self.audit(REQUIRED_TAGS=wanted)
            self.assertEqual(self.statuses(found, "bad", "tags"),
                             dict.fromkeys(tagged, "non_compliant"))
            self.assertEqual(self.statuses(found, "good", "tags", "instance_tags"),
                             dict.fromkeys(tags, "compliant"))
        found, _ = self.audit(REQUIRED_TAGS="Owner,Team")
        for (_, word, check), one in found.items():
            if word == "good" and check in tagged:
                self.assertEqual((one["status"], one["evidence"]), ("non_compliant", ["Team"]))
        for none in (None, ""):
            found, _ = self.audit(REQUIRED_TAGS=none)
            self.assertLessEqual(
                set(self.statuses(found, "bad", "tags", "instance_tags").values()), {"compliant"})

    def test_time_of_databases(self):
        for minutes, status in (("0", "non_compliant"), (None, "compliant"), ("60", "compliant")):
            found, _ = self.audit(DB_CHECK_TIME=minutes)
            self.assertEqual(found["rds", "bad", "rds.unencrypted"]["status"], status)

    def test_the_others_are_there(self):
        for what, (file, name, test) in ELSEWHERE.items():
            print(f"  {what}: {file}.{name}.{test}")
            text = (ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8")
            found = [one.name for place in ast.parse(text).body
                     if isinstance(place, ast.ClassDef) and place.name == name
                     for one in place.body if isinstance(one, ast.FunctionDef)]
            self.assertIn(test, found, what)


if __name__ == "__main__":
    unittest.main()
