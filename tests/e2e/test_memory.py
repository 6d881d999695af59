"""The memory of a run does not grow with its lines, in any format; docs/performance.md has the
figures of a million lines. The policy makes no calls, so that many lines take little time."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import uuid

from support.engine import ENGINE, ROOT, environment
from support.fake_queue import FakeQueue
from support.journals import forge

PEAK = pathlib.Path(__file__).parent / "support" / "peak.py"
FORMATS = ("json", "csv", "table", "summary", "html", "sarif", "junit", "asff", "ocsf", "markdown")
ALLOWED = 1024  # KiB by which the larger run may exceed the smaller one
CPU = 2  # times jsonl's CPU that the table may take
POLICY = """return policy { type = "sqs", title = "T", aws_type = "AWS::SQS::Queue",
  arn = "arn:${partition}:sqs:${region}:${account}:${name}",
  permissions = { read = { "sqs:GetQueueAttributes" }, write = { "sqs:SetQueueAttributes" } },
  fetch = function(queue) return { id = queue.id } end,
  checks = { { id = "sqs.public", title = "A", severity = "critical", impact = "none",
    controls = { securityhub = { "SQS.3" } }, risk = ("Anyone can read the queue. "):rep(5),
    advice = ("Name who needs it. "):rep(5), repair = "Removes the statement.",
    audit = function(queue)
      if queue.id:find("[02468]$") then return true end
      return false, "statement 1 lets anyone in", { index = 1, principals = { "*" } }
    end,
    fix = function(queue)
      local function set(text)
        return { QueueUrl = queue.id, Attributes = { Policy = text } }
      end
      return { { call = "sqs:SetQueueAttributes", with = set(""),
        undo = { call = "sqs:SetQueueAttributes", with = set("open") } } }, { id = "" }
    end } } }
"""


def lines(count):
    return "".join(json.dumps({
        "account": "123456789012", "region": "us-east-1", "type": "sqs",
        "id": f"https://sqs.us-east-1.amazonaws.com/123456789012/q{number}"}) + "\n"
        for number in range(count)).encode()


def changes(count):
    """The lines of a journal of so many changes; each had a policy of 2 KB before."""
    for line in lines(count).splitlines():
        fix = {"journal": 1, "fix": uuid.uuid4().hex, "sum": "", "time": "2026-01-01T00:00:00Z"}
        url = json.loads(line)["id"]
        for more in (
                {**json.loads(line), "state": "begin", "check": "sqs.public", "before": {"id": "a"}},
                {"state": "step", "step": 0, "call": "sqs:SetQueueAttributes",
                 "with": {"QueueUrl": url, "Attributes": {"Policy": ""}},
                 "undo": {"call": "sqs:SetQueueAttributes", "with": {
                     "QueueUrl": url, "Attributes": {"Policy": "x" * 2000}}},
                 "expected": {"id": "b"}},
                {"state": "done", "step": 0},
                {"state": "end", "result": "fixed", "after": {"id": "b"}}):
            yield json.dumps({**fix, **more}) + "\n"


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        drifted = POLICY.replace('set("")', 'set("other")')
        for name, text in (("policies", POLICY), ("drifted", drifted)):
            (cls.folder / name).mkdir()
            (cls.folder / name / "sqs.lua").write_text(text, encoding="utf-8")
            (cls.folder / name / "lib").symlink_to(ROOT / "policies" / "lib")
        cls.server = FakeQueue()
        cls.addClassCleanup(cls.server.close)

    def cost(self, count, *words, policies="policies"):
        """Peak memory in KiB, and CPU seconds."""
        done, *cost = self.measure(lines(count), *words, "--policies", self.folder / policies,
                                   "--output", self.folder / "report")
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        return cost

    def measure(self, given, *words):
        names = environment(self.folder, self.server.url, MEMBER_ROLE="none",
                            VERIFY_SECONDS="1")
        out = self.folder / "peak"
        done = subprocess.run(
            [sys.executable, "-I", "-S", PEAK, out, ENGINE, *words, "--quiet"],
            input=given, env=names, capture_output=True, timeout=120, check=False)
        memory, cpu = out.read_text(encoding="utf-8").split()
        return done, int(memory), float(cpu)

    def check_flat(self, small, large, *words):
        before, after = self.cost(small, *words)[0], self.cost(large, *words)[0]
        self.assertLess(after - before, ALLOWED, f"{words}: {before} KiB, then {after}")
        self.assertLess(after, 24 << 10, words)

    def test_remediate_and_plan(self):
        self.check_flat(2000, 30000, "remediate", "--format", "jsonl")
        self.check_flat(2000, 30000, "plan")

    def test_every_format(self):
        for name in FORMATS:
            self.check_flat(1000, 6000, "remediate", "--format", name)

    def test_apply(self):
        """The repairs of the other policy differ from those of the plan, so no call is made."""
        peaks = []
        for count in (1000, 8000):
            self.cost(count, "plan")
            plan = (self.folder / "report").rename(self.folder / f"plan{count}")
            peaks.append(self.cost(0, "apply", plan, policies="drifted")[0])
            text = (self.folder / "report").read_text(encoding="utf-8")
            self.assertEqual(text.count('"remediation":"held"'), count / 2)
        self.assertLess(peaks[1] - peaks[0], 2 * ALLOWED, peaks)

    def test_undo(self):
        """The queues are in another state than the journal says, so no call is made."""
        peaks = []
        for count in (500, 4000):
            journal = self.folder / f"journal{count}"
            journal.write_text("".join(changes(count)), encoding="utf-8")
            forge(journal, lambda line: None)
            done, peak, _ = self.measure(b"", "undo", journal, "--format", "jsonl", "--policies",
                                         self.folder / "policies")
            self.assertEqual((done.returncode, done.stdout.count(b'"result":"held"')), (2, count),
                             done.stderr)
            peaks.append(peak)
        self.assertLess(peaks[1] - peaks[0], 4 * ALLOWED, peaks)

    def test_the_table_of_many_findings(self):
        """More than are sorted at a time. Its CPU is compared with that of jsonl."""
        plain = self.cost(12000, "remediate", "--format", "jsonl")[1]
        memory, table = self.cost(12000, "remediate", "--format", "table")
        self.assertLess(memory, 24 << 10)
        self.assertLess(table, CPU * plain)
        text = (self.folder / "report").read_text(encoding="utf-8")
        self.assertEqual((text.count(" critical "), text.count("STATUS")), (6000, 2))


if __name__ == "__main__":
    unittest.main()
