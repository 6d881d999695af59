"""measure.py BUILD [--package ZIP] [--queues N] [--runs N]: measures what an audit over a slow
network costs, compared with bare libcurl that makes the same signed calls, and what a packaged
function costs before its first event. Exits with status 1 if a limit is exceeded. Both programs
talk to latency_server: every answer comes after 50 ms, as over a network. Each queue needs one
call, for its attributes."""
import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import cold_start
import pace

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
CALLS = 1  # for each queue
DELAY_MS = 50
IN_FLIGHT = 200
WALL_LIMIT = 1.5  # times calls x delay / in flight
CPU_LIMIT = 2.0  # times that of bare libcurl
MEMORY_LIMIT = 64.0  # MiB
FIRST_CALL_LIMIT = 2.0  # ms by which the first call may take longer than the second

# One response for both AssumeRole and GetCallerIdentity.
STS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROABENCH:bench</AssumedRoleId>
<Arn>arn:aws:sts::123456789012:assumed-role/member_remediator/bench</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIABENCH</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult><GetCallerIdentityResult><UserId>AIDABENCH</UserId>
<Arn>arn:aws:iam::123456789012:user/bench</Arn><Account>123456789012</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata>
</AssumeRoleResponse>"""
EC2 = """<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>bench</requestId><vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>
</item></vpcSet></DescribeVpcsResponse>"""


def queue_body():
    """One response for each queue: a policy that allows only the owner, and a tag."""
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "own", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:*"}]}
    attributes = {"Policy": json.dumps(policy), "QueueArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}
    return json.dumps({"Attributes": attributes, "Tags": {"team": "bench"}})


def queue_lines(count):
    return "".join(json.dumps({
        "account": ACCOUNT, "region": "us-east-1", "type": "sqs",
        "id": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/q{number}"}) + "\n"
        for number in range(count))


class Server:
    """A latency_server with one answer; `with` stops it, and then .requests and .peak are known."""

    def __init__(self, build, directory, name, body, content_type, delay_ms):
        file = pathlib.Path(directory, name)
        file.write_text(body, encoding="utf-8")
        self._command = [build / "tests" / "latency_server", "--body-file", file, "--delay-ms",
                         str(delay_ms), "--content-type", content_type, "--max-seconds", "600"]
        self.requests = self.peak = None

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        words = self._process.communicate(timeout=30)[0].split()
        self.requests, self.peak = int(words[1]), int(words[3])


class Cost:
    """Runs a program to its end: wall and CPU seconds, peak memory in MiB, its output."""

    def __init__(self, command, directory, stdin="", environment=None):
        given, out = pathlib.Path(directory, "stdin"), pathlib.Path(directory, "stdout")
        given.write_text(stdin, encoding="utf-8")
        with given.open("rb") as source, out.open("wb") as target:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=source, stdout=target, env=environment,
                                       cwd=directory)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        self.out = out.read_text(encoding="utf-8")
        if process.returncode != 0:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {self.out[-500:]}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss / 1024


class Bench:
    """The servers, and the programs that are measured with them."""

    def __init__(self, build, queues, engine=None):
        self.build, self.queues = build, queues
        self.engine = engine or build / "engine"
        self._files = tempfile.TemporaryDirectory()
        self.directory = self._files.name
        self._queue = Server(build, self.directory, "queue.json", queue_body(),
                             "application/x-amz-json-1.0", DELAY_MS)
        self._sts = Server(build, self.directory, "sts.xml", STS, "text/xml", DELAY_MS)
        self._ec2 = Server(build, self.directory, "ec2.xml", EC2, "text/xml", 0)
        self._servers = (self._queue, self._sts, self._ec2)

    def __enter__(self):
        for server in self._servers:
            server.__enter__()
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.__exit__()
        self._files.cleanup()

    @property
    def ideal(self):
        """The seconds that waiting alone takes."""
        return self.queues * CALLS * DELAY_MS / 1000 / IN_FLIGHT

    @property
    def requests(self):
        """The number of requests that the queues' server answered, and the most at one time; known
        once it is closed."""
        return self._queue.requests, self._queue.peak

    @property
    def places(self):
        """The variables that name policies and models."""
        return {"ENGINE_POLICIES": str(ROOT / "policies"),
                "ENGINE_MODELS": os.environ.get("ENGINE_MODELS", str(self.build / "models"))}

    def _environment(self):
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": self.directory, "AWS_ACCESS_KEY_ID": "bench",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_SQS": self._queue.url,
                "AWS_ENDPOINT_URL_STS": self._sts.url, "AWS_ENDPOINT_URL_EC2": self._ec2.url,
                **self.places}

    def _remediate(self, *options):
        return Cost([self.engine, "remediate", "--quiet", "--format", "jsonl", "--concurrency",
                     str(IN_FLIGHT), *options], self.directory, queue_lines(self.queues),
                    self._environment())

    def audit(self):
        """The engine's cost when it reports only what is wrong (the default): here nothing."""
        cost = self._remediate()
        if cost.out:
            raise RuntimeError(f"a good queue was found bad: {cost.out[:500]}")
        return cost

    def audit_reporting_all(self):
        """The same, with a line for everything that is compliant: every queue, by every check."""
        cost = self._remediate("--all")
        found = [json.loads(line) for line in cost.out.splitlines()]
        ids = {line["id"] for line in found if line["status"] == "compliant"}
        if len(ids) != self.queues or any(line["status"] != "compliant" for line in found):
            raise RuntimeError(f"{len(ids)} of {self.queues} queues found compliant")
        return cost

    def bare(self):
        return Cost([self.build / "tests" / "bare_curl", self._queue.url, str(self.queues),
                     str(IN_FLIGHT)], self.directory)

    def first_calls(self):
        """Milliseconds of the first and the second call to EC2, whose model is the largest."""
        script = pathlib.Path(self.directory, "first.lua")
        script.write_text("local function cost()\n"
                          "  local start = os.clock()\n"
                          "  aws.ec2:DescribeVpcs{}\n"
                          "  return (os.clock() - start) * 1000\n"
                          "end\n"
                          "aws.sqs:ListQueues{}\n"  # credentials and libcurl are ready after it
                          "local first, second = cost(), cost()\n"
                          "print(first, second)\n", encoding="utf-8")
        cost = Cost([self.engine, "run", str(script)], self.directory, "", self._environment())
        return [float(word) for word in cost.out.split()]


def compile_models(build):
    """Seconds for compiling botocore's models again, and MiB of the compiled models."""
    data = next((ROOT / ".venv" / "lib").glob("python3*/site-packages/botocore/data"))
    with tempfile.TemporaryDirectory() as directory:
        cost = Cost([build / "engine", "models", str(data), "--out", directory + "/models"],
                    directory)
        size = sum(file.stat().st_size for file in pathlib.Path(directory, "models").iterdir())
    return cost, size / 2**20


def median(costs, name):
    return statistics.median(getattr(cost, name) for cost in costs)


class Table:
    """Prints figures beside their limits; .failed if one exceeds its limit."""

    def __init__(self):
        self.failed = False

    def row(self, name, value, unit, limit=None):
        over = limit is not None and value > limit
        self.failed |= over
        shown = "" if limit is None else f"at most {limit:g}{' OVER' if over else ''}"
        print(f"{name:<44} {value:>9.2f} {unit:<4} {shown}".rstrip(), flush=True)


def show_audit(table, bench, runs):
    audits, bares = [], []
    for _ in range(runs):  # alternately, so that both run under the same conditions
        bares.append(bench.bare())
        audits.append(bench.audit())
    wall, cpu, bare_cpu = median(audits, "wall"), median(audits, "cpu"), median(bares, "cpu")
    table.row("waiting alone: calls x latency / in flight", bench.ideal, "s")
    table.row("bare libcurl, wall", median(bares, "wall"), "s")
    table.row("engine, wall", wall, "s")
    table.row("engine, wall / waiting alone", wall / bench.ideal, "x", WALL_LIMIT)
    table.row("bare libcurl, CPU", bare_cpu, "s")
    table.row("engine, CPU", cpu, "s")
    # From pairs, because the machine's other load changes from one pair to the next.
    ratio = statistics.median(audit.cpu / bare.cpu for audit, bare in zip(audits, bares))
    table.row("engine, CPU / bare libcurl's", ratio, "x", CPU_LIMIT)
    table.row("engine, CPU, writing compliant findings too", bench.audit_reporting_all().cpu, "s")
    table.row("engine, peak memory", max(run.memory for run in audits), "MiB",
              MEMORY_LIMIT)


def show_models(table, bench, runs):
    calls = [bench.first_calls() for _ in range(runs)]
    first = statistics.median(call[0] for call in calls)
    second = statistics.median(call[1] for call in calls)
    table.row("first call to EC2, CPU", first, "ms")
    table.row("second call to EC2, CPU", second, "ms")
    table.row("first minus second", first - second, "ms", FIRST_CALL_LIMIT)
    cost, size = compile_models(bench.build)
    table.row("compiling all API models, wall", cost.wall, "s")
    table.row("compiled API models", size, "MiB")
    table.row("executable", bench.engine.stat().st_size / 2**20, "MiB")


def show_pace(table, engine, environment):
    for bucket in pace.BUCKETS:
        done = pace.through(engine, environment, bucket)
        table.row(bucket.name, done.seconds, "s")
        table.row("  time / ideal time", done.seconds / bucket.ideal(), "x", pace.TIME_LIMIT)
        table.row("  calls throttled", done.vain, "%", pace.VAIN_LIMIT)
        table.row("  not audited", bucket.count - len(done.ids("compliant")), "", 0)


def show_faults(table, engine, environment):
    done = pace.through_faults(engine, environment)
    unknown, count = done.ids("unknown"), len(done.ids("compliant") | done.ids("unknown"))
    wrong = {finding["id"] for finding in done.findings
             if finding["status"] not in ("compliant", "unknown")}
    table.row(f"{count} queues, {pace.FAULTS} % of the answers faults", done.seconds, "s")
    table.row("  unknown", 100 * len(unknown) / count, "%", pace.UNKNOWN_LIMIT)
    table.row("  wrong", len(wrong), "", 0)


def show_neighbour(table, engine, environment):
    alone, beside = pace.beside_throttled(engine, environment)
    table.row("400 queues alone, first call to last", alone, "s")
    table.row("  beside an account that is always throttled", beside, "s")
    table.row("  beside / alone", beside / alone, "x", pace.DELAY_LIMIT)


def show_package(table, path, runs):
    with cold_start.Package(path) as package:
        for handler in cold_start.HANDLERS:
            costs = [cold_start.cold_start([package.executable], package.environment(), handler)
                     for _ in range(runs)]
            table.row(f"{handler}, start to first `next`",
                      statistics.median(cost[0] for cost in costs), "ms", cold_start.START_LIMIT)
            table.row(f"{handler}, memory when idle", max(cost[1] for cost in costs), "MiB",
                      cold_start.IDLE_LIMIT)
        size = pathlib.Path(package.executable).stat().st_size
    table.row("static executable", size / 2**20, "MiB")
    table.row("package", path.stat().st_size / 2**20, "MiB", 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--package", type=pathlib.Path, help="zip that script/package made")
    parser.add_argument("--queues", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pace", action="store_true",
                        help="also behind services that throttle or fail: five minutes")
    options = parser.parse_args()
    print(f"{options.queues} queues, {CALLS} calls each, {DELAY_MS} ms, {IN_FLIGHT} in flight; "
          f"medians of {options.runs} runs; {platform.machine()}, {os.cpu_count()} CPUs")
    table = Table()
    with Bench(options.build.resolve(), options.queues) as bench:
        show_audit(table, bench, options.runs)
        show_models(table, bench, options.runs)
        if options.pace:
            show_pace(table, bench.engine, bench.places)
            show_faults(table, bench.engine, bench.places)
            show_neighbour(table, bench.engine, bench.places)
    if options.package:
        show_package(table, options.package, max(options.runs, 11))
    print(f"most requests at one time: {bench.requests[1]}")
    if table.failed:
        print("bench: over a limit", file=sys.stderr)
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
