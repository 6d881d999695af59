"""Instances and security groups: found, repaired, taken back."""
import unittest

from support.cloud import ROOT
from support.kind import KindCase


def clean(case):
    """Lets misconfiguration_maker take away what it made."""
    run = case.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), "clean",
                            "--account", case.account, "--region", case.region, case.type)
    case.assertEqual((run.status, run.out, run.err), (0, "", ""), run)


class Instances(KindCase):
    type = "ec2"

    def setUp(self):
        super().setUp()
        self.environment = {"REQUIRED_TAGS": "Owner", "DEV_ACCOUNTS": self.account}

    def launch(self, public=False, tokens="required", **tags):
        """An instance with these tags; its id."""
        made = self.aws("ec2").run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1,
            MetadataOptions={"HttpEndpoint": "enabled", "HttpTokens": tokens},
            NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": public}],
            TagSpecifications=[{"ResourceType": "instance", "Tags": [
                {"Key": key, "Value": value} for key, value in tags.items()]}] if tags else [])
        return made["Instances"][0]["InstanceId"]

    def instance(self, id_):
        found = self.aws("ec2").describe_instances(InstanceIds=[id_])
        return found["Reservations"][0]["Instances"][0]

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.launch(owner="shop")
        fixed = {"ec2.imdsv1": "fixed", "ec2.tags": "fixed", "ec2.dev_public": "fixed"}
        self.life(bad={bad: fixed}, good=[good])

    def test_made_again_and_cleaned(self):
        [bad] = self.make()
        self.remediate(bad)
        self.assertEqual(self.make(), [bad])
        found = {line["status"] for line in self.audit(bad).values()}
        self.assertEqual(found, {"non_compliant"})
        clean(self)
        self.assertEqual(self.instance(bad)["State"]["Name"], "terminated")
        clean(self)
        self.assertNotEqual(self.make(), [bad])

    def test_elastic_address(self):
        ec2 = self.aws("ec2")
        id_ = self.launch(Owner="shop")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(InstanceId=id_, AllocationId=address)
        self.assertEqual(self.audit(id_)[id_, "ec2.dev_public"]["status"], "non_compliant")
        done = self.remediate(id_)[id_, "ec2.dev_public"]
        self.assertEqual(done["remediation"], "fixed", done)
        self.assertEqual([one.operation for one in self.changes()], ["ec2:DisassociateAddress"])
        self.assertNotIn("PublicIpAddress", self.instance(id_))
        self.assertEqual(self.undo().status, 0)
        self.assertIn("PublicIpAddress", self.instance(id_))
        self.assertEqual(self.audit(id_)[id_, "ec2.dev_public"]["status"], "non_compliant")

    def test_own_address(self):
        """The emulator takes the call and leaves the address where it is."""
        id_ = self.launch(public=True, Owner="shop")
        done = self.remediate(id_, VERIFY_SECONDS="1")[id_, "ec2.dev_public"]
        self.assertEqual(done["status"], "pending", done)
        [change] = self.changes()
        self.assertEqual(change.operation, "ec2:ModifyNetworkInterfaceAttribute")
        self.assertIn(b"AssociatePublicIpAddress=false", change.body)

    def test_ignored_and_foreign(self):
        id_ = self.launch(public=True, Owner="shop")
        ignored = self.remediate(id_, EC2_INSTANCE_IGNORE_LIST=id_)[id_, "ec2.dev_public"]
        self.assertEqual(ignored["status"], "exempt")
        self.assertEqual(self.changes(), [])
        found = self.remediate(id_, DEV_ACCOUNTS="222233334444", journal="other")
        self.assertNotIn((id_, "ec2.dev_public"), found)
        self.assertEqual(self.changes(), [])

    def test_held(self):
        id_ = self.launch(tokens="required", Team="shop")
        self.aws("ec2").modify_instance_attribute(InstanceId=id_, DisableApiStop={"Value": True})
        done = self.remediate(id_)[id_, "ec2.tags"]
        self.assertEqual((done["remediation"], done["held"]), ("held", "stop protection is on"))
        self.assertEqual(self.changes(), [])
        self.assertEqual(self.instance(id_)["State"]["Name"], "running")

    def test_contained_and_gone(self):
        stopped, ended = self.launch(tokens="optional"), self.launch(tokens="optional")
        self.aws("ec2").stop_instances(InstanceIds=[stopped])
        self.aws("ec2").terminate_instances(InstanceIds=[ended])
        found = self.audit(stopped)
        self.assertEqual({line["status"] for line in found.values()}, {"compliant"}, found)
        for id_ in (ended, "i-0123456789abcdef0"):
            lines = self.engine("remediate", "--all", stdin=self.line(id_)).lines
            self.assertEqual({line["status"] for line in lines}, {"gone"}, lines)
        listed = {line["id"] for line in self.poll().lines}
        self.assertIn(stopped, listed)
        self.assertNotIn(ended, listed)


class SecurityGroups(KindCase):
    type = "security_group"

    def group(self, name, *permissions):
        """A security group of the default VPC; its id."""
        ec2 = self.aws("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        id_ = ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=id_, IpPermissions=list(permissions))
        return id_

    def permission(self, port, *sources):
        lists = [one for one in sources if one.startswith("pl-")]
        return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
                "IpRanges": [{"CidrIp": one} for one in sources if "." in one],
                "Ipv6Ranges": [{"CidrIpv6": one} for one in sources if ":" in one],
                "PrefixListIds": [{"PrefixListId": one} for one in lists]}

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.group("good", self.permission(443, "0.0.0.0/1", "10.0.0.0/8", "2001:db8::/32"))
        self.life(bad={bad: {"security_group.open_to_world": "none"}}, good=[good])

    def test_cleaned(self):
        [bad] = self.make()
        clean(self)
        groups = self.aws("ec2").describe_security_groups()["SecurityGroups"]
        self.assertNotIn(bad, [group["GroupId"] for group in groups])
        clean(self)

    def test_halves_and_lists(self):
        ec2 = self.aws("ec2")
        halves = self.group("halves", self.permission(22, "0.0.0.0/1"),
                            self.permission(22, "128.0.0.0/1"))
        made = ec2.create_managed_prefix_list(
            PrefixListName="all", MaxEntries=2, AddressFamily="IPv4",
            Entries=[{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}])
        listed = self.group("listed", self.permission(80, made["PrefixList"]["PrefixListId"]))
        findings = self.audit(halves, listed)
        for id_, port in ((halves, 22), (listed, 80)):
            found = findings[id_, "security_group.open_to_world"]
            self.assertEqual(found["status"], "non_compliant", found)
            self.assertEqual(found["evidence"], [{
                "what": f"tcp {port}", "protocol": "tcp", "first_port": port, "last_port": port,
                "from": "0.0.0.0/0", "cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}])


if __name__ == "__main__":
    unittest.main()
