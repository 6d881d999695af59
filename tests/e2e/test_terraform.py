"""The master account and a member deployed in an emulator as docs/deployment.md says: set up, applied,
planned again without a change, upgraded, rolled back, destroyed, gone. The same member by
CloudFormation."""
import json
import os
import unittest

import boto3
from botocore.exceptions import ClientError

from support.cloud import MASTER, ROOT, Cloud
from support.deployment import PREFIX, REGIONS, Deployment, member
from support.package import executable

MEMBER, STACK = "111122223333", "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"
FUNCTIONS = {"poller", "remediator", "event_translator"}
PERMISSIONS = ROOT / "member_account_setup"
PATTERNS = json.loads((PERMISSIONS / "events_to_watch.json").read_text())


def only_blanks(change):
    """moto tells a queue's RedrivePolicy with blanks, which Terraform takes for a change."""
    before, after = change["before"], change["after"]
    different = {name for name in before if before[name] != after.get(name)}
    return different == {"redrive_policy"} and (
        json.loads(before["redrive_policy"]) == json.loads(after["redrive_policy"]))


def without_none(value):
    """CloudFormation takes AWS::NoValue out of a list (its User Guide, "Pseudo parameters"); moto
    leaves null in its place."""
    if isinstance(value, list):
        return [without_none(one) for one in value if one is not None]
    if isinstance(value, dict):
        return {name: without_none(one) for name, one in value.items()}
    return value


class Deployed(unittest.TestCase):
    """In the order of their names: each step stands on those before."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        models = os.environ.get("ENGINE_MODELS", str(executable().parent / "models"))
        cls.master = Deployment(cls.cloud.emulator, str(executable()), models,
                                TF_VAR_organization_id=ORGANIZATION, TF_VAR_external_id="acme-1")
        cls.addClassCleanup(cls.master.close)

    def keys(self, account):
        """Of somebody in that account."""
        role = boto3.client("sts", endpoint_url=self.cloud.emulator.url, region_name="us-east-1",
                            aws_access_key_id="test", aws_secret_access_key="test").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/administrator", RoleSessionName="test")
        got = role["Credentials"]
        return {"aws_access_key_id": got["AccessKeyId"],
                "aws_secret_access_key": got["SecretAccessKey"],
                "aws_session_token": got["SessionToken"]}

    def client(self, service, region="us-east-1", account=MASTER):
        return boto3.client(service, endpoint_url=self.cloud.emulator.url, region_name=region,
                            **(self.keys(account) if account != MASTER else {
                                "aws_access_key_id": "test", "aws_secret_access_key": "test"}))

    def no_change(self, terraform):
        self.assertEqual([one for one in terraform.changes() if not only_blanks(one)], [])

    def code(self, region, name):
        return self.client("lambda", region).get_function_configuration(FunctionName=name)

    # ---- steps ----

    def test_1_setup(self):
        for _ in range(2):
            self.master.script("setup.sh")
        for region in REGIONS:
            bucket = f"{PREFIX}-{region}"
            s3 = self.client("s3", region)
            where = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
            self.assertEqual(where or "us-east-1", region)
            block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            self.assertEqual(set(block.values()), {True})
            [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"][
                "Rules"]
            self.assertEqual(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
            self.assertEqual(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
            self.assertTrue(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])

    def test_2_deploy(self):
        said = self.master.script("deploy.sh")
        self.assertIn("Apply complete!", said)
        self.no_change(self.master)
        type(self).first = {name: self.master.outputs()[name]
                            for name in ("package_key", "policies_key")}

    def test_3_queues(self):
        sqs = self.client("sqs")
        for name, delay in (("remediator-resource-queue", "90"), ("remediator-poll-queue", "0")):
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            self.assertEqual(held["DelaySeconds"], delay)
            self.assertGreaterEqual(int(held["VisibilityTimeout"]), 6 * 300)
            self.assertEqual(held["SqsManagedSseEnabled"], "true")
            redrive = json.loads(held["RedrivePolicy"])
            self.assertTrue(redrive["deadLetterTargetArn"].endswith(name + "-dead-letter"))
            [statement] = json.loads(held["Policy"])["Statement"]
            self.assertEqual((statement["Effect"], statement["Condition"]),
                             ("Deny", {"Bool": {"aws:SecureTransport": "false"}}))

    def test_3_topics(self):
        for region, names in (("us-east-1", {"remediator_notifications", "remediator_alarms",
                                             "remediator_event_translator_alarms"}),
                              ("us-west-2", {"remediator_event_translator_alarms"})):
            sns = self.client("sns", region)
            arns = [one["TopicArn"] for one in sns.list_topics()["Topics"]]
            self.assertEqual({arn.split(":")[-1] for arn in arns}, names)
            for arn in arns:
                held = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
                self.assertIn(":key/", held["KmsMasterKeyId"])
                self.assertIn("aws:SecureTransport", held["Policy"])

    def test_3_functions(self):
        for region, names in (("us-east-1", FUNCTIONS), ("us-west-2", {"event_translator"})):
            client = self.client("lambda", region)
            found = {one["FunctionName"]: one for one in client.list_functions()["Functions"]}
            self.assertEqual(set(found), names)
            for name, one in found.items():
                self.assertEqual((one["Runtime"], one["Handler"], one["Role"].split("/")[-1]),
                                 ("provided.al2023", name, name))
                told = one["Environment"]["Variables"]
                self.assertEqual(told["ENGINE_POLICIES"], "/opt/policies")
                self.assertNotEqual(told.get("REMEDIATE"), "true")
                groups = self.client("logs", region).describe_log_groups(
                    logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
                self.assertEqual([group["retentionInDays"] for group in groups], [365])

    def test_3_mappings(self):
        found = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        read = {one["EventSourceArn"].split(":")[-1]: one for one in found}
        self.assertEqual({name: one["FunctionArn"].split(":")[6:] for name, one in read.items()},
                         {"remediator-resource-queue": ["remediator", "live"],
                          "remediator-poll-queue": ["poller", "live"]})
        for one in found:
            self.assertEqual(one["FunctionResponseTypes"], ["ReportBatchItemFailures"])
            self.assertEqual(one["ScalingConfig"], {"MaximumConcurrency": 10})

    def test_3_buses(self):
        for region in REGIONS:
            events = self.client("events", region)
            bus = events.describe_event_bus(Name="remediator")
            [statement] = json.loads(bus["Policy"])["Statement"]
            self.assertEqual(statement["Condition"]["StringEquals"],
                             {"aws:PrincipalOrgID": ORGANIZATION})
            [rule] = events.list_rules(EventBusName="remediator")["Rules"]
            self.assertEqual(set(json.loads(rule["EventPattern"])["source"]),
                             {source for one in PATTERNS for source in one["source"]})
            self.assertEqual(self.forwarded(region, MASTER), PATTERNS)

    def test_3_alarms(self):
        found = {one["AlarmName"] for one in self.client("cloudwatch").describe_alarms()[
            "MetricAlarms"]}
        self.assertEqual(found, {
            f"{name}-{what}" for name in FUNCTIONS for what in ("errors", "throttles")} | {
            f"remediator-{name}-queue-{what}" for name in ("resource", "poll")
            for what in ("age", "dead-letters")})

    def test_3_permissions(self):
        iam = self.client("iam")
        allowed = {}
        for name in FUNCTIONS:
            document = iam.get_role_policy(RoleName=name, PolicyName=name)["PolicyDocument"]
            allowed[name] = {action for one in document["Statement"] for action in (
                one["Action"] if isinstance(one["Action"], list) else [one["Action"]])}
            self.assertNotIn("*", [one["Resource"] for one in document["Statement"]])
        logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
        queue = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
                 "sqs:ChangeMessageVisibility", "sqs:SendMessage"}
        self.assertEqual(allowed, {
            "event_translator": {*logs, "sqs:SendMessage"},
            "poller": {*logs, *queue, "sts:AssumeRole"},
            "remediator": {*logs, *queue, "sts:AssumeRole", "sns:Publish", "kms:Decrypt",
                           "kms:GenerateDataKey"}})
        self.assertEqual(self.member_policies(MASTER), {"read"})

    def test_4_only_policies_change(self):
        """A change of policies brings new layers, and the functions' package stays."""
        before = {name: self.code("us-east-1", name) for name in FUNCTIONS}
        package = self.master.changed_package("policies/sqs.lua")
        self.master.script("deploy.sh", "--package", package)
        for name, old in before.items():
            new = self.code("us-east-1", name)
            self.assertEqual(new["CodeSha256"], old["CodeSha256"])
            self.assertNotEqual(new["Layers"], old["Layers"])
        keys = [one["Key"] for one in self.client("s3").list_objects_v2(
            Bucket=f"{PREFIX}-us-east-1", Prefix="engine/")["Contents"]]
        self.assertEqual(sorted(key.split("/")[-1] for key in keys),
                         ["function-x86_64.zip", "policies.zip", "policies.zip"])

    def test_5_back(self):
        """Without building: the keys that the first deployment printed. Then by deploy.sh, from another
        machine, with the package of before."""
        changes = {one["address"]: one for one in self.master.changes(self.first)}
        layer = changes["aws_lambda_layer_version.policies[0]"]["after"]
        self.assertEqual(layer["s3_key"], self.first["policies_key"])
        poller = changes["module.poller.aws_lambda_function.this"]
        self.assertEqual(poller["after"]["s3_key"], poller["before"]["s3_key"])
        self.master.forget()
        self.master.script("deploy.sh", "apply")
        told = self.master.outputs()
        self.assertEqual({name: told[name] for name in self.first}, self.first)
        self.assertEqual(told["regions"], REGIONS)

    def member_policies(self, account):
        return set(self.client("iam", account=account).list_role_policies(
            RoleName="member_remediator")["PolicyNames"])

    def forwarded(self, region, account):
        """Patterns whose events go to the master account's bus in that region, by source."""
        events = self.client("events", region, account)
        found = []
        for rule in events.list_rules()["Rules"]:
            if not rule["Name"].startswith("remediator-"):
                continue
            [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            self.assertEqual(target["Arn"],
                             f"arn:aws:events:{region}:{MASTER}:event-bus/remediator")
            self.assertEqual(target["RoleArn"], f"arn:aws:iam::{account}:role/event_forward")
            found.append(json.loads(rule["EventPattern"]))
        return sorted(found, key=lambda one: one["source"])

    def roles(self, account):
        """What CloudFormation and Terraform must make alike."""
        iam = self.client("iam", account=account)
        found = {}
        for name in ("member_remediator", "event_forward"):
            role = iam.get_role(RoleName=name)["Role"]
            policies = {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
                        for one in iam.list_role_policies(RoleName=name)["PolicyNames"]}
            found[name] = {"trust": role["AssumeRolePolicyDocument"], "policies": policies,
                           "description": role["Description"]}
        text = json.dumps(found).replace(account, "OWN")
        return without_none(json.loads(text))

    def test_6_member(self):
        terraform = member(self.cloud.emulator, self.keys(MEMBER), MASTER,
                           TF_VAR_external_id="acme-1")
        self.addCleanup(terraform.close)
        terraform.apply()
        self.no_change(terraform)
        self.assertEqual(self.member_policies(MEMBER), {"read"})
        terraform.apply({"remediate": True})
        self.assertEqual(self.member_policies(MEMBER), {"read", "write"})
        for region in REGIONS:
            self.assertEqual(self.forwarded(region, MEMBER), PATTERNS)
        by_terraform = self.roles(MEMBER)
        self.by_cloudformation()
        self.assertEqual(self.roles(STACK), by_terraform)
        terraform.destroy({"remediate": True})
        self.assertEqual(terraform.resources(), {})
        self.assertEqual(self.left(MEMBER), {})

    def by_cloudformation(self):
        template = (PERMISSIONS / "stackset.template.json").read_text()
        given = {"Master": MASTER, "ExternalId": "acme-1", "Remediate": "true"}
        for region in REGIONS:
            self.client("cloudformation", region, STACK).create_stack(
                StackName="member", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[{"ParameterKey": name, "ParameterValue": value}
                            for name, value in given.items()])
            self.assertEqual(self.forwarded(region, STACK), PATTERNS)

    def left(self, account):
        """What there is still of what is deployed."""
        found = {"roles": self.client("iam", account=account).list_roles()["Roles"]}
        for region in REGIONS:
            def ask(service, operation, answer, **more):
                client = self.client(service, region, account)
                found[f"{region} {service} {operation}"] = getattr(client, operation)(
                    **more).get(answer, [])
            ask("sqs", "list_queues", "QueueUrls")
            ask("sns", "list_topics", "Topics")
            ask("lambda", "list_functions", "Functions")
            ask("lambda", "list_layers", "Layers")
            ask("lambda", "list_event_source_mappings", "EventSourceMappings")
            ask("events", "list_rules", "Rules")
            ask("logs", "describe_log_groups", "logGroups")
            ask("cloudwatch", "describe_alarms", "MetricAlarms")
            ask("kms", "list_aliases", "Aliases")
            buses = self.client("events", region, account).list_event_buses()["EventBuses"]
            found[f"{region} buses"] = [bus for bus in buses if bus["Name"] != "default"]
            kms = self.client("kms", region, account)
            found[f"{region} keys"] = [key for key in kms.list_keys()["Keys"] if kms.describe_key(
                KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] != "PendingDeletion"]
            aliases = f"{region} kms list_aliases"
            found[aliases] = [one for one in found[aliases]
                              if not one["AliasName"].startswith("alias/aws/")]
        return {what: held for what, held in found.items() if held}

    def test_7_uninstall(self):
        said = self.master.script("setup.sh", "--remove", status=1)
        self.assertIn("deploy.sh acme destroy", said)
        self.master.forget()
        self.master.script("deploy.sh", "destroy")
        self.assertEqual(self.left(MASTER), {})
        self.master.script("setup.sh", "--remove")
        self.assertEqual(self.client("s3").list_buckets()["Buckets"], [])
        self.master.script("setup.sh", "--remove")  # nothing is there: nothing to do

    def test_8_a_bucket_of_somebody_else(self):
        other = self.client("s3", account=STACK)
        other.create_bucket(Bucket=f"{PREFIX}-us-east-1")
        with self.assertRaises(ClientError):
            self.client("s3").create_bucket(Bucket=f"{PREFIX}-us-east-1")
        said = self.master.script("setup.sh", status=1)
        self.assertIn("acme-us-east-1", said)


if __name__ == "__main__":
    unittest.main()
