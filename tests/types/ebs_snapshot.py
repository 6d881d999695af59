"""Snapshots of volumes: they are found, repaired, and restored by undo."""
import unittest

from support.kind import FRIEND, STRANGER
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Type, events_of


def snapshot(place, *users):
    ec2 = place.aws("ec2")
    volume = ec2.create_volume(AvailabilityZone=place.region + "a", Size=1)["VolumeId"]
    id_ = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    if users:
        ec2.modify_snapshot_attribute(SnapshotId=id_, Attribute="createVolumePermission",
                                      OperationType="add", UserIds=list(users))
    return id_


TYPE = Type(
    repairs=dict.fromkeys(("public", "shared"), {"ec2:ModifySnapshotAttribute"}),
    good=lambda place, _: snapshot(place, FRIEND),
    absent="snap-0123456789abcdef0",
    listing=Listing("ec2", "DescribeSnapshots", "Snapshots", lambda id_: {
        "SnapshotId": id_, "OwnerId": "111122223333"}, "snap-{:017x}"),
    calls=Calls(
        listing="ec2:DescribeSnapshots",
        good="ec2:DescribeSnapshotAttribute",
        bad="ec2:DescribeSnapshotAttribute, ec2:DescribeSnapshots"),
    by_script="impossible",
    # The emulator does not return that a snapshot is shared with groups.
    deployed=Deployed("ec2:ModifySnapshotAttribute", unseen={"public"}),
    events=events_of("snap-083d3b857c13988bc", "ec2:ModifySnapshotAttribute"))


class Disks(TypeCase):
    type = "ebs_snapshot"

    def permissions_of(self, id_):
        got = self.aws("ec2").describe_snapshot_attribute(
            SnapshotId=id_, Attribute="createVolumePermission")
        return got["CreateVolumePermissions"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = [snapshot(self), self.good()]
        self.life(bad={bad: self.outcomes()}, good=good)
        self.assertCountEqual(self.permissions_of(bad), [{"Group": "all"}, {"UserId": STRANGER}])

    def test_snapshots_of_others_are_not_listed(self):
        snapshot(self)
        other = self.cloud.client("ec2", "555566667777", self.region)
        volume = other.create_volume(AvailabilityZone=self.region + "a", Size=1)["VolumeId"]
        other.create_snapshot(VolumeId=volume)
        self.assertEqual(len(self.poll().lines), 1)

    def test_make_lua_deletes_what_it_created(self):
        [bad] = self.make()
        ec2 = self.aws("ec2")
        self.assertEqual(ec2.describe_volumes()["Volumes"], [])
        kept = snapshot(self)
        self.clean()
        self.clean()
        left = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        self.assertEqual([one["SnapshotId"] for one in left], [kept], bad)

    def test_a_deleted_snapshot_is_gone(self):
        [bad] = self.make()
        self.aws("ec2").delete_snapshot(SnapshotId=bad)
        for finding in self.audit(bad).values():
            self.assertEqual(finding["status"], "gone")

    def test_named_accounts_are_kept_if_no_trusted_accounts_are_configured(self):
        [bad] = self.make()
        found = self.remediate(bad, journal="held", KNOWN_ACCOUNTS=None)
        self.assertEqual(found[bad, "ebs_snapshot.public"]["remediation"], "fixed")
        self.assertEqual(found[bad, "ebs_snapshot.shared"]["remediation"], "held")
        self.assertEqual(self.permissions_of(bad), [{"UserId": STRANGER}])


if __name__ == "__main__":
    unittest.main()
