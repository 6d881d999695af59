"""The number of calls that a scan of a mixed account makes, counted at the proxy;
docs/performance.md gives this figure."""
import collections
import io
import json
import unittest
import urllib.parse
import zipfile

from support.cloud import Cloud
from support.proxy import Rule

ACCOUNT, REGION = "111122223333", "us-east-1"
# Resources of each type, as in a typical account: many roles and groups, few databases.
MIXED = {"iam_role": 50, "security_group": 30, "ec2": 20, "sqs": 20, "s3_bucket": 20,
         "lambda_function": 15, "ebs_snapshot": 10, "kms_key": 8, "iam_user": 6, "ami": 5, "rds": 4,
         "elb": 3}
MOST = 0.85  # calls for each resource, listings included
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def archive():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("main.py", "")
    return data.getvalue()


def aws(service):
    return cloud.client(service, ACCOUNT, REGION)


def make_compute(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]
    for number in range(MIXED["security_group"]):
        ec2.create_security_group(GroupName=f"group{number}", Description="g", VpcId=vpc)
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=MIXED["ec2"], MaxCount=MIXED["ec2"],
                             SubnetId=subnet)["Instances"]
    volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1)["VolumeId"]
    for number in range(MIXED["ebs_snapshot"]):
        ec2.create_snapshot(VolumeId=volume, Description=str(number))
    for number in range(MIXED["ami"]):
        ec2.create_image(InstanceId=made[0]["InstanceId"], Name=f"image{number}")


def make_identities(iam):
    for number in range(MIXED["iam_role"]):
        iam.create_role(RoleName=f"role{number}", AssumeRolePolicyDocument=json.dumps(TRUST))
    for number in range(MIXED["iam_user"]):
        iam.create_user(UserName=f"user{number}")
    return f"arn:aws:iam::{ACCOUNT}:role/role0"


def make_account():
    make_compute(aws("ec2"))
    role = make_identities(aws("iam"))
    for number in range(MIXED["sqs"]):
        aws("sqs").create_queue(QueueName=f"queue{number}")
    for number in range(MIXED["s3_bucket"]):
        aws("s3").create_bucket(Bucket=f"bucket{number}")
    for number in range(MIXED["lambda_function"]):
        aws("lambda").create_function(
            FunctionName=f"function{number}", Runtime="python3.12", Role=role,
            Handler="main.handler", Code={"ZipFile": archive()})
    for number in range(MIXED["kms_key"]):
        aws("kms").create_key(Description=str(number))
    for number in range(MIXED["rds"]):
        aws("rds").create_db_instance(
            DBInstanceIdentifier=f"database{number}", Engine="mysql", AllocatedStorage=20,
            DBInstanceClass="db.t3.micro", MasterUsername="admin", MasterUserPassword="not-secret")
    for number in range(MIXED["elb"]):
        aws("elb").create_load_balancer(LoadBalancerName=f"balancer{number}", Listeners=[{
            "Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}])


def with_regions(body):
    """S3 names the region of each bucket if the request has a parameter, which the emulator does
    not (S3 API reference, Bucket: BucketRegion)."""
    return body.replace(b"</Name>", f"</Name><BucketRegion>{REGION}</BucketRegion>".encode())


class Missing(Rule):
    """EC2 in whose place only one instance exists: an error names all others, as that of the
    service does ("The instance IDs 'i-1, i-2' do not exist"). The emulator names one at a time."""

    def __init__(self, here):
        super().__init__("ec2:DescribeInstances", "InvalidInstanceID.NotFound", 400)
        self.here = here

    def missing(self, request):
        fields = urllib.parse.parse_qs(request.body.decode())
        return [ids[0] for name, ids in fields.items()
                if name.startswith("InstanceId.") and ids[0] != self.here]

    def takes(self, request):
        return request.operation == self.operation and bool(self.missing(request))

    def answer(self, request):
        ids = self.missing(request)
        several = len(ids) > 1
        self.message = (f"The instance ID{'s' * several} '{', '.join(ids)}' "
                        f"{'do' if several else 'does'} not exist")
        return super().answer(request)


class Calls(unittest.TestCase):
    maxDiff = None

    def test_a_mixed_account(self):
        make_account()
        cloud.proxy.clear()
        cloud.proxy.refuse("s3:ListBuckets", code=None, edit=with_regions)
        run = cloud.engine("scan", "--all", "--quiet", "--accounts", ACCOUNT, "--regions", REGION)
        self.assertEqual(run.err, "")
        found = collections.Counter(
            kind for kind, _ in {(line["type"], line["id"]) for line in run.lines})
        for kind, count in MIXED.items():
            if kind != "elb":  # both of its settings are off, so there are no findings
                self.assertGreaterEqual(found[kind], count, kind)
        calls = collections.Counter(
            one for one in cloud.proxy.operations() if not one.startswith("sts:"))
        resources = sum(MIXED.values())
        each = sum(calls.values()) / resources
        print(f"{sum(calls.values())} calls for {resources} resources: {each:.2f} each")
        self.assertLessEqual(each, MOST, calls)

    def test_what_is_gone_takes_few_calls(self):
        """Each error names all instances that do not exist; of its message, 47 ids are kept."""
        made = aws("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"]
        here = made[0]["InstanceId"]
        gone = [f"i-{number:017x}" for number in range(99)]
        cloud.proxy.clear()
        cloud.proxy.rules.append(Missing(here))
        lines = [json.dumps({"account": ACCOUNT, "region": REGION, "type": "ec2", "id": id_})
                 for id_ in [*gone, here]]
        run = cloud.engine("remediate", "--all", stdin="\n".join(lines))
        found = {line["id"]: line["status"] for line in run.lines}
        self.assertEqual(found.pop(here), "non_compliant", run)  # its metadata needs no token
        self.assertEqual(found, dict.fromkeys(gone, "gone"))
        self.assertLessEqual(cloud.proxy.operations().count("ec2:DescribeInstances"), 10)


if __name__ == "__main__":
    unittest.main()
