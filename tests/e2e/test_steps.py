"""An audit runs no fix by default: --steps, --format html and plans request it. Nothing is sent."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support.engine import ENGINE
from support.pages import Page

POLICY = """return policy { type = "thing", title = "T",
  permissions = { read = { "sqs:ListQueues" }, write = { "sqs:DeleteQueue" } },
  fetch = function() return {} end,
  checks = {
    { id = "thing.bad", title = "B", severity = "low", impact = "none", repair = "R.",
      audit = function() return false, "it is bad" end,
      fix = function() error("the fix ran", 0) end },
    { id = "thing.reported", title = "T", severity = "low",
      audit = function() return false, "it is reported" end } } }
"""
ACCOUNT = "111122223333"
LINE = json.dumps({"account": ACCOUNT, "region": "us-east-1", "type": "thing", "id": "x"}) + "\n"


class Steps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "thing.lua").write_text(POLICY, encoding="utf-8")

    def engine(self, *words, lines=LINE):
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
                       "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        run = subprocess.run([ENGINE, *words, "--policies", str(self.folder)], input=lines, text=True,
                             capture_output=True, timeout=60, env=environment)
        return run.returncode, run.stdout, run.stderr

    def found(self, *words, lines=LINE):
        status, out, said = self.engine(*words, "--format", "jsonl", lines=lines)
        found = {line["check"]: line for line in map(json.loads, out.splitlines())}
        self.assertEqual(set(found), {"thing.bad", "thing.reported"}, said)
        self.assertEqual(found["thing.reported"]["remediation"], "none")
        return status, found["thing.bad"]

    def test_an_audit_runs_no_fix(self):
        one = ("--policy", "thing", "--resource", "x", "--account", ACCOUNT)
        for words, lines in ((("remediate",), LINE), (one, "")):
            status, bad = self.found(*words, lines=lines)
            self.assertEqual((status, bad["remediation"]), (2, "available"), bad)
            self.assertNotIn("error", bad)
            status, bad = self.found(*words, "--steps", lines=lines)
            self.assertEqual((status, bad["remediation"]), (1, "failed"), bad)
            self.assertIn("the fix ran", bad["error"]["message"])

    def test_a_plan_runs_the_fix(self):
        for words in (("plan",), ("remediate", "--dry-run")):
            status, bad = self.found(*words)
            self.assertEqual((status, bad["remediation"]), (1, "failed"), bad)

    def test_an_html_page_shows_the_steps(self):
        status, page, said = self.engine("remediate", "--format", "html")
        self.assertEqual(status, 1, said)
        found = {one["check"]: one for one in Page(page).findings}
        self.assertIn("the fix ran", found["thing.bad"]["error"]["message"])
        self.assertEqual(self.engine("remediate", "--format", "summary")[0], 2)

    def test_the_option_exists_where_resources_are_audited(self):
        for command in ("scan", "remediate"):
            self.assertIn("--steps", self.engine(command, "--help", lines="")[1])
        status, _, said = self.engine("plan", "--steps")
        self.assertEqual((status, "unknown option --steps" in said), (64, True), said)


if __name__ == "__main__":
    unittest.main()
