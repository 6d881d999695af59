"""Resources under AWS's public access blocks: access that a block stops is no finding, and no step
promises an undo that AWS would refuse. The emulator refuses as AWS documents it
(script/emulator.py)."""
import json
import pathlib
import unittest

from support import estate
from support.kind import STRANGER, KindCase

PUBLIC = {"IgnorePublicAcls": False, "RestrictPublicBuckets": False, "BlockPublicAcls": True,
          "BlockPublicPolicy": True}
CONTAINED = {**PUBLIC, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
BLOCK_ACCOUNT = """
aws:in_account(arg[1]).s3control:PutPublicAccessBlock {
  AccountId = arg[1], PublicAccessBlockConfiguration = json.decode(arg[2]),
}
"""
RULES = """return { rules = { {
  id = "%s", check = "s3_bucket.public_policy", reason = "a public download",
  expires = "2099-01-01",
} } }
"""
ACCOUNT_READ = "s3control:GetPublicAccessBlock"


class Buckets(KindCase):
    type = "s3_bucket"

    def block_account(self, settings):
        script = pathlib.Path(self.cloud.path("block.lua"))
        script.write_text(BLOCK_ACCOUNT, encoding="ascii")
        run = self.cloud.engine("run", str(script), self.account, json.dumps(settings))
        self.assertEqual((run.status, run.err), (0, ""), run)

    def bucket(self, name, *statements, public_acl=False):
        resource = f"arn:aws:s3:::{name}/*"
        known = {
            "own": estate.statement("own", {"AWS": f"arn:aws:iam::{self.account}:root"},
                                    "s3:GetObject", resource),
            "open": estate.statement("open", "*", "s3:GetObject", resource),
            "partner": estate.statement("partner", {"AWS": f"arn:aws:iam::{STRANGER}:root"},
                                        "s3:GetObject", resource),
        }
        text = estate.text_of(*[known[one] for one in statements])
        return estate.bucket(self.cloud, self.account, self.region, name, text,
                             public_acl=public_acl)

    def policy_of(self, name):
        return estate.bucket_policy(self.cloud, self.account, self.region, name)

    def sids_of(self, name):
        return [one["Sid"] for one in json.loads(self.policy_of(name))["Statement"]]

    def words(self, run, name):
        return {line["check"]: (line["status"], line["remediation"])
                for line in run.lines if line["id"] == name}

    def test_what_has_no_effect_passes_and_says_why(self):
        names = [self.bucket(f"box-{i}", "own", "open", public_acl=True) for i in range(5)]
        self.block_account(CONTAINED)
        findings = self.audit(*names)
        asked = self.cloud.proxy.operations()
        self.assertEqual(asked.count(ACCOUNT_READ), 1, "asked once a run and account")
        self.assertEqual(asked.count("s3:GetPublicAccessBlock"), 5)
        for name in names:
            acl, policy = (findings[name, f"s3_bucket.public_{what}"] for what in ("acl", "policy"))
            self.assertEqual((acl["status"], policy["status"]), ("compliant", "compliant"))
            self.assertEqual(acl["evidence"], {
                "contained_by": "the account's IgnorePublicAcls",
                "without_it": "the ACL grants READ to everyone"})
            self.assertEqual(policy["evidence"]["contained_by"],
                             "the account's RestrictPublicBuckets")

    def test_a_block_that_cannot_be_read_is_asked_for_twice(self):
        """At the start, and once more at the end of the run, however many buckets need it; both
        with the client's retries."""
        names = [self.bucket(f"box-{i}", "own", "open", public_acl=True) for i in range(6)]
        rule = self.cloud.proxy.refuse(ACCOUNT_READ, code="InternalError", status=500)
        run = self.engine("remediate", "--all", "--concurrency", "2", AWS_MAX_ATTEMPTS="2",
                          stdin="\n".join(map(self.line, names)))
        asked = self.cloud.proxy.operations()
        self.assertEqual((run.status, asked.count(ACCOUNT_READ)), (1, 4), run)
        self.assertEqual(asked.count("s3:GetBucketAcl"), 12)
        for name in names:
            self.assertEqual(self.words(run, name)["s3_bucket.public_acl"][0], "unknown")
        rule.times = rule.hits + 2
        self.cloud.proxy.clear_requests()
        run = self.engine("remediate", "--all", "--concurrency", "2", AWS_MAX_ATTEMPTS="2",
                          stdin="\n".join(map(self.line, names)))
        self.assertEqual(self.cloud.proxy.operations().count(ACCOUNT_READ), 3)
        for name in names:
            self.assertEqual(self.words(run, name)["s3_bucket.public_acl"][0], "non_compliant")

    def test_a_repair_whose_undo_s3_would_refuse_is_held(self):
        name = self.bucket("box", "own", "open", public_acl=True)
        self.block_account(PUBLIC)
        before = self.policy_of(name)
        run = self.engine("plan", "--output", self.cloud.path("plan"), stdin=self.line(name))
        plan = pathlib.Path(self.cloud.path("plan")).read_text(encoding="utf-8")
        steps = {line["check"]: line["steps"][0]
                 for line in map(json.loads, plan.splitlines()) if line.get("steps")}
        for check in ("s3_bucket.public_acl", "s3_bucket.public_policy"):
            self.assertNotIn("undo", steps[check], run)
            self.assertIn("the account's BlockPublic", steps[check]["irreversible"])
        self.assertIn("undo", steps["s3_bucket.sse"])
        held = self.engine("apply", self.cloud.path("plan"), HOLD_IRREVERSIBLE="true")
        self.assertEqual(self.words(held, name)["s3_bucket.public_policy"],
                         ("non_compliant", "held"), held)
        self.assertEqual(self.policy_of(name), before)

    def test_it_is_made_where_it_is_allowed_after_reading_again(self):
        name = self.bucket("box", "own", "open", public_acl=True)
        self.block_account(PUBLIC)
        findings = self.remediate(name)
        self.assertGreater(self.cloud.proxy.operations().count(ACCOUNT_READ), 1)
        for check in ("public_acl", "public_policy", "sse", "tls"):
            self.assertEqual(findings[name, f"s3_bucket.{check}"]["remediation"], "fixed")
        self.assertEqual(self.sids_of(name), ["own", "DenyWrongEncryption", "DenyPlainHttp"])
        run = self.undo()
        self.assertEqual(self.sids_of(name), ["own"], run)

    def test_denials_are_held_beside_what_a_rule_leaves_public(self):
        name = self.bucket("box", "own", "open")
        self.block_account(PUBLIC)
        rules = pathlib.Path(self.cloud.path("rules.lua"))
        rules.write_text(RULES % name, encoding="ascii")
        before = self.policy_of(name)
        run = self.engine("remediate", "--all", "--remediate", "--journal",
                          self.cloud.path("journal"), stdin=self.line(name),
                          EXCEPTIONS=str(rules))
        words = self.words(run, name)
        self.assertEqual(words["s3_bucket.public_policy"][0], "exempt", run)
        for check in ("s3_bucket.sse", "s3_bucket.tls"):
            self.assertEqual(words[check], ("non_compliant", "held"), run)
            finding = self.by_check(run)[name, check]
            self.assertIn("BlockPublicPolicy refuses to store it", finding["held"])
        self.assertEqual((self.changes(), self.policy_of(name)), ([], before))

    def test_the_result_of_a_refused_put_says_so(self):
        """A block that the engine cannot see, such as one of the organization: S3 refuses the first
        put."""
        name = self.bucket("box", "own")
        self.cloud.proxy.refuse("s3:PutBucketPolicy")
        findings = self.remediate(name)
        self.assertEqual(findings[name, "s3_bucket.sse"]["remediation"], "failed")
        self.assertEqual(findings[name, "s3_bucket.sse"]["error"]["code"], "AccessDenied")
        self.assertEqual(findings[name, "s3_bucket.tls"]["remediation"], "held")
        self.assertEqual(findings[name, "s3_bucket.tls"]["held"],
                         "planned to follow the repair of s3_bucket.sse, which failed")
        self.assertEqual(len(self.changes()), 1)

    def test_untrusted_accounts_are_removed_with_statements_without_effect(self):
        name = self.bucket("box", "own", "open", "partner")
        self.block_account(CONTAINED)
        findings = self.remediate(name)
        self.assertEqual(findings[name, "s3_bucket.grants_access"]["remediation"], "fixed")
        self.assertEqual(findings[name, "s3_bucket.public_policy"]["status"], "compliant")
        self.assertEqual(self.sids_of(name), ["own", "DenyWrongEncryption", "DenyPlainHttp"])

    def test_a_web_site_keeps_its_visitors(self):
        name = self.bucket("box", "own")
        self.aws("s3").put_bucket_website(Bucket=name, WebsiteConfiguration={
            "IndexDocument": {"Suffix": "index.html"}})
        findings = self.remediate(name)
        self.assertEqual(findings[name, "s3_bucket.tls"]["remediation"], "held")
        self.assertIn("website", findings[name, "s3_bucket.tls"]["held"])
        self.assertEqual(self.sids_of(name), ["own", "DenyWrongEncryption"])


class Images(KindCase):
    type = "ami"

    def test_nothing_is_promised_that_the_region_refuses(self):
        ec2 = self.aws("ec2")
        ids = [ec2.register_image(Name=name)["ImageId"] for name in ("one", "other")]
        for id_ in ids:
            ec2.modify_image_attribute(ImageId=id_, LaunchPermission={"Add": [{"Group": "all"}]})
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        run = self.engine("plan", stdin="\n".join(map(self.line, ids)))
        self.assertEqual(self.cloud.proxy.operations().count(
            "ec2:GetImageBlockPublicAccessState"), 1, "asked once a run and region")
        for id_ in ids:
            [step] = run.finding("ami.public", id_)["steps"]
            self.assertNotIn("undo", step)
            self.assertIn("block public access for AMIs is on", step["irreversible"])
        held = self.remediate(ids[0], HOLD_IRREVERSIBLE="true")
        self.assertEqual(held[ids[0], "ami.public"]["remediation"], "held")
        self.assertEqual(self.remediate(ids[1], journal="made")[ids[1], "ami.public"][
            "remediation"], "fixed")
        with self.assertRaisesRegex(ec2.exceptions.ClientError, "block public access"):
            ec2.modify_image_attribute(ImageId=ids[1],
                                       LaunchPermission={"Add": [{"Group": "all"}]})


class Snapshots(KindCase):
    type = "ebs_snapshot"

    def test_nothing_is_promised_that_the_region_refuses(self):
        ec2 = self.aws("ec2")
        volume = ec2.create_volume(AvailabilityZone=self.region + "a", Size=1)["VolumeId"]
        id_ = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        share = {"SnapshotId": id_, "Attribute": "createVolumePermission",
                 "OperationType": "add", "GroupNames": ["all"]}
        ec2.modify_snapshot_attribute(**share)
        ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        [step] = self.engine("plan", stdin=self.line(id_)).finding(
            "ebs_snapshot.public", id_)["steps"]
        self.assertNotIn("undo", step)
        self.assertIn("(block-all-sharing) is on in us-east-1", step["irreversible"])
        self.assertEqual(self.remediate(id_)[id_, "ebs_snapshot.public"]["remediation"], "fixed")
        with self.assertRaisesRegex(ec2.exceptions.ClientError, "block public access"):
            ec2.modify_snapshot_attribute(**share)


if __name__ == "__main__":
    unittest.main()
