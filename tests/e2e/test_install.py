"""cmake --install: what it installs, that the executable finds it, and the completions and the manual
page as the shells and man read them. Needs no server."""
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import unittest

from support.engine import ENGINE

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(ENGINE).resolve().parent
GUIDES = {"bash": "bash-completion/completions/engine", "zsh": "zsh/site-functions/_engine",
          "fish": "fish/vendor_completions.d/engine.fish", "man": "man/man1/engine.1"}
# Completes the words of its arguments as bash does, and prints a line for each candidate.
COMPLETE = """
compopt() { :; }
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_engine
((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}"
exit 0
"""


def environment():
    """Nothing says where policies and models are."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("ENGINE", "AWS_", "LAMBDA_"))}


def setUpModule():
    """Installs once, as a packager does: the prefix below DESTDIR."""
    folder = unittest.enterModuleContext(tempfile.TemporaryDirectory())
    subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], check=True,
                   capture_output=True, env={**environment(), "DESTDIR": folder})
    Installed.root = pathlib.Path(folder)
    Installed.share = Installed.root / "usr/share"


class Installed(unittest.TestCase):
    def engine(self, *words, **settings):
        return subprocess.run([self.root / "usr/bin/engine", *words], capture_output=True, text=True,
                              timeout=60, cwd=self.root, check=False,
                              env={**environment(), **settings})


class Files(Installed):
    def test_the_executable_finds_policies_and_models(self):
        done = self.engine("check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        policies = list((ROOT / "policies").glob("*.lua"))
        self.assertIn(f"\n{len(policies)} policies, ", done.stdout)
        done = self.engine("explain", "sqs.public")
        self.assertIn("sqs.public", done.stdout)

    def test_own_policies_beside_the_installed_ones(self):
        own = ROOT / "docs/examples"
        done = self.engine("check", "--policies", f"{own}:builtin")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in ("examples/log_group.lua", "policies/sqs.lua"):
            self.assertIn(line, done.stdout)

    def test_calls_of_every_service_are_known(self):
        models = {path.name for path in (self.share / "engine/models").iterdir()}
        self.assertEqual(models, {path.name for path in (BUILD / "models").iterdir()})
        done = self.engine("scan", "--types", "sqs", "--compliance", "fsbp", "--no-assume-role",
                           AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none",
                           AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_REGION="us-east-1",
                           AWS_MAX_ATTEMPTS="1")
        self.assertIn("could not connect to 127.0.0.1:9", done.stderr)

    def test_policies_are_all_and_nothing_else(self):
        def below(folder):
            return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        wanted = {path for path in below(ROOT / "policies") if path.suffix in (".lua", ".json")}
        self.assertEqual(below(self.share / "engine/policies"), wanted)

    def test_the_documented_command_unpacks_the_archive_into_an_empty_home(self):
        text = (ROOT / "docs/install.md").read_text(encoding="utf-8")
        command = re.search(r"^\| `engine-VERSION-linux-ARCH.tar.gz` \| `([^`]+)`", text, re.M)[1]
        with tempfile.TemporaryDirectory() as home:
            with tarfile.open(f"{home}/a.tar.gz", "w:gz", compresslevel=1) as archive:
                archive.add(self.root / "usr/bin", "engine-1/bin")
                archive.add(self.share / "engine/policies", "engine-1/share/engine/policies")
            subprocess.run(["sh", "-ec", command.replace("FILE", "a.tar.gz")], cwd=home, check=True,
                           env={**environment(), "HOME": home})
            found = subprocess.run([f"{home}/.local/bin/engine", "explain", "sqs"], text=True,
                                   capture_output=True, check=False, env=environment())
        self.assertIn("/.local/share/engine/policies/sqs.lua", found.stdout)

    def test_documents(self):
        for name in ("README.md", "CHANGELOG.md", "docs/operators.md"):
            self.assertTrue((self.share / "doc/engine" / name).is_file(), name)


class Guides(Installed):
    def path(self, what):
        return self.share / GUIDES[what]

    def complete(self, *words):
        done = subprocess.run(["bash", "-c", COMPLETE, "bash", self.path("bash"), "engine", *words],
                              check=True, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_completes(self):
        for words, wanted in (
                (["sc"], ["scan"]),
                (["help", "und"], ["undo"]),
                (["scan", "--no-a"], ["--no-assume-role"]),
                (["scan", "--format", "s"], ["summary", "sarif"]),
                (["scan", "--format", "=", "sa"], ["sarif"]),
                (["scan", "--format", "="], None),
                (["doctor", "--format", ""], ["table", "jsonl"]),
                (["test", "--format", ""], ["junit"]),
                (["show", "--format", "a"], []),
                (["scan", "--types", "sqs,lamb"], ["sqs,lambda_function"]),
                (["scan", "--remediate", "=", "t"], ["true"]),
                (["explain", "sqs.pub"], ["sqs.public"]),
                (["generate", "comp"], ["completions"]),
                (["apply", ""], []),
                (["models", "--o"], ["--out"])):
            with self.subTest(words=words):
                found = self.complete(*words)
                if wanted is None:
                    self.assertIn("jsonl", found)
                else:
                    self.assertEqual(found, wanted)

    def test_bash_completes_what_help_lists(self):
        listed = re.findall(r"^  engine (\w+)", self.engine("help").stdout, re.M)
        self.assertGreater(len(listed), 10)
        self.assertEqual(set(self.complete("")), {*listed, "help"})
        for command in listed:
            options = set(re.findall(r"^  (--[a-z-]+)", self.engine(command, "--help").stdout, re.M))
            self.assertEqual(set(self.complete(command, "--")) - {"--help"}, options - {"--help"},
                             command)

    def test_the_engine_accepts_what_bash_completes(self):
        def refused(*words):
            return self.engine("scan", *words, "--compliance", "none").stderr
        valid = refused()
        self.assertIn("--compliance", valid)
        for option in ("--format", "--log-level"):
            for value in self.complete("scan", option, ""):
                self.assertEqual(refused(option, value), valid, value)
        for option in ("--severity", "--types", "--checks"):
            values = ",".join(self.complete("scan", option, ""))
            self.assertEqual(refused(option, values), valid, values)
        frameworks = (ROOT / "policies/frameworks").glob("*.json")
        self.assertEqual(set(self.complete("scan", "--compliance", "")),
                         {path.stem for path in frameworks})
        for what in self.complete("generate", ""):
            words = [what, "bash"] if what == "completions" else [what]
            self.assertEqual(self.engine("generate", *words).returncode, 0, what)

    def test_bash_completes_all_that_the_engine_accepts(self):
        for words in (["scan", "--format"], ["scan", "--severity"], ["scan", "--log-level"],
                      ["scan", "--log-format"], ["scan", "--fail-on"],
                      ["generate", "permissions", "--access"], ["generate"]):
            said = self.engine(*words, "none").stderr
            accepted = re.search(r"is not one of (.*)", said)[1].split(", did you mean")[0]
            accepted = re.sub(r" \(see .*", "", accepted).split(", ")
            self.assertEqual(sorted(self.complete(*words, "")), sorted(accepted), words)

    def test_zsh_and_fish_read_theirs(self):
        for command in (["zsh", "-n"], ["fish", "--no-execute"]):
            done = subprocess.run([*command, self.path(command[0])], check=False,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)

    def test_fish_completes(self):
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {self.path('fish')}; "
             "complete -C 'engine sc'; complete -C 'engine scan --format sa'"],
            check=True, capture_output=True, text=True,
            env={**environment(), "HOME": str(self.root)})
        self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()],
                         ["scan", "sarif"])

    def test_manual(self):
        done = subprocess.run(["mandoc", "-T", "lint", self.path("man")], check=False,
                              capture_output=True, text=True)
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if "missing date" not in line  # it is the same whenever it was made
                and "input text line longer" not in line]  # the page is filled anew
        self.assertEqual(said, [])
        text = subprocess.run(["mandoc", "-T", "utf8", self.path("man")], check=True,
                              capture_output=True, text=True).stdout
        text = re.sub(".\b", "", text)
        for line in re.findall(r"^ {7}\S.*", text, re.M):
            self.assertLessEqual(len(line), 80, "prose is broken to fit the page")
        for part in ("engine scan", "--only-use-test-resources", "EXIT STATUS", "engine apply p"):
            self.assertIn(part, text)

    def test_wrong_words(self):
        for words, said in (
                (["completions"], "requires one shell: bash, zsh or fish"),
                (["completions", "zhs"], 'did you mean "zsh"'),
                (["man", "scan"], "requires exactly one WHAT")):
            done = self.engine("generate", *words)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
