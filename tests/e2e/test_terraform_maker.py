"""misconfiguration_maker/*.tf, in an emulator where that is possible: polling for test resources finds
what it creates, an audit finds the intended faults, a second apply changes nothing, and destroy
leaves nothing. The other types are created with a mocked provider."""
import json
import re
import unittest

from support.cloud import MASTER, ROOT, Cloud
from support.listing import listing
from support.maker import WRONG, wrong_checks
from support.terraform import Terraform
from support.type_files import all_types

REGION = "us-east-1"
BY_SCRIPT = {name for name, one in all_types().items() if one.by_script}
VARIABLES = {"region": REGION, "types": sorted(set(WRONG) - BY_SCRIPT)}


class TerraformMaker(unittest.TestCase):
    maxDiff = None
    wrong = {kind: checks for kind, checks in WRONG.items() if kind not in BY_SCRIPT}
    # Terraform omits values that are AWS's defaults, and then moto does not return them.
    unknown = {"elbv2.dev_public": "elbv2:DescribeLoadBalancers returned no Scheme"}

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        cls.terraform = Terraform(
            "misconfiguration_maker", AWS_ENDPOINT_URL=cls.cloud.emulator.url,
            AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
        cls.addClassCleanup(cls.terraform.close)
        cls.terraform.init()

    def engine(self, *args, **more):
        """Bypasses the proxy, so that the URLs of queues are those that Terraform received."""
        return self.cloud.engine(*args, "--no-assume-role",
                                 AWS_ENDPOINT_URL=self.cloud.emulator.url, **more)

    def poll(self):
        run = self.engine("poll", "--regions", REGION, "--only-use-test-resources")
        self.assertEqual(run.status, 0, run)
        return [json.dumps(line, sort_keys=True) for line in run.lines]

    def test_files_are_valid(self):
        self.terraform.check()

    def test_the_others_with_a_mocked_provider(self):
        said = self.terraform.test()
        self.assertIn("Success! 1 passed, 0 failed.", said)
        mocked = {name for name, one in all_types().items() if one.by_script == "mocked"}
        text = (ROOT / "misconfiguration_maker" / "tests" / "mocked.tftest.hcl").read_text()
        self.assertEqual(set(re.findall(r'"(\w+)"', re.search(r"types += (\[.*\])", text)[1])), mocked)

    def test_every_type_is_created_by_terraform_or_make_lua(self):
        kinds = {path.stem for path in (ROOT / "misconfiguration_maker" / "kinds").glob("*.lua")}
        self.assertEqual(kinds, set(WRONG))
        self.assertLess(BY_SCRIPT, kinds)

    def test_refused_variables(self):
        wrong = {"region": "mars", "types": ["ecs_task"], "unknown_account": "me", "tags": {"Name": "x"}}
        done = self.terraform.run("plan", *Terraform.options(wrong), statuses=(1,))
        for name, word in (("region", "the name of a region"), ("types", "make.lua creates the others"),
                           ("unknown_account", "twelve digits"), ("tags", "not Name")):
            with self.subTest(name):
                self.assertIn(word, done.stderr.replace("\n", " "))

    def check_audit(self, made):
        audit = self.engine("remediate", "--all", stdin=made, REQUIRED_TAGS="Owner",
                            DEV_ACCOUNTS=MASTER)
        unknown = {line["check"]: line["summary"] for line in audit.lines
                   if line["status"] == "unknown"}
        self.assertEqual(unknown, self.unknown)
        self.assertEqual(audit.status, 1, audit)
        found = wrong_checks(audit.lines)
        for check in unknown:
            kind, _, name = check.partition(".")
            found[kind].add(name)
        self.assertEqual(found, self.wrong)

    def test_resources_are_created_found_and_destroyed(self):
        clean = listing(self.cloud, MASTER, REGION)
        self.terraform.apply(VARIABLES)
        self.assertEqual(self.terraform.changes(VARIABLES), [])

        made = self.terraform.outputs()["lines"]
        self.assertEqual({json.loads(line)["type"] for line in made.splitlines()}, set(self.wrong))
        self.assertEqual(sorted(self.poll()), sorted(
            json.dumps(json.loads(line), sort_keys=True) for line in made.splitlines()))
        self.check_audit(made)
        self.terraform.destroy(VARIABLES)
        self.assertEqual(listing(self.cloud, MASTER, REGION), clean)


if __name__ == "__main__":
    unittest.main()
