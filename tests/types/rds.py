"""Databases: they are made private, stopped, and started again; some must not be stopped."""
import unittest

from support import estate
from support.clock import PastMoto
from support.cloud import Cloud
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Type, events_of

PUBLIC, UNENCRYPTED, TAGS = "rds.public", "rds.unencrypted", "rds.tags"
HOUR = 3600
MARGIN = 120  # the longest time in seconds between a test's creation of a database and its request


def good(place, name):
    place.aws("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql",
        AllocatedStorage=20, MasterUsername="maker", MasterUserPassword="not-a-secret",
        StorageEncrypted=True, PubliclyAccessible=False, Tags=[estate.OWNER])
    return name


TYPE = Type(
    repairs={"unencrypted": {"rds:StopDBInstance"}, "public": {"rds:ModifyDBInstance"},
             "tags": {"rds:StopDBInstance"}},
    covered={"tags"},  # there is one instance to stop
    passed={"unencrypted"},
    impacts={"unencrypted": "stops", "tags": "stops"},
    good=good,
    absent="none",
    listing=Listing("rds", "DescribeDBInstances", "DBInstances", lambda id_: {
        "DBInstanceIdentifier": id_, "Engine": "mysql"}, "db-{}"),
    calls=Calls(
        listing="rds:DescribeDBInstances",
        good="rds:DescribeDBInstances",
        bad="rds:DescribeDBInstances"),
    deployed=Deployed("rds:CreateDBInstance"),
    not_shown=((
        "states on their way", "the emulator changes things at once",
        "policies/rds_spec.lua", "waits with the next change while one is in progress"),),
    events={
        **events_of("orders", "rds:ModifyDBInstance", "rds:ModifyDBInstance-cut", delay=120),
        **events_of("orders-old", "rds:ModifyDBInstance-rename", delay=120),
        **events_of(
            "orders", "rds:CreateDBInstance", "rds:StartDBInstance",
            "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime",
            "rds:CreateDBInstance-cut", "rds:RestoreDBInstanceFromDBSnapshot-cut",
            "rds:RestoreDBInstanceToPointInTime-cut", "rds:StartDBInstance-cut", delay=900),
        **events_of(
            "orders-replica", "rds:CreateDBInstanceReadReplica",
            "rds:CreateDBInstanceReadReplica-cut", delay=900),
        **events_of(["orders-old", "orders"], "rds:ModifyDBInstance-rename_cut", delay=120)})


class PastDatabases(PastMoto):
    """The clock that is set is that of RDS."""

    def command(self):
        return [part.replace("moto.iam.models", "moto.rds.models") for part in super().command()]


class Databases(TypeCase):
    type = "rds"
    environment = {"REQUIRED_TAGS": "Owner"}

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(PastDatabases)

    def setUp(self):
        super().setUp()
        self.cloud.emulator.go_back(seconds=2 * HOUR)

    def database(self, name, tags=("owner",), **more):
        wanted = {"Engine": "mysql", "StorageEncrypted": True, "PubliclyAccessible": False,
                  "AllocatedStorage": 20, **more}
        if "DBClusterIdentifier" not in wanted:
            wanted.update(MasterUsername="root", MasterUserPassword="long-enough")
        self.aws("rds").create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro",
            Tags=[{"Key": key, "Value": "x"} for key in tags], **wanted)
        return name

    def cluster(self, name, **more):
        self.aws("rds").create_db_cluster(
            DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="root",
            MasterUserPassword="long-enough", **more)
        return name

    def seen(self, name):
        got = self.aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return got["DBInstanceStatus"], got["PubliclyAccessible"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.good()
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertEqual(self.seen(bad), ("available", True))
        self.assertEqual(self.seen(good), ("available", False))

    def test_it_is_private_before_it_is_stopped(self):
        bad = self.database("both", StorageEncrypted=False, PubliclyAccessible=True)
        self.remediate(bad)
        self.assertEqual([one.operation for one in self.changes()],
                         ["rds:ModifyDBInstance", "rds:StopDBInstance"])
        self.assertNotIn(b"ApplyImmediately", self.changes()[0].body)
        self.assertEqual(self.seen(bad), ("stopped", False))

    def test_make_lua_breaks_a_repaired_one_again_and_deletes_it(self):
        [bad] = self.make()
        self.remediate(bad)
        self.assertEqual(self.seen(bad), ("stopped", False))
        self.make()
        self.make()
        self.assertEqual(self.seen(bad), ("available", True))
        self.clean()
        self.clean()
        self.assertEqual(self.audit(bad)[bad, PUBLIC]["status"], "gone")

    def test_the_grace_period(self):
        emulator = self.cloud.emulator
        for minutes in (60, 5):
            emulator.go_back(seconds=minutes * 60 - MARGIN)
            young = self.database(f"young{minutes}", StorageEncrypted=False)
            emulator.go_back(seconds=minutes * 60 + 1)
            old = self.database(f"old{minutes}", StorageEncrypted=False)
            found = self.audit(young, old, DB_CHECK_TIME=str(minutes))
            self.assertEqual(found[young, UNENCRYPTED]["status"], "compliant")
            self.assertEqual(found[old, UNENCRYPTED]["status"], "non_compliant")

    def test_a_missing_tag_stops_the_database(self):
        bad = self.database("untagged", tags=("team",))
        self.assertEqual(self.remediate(bad)[bad, TAGS]["remediation"], "fixed")
        self.assertEqual(self.seen(bad)[0], "stopped")
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(self.seen(bad)[0], "available")

    def test_a_stopped_database_cannot_be_made_private(self):
        bad = self.database("asleep", PubliclyAccessible=True, StorageEncrypted=False)
        self.aws("rds").stop_db_instance(DBInstanceIdentifier=bad)
        found = self.remediate(bad)
        self.assertEqual(found[bad, PUBLIC]["held"], "the instance is stopped")
        self.assertEqual(found[bad, UNENCRYPTED]["status"], "compliant")
        self.assertEqual(self.changes(), [])

    def test_replicas_and_their_sources_are_not_stopped(self):
        source = self.database("source", StorageEncrypted=False)
        self.aws("rds").create_db_instance_read_replica(
            DBInstanceIdentifier="copy", SourceDBInstanceIdentifier=source)
        found = self.remediate(source, "copy")
        for name, why in ((source, "read replicas"), ("copy", "is a read replica")):
            self.assertEqual(found[name, UNENCRYPTED]["remediation"], "held", found)
            self.assertIn(why, found[name, UNENCRYPTED]["held"])
        self.assertEqual(self.changes(), [])

    def test_a_member_is_stopped_with_its_cluster(self):
        cluster = self.cluster("main")
        bad = self.database("writer", Engine="aurora-mysql", DBClusterIdentifier=cluster,
                            tags=())
        self.assertEqual(self.remediate(bad)[bad, TAGS]["remediation"], "fixed")
        [change] = self.changes()
        self.assertEqual(change.operation, "rds:StopDBCluster")
        clusters = self.aws("rds").describe_db_clusters(DBClusterIdentifier=cluster)
        self.assertEqual(clusters["DBClusters"][0]["Status"], "stopped")
        self.assertEqual(self.undo().status, 0)
        clusters = self.aws("rds").describe_db_clusters(DBClusterIdentifier=cluster)
        self.assertEqual(clusters["DBClusters"][0]["Status"], "available")

    def test_a_missing_resource_is_gone(self):
        for name in ("nobody", "n" * 200, "a'b\"c", "line\nline", "\u65e5\u672c"):
            self.assertEqual(self.audit(name)[name, PUBLIC]["status"], "gone")


if __name__ == "__main__":
    unittest.main()
