"""--baseline and --fail-on: which findings are new or resolved since an earlier report, and which
of them change the exit status."""
import csv
import io
import json
import unittest

from support import estate
from support.cloud import Cloud
from support.pages import Page

ACCOUNT = "111122223333"
REGION = "us-east-1"
WHERE = ("--accounts", ACCOUNT, "--regions", REGION, "--types", "sqs,s3_bucket")

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def open_queue(name):
    return estate.queue(cloud, ACCOUNT, REGION, name,
                        estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT)))


class Baseline(unittest.TestCase):
    def setUp(self):
        cloud.reset()
        self.sqs = cloud.client("sqs", ACCOUNT, REGION)
        self.stays, self.goes, self.heals = map(open_queue, ("stays", "goes", "heals"))
        estate.bucket(cloud, ACCOUNT, REGION, f"open-{ACCOUNT}", public_acl=True)

    def scan(self, *args, **more):
        return cloud.engine("scan", *WHERE, *args, **more)

    def keep(self, name="jsonl"):
        """Writes a report, and then changes the resources."""
        path = cloud.path("baseline")
        run = self.scan("--format", name, "--output", path)
        self.assertEqual(run.status, 2, run)
        self.sqs.delete_queue(QueueUrl=self.goes)
        self.sqs.set_queue_attributes(QueueUrl=self.heals, Attributes={"Policy": ""})
        self.comes = open_queue("comes")
        return path

    def marks(self, run, check="sqs.public"):
        return {line["id"].rsplit("/", 1)[1]: (line["baseline"], line["status"])
                for line in run.lines if line["check"] == check}

    def test_findings_are_marked_new_unchanged_or_resolved(self):
        for name in ("jsonl", "json"):
            path = self.keep(name)
            run = self.scan("--baseline", path)
            self.assertEqual(self.marks(run), {
                "stays": ("unchanged", "non_compliant"), "comes": ("new", "non_compliant"),
                "heals": ("resolved", "compliant"), "goes": ("resolved", "gone")}, run)
            self.assertEqual({line["baseline"] for line in run.lines if line["type"] != "sqs"},
                             {"unchanged"}, run)
            self.setUp()

    def test_every_format_shows_the_marks(self):
        path = self.keep()
        results = json.loads(self.scan("--baseline", path, "--format", "sarif").out)["runs"][0]
        self.assertEqual({one["baselineState"] for one in results["results"]},
                         {"new", "unchanged"})
        results = json.loads(self.scan("--baseline", path, "--format", "sarif",
                                       "--all").out)["runs"][0]
        self.assertLessEqual({"new", "unchanged", "absent"},
                             {one.get("baselineState") for one in results["results"]})
        rows = csv.DictReader(io.StringIO(self.scan("--baseline", path, "--format", "csv").out))
        self.assertEqual({row["baseline"] for row in rows}, {"new", "unchanged", "resolved"})
        table = self.scan("--baseline", path, "--format", "table").out
        self.assertIn("non-compliant, new ", table)
        self.assertIn("resolved", table)
        for name in ("table", "summary"):
            text = " ".join(self.scan("--baseline", path, "--format", name).out.split())
            self.assertRegex(text, "since the baseline: [0-9]+ new, [0-9]+ unchanged, "
                                   "[0-9]+ resolved")
        page = Page(self.scan("--baseline", path, "--format", "html").out)
        self.assertIs(page.report["baseline"], True)
        self.assertEqual({one["baseline"] for one in page.findings},
                         {"new", "unchanged", "resolved"})

    def test_fail_on_decides_the_exit_status(self):
        path = self.keep()
        for words, status in (("new", 2), ("new,critical", 2), ("low", 2)):
            run = self.scan("--baseline", path, "--fail-on", words)
            self.assertEqual(run.status, status, run)
        self.sqs.delete_queue(QueueUrl=self.comes)
        for words, status in (("new", 0), ("new,low", 0), ("critical", 2)):
            run = self.scan("--baseline", path, "--fail-on", words)
            self.assertEqual(run.status, status, run)
        cloud.proxy.refuse("sqs:GetQueueAttributes", code="AccessDenied", status=403)
        run = self.scan("--baseline", path, "--fail-on", "new,critical")
        self.assertEqual(run.status, 1, run)

    def test_fail_on_takes_a_severity_without_a_baseline(self):
        self.assertEqual(self.scan("--types", "sqs", "--fail-on", "critical").status, 2)
        run = self.scan("--checks", "s3_bucket.tls", "--fail-on", "critical")
        self.assertEqual((run.status, [line["status"] for line in run.lines]),
                         (0, ["non_compliant"]), run)

    def test_a_plan_has_its_own_exit_status(self):
        run = cloud.engine("plan", "--fail-on", "critical")
        self.assertEqual((run.status, run.out), (64, ""), run)
        self.assertIn("unknown option --fail-on", run.err)
        self.assertNotIn("--fail-on", cloud.engine("plan", "--help").out)

    def test_a_finding_that_was_not_audited_is_not_resolved(self):
        path = self.keep()
        cloud.proxy.refuse("sqs:ListQueues")
        run = self.scan("--baseline", path)
        self.assertEqual((run.status, self.marks(run)), (1, {}), run)
        cloud.proxy.clear()
        run = self.scan("--baseline", path, "--types", "s3_bucket", "--checks", "s3_bucket")
        self.assertNotIn("resolved", run.out)
        lines = cloud.engine("poll", *WHERE).out
        run = cloud.engine("remediate", "--baseline", path, stdin=lines)
        self.assertNotIn("goes", self.marks(run), run)
        self.assertEqual(self.marks(run)["heals"], ("resolved", "compliant"))

    def test_a_bucket_of_another_region_is_not_gone(self):
        path = self.keep()
        run = cloud.engine("scan", "--accounts", ACCOUNT, "--regions", "eu-west-1",
                           "--types", "s3_bucket", "--baseline", path)
        self.assertEqual((run.status, run.out), (0, ""), run)

    def test_a_check_that_is_off_is_not_gone(self):
        path = cloud.path("before")
        args = ("--checks", "s3_bucket.tags")
        before = self.scan(*args, "--output", path, REQUIRED_TAGS="Owner")
        self.assertEqual(before.status, 2, before)
        run = self.scan(*args, "--baseline", path)
        self.assertEqual((run.status, run.out), (0, ""), run)

    def test_a_place_that_can_be_listed_again_is_resolved(self):
        path = cloud.path("before")
        cloud.proxy.refuse("sqs:ListQueues")
        self.scan("--output", path)
        cloud.proxy.clear()
        run = self.scan("--baseline", path)
        self.assertEqual([line["check"] for line in run.lines if line["baseline"] == "resolved"],
                         ["sqs.listed"], run)

    def test_a_repaired_finding_is_resolved_and_an_expired_exemption_is_new(self):
        rules = cloud.path("rules")
        rule = {"id": "*stays", "reason": "agreed", "expires": "2099-12-31"}
        with open(rules, "w", encoding="utf-8") as file:
            json.dump({"rules": [rule]}, file)
        path = cloud.path("before")
        self.scan("--exceptions", rules, "--output", path)
        marks = self.marks(self.scan("--baseline", path))
        self.assertEqual((marks["stays"][0], marks["goes"][0]), ("new", "unchanged"))
        run = self.scan("--baseline", path, "--remediate", "--journal", cloud.path("journal"))
        self.assertEqual({mark for mark, _ in self.marks(run).values()}, {"resolved"}, run)

    def test_wrong_use_is_a_usage_error(self):
        path = cloud.path("bad")
        for text, words in (("{}\n", "bad line 1: this is not a finding"),
                            ("TYPE\n", "bad line 1: this is not a report")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            cloud.proxy.clear()
            run = self.scan("--baseline", path)
            self.assertEqual((run.status, run.out, cloud.proxy.requests), (64, "", []), run)
            self.assertIn(words, run.err)
        for args, words in ((("--dry-run", "--fail-on", "critical"), "whether it has steps"),
                            (("--fail-on", "new"), "--fail-on new needs --baseline"),
                            (("--fail-on", "hgih"), 'did you mean "high"?'),
                            (("--baseline", "/none"), "--baseline: /none: No such file")):
            run = self.scan(*args)
            self.assertEqual((run.status, words in run.err), (64, True), run)


if __name__ == "__main__":
    unittest.main()
