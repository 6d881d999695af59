"""Files that earlier versions wrote (tests/fixtures/formats) are read as they were meant; those of a
newer version are refused, and nothing is changed."""
import json
import shutil
import unittest

from support.cloud import ROOT, Cloud

ACCOUNT, REGION, GROUP = "111122223333", "us-east-1", "older"
FIXTURES = ROOT / "tests/fixtures/formats"
KNOWN = {"ENGINE_POLICIES": str(FIXTURES)}  # log_group.lua, as it was when the files were written

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


class Older(unittest.TestCase):
    def setUp(self):
        cloud.reset()
        self.logs = cloud.client("logs", ACCOUNT, REGION)
        self.logs.create_log_group(logGroupName=GROUP)

    def days(self):
        group, = self.logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
        return group.get("retentionInDays")

    def copy(self, name, change=None):
        """A copy of the file in the test's directory."""
        path = cloud.path(name)
        shutil.copy(FIXTURES / name, path)
        if change:
            lines = [json.loads(line) for line in (FIXTURES / name).read_text().splitlines()]
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(line | change) + "\n" for line in lines)
        return path

    def engine(self, *words, stdin="", status=0):
        done = cloud.engine(*words, stdin=stdin, **KNOWN)
        self.assertEqual(done.status, status, done)
        return done

    def test_a_plan_is_applied_and_its_journal_undone(self):
        plan = self.copy("plan.jsonl")
        self.engine("apply", plan, "--repair", "log_group", "--journal", cloud.path("new"))
        self.assertEqual(self.days(), 365)
        self.engine("undo", self.copy("plan.jsonl.journal"))
        self.assertIsNone(self.days())

    def test_lines_are_audited_and_compared_with_a_report(self):
        lines = (FIXTURES / "lines.jsonl").read_text()
        done = self.engine("remediate", "--baseline", str(FIXTURES / "report.jsonl"), stdin=lines,
                           status=2)
        self.assertEqual(done.finding("log_group.retention")["baseline"], "unchanged")

    def test_what_is_newer_is_refused(self):
        newer = {"format": 2}
        for words in (["apply", self.copy("plan.jsonl", newer)],
                      ["remediate", "--baseline", self.copy("report.jsonl", newer)]):
            done = self.engine(*words, status=64)
            self.assertIn('a newer engine wrote this ("format" is 2)', done.err)
        line = json.dumps({"account": ACCOUNT, "region": REGION, "type": "log_group", "id": GROUP}
                          | newer)
        self.assertIn("line 1: a newer engine", self.engine("remediate", stdin=line, status=1).err)
        self.assertIsNone(self.days())

    def test_a_plan_says_its_format(self):
        plan = self.engine("plan", "--repair", "log_group", status=2,
                           stdin=(FIXTURES / "lines.jsonl").read_text())
        self.assertEqual(plan.finding("log_group.retention")["format"], 1)


if __name__ == "__main__":
    unittest.main()
