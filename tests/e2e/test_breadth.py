"""Unusual but valid input: a page of a long list that fails, other partitions, long names, IPv6,
and resources that are bad in two ways at once."""
import json
import pathlib
import unittest

from support import estate, pager
from support.cloud import Cloud
from support.kind import STRANGER
from support.type_files import all_types

ACCOUNT, REGION = "111122223333", "us-east-1"

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def line(kind, id_, region=REGION):
    return json.dumps({"account": ACCOUNT, "region": region, "type": kind, "id": id_}) + "\n"


def remediate(text, *args, **more):
    return cloud.engine("remediate", "--all", "--remediate", "--journal", cloud.path("journal"),
                        *args, stdin=text, **{"KNOWN_ACCOUNTS": estate.FRIEND, **more})


def arn(kind, name):
    return f"arn:aws:{kind}:{REGION}:{ACCOUNT}:{name}"


class Thousands(unittest.TestCase):
    """support/type_case.py tests for each type that all resources are listed, page by page."""

    def setUp(self):
        cloud.reset()

    def test_a_page_that_fails_is_reported_and_the_rest_is_kept(self):
        rule, ids = pager.thousands(all_types()["sqs"].listing)
        broken = cloud.proxy.refuse("sqs:ListQueues", skip=2, times=99)
        cloud.proxy.rules.append(rule)
        run = cloud.engine("poll", "--accounts", ACCOUNT, "--regions", REGION, "--types", "sqs")
        self.assertEqual((run.status, len(run.err.splitlines())), (1, 1), run.err)
        self.assertIn("allow the action sqs:ListQueues", run.err)
        self.assertEqual([one["id"] for one in run.lines], ids[:2 * pager.SIZE], broken)


class Partitions(unittest.TestCase):
    """Queues, roles and keys of China and GovCloud: accounts in ARNs of the own partition are
    trusted, accounts in ARNs of another are not."""

    def setUp(self):
        cloud.reset()

    def test_queues(self):
        for partition, region in (("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")):
            with self.subTest(partition=partition):
                self.check_queue(partition, region)

    def check_queue(self, partition, region):
        queue = f"arn:{partition}:sqs:{region}:{ACCOUNT}:orders"
        own = estate.statement("own", {
            "AWS": f"arn:{partition}:iam::{ACCOUNT}:root"}, "sqs:*", queue)
        friend = estate.statement("friend", {
            "AWS": f"arn:{partition}:iam::{estate.FRIEND}:role/x"}, "sqs:SendMessage", queue)
        stranger = estate.statement("stranger", {
            "AWS": f"arn:{partition}:iam::{STRANGER}:root"}, "sqs:SendMessage", queue)
        guarded = estate.statement("guarded", "*", "sqs:SendMessage", queue, Condition={
            "ArnLike": {"aws:SourceArn": f"arn:{partition}:s3:::*",
                        "aws:PrincipalArn": f"arn:{partition}:iam::{ACCOUNT}:*"}})
        opened = estate.statement("open", "*", "sqs:*", queue)
        good = estate.text_of(own, friend, guarded)
        estate.queue(cloud, ACCOUNT, region, "good", good)
        estate.queue(cloud, ACCOUNT, region, "bad", estate.text_of(own, friend, guarded, stranger,
                                                                   opened))
        cloud.proxy.clear()
        polled = cloud.engine("poll", "--accounts", ACCOUNT, "--regions", region, "--types", "sqs",
                              AWS_REGION=region, MASTER_REGION=region)
        self.assertEqual((polled.status, len(polled.lines)), (0, 2), polled)
        run = remediate(polled.out, "--checks", "sqs.public,sqs.shared", AWS_REGION=region)
        found = {(one["id"].rsplit("/")[-1], one["check"]): (one["status"], one["remediation"])
                 for one in run.lines}
        self.assertEqual(found, {
            ("good", "sqs.public"): ("compliant", "none"),
            ("good", "sqs.shared"): ("compliant", "none"),
            ("bad", "sqs.public"): ("non_compliant", "fixed"),
            ("bad", "sqs.shared"): ("non_compliant", "none")}, run)
        for request in cloud.proxy.requests:
            self.assertEqual(request.region, region)
            if request.operation == "sts:AssumeRole":
                self.assertIn(f"arn%3A{partition}%3Aiam%3A%3A{ACCOUNT}".encode(), request.body)
        bad = next(one["id"] for one in polled.lines if one["id"].endswith("/bad"))
        left = json.loads(estate.queue_policy(cloud, ACCOUNT, region, bad))
        self.assertEqual([one["Sid"] for one in left["Statement"]],
                         ["own", "friend", "guarded", "stranger"])


class Names(unittest.TestCase):
    def setUp(self):
        cloud.reset()
        pathlib.Path(cloud.path("journal")).unlink(missing_ok=True)

    def test_names_of_200_characters(self):
        """Resources with the longest names that AWS allows are found, repaired and restored."""
        name = "long-" + "n" * 195
        rds, ecs = cloud.client("rds", ACCOUNT), cloud.client("ecs", ACCOUNT)
        rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro",
                               Engine="mysql", AllocatedStorage=20, MasterUsername="maker",
                               MasterUserPassword="not-a-secret")
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier=name)
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore",
                                         ValuesToAdd=["all"])
        ec2 = cloud.client("ec2", ACCOUNT)
        network = {"awsvpcConfiguration": {
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "assignPublicIp": "ENABLED", "securityGroups": [
                ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]]}}
        ecs.create_cluster(clusterName=name)
        ecs.register_task_definition(family="web", networkMode="awsvpc", containerDefinitions=[
            {"name": "web", "image": "busybox", "memory": 64}])
        ecs.create_service(cluster=name, serviceName=name, desiredCount=0, launchType="FARGATE",
                           taskDefinition="web", networkConfiguration=network)
        polled = cloud.engine("poll", "--accounts", ACCOUNT, "--regions", REGION, "--types",
                              "rds_snapshot,ecs_service")
        self.assertEqual({one["id"] for one in polled.lines},
                         {name, arn("ecs", f"service/{name}/{name}")}, polled)
        run = remediate(polled.out)
        for check in ("rds_snapshot.public", "ecs_service.public_ip"):
            self.assertEqual(run.finding(check)["remediation"], "fixed", run)
        undone = cloud.engine("undo", cloud.path("journal"))
        self.assertEqual(undone.status, 0, undone)
        again = cloud.engine("remediate", stdin=polled.out)
        self.assertEqual({one["check"] for one in again.lines},
                         {"rds_snapshot.public", "ecs_service.public_ip"}, again)

    def test_names_in_other_scripts(self):
        """Tags, statements and rules in other scripts are kept byte for byte."""
        tag, sid = "Größe", "日本\U0001f600"
        own = estate.statement(sid, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "sqs:*", "*")
        text = json.dumps({"Version": "2012-10-17", "Statement": [
            own, estate.statement("open", "*", "sqs:*", "*")]}, ensure_ascii=False)
        url = estate.queue(cloud, ACCOUNT, REGION, "names", text)
        cloud.client("sqs", ACCOUNT).tag_queue(QueueUrl=url, Tags={tag: sid})
        bucket = estate.bucket(cloud, ACCOUNT, REGION, "tagged")
        cloud.client("s3", ACCOUNT).put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [
            {"Key": tag, "Value": sid}]})
        lines = line("sqs", url) + line("s3_bucket", bucket)
        with open(cloud.path("rules.json"), "w", encoding="utf-8") as file:
            json.dump({"rules": [{"tag": {tag: sid[0] + "*"}, "reason": sid,
                                  "expires": "2999-12-31"}]}, file, ensure_ascii=False)
        run = remediate(lines, "--exceptions", cloud.path("rules.json"), REQUIRED_TAGS=tag)
        self.assertEqual(run.finding("s3_bucket.tags")["status"], "compliant", run)
        self.assertEqual(run.finding("sqs.public")["status"], "exempt", run)
        self.assertEqual(run.finding("sqs.public")["exemption"]["reason"], sid)
        run = remediate(lines, REQUIRED_TAGS="Größen")
        self.assertEqual(run.finding("s3_bucket.tags")["status"], "non_compliant", run)
        self.assertEqual(run.finding("sqs.public")["remediation"], "fixed", run)
        left = estate.queue_policy(cloud, ACCOUNT, REGION, url)
        self.assertEqual(json.loads(left)["Statement"], [own])


class Vanishing(unittest.TestCase):
    """Resources that disappear during the audit, at any call."""

    def queue(self):
        return estate.queue(cloud, ACCOUNT, REGION, "going", estate.text_of(
            estate.statement("open", "*", "sqs:*", "*")))

    def bucket(self):
        statements = [*estate.denials("going"),
                      estate.statement("open", "*", "s3:GetObject", "arn:aws:s3:::going/*")]
        return estate.bucket(cloud, ACCOUNT, REGION, "going", estate.text_of(*statements),
                             public_acl=True)

    def outcome(self, kind, operation, skip):
        """{check: (status, remediation)} if the resource disappears before that call."""
        cloud.reset()
        id_, kept = self.queue() if kind == "sqs" else self.bucket(), estate.queue(
            cloud, ACCOUNT, REGION, "kept", estate.text_of(
                estate.statement("open", "*", "sqs:*", "*")))
        delete = {"sqs": lambda: cloud.client("sqs", ACCOUNT).delete_queue(QueueUrl=id_),
                  "s3_bucket": lambda: cloud.client("s3", ACCOUNT).delete_bucket(Bucket=id_)}
        cloud.proxy.clear()
        cloud.proxy.refuse(operation, code=None, skip=skip, times=1, then=delete[kind])
        run = remediate(line(kind, id_), VERIFY_SECONDS="1")
        self.assertEqual(run.status, 0, run)
        after = remediate(line("sqs", kept))
        self.assertEqual(after.finding("sqs.public")["remediation"], "fixed", after)
        return {one["check"].split(".")[1]: (one["status"], one["remediation"])
                for one in run.lines}

    def test_queues(self):
        for operation, skip in (("sqs:GetQueueAttributes", 0), ("sqs:GetQueueAttributes", 1),
                                ("sqs:SetQueueAttributes", 0)):
            with self.subTest(operation=operation, skip=skip):
                self.assertEqual(self.outcome("sqs", operation, skip)["public"], ("gone", "none"))

    def test_buckets(self):
        for operation, skip in (("s3:GetBucketPolicy", 0), ("s3:GetBucketAcl", 0),
                                ("s3:GetBucketAcl", 1), ("s3:PutBucketAcl", 0)):
            with self.subTest(operation=operation, skip=skip):
                found = self.outcome("s3_bucket", operation, skip)
                self.assertEqual((found["public_acl"], found["public_policy"]),
                                 (("gone", "none"), ("gone", "none")))
        for operation, skip in (("s3:GetBucketPolicy", 1), ("s3:PutBucketPolicy", 0)):
            with self.subTest(operation=operation, skip=skip):  # the ACL was repaired before
                found = self.outcome("s3_bucket", operation, skip)
                self.assertEqual((found["public_acl"], found["public_policy"]),
                                 (("non_compliant", "fixed"), ("gone", "none")))


class Addresses(unittest.TestCase):
    """Ranges that cover all addresses, in one or several parts, of both families; and ranges that
    do not."""

    def setUp(self):
        cloud.reset()

    # ranges -> whether they cover all addresses
    RANGES = [
        (("::/0",), True), (("0.0.0.0/0",), True), (("::/1", "8000::/1"), True),
        (("0.0.0.0/1", "128.0.0.0/1"), True),
        (("::/1", "8000::/2", "c000::/3", "e000::/3"), True),
        (("::/1",), False), (("8000::/1", "0.0.0.0/1"), False),
        (("::/1", "8000::/2", "c000::/3"), False), (("2001:db8::/32",), False),
        (("10.0.0.0/8", "fd00::/8"), False),
    ]

    def test_ranges_of_security_groups(self):
        ec2, groups = cloud.client("ec2", ACCOUNT), {}
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        for number, (ranges, bad) in enumerate(self.RANGES):
            id_ = ec2.create_security_group(GroupName=f"g{number}", Description="x",
                                            VpcId=vpc)["GroupId"]
            for one in ranges:  # one permission for each range
                field, name = (("Ipv6Ranges", "CidrIpv6") if ":" in one
                               else ("IpRanges", "CidrIp"))
                ec2.authorize_security_group_ingress(GroupId=id_, IpPermissions=[{
                    "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, field: [{name: one}]}])
            groups[id_] = bad
        run = cloud.engine("remediate", "--all", stdin="".join(
            line("security_group", id_) for id_ in groups))
        found = {one["id"]: one["status"] == "non_compliant" for one in run.lines}
        self.assertEqual(found, groups, run)

    def test_ranges_of_conditions(self):
        queues = {}
        for number, (ranges, _) in enumerate(self.RANGES):
            text = estate.text_of(estate.statement("open", "*", "sqs:*", "*", Condition={
                "IpAddress": {"aws:SourceIp": list(ranges)}}))
            queues[estate.queue(cloud, ACCOUNT, REGION, f"q{number}", text)] = ranges
        run = remediate("".join(line("sqs", url) for url in queues))
        for one in run.lines:
            if one["check"] == "sqs.public":
                with self.subTest(ranges=queues[one["id"]]):
                    narrow = queues[one["id"]] in (("2001:db8::/32",), ("10.0.0.0/8", "fd00::/8"))
                    wanted = ("compliant", "none") if narrow else ("non_compliant", "fixed")
                    self.assertEqual((one["status"], one["remediation"]), wanted)


if __name__ == "__main__":
    unittest.main()
