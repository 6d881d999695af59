"""terraform/ and member_account_setup/ without AWS: generated files are up to date, the text is
valid and formatted, every variable has a description, and Terraform's own tests pass."""
import contextlib
import fnmatch
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from support.cloud import ROOT
from support.metrics import METRICS
from support.permissions import generate
from support.terraform import HOW, PROVIDER, Terraform, environment, executable

MASTER, MEMBER = ROOT / "terraform", ROOT / "member_account_setup"
REQUIRED = {MASTER: {"lambda_bucket"}, MEMBER: {"master"}}
GIVEN = {"TF_VAR_lambda_bucket": "acme", "TF_VAR_master": "123456789012"}
STACK_SET = json.loads((MEMBER / "stackset.template.json").read_text())
BODY = 51200  # bytes that CreateStackSet accepts: see stackset.py
BOUNDARY = ["HasBoundary", {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"}]
OUTDATED = "is not what the policies say: run script/generate"


def blocks(folder):
    """{name: text} of the folder's variables."""
    text = (folder / "variables.tf").read_text()
    found = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.M | re.S)
    assert len(found) == text.count('variable "'), "a variable that is written otherwise"
    return dict(found)


@contextlib.contextmanager
def beside_variables(folder):
    """A directory with that folder's variables, what their conditions need, and nothing else."""
    with tempfile.TemporaryDirectory() as directory:
        for name in ("variables.tf", "checks.json"):
            if (folder / name).exists():
                shutil.copy(folder / name, directory)
        yield pathlib.Path(directory)


class Generated(unittest.TestCase):
    maxDiff = None

    def test_permissions(self):
        for access in ("read", "write"):
            path = MEMBER / f"permissions_{access}.json"
            self.assertEqual(path.read_text(), generate("permissions", "--access", access),
                             f"{path} {OUTDATED}")

    def test_checks(self):
        path = MEMBER / "checks.json"
        self.assertEqual(path.read_text(), generate("checks", "--format", "json"),
                         f"{path} {OUTDATED}")

    def test_repair_is_checked_before_modules_are_written(self):
        self.regions(MEMBER, TF_VAR_repair='["sqs", "s3_bucket.tls"]')
        with self.assertRaises(subprocess.CalledProcessError):
            self.regions(MEMBER, TF_VAR_repair='["sqs.nothing"]')

    def test_inline_policies_fit_into_a_role(self):
        # IAM User Guide, "IAM and AWS STS quotas": white space does not count.
        held = sum(len(re.sub(r"\s", "", path.read_text())) for path in (
            MEMBER / "permissions_read.json", *MEMBER.glob("permissions_write/*.json")))
        never = len(json.dumps(STACK_SET["Resources"]["MemberNever"]["Properties"]))
        self.assertLess(held + never, 10240)

    def made_by(self, script, path):
        """The text of a template, which is what the script prints, and valid."""
        made = subprocess.run([sys.executable, "-B", str(MEMBER / script)], check=True,
                              capture_output=True, text=True).stdout
        self.assertEqual(path.read_text(), made, f"{path} {OUTDATED}")
        lint = pathlib.Path(sys.executable).with_name("cfn-lint")
        done = subprocess.run([str(lint), str(path)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for one in json.loads(made)["Resources"].values():
            if one["Type"] == "AWS::IAM::Role":
                self.assertEqual(one["Properties"]["PermissionsBoundary"]["Fn::If"][:2], BOUNDARY)
        return made

    def test_stack_set(self):
        path = MEMBER / "stackset.template.json"
        size = len(self.made_by("stackset.py", path).encode())
        print(f"{path.name}: {size} of {BODY} bytes", file=sys.stderr)
        self.assertLess(size, BODY - 10000, "there is no room for five more types")

    def test_the_reader_reads_and_trusts_its_readers_alone(self):
        """It has no principal of a deployment: IAM would refuse a role that does not exist yet."""
        made = json.loads(self.made_by("reader.py", MEMBER / "reader.template.json"))
        [reader] = made["Resources"].values()
        [held] = reader["Properties"]["Policies"]
        read = json.loads((MEMBER / "permissions_read.json").read_text())["Statement"]
        self.assertEqual([one["Action"] for one in held["PolicyDocument"]["Statement"]],
                         [one["Action"] for one in read])
        [trust] = reader["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual(trust["Principal"], {"AWS": {"Ref": "Readers"}})
        pattern = made["Parameters"]["Readers"]["AllowedPattern"]
        for good in ("arn:aws:iam::123456789012:role/path/auditor", "arn:aws-cn:iam::123456789012:root"):
            self.assertRegex(good, pattern)
        for bad in ("*", "arn:aws:sts::123456789012:assumed-role/auditor/me", "123456789012"):
            self.assertNotRegex(bad, pattern)

    def test_rules_of_the_stack_set_may_send_to_its_queue(self):
        made = json.loads((MEMBER / "stackset.template.json").read_text())["Resources"]
        [_, allowed] = made["DeadLetterPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        self.assertEqual((allowed["Effect"], allowed["Principal"], allowed["Action"]), (
            "Allow", {"Service": "events.amazonaws.com"}, "sqs:SendMessage"))
        alarm = made["DeadLetters"]["Properties"]
        self.assertEqual((alarm["MetricName"], alarm["AlarmActions"]), (
            "ApproximateNumberOfMessagesVisible",
            [{"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${Master}:${Prefix}"
                         "remediator_event_translator_alarms"}]))
        senders = allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
        rules = [one["Properties"] for one in made.values() if one["Type"] == "AWS::Events::Rule"]
        self.assertGreater(len(rules), 10)
        for rule in rules:
            name = rule["Name"]["Fn::Sub"]
            arn = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + name
            self.assertTrue(fnmatch.fnmatchcase(arn, senders), name)
            self.assertEqual(rule["Targets"][0]["DeadLetterConfig"],
                             {"Arn": {"Fn::GetAtt": ["DeadLetter", "Arn"]}})

    def regions(self, folder, *state, **variables):
        """The output of regions.sh for the folder's variables and a state."""
        with beside_variables(folder) as scratch:
            for modules in ("function", "region"):
                if (folder / modules).is_dir():
                    (scratch / modules).mkdir()
            subprocess.run([str(MASTER / "regions.sh"), str(scratch), *map(str, state)], check=True,
                           capture_output=True, env=environment(str(scratch), **GIVEN, **variables))
            return (scratch / "regions.tf.json").read_text()

    def test_the_committed_regions_are_the_default_ones(self):
        for folder in (MASTER, MEMBER):
            self.assertEqual((folder / "regions.tf.json").read_text(), self.regions(folder),
                             f"{folder}: run terraform/regions.sh")

    def test_functions_with_a_destination_wait_for_the_permission(self):
        """Unlike Lambda, no emulator requires it."""
        made = json.loads((MASTER / "regions.tf.json").read_text())["module"]
        waits = {name.split("_")[0]: one["depends_on"] for name, one in made.items()}
        self.assertEqual(waits["translator"], ["aws_iam_role_policy.event_translator"])
        modules = dict(re.findall(r'^module "(\w+)" \{\n(.*?)^\}',
                                  (MASTER / "functions.tf").read_text(), re.M | re.S))
        with_letters = {name for name, text in modules.items() if re.search(r"^  dead_letter +=", text, re.M)}
        self.assertEqual(with_letters, {"poller"})
        self.assertIn("depends_on = [aws_iam_role_policy.poller]", modules["poller"])

    def test_us_east_1_is_always_included(self):
        for folder in (MASTER, MEMBER):
            made = json.loads(self.regions(folder, TF_VAR_regions='["eu-west-1"]'))
            self.assertEqual(made["locals"]["module_regions"], ["eu-west-1", "us-east-1"])
            self.assertEqual([one["alias"] for one in made["provider"]["aws"]],
                             ["eu-west-1", "us-east-1"])

    def test_other_partitions_receive_iam_events_in_their_own_region(self):
        for region, home in (("cn-northwest-1", "cn-north-1"), ("us-gov-east-1", "us-gov-west-1")):
            for folder in (MASTER, MEMBER):
                made = json.loads(self.regions(folder, TF_VAR_regions=json.dumps([region]),
                                               TF_VAR_master_region=region))
                self.assertEqual(made["locals"]["module_regions"], [region, home])

    def test_a_region_that_the_state_holds_keeps_its_provider(self):
        """The region has no modules: what exists there is destroyed. Providers of other accounts
        are not included."""
        held = {"resources": [{"provider": f'provider["{PROVIDER}"]{alias}'} for alias in
                              ("", ".us-west-2", ".us-west-2", ".eu-west-1")]}
        with tempfile.TemporaryDirectory() as directory:
            state = pathlib.Path(directory) / "state.json"
            state.write_text(json.dumps(held, indent=2))
            for folder in (MASTER, MEMBER):
                made = json.loads(self.regions(folder, state, TF_VAR_regions='["eu-west-1"]'))
                self.assertEqual([one["alias"] for one in made["provider"]["aws"]],
                                 ["eu-west-1", "us-east-1", "us-west-2"])
                self.assertEqual(made["locals"]["module_regions"], ["eu-west-1", "us-east-1"])
                self.assertFalse([name for name in made["module"] if "us-west-2" in name])

    def test_wrong_regions_are_refused(self):
        with self.assertRaises(subprocess.CalledProcessError) as refused:
            self.regions(MASTER, TF_VAR_regions='["moon"]')
        self.assertIn(b"regions must be a list of", refused.exception.stderr)
        self.assertIn(b"/terraform.tfvars or in a file for --settings\n", refused.exception.stderr)

    def test_names_that_no_variable_has_are_refused(self):
        with beside_variables(MASTER) as folder:
            settings = folder / "more.tfvars"
            settings.write_text('lambda_bucket = "acme"\nmax_changes_per_dy = 5\nremedate = true\n')
            done = subprocess.run(
                [str(MASTER / "settings.sh"), str(folder), "var.prefix"], check=False, text=True,
                capture_output=True, env=environment(str(folder), SETTINGS=str(settings)))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("has no variable max_changes_per_dy, remedate: correct the name", done.stderr)
        self.assertIn(f"or {settings}\n", done.stderr)


class Words(unittest.TestCase):
    """What the scripts say to words that they do not know, before they need any tool."""

    def said(self, script, *words):
        done = subprocess.run([str(MASTER / script), *words], check=False, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def test_help(self):
        for script, word in {"setup.sh": "PREFIX", "deploy.sh": "PREFIX", "member.sh": "ACCOUNT"}.items():
            for words in (["--help"], ["acme", "-h"]):
                status, out, err = self.said(script, *words)
                self.assertEqual((status, err), (0, ""), script)
                self.assertTrue(out.startswith(f"{script} {word} [--settings FILE]"), out)
                self.assertNotIn("set -euo", out)

    def test_mistyped_commands(self):
        for script, name in (("deploy.sh", "acme"), ("member.sh", "111122223333")):
            self.assertEqual(self.said(script, name, "Plan"), (1, "", f"{script}: Plan is neither a "
                             "command (plan, apply, destroy) nor an option of Terraform\n"))
            self.assertEqual(self.said(script, name, "Plan", "--settings", __file__),
                             self.said(script, "--settings", __file__, name, "Plan"))
        self.assertEqual(self.said("setup.sh", "acme", "plan"),
                         (1, "", "setup.sh: plan is neither an option nor --remove\n"))

    def test_options_are_read_wherever_they_are(self):
        for script, name in (("setup.sh", "acme"), ("deploy.sh", "acme"), ("member.sh", "111122223333")):
            for words in (["--package", "/none", name], [name, "--package", "/none"],
                          [name, "--settings", __file__, "--package", "/none"],
                          *([[name, "plan", "--package", "/none"]] if script != "setup.sh" else [])):
                self.assertEqual(self.said(script, *words),
                                 (1, "", f"{script}: --package: there is no file /none\n"))
            status, _, said = self.said(script, "--pakage", "x.zip", name)
            self.assertEqual(status, 1)
            self.assertRegex(said, "unknown option --pakage .known: --settings,.* --package")
        self.assertEqual(self.said("deploy.sh", "acme", "--remove", "eu-west-1"),
                         (1, "", "deploy.sh: unknown option --remove (known: --settings, --package)\n"))


class Preflight(unittest.TestCase):
    # Resources that exist within another one, or whose names nobody else can take.
    CHILDREN = {
        "aws_cloudwatch_event_bus_policy", "aws_cloudwatch_event_target",
        "aws_dynamodb_resource_policy", "aws_iam_role_policy", "aws_kms_key", "aws_lambda_alias", "aws_lambda_event_source_mapping",
        "aws_lambda_function_event_invoke_config", "aws_lambda_layer_version",
        "aws_lambda_permission", "aws_sns_topic_policy", "aws_sqs_queue_policy"}

    def test_every_type_is_known(self):
        used = {kind for folder in (MASTER, MEMBER) for path in folder.rglob("*.tf")
                for kind in re.findall(r'(?m)^resource "(\w+)"', path.read_text())}
        known = set(re.findall(r"(?m)^  (aws_\w+) = \{", (MASTER / "preflight.lua").read_text()))
        self.assertEqual(used - self.CHILDREN, known)


class Lists(unittest.TestCase):
    """Files of lists, which deploy.sh packs beside the policies."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "lists").mkdir()
        (self.folder / "lists" / "all.txt").write_text("111122223333\n")
        with zipfile.ZipFile(self.folder / "engine.zip", "w") as package:
            package.writestr("bootstrap", "x")
            package.writestr("policies/sqs.lua", "return {}")

    def split(self, names):
        return subprocess.run(
            [sys.executable, "-B", str(MASTER / "split.py"), str(self.folder / "engine.zip"),
             str(self.folder / "out"), "", str(self.folder / "lists"), names],
            capture_output=True, text=True, check=False)

    def test_named_lists_are_packed(self):
        without, named = self.split("").stdout.split(), self.split("all.txt").stdout.split()
        self.assertEqual(without[0], named[0], "the functions' package is another one")
        self.assertNotEqual(without[1], named[1])
        with zipfile.ZipFile(self.folder / "out" / "policies.zip") as layer:
            self.assertEqual(sorted(layer.namelist()), ["lists/all.txt", "policies/sqs.lua"])
            self.assertEqual(layer.read("lists/all.txt"), b"111122223333\n")

    def test_a_missing_list_is_an_error(self):
        done = self.split("all.txt other.txt")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the list @other.txt cannot be read", done.stderr)

    def test_the_names_of_lists_are_found(self):
        names = subprocess.run(
            [str(MASTER / "settings.sh"), str(MASTER), "local.list_names"], check=True, text=True,
            capture_output=True, env=environment(
                str(self.folder), TF_VAR_lambda_bucket="acme", TF_VAR_lists="../lists",
                TF_VAR_accounts='["@all.txt", "111122223333"]', TF_VAR_dev_accounts='["@devs.txt"]',
                TF_VAR_known_accounts='["@all.txt", "o-a1b2c3d4e5"]')).stdout
        self.assertEqual(names, "all.txt devs.txt")


class Variables(unittest.TestCase):
    def test_each_variable_has_a_description(self):
        for folder, required in REQUIRED.items():
            for name, text in blocks(folder).items():
                with self.subTest(folder=folder.name, variable=name):
                    self.assertRegex(text, r"(?m)^  description = \".{10,}\"$")
                    [kind] = re.findall(r"(?m)^  type +=\s+(.+)$", text)
                    self.assertEqual("default " in text, name not in required)
                    self.assertTrue(kind == "bool" or "validation {" in text, "no validation")

    def test_invalid_values_are_refused(self):
        for folder in (MASTER, MEMBER):
            with beside_variables(folder) as scratch:
                shutil.copytree(folder / "tests" / "variables", scratch / "tests")
                done = subprocess.run([executable(), "test", "-no-color"], cwd=scratch, text=True,
                                      capture_output=True, env=environment(str(scratch)),
                                      check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                tried = (scratch / "tests" / "validation.tftest.hcl").read_text()
            refused = set(re.findall(r"expect_failures = \[var\.(\w+)\]", tried))
            checked = {name for name, text in blocks(folder).items() if "validation {" in text}
            self.assertLessEqual(checked - refused, {"tags"}, "no test shows that these refuse")
            self.assertIn(f"{tried.count('run ')} passed, 0 failed", done.stdout)

    def test_the_engine_gets_every_setting(self):
        """Terraform sets each variable that the engine reads, except those that every AWS tool
        reads."""
        read = set()
        for name in ("settings_fields.c", "settings_env.c"):
            [path] = (ROOT / "engine").rglob(name)
            text = path.read_text()
            read |= set(re.findall(r'\{(?:NULL|"[\w-]+"), "([A-Z_]+)", FIELD_', text))
            read |= set(re.findall(r'\{"([A-Z_]+)", FIELD_', text))
            read |= set(re.findall(r'(?:getenv_fn\(|label = )"([A-Z_]+)"', text))
        text = "".join(path.read_text() for path in MASTER.rglob("*.tf"))
        given = set(re.findall(r"(?m)^\s+([A-Z][A-Z_0-9]+) +=", text))
        self.assertGreater(len(read), 25)
        self.assertEqual({name for name in read - given if not name.startswith("AWS_")}, set())


class Metrics(unittest.TestCase):
    def test_each_metric_of_the_engine_has_an_alarm(self):
        """By its name: what metric_count counts has an alarm. Other alarms and the dashboard watch
        metrics of an invocation."""
        counted = {name for path in (ROOT / "engine").rglob("*.c") for name in re.findall(
            r'(?:metric_count\(|state_count\([^"]+)"(\w+)"', path.read_text())}
        text = "".join(path.read_text() for path in sorted(MASTER.rglob("*.tf")))
        watched = set(re.findall(r'namespace += "engine"\n +metric_name += "(\w+)"', text))
        watched |= set(re.findall(r'\{ metric = "(\w+)", about = "[^"]+", periods', text))
        watched |= set(re.findall(r'= \["([A-Z]\w+)", "', text))
        watched -= {"Errors", "Throttles"}
        self.assertGreater(len(counted), 3)
        self.assertEqual(watched - set(METRICS), counted)
        operations = (MASTER / "operations.tf").read_text()
        of_rates = set(re.findall(r'(?:part|whole) = "(\w+)"', operations))
        self.assertEqual(of_rates, {"Unknown", "Checks", "ThrottledCalls", "Calls"})
        shown = {name for names in re.findall(r'names = "(.+?)"', operations)
                 for name in names.split()}
        shown |= set(re.findall(r'"engine", "(\w+)"', operations)) | {"Events", "Lines"}
        self.assertLessEqual(shown | of_rates | watched, counted | set(METRICS))

    def test_the_page_of_operators_lists_each(self):
        """docs/operations.md, with those that metric_count counts."""
        page = (ROOT / "docs" / "operations.md").read_text()
        named = {name for row in re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \| ", page)
                 for name in re.findall(r"\w+", row)}
        self.assertEqual(set(METRICS) - named, set())


class Text(unittest.TestCase):
    def test_all_files_require_the_same_version_of_terraform(self):
        """In the scripts, each module, the documentation and the tests."""
        script = (MASTER / "workspace.sh").read_text()
        [needed] = re.findall(r"is too old: ([0-9.]+) or newer", script)
        asked = {path: re.findall(r'required_version = ">= ([0-9.]+)"', path.read_text())
                 for folder in (MASTER, MEMBER, ROOT / "misconfiguration_maker")
                 for path in folder.rglob("*.tf") if "terraform {" in path.read_text()}
        self.assertGreater(len(asked), 10)
        self.assertEqual({path: found for path, found in asked.items() if found != [needed]}, {})
        self.assertIn(f"`terraform` {needed} or newer", (ROOT / "docs/deployment.md").read_text())
        self.assertIn(f"Terraform {needed} or newer", HOW)

    def runs(self, folder, *beside):
        terraform = Terraform(folder, *beside)
        self.addCleanup(terraform.close)
        terraform.init()
        terraform.check()
        said = terraform.test()
        self.assertRegex(said, r"Success! [1-9]\d* passed, 0 failed\.")
        count = sum(path.read_text().count("\nrun ")
                   for path in (ROOT / folder / "tests").glob("*.tftest.hcl"))
        self.assertIn(f"{count} passed", said)

    def test_master(self):
        self.runs("terraform", "member_account_setup")

    def test_member(self):
        self.runs("member_account_setup")


if __name__ == "__main__":
    unittest.main()
