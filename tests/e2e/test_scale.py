"""The commands of docs/scale.md: processes that share the accounts report what one run reports."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from support.cloud import ROOT, Cloud
from support.engine import ENGINE

ACCOUNTS = [f"1111222233{number:02d}" for number in range(12)]
REGION = "us-east-1"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})


class Scale(unittest.TestCase):
    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.close)
        self.folder = pathlib.Path(self.cloud.path("shards"))
        self.folder.mkdir()
        (self.folder / "accounts").write_text("\n".join(ACCOUNTS) + "\n", encoding="utf-8")
        self.environment = {**os.environ, **self.cloud.environment(), "REGIONS": REGION,
                            "PATH": f"{pathlib.Path(ENGINE).parent}:{os.environ['PATH']}"}

    def run_shell(self, script):
        return subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment,
                              check=False, capture_output=True, text=True)

    def findings(self, name):
        keys = ("account", "region", "type", "id", "check", "status")
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        return sorted(tuple(json.loads(line)[key] for key in keys) for line in lines)

    def test_shards_report_what_one_run_reports(self):
        for account in ACCOUNTS:
            for number in range(2):
                self.cloud.client("sqs", account, REGION).create_queue(
                    QueueName=f"q{number}", Attributes={"Policy": OPEN} if number else {})
        block, = BLOCK.findall((ROOT / "docs/scale.md").read_text(encoding="utf-8"))
        done = self.run_shell(block.replace("engine scan", "engine scan --types sqs"))
        self.assertEqual((done.returncode, done.stderr), (2, ""), done)
        self.assertEqual(len(list(self.folder.glob("findings.shard.*"))), 8)
        one = self.run_shell('engine scan --types sqs --accounts "$(paste -sd, accounts)" '
                             "--format jsonl --quiet --output one")
        self.assertEqual((one.returncode, one.stderr), (2, ""), one)
        self.assertEqual(len(self.findings("one")), len(ACCOUNTS))
        self.assertEqual(self.findings("findings"), self.findings("one"))


if __name__ == "__main__":
    unittest.main()
