"""Clusters: made private, encrypted, and made as they were."""
import unittest

from support.cleaning import Cleaning
from support.kind import KindCase
from support.proxy import Rule
from support.strict_group import STRICT, StrictGroup, make_strict_group

PUBLIC, UNENCRYPTED, TAGS, TLS = ("redshift.public", "redshift.unencrypted", "redshift.tags",
                                  "redshift.tls")


class Clusters(Cleaning, KindCase):
    type = "redshift"
    environment = {"REQUIRED_TAGS": "Owner"}

    def setUp(self):
        super().setUp()
        self.cloud.proxy.rules.append(StrictGroup("redshift:DescribeClusterParameters"))

    def cluster(self, name, tags=("OWNER",), **more):
        redshift = self.aws("redshift")
        make_strict_group(redshift)
        redshift.create_cluster(
            ClusterIdentifier=name, NodeType="ra3.large", ClusterType="single-node",
            MasterUsername="root", MasterUserPassword="Long-enough1",
            Tags=[{"Key": key, "Value": "x"} for key in tags],
            **{"Encrypted": True, "PubliclyAccessible": False,
               "ClusterParameterGroupName": STRICT, **more})
        return name

    def seen(self, name):
        got = self.aws("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"][0]
        return got["PubliclyAccessible"], got["Encrypted"]

    def test_life(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        good = self.cluster("good")
        self.life(bad={bad: {PUBLIC: "fixed", UNENCRYPTED: "fixed", TAGS: "none", TLS: "none"}},
                  good=[good])
        self.assertEqual(self.seen(bad), (True, False))
        self.assertEqual(self.seen(good), (False, True))

    def test_what_was_made_is_repaired_made_bad_again_and_taken_away(self):
        [bad] = self.make()
        self.remediate(bad)
        self.assertEqual(self.seen(bad), (False, True))
        self.make()
        self.assertEqual(self.seen(bad), (True, False))
        self.clean()
        self.clean()
        self.assertEqual(self.audit(bad)[bad, PUBLIC]["status"], "gone")

    def test_only_what_is_wrong_is_changed(self):
        bad = self.cluster("open", PubliclyAccessible=True)
        self.remediate(bad)
        [change] = self.changes()
        self.assertIn(b"PubliclyAccessible=false", change.body)
        self.assertNotIn(b"Encrypted", change.body)

    def test_snapshots_that_go_abroad_hold_the_encryption(self):
        bad = self.cluster("travelling", Encrypted=False)
        self.aws("redshift").enable_snapshot_copy(ClusterIdentifier=bad,
                                                  DestinationRegion="us-west-2")
        finding = self.remediate(bad)[bad, UNENCRYPTED]
        self.assertEqual(finding["remediation"], "held", finding)
        self.assertEqual(self.changes(), [])

    def test_a_paused_one_takes_no_change(self):
        bad = self.cluster("asleep", PubliclyAccessible=True)
        self.aws("redshift").pause_cluster(ClusterIdentifier=bad)
        self.assertEqual(self.remediate(bad)[bad, PUBLIC]["held"], "the cluster is paused")

    def test_one_that_takes_another_change_is_looked_at_again(self):
        """The emulator knows no such state: its answer is made to say so."""
        bad = self.cluster("busy", PubliclyAccessible=True)
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

    def test_one_that_is_not_there_is_gone(self):
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
