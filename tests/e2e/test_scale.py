"""The commands of docs/scale.md: processes that share the accounts report what one run reports. And
its sums."""
import json
import os
import pathlib
import re
import runpy
import subprocess
import unittest

from support.cloud import ROOT, Cloud
from support.engine import ENGINE

ACCOUNTS = [f"1111222233{number:02d}" for number in range(12)]
REGION = "us-east-1"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
OPEN = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})


ORGANIZATION, ALL_REGIONS, PROCESSES = 10000, 20, 50
OF_A_RESOURCE, OF_A_REGION, PAGE = 0.8, 10, 100  # calls; the resources in a page of a listing
IN_FLIGHT, ROUND_TRIP = 200, 0.05


def million(number):
    return f"{number / 1e6:,.{1 if number < 2e7 else 0}f}".removesuffix(".0") + " million"


def minutes(seconds):
    return f"{seconds / 60:.{'0f' if seconds >= 600 else '1f'}} minutes"


def dollars(number):
    return f"${number:,.0f}"


def column(resources, more_pages, over_ideal):
    """The cells of the table for so many resources in each account."""
    costs = runpy.run_path(str(ROOT / "script" / "costs"))
    price = {name: held[0] for name, held in costs["PRICES"].items()}
    assumed = {name: held[0] for name, held in costs["ASSUMED"].items()}
    of = {**assumed, "regions": ALL_REGIONS, "resources": resources, "days": 1, "changes": 0,
          "notified": 0, "copies": 1}
    used, bill = (costs[name](ORGANIZATION, of, *more)
                  for name, more in (("amounts", ()), ("drivers", (price,))))
    bill = dict(bill)
    lists = used["places"] + (used["audits"] / PAGE if more_pages else 0)
    audits = used["audits"] * OF_A_RESOURCE + ORGANIZATION * ALL_REGIONS * OF_A_REGION
    calls = lists + audits
    alone = calls * ROUND_TRIP / IN_FLIGHT * over_ideal
    invocations = used["audits"] / of["batch"] * of["remediator_seconds"] / 1000
    return [million(used["audits"]), million(lists), million(audits), f"**{million(calls)}**",
            minutes(alone) if alone < 7200 else f"{alone / 3600:.1f} hours",
            f"**{minutes(alone / PROCESSES)}**", dollars(calls * price["guardduty_event"]), "$0",
            dollars(calls * price["trail_event"]), million(used["calls"]),
            f"{invocations / 3600:.2g} hours",
            dollars(bill["Lambda: invocations"] + bill["Lambda: GB-seconds"]),
            dollars(bill["SQS: requests"]), dollars(bill["GuardDuty: analysis of each call"]),
            dollars(bill["CloudTrail: additional copies of events"])]


class Sums(unittest.TestCase):
    def test_the_table_follows_from_its_assumptions(self):
        page = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
        rows = page.split("|---|---:|---:|\n")[1].split("\n\n")[0].splitlines()
        columns = column(1000, False, 1.15), column(20 * 1000, True, 1.25)
        self.assertEqual([[cell.strip() for cell in row.strip("|").split("|")[1:]] for row in rows],
                         [list(cells) for cells in zip(*columns)])


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
