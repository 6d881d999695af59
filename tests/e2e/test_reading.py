"""The contract of reading: what a list call said is used by `engine scan` alone, and never for a
change; lines of stdin and of a Lambda batch share calls; what an account has once is read once."""
import json
import re
import unittest

from support import estate
from support.remediator import ACCOUNT, REGION, Case

TIGHT = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
PLACE = ("--accounts", ACCOUNT, "--regions", REGION)


class Reading(Case):
    def scan(self, kind, *args):
        return self.cloud.engine("scan", *PLACE, "--types", kind, "--all", *args)

    def calls(self, operation):
        return self.cloud.proxy.operations().count(operation)

    def instances(self, count):
        made = self.cloud.client("ec2", ACCOUNT, REGION).run_instances(
            ImageId="ami-12c6146b", MinCount=count, MaxCount=count)["Instances"]
        return [one["InstanceId"] for one in made]

    def lines(self, ids):
        return [json.dumps({"account": ACCOUNT, "region": REGION, "type": "ec2", "id": id_})
                for id_ in ids]

    def list_as_open(self):
        """The list says that anyone may assume the roles; each role itself says otherwise."""
        self.cloud.proxy.refuse("iam:ListRoles", code=None, edit=lambda body: body.replace(
            b"ec2.amazonaws.com", b"*").replace(b"Service", b"AWS"))

    def test_no_change_is_based_on_what_a_list_said(self):
        self.cloud.client("iam", ACCOUNT).create_role(
            RoleName="tight", AssumeRolePolicyDocument=TIGHT)
        self.cloud.proxy.clear()
        self.list_as_open()
        self.assertEqual(self.scan("iam_role").finding(
            "iam_role.public_trust", "tight")["status"], "non_compliant")
        self.assertEqual(self.calls("iam:GetRole"), 0)
        run = self.scan("iam_role", "--remediate")
        self.assertNotEqual(run.finding("iam_role.public_trust", "tight")["remediation"], "fixed")
        self.assertGreaterEqual(self.calls("iam:GetRole"), 1, run)
        self.assertEqual(self.cloud.proxy.writes(), [], run)

    def test_lines_are_audited_by_what_the_resource_says(self):
        self.cloud.client("iam", ACCOUNT).create_role(
            RoleName="tight", AssumeRolePolicyDocument=TIGHT)
        self.cloud.proxy.clear()
        self.list_as_open()
        lines = self.cloud.engine("poll", *PLACE, "--types", "iam_role").out
        run = self.cloud.engine("remediate", "--all", stdin=lines)
        self.assertEqual(run.finding("iam_role.public_trust", "tight")["status"], "compliant")

    def test_lines_share_calls(self):
        lines = self.lines(self.instances(12))
        self.cloud.proxy.clear()
        run = self.cloud.engine("remediate", "--all", stdin="\n".join(lines))
        self.assertEqual(len({line["id"] for line in run.lines}), 12, run)
        self.assertEqual(self.calls("ec2:DescribeInstances"), 1)

    def test_messages_of_a_batch_share_calls(self):
        self.send(*self.lines(self.instances(10)))
        pump = self.pump(self.function(REMEDIATE=None))
        self.cloud.proxy.clear()
        self.assertEqual(pump.cycle().failures, [])
        self.assertEqual(len(pump.deleted), 10)
        self.assertEqual(self.calls("ec2:DescribeInstances"), 1)

    def test_what_an_account_has_once_is_read_once(self):
        for number in range(3):
            estate.bucket(self.cloud, ACCOUNT, REGION, f"open-{number}", public_acl=True)
        self.cloud.proxy.clear()
        run = self.scan("s3_bucket")
        self.assertEqual(sum(line["check"] == "s3_bucket.public_acl"
                             and line["status"] == "non_compliant" for line in run.lines), 3, run)
        self.assertEqual(self.calls("s3control:GetPublicAccessBlock"), 1)

    def test_resources_with_the_same_parameters_share_their_read(self):
        redshift = self.cloud.client("redshift", ACCOUNT, REGION)
        redshift.create_cluster_parameter_group(
            ParameterGroupName="strict", ParameterGroupFamily="redshift-1.0", Description="d")
        for name in ("one", "two", "three"):
            redshift.create_cluster(
                ClusterIdentifier=name, NodeType="ra3.xlplus", MasterUsername="root",
                MasterUserPassword="Long-enough-1", ClusterParameterGroupName="strict")
        self.cloud.proxy.clear()
        run = self.scan("redshift")
        self.assertEqual(sum(line["check"] == "redshift.tls" for line in run.lines), 3, run)
        self.assertEqual(self.calls("redshift:DescribeClusterParameters"), 1)

    def test_types_share_a_list_that_they_need_alike(self):
        """Services, tasks and task sets are listed cluster by cluster."""
        ecs = self.cloud.client("ecs", ACCOUNT, REGION)
        for name in ("one", "two"):
            ecs.create_cluster(clusterName=name)
        self.cloud.proxy.clear()
        run = self.scan("ecs_service,ecs_task,ecs_task_set")
        self.assertEqual(run.status, 0, run)
        self.assertEqual((self.calls("ecs:ListClusters"), self.calls("ecs:ListTasks")), (1, 2))

    def encrypted_snapshots(self):
        """Two ids. The key that AWS manages encrypts one, a key of the account the other; the
        emulator does not return that."""
        ec2, kms = (self.cloud.client(name, ACCOUNT, REGION) for name in ("ec2", "kms"))
        volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1, Encrypted=True)
        ids = [ec2.create_snapshot(VolumeId=volume["VolumeId"])["SnapshotId"] for _ in range(2)]
        keys = kms.describe_key(KeyId="alias/aws/ebs"), kms.create_key()
        arns = {id_: key["KeyMetadata"]["Arn"] for id_, key in zip(ids, keys)}

        def with_keys(body):
            return re.sub(r"<snapshotId>(.*?)</snapshotId>", lambda found: found[0] + (
                f"<kmsKeyId>{arns[found[1]]}</kmsKeyId>"), body.decode()).encode()
        self.cloud.proxy.clear()
        self.cloud.proxy.refuse("ec2:DescribeSnapshots", code=None, edit=with_keys)
        return ids

    def test_a_snapshot_that_cannot_be_shared_is_not_read(self):
        ids = self.encrypted_snapshots()
        run = self.scan("ebs_snapshot")
        for id_ in ids:
            self.assertEqual(run.finding("ebs_snapshot.shared", id_)["status"], "compliant")
        asked = [one for one in self.cloud.proxy.requests
                 if one.operation == "ec2:DescribeSnapshotAttribute"]
        self.assertEqual([one.speaks_of(ids[1]) for one in asked], [True], run)
        self.assertEqual((self.calls("kms:ListAliases"), self.calls("kms:DescribeKey")), (1, 0))

    def test_only_what_is_looked_at_is_read(self):
        """A queue that is open has tags, which nothing looks at without a rule by tag."""
        self.bad("open")
        self.cloud.proxy.clear()
        self.scan("sqs")
        self.assertEqual((self.calls("sqs:GetQueueAttributes"), self.calls("sqs:ListQueueTags")),
                         (1, 0))
        rules = self.cloud.path("rules.lua")
        with open(rules, "w", encoding="utf-8") as file:
            file.write("return { rules = { { tag = { keep = 'yes' }, reason = 'r',"
                       " expires = '2999-12-31' } } }")
        self.cloud.proxy.clear()
        self.scan("sqs", "--exceptions", rules)
        self.assertEqual((self.calls("sqs:GetQueueAttributes"), self.calls("sqs:ListQueueTags")),
                         (1, 1))


if __name__ == "__main__":
    unittest.main()
