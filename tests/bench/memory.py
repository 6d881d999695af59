"""What a command uses for so many queues: peak memory and CPU. All are bad, so that each has a
finding, and each a step in a plan; the servers answer at once. The lines come from stdin; `scan`
lists the queues, a thousand in each account and region."""
import contextlib
import os
import pathlib
import tempfile

import measure
import pace

REMEDIATE = ("remediate", "--format", "jsonl")
TABLE = ("remediate", "--format", "table")
PLAN = ("plan",)
SCAN = ("scan", "--format", "jsonl", "--types", "sqs")
COMMANDS = (REMEDIATE, TABLE, PLAN, SCAN)
PAGE = 1000
REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-central-1",
           "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1")
SLOWEST = 200  # queues a second, on a machine that other programs use too


def max_seconds(count):
    return 600 + count // SLOWEST


class Fixed:
    """The servers of commands that read lines: each has one answer."""

    def __init__(self, build, folder, count):
        seconds = max_seconds(count)
        self._queue = measure.Server(build, folder, "queue", measure.queue_body("*"),
                                     "application/x-amz-json-1.0", 0, seconds)
        self._sts = measure.Server(build, folder, "sts", measure.STS, "text/xml", 0, seconds)
        self.stdin, self.words = measure.queue_lines(count), ()

    def __enter__(self):
        with contextlib.ExitStack() as started:
            started.enter_context(self._queue)
            started.enter_context(self._sts)
            self._started = started.pop_all()
        self.environment = {"AWS_ENDPOINT_URL": self._queue.url,
                            "AWS_ENDPOINT_URL_STS": self._sts.url}
        return self

    def __exit__(self, *_):
        self._started.close()


class Listed:
    """The server of a scan, which has a thousand queues in each place."""

    def __init__(self, count):
        regions = REGIONS[:count // PAGE]
        if count % (PAGE * len(regions)) != 0:
            raise ValueError(f"{count} queues cannot be divided among {len(regions)} regions")
        accounts = (str(100000000001 + i) for i in range(count // PAGE // len(regions)))
        self.stdin = ""
        self.words = ("--accounts", ",".join(accounts), "--regions", ",".join(regions))
        self._server = pace.Server("--queues", str(PAGE), "--max-seconds", str(max_seconds(count)))

    def __enter__(self):
        self._server.__enter__()
        self.environment = {"AWS_ENDPOINT_URL": self._server.url}
        return self

    def __exit__(self, *_):
        self._server.__exit__()


def cost(build, command, count):
    with tempfile.TemporaryDirectory() as folder, \
            Listed(count) if command is SCAN else Fixed(build, folder, count) as server:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "AWS_REGION": "us-east-1",
               "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "secret",
               "AWS_EC2_METADATA_DISABLED": "true", **server.environment,
               "ENGINE_POLICIES": str(measure.ROOT / "policies"),
               "ENGINE_MODELS": os.environ.get("ENGINE_MODELS", str(build / "models"))}
        done = measure.Cost([build / "engine", *command, *server.words, "--quiet", "--output",
                             "report"], folder, server.stdin, env, statuses=(2,))
        with pathlib.Path(folder, "report").open("rb") as report:
            if sum(1 for _ in report) < count:
                raise RuntimeError(f"{command} reports too little about {count} queues")
    return done
