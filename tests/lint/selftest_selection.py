"""The tests that script/test --only selects: script/select_tests.py with a few tests."""
import json
import pathlib
import subprocess
import sys
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "script/select_tests.py"


class Selection(unittest.TestCase):
    """What script/test --only PATTERN selects from these tests."""
    TESTS = {"c.test_gate": "c", "c.test_gate_undo": "c", "asan.change": "asan",
             "valgrind.change": "valgrind", "e2e.test_gate": "e2e", "e2e.test_chain": "e2e",
             "coverage.specs": "coverage", "lint.words": "lint"}

    def select(self, pattern):
        tests = [{"name": name, "properties": [
            {"name": "LABELS", "value": [label]},
            {"name": "FIXTURES_REQUIRED", "value": ["package"] if name.endswith("chain") else []}]}
                 for name, label in self.TESTS.items()]
        done = subprocess.run([sys.executable, "-BS", SCRIPT, pattern],
                              input=json.dumps({"tests": tests}), capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout.splitlines() or done.stderr

    def test_a_name_selects_one_test(self):
        self.assertEqual(self.select("c.test_gate"), (0, ["c", "models test_gate", r"^(c\.test_gate)$"]))
        self.assertEqual(self.select("asan.change"), (0, ["variants", "models", r"^(asan\.change)$"]))
        self.assertEqual(self.select("valgrind.change"),
                         (0, ["variants", "c_tests models", r"^(valgrind\.change)$"]))
        self.assertEqual(self.select("coverage.specs"),
                         (0, ["lua variants", "models tested", r"^(coverage\.specs)$"]))

    def test_the_last_part_selects_tests_of_the_default_build(self):
        self.assertEqual(self.select("test_gate"), (0, [
            "c e2e", "models test_gate tested", r"^(c\.test_gate|e2e\.test_gate)$"]))

    def test_a_kind_selects_all_its_tests(self):
        self.assertEqual(self.select("lint"), (0, ["lint", "models tested", r"^(lint\.words)$"]))

    def test_an_expression_selects_what_it_matches(self):
        self.assertEqual(self.select("^e2e.*chain"),
                         (0, ["e2e package", "models tested", r"^(e2e\.test_chain)$"]))

    def test_an_unknown_name_is_an_error_with_similar_names(self):
        self.assertEqual(self.select("test_gaet"), (64, "test: there is no test 'test_gaet'; did you mean "
                                                        "c.test_gate, e2e.test_gate, c.test_gate_undo, "
                                                        "e2e.test_chain?\n"))
        self.assertEqual(self.select("(")[0], 64)


if __name__ == "__main__":
    unittest.main()
