"""The master account, deployed in an emulator as docs/deployment.md describes: set up, applied,
planned again without a change, upgraded while a region and an account are removed, rolled back
while they are added again, installed beside a second deployment, and destroyed. For members, see
test_terraform_members.py."""
import concurrent.futures
import json
import unittest

from botocore.exceptions import ClientError

from support.accounts import Accounts
from support.cloud import MASTER, Cloud
from support.deployment import (ALARMS, ALARMS_OF_A_REGION, ORGANIZATION, PATTERNS, PREFIX, REGIONS,
                                UNCHANGED, deployment)
from support.permissions import OWN_ACTIONS

MEMBER, OTHER, STRANGER = "111122223333", "222233334444", "444455556666"
FUNCTIONS = {"poller", "remediator", "event_translator"}


class Second(Accounts):
    """Another PREFIX, with settings of its own in a file. Its commands mostly wait for AWS, so they
    run beside the changes of the first deployment."""

    def __init__(self, cloud, master, case):
        self.cloud, self.case = cloud, case
        self.master = master.beside()
        rules = self.master.checkout / "exceptions.json"
        rules.write_text("[]")
        self.settings = {"regions": ["us-east-1"], "exceptions": str(rules)}

    def run(self, script, *args, status=0):
        path = self.master.checkout / "second.tfvars"
        path.write_text("".join(f"{name} = {json.dumps(value)}\n"
                                for name, value in self.settings.items()))
        return self.master.script(script, "--settings", str(path), *args, prefix="other",
                                  status=status)

    def deploy(self, *args, status=0):
        return self.run("deploy.sh", "--package", self.master.zip, *args, status=status)

    def all(self):
        self.run("setup.sh")
        said = self.deploy(status=1)
        self.case.assertIn("rule poller already exists in us-east-1, and belongs to the deployment "
                           "acme-us-east-1/terraform/master.tfstate", said)
        self.settings["prefix"] = "second"
        topic = self.client("sns").create_topic(Name="second-remediator_alarms")["TopicArn"]
        said = self.deploy(status=1)
        self.case.assertIn("topic second-remediator_alarms already exists in us-east-1, and belongs "
                           "to another owner: it has no tag", said)
        self.case.assertIn("nothing was created", said)
        self.client("sns").delete_topic(TopicArn=topic)
        self.deploy()
        self.case.assertEqual({one["FunctionName"] for one in self.client(
            "lambda").list_functions()["Functions"]},
            FUNCTIONS | {f"second-{name}" for name in FUNCTIONS})
        self.deploy("plan", UNCHANGED)
        self.run("deploy.sh", "destroy")
        self.run("setup.sh", "--remove")


class Deployed(Accounts, unittest.TestCase):
    """The tests run in the order of their names: each step builds on those before."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        cls.master = deployment(cls.cloud.emulator, MEMBER, OTHER)
        cls.addClassCleanup(cls.master.close)
        cls.text = cls.master.tracked()
        cls.executor = concurrent.futures.ThreadPoolExecutor(1)
        cls.addClassCleanup(cls.executor.shutdown)

    def no_change(self, terraform):
        self.assertEqual(terraform.changes(), [])

    # ---- steps ----

    def test_0_before_setup(self):
        said = self.master.script("deploy.sh", status=1)
        self.assertIn("the bucket acme-us-east-1 is missing: run setup.sh acme", said)
        for script in ("setup.sh", "deploy.sh"):
            said = self.master.script(script, status=1, prefix="Acme_1")
            self.assertIn("Acme_1 is not a PREFIX", said)
        said = self.master.script("deploy.sh", "plan", "-var", "remediate=true", status=1)
        self.assertIn("write it into terraform.tfvars", said)
        said = self.master.script("setup.sh", "--remove", "eu", status=1)
        self.assertIn("eu is not a region", said)

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
            self.assertIn({"Key": "remediator:deployment", "Value": PREFIX},
                          s3.get_bucket_tagging(Bucket=bucket)["TagSet"])

    def test_2_deploy(self):
        self.assertIn("to add", self.master.script("deploy.sh", "plan"))
        self.assertEqual(self.keys_in("us-east-1"), set(), "a plan uploads nothing")
        self.assertEqual(self.master.run("state", "list", statuses=(0, 1)).stdout, "")
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
                environment = one["Environment"]["Variables"]
                self.assertEqual(environment["ENGINE_POLICIES"], "/opt/policies")
                self.assertNotEqual(environment.get("REMEDIATE"), "true")
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
            self.assertEqual(self.heard(region), [
                {"aws:PrincipalOrgID": ORGANIZATION}, {"aws:PrincipalAccount": [MEMBER, OTHER]}])
            [rule] = events.list_rules(EventBusName="remediator")["Rules"]
            self.assertEqual(set(json.loads(rule["EventPattern"])["source"]),
                             {source for one in PATTERNS for source in one["source"]})
            self.assertEqual(self.forwarded(region, MASTER), PATTERNS)

    def test_3_alarms(self):
        for region, names in (("us-east-1", ALARMS | ALARMS_OF_A_REGION | {
                "event_translator-no-event"}), ("us-west-2", ALARMS_OF_A_REGION)):
            found = self.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
            self.assertEqual({one["AlarmName"] for one in found}, names)
            for one in found:
                self.assertEqual(len(one["AlarmActions"]), 1, one)

    def test_3_failed_messages_are_kept(self):
        """Targets and functions have dead-letter queues, which exist and accept the messages."""
        for region in REGIONS:
            events = self.client("events", region)
            kept = {}
            for bus in ("default", "remediator"):
                for rule in events.list_rules(EventBusName=bus)["Rules"]:
                    [target] = events.list_targets_by_rule(EventBusName=bus, Rule=rule["Name"])[
                        "Targets"]
                    arn = target["DeadLetterConfig"]["Arn"]
                    kept.setdefault(arn.split(":")[-1], []).append(rule["Arn"])
            names = {"event_forward-dead-letter", "event_translator-dead-letter"}
            once = {"poller-schedule-dead-letter"} if region == "us-east-1" else set()
            self.assertEqual(set(kept), names | once)
            for name, rules in kept.items():
                self.assertEqual(sorted(self.senders(region, name)), sorted(rules))
            for name in ("event_translator", *(["poller"] if region == "us-east-1" else [])):
                config = self.client("lambda", region).get_function_event_invoke_config(
                    FunctionName=name, Qualifier="live")
                arn = config["DestinationConfig"]["OnFailure"]["Destination"]
                self.assertIn(arn.split(":")[-1], kept)

    def test_3_table(self):
        dynamodb = self.client("dynamodb")
        table = dynamodb.describe_table(TableName="remediator-state")["Table"]
        self.assertEqual(table["KeySchema"], [{"AttributeName": "pk", "KeyType": "HASH"}])
        self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        topic = f"arn:aws:sns:us-east-1:{MASTER}:remediator_notifications"
        key = self.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
        self.assertEqual(table["SSEDescription"]["KMSMasterKeyArn"], key["KmsMasterKeyId"])
        described = dynamodb.describe_time_to_live(TableName="remediator-state")
        self.assertEqual(described["TimeToLiveDescription"], {
            "TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"})
        kept = dynamodb.describe_continuous_backups(TableName="remediator-state")
        self.assertEqual(kept["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
            "PointInTimeRecoveryStatus"], "ENABLED")
        document = self.client("iam").get_role_policy(
            RoleName="remediator", PolicyName="state")["PolicyDocument"]
        self.assertEqual(document["Statement"][0]["Resource"], table["TableArn"])
        own = json.loads(dynamodb.get_resource_policy(ResourceArn=table["TableArn"])["Policy"])
        self.assertEqual(own["Statement"][0]["Condition"]["ArnNotEquals"],
                         {"aws:PrincipalArn": f"arn:aws:iam::{MASTER}:role/remediator"})

    def test_3_permissions(self):
        """What the functions call, what Lambda calls for them, and the key of topic and table."""
        iam = self.client("iam")
        allowed = {}
        for name in FUNCTIONS:
            documents = [
                iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]]
            held = [one for document in documents for one in document["Statement"]]
            allowed[name] = {action for one in held for action in (
                one["Action"] if isinstance(one["Action"], list) else [one["Action"]])}
            self.assertNotIn("*", [one["Resource"] for one in held])
        logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
        mapping = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
        keys = {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
                "kms:GenerateDataKey*", "kms:ReEncrypt*"}
        self.assertEqual(allowed, {
            "event_translator": {*logs, *OWN_ACTIONS["event_translator"]},
            "poller": {*logs, *mapping, *OWN_ACTIONS["poller"]},
            "remediator": {*logs, *mapping, *keys, *OWN_ACTIONS["remediator"]}})
        self.assertEqual(self.member_policies(MASTER), {"read"})

    def test_4_upgrade(self):
        """A change of the policies creates new layers, and the functions' package stays. The same
        run removes a region and an account, and pauses the deployment."""
        type(self).second = self.executor.submit(Second(self.cloud, self.master, self).all)
        before = {name: self.live(name) for name in FUNCTIONS}
        self.assertTrue(self.working())
        self.master.set(TF_VAR_regions='["us-east-1"]', TF_VAR_accounts=json.dumps([MEMBER]),
                        TF_VAR_paused="true")
        said = self.master.script("setup.sh", "--remove", "us-west-2", status=1)
        self.assertIn("still has resources in us-west-2", said)
        self.master.script("deploy.sh", "--package", self.master.changed_package(
            "policies/sqs.lua"))
        self.no_change(self.master)
        self.assertFalse(self.working())
        for name, old in before.items():
            new = self.live(name)
            self.assertEqual(new["CodeSha256"], old["CodeSha256"])
            self.assertNotEqual(new["Layers"], old["Layers"])
            self.assertNotEqual(new["Version"], old["Version"])
        self.assertEqual(sorted(key.split("/")[-1] for key in self.keys_in("us-east-1")
                                if key.startswith("engine/")),
                         ["function-x86_64.zip", "policies.zip", "policies.zip"])
        self.assertEqual(self.master.outputs()["regions"], ["us-east-1"])
        self.assertEqual(self.left(MASTER, ["us-west-2"]), {})
        self.assertEqual(self.heard("us-east-1")[1], {"aws:PrincipalAccount": [MEMBER]})
        self.master.script("setup.sh", "--remove", "us-west-2")
        self.assertEqual([one["Name"] for one in self.client("s3").list_buckets()["Buckets"]
                          if one["Name"].startswith(PREFIX)], [f"{PREFIX}-us-east-1"])

    def test_5_rollback(self):
        """The settings are the keys that the first deployment printed, used on another machine. The
        same run adds the region and the account again; the region gets the earlier package."""
        self.master.set(TF_VAR_regions=json.dumps(REGIONS),
                        TF_VAR_accounts=json.dumps([MEMBER, OTHER]), TF_VAR_paused=None,
                        **{f"TF_VAR_{name}": key for name, key in self.first.items()})
        said = self.master.script("deploy.sh", status=1)
        self.assertIn("the bucket acme-us-west-2 is missing", said)
        self.master.script("setup.sh")
        self.master.forget()
        self.master.script("deploy.sh")
        self.assertTrue(self.working())
        outputs = self.master.outputs()
        self.assertEqual({name: outputs[name] for name in self.first}, self.first)
        self.assertEqual(outputs["regions"], REGIONS)
        self.assertLessEqual(set(self.first.values()), self.keys_in("us-west-2"))
        self.test_3_buses()

    def test_5_rollback_lasts(self):
        """Nothing changes or is built, and a newer package is refused, until the settings change."""
        self.master.build("/nowhere/newer.zip")
        self.assertIn("deploying " + self.first["package_key"],
                      self.master.script("deploy.sh", "plan", UNCHANGED))
        said = self.master.script("deploy.sh", "--package", self.master.zip, status=1)
        self.assertIn("is set as package_key", said)
        self.assertEqual({name: self.master.outputs()[name] for name in self.first}, self.first)
        self.master.build(self.master.zip)
        self.master.set(**{f"TF_VAR_{name}": None for name in self.first})

    def test_6_second_deployment(self):
        """In the same account, while the first one was changed: refused with the names of the first
        deployment; accepted beside it with names of its own."""
        self.second.result()
        self.no_change(self.master)

    def test_7_uninstall(self):
        said = self.master.script("setup.sh", "--remove", status=1)
        self.assertIn("deploy.sh acme destroy", said)
        self.master.forget()
        self.master.script("deploy.sh", "destroy")
        self.assertEqual(self.left(MASTER), {})
        self.master.script("setup.sh", "--remove")
        self.assertEqual(self.client("s3").list_buckets()["Buckets"], [])
        self.master.script("setup.sh", "--remove")  # nothing exists: nothing to do
        self.assertEqual(self.master.tracked(), self.text, "the checkout changed")

    def test_8_bucket_of_another_account(self):
        other = self.client("s3", account=STRANGER)
        other.create_bucket(Bucket=f"{PREFIX}-us-east-1")
        with self.assertRaises(ClientError):
            self.client("s3").create_bucket(Bucket=f"{PREFIX}-us-east-1")
        said = self.master.script("setup.sh", status=1)
        self.assertIn("acme-us-east-1", said)

    def test_8_bucket_with_other_content(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="mine-us-east-1")
        s3.put_object(Bucket="mine-us-east-1", Key="mine", Body=b"")
        said = self.master.script("setup.sh", status=1, prefix="mine")
        self.assertIn("was not created by setup.sh mine", said)
        with self.assertRaises(ClientError):
            s3.get_bucket_tagging(Bucket="mine-us-east-1")


if __name__ == "__main__":
    unittest.main()
