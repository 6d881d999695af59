"""Security groups: they are found, and never repaired."""
import unittest

from support import network
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

GROUP = "sg-04cfb7a4712d75b00"


def group(place, name, *permissions):
    """A security group of the default VPC; its id."""
    ec2 = place.aws("ec2")
    id_ = ec2.create_security_group(GroupName=name, Description="x",
                                    VpcId=network.vpc(place))["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=id_, IpPermissions=list(permissions))
    return id_


def permission(port, *sources):
    lists = [one for one in sources if one.startswith("pl-")]
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port,
            "IpRanges": [{"CidrIp": one} for one in sources if "." in one],
            "Ipv6Ranges": [{"CidrIpv6": one} for one in sources if ":" in one],
            "PrefixListIds": [{"PrefixListId": one} for one in lists]}


def good(place, name):
    return group(place, name, permission(443, "0.0.0.0/1", "10.0.0.0/8", "2001:db8::/32"))


TYPE = Type(
    repairs={"open_to_world": NOTHING},
    good=good,
    absent="sg-0123456789abcdef0",
    listing=Listing("ec2", "DescribeSecurityGroups", "SecurityGroups", lambda id_: {
        "GroupId": id_, "GroupName": "g", "OwnerId": "111122223333"}, "sg-{:017x}"),
    calls=Calls(
        listing="ec2:DescribeSecurityGroups",
        good="ec2:DescribeSecurityGroups",
        bad="ec2:DescribeSecurityGroups"),
    deployed=Deployed("ec2:AuthorizeSecurityGroupIngress"),
    events=events_of(
        GROUP, "ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress",
        "ec2:AuthorizeSecurityGroupIngress-by_name", "ec2:ModifySecurityGroupRules",
        "ec2:AuthorizeSecurityGroupIngress-cut", "ec2:CreateSecurityGroup-cut"))


class SecurityGroups(TypeCase):
    type = "security_group"

    def test_cleaned(self):
        [bad] = self.make()
        self.clean()
        groups = self.aws("ec2").describe_security_groups()["SecurityGroups"]
        self.assertNotIn(bad, [group["GroupId"] for group in groups])
        self.clean()

    def test_halves_and_lists(self):
        ec2 = self.aws("ec2")
        halves = group(self, "halves", permission(22, "0.0.0.0/1"),
                            permission(22, "128.0.0.0/1"))
        made = ec2.create_managed_prefix_list(
            PrefixListName="all", MaxEntries=2, AddressFamily="IPv4",
            Entries=[{"Cidr": "0.0.0.0/1"}, {"Cidr": "128.0.0.0/1"}])
        listed = group(self, "listed", permission(80, made["PrefixList"]["PrefixListId"]))
        alike = group(self, "alike", permission(81, made["PrefixList"]["PrefixListId"]))
        findings = self.audit(halves, listed, alike)
        self.assertEqual(self.cloud.proxy.operations().count("ec2:GetManagedPrefixListEntries"), 1)
        for id_, port in ((halves, 22), (listed, 80), (alike, 81)):
            found = findings[id_, "security_group.open_to_world"]
            self.assertEqual(found["status"], "non_compliant", found)
            self.assertEqual(found["evidence"], [{
                "what": f"tcp {port}", "protocol": "tcp", "first_port": port, "last_port": port,
                "from": "0.0.0.0/0", "cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}])


if __name__ == "__main__":
    unittest.main()
