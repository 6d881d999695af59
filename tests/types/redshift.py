"""Clusters: they are made private, encrypted, and restored by undo."""
import unittest

from support import estate
from support.proxy import Rule
from support.strict_group import STRICT, StrictGroup, make_strict_group
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

PUBLIC, UNENCRYPTED, TAGS, TLS = ("redshift.public", "redshift.unencrypted", "redshift.tags",
                                  "redshift.tls")


def cluster(place, name, **more):
    redshift = place.aws("redshift")
    make_strict_group(redshift)
    redshift.create_cluster(
        ClusterIdentifier=name, NodeType="ra3.large", ClusterType="single-node",
        MasterUsername="root", MasterUserPassword="Long-enough1", Tags=[estate.OWNER],
        **{"Encrypted": True, "PubliclyAccessible": False, "ClusterParameterGroupName": STRICT,
           **more})
    return name


TYPE = Type(
    repairs={"unencrypted": {"redshift:ModifyCluster"}, "public": {"redshift:ModifyCluster"},
             "tags": NOTHING, "tls": NOTHING},
    good=cluster,
    absent="none",
    listing=Listing("redshift", "DescribeClusters", "Clusters", lambda id_: {
        "ClusterIdentifier": id_}, "cluster-{}"),
    calls=Calls(
        listing="redshift:DescribeClusters",
        good="redshift:DescribeClusters, redshift:DescribeClusterParameters",
        bad="redshift:DescribeClusters, redshift:DescribeClusterParameters"),
    by_script="mocked",
    deployed=Deployed("redshift:CreateCluster", "moto"),
    stand_in=lambda: [StrictGroup("redshift:DescribeClusterParameters")],
    not_shown=(
        ("tls passes", "parameter groups cannot be changed: the proxy answers for one",
         "policies/redshift_spec.lua", "requires TLS in each parameter group"),
        ("states on their way", "the emulator changes things at once",
         "policies/redshift_spec.lua", "counts a change in progress as made")),
    events={
        **events_of(
            "warehouse", "redshift:CreateCluster", "redshift:ModifyCluster",
            "redshift:RestoreFromClusterSnapshot", "redshift:CreateCluster-cut",
            "redshift:ModifyCluster-cut", "redshift:RestoreFromClusterSnapshot-cut", delay=900),
        **events_of(
            "lake", "redshift:ModifyCluster-rename", "redshift:ModifyCluster-rename_cut",
            delay=900)})


class Clusters(TypeCase):
    type = "redshift"
    environment = {"REQUIRED_TAGS": "Owner"}

    def seen(self, name):
        got = self.aws("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"][0]
        return got["PubliclyAccessible"], got["Encrypted"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.good()
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertEqual(self.seen(bad), (True, False))
        self.assertEqual(self.seen(good), (False, True))

    def test_make_lua_breaks_a_repaired_one_again_and_deletes_it(self):
        [bad] = self.make()
        self.remediate(bad)
        self.assertEqual(self.seen(bad), (False, True))
        self.make()
        self.assertEqual(self.seen(bad), (True, False))
        self.clean()
        self.clean()
        self.assertEqual(self.audit(bad)[bad, PUBLIC]["status"], "gone")

    def test_only_the_wrong_settings_are_changed(self):
        bad = cluster(self, "open", PubliclyAccessible=True)
        self.remediate(bad)
        [change] = self.changes()
        self.assertIn(b"PubliclyAccessible=false", change.body)
        self.assertNotIn(b"Encrypted", change.body)

    def test_cross_region_snapshots_hold_the_encryption(self):
        bad = cluster(self, "travelling", Encrypted=False)
        self.aws("redshift").enable_snapshot_copy(ClusterIdentifier=bad,
                                                  DestinationRegion="us-west-2")
        finding = self.remediate(bad)[bad, UNENCRYPTED]
        self.assertEqual(finding["remediation"], "held", finding)
        self.assertEqual(self.changes(), [])

    def test_a_paused_cluster_accepts_no_change(self):
        bad = cluster(self, "asleep", PubliclyAccessible=True)
        self.aws("redshift").pause_cluster(ClusterIdentifier=bad)
        self.assertEqual(self.remediate(bad)[bad, PUBLIC]["held"], "the cluster is paused")

    def test_a_cluster_that_is_being_modified_is_audited_again(self):
        """The emulator does not have this state, so its response is changed."""
        bad = cluster(self, "busy", PubliclyAccessible=True)
        rule = Rule("redshift:DescribeClusters")
        rule.answer = lambda _: (200, "text/xml", BUSY.encode())
        self.cloud.proxy.rules.append(rule)
        audited = self.audit(bad)[bad, PUBLIC]
        self.assertEqual((audited["status"], audited["remediation"]),
                         ("non_compliant", "available"))
        finding = self.remediate(bad)[bad, PUBLIC]
        self.assertEqual((finding["status"], finding["remediation"]), ("pending", "planned"))
        self.assertEqual(self.changes(), [])
        self.cloud.proxy.rules.remove(rule)
        self.assertEqual(self.remediate(bad)[bad, PUBLIC]["remediation"], "fixed")

    def test_a_missing_resource_is_gone(self):
        for name in ("nobody", "n" * 200, "a'b\"c", "line\nline", "\u65e5\u672c"):
            self.assertEqual(self.audit(name)[name, PUBLIC]["status"], "gone")


BUSY = f"""<DescribeClustersResponse><DescribeClustersResult><Clusters><Cluster>
<ClusterIdentifier>busy</ClusterIdentifier><ClusterStatus>modifying</ClusterStatus>
<Encrypted>true</Encrypted><PubliclyAccessible>true</PubliclyAccessible>
<ClusterParameterGroups><ClusterParameterGroup><ParameterGroupName>{STRICT}</ParameterGroupName>
</ClusterParameterGroup></ClusterParameterGroups>
</Cluster></Clusters></DescribeClustersResult></DescribeClustersResponse>"""


if __name__ == "__main__":
    unittest.main()
