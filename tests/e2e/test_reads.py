"""One read of each service that policies use, made by `engine run`, compared with botocore's, value
by value."""
import datetime
import json
import re
import unittest
import urllib.parse

from support import estate
from support.cloud import MASTER, Cloud

DOCUMENT = estate.text_of(estate.statement("all", "*", "s3:GetObject", "*"))
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
     "Action": "sts:AssumeRole"}]})

# service, operation, parameters; `$name` stands for what `build` found. Parameters that botocore
# adds for S3 by itself are written out here.
READS = [
    ("sqs", "GetQueueAttributes", {"QueueUrl": "$queue", "AttributeNames": ["All"]}),
    ("sns", "GetTopicAttributes", {"TopicArn": "$topic"}),
    ("sts", "GetCallerIdentity", {}),
    ("iam", "GetRole", {"RoleName": "reader"}),
    ("ec2", "DescribeSecurityGroups", {}),
    ("ec2", "DescribeVpcs", {}),
    ("rds", "DescribeDBInstances", {}),
    ("redshift", "DescribeClusters", {}),
    ("s3", "ListObjectsV2", {"Bucket": "reads", "EncodingType": "url"}),
    ("s3", "GetObject", {"Bucket": "reads", "Key": "a b/ü+c", "ChecksumMode": "ENABLED"}),
    ("s3", "GetBucketAcl", {"Bucket": "reads"}),
    ("s3control", "GetPublicAccessBlock", {"AccountId": MASTER}),
    ("elb", "DescribeLoadBalancers", {}),
    ("elbv2", "DescribeLoadBalancers", {}),
    ("lambda", "GetPolicy", {"FunctionName": "reader"}),
    ("lambda", "ListFunctions", {}),
    ("ecs", "DescribeClusters", {"clusters": ["reads"]}),
    ("kms", "DescribeKey", {"KeyId": "$key"}),
    ("guardduty", "GetDetector", {"DetectorId": "$detector"}),
    ("config", "DescribeConfigurationRecorders", {}),
    ("cloudtrail", "DescribeTrails", {}),
    ("organizations", "ListAccounts", {}),
    ("logs", "DescribeLogGroups", {}),
    ("dynamodb", "GetItem", {"TableName": "reads", "Key": {"id": {"S": "one"}}}),
    ("dynamodb", "DescribeTable", {"TableName": "reads"}),
    ("ssm", "GetParameter", {"Name": "/reads/one"}),
    ("securityhub", "DescribeHub", {}),
]

# Byte strings that are not text are marked, because JSON cannot hold them; so are fractions, of
# which lua-cjson writes 14 digits, too few for a time with microseconds.
SCRIPT = """
local function text(value)
  if type(value) == "table" then
    for key, item in pairs(value) do value[key] = text(item) end
  elseif type(value) == "string" and not utf8.len(value) then
    return "hex:" .. value:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  elseif math.type(value) == "float" then
    return ("float:%.17g"):format(value)
  end
  return value
end
local input = io.open(arg[1])
for line in input:lines() do
  local read = json.decode(line)
  local service = aws[read.service]
  local ok, result = pcall(function() return service[read.operation](service, read.with) end)
  if not ok then result = { failed = type(result) == "table" and result.message or result } end
  print(json.encode(text(result)))
end
"""

MESSAGES = """
local url, topic, role = arg[1], arg[2], arg[3]
local id = sqs.send(url, "a body: <ü>", { delay = 0 })
local got = sqs.receive(url, { wait = 1 })
assert(#got == 1 and got[1].id == id and got[1].body == "a body: <ü>", "not the message sent")
sqs.delete(url, got[1])
local published = sns.publish(topic, { subject = "of it", message = "what happened" })
local note = sqs.receive(url, { wait = 1 })
local taken = sts.assume_role { role_arn = role, duration = 900, external_id = "outside" }
print(json.encode { id = id, published = published, notes = #note, note = note[1].body,
  expires = taken.expires, key = #taken.access_key, arn = taken.arn, caller = sts.caller() })
"""

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()
    cloud.proxy.clear()


def tearDownModule():
    cloud.close()


def client(service):
    """One host for all accounts: s3control's own rules put the account before the host name."""
    made = cloud.client(service)

    def without_account(request, **_):
        request.url = re.sub(r"^http://\d{12}\.", "http://", request.url)

    made.meta.events.register("before-send.s3-control", without_account)
    return made


def script(name, text):
    path = cloud.path(name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def build_storage():
    estate.bucket(cloud, MASTER, "us-east-1", "reads", DOCUMENT, public_acl=True)
    cloud.client("s3").put_object(Bucket="reads", Key="a b/ü+c", Body=bytes(range(256)),
                                  Metadata={"kind": "bytes"})
    client("s3control").put_public_access_block(
        AccountId=MASTER, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    tables = cloud.client("dynamodb")
    tables.create_table(
        TableName="reads", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    tables.put_item(TableName="reads", Item={
        "id": {"S": "one"}, "bytes": {"B": b"\x00\xfe\xff"}, "none": {"NULL": True},
        "all": {"L": [{"N": "1.5"}, {"BOOL": False}, {"M": {}}, {"L": []}]}})
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier="reads", DBInstanceClass="db.t3.micro", Engine="postgres",
        MasterUsername="root", MasterUserPassword="long-enough", AllocatedStorage=20)
    cloud.client("redshift").create_cluster(
        ClusterIdentifier="reads", NodeType="ra3.xlplus", MasterUsername="root",
        MasterUserPassword="Long-enough-1")


def build_network():
    subnets = [one["SubnetId"] for one in cloud.client("ec2").describe_subnets()["Subnets"][:2]]
    cloud.client("elb").create_load_balancer(
        LoadBalancerName="old", AvailabilityZones=["us-east-1a"], Listeners=[
            {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}])
    cloud.client("elbv2").create_load_balancer(Name="new", Subnets=subnets)


def build_functions():
    role = cloud.client("iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=ASSUME, Tags=[{"Key": "a", "Value": "b"}])
    functions = cloud.client("lambda")
    functions.create_function(
        FunctionName="reader", Role=role["Role"]["Arn"], PackageType="Image",
        Code={"ImageUri": f"{MASTER}.dkr.ecr.us-east-1.amazonaws.com/x:y"})
    functions.add_permission(FunctionName="reader", StatementId="open", Principal="*",
                             Action="lambda:InvokeFunction")
    cloud.client("ecs").create_cluster(clusterName="reads")
    return role["Role"]["Arn"]


def build_watch(role):
    cloud.client("config").put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": role,
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    cloud.client("cloudtrail").create_trail(Name="reads", S3BucketName="reads")
    cloud.client("organizations").create_organization(FeatureSet="ALL")
    cloud.client("logs").create_log_group(logGroupName="/reads", tags={"a": "b"})
    cloud.client("ssm").put_parameter(Name="/reads/one", Value="ü", Type="String")
    cloud.client("securityhub").enable_security_hub()
    return cloud.client("guardduty").create_detector(Enable=True)["DetectorId"]


def build():
    build_storage()
    build_network()
    role = build_functions()
    url = estate.queue(cloud, MASTER, "us-east-1", "reads", estate.text_of(
        estate.statement("all", "*", "sqs:*", "*")))
    return {"queue": url, "role": role, "detector": build_watch(role),
            "topic": cloud.client("sns").create_topic(Name="reads")["TopicArn"],
            "key": cloud.client("kms").create_key(Description="reads")["KeyMetadata"]["KeyId"]}


def filled(value, names):
    """The parameters, with the names filled in."""
    return {key: names[item[1:]] if isinstance(item, str) and item.startswith("$") else item
            for key, item in value.items()}


def bytes_text(value):
    """As the script writes a byte string."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return "hex:" + value.hex()


def plain(value):
    """botocore's result in the engine's form."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return int(value.timestamp()) if value.microsecond == 0 else plain(value.timestamp())
    if isinstance(value, float):
        return f"float:{value:.17g}"
    if hasattr(value, "read"):
        value = value.read()
    return bytes_text(value) if isinstance(value, bytes) else value


def alike(value):
    """lua-cjson writes an empty list as an empty object; botocore parses IAM's documents; the
    emulator's databases can be restored to the time of the request."""
    if isinstance(value, list):
        return [alike(item) for item in value] or {}
    if not isinstance(value, dict):
        return value
    found = {key: alike(item) for key, item in value.items() if key != "LatestRestorableTime"}
    document = found.get("AssumeRolePolicyDocument")
    if isinstance(document, str):
        found["AssumeRolePolicyDocument"] = json.loads(urllib.parse.unquote(document))
    return found


def botocore_name(service, operation):
    mapping = cloud.client(service).meta.method_to_api_mapping
    return next(name for name, api in mapping.items() if api == operation)


class Reads(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.names = build()
        cloud.proxy.clear()

    def test_equal_botocore(self):
        reads = [(service, operation, filled(given, self.names))
                 for service, operation, given in READS]
        lines = [json.dumps({"service": service, "operation": operation, "with": given})
                 for service, operation, given in reads]
        run = cloud.engine("run", script("reads.lua", SCRIPT),
                           script("reads.jsonl", "\n".join(lines) + "\n"))
        self.assertEqual((run.status, len(run.lines)), (0, len(reads)), run)
        for (service, operation, given), result in zip(reads, run.lines):
            with self.subTest(read=f"{service}:{operation}"):
                theirs = getattr(client(service), botocore_name(service, operation))(**given)
                wanted = alike(plain(theirs))
                self.assertTrue(any(item not in ({}, "", False) for item in wanted.values()))
                self.assertEqual(alike(result), wanted)

    def test_messages(self):
        cloud.client("sns").subscribe(
            TopicArn=self.names["topic"], Protocol="sqs",
            Endpoint=f"arn:aws:sqs:us-east-1:{MASTER}:reads")
        run = cloud.engine("run", script("messages.lua", MESSAGES), self.names["queue"],
                           self.names["topic"], self.names["role"])
        self.assertEqual((run.status, len(run.lines)), (0, 1), run)
        line = run.lines[0]
        note = json.loads(line["note"])
        self.assertEqual((note["Subject"], note["Message"], note["MessageId"]),
                         ("of it", "what happened", line["published"]))
        left = line["expires"] - datetime.datetime.now(datetime.timezone.utc).timestamp()
        self.assertTrue(800 < left <= 900, left)
        self.assertEqual(line["key"], 20)
        self.assertTrue(line["arn"].startswith(f"arn:aws:sts::{MASTER}:assumed-role/reader/"))
        who = cloud.client("sts").get_caller_identity()
        self.assertEqual(line["caller"], {"account": who["Account"], "arn": who["Arn"],
                                          "user_id": who["UserId"]})
        self.assertEqual(cloud.proxy.operations().count("sns:Publish"), 1)


if __name__ == "__main__":
    unittest.main()
