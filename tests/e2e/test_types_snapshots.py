"""Images and snapshots, of disks and of databases: found, repaired, taken back."""
import json
import unittest

from support.cloud import MASTER, ROOT
from support.kind import FRIEND, STRANGER, KindCase
from support.permissions import set_role

ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-abcdef1234"
POLLED = "333344445555"
UNIT = "arn:aws:organizations::444455556666:ou/o-abcdef1234/ou-ab12-cdefgh34"


class Case(KindCase):
    def clean(self):
        """Lets misconfiguration_maker take away what it made; twice, as somebody might."""
        for _ in range(2):
            run = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"),
                                    "clean", "--account", self.account, "--region", self.region,
                                    self.type)
            self.assertEqual((run.status, run.out, run.err), (0, "", ""), run)


class Images(Case):
    type = "ami"

    def image(self, *permissions):
        ec2 = self.aws("ec2")
        id_ = ec2.register_image(Name="image")["ImageId"]
        ec2.modify_image_attribute(ImageId=id_, LaunchPermission={"Add": list(permissions)})
        return id_

    def permissions_of(self, id_):
        got = self.aws("ec2").describe_image_attribute(ImageId=id_, Attribute="launchPermission")
        return got["LaunchPermissions"]

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.image({"UserId": FRIEND}, {"UserId": self.account})
        both = {"ami.public": "fixed", "ami.shared": "fixed"}
        self.life(bad={bad: both}, good=[good])
        self.assertCountEqual(self.permissions_of(bad), [{"Group": "all"}, {"UserId": STRANGER}])

    def test_organizations_are_taken_away_as_organizations(self):
        strangers = [{"OrganizationArn": ORGANIZATION}, {"OrganizationalUnitArn": UNIT}]
        bad = self.image({"UserId": FRIEND}, *strangers)
        finding = self.remediate(bad, journal="organizations",
                                 KNOWN_ACCOUNTS=FRIEND + ",o-own1234567")[bad, "ami.shared"]
        self.assertEqual(finding["remediation"], "fixed", finding)
        self.assertEqual(self.permissions_of(bad), [{"UserId": FRIEND}])
        self.assertEqual(self.undo("organizations").status, 0)
        self.assertCountEqual(self.permissions_of(bad), [{"UserId": FRIEND}, *strangers])

    def test_an_organization_may_be_ones_own_where_accounts_alone_are_known(self):
        kept = [{"OrganizationArn": ORGANIZATION}, {"UserId": STRANGER}]
        bad = self.image(*kept)
        finding = self.remediate(bad, journal="doubted")[bad, "ami.shared"]
        self.assertEqual((finding["status"], finding["remediation"]), ("non_compliant", "held"))
        self.assertIn("ORGANIZATION_ACCOUNT", finding["held"])
        self.assertIn(ORGANIZATION, finding["summary"])
        self.assertCountEqual(self.permissions_of(bad), kept)

    def test_organizations_and_units_are_known_by_their_ids(self):
        images = {"o-abcdef1234": self.image({"OrganizationArn": ORGANIZATION},
                                             {"OrganizationalUnitArn": UNIT}),
                  "ou-ab12-cdefgh34": self.image({"OrganizationalUnitArn": UNIT})}
        for known, image in images.items():
            found = self.audit(image, KNOWN_ACCOUNTS=known)
            self.assertEqual(found[image, "ami.shared"]["status"], "compliant", known)

    def test_accounts_that_are_polled_and_the_callers_are_no_strangers(self):
        image = self.image({"UserId": POLLED}, {"UserId": MASTER})
        found = self.audit(image, ACCOUNTS=POLLED)
        self.assertEqual(found[image, "ami.shared"]["status"], "compliant")
        found = self.audit(image)
        self.assertEqual(found[image, "ami.shared"]["evidence"],
                         [{"kind": "UserId", "value": POLLED}])
        # These alone do not say who else is trusted.
        bad = self.image({"UserId": POLLED}, {"UserId": STRANGER})
        found = self.remediate(bad, journal="polled", KNOWN_ACCOUNTS=None, ACCOUNTS=POLLED)
        self.assertEqual(found[bad, "ami.shared"]["remediation"], "held")

    def allow_organization(self):
        """The organization's account must also tell who is in it."""
        policy = json.loads(self.permissions())
        policy["Statement"].append({"Effect": "Allow", "Resource": "*", "Action": [
            "organizations:ListAccounts", "organizations:DescribeOrganization"]})
        set_role(self.cloud, self.account, json.dumps(policy))

    def test_the_organization_that_is_known_keeps_its_images(self):
        self.allow_organization()
        organizations = self.aws("organizations")
        made = organizations.create_organization(FeatureSet="ALL")["Organization"]
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="shops")
        known = [{"OrganizationArn": made["Arn"]},
                 {"OrganizationalUnitArn": unit["OrganizationalUnit"]["Arn"]}]
        good, bad = self.image(*known), self.image(*known, {"OrganizationArn": ORGANIZATION})
        found = self.remediate(good, bad, journal="known", KNOWN_ACCOUNTS=None,
                               ORGANIZATION_ACCOUNT=self.account)
        self.assertEqual(found[good, "ami.shared"]["status"], "compliant")
        self.assertEqual(found[bad, "ami.shared"]["remediation"], "fixed", found)
        self.assertEqual(self.permissions_of(bad), known)
        self.assertEqual(self.permissions_of(good), known)

    def test_what_was_made_is_taken_away(self):
        self.make()
        kept = self.image({"UserId": FRIEND})
        self.clean()
        ec2 = self.aws("ec2")
        images = ec2.describe_images(Owners=["self"])["Images"]
        self.assertEqual([image["ImageId"] for image in images], [kept])
        disks = ec2.describe_snapshots(OwnerIds=["self"], Filters=[
            {"Name": "tag:Name", "Values": ["*"]}])["Snapshots"]
        self.assertEqual((disks, ec2.describe_volumes()["Volumes"]), ([], []))

    def test_hostile_ids_stop_nobody_else(self):
        bad = self.image({"UserId": STRANGER})
        hostile = ["ami-\"\n\\\U0001f4a3", "x" * 200, "ami-'; --", "ami-0&Action=DescribeImages"]
        found = self.audit(*hostile, bad)
        for id_ in hostile:
            self.assertIn(found[id_, "ami.public"]["status"], ("unknown", "gone"))
        self.assertEqual(found[bad, "ami.shared"]["status"], "non_compliant")

    def test_a_deregistered_image_is_gone(self):
        [bad] = self.make()
        self.aws("ec2").deregister_image(ImageId=bad)
        for finding in self.audit(bad).values():
            self.assertEqual(finding["status"], "gone")


class Disks(Case):
    type = "ebs_snapshot"

    def snapshot(self, *users):
        ec2 = self.aws("ec2")
        volume = ec2.create_volume(AvailabilityZone=self.region + "a", Size=1)["VolumeId"]
        id_ = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        if users:
            ec2.modify_snapshot_attribute(SnapshotId=id_, Attribute="createVolumePermission",
                                          OperationType="add", UserIds=list(users))
        return id_

    def permissions_of(self, id_):
        got = self.aws("ec2").describe_snapshot_attribute(
            SnapshotId=id_, Attribute="createVolumePermission")
        return got["CreateVolumePermissions"]

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = [self.snapshot(), self.snapshot(FRIEND)]
        both = {"ebs_snapshot.public": "fixed", "ebs_snapshot.shared": "fixed"}
        self.life(bad={bad: both}, good=good)
        self.assertCountEqual(self.permissions_of(bad), [{"Group": "all"}, {"UserId": STRANGER}])

    def test_snapshots_of_others_are_not_listed(self):
        self.snapshot()
        other = self.cloud.client("ec2", "555566667777", self.region)
        volume = other.create_volume(AvailabilityZone=self.region + "a", Size=1)["VolumeId"]
        other.create_snapshot(VolumeId=volume)
        self.assertEqual(len(self.poll().lines), 1)

    def test_what_was_made_is_taken_away(self):
        [bad] = self.make()
        ec2 = self.aws("ec2")
        self.assertEqual(ec2.describe_volumes()["Volumes"], [])
        kept = self.snapshot()
        self.clean()
        left = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        self.assertEqual([one["SnapshotId"] for one in left], [kept], bad)

    def test_a_deleted_snapshot_is_gone(self):
        [bad] = self.make()
        self.aws("ec2").delete_snapshot(SnapshotId=bad)
        for finding in self.audit(bad).values():
            self.assertEqual(finding["status"], "gone")

    def test_named_accounts_are_kept_where_nobody_is_said_to_be_trusted(self):
        [bad] = self.make()
        found = self.remediate(bad, journal="held", KNOWN_ACCOUNTS=None)
        self.assertEqual(found[bad, "ebs_snapshot.public"]["remediation"], "fixed")
        self.assertEqual(found[bad, "ebs_snapshot.shared"]["remediation"], "held")
        self.assertEqual(self.permissions_of(bad), [{"UserId": STRANGER}])


class Databases(Case):
    type = "rds_snapshot"

    def snapshot(self, id_, *values):
        rds = self.aws("rds")
        if not rds.describe_db_instances()["DBInstances"]:
            rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro",
                                   Engine="mysql", AllocatedStorage=20, MasterUsername="maker",
                                   MasterUserPassword="not-a-secret")
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier=id_)
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=id_, AttributeName="restore",
                                         ValuesToAdd=list(values))
        return id_

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

    def values_of(self, kind, id_):
        call = getattr(self.aws("rds"), f"describe_{kind}_snapshot_attributes")
        name = {"db": "DBSnapshot", "db_cluster": "DBClusterSnapshot"}[kind]
        got = call(**{name + "Identifier": id_})[name + "AttributesResult"][name + "Attributes"]
        return sorted(got[0]["AttributeValues"])

    BOTH = {"rds_snapshot.public": "fixed", "rds_snapshot.shared": "fixed"}

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        instances = self.aws("rds").describe_db_instances()["DBInstances"]
        self.assertEqual(instances, [])
        cluster = self.cluster_snapshot("of-a-cluster", STRANGER, "all", FRIEND)
        good = self.snapshot("good")
        twin = self.cluster_snapshot("good-cluster", FRIEND)
        self.life(bad={bad: self.BOTH, cluster: self.BOTH}, good=[good, twin], made=[bad])
        self.assertEqual(self.values_of("db", bad), [STRANGER, "all"])
        self.assertEqual(self.values_of("db_cluster", cluster), [FRIEND, STRANGER, "all"])

    def test_one_id_of_both_kinds(self):
        id_ = self.snapshot("same", FRIEND)
        self.cluster_snapshot(id_, "all", STRANGER)
        self.assertEqual([line["id"] for line in self.poll().lines], [id_])
        found = self.remediate(id_, journal="same")
        for check, wanted in self.BOTH.items():
            self.assertEqual(found[id_, check]["remediation"], wanted)
        self.assertEqual(self.values_of("db", id_), [FRIEND])
        self.assertEqual(self.values_of("db_cluster", id_), [])

    def test_encrypted_snapshots_cannot_be_made_public_again(self):
        self.aws("rds").create_db_instance(
            DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql",
            AllocatedStorage=20, MasterUsername="maker", MasterUserPassword="not-a-secret",
            StorageEncrypted=True)
        id_ = self.snapshot("encrypted", "all", STRANGER)
        held = self.remediate(id_, journal="encrypted", HOLD_IRREVERSIBLE="true")
        self.assertEqual(held[id_, "rds_snapshot.public"]["remediation"], "held")
        self.assertEqual(held[id_, "rds_snapshot.shared"]["remediation"], "fixed")
        self.assertEqual(self.values_of("db", id_), ["all"])

    def test_what_was_made_is_taken_away(self):
        [bad] = self.make()
        kept = self.snapshot("kept")
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
