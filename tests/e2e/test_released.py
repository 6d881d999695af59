"""Runs the scripts of terraform/ as somebody who has only a released package, the folders
terraform/ and member_account_setup/, and the tools that docs/deployment.md lists: no compiler, no
cmake, no build. The scripts report what is missing, too old or for another machine before they
create anything."""
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from support.accounts import Accounts
from support.cloud import ROOT, Cloud
from support.deployment import PREFIX, REGIONS, Deployment
from support.package import package

MEMBER = "111122223333"
DOCS = (ROOT / "docs" / "deployment.md").read_text()
# A package provides all of coreutils or none; the scripts look for this one tool of them.
COREUTILS = {"basename", "cat", "cp", "dirname", "env", "mkdir", "mktemp", "mv", "rm", "sort"}
MACHINES = {"x86_64": 62, "arm64": 183}
HERE = platform.machine().replace("aarch64", "arm64")
OTHER = next(name for name in MACHINES if name != HERE)


def listed():
    """The tools that the page says the scripts need: the first column of its table."""
    [table] = re.findall(r"(?ms)^\| tool \|.*?\n\|---.*?\n(.*?)\n\n", DOCS)
    return {tool for row in table.split("\n") for tool in re.findall(r"`([\w-]+)`", row.split("|")[1])}


class Tools:
    """A PATH with these tools and no others."""

    def __init__(self, names):
        self._directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self._directory.name)
        for name in names:
            found = shutil.which(name, path="/usr/bin:/bin") or shutil.which(name)
            (self.path / name).symlink_to(found)

    def close(self):
        self._directory.cleanup()

    def write(self, name, text):
        path = self.path / name
        path.unlink()
        path.write_text(text)
        path.chmod(0o755)


class Released(Accounts, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        cls.tools = Tools((listed() - {"coreutils"}) | COREUTILS)
        cls.addClassCleanup(cls.tools.close)
        cls.master = Deployment(cls.cloud.emulator, "", "")
        cls.addClassCleanup(cls.master.close)
        shutil.rmtree(cls.master.checkout / "script")  # of the checkout, only two folders
        folder = cls.master.checkout / "released"
        folder.mkdir()
        cls.zip = str(folder / f"engine-{HERE}.zip")
        shutil.copy(package(str(cls.master.checkout)), cls.zip)
        cls.master.set(ENGINE=None, ENGINE_MODELS=None, PATH=str(cls.tools.path))

    def test_everything_runs_from_the_package(self):
        self.master.script("setup.sh", "--package", self.zip)
        self.assertEqual({one["Name"] for one in self.client("s3").list_buckets()["Buckets"]},
                         {f"{PREFIX}-{region}" for region in REGIONS})
        said = self.master.script("deploy.sh", "--package", self.zip, "plan")
        self.assertIn("to add", said)
        self.assertNotIn("\x1b", said, "colours, and no terminal")
        said = self.master.member(MEMBER, "--package", self.zip, "plan", credentials=self.keys(MEMBER),
                                  TF_VAR_master="123456789012")
        self.assertIn("to add", said)
        said = self.master.member(MEMBER, "--package", self.zip, "plan", status=1,
                                  credentials=self.keys("444455556666"), TF_VAR_master="123456789012")
        self.assertIn("these are credentials of 444455556666", said)
        self.master.script("setup.sh", "--package", self.zip, "--remove")
        self.assertEqual(self.client("s3").list_buckets()["Buckets"], [])

    def test_in_china(self):
        """As far as an emulator allows: the scripts' checks before anything is created, with AWS's
        own provider."""
        regions = {"TF_VAR_regions": '["cn-northwest-1"]', "TF_VAR_master_region": "cn-northwest-1"}
        self.master.script("setup.sh", "--package", self.zip, **regions)
        self.assertEqual({one["Name"] for one in self.client("s3", "cn-north-1").list_buckets()["Buckets"]},
                         {f"{PREFIX}-cn-northwest-1", f"{PREFIX}-cn-north-1"})
        said = self.master.script("deploy.sh", "--package", self.zip, "plan", **regions)
        self.assertIn("to add", said)
        plan = self.master.run("show", "-json", "deploy.tfplan").stdout
        self.assertNotIn("arn:aws:", plan)
        self.assertIn("arn:aws-cn:events:*:123456789012:event-bus/remediator", plan)
        said = self.master.member(MEMBER, "--package", self.zip, "plan", credentials=self.keys(MEMBER),
                                  TF_VAR_master="123456789012", TF_VAR_regions='["cn-north-1"]')
        self.assertIn("to add", said)
        self.master.script("setup.sh", "--package", self.zip, "--remove", **regions)

    def test_without_a_package(self):
        said = self.master.script("setup.sh", status=1)
        self.assertIn("name a released package with --package ZIP", said)
        said = self.master.script("deploy.sh", "--package", "/nowhere.zip", "plan", status=1)
        self.assertIn("there is no file /nowhere.zip", said)


TERRAFORM = ": 1.11 or newer is required (https://developer.hashicorp.com/terraform/install)"


class Missing(unittest.TestCase):
    """The scripts look for each tool of the page's table, and refuse versions that are too old."""

    def run_without(self, script, *args, without=None, **replaced):
        tools = Tools(((listed() - {"coreutils"}) | COREUTILS) - {without})
        self.addCleanup(tools.close)
        for name, text in replaced.items():
            tools.write(name, text)
        done = subprocess.run([str(ROOT / "terraform" / script), *args], text=True, check=False,
                              capture_output=True, stdin=subprocess.DEVNULL,
                              env={"PATH": str(tools.path)})
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_a_missing_tool_is_named(self):
        self.assertGreater(len(listed()), 6)
        for script in ("setup.sh", "deploy.sh", "member.sh"):
            name = MEMBER if script == "member.sh" else PREFIX
            for tool in sorted((listed() - {"coreutils", "bash", "python3"}) | {"mktemp"}):
                more = TERRAFORM if tool == "terraform" else ""
                with self.subTest(script=script, tool=tool):
                    self.assertEqual(self.run_without(script, name, "--package", __file__, without=tool),
                                     f"{script}: {tool} is not in PATH{more}\n")
            with self.subTest(script=script, tool="python3"):
                self.assertEqual(
                    self.run_without(script, name, "--package", __file__, without="python3"),
                    f"{script}: python3 is not in PATH\n")

    def test_an_older_terraform(self):
        said = self.run_without("setup.sh", PREFIX, terraform="#!/bin/sh\necho Terraform v1.9.8\n")
        self.assertEqual(said, "setup.sh: terraform 1.9.8 is too old: 1.11 or newer is required\n")
        [written] = re.findall(r'required_version = ">= ([\d.]+)"',
                               (ROOT / "terraform" / "versions.tf").read_text())
        self.assertEqual(written, "1.11")
        self.assertIn(f"{written} or newer", DOCS)

    def test_an_older_python(self):
        said = self.run_without("deploy.sh", PREFIX, python3="#!/bin/sh\nexit 1\n")
        self.assertEqual(said, "deploy.sh: python3 is older than 3.9: 3.9 or newer is required\n")


class Packages(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)

    def make(self, processor, held=b"code"):
        path = self.folder / f"engine-{processor}.zip"
        head = b"\x7fELF" + bytes(14) + MACHINES[processor].to_bytes(2, "little")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bootstrap", head + held)
            archive.writestr("policies/sqs.lua", "return {}")
        return path

    def unpack(self, path):
        return subprocess.run([sys.executable, "-B", str(ROOT / "terraform" / "unpack.py"), str(path),
                               str(self.folder / "out")], text=True, capture_output=True, check=False)

    def test_it_is_unpacked_once(self):
        first = self.unpack(self.make(HERE)).stdout.strip()
        self.assertTrue((pathlib.Path(first).parent / "policies" / "sqs.lua").is_file())
        self.assertEqual(pathlib.Path(first).stat().st_mode & 0o777, 0o755)
        self.assertEqual(self.unpack(self.make(HERE)).stdout.strip(), first)
        self.assertNotEqual(self.unpack(self.make(HERE, b"other")).stdout.strip(), first)

    def test_a_package_for_another_processor(self):
        path = self.make(OTHER)
        done = self.unpack(path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"is not for {HERE}, the processor of this machine: put engine-{HERE}.zip into "
                      "its folder", done.stderr)
        self.make(HERE)
        self.assertEqual(pathlib.Path(self.unpack(path).stdout.strip()).read_bytes()[18],
                         MACHINES[HERE])

    def test_a_file_that_is_not_a_package(self):
        path = self.folder / "engine.zip"
        path.write_text("no zip")
        self.assertIn("is not a package of the engine", self.unpack(path).stderr)


if __name__ == "__main__":
    unittest.main()
