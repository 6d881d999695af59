"""A new check needs three files written by hand, a new type five, and none of them is C. The test
adds both (tests/fixtures/adding) to a copy of the tree, and runs what an author runs: engine check,
script/generate, engine test, the specs of all policies, and the tests of the type in an emulator."""
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support.engine import ENGINE, ROOT

ADDING = ROOT / "tests" / "fixtures" / "adding"
# Makes a shipped type of the example in docs/policy-authors.md.
EXAMPLE = {"policies/log_group.lua": "docs/examples/log_group.lua",
           "tests/policies/log_group_test.lua": "docs/examples/tests/log_group_test.lua"}
# What each policy must fulfil, and the spec of the policy that gets a check.
SPECS = ("declared", "permissions", "policy_tests", "spellings", "sqs")


def tracked():
    """The files of the tree, without build output."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--",
         ":!tests/fixtures/protocols"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


class Adding(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        self.original = tracked()
        for name in self.original:
            self.put(name, ROOT / name)

    def put(self, name, source):
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self.tree / name)

    def apply(self, patch):
        subprocess.run(["git", "apply", "-C1", ADDING / patch], cwd=self.tree, check=True)

    def changed(self):
        """The files of the copy that are new, or differ from the tree's."""
        return {str(path.relative_to(self.tree)) for path in self.tree.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts and not (
                    (ROOT / path.relative_to(self.tree)).is_file() and filecmp.cmp(
                        path, ROOT / path.relative_to(self.tree), shallow=False))}

    def start(self, *command):
        return subprocess.Popen(
            command, cwd=self.tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "ENGINE": ENGINE, "ENGINE_POLICIES": str(self.tree / "policies")})

    def finish(self, process):
        out, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, out)
        return out

    def run_suite(self, *args):
        return self.start(sys.executable, "-B", "tests/lint/run_unittest.py", *args)

    def prove(self, kind, check, by_hand):
        self.assertEqual(self.changed(), set(by_hand))
        self.assertFalse([name for name in by_hand if name.endswith((".c", ".h", ".txt"))])
        self.finish(self.start(ENGINE, "check", "--policies", "policies", kind))
        self.finish(self.start("script/generate"))
        generated = self.changed() - set(by_hand)
        print(f"  {check}: by hand: {', '.join(sorted(by_hand))}; "
              f"generated: {', '.join(sorted(generated))}")
        self.assertIn(check, (self.tree / "docs" / "checks.md").read_text(encoding="utf-8"))
        started = [
            self.start(ENGINE, "test", f"tests/policies/{kind}_test.lua"),
            self.start("busted", *(f"tests/lua/policies/{name}_spec.lua" for name in SPECS)),
            self.run_suite(f"tests/types/{kind}.py"), self.run_suite("tests/e2e/test_types.py"),
            self.run_suite("tests/e2e/test_generate.py", "Files"),
            self.run_suite("tests/e2e/test_costs.py"),
            self.run_suite("tests/e2e/test_events_cut.py", "Cut")]
        outputs = [self.finish(one) for one in started]
        self.assertIn("test_found_repaired_and_undone", outputs[2])

    def test_a_check(self):
        self.apply("check.patch")
        by_hand = ["policies/sqs.lua", "tests/policies/sqs_test.lua", "tests/types/sqs.py"]
        self.prove("sqs", "sqs.unencrypted", by_hand)

    def test_a_type(self):
        by_hand = [str(path.relative_to(ADDING / "type"))
                   for path in (ADDING / "type").rglob("*") if path.is_file()]
        for name in by_hand:
            self.put(name, ADDING / "type" / name)
        for name, source in EXAMPLE.items():
            self.put(name, ROOT / source)
            by_hand.append(name)
        self.apply("shipped.patch")
        self.assertEqual(len(by_hand), 5)
        self.prove("log_group", "log_group.retention", by_hand)


if __name__ == "__main__":
    unittest.main()
