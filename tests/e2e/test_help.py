"""What the command line prints as help, and its answers to wrong use. These tests need no
server."""
import json
import os
import re
import subprocess
import unittest

from support.engine import ENGINE

COMMANDS = ("", "scan", "poll", "translate", "remediate", "plan", "apply", "undo", "doctor",
            "check", "generate", "explain", "new", "test", "run", "repl", "models")
NOTHING = "no resource lines on stdin"
CHOOSES_NOTHING = "--accounts and --regions do not select lines"


def engine(*words, lines="", **settings):
    """Exit status, stderr and stdout, in a place where every request would be refused, because
    there is no server."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("AWS_")}
    environment.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none",
                       AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_REGION="us-east-1")
    environment.update(settings)
    run = subprocess.run([ENGINE, *words], input=lines, capture_output=True, text=True,
                         timeout=60, env=environment)
    return run.returncode, run.stderr, run.stdout


class Help(unittest.TestCase):
    def test_help_fits_a_terminal_of_80_columns(self):
        for command in COMMANDS:
            status, _, text = engine(*filter(None, [command]), "--help")
            self.assertEqual(status, 0, command)
            self.assertGreater(len(text.splitlines()), 5, command)
            self.assertEqual([line for line in text.splitlines() if len(line) > 80], [], command)

    def test_scan_has_the_options_of_poll_and_remediate(self):
        def options(command):
            return set(re.findall(r"^ +(--[a-z-]+)", engine(command, "--help")[2], re.M))
        both = options("poll") | options("remediate")
        self.assertEqual(both - options("scan"), {"--sqs", "--stdout"})

    def test_the_listed_formats_are_those_that_the_command_accepts(self):
        checked = 0
        for command in filter(None, COMMANDS):
            line = re.search(r"^ +--format F +(.*)", engine(command, "--help")[2], re.M)
            for words in ([], ["x"], ["checks"]):
                said = engine(command, *words, "--format", "html", AWS_MAX_ATTEMPTS="1")[1]
                refused = re.search("accepts only (.*)", said)
                if refused:
                    allowed = re.findall(r"[a-z]+", refused[1].replace(" and ", " "))
                    self.assertEqual(re.findall(r"[a-z]+", line[1]), allowed, command)
                    checked += 1
                    break
            else:
                self.assertTrue(line is None or "html" in line[1], command)
        self.assertEqual(checked, 5)

    def test_the_doctor_does_not_repair(self):
        line = re.search(r"^ +--remediate\S* +(.*)", engine("doctor", "--help")[2], re.M)
        self.assertIn("permissions", line[1])
        self.assertIn("make the repairs", engine("scan", "--help")[2])


class Mistakes(unittest.TestCase):
    def test_no_lines_is_an_error_with_a_hint(self):
        for command in ("remediate", "plan"):
            status, said, _ = engine(command)
            self.assertEqual((status, NOTHING in said), (0, True), said)
            self.assertEqual(engine(command, "--quiet"), (0, "", ""))
            self.assertNotIn(NOTHING, engine(command, lines="{}\n")[1])

    def test_remediate_does_not_select_lines_by_region(self):
        """A line that the options do not name is audited all the same; those of `engine poll` with
        the same options are no reason to warn."""
        def said(*options, account="111122223333", region="us-east-1", **settings):
            line = {"account": account, "region": region, "type": "sqs", "id": "q"}
            return engine("remediate", *options, lines=json.dumps(line) + "\n" + json.dumps(line),
                          AWS_MAX_ATTEMPTS="1", **settings)[1]
        named = ("--regions", "us-east-1", "--accounts", "111122223333")
        self.assertNotIn(CHOOSES_NOTHING, said(*named))
        self.assertNotIn(CHOOSES_NOTHING, said("--regions", "all"))
        for wrong in ({"region": "eu-west-1"}, {"account": "222233334444"}):
            self.assertEqual(said(*named, **wrong).count(CHOOSES_NOTHING), 1)
        self.assertIn(CHOOSES_NOTHING, said("--accounts", "222233334444,!111122223333"))
        self.assertNotIn(CHOOSES_NOTHING, said(REGIONS="eu-west-1"))

    def test_an_unknown_region_is_refused_except_in_aws_region(self):
        """AWS opened the region after the models were made: every tool uses AWS_REGION as it is."""
        status, err, _ = engine("poll", "--types", "sqs", "--accounts", "111122223333",
                                "--no-assume-role", AWS_REGION="eu-west-9", AWS_MAX_ATTEMPTS="1")
        self.assertEqual(status, 1, err)
        self.assertIn("could not connect to 127.0.0.1:9", err)
        status, err, _ = engine("poll", "--types", "sqs", "--regions", "eu-west-9")
        self.assertEqual(status, 64, err)
        self.assertIn("for a region that is newer than these API models, set AWS_REGION", err)

    def test_policy_and_resource_need_each_other(self):
        for command in ("plan", None):
            for half in (("--policy", "sqs"), ("--resource", "x")):
                status, said, _ = engine(*filter(None, [command]), *half)
                self.assertEqual((status, "must be given together" in said), (64, True), said)

    def test_input_that_is_not_json_is_reported(self):
        status, said, _ = engine("remediate", lines="hello\n")
        self.assertEqual((status, "line 1: this is not JSON" in said), (1, True), said)
        status, said, _ = engine("translate", lines="hello\n{\n}\n")
        self.assertEqual((status, "line 1: this is not JSON" in said,
                          "line 2: this is neither an event of EventBridge" in said),
                         (1, True, True), said)


if __name__ == "__main__":
    unittest.main()
