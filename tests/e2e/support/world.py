"""An account with a bad resource of every type (misconfiguration_maker's, and what it does not
make) and a good twin of each, in one emulator whose IAM counts."""
import io
import json
import zipfile

from support import estate
from support.clock import PastMoto
from support.cloud import ROOT, Cloud
from support.permissions import make_operator, make_role, permissions
from support.strict_group import STRICT, StrictGroup, make_strict_group

ACCOUNT, REGION, WATCHED = "111122223333", "us-east-1", "eu-west-1"
REPLICA_REGION = "us-west-2"  # where the fixture of kms:ReplicateKey goes
STRANGER, FRIEND = estate.STRANGER, estate.FRIEND
OLD = 200  # days
OWNER = {"Key": "oWNer", "Value": "me"}
IMAGE = {"name": "web", "image": "busybox", "memory": 64}


def types():
    """Those that misconfiguration_maker can make."""
    kinds = ROOT / "misconfiguration_maker" / "kinds"
    return sorted(path.stem for path in kinds.glob("*.lua"))


class World:
    """bad: {type: id}; more: {event or name: (type, id)} of other bad ones, twins: {event: id}
    of their good ones; good: {type: id}."""

    settings = {"KNOWN_ACCOUNTS": FRIEND, "REQUIRED_TAGS": "Owner", "DEV_ACCOUNTS": ACCOUNT,
                "DB_CHECK_TIME": "0", "REPAIR": "all", "HOLD_IRREVERSIBLE": "false"}

    def __init__(self):
        self.cloud = Cloud(PastMoto)
        try:
            self.build()
        except BaseException:
            self.close()
            raise

    def build(self):
        self.cloud.proxy.rules.append(StrictGroup("redshift:DescribeClusterParameters"))
        self.keys = make_operator(self.cloud)
        make_role(self.cloud, ACCOUNT, permissions())
        self.bad, self.good, self.more = {}, {}, {}
        self.make()
        self.make_network()
        self.make_more()
        for kind in types():
            self.good[kind] = getattr(self, f"good_{kind}")(f"good-{kind.replace('_', '-')}")

    def close(self):
        self.cloud.close()

    def aws(self, service, region=REGION):
        return self.cloud.client(service, ACCOUNT, region)

    def engine(self, *args, stdin="", enforced=True, **more):
        """The engine, as the operator; the proxy's log begins anew."""
        self.cloud.proxy.clear_requests()
        self.cloud.enforce(enforced)
        try:
            return self.cloud.engine(*args, stdin=stdin,
                                     **{**self.settings, **self.keys, **more})
        finally:
            self.cloud.enforce(False)

    def make(self, *kinds):
        """Lets misconfiguration_maker make its resources, again where they are gone for good."""
        for old, chosen in ((True, {"iam_user"}), (False, set(types()) - {"iam_user"})):
            wanted = sorted(chosen & set(kinds or types()))
            if not wanted:
                continue
            self.cloud.emulator.go_back(OLD if old else 0)
            run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"),
                                    "make", "--account", ACCOUNT, "--region", REGION, *wanted)
            self.cloud.emulator.go_back()
            assert (run.status, run.err) == (0, ""), run
            self.bad.update({line["type"]: line["id"] for line in run.lines})

    def make_network(self):
        ec2 = self.aws("ec2")
        [vpc] = [one for one in ec2.describe_vpcs()["Vpcs"] if one["IsDefault"]]
        self.vpc = vpc["VpcId"]
        self.subnets = sorted(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"])

    # What the maker does not make.

    def make_more(self):
        group = self.aws("elbv2").describe_target_groups(
            LoadBalancerArn=self.bad["elbv2"])["TargetGroups"][0]
        self.more = {
            "ec2:AssociateAddress": ("ec2", self.addressed()),
            "elasticloadbalancing:RegisterTargets": ("elbv2", group["TargetGroupArn"]),
            "rds:ModifyDBClusterSnapshotAttribute": (
                "rds_snapshot", self.cluster_snapshot("bad-cluster", STRANGER, "all")),
            "kms:ReplicateKey": ("kms_key", self.replica(
                estate.statement("open", "*", "kms:Decrypt", "*")))}
        self.twins = {"kms:ReplicateKey": self.replica()}

    def instance(self):
        made = self.aws("ec2").run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1,
            MetadataOptions={"HttpEndpoint": "enabled", "HttpTokens": "required"},
            NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": False}],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [OWNER]}])
        return made["Instances"][0]["InstanceId"]

    def addressed(self):
        """An instance whose only fault is an elastic IP."""
        id_ = self.instance()
        self.address = self.aws("ec2").allocate_address(Domain="vpc")["AllocationId"]
        self.associate(id_)
        return id_

    def associate(self, id_):
        """By the instance: by its interface, as repairs are taken back, the emulator forgets whose
        interface that is."""
        ec2 = self.aws("ec2")
        [address] = ec2.describe_addresses(AllocationIds=[self.address])["Addresses"]
        if address.get("AssociationId"):
            ec2.disassociate_address(AssociationId=address["AssociationId"])
        ec2.associate_address(InstanceId=id_, AllocationId=self.address)

    def cluster_snapshot(self, id_, *values):
        rds = self.aws("rds")
        if not rds.describe_db_clusters()["DBClusters"]:
            rds.create_db_cluster(DBClusterIdentifier="cluster", Engine="aurora-mysql",
                                  MasterUsername="maker", MasterUserPassword="not-a-secret")
        rds.create_db_cluster_snapshot(DBClusterIdentifier="cluster",
                                       DBClusterSnapshotIdentifier=id_)
        rds.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=id_, AttributeName="restore", ValuesToAdd=list(values))
        return id_

    def root(self):
        return estate.statement("root", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", "*")

    def replica(self, *statements):
        """A key of two regions whose policy, in the other one, has these statements too."""
        made = self.aws("kms").create_key(Policy=estate.text_of(self.root()), MultiRegion=True)
        id_ = made["KeyMetadata"]["KeyId"]
        self.aws("kms").replicate_key(KeyId=id_, ReplicaRegion=REPLICA_REGION)
        self.aws("kms", REPLICA_REGION).put_key_policy(
            KeyId=id_, PolicyName="default", Policy=estate.text_of(self.root(), *statements))
        return id_

    # The good twins.

    def good_ami(self, name):
        ec2 = self.aws("ec2")
        id_ = ec2.register_image(Name=name)["ImageId"]
        ec2.modify_image_attribute(ImageId=id_, LaunchPermission={"Add": [{"UserId": FRIEND}]})
        return id_

    def good_ebs_snapshot(self, _):
        ec2 = self.aws("ec2")
        volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1)["VolumeId"]
        id_ = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        ec2.modify_snapshot_attribute(SnapshotId=id_, Attribute="createVolumePermission",
                                      OperationType="add", UserIds=[FRIEND])
        return id_

    def good_ec2(self, _):
        return self.instance()

    def good_ecs_service(self, name):
        ecs = self.aws("ecs")
        ecs.create_cluster(clusterName="good")
        ecs.register_task_definition(
            family="web", networkMode="awsvpc", containerDefinitions=[IMAGE],
            requiresCompatibilities=["FARGATE"], cpu="256", memory="512")
        group = self.aws("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]
        self.network = {"awsvpcConfiguration": {
            "subnets": self.subnets[:2], "assignPublicIp": "DISABLED", "securityGroups": [group]}}
        return ecs.create_service(
            cluster="good", serviceName=name, desiredCount=0, launchType="FARGATE",
            taskDefinition="web", networkConfiguration=self.network)["service"]["serviceArn"]

    def good_ecs_task(self, _):
        made = self.aws("ecs").run_task(cluster="good", taskDefinition="web", launchType="FARGATE",
                                        networkConfiguration=self.network)
        return made["tasks"][0]["taskArn"]

    def good_ecs_task_set(self, name):
        ecs = self.aws("ecs")
        ecs.create_service(cluster="good", serviceName=name, desiredCount=0,
                           deploymentController={"type": "EXTERNAL"})
        return ecs.create_task_set(
            cluster="good", service=name, taskDefinition="web", launchType="FARGATE",
            networkConfiguration=self.network,
            scale={"value": 0, "unit": "PERCENT"})["taskSet"]["taskSetArn"]

    def good_elb(self, name):
        elb = self.aws("elb")
        elb.create_load_balancer(
            LoadBalancerName=name, Subnets=self.subnets[:1], Scheme="internal", Tags=[OWNER],
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}])
        elb.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": self.instance()}])
        return name

    def good_elbv2(self, name):
        elbv2 = self.aws("elbv2")
        group = elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc,
            TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": self.instance()}])
        arn = elbv2.create_load_balancer(Name=name, Subnets=self.subnets[:2], Scheme="internal")[
            "LoadBalancers"][0]["LoadBalancerArn"]
        elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[
            {"Type": "forward", "TargetGroupArn": group}])
        return arn

    def good_iam_role(self, name):
        self.aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=estate.text_of({
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole"}))
        return name

    def good_iam_user(self, name):
        """30 days old, with a second factor."""
        self.cloud.emulator.go_back(30)
        iam = self.aws("iam")
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="aZ0!long-enough")
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
        iam.enable_mfa_device(
            UserName=name, SerialNumber=device["VirtualMFADevice"]["SerialNumber"],
            AuthenticationCode1="234567", AuthenticationCode2="987654")
        iam.create_access_key(UserName=name)
        self.cloud.emulator.go_back()
        return name

    def good_kms_key(self, name):
        made = self.aws("kms").create_key(Policy=estate.text_of(self.root()), Description=name)
        return made["KeyMetadata"]["KeyId"]

    def good_lambda_function(self, name):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("i.py", "def h(event, context):\n    return None\n")
        client = self.aws("lambda")
        client.create_function(
            FunctionName=name, Runtime="python3.13", Handler="i.h",
            Role=f"arn:aws:iam::{ACCOUNT}:role/good-iam-role", Code={"ZipFile": file.getvalue()})
        client.add_permission(FunctionName=name, StatementId="friend",
                              Action="lambda:InvokeFunction", Principal=FRIEND)
        return name

    def good_rds(self, name):
        self.aws("rds").create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql",
            AllocatedStorage=20, MasterUsername="maker", MasterUserPassword="not-a-secret",
            StorageEncrypted=True, PubliclyAccessible=False, Tags=[OWNER])
        return name

    def good_rds_snapshot(self, name):
        rds = self.aws("rds")
        rds.create_db_snapshot(DBInstanceIdentifier="good-rds", DBSnapshotIdentifier=name)
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore",
                                         ValuesToAdd=[FRIEND])
        return name

    def good_redshift(self, name):
        redshift = self.aws("redshift")
        make_strict_group(redshift)
        redshift.create_cluster(
            ClusterIdentifier=name, NodeType="ra3.large", ClusterType="single-node",
            MasterUsername="root", MasterUserPassword="Long-enough1", Tags=[OWNER],
            Encrypted=True, PubliclyAccessible=False, ClusterParameterGroupName=STRICT)
        return name

    def good_region(self, _):
        """Another region, with everything that watches one switched on."""
        self.aws("s3").create_bucket(Bucket="watch-logs")
        self.aws("guardduty", WATCHED).create_detector(Enable=True)
        config = self.aws("config", WATCHED)
        config.put_configuration_recorder(ConfigurationRecorder={
            "name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"})
        config.put_delivery_channel(
            DeliveryChannel={"name": "default", "s3BucketName": "watch-logs"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        ec2, cloudtrail = self.aws("ec2", WATCHED), self.aws("cloudtrail", WATCHED)
        ec2.create_flow_logs(
            ResourceIds=[one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]], ResourceType="VPC",
            TrafficType="ALL", LogDestinationType="s3", LogDestination="arn:aws:s3:::watch-logs")
        cloudtrail.create_trail(Name="trail", S3BucketName="watch-logs")
        cloudtrail.start_logging(Name="trail")
        return WATCHED

    def good_s3_bucket(self, name):
        estate.bucket(self.cloud, ACCOUNT, REGION, name, estate.text_of(*estate.denials(name)))
        self.aws("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": [OWNER]})
        return name

    def good_security_group(self, name):
        ec2 = self.aws("ec2")
        id_ = ec2.create_security_group(GroupName=name, Description="x",
                                        VpcId=self.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=id_, IpPermissions=[{
            "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/1"}], "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}])
        return id_

    def good_sqs(self, name):
        statements = [one for one in estate.four_statements("sqs", "*", ACCOUNT)
                      if one["Sid"] != "open"]
        url = estate.queue(self.cloud, ACCOUNT, REGION, name, estate.text_of(*statements))
        return url.replace(self.cloud.emulator.url, self.cloud.proxy.url)

    # Lines.

    def line(self, kind, id_, region=None):
        region = region or (WATCHED if id_ == WATCHED else REGION)
        return json.dumps({"account": ACCOUNT, "region": region, "type": kind, "id": id_}) + "\n"
