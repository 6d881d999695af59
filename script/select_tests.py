"""ctest --show-only=json-v1 | select_tests.py PATTERN: selects the tests for script/test --only.

PATTERN is a test's name (c.test_gate), its last part (test_gate, for each kind that runs the
default build), a kind (lint), or a regular expression. Prints three lines: what script/bootstrap
must install for the tests, the build targets that they need, and a regular expression for their
names. If there is no such test, suggests tests with similar names, and exits with status 64."""
import difflib
import json
import re
import sys

OTHER_BUILDS = {"asan", "build", "coverage", "valgrind"}
INSTALLED = {"c": {"c"}, "lua": {"lua"}, "lint": {"lint"}, "selftest": {"lint"},
             "terraform": {"lint"}, "e2e": {"e2e"}, "demo": {"demo"},
             "long": {"e2e", "package", "long"}}


class Test:
    def __init__(self, entry):
        self.name = entry["name"]
        self.last = self.name.rpartition(".")[2]
        properties = {one["name"]: one["value"] for one in entry.get("properties", [])}
        self.label = properties["LABELS"][0]
        self.fixtures = {one for kind in ("FIXTURES_REQUIRED", "FIXTURES_SETUP")
                         for one in properties.get(kind, [])}

    def installed(self):
        kinds = set(INSTALLED.get(self.label, {"variants"}))
        if self.name == "coverage.specs":
            kinds.add("lua")
        if "package" in self.fixtures:
            kinds.add("package")
        return kinds

    def targets(self):
        """One executable for a C test, all for other tests. Other builds have their own targets."""
        if self.label == "c":
            return {self.last, "models"}
        if self.label == "valgrind":
            return {"c_tests", "models"}
        if self.label in OTHER_BUILDS and self.name != "coverage.specs":
            return {"models"}
        return {"models", "tested"}


def select(tests, pattern):
    exact = [test for test in tests if test.name == pattern]
    last = [test for test in tests if test.last == pattern and test.label not in OTHER_BUILDS]
    kind = [test for test in tests if test.label == pattern]
    return exact or last or kind or [test for test in tests if re.search(pattern, test.name)]


def nearest(tests, pattern):
    names = {test.last: test.name for test in reversed(tests)}
    names.update((test.name, test.name) for test in tests)
    near = difflib.get_close_matches(pattern, names, n=12, cutoff=0.6)
    return list(dict.fromkeys(names[one] for one in near))[:4]


def main(pattern):
    tests = [Test(entry) for entry in json.load(sys.stdin)["tests"]]
    try:
        chosen = select(tests, pattern)
    except re.error as error:
        print(f"test: '{pattern}' is not a regular expression: {error}", file=sys.stderr)
        return 64
    if not chosen:
        near = nearest(tests, pattern)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        print(f"test: there is no test '{pattern}'{hint}", file=sys.stderr)
        return 64
    print(*sorted(set().union(*(test.installed() for test in chosen))))
    print(*sorted(set().union(*(test.targets() for test in chosen))))
    print("^(" + "|".join(re.escape(test.name) for test in chosen) + ")$")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
