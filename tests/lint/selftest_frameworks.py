"""The lint of frameworks must pass for two correct ones, and fail for broken ones."""
import json
import unittest

from selftest_lints import Tree


class Frameworks(Tree):
    def setUp(self):
        super().setUp()
        self.write("build/engine", "#!/bin/sh\necho '| sqs.public | x |'\n")
        (self.root / "build/engine").chmod(0o755)
        self.framework("fsbp", {"SQS.3": ["SQS.3"]})
        self.framework("mine", {"1": ["SQS.3"], "2": ["sqs.public ~"]}, declared="mine")
        self.policy("SQS.3")

    def framework(self, name, controls, **more):
        self.write(f"policies/frameworks/{name}.json", json.dumps(
            {"title": name, "sources": ["https://x"], "controls": controls} | more))

    def policy(self, hub, mine="1 ~"):
        self.write("policies/sqs.lua", f'controls = {{ securityhub = {{ "{hub}" }}, mine = '
                                       f'{{ "{mine}" }} }},\n')

    def expect(self, expected):
        self.fails("frameworks.py", expected, self.root / "build", self.root)

    def test_correct_frameworks_pass(self):
        self.passes("frameworks.py", self.root / "build", self.root)
        self.policy("SQS.4")
        self.expect("sqs.lua: securityhub SQS.4 is in no list")
        self.policy("SQS.3", mine="3")
        self.expect("sqs.lua: mine 3 is in no list")

    def test_what_covers_a_control_must_exist(self):
        self.framework("mine", {"1": ["sqs.none"]})
        self.expect("mine: 1: there is no check or control sqs.none")

    def test_a_framework_must_have_the_right_form(self):
        self.framework("mine", {"1": []}, sources=["a page"])
        self.expect("mine: its sources are not pages")
        self.write("policies/frameworks/mine.json", "{}")
        self.expect("mine: its members are")


if __name__ == "__main__":
    unittest.main()
