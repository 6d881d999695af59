"""kinds.py BUILD: every kind of test has tests, because an empty list would pass and prove
nothing."""
import collections
import json
import subprocess
import sys

KINDS = ("c", "asan", "valgrind", "coverage", "lua", "e2e", "lint", "selftest", "terraform",
         "build", "demo")


def labels(test):
    return next((p["value"] for p in test["properties"] if p["name"] == "LABELS"), [])


def main(build):
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True,
                             capture_output=True, text=True).stdout
    counts = collections.Counter(label for test in json.loads(listing)["tests"]
                                 for label in labels(test))
    empty = [kind for kind in KINDS if not counts[kind]]
    print("kinds: " + ", ".join(f"{kind} {counts[kind]}" for kind in KINDS))
    if empty:
        print("no tests of kind: " + ", ".join(empty))
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
