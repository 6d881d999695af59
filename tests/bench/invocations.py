"""What invocations of a packaged remediator cost: the first, with the start of its process, and those
that follow. Each audits one queue, which is good; the servers answer at once."""
import pathlib

import cold_start
import measure

from support.runtime_api import Function  # cold_start knows where it is

WARM = 300


class Work:
    """What a process has used until now, in milliseconds of CPU and page faults."""

    def __init__(self, pid):
        tasks = pathlib.Path("/proc", str(pid), "task").iterdir()
        self.milliseconds = sum(int((task / "schedstat").read_text(encoding="ascii").split()[0])
                                for task in tasks) / 1e6
        status = pathlib.Path("/proc", str(pid), "stat").read_text(encoding="ascii")
        self.faults = int(status.rpartition(") ")[2].split()[7])


def event(line):
    return {"Records": [{
        "messageId": "00000000-0000-0000-0000-000000000001", "receiptHandle": "handle",
        "body": line, "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
        "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:remediator-resource-queue"}]}


def invoke(function, line):
    answer = function.invoke(event(line))
    if answer.error is not None or answer.body["batchItemFailures"]:
        raise RuntimeError(f"an invocation failed: {answer}")


def costs(package, build):
    """(ready, first, warm): milliseconds and page faults from the start to the first `next`, to the
    end of the first invocation, and of an invocation after that."""
    lines = measure.queue_lines(WARM).splitlines()
    with measure.Server(build, package.folder, "queue", measure.queue_body(),
                        "application/x-amz-json-1.0", 0) as queue, \
            measure.Server(build, package.folder, "sts", measure.STS, "text/xml", 0) as sts:
        env = {**package.environment(), "AWS_ENDPOINT_URL": queue.url, "REMEDIATE": "false",
               "AWS_ENDPOINT_URL_STS": sts.url}
        with Function([package.executable], "remediator", env) as function:
            function.start()
            function.api.wait_next(1)
            ready = Work(function.process.pid)
            invoke(function, lines[0])
            function.api.wait_next(2)
            first = Work(function.process.pid)
            for line in lines:
                invoke(function, line)
            function.api.wait_next(2 + WARM)
            warm = Work(function.process.pid)
    each = [(getattr(warm, name) - getattr(first, name)) / WARM
            for name in ("milliseconds", "faults")]
    return ((ready.milliseconds, ready.faults), (first.milliseconds, first.faults), each)


def medians(path, build, runs):
    with cold_start.Package(path) as package:
        measured = [costs(package, build) for _ in range(runs)]
    return [[measure.statistics.median(run[part][what] for run in measured) for what in (0, 1)]
            for part in range(3)]


