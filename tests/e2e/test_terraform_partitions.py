"""terraform/ and member_account_setup/ in China and GovCloud: planned with a mocked AWS whose ARNs
are of that partition, nothing names the partition aws, and the events of IAM are received in the
region to which IAM sends them."""
import json
import re
import subprocess
import unittest

from support.cloud import ROOT
from support.permissions import generate
from support.terraform import Terraform

FOLDERS = ("terraform", "member_account_setup")
# Regions and endpoints of the partitions, from botocore's partitions.json.
PARTITIONS = {
    "aws-cn": ("cn-northwest-1", "cn-north-1", "amazonaws.com.cn"),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1", "amazonaws.com"),
}
ASKED = """
variables {
  lambda_bucket   = "acme"
  master          = "123456789012"
  master_region   = "%(region)s"
  regions         = ["%(region)s"]
  accounts        = ["111122223333"]
  remediate       = true
  operators       = ["arn:%(partition)s:iam::123456789012:role/operator"]
  sensitive_roles = ["arn:%(partition)s:iam::*:role/admin-*"]
  repair          = ["all"]
}

run "everything" {
}
"""
PROVIDER = """
mock_provider "aws" {
  %s
  source = "./tests/mocks"
}
"""
OWN = 'remediate_own_account = true\n  external_id = "acme-1"'


def only_known(folder, text):
    """Without the variables that the folder does not have."""
    known = set(re.findall(r'(?m)^variable "(\w+)"', (ROOT / folder / "variables.tf").read_text()))
    return "\n".join(line for line in text.split("\n")
                     if "=" not in line or line.split()[0] in known)


class Partitions(unittest.TestCase):
    def made(self, folder, partition):
        """What the folder creates, as Terraform shows it, and the regions of its modules."""
        region, home, suffix = PARTITIONS[partition]
        given = ASKED % {"region": region, "partition": partition}
        if folder == "terraform":
            given = given.replace("remediate  ", f"{OWN}\n  remediate  ")
        copy = Terraform(*sorted(FOLDERS, key=lambda one: one != folder),
                         TF_VAR_regions=json.dumps([region]), TF_VAR_master_region=region,
                         TF_VAR_lambda_bucket="acme", TF_VAR_master="123456789012")
        self.addCleanup(copy.close)
        tests = copy.folder / "tests"
        for path in tests.glob("*.tftest.hcl"):
            path.unlink()
        mocks = tests / "mocks" / "aws.tfmock.hcl"
        mocks.write_text(mocks.read_text().replace('= "aws"', f'= "{partition}"').replace(
            "arn:aws:", f"arn:{partition}:").replace("amazonaws.com", suffix).replace(
            "us-east-1", home))
        providers = "".join(PROVIDER % alias for alias in (
            "", f'alias = "{region}"', f'alias = "{home}"'))
        (tests / "partition.tftest.hcl").write_text(providers + only_known(folder, given))
        subprocess.run([str(ROOT / "terraform" / "regions.sh"), str(copy.folder)], check=True,
                       capture_output=True, env=copy._environment)
        copy.init()
        made = copy.test("-verbose")
        self.assertIn("1 passed, 0 failed", made)
        return made, json.loads((copy.folder / "regions.tf.json").read_text())

    def judged(self, folder, partition):
        region, home, suffix = PARTITIONS[partition]
        made, regions = self.made(folder, partition)
        self.assertEqual(regions["locals"]["module_regions"], [region, home])
        self.assertEqual(re.findall(r".*arn:aws:.*", made), [])
        self.assertGreater(made.count(f"arn:{partition}:"), 60)
        self.assertEqual(re.findall(r".*us-east-1.*", made), [])
        ends = re.findall(r"\.(?:cn|us-gov)-[a-z]+-\d\.(amazonaws[a-z.]+)", made)
        self.assertEqual(set(ends) - {suffix}, set())
        return made, suffix

    def test_the_master_in_china(self):
        made, suffix = self.judged("terraform", "aws-cn")
        self.assertIn(f"logs.cn-north-1.{suffix}", made)
        for service in ("sns", "dynamodb"):
            self.assertIn(f"{service}.cn-northwest-1.{suffix}", made)

    def test_the_master_in_govcloud(self):
        made, suffix = self.judged("terraform", "aws-us-gov")
        self.assertIn(f"logs.us-gov-west-1.{suffix}", made)

    def test_permissions_are_those_that_the_engine_generates(self):
        """The text is translated by one replacement, in account/main.tf and in stackset.py."""
        for access in ("read", "write"):
            text = (ROOT / "member_account_setup" / f"permissions_{access}.json").read_text()
            for partition in PARTITIONS:
                self.assertEqual(text.replace('"arn:aws:', f'"arn:{partition}:'), generate(
                    "permissions", "--access", access, "--partition", partition))

    def test_members(self):
        for partition in PARTITIONS:
            with self.subTest(partition=partition):
                self.judged("member_account_setup", partition)


if __name__ == "__main__":
    unittest.main()
