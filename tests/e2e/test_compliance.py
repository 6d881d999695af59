"""--compliance: the result of a run for each control of a framework."""
import json
import unittest

from support import estate
from support.cloud import Cloud
from support.pages import Page

ACCOUNT = "111122223333"
WHERE = ("--accounts", ACCOUNT, "--regions", "us-east-1", "--types", "sqs,s3_bucket")

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()
    text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
    estate.queue(cloud, ACCOUNT, "us-east-1", "open", text)
    estate.bucket(cloud, ACCOUNT, "us-east-1", f"open-{ACCOUNT}", public_acl=True)


def tearDownModule():
    cloud.close()


class Compliance(unittest.TestCase):
    def setUp(self):
        cloud.proxy.clear()

    def scan(self, name, *args):
        return cloud.engine("scan", *WHERE, "--compliance", name, *args)

    def controls(self, name, *args):
        run = self.scan(name, "--format", "json", *args)
        document = json.loads(run.out)
        self.assertEqual(document["compliance"]["framework"], name)
        found = {one["id"]: one for one in document["compliance"]["controls"]}
        return run, document["findings"], found

    def test_each_control_has_a_status(self):
        run, findings, found = self.controls("cis-5.0")
        self.assertEqual(run.status, 2, run)
        self.assertEqual(found["2.1.1"]["status"], "failed")
        self.assertEqual(found["2.1.1"]["checks"], ["s3_bucket.tls"])
        self.assertEqual(found["2.2.3"]["status"], "not_audited")
        self.assertEqual(found["4.16"]["status"], "not_covered")
        self.assertTrue(found["3.1"]["near"])
        of_tls = [one for one in findings if one["check"] == "s3_bucket.tls"]
        self.assertEqual([one["controls"]["cis-5.0"] for one in of_tls], [["2.1.1"]])
        self.assertNotIn("compliant", {one["status"] for one in findings})
        _, findings, found = self.controls("fsbp", "--all")
        self.assertEqual(found["S3.6"]["status"], "passed")
        self.assertIn("compliant", {one["status"] for one in findings})

    def test_no_control_passes_without_an_audited_resource(self):
        cloud.proxy.refuse("s3:ListBuckets")
        run, _, found = self.controls("fsbp")
        self.assertEqual((run.status, found["S3.6"]["status"], found["S3.5"]["status"]),
                         (1, "unknown", "unknown"), run)

    def test_a_control_does_not_pass_if_one_of_its_checks_is_left_out(self):
        _, _, found = self.controls("fsbp", "--checks", "s3_bucket.public_policy")
        self.assertEqual((found["S3.2"]["status"], found["S3.2"]["passed"]), ("not_audited", 1))
        self.assertIn("s3_bucket.public_acl", found["S3.2"]["checks"])
        _, _, found = self.controls("fsbp")
        self.assertEqual(found["S3.2"]["status"], "failed")

    def test_a_plan_with_controls_can_be_applied(self):
        path = cloud.path("plan")
        self.scan("cis-5.0", "--dry-run", "--format", "json", "--output", path)
        run = cloud.engine("apply", path, "--max-changes", "0")
        self.assertEqual((run.status, {line["remediation"] for line in run.lines}),
                         (2, {"held"}), run)

    def test_every_format_shows_the_controls(self):
        for name in ("table", "summary"):
            run = self.scan("cis-5.0", "--format", name)
            self.assertIn("CIS AWS Foundations Benchmark 5.0.0 (cis-5.0): 1 failed", run.out)
            self.assertRegex(run.out, r"\n  2\.1\.1 +failed +0 +1 +0 +0  Bucket policy does not "
                             r"deny requests without TLS\n +\(s3_bucket\.tls\)\n")
            self.assertIn("\n  not covered: 1.1, 1.2, 1.3,", run.out)
        page = Page(self.scan("cis-5.0", "--format", "html").out)
        found = {one["id"]: one["status"] for one in page.report["compliance"]["controls"]}
        self.assertEqual(found["2.1.1"], "failed")
        sarif = json.loads(self.scan("cis-5.0", "--format", "sarif").out)
        rules = {one["id"]: one for one in sarif["runs"][0]["tool"]["driver"]["rules"]}
        self.assertIn("cis-5.0/2.1.1", rules["s3_bucket.tls"]["properties"]["tags"])
        for line in self.scan("nist-800-53-r5").lines:
            if line["check"] == "s3_bucket.tls":
                self.assertIn("SC-8 ~", line["controls"]["nist-800-53-r5"])

    def test_a_report_with_controls_can_be_a_baseline(self):
        path = cloud.path("baseline")
        self.scan("cis-5.0", "--format", "json", "--output", path)
        run = cloud.engine("scan", *WHERE, "--baseline", path, "--fail-on", "new")
        self.assertEqual((run.status, {line["baseline"] for line in run.lines}),
                         (0, {"unchanged"}), run)

    def test_wrong_use_is_a_usage_error(self):
        run = self.scan("cis-5.o")
        self.assertEqual((run.status, cloud.proxy.requests), (64, []), run)
        self.assertIn('"cis-5.o" is not one of cis-3.0, cis-5.0, fsbp, nist-800-53-r5, pci-dss-4.0.1, '
                      "did you mean", run.err)


if __name__ == "__main__":
    unittest.main()
