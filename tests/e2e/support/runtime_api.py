"""The tests' own Lambda Runtime API (2018-06-01), and functions that run behind it.

    with Function("remediator", environment) as function:
        answer = function.invoke({"Records": [...]}, seconds=10)
        answer.body, answer.error, answer.trail

A Function keeps one process, as Lambda keeps an execution environment: the first invocation starts
it, it handles one invocation after the other, and it is started again after it has ended or missed a
deadline. The API refuses what Lambda refuses: a second answer, an unknown id, a body that is too
large. Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes"."""
import contextlib
import dataclasses
import http.server
import json
import os
import re
import select
import socket
import subprocess
import threading
import time
import uuid

from support import fake_server

# Seconds of an invocation whose time ends before its work: the function stops after three quarters
# of them, and must then answer within 15 percent, on a busy machine too.
SHORT = 10
LARGEST = 6291556
VERSION = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ANSWER = re.compile(VERSION + r"/invocation/([^/]+)/(response|error)")


@dataclasses.dataclass
class Answer:
    """The result of one invocation."""
    body: object = None      # of a response, parsed as JSON
    error: dict = None       # of an error, or {"errorType": "Lambda.Timeout"} and the like
    error_type: str = None   # Lambda-Runtime-Function-Error-Type
    refused: tuple = ()      # statuses of answers that were refused

    @property
    def failures(self):
        """The ids of messages that should come again."""
        return sorted(one["itemIdentifier"] for one in self.body["batchItemFailures"])


class Invocation:
    def __init__(self, event, seconds, trace):
        self.id = str(uuid.uuid4())
        self.event = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.deadline = time.time() + seconds
        self.trace = trace
        self.answer = Answer()
        self.answered = False
        self.refused = []
        self.done = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # sends an answer in one packet
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Writes no log: stderr belongs to the tests."""

    def handle(self):
        """It does not matter to the server if a runtime ends meanwhile."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self):
        with contextlib.suppress(ConnectionError):
            super().finish()

    def _reply(self, status, body=b"", headers=()):
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status, kind):
        self._reply(status, json.dumps({"errorType": kind, "errorMessage": kind}).encode())

    def do_GET(self):
        if self.path != VERSION + "/invocation/next":
            self._refuse(404, "NotFound")
            return
        one = self.server.api.take(self.connection)
        if one is None:
            self.close_connection = True
            return
        headers = [("Lambda-Runtime-Aws-Request-Id", one.id),
                   ("Lambda-Runtime-Deadline-Ms", str(int(one.deadline * 1000))),
                   ("Lambda-Runtime-Invoked-Function-Arn", ARN + self.server.api.name)]
        if one.trace:
            headers.append(("Lambda-Runtime-Trace-Id", one.trace))
        self._reply(200, one.event, headers)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Lambda-Runtime-Function-Error-Type")
        if self.path == VERSION + "/init/error":
            self.server.api.init_failed(json.loads(body), kind)
            self._reply(202, b'{"status":"OK"}')
            return
        found = ANSWER.fullmatch(self.path)
        if not found:
            self._refuse(404, "NotFound")
            return
        status, name = self.server.api.settle(found[1], found[2], body, kind)
        if status == 202:
            self._reply(202, b'{"status":"OK"}')
        else:
            self._refuse(status, name)


class RuntimeApi:
    """One function's side of the service: takes invocations and collects answers."""

    def __init__(self, name="function"):
        self.name = name
        self.init_errors = []  # (body, error type)
        self.nexts = []        # monotonic times at which an invocation was requested
        self.largest = LARGEST
        self._change = threading.Condition()
        self._waiting = None   # the invocation that is taken next
        self._known = {}
        self._closed = False
        self._server = fake_server.Server(("127.0.0.1", 0), Handler)
        self._server.api = self
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # requests of the runtime

    def take(self, connection):
        """The next invocation; waits as long as the runtime is connected, and returns None when it
        has gone."""
        with self._change:
            self.nexts.append(time.monotonic())
            self._change.notify_all()
            while self._waiting is None and not self._closed:
                self._change.wait(0.1)
                if gone(connection):
                    return None
            one, self._waiting = self._waiting, None
            return one

    def settle(self, id_, kind, body, error_type):
        with self._change:
            one = self._known.get(id_)
            if one is None:
                return 400, "InvalidRequestID"
            if one.answered:
                one.refused.append(403)
                return 403, "InvalidStateTransition"
            if len(body) > self.largest:
                one.refused.append(413)
                return 413, "RequestEntityTooLarge"
            one.answered = True
            value = json.loads(body) if body else None
            one.answer = Answer(error=value, error_type=error_type) if kind == "error" \
                else Answer(body=value)
            one.done.set()
            return 202, ""

    def init_failed(self, body, error_type):
        with self._change:
            self.init_errors.append((body, error_type))
            self._change.notify_all()

    # calls of the tests

    def offer(self, event, seconds=30, trace=None):
        one = Invocation(event, seconds, trace)
        with self._change:
            assert self._waiting is None
            self._known[one.id] = one
            self._waiting = one
            self._change.notify_all()
        return one

    def withdraw(self, one):
        with self._change:
            if self._waiting is one:
                self._waiting = None
            one.answered = True

    def wait_next(self, count, seconds=60):
        """Waits until the runtime has requested this number of invocations."""
        with self._change:
            return self._change.wait_for(lambda: len(self.nexts) >= count, seconds)


def gone(connection):
    """Whether the peer has closed the connection."""
    ready, _, _ = select.select([connection], [], [], 0)
    if not ready:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def counted(line):
    """(name, count, function) of a log's line in CloudWatch's embedded metric format: each dimension
    and metric is a member of the line. Source: Amazon CloudWatch User Guide, "Specification:
    CloudWatch embedded metric format" (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
    CloudWatch_Embedded_Metric_Format_Specification.html)."""
    said, = line["_aws"]["CloudWatchMetrics"]
    metric, = said["Metrics"]
    assert said["Namespace"] == "engine" and said["Dimensions"] == [["FunctionName"]], said
    assert metric["Unit"] == "Count" and abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 600
    return metric["Name"], line[metric["Name"]], line["FunctionName"]


def is_of_work(line):
    """Whether the line has the metrics of an invocation, such as its calls."""
    return line.startswith("{") and '"milliseconds":' in line and '"FunctionName":' in line


class Function:
    """A deployed function: the process of its runtime behind a Runtime API."""

    def __init__(self, command, handler, environment, log=None):
        self.api = RuntimeApi(handler)
        self.command = command
        self.environment = {"AWS_LAMBDA_FUNCTION_NAME": handler, **environment,
                            "AWS_LAMBDA_RUNTIME_API": self.api.address, "_HANDLER": handler}
        self.log = log or os.devnull
        self.process = None
        self.starts = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.kill()
        self.api.close()

    def start(self):
        """Starts the process unless it is running."""
        if self.process is None or self.process.poll() is not None:
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(self.command, env=self.environment, stdout=log,
                                                stderr=log, stdin=subprocess.DEVNULL)
            self.starts += 1

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def invoke(self, event, seconds=30, trace=None):
        """Waits for the answer, the end of the process, or the deadline, as Lambda does."""
        self.start()
        one = self.api.offer(event, seconds, trace)
        while not one.done.wait(0.01):
            if self.process.poll() is not None and not one.done.wait(0.1):
                return self._lost(one, "Runtime.ExitError")
            if time.time() >= one.deadline:
                self.kill()
                return self._lost(one, "Lambda.Timeout")
        one.answer.refused = tuple(one.refused)
        return one.answer

    def _lost(self, one, kind):
        self.api.withdraw(one)
        return Answer(error={"errorType": kind}, error_type=kind, refused=tuple(one.refused))

    def log_text(self):
        """The lines of the log, without the line that each invocation writes about its work."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return [line for line in file.read().splitlines() if not is_of_work(line)]

    def counts(self):
        """[(name, count, function)] of the metrics in the log."""
        return [counted(json.loads(line)) for line in self.log_text() if line.startswith('{"_aws"')]

    def resident(self):
        """The KiB of memory that the process uses."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
