"""What an audit of queues costs over a slow network, and what bare libcurl costs that makes the same
signed calls. Both talk to latency_server: every answer comes after the same time. Each queue needs
one call, for its attributes."""
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
CALLS = 1  # for each queue
DELAY_MS = 50
IN_FLIGHT = 200

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


def queue_body(principal=f"arn:aws:iam::{ACCOUNT}:root"):
    """One response for each queue: a policy that allows only the owner (or that principal), and a
    tag."""
    policy = {"Version": "2012-10-17", "Statement": [{
        "Sid": "own", "Effect": "Allow", "Principal": {"AWS": principal},
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

    def __init__(self, build, directory, name, body, content_type, delay_ms, max_seconds=600):
        file = pathlib.Path(directory, name)
        file.write_text(body, encoding="utf-8")
        self._command = [build / "tests" / "latency_server", "--body-file", file, "--delay-ms",
                         str(delay_ms), "--content-type", content_type, "--max-seconds",
                         str(max_seconds)]
        self.requests = self.peak = None

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        words = self._process.communicate(timeout=30)[0].split()
        self.requests, self.peak = int(words[1]), int(words[3])


class Memory(threading.Thread):
    """Reads the most memory that a process has used, again and again until it ends: .kib. (What
    wait4 tells includes the memory of the program that started it.) Less often the longer it
    runs: each reading takes CPU."""

    def __init__(self, pid):
        super().__init__()
        self._status = pathlib.Path("/proc", str(pid), "status")
        self._ended = threading.Event()
        self.kib = 0

    def run(self):
        start = time.monotonic()
        while not self._ended.wait(min(0.005 + (time.monotonic() - start) / 100, 0.5)):
            text = self._status.read_text(encoding="ascii")
            self.kib = next((int(line.split()[1]) for line in text.splitlines()
                             if line.startswith("VmHWM")), self.kib)

    def end(self):
        self._ended.set()
        self.join()


class Cost:
    """Runs a program to its end: wall and CPU seconds, peak memory in MiB, its output."""

    def __init__(self, command, directory, stdin="", environment=None, statuses=(0,)):
        given, out = pathlib.Path(directory, "stdin"), pathlib.Path(directory, "stdout")
        given.write_text(stdin, encoding="utf-8")
        with given.open("rb") as source, out.open("wb") as target:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=source, stdout=target, env=environment,
                                       cwd=directory)
            memory = Memory(process.pid)
            memory.start()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            self.wall = time.monotonic() - start
            memory.end()
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.out = out.read_text(encoding="utf-8")
        if process.returncode not in statuses:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {self.out[-500:]}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = memory.kib / 1024


class Bench:
    """The servers, and the programs that are measured with them."""

    def __init__(self, build, queues, engine=None, in_flight=IN_FLIGHT):
        self.build, self.queues, self.in_flight = build, queues, in_flight
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
        return self.queues * CALLS * DELAY_MS / 1000 / self.in_flight

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

    def _remediate(self, *options, under=()):
        return Cost([*under, self.engine, "remediate", "--quiet", "--format", "jsonl", "--concurrency",
                     str(self.in_flight), *options], self.directory, queue_lines(self.queues),
                    self._environment())

    def audit(self, under=()):
        """The engine's cost when it reports only what is wrong (the default): here nothing."""
        cost = self._remediate(under=under)
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

    def bare(self, under=()):
        return Cost([*under, self.build / "tests" / "bare_curl", self._queue.url, str(self.queues),
                     str(self.in_flight)], self.directory)

    def instructions(self, run):
        """Of run, which is `bare` or `audit`."""
        log = pathlib.Path(self.directory, "counted")
        run(("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
             f"--log-file={log}"))
        found = re.search(r"I +refs: +([\d,]+)", log.read_text(encoding="utf-8"))
        return int(found[1].replace(",", ""))

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


def instructions_of_a_call(build, name, few=400, many=1200):
    """Of `bare` or `audit`: the difference of two runs."""
    spent = []
    for queues in (few, many):
        with Bench(build, queues) as bench:
            spent.append(bench.instructions(getattr(bench, name)))
    return (spent[1] - spent[0]) / (many - few)


def median(costs, name):
    return statistics.median(getattr(cost, name) for cost in costs)
