"""What a start does: policies with the content that the build knew are not run before they are
needed; all others are run and validated at once."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, ROOT

POLICIES = ROOT / "policies"
TYPES = sorted(path.stem for path in POLICIES.glob("*.lua"))


def unknown(*arguments, policies=POLICIES):
    """The files that this start had to run, and how it ended."""
    done = subprocess.run(
        [ENGINE, *arguments, "--policies", str(policies), "--log-level", "debug"], check=False,
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"})
    lines = [line for line in done.stderr.splitlines() if "the build did not know" in line]
    return sorted(pathlib.Path(line.split(": ")[2].split()[0]).stem for line in lines), done


class Known(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.copy = pathlib.Path(directory.name) / "policies"
        shutil.copytree(POLICIES, self.copy)

    def edit(self, name, more="-- mine\n"):
        path = self.copy / name
        path.write_text(path.read_text() + more)

    def test_policies_of_the_product_are_known(self):
        for arguments in (["explain", "sqs.public"], ["generate", "events"], ["remediate"]):
            files, done = unknown(*arguments)
            self.assertEqual((files, done.returncode), ([], 0), done.stderr)

    def test_so_is_a_copy(self):
        self.assertEqual(unknown("explain", "sqs.public", policies=self.copy)[0], [])

    def test_check_validates_all(self):
        self.assertEqual(unknown("check")[0], TYPES)

    def test_edited_added_and_removed_files(self):
        self.edit("sqs.lua")
        (self.copy / "rds.lua").unlink()
        shutil.copy(self.copy / "ami.lua", self.copy / "other.lua")
        text = (self.copy / "other.lua").read_text()
        (self.copy / "other.lua").write_text(
            text.replace('type = "ami"', 'type = "other"').replace('"ami.', '"other.'))
        self.assertEqual(unknown("explain", "sqs.public", policies=self.copy)[0], ["other", "sqs"])
        done = unknown("explain", "rds", policies=self.copy)[1]
        self.assertIn("rds", done.stderr)
        self.assertEqual(done.returncode, 64)

    def test_edited_library(self):
        """The policies that use it, also through other modules, are run; with an error in it, the
        start fails as it does without an index."""
        self.edit("lib/password_policy.lua")
        self.assertEqual(unknown("explain", "sqs.public", policies=self.copy)[0], ["region"])
        self.edit("lib/password_policy.lua", "(")
        files, done = unknown("explain", "sqs.public", policies=self.copy)
        self.assertEqual((files, done.returncode), (["region"], 1), done.stderr)
        self.assertIn("lib/password_policy.lua", done.stderr)

    def test_a_damaged_policy_is_refused_at_the_start(self):
        self.edit("sqs.lua", "return policy {}\n")
        done = unknown("remediate", policies=self.copy)[1]
        self.assertEqual(done.returncode, 1)
        self.assertIn("policies/sqs.lua", done.stderr)

    def test_models_that_lack_an_operation(self):
        """The policies were validated with other models: they are validated again."""
        models = self.copy.parent / "models"
        shutil.copytree(os.environ["ENGINE_MODELS"], models)
        (models / "sqs.model").unlink()
        done = unknown("explain", "sqs.public", "--models", str(models))[1]
        self.assertEqual(done.returncode, 1)
        self.assertIn("sqs", done.stderr)


if __name__ == "__main__":
    unittest.main()
