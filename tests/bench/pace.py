"""How fast audits are when services throttle: throttle_server.py with AWS's buckets, and the engine
with its defaults. Used by measure.py (real rates) and tests/e2e/test_pace.py (20 times as fast)."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "111122223333"
OTHER = "444455556666"
TIME_LIMIT = 1.3  # times (calls - burst) / rate
VAIN_LIMIT = 10.0  # percent of the sent calls
DELAY_LIMIT = 1.1  # times what the other account takes alone
FAULTS = 30  # percent of the answers
UNKNOWN_LIMIT = 0.5  # percent of the resources, with such faults
SERVICES = ("ec2", "iam", "sqs", "lambda", "sts")


@dataclass
class Bucket:
    """Resources behind one bucket; the numbers are AWS's own."""
    name: str
    type: str
    count: int
    calls: int  # of each
    service: str
    rate: float
    burst: float

    def option(self, times=1):
        return f"{self.service}={self.rate * times}:{self.burst}"

    def ideal(self, times=1):
        return (self.count * self.calls - self.burst) / (self.rate * times)


BUCKETS = (
    Bucket("1,000 snapshots (EC2: 20/s, burst 100)", "ebs_snapshot", 1000, 1, "ec2", 20, 100),
    Bucket("1,000 roles (IAM: 20/s, burst 50)", "iam_role", 1000, 1, "iam", 20, 50),
    Bucket("1,000 queues (SQS: 20/s, burst 100)", "sqs", 1000, 1, "sqs", 20, 100),
    Bucket("100 functions (Lambda: 15/s, burst 30)", "lambda_function", 100, 6, "lambda", 15, 30),
)


def lines(type_name, count, account=ACCOUNT):
    names = {"sqs": "https://sqs.us-east-1.amazonaws.com/" + account + "/q{}",
             "ebs_snapshot": "snap-{:017x}"}
    name = names.get(type_name, "bench-{}")
    return [json.dumps({"account": account, "region": "us-east-1", "type": type_name,
                        "id": name.format(number)}) for number in range(count)]


class Server:
    """A running throttle_server; `counts` is known when it has ended."""

    def __init__(self, *options):
        self._command = [sys.executable, "-B", str(ROOT / "tests/bench/throttle_server.py"), *options]
        self.counts = None

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self.counts = json.loads(self._process.communicate(timeout=30)[0])


class Run:
    """One `engine remediate` that runs to its end: its status, its findings with their times, its
    stderr, and the server's counts. `options` are the server's."""

    def __init__(self, engine, environment, given, *options, arguments=()):
        with tempfile.TemporaryDirectory() as directory, Server(*options) as server:
            out = pathlib.Path(directory, "lines")
            out.write_text("".join(line + "\n" for line in given), encoding="utf-8")
            variables = {"PATH": os.environ["PATH"], "HOME": directory, "AWS_REGION": "us-east-1",
                         "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "secret",
                         "AWS_EC2_METADATA_DISABLED": "true",
                         **{f"AWS_ENDPOINT_URL_{name.upper()}": server.url for name in SERVICES},
                         **environment}
            start = time.monotonic()
            with out.open("rb") as source:
                process = subprocess.run(
                    [str(engine), "remediate", "--format", "jsonl", "--all", "--quiet",
                     *arguments], stdin=source, capture_output=True, text=True, env=variables,
                    cwd=directory, check=False)
            self.seconds = time.monotonic() - start
        self.status, self.errors, self.counts = process.returncode, process.stderr, server.counts
        self.findings = [json.loads(line) for line in process.stdout.splitlines()]

    def ids(self, status, account=None):
        return {finding["id"] for finding in self.findings if finding["status"] == status
                and account in (None, finding["account"])}

    def count(self, name):
        return sum(count[name] for key, count in self.counts.items() if not key.endswith(" sts"))

    @property
    def vain(self):
        """The percentage of the sent calls that were throttled."""
        return 100 * self.count("throttled") / self.count("calls")


def through(engine, environment, bucket, times=1):
    return Run(engine, environment, lines(bucket.type, bucket.count), "--bucket",
               bucket.option(times))


def through_faults(engine, environment, count=2000):
    """Queues behind a server that throttles, resets, cuts off or garbles FAULTS percent of its
    answers."""
    return Run(engine, environment, lines("sqs", count), "--faults", str(FAULTS))


def beside_throttled(engine, environment, count=400):
    """Seconds of an account's calls (20/s, burst 100), and of the same calls while another account,
    whose lines come first, is always throttled."""
    own = lines("sqs", count, OTHER)
    seconds = []
    for given, options in ((own, ()), (lines("sqs", 1000) + own, ("--always", ACCOUNT))):
        done = Run(engine, environment, given, "--bucket", "sqs=20:100", *options,
                   arguments=("--patience", "30"))
        if len(done.ids("compliant", OTHER)) != count:
            raise RuntimeError(f"not all of {OTHER} were audited: {done.errors}")
        first = min(counted["first"] for counted in done.counts.values())
        seconds.append(done.counts[f"{OTHER} sqs"]["last"] - first)
    return seconds
