"""Policies that never end, in hundreds of resources: signals still take effect, and the other
resources are audited."""
import collections
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from support.engine import ENGINE
from support.signals import until_computed, until_handled

POLICY = """return policy { type = "%s", title = "T", permissions = { read = { "sqs:ListQueues" } },
  fetch = function() return {} end,
  checks = { { id = "%s.a", title = "A", severity = "low", audit = function() %s end } } }
"""
BODIES = {
    "endless": "while true do end",
    "sorts": "table.sort({ 3, 1, 2 }, function() while true do end end)",
    "catches": "while true do pcall(function() while true do end end) end",
    "repeats": "local s = ('x'):rep(2^19 | 0) while true do local _ = s .. s end",
}
RESOURCES = 300


class Runaway(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {
            **os.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}

    def start(self, name, body):
        (self.folder / f"{name}.lua").write_text(POLICY % (name, name, body))
        (self.folder / "good.lua").write_text(POLICY % ("good", "good", "return true"))
        lines = [json.dumps({"account": "111122223333", "region": "us-east-1", "type": kind,
                             "id": f"{kind}{i}"}) for kind in (name, "good")
                 for i in range(RESOURCES)]
        source = self.folder / "lines"
        source.write_text("\n".join(lines) + "\n")
        command = [ENGINE, "remediate", "--policies", str(self.folder), "--format", "jsonl", "--all"]
        with source.open() as lines:
            process = subprocess.Popen(command, stdin=lines, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=self.environment)
        self.addCleanup(process.kill)
        return process

    def findings(self, out):
        return [line for line in map(json.loads, out.splitlines()) if "check" in line]

    def test_a_signal_is_heard(self):
        for name, body in BODIES.items():
            with self.subTest(body=body):
                process = self.start(name, body)
                until_handled(process, signal.SIGTERM)
                until_computed(process, os.sysconf("SC_CLK_TCK") / 2)
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=60)
                self.assertLess(time.monotonic() - began, 15)
                self.assertIn("stopping", err.decode())
                self.assertEqual(process.returncode, 1)
                os.remove(self.folder / f"{name}.lua")

    def test_the_others_are_reported(self):
        process = self.start("endless", BODIES["endless"])
        out, _ = process.communicate(timeout=200)
        findings = self.findings(out)
        statuses = collections.Counter((one["type"], one["status"]) for one in findings)
        self.assertEqual(statuses, {("endless", "unknown"): RESOURCES,
                                    ("good", "compliant"): RESOURCES})
        self.assertEqual(process.returncode, 1)
        stopped = [one for one in findings if "not called again" in str(one.get("error"))]
        self.assertGreaterEqual(len(stopped), RESOURCES - 3)


if __name__ == "__main__":
    unittest.main()
