"""The files of the types (tests/types) are complete: each policy has one, which contains each of
its checks, events and calls."""
import json
import pathlib
import re
import shutil
import tempfile
import unittest

from support import events
from support.cloud import ROOT
from support.permissions import generate
from support.type_files import FOLDER, POLICIES, all_types, every_check, read


class Files(unittest.TestCase):
    """A type without a file, and a file without a type, are errors with a clear message."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.policies, self.types = (pathlib.Path(folder.name, name)
                                     for name in ("policies", "types"))
        shutil.copytree(POLICIES, self.policies)
        shutil.copytree(FOLDER, self.types)

    def refused(self, says):
        with self.assertRaisesRegex(LookupError, says):
            read(self.types, self.policies)

    def test_every_type_has_a_file(self):
        self.assertEqual(set(read(self.types, self.policies)), set(all_types()))
        self.assertGreaterEqual(len(all_types()), 19)

    def test_a_type_without_a_file_is_an_error(self):
        (self.policies / "sns_topic.lua").write_text("")
        self.refused("sns_topic.py is missing: .*policies/sns_topic.lua is a type")

    def test_a_file_without_a_type_is_an_error(self):
        (self.policies / "sqs.lua").unlink()
        self.refused("sqs.py describes no type: .*policies/sqs.lua is missing")

    def test_a_file_without_content_is_an_error(self):
        (self.types / "sqs.py").write_text('"""Queues."""\n')
        self.refused("sqs.py: does not set TYPE")


class Complete(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.checks = json.loads(generate("checks", "--format", "json"))

    def test_every_check_has_its_repair(self):
        self.assertEqual({check["id"]: check["fix"] for check in self.checks},
                         {check: bool(calls) for check, calls in
                          every_check(lambda one: one.repairs).items()})

    def test_repairs_that_stop_or_delete_have_that_impact(self):
        self.assertEqual({check["id"]: check["impact"] for check in self.checks
                          if check["impact"] in ("stops", "destroys")},
                         every_check(lambda one: one.impacts))

    def test_every_event_has_its_lines(self):
        watched = {f"{source.removesuffix('.amazonaws.com')}:{name}"
                   for pattern in json.loads(generate("events"))
                   for source in pattern["detail"]["eventSource"]
                   for name in pattern["detail"]["eventName"]}
        self.assertEqual({events.key(name) for name in events.names()}, watched)

    def test_separately_named_checks_are_those_of_the_type(self):
        for name, one in all_types().items():
            for some in (one.covered, one.passed, one.impacts, one.deployed.unseen,
                         one.deployed.spared):
                self.assertLessEqual(set(some), set(one.repairs), name)
            self.assertIn(one.deployed.event, one.events, name)

    def test_checks_that_no_emulator_supports_have_a_spec(self):
        for name, one in all_types().items():
            for what, why, path, test in one.not_shown:
                print(f"  not shown: {name}: {what}: {why}; {path}: {test}")
                text = (ROOT / "tests" / "lua" / path).read_text(encoding="utf-8")
                self.assertTrue(any(test in title for title in re.findall(r'it\("([^"]*)"', text)),
                                (path, test))


if __name__ == "__main__":
    unittest.main()
