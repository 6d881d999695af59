"""What may be repaired: by default nothing that stops or deletes, and nothing that cannot be
undone; otherwise what --repair and --hold-irreversible allow, in every command."""
import json
import unittest

from support import estate
from support.cloud import MASTER, Cloud
from support.deployed import OPERATOR, may_assume, trust
from support.kind import KindCase
from support.permissions import make_operator, permissions
from support.proxy import Rule

ACCOUNTS = ("111122223333", "444455556666")
REGION = "us-east-1"
TAGS = {"REQUIRED_TAGS": "Owner"}

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def line(kind, id_, account=ACCOUNTS[0]):
    return json.dumps({"account": account, "region": REGION, "type": kind, "id": id_}) + "\n"


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        for name in ("plan", "plan.journal", "journal"):
            (cloud.directory / name).unlink(missing_ok=True)

    def engine(self, *args, status, stdin="", **more):
        run = cloud.engine(*args, stdin=stdin, **{**TAGS, **more})
        self.assertEqual(run.status, status, run)
        return run

    def found(self, run):
        return {(one["id"], one["check"]): one for one in run.lines}


class Stops(Case):
    """An untagged instance, and an open queue: by default only the queue is repaired."""

    def setUp(self):
        super().setUp()
        self.ec2 = cloud.client("ec2", ACCOUNTS[0])
        subnet = self.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        self.id = self.ec2.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet,
            MetadataOptions={"HttpTokens": "required"})["Instances"][0]["InstanceId"]
        self.queue = estate.queue(cloud, ACCOUNTS[0], REGION, "open", estate.text_of(
            estate.statement("open", "*", "sqs:SendMessage", "*")))
        self.queue = self.queue.replace(cloud.emulator.url, cloud.proxy.url)
        self.lines = line("ec2", self.id) + line("sqs", self.queue)
        self.tags = (self.id, "ec2.tags")
        self.open = (self.queue, "sqs.public")

    def state(self):
        found = self.ec2.describe_instances(InstanceIds=[self.id])
        return found["Reservations"][0]["Instances"][0]["State"]["Name"]

    def outcomes(self, run):
        found = self.found(run)
        return found[self.tags]["remediation"], found[self.open]["remediation"]

    def test_an_audit_says_what_would_be_repaired(self):
        found = self.found(self.engine("remediate", status=2, stdin=self.lines))
        self.assertEqual(found[self.open]["remediation"], "available")
        held = found[self.tags]
        self.assertEqual((held["remediation"], held["impact"]), ("held", "stops"))
        self.assertIn("not in REPAIR", held["held"])
        self.assertIn("--repair ec2.tags", held["held"])
        run = self.engine("remediate", "--repair", "ec2.tags", status=2, stdin=self.lines)
        self.assertEqual(self.outcomes(run), ("available", "held"))
        run = self.engine("remediate", status=2, stdin=self.lines, REPAIR="all")
        self.assertEqual(self.outcomes(run), ("available", "available"))

    def test_a_run_that_changes_things(self):
        change = ("remediate", "--remediate", "--journal", cloud.path("journal"))
        run = self.engine(*change, status=2, stdin=self.lines)
        self.assertEqual(self.outcomes(run), ("held", "fixed"))
        self.assertEqual(self.state(), "running")
        run = self.engine(*change, status=0, stdin=self.lines, REPAIR="ec2")
        self.assertEqual(self.found(run)[self.tags]["remediation"], "fixed")
        self.assertEqual(self.state(), "stopped")
        self.assertIn("to undo it: engine undo", run.err)

    def test_a_plan_holds_what_was_admitted_and_apply_may_narrow_it(self):
        plan = ("plan", "--output", cloud.path("plan"))
        self.engine(*plan, status=2, stdin=self.lines)
        planned = [json.loads(one) for one in (cloud.directory / "plan").read_text().splitlines()]
        self.assertEqual({one["check"]: one["remediation"] for one in planned},
                         {"ec2.tags": "held", "sqs.public": "planned"})
        self.assertNotIn("steps", planned[0])
        self.engine(*plan, "--repair", "ec2.tags,sqs", status=2, stdin=self.lines)
        run = self.engine("apply", cloud.path("plan"), "--repair", "sqs", status=2)
        self.assertEqual(self.outcomes(run), ("held", "fixed"))
        self.assertIn("not in REPAIR", self.found(run)[self.tags]["held"])
        run = self.engine("apply", cloud.path("plan"), status=0)
        self.assertEqual(self.found(run)[self.tags]["remediation"], "fixed")
        self.assertEqual(self.state(), "stopped")
        self.engine("undo", cloud.path("plan.journal"), status=0)
        self.assertEqual(self.state(), "running")

    def test_accounts_of_their_own(self):
        rules = json.dumps({"*": ["all"], ACCOUNTS[0]: ["sqs"]})
        run = self.engine("remediate", "--repair", rules, status=2, stdin=self.lines)
        self.assertEqual(self.outcomes(run), ("held", "available"))
        run = self.engine("remediate", "--repair", json.dumps({ACCOUNTS[1]: ["all"]}), status=2,
                          stdin=self.lines)
        self.assertEqual(self.outcomes(run), ("held", "held"))
        self.assertIn(f"neither account {ACCOUNTS[0]} nor", self.found(run)[self.tags]["held"])

    def test_units_of_the_organization(self):
        organizations = cloud.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        root = organizations.list_roots()["Roots"][0]["Id"]
        outer = self.unit(root, "outer")
        inner = self.unit(outer, "inner")
        made = organizations.create_account(AccountName="a", Email="a@example.com")
        member = made["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=member, SourceParentId=root,
                                   DestinationParentId=inner)
        queue = estate.queue(cloud, member, REGION, "theirs", estate.text_of(
            estate.statement("open", "*", "sqs:SendMessage", "*")))
        queue = queue.replace(cloud.emulator.url, cloud.proxy.url)
        stdin = line("sqs", queue, member)

        def outcome(rules, status=2, **more):
            run = self.engine("remediate", "--repair", json.dumps(rules), status=status,
                              stdin=stdin, ORGANIZATION_ACCOUNT=MASTER, **more)
            return self.found(run)[queue, "sqs.public"]["remediation"]

        self.assertEqual(outcome({"*": [], outer: ["sqs"]}), "available")
        self.assertEqual(outcome({"*": ["all"], outer: ["ec2"]}), "held")
        self.assertEqual(outcome({outer: ["all"], inner: []}), "held")
        self.assertEqual(outcome({outer: [], inner: ["sqs.public"]}), "available")
        self.assertEqual(outcome({outer: [], member: ["all"]}), "available")
        cloud.proxy.refuse("organizations:ListAccountsForParent", code="AccessDeniedException")
        self.assertEqual(outcome({"*": ["all"], outer: []}, status=1), "held")
        self.assertEqual(outcome({outer: [], member: ["all"]}, status=1), "available")

    def unit(self, parent, name):
        made = cloud.client("organizations").create_organizational_unit(ParentId=parent, Name=name)
        return made["OrganizationalUnit"]["Id"]


class Irreversible(Case):
    """A task with a public address: stopping it must be named, and cannot be undone."""

    def setUp(self):
        super().setUp()
        ec2, self.ecs = cloud.client("ec2", ACCOUNTS[0]), cloud.client("ecs", ACCOUNTS[0])
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        self.ecs.create_cluster(clusterName="c")
        self.ecs.register_task_definition(
            family="web", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256",
            memory="512", containerDefinitions=[{"name": "w", "image": "w", "memory": 64}])
        [task] = self.ecs.run_task(
            cluster="c", taskDefinition="web", launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {
                "subnets": [subnet], "securityGroups": [group]}})["tasks"]
        interface = next(one["value"] for one in task["attachments"][0]["details"]
                         if one["name"] == "networkInterfaceId")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
        self.arn = task["taskArn"]

    def status(self):
        return self.ecs.describe_tasks(cluster="c", tasks=[self.arn])["tasks"][0]["desiredStatus"]

    def test_an_irreversible_step_is_in_the_plan_and_held_until_it_is_allowed(self):
        stdin = line("ecs_task", self.arn)
        plan, apply = ("plan", "--output", cloud.path("plan")), ("apply", cloud.path("plan"))
        self.engine(*plan, "--repair", "ecs_task", status=2, stdin=stdin)
        [planned] = [json.loads(one)
                     for one in (cloud.directory / "plan").read_text().splitlines()]
        self.assertEqual(planned["remediation"], "planned")
        self.assertIn("cannot be started again", planned["steps"][0]["irreversible"])
        [held] = self.engine(*apply, status=2).lines
        self.assertEqual(held["remediation"], "held")
        self.assertIn("cannot be undone", held["held"])
        self.assertIn("--hold-irreversible=false", held["held"])
        self.assertFalse((cloud.directory / "plan.journal").exists())
        self.assertEqual(self.status(), "RUNNING")
        run = self.engine(*apply, "--hold-irreversible=false", status=0)
        self.assertEqual(run.lines[0]["remediation"], "fixed")
        self.assertEqual(self.status(), "STOPPED")
        self.assertIn("nothing in it can be undone", run.err)
        self.assertNotIn("engine undo", run.err)

    def test_a_run_holds_irreversible_steps_as_well(self):
        change = ("remediate", "--remediate", "--repair", "all", "--journal",
                  cloud.path("journal"))
        stdin = line("ecs_task", self.arn)
        [held] = self.engine(*change, status=2, stdin=stdin).lines
        self.assertEqual((held["remediation"], self.status()), ("held", "RUNNING"))
        [fixed] = self.engine(*change, status=0, stdin=stdin, HOLD_IRREVERSIBLE="false").lines
        self.assertEqual((fixed["remediation"], self.status()), ("fixed", "STOPPED"))


class Words(Case):
    def test_unknown_names_are_usage_errors_before_anything_is_sent(self):
        cloud.proxy.clear_requests()
        for command in ("remediate", "plan"):
            run = self.engine(command, "--repair", "sqs.publik", status=64,
                              stdin=line("sqs", "https://q"))
            self.assertIn('there is no check or type "sqs.publik", did you mean "sqs.public"?',
                          run.err)
        run = self.engine("remediate", status=64, stdin="", REPAIR='{"prod":["sqs"]}')
        self.assertIn('"prod" is not an account id', run.err)
        run = self.engine("remediate", status=64, stdin="", REPAIR='{"ou-ab12-12345678":["sqs"]}')
        self.assertIn("ORGANIZATION_ACCOUNT", run.err)
        self.assertEqual(cloud.proxy.requests, [])

    def test_explain(self):
        text = self.engine("explain", "ec2.tags", status=0).out
        for part in ("Instance lacks a required tag", "Risk:", "By hand:", "Stops the instance",
                     "--repair ec2.tags", "ec2:DescribeInstances", "ec2:StopInstances",
                     "ec2:RunInstances", "https://docs.aws.amazon.com/"):
            self.assertIn(part, text)
        alias = self.engine("explain", "s3.tls", status=0).out
        self.assertIn("s3_bucket.tls (medium)", alias)
        kind = self.engine("explain", "iam_role", status=0).out
        self.assertIn("iam_role.public_trust (critical)", kind)
        self.assertIn("iam_role.shared (high)", kind)
        mfa = self.engine("explain", "iam_user.password_unused", status=0).out
        self.assertIn("CIS 3.0 1.12 ~, IAM.8 ~", mfa)
        for control in ("CIS 3.0 1.12 ~", "CIS 3.0 1.12", "cis 1.12", "1.12", "IAM.8 ~", "iam.8",
                        "CIS AWS Foundations Benchmark v5.0.0/1.11", "PCI 8.2.6",
                        "nist-800-53-r5 AC-2", "NIST.800-53.r5 AC-2(3)", "ac-2(3)", "fsbp IAM.8"):
            text = self.engine("explain", control, status=0).out
            self.assertIn("iam_user.password_unused (medium)", text, control)
            self.assertIn("iam_user.access_key_unused (medium)", text, control)
        self.assertRegex(self.engine("explain", "CIS 5.0 1.12", status=0).out, "Checks: +none")
        run = self.engine("explain", "CIS", "3.0", "2.1.44", status=64)
        self.assertIn('did you mean "CIS 3.0 2.1.4"?', run.err)
        self.assertIn("(frameworks: cis-3.0, ", self.engine("explain", "CIS 4.0 1.2", status=64).err)
        both = self.engine("explain", "CIS", status=0).out
        self.assertRegex(both, r"(?s)3\.0\.0 \(cis-3\.0\)\nCovered: .*5\.0\.0 \(cis-5\.0\)\n")
        run = self.engine("explain", "ec2.tag", status=64)
        self.assertIn('did you mean "ec2.tags"?', run.err)
        self.engine("explain", status=64)


class Starts(Rule):
    """Answers StartInstances; afterwards the instance is described as one that has stopped again,
    as EC2 does if the key of the volume cannot be used (EC2 API reference, StateReason; AWS
    re:Post, "Why does my EC2 instance not start": Client.InternalError, Client error on launch)."""
    started = False

    def takes(self, request):
        if request.operation == "ec2:StartInstances":
            self.started = True
            return True
        return self.started and request.operation == "ec2:DescribeInstances"

    def answer(self, request):
        name = request.operation.split(":")[1]
        body = "<instancesSet/>" if name == "StartInstances" else self.described
        return 200, "text/xml", (
            f'<{name}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
            f"<requestId>test</requestId>{body}</{name}Response>").encode()


class Undo(KindCase):
    """By the deployed role: with its trust policy and its permissions."""
    type = "ec2"
    environment = {"REQUIRED_TAGS": "Owner"}

    def permissions(self):
        return permissions()

    def instance(self):
        ec2 = self.aws("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        return ec2.run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet,
            MetadataOptions={"HttpTokens": "required"})["Instances"][0]["InstanceId"]

    def state(self, id_):
        found = self.aws("ec2").describe_instances(InstanceIds=[id_])
        return found["Reservations"][0]["Instances"][0]["State"]["Name"]

    def stopped(self):
        id_ = self.instance()
        self.assertEqual(self.remediate(id_)[id_, "ec2.tags"]["remediation"], "fixed")
        self.assertEqual(self.state(id_), "stopped")
        return id_

    def test_only_an_operator_can_undo_it(self):
        id_ = self.stopped()
        stranger = make_operator(self.cloud, OPERATOR.replace("operator", "ann"))
        run = self.engine("undo", self.cloud.path("journal"), **stranger)
        self.assertEqual(run.status, 2, run)
        self.assertIn("AccessDenied", run.lines[0]["why"])
        self.assertEqual(self.state(id_), "stopped")
        run = self.engine("undo", self.cloud.path("journal"))
        self.assertEqual((run.status, run.lines[0]["result"]), (0, "undone"), run)
        self.assertEqual(self.state(id_), "running")

    def test_a_failed_start_says_why(self):
        id_ = self.stopped()
        rule = Starts("ec2:StartInstances")
        rule.described = (
            "<reservationSet><item><reservationId>r-1</reservationId><instancesSet><item>"
            f"<instanceId>{id_}</instanceId><instanceState><code>80</code><name>stopped</name>"
            "</instanceState><stateReason><code>Client.InternalError</code><message>"
            "Client.InternalError: Client error on launch</message></stateReason>"
            "</item></instancesSet></item></reservationSet>")
        self.cloud.proxy.rules.append(rule)
        run = self.engine("undo", self.cloud.path("journal"), VERIFY_SECONDS="2")
        self.assertEqual((run.status, run.lines[0]["result"]), (1, "failed"), run)
        self.assertIn("AWS says: Client.InternalError: Client error on launch",
                      run.lines[0]["why"])


class Roles(unittest.TestCase):
    """Who may assume the member role, according to the deployed documents."""

    def asked(self, document, who, session="engine-change-1", external_id=""):
        return may_assume(document, {"aws:PrincipalArn": who, "sts:ExternalId": external_id,
                                     "sts:RoleSessionName": session})

    def test_trust(self):
        poller = f"arn:aws:iam::{MASTER}:role/poller"
        remediator = f"arn:aws:iam::{MASTER}:role/remediator"
        other = f"arn:aws:iam::{MASTER}:role/other"
        for external_id in ("", "chosen"):
            held = trust(external_id)
            for who in (remediator, OPERATOR):
                self.assertTrue(self.asked(held, who, external_id=external_id), who)
            self.assertTrue(self.asked(held, poller, "engine-read-1", external_id))
            self.assertFalse(self.asked(held, poller, external_id=external_id))
            self.assertFalse(self.asked(held, other, "engine-read-1", external_id))
        self.assertFalse(self.asked(trust("chosen"), OPERATOR))
        self.assertFalse(self.asked(trust(operators=()), OPERATOR))
        self.assertTrue(self.asked(trust(operators=()), remediator))

    def test_an_instance_with_an_encrypted_volume_can_be_started_again(self):
        for text in (permissions(["ec2"], "write"), permissions(["rds"], "write"), permissions()):
            [grant] = [one for one in json.loads(text)["Statement"]
                       if "kms:CreateGrant" in one["Action"]]
            self.assertEqual(grant["Condition"], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


if __name__ == "__main__":
    unittest.main()
