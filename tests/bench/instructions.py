"""instructions.py BUILD [--types a,b] [--resources N]: counts, with cachegrind (which counts as
callgrind does, in less time), the instructions of an audit by type, half of the resources bad. What
one resource costs is the difference of two audits, of N and of 3 N resources, so the start of the
program is not part of it. Exits with status 1 if a limit is exceeded.

A canned server (canned_server.py) answers at once, so the calls are made as over a network: signed,
sent, received. A replay (`--replay`) reads the replies from files instead, and would count neither
libcurl nor the signatures. The replies hold the members that policies read, not all that AWS sends.
The count depends neither on the machine's load nor on the network, but for about one percent: the
garbage collector and the hook that limits policies also depend on time."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import twins
from canned_server import CannedServer

COLLECTED = re.compile(r"^==\d+== I +refs: +([\d,]+)$", re.M)
COUNTING = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
# type: the most thousands of instructions of a resource, what they should become (0: nothing
# decided), and the most calls
LIMITS = {
    "ami": (535, 0, 1.4), "ebs_snapshot": (515, 0, 1.5), "ec2": (500, 400, 0.5),
    "ecs_service": (400, 0, 0.5), "ecs_task": (600, 0, 1.5), "ecs_task_set": (495, 0, 1.0),
    "elb": (1055, 0, 2.2), "elbv2": (745, 0, 2.0), "iam_role": (620, 600, 1.0),
    "iam_user": (1310, 0, 4.5), "kms_key": (1035, 0, 1.5), "lambda_function": (1950, 0, 4.0),
    "rds": (550, 0, 1.0), "rds_snapshot": (805, 0, 2.5), "redshift": (580, 0, 2.0),
    "region": (4195, 0, 16.0), "s3_bucket": (1500, 1500, 2.5), "security_group": (590, 0, 0.5),
    "sqs": (550, 550, 1.0),
}


class Count:
    """An audit of `count` resources of a type under callgrind: .instructions and .calls."""

    def __init__(self, build, kind, count, under):
        made = twins.Twins(kind, count)
        with CannedServer(made) as server, tempfile.TemporaryDirectory() as home:
            env = {"PATH": os.environ["PATH"], "HOME": home, "AWS_ENDPOINT_URL": server.url,
                   "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIA" + twins.ACCOUNT,
                   "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true",
                   "ENGINE_POLICIES": str(twins.ROOT / "policies"),
                   "ENGINE_MODELS": os.environ.get("ENGINE_MODELS", str(build / "models")),
                   **made.settings}
            done = subprocess.run([*under, build / "engine", "remediate", "--quiet", "--format",
                                   "jsonl"], input=made.lines(), env=env, text=True, check=False,
                                  capture_output=True)
        self._check(done, made, server)
        self.calls = sum(server.calls.values()) - server.calls["sts"]
        self.instructions = int(COLLECTED.search(done.stderr)[1].replace(",", "")) if under else 0

    @staticmethod
    def _check(done, made, server):
        """Every second resource is bad, and nothing is unknown."""
        if server.missing:
            raise RuntimeError(f"{made.kind}: no reply to {sorted(server.missing)[:3]}")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        bad = {(one["account"], one["id"]) for one in found if one["status"] == "non_compliant"}
        others = [one for one in found if one["status"] not in ("non_compliant", "compliant")]
        if done.returncode != 2 or others or len(bad) != made.count // 2:
            raise RuntimeError(f"{made.kind}: status {done.returncode}, {len(bad)} of {made.count} "
                               f"bad, {others[:1]}: {done.stderr[-800:]}")


class Calls:
    """The .calls of one more resource of a type."""

    def __init__(self, build, kind, count, under=()):
        self.few, self.many = (Count(build, kind, number, under) for number in (count, 3 * count))
        self.calls = (self.many.calls - self.few.calls) / (2 * count)


class Cost(Calls):
    """Also its .instructions."""

    def __init__(self, build, kind, count):
        super().__init__(build, kind, count, COUNTING)
        self.instructions = (self.many.instructions - self.few.instructions) / (2 * count)


def show(kind, cost):
    """Prints the row of a type; false if it exceeds a limit."""
    most, goal, calls = LIMITS[kind]
    over = cost.instructions > most * 1000 or cost.calls > calls
    print(f"{kind:<17}{cost.calls:>6.2f}{calls:>8.2f}{cost.instructions / cost.calls / 1e3:>13,.0f}"
          f"{cost.instructions / 1e3:>13,.0f}{most:>8,}{goal or '':>8}  {'OVER' if over else 'ok'}",
          flush=True)
    return not over


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--types", default=",".join(sorted(twins.TYPES)))
    parser.add_argument("--resources", type=int, default=40)
    given = parser.parse_args()
    kinds = given.types.split(",")
    for kind in kinds:
        if kind not in twins.TYPES:
            parser.error(f"no such type: {kind}")
    print("calls a resource, and thousands of instructions a call and a resource")
    print(f"{'type':<17}{'calls':>6}{'limit':>8}{'instr/call':>13}{'/resource':>13}{'limit':>8}"
          f"{'goal':>8}")
    build = given.build.resolve()
    return 0 if all([show(kind, Cost(build, kind, given.resources)) for kind in kinds]) else 1


if __name__ == "__main__":
    sys.exit(main())
