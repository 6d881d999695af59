"""Instances: they are found, repaired, and restored by undo."""
import unittest

from support import network
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Other, Type, events_of

INSTANCE = "i-0f7c711dc84bedda0"
ADDRESSED = "ec2:AssociateAddress"


def associate(place, id_):
    """Associates the address with the instance again: undo associates it with the interface, and
    then the emulator forgets whose interface that is."""
    ec2 = place.aws("ec2")
    [address] = ec2.describe_addresses(Filters=[{"Name": "tag:Name", "Values": ["other"]}])[
        "Addresses"]
    if address.get("AssociationId"):
        ec2.disassociate_address(AssociationId=address["AssociationId"])
    ec2.associate_address(InstanceId=id_, AllocationId=address["AllocationId"])


def others(place, _):
    """An instance whose only fault is an elastic IP."""
    id_ = network.instance(place)
    place.aws("ec2").allocate_address(Domain="vpc", TagSpecifications=[{
        "ResourceType": "elastic-ip", "Tags": [{"Key": "Name", "Value": "other"}]}])
    associate(place, id_)
    return {ADDRESSED: Other(id_)}


TYPE = Type(
    repairs={"imdsv1": {"ec2:ModifyInstanceMetadataOptions"}, "tags": {"ec2:StopInstances"},
             "dev_public": {"ec2:DisassociateAddress"}},
    impacts={"tags": "stops", "dev_public": "destroys"},
    good=lambda place, _: network.instance(place),
    others=others, undone=lambda place, made: associate(place, made[ADDRESSED].id),
    absent="i-0123456789abcdef0",
    listing=Listing("ec2", "DescribeInstances", "Reservations", lambda id_: {
        "OwnerId": "111122223333",
        "Instances": [{"InstanceId": id_, "State": {"Name": "running"}}]}, "i-{:017x}"),
    calls=Calls(
        listing="ec2:DescribeInstances",
        good="ec2:DescribeInstances",
        bad="ec2:DescribeInstances"),
    deployed=Deployed("ec2:RunInstances", "moto"),
    not_shown=(
        ("dev_public: an interface loses its own public address",
         "the emulator accepts the call but keeps the address", "policies/ec2_repair_spec.lua",
         "removes the instance's own address, and can assign another"),
        ("dev_public: terminated where neither is possible", "the emulator leaves no such case",
         "policies/ec2_repair_spec.lua",
         "terminates the instance if an address is of neither kind")),
    events={
        **events_of(
            INSTANCE, "ec2:RunInstances", "ec2:RunInstances-autoscaling",
            "ec2:ModifyInstanceMetadataOptions", "ec2:AssociateAddress", "ec2:StartInstances",
            "ec2:DeleteTags", "ec2:RunInstances-cut", "ec2:ModifyInstanceMetadataOptions-cut"),
        **events_of(
            [INSTANCE, "i-08e4a9d2b6c1f3375"], "ec2:RunInstances-several",
            "ec2:StartInstances-several", "ec2:DeleteTags-several",
            "ec2:StartInstances-several_cut"),
        **events_of([], "ec2:AssociateAddress-interface", "ec2:DeleteTags-other")})


class Instances(TypeCase):
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

    def test_make_lua_breaks_it_again_and_deletes_it(self):
        [bad] = self.make()
        self.remediate(bad)
        self.assertEqual(self.make(), [bad])
        found = {line["status"] for line in self.audit(bad).values()}
        self.assertEqual(found, {"non_compliant"})
        self.clean()
        self.assertEqual(self.instance(bad)["State"]["Name"], "terminated")
        self.clean()
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
        """The emulator accepts the call, but leaves the address where it is."""
        id_ = self.launch(public=True, Owner="shop")
        done = self.remediate(id_, VERIFY_SECONDS="1")[id_, "ec2.dev_public"]
        self.assertEqual(done["status"], "pending", done)
        [change] = self.changes()
        self.assertEqual(change.operation, "ec2:ModifyNetworkInterfaceAttribute")
        self.assertIn(b"AssociatePublicIpAddress=false", change.body)

    def test_ignored_instances_and_other_accounts(self):
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


if __name__ == "__main__":
    unittest.main()
