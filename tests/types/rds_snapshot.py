"""Snapshots of databases and of clusters: they are found, repaired, and restored by undo."""
import unittest

from support.kind import FRIEND, STRANGER
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Other, Type, events_of

LOGIN = {"MasterUsername": "maker", "MasterUserPassword": "not-a-secret"}


def snapshot(place, id_, *values):
    rds = place.aws("rds")
    databases = [one["DBInstanceIdentifier"] for one in rds.describe_db_instances()["DBInstances"]]
    if not databases:
        databases = ["db"]
        rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro",
                               Engine="mysql", AllocatedStorage=20, **LOGIN)
    rds.create_db_snapshot(DBInstanceIdentifier=databases[0], DBSnapshotIdentifier=id_)
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=id_, AttributeName="restore",
                                     ValuesToAdd=list(values))
    return id_


def cluster_snapshot(place, id_, *values):
    rds = place.aws("rds")
    if not rds.describe_db_clusters()["DBClusters"]:
        rds.create_db_cluster(DBClusterIdentifier="cluster", Engine="aurora-mysql", **LOGIN)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="cluster", DBClusterSnapshotIdentifier=id_)
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier=id_, AttributeName="restore", ValuesToAdd=list(values))
    return id_


def others(place, _):
    return {"rds:ModifyDBClusterSnapshotAttribute": Other(
        cluster_snapshot(place, "bad-cluster", STRANGER, "all"))}


TYPE = Type(
    repairs=dict.fromkeys(("public", "shared"), {
        "rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute"}),
    good=lambda place, name: snapshot(place, name, FRIEND), others=others,
    absent="none",
    listing=Listing("rds", "DescribeDBSnapshots", "DBSnapshots", lambda id_: {
        "DBSnapshotIdentifier": id_, "SnapshotType": "manual"}, "snapshot-{}"),
    calls=Calls(
        listing="rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots",
        good="rds:DescribeDBSnapshotAttributes, rds:DescribeDBClusterSnapshotAttributes",
        bad="rds:DescribeDBSnapshotAttributes, rds:DescribeDBSnapshots, "
            "rds:DescribeDBClusterSnapshotAttributes"),
    deployed=Deployed("rds:ModifyDBSnapshotAttribute", "moto"),
    events={
        **events_of(
            "orders-2026-11", "rds:ModifyDBSnapshotAttribute",
            "rds:ModifyDBSnapshotAttribute-cut"),
        **events_of(
            "shop-2026-11", "rds:ModifyDBClusterSnapshotAttribute",
            "rds:ModifyDBClusterSnapshotAttribute-cut")})


class Databases(TypeCase):
    type = "rds_snapshot"

    def values_of(self, kind, id_):
        call = getattr(self.aws("rds"), f"describe_{kind}_snapshot_attributes")
        name = {"db": "DBSnapshot", "db_cluster": "DBClusterSnapshot"}[kind]
        got = call(**{name + "Identifier": id_})[name + "AttributesResult"][name + "Attributes"]
        return sorted(got[0]["AttributeValues"])

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        instances = self.aws("rds").describe_db_instances()["DBInstances"]
        self.assertEqual(instances, [])
        cluster = cluster_snapshot(self, "of-a-cluster", STRANGER, "all", FRIEND)
        good = [snapshot(self, "alone"), self.good(),
                cluster_snapshot(self, "good-cluster", FRIEND)]
        self.life(bad={bad: self.outcomes(), cluster: self.outcomes()}, good=good, made=[bad])
        self.assertEqual(self.values_of("db", bad), [STRANGER, "all"])
        self.assertEqual(self.values_of("db_cluster", cluster), [FRIEND, STRANGER, "all"])

    def test_one_id_for_both_kinds(self):
        id_ = snapshot(self, "same", FRIEND)
        cluster_snapshot(self, id_, "all", STRANGER)
        self.assertEqual([line["id"] for line in self.poll().lines], [id_])
        found = self.remediate(id_, journal="same")
        for check, wanted in self.outcomes().items():
            self.assertEqual(found[id_, check]["remediation"], wanted)
        self.assertEqual(self.values_of("db", id_), [FRIEND])
        self.assertEqual(self.values_of("db_cluster", id_), [])

    def test_encrypted_snapshots_cannot_be_made_public_again(self):
        self.aws("rds").create_db_instance(
            DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql",
            AllocatedStorage=20, MasterUsername="maker", MasterUserPassword="not-a-secret",
            StorageEncrypted=True)
        id_ = snapshot(self, "encrypted", "all", STRANGER)
        held = self.remediate(id_, journal="encrypted", HOLD_IRREVERSIBLE="true")
        self.assertEqual(held[id_, "rds_snapshot.public"]["remediation"], "held")
        self.assertEqual(held[id_, "rds_snapshot.shared"]["remediation"], "fixed")
        self.assertEqual(self.values_of("db", id_), ["all"])

    def test_make_lua_deletes_what_it_created(self):
        [bad] = self.make()
        kept = snapshot(self, "kept")
        self.clean()
        self.clean()
        rds = self.aws("rds")
        left = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        self.assertEqual([one["DBSnapshotIdentifier"] for one in left], [kept], bad)
        instances = rds.describe_db_instances()["DBInstances"]
        self.assertEqual([one["DBInstanceIdentifier"] for one in instances], ["db"])

    def test_a_deleted_snapshot_is_gone(self):
        [bad] = self.make()
        self.aws("rds").delete_db_snapshot(DBSnapshotIdentifier=bad)
        for finding in self.audit(bad).values():
            self.assertEqual(finding["status"], "gone")


if __name__ == "__main__":
    unittest.main()
