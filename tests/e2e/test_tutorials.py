"""Every command of docs/tutorials runs against an emulator and ends with the exit status that its
comment says (0 without one); what a tutorial shows of the output is in the output."""
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from support.cloud import MASTER, ROOT, Moto
from support.engine import ENGINE

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.M | re.S)
STATUS = re.compile(r"# exit status (\d+)")
# What a tutorial finds: account, region, types.
WORLD = {"security-engineer": [(MASTER, ["sqs", "s3_bucket"])],
         "platform-team": [("111122223333", ["sqs", "iam_user"]), ("444455556666", ["sqs"])],
         "auditor": [(MASTER, ["sqs", "iam_user"])], "policy-author": []}


def commands(block):
    """The commands of a block: a line with what continues it, and a document that it reads."""
    lines = iter(block.splitlines())
    for line in lines:
        if not line or line.startswith("#"):
            continue
        command = [line]
        document = re.search(r"<<'(\w+)'", line)
        end = document[1] if document else None
        while command[-1].endswith("\\") or (end and command[-1] != end):
            command.append(next(lines))
        yield "\n".join(command)


def script(blocks):
    """A shell script that stops at the first command with another exit status."""
    for kind, block in blocks:
        for command in commands(block) if kind == "sh" else ():
            said = STATUS.search(command)
            expected = said[1] if said else "0"
            yield command
            yield (f"status=$?; if [ $status != {expected} ]; then "
                   f"echo \"exit status $status:\" {shlex.quote(command)} >&2; exit 1; fi")


def demo_environment(url):
    """The variables that script/demo --keep writes for its emulator."""
    definitions = "sed -n '/^accounts=/,/^settings=/p; /^environment()/,/^}/p' script/demo"
    made = subprocess.run(
        ["bash", "-euc", f'url=$1; eval "$({definitions})"; environment | sed "s/^/export /"',
         "bash", url], cwd=ROOT, check=True, capture_output=True, text=True)
    return made.stdout


class Tutorials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()

    @classmethod
    def tearDownClass(cls):
        cls.moto.close()

    def bash(self, text, folder):
        return subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False, env={
                                  "PATH": f"{pathlib.Path(ENGINE).parent}:/usr/bin:/bin",
                                  "HOME": str(folder), "LANG": "C.UTF-8",
                                  "AWS_ENDPOINT_URL": self.moto.url, "AWS_REGION": "us-east-1",
                                  "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
                                  "AWS_EC2_METADATA_DISABLED": "true"})

    def prepare(self, name, folder):
        self.moto.reset()
        for account, types in WORLD[name]:
            made = self.bash(f"engine run {ROOT}/misconfiguration_maker/make.lua make --account "
                             f"{account} {' '.join(types)}", folder)
            self.assertEqual(made.returncode, 0, made)

    def prepare_clone(self, folder):
        (folder / "build/demo").mkdir(parents=True)
        (folder / "build/demo/environment").write_text(demo_environment(self.moto.url))
        (folder / "misconfiguration_maker").symlink_to(ROOT / "misconfiguration_maker")

    def run_tutorial(self, name, before=""):
        text = (ROOT / "docs" / "tutorials" / f"{name}.md").read_text(encoding="utf-8")
        blocks = BLOCK.findall(text)
        with tempfile.TemporaryDirectory() as folder:
            self.prepare(name, pathlib.Path(folder))
            self.prepare_clone(pathlib.Path(folder))
            run = self.bash("\n".join([before, *script(blocks)]), folder)
        self.assertEqual(run.returncode, 0, f"{run.stdout}\n{run.stderr}")
        for kind, block in blocks:
            for line in block.splitlines() if kind == "text" else ():
                self.assertIn(line.split(), [one.split() for one in run.stdout.splitlines()])

    def test_each_tutorial_is_run(self):
        files = {path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md")}
        self.assertEqual(files, set(WORLD))

    def test_security_engineer(self):
        self.run_tutorial("security-engineer")

    def test_platform_team(self):
        self.run_tutorial("platform-team")

    def test_auditor(self):
        self.run_tutorial("auditor")

    def test_policy_author(self):
        self.run_tutorial("policy-author")

    def test_policy_author_in_the_demo(self):
        text = (ROOT / "docs" / "tutorials" / "policy-author.md").read_text(encoding="utf-8")
        before = re.search(r"^source build/demo/environment\nunset .*$", text, re.M)[0]
        self.run_tutorial("policy-author", before)


if __name__ == "__main__":
    unittest.main()
