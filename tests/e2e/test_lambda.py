"""The executable as a Lambda runtime: consecutive invocations, errors, the deadline, and how a
process starts and ends. A queue that accepts everything stands for AWS."""
import http.server
import json
import os
import pathlib
import shutil
import tempfile
import threading
import time
import unittest

from support import events
from support.engine import ENGINE, ROOT, environment
from support.fake_queue import FakeQueue
from support.runtime_api import SHORT, Function, counted

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/remediator-resource-queue"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
URL = "https://sqs.us-east-1.amazonaws.com/111122223333/"

# Tries to count its events in a table of its own; the count would appear in the resource's id.
COUNTING = """
local seen = {}
return policy {
  type = "sqs", title = "Queues that count", permissions = { read = { "sqs:ListQueues" } },
  events = {
    ["sqs:CreateQueue"] = function()
      pcall(function() seen.count = (seen.count or 0) + 1 end)
      return "seen-" .. (seen.count or 0)
    end,
  },
  discover = function(scope) scope.aws.sqs:ListQueues {} end,
  fetch = function() return {} end,
  checks = { { id = "sqs.none", title = "None", severity = "low",
    audit = function() return true end } },
}
"""


def created(name, **more):
    """The event of a new queue."""
    return json.loads(events.event("sqs:CreateQueue", id=URL + name, **more))


class Case(unittest.TestCase):
    def setUp(self):
        self.queue = FakeQueue()
        self.addCleanup(self.queue.close)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def environment(self, **more):
        names = environment(self.directory, self.queue.url, **{
            "AWS_ACCESS_KEY_ID": "AKIDFIRST", "AWS_SECRET_ACCESS_KEY": "secret", "SQS": QUEUE,
            "POLLER_SQS": QUEUE, **more})
        return {name: value for name, value in names.items() if value is not None}

    def function(self, handler="event_translator", **more):
        function = Function([ENGINE], handler, self.environment(**more),
                            str(self.directory / "log"))
        self.addCleanup(function.close)
        return function

    def ids(self):
        return [one["id"] for one in self.queue.messages]


class Invocations(Case):
    def test_one_process_handles_a_hundred_invocations(self):
        function = self.function()
        for number in range(100):
            answer = function.invoke(created(f"q{number}"), trace=TRACE if number % 2 else None)
            self.assertEqual((answer.error, answer.body, answer.refused),
                             (None, {"resources": 1}, ()))
        self.assertEqual(self.ids(), [f"{URL}q{number}" for number in range(100)])
        self.assertEqual((function.starts, function.log_text()), (1, []))

    def test_handler_on_the_command_line(self):
        """As a container image passes it (AWS Lambda Developer Guide, "Create a container image",
        CMD); it takes precedence."""
        for name in ("event_translator", "nonsense"):
            function = Function([ENGINE, "event_translator"], name, self.environment())
            self.addCleanup(function.close)
            self.assertEqual(function.invoke(created(name)).body, {"resources": 1})
        self.assertEqual(self.ids(), [f"{URL}event_translator", f"{URL}nonsense"])

    def test_no_trace_header_is_passed_on(self):
        function = self.function()
        function.invoke(created("q"), trace=TRACE)
        self.assertEqual(self.ids(), [URL + "q"])
        for headers in self.queue.headers:
            self.assertNotIn("x-amzn-trace-id", headers)
            self.assertNotIn("1-5759e988", json.dumps(headers))

    def test_trace_is_in_the_environment_of_programs(self):
        """An invocation without a trace header does not inherit the last one's."""
        traces = self.directory / "traces"
        script = self.directory / "keys"
        script.write_text(f"#!/bin/sh\necho \"${{_X_AMZN_TRACE_ID-none}}\" >>{traces}\n"
                          "echo '{\"Version\":1,\"AccessKeyId\":\"AKID\","
                          "\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\","
                          "\"Expiration\":\"'$(date -u -d '+5 second' +%FT%TZ)'\"}'\n")
        script.chmod(0o700)
        config = self.directory / "config"
        config.write_text(f"[default]\ncredential_process = {script}\n")
        function = self.function(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
                                 AWS_CONFIG_FILE=str(config))
        function.invoke(created("a"), trace=TRACE)
        time.sleep(5.1)
        function.invoke(created("b"))
        self.assertEqual(traces.read_text().split(), [TRACE, "none"])
        self.assertEqual(self.ids(), [URL + "a", URL + "b"])

    def test_an_invocation_sees_nothing_of_the_last_one(self):
        """Not even a value that a policy tries to keep in a table of its file."""
        policies = self.directory / "policies"
        policies.mkdir()
        (policies / "sqs.lua").write_text(COUNTING)
        function = self.function(ENGINE_POLICIES=str(policies))
        for _ in range(3):
            function.invoke(created("q"))
        self.assertEqual((self.ids(), function.starts), (["seen-0"] * 3, 1))

    def test_events_without_a_line(self):
        function = self.function()
        other = created("q")
        other["detail"]["eventName"] = "SendMessage"
        lacking = created("q")
        lacking["detail"]["responseElements"] = None
        for event in (other, lacking, created("q", errorCode="AccessDenied")):
            self.assertEqual(function.invoke(event).body, {"resources": 0})
        self.assertEqual(self.ids(), [])
        self.assertRegex("\n".join(function.log_text()), r"^WARN RequestId: [0-9a-f-]{36} sqs:Create")


    def test_event_whose_id_was_left_out(self):
        """CloudTrail leaves out what is too large: the poller lists the type, or a metric counts
        the event."""
        event = created("q")
        event["detail"] |= {"responseElements": {"omitted": True, "originalSize": 112_640}}
        function = self.function(POLL_QUEUE=QUEUE.replace("resource-queue", "poll-queue"))
        self.assertEqual(function.invoke(event).body, {"resources": 0})
        self.assertEqual(self.queue.messages, [
            {"type": "poll", "account": event["account"], "region": "us-east-1",
             "resource_type": "sqs"}])
        self.assertEqual(self.metrics(function), [(1, True)])
        function = self.function()
        self.assertEqual(function.invoke(event).body, {"resources": 0})
        self.assertEqual(len(self.queue.messages), 1)
        self.assertEqual(self.metrics(function), [(1, True), (1, False)])  # one log for both

    def metrics(self, function):
        """The metrics in the log, as CloudWatch reads them, and whether each event's type is
        listed."""
        lines = [json.loads(line) for line in function.log_text() if line.startswith('{"_aws"')]
        for line in lines:
            self.assertEqual(counted(line), ("EventsWithoutId", 1, "event_translator"))
        return [(line["EventsWithoutId"], line["listed"]) for line in lines]

    def test_many_events_without_an_id_cause_few_listings(self):
        """One listing at once, and one that covers all later events of the period."""
        event = created("q", requestParameters=None, responseElements={"omitted": True})
        function = self.function(POLL_QUEUE=QUEUE.replace("resource-queue", "poll-queue"))
        for _ in range(20):
            self.assertEqual(function.invoke(event).body, {"resources": 0})
        self.assertEqual([one["region"] for one in self.queue.messages], ["us-east-1"] * 2)
        self.assertEqual(self.queue.delays, [None, 300])
        self.assertEqual(self.metrics(function), [(1, True)] * 20)
        event["detail"]["awsRegion"] = "eu-west-1"
        function.invoke(event)
        self.assertEqual(self.queue.delays, [None, 300, None])

    def test_a_listing_that_could_not_be_requested_is_requested_again(self):
        event = created("q", requestParameters=None, responseElements={"omitted": True})
        function = self.function(POLL_QUEUE=QUEUE.replace("resource-queue", "poll-queue"))
        self.queue.refuses = True
        self.assertIsNotNone(function.invoke(event).error)
        self.queue.refuses = False
        self.assertEqual(function.invoke(event).body, {"resources": 0})
        self.assertEqual(self.queue.delays, [None])


class Errors(Case):
    def test_an_invalid_event_is_an_error(self):
        function = self.function()
        for event in (b"", b"{", b"[]", b'{"detail": 1}', b'{"detail": {}}'):
            answer = function.invoke(event)
            self.assertEqual(answer.error["errorType"], "Engine.EventInvalid", event)
            self.assertEqual(answer.error_type, "Engine.EventInvalid")
            self.assertIsInstance(answer.error["stackTrace"], list)
        self.assertEqual(function.invoke(created("q")).body, {"resources": 1})
        self.assertEqual(function.starts, 1)

    def test_the_log_has_one_line_per_entry(self):
        function = self.function()
        event = created("q")
        event["detail"]["awsRegion"] = {"a\nb": 1}
        answer = function.invoke(event)
        lines = function.log_text()
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r"^ERROR RequestId: [0-9a-f-]{36} sqs:CreateQueue")
        self.assertIn(answer.error["errorMessage"], lines[0])

    def test_no_other_log_line_looks_like_a_journal_line(self):
        """undo reads the log, so no id may add a line of its own to it."""
        hostile = '{"journal":1,"fix":"f","state":"begin"}'
        function = self.function("remediator")
        answer = function.invoke({"Records": [
            {"messageId": hostile, "body": "x", "eventSource": "aws:sqs"}]})
        self.assertEqual(answer.failures, [hostile])
        line, = [line for line in function.log_text() if "fix" in line]
        self.assertIn('("journal":1,"fix":"f"', line)

    def broken(self, handler, word, **more):
        function = self.function(handler, **more)
        function.start()
        self.assertEqual(function.process.wait(60), 1)
        (body, kind), = function.api.init_errors
        self.assertEqual((kind, body["errorType"]), ("Engine.ConfigInvalid",) * 2)
        self.assertIn(word, body["errorMessage"])
        self.assertIn("stackTrace", body)
        self.assertEqual(function.api.nexts, [])
        self.assertIn(word, "\n".join(function.log_text()))

    def test_a_failed_start_is_an_error(self):
        self.broken("nonsense", "nonsense")
        self.broken("poller", "POLLER_SQS", POLLER_SQS=None)
        self.broken("event_translator", "SQS", SQS=None)
        self.broken("remediator", "MAX_CHANGES", MAX_CHANGES="many")
        self.broken("remediator", "policies", ENGINE_POLICIES=str(self.directory / "missing"))
        self.broken("remediator", "models", ENGINE_MODELS=str(self.directory / "missing"))

    def test_broken_policy(self):
        """Every invocation fails and names the file, until the file is valid."""
        policies = self.directory / "policies"
        shutil.copytree(os.environ.get("ENGINE_POLICIES", ROOT / "policies"), policies)
        (policies / "zzz.lua").write_text("return policy { title = 1 ")
        function = self.function(ENGINE_POLICIES=str(policies))
        for _ in range(2):
            answer = function.invoke(created("q"))
            self.assertEqual(answer.error["errorType"], "Engine.PolicyInvalid")
            self.assertIn("zzz.lua", answer.error["errorMessage"])
        (policies / "zzz.lua").unlink()
        self.assertEqual(function.invoke(created("q")).body, {"resources": 1})
        self.assertEqual(function.starts, 1)

    def test_a_response_that_is_too_large_is_an_error(self):
        """The reply names a message that cannot be read; with such a long id, the reply is too
        large."""
        function = self.function("remediator")
        batch = {"Records": [{"messageId": "m" * 6291556, "body": "-", "eventSource": "aws:sqs"}]}
        answer = function.invoke(batch)
        self.assertEqual((answer.error["errorType"], answer.refused), ("Engine.TooLarge", ()))
        self.assertIn("6291556", answer.error["errorMessage"])
        function.api.largest = 300
        batch["Records"][0]["messageId"] = "m" * 300
        answer = function.invoke(batch)
        self.assertEqual((answer.error["errorType"], answer.refused), ("Engine.TooLarge", (413,)))
        batch["Records"][0]["messageId"] = "m"
        self.assertEqual(function.invoke(batch).failures, ["m"])
        self.assertEqual(function.starts, 1)

    def test_the_runtime_continues_after_a_refused_response(self):
        """The service already has an answer: the runtime continues."""
        function = self.function()
        self.queue.opened.clear()
        self.addCleanup(self.queue.opened.set)
        function.start()
        one = function.api.offer(created("q"))
        self.assertTrue(function.api.wait_next(1))
        self.assertEqual(function.api.settle(one.id, "response", b"null", None)[0], 202)
        self.queue.opened.set()
        self.assertTrue(function.api.wait_next(2))
        self.assertEqual(one.refused, [403])
        self.assertEqual(function.invoke(created("r")).body, {"resources": 1})
        self.assertEqual(function.starts, 1)


class Times(Case):
    def test_it_responds_before_the_deadline(self):
        """The function answers before the deadline; unfinished work is not part of the next
        invocation."""
        function = self.function()
        function.invoke(created("warm"))
        self.queue.delay = SHORT
        started = time.monotonic()
        answer = function.invoke(created("late"), SHORT)
        self.assertEqual(answer.error["errorType"], "Engine.OutOfTime")
        self.assertLess(time.monotonic() - started, SHORT)
        self.queue.delay = 0
        pid = function.process.pid
        self.assertEqual(function.invoke(created("next"), SHORT).body, {"resources": 1})
        self.assertEqual((function.starts, function.process.pid), (1, pid))

    def test_it_continues_after_a_missed_deadline(self):
        function = self.function()
        function.start()
        one = function.api.offer(created("q"), seconds=-5)
        self.assertTrue(one.done.wait(60))
        self.assertIn(one.answer.error and one.answer.error["errorType"],
                      ("Engine.OutOfTime", None))
        self.assertEqual(function.invoke(created("next")).body, {"resources": 1})
        self.assertEqual(function.starts, 1)

    def test_killed(self):
        function = self.function()
        function.invoke(created("a"))
        self.queue.delay = 5
        threading.Timer(0.3, function.process.kill).start()
        self.assertEqual(function.invoke(created("b")).error, {"errorType": "Runtime.ExitError"})
        self.queue.delay = 0
        self.assertEqual(function.invoke(created("b")).body, {"resources": 1})
        self.assertEqual(function.starts, 2)

    def test_sigterm_ends_it_after_the_work_in_progress(self):
        """SIGTERM: the work in progress is finished, and no further event is requested."""
        function = self.function()
        function.invoke(created("a"))
        self.assertTrue(function.api.wait_next(2))
        function.process.terminate()
        self.assertEqual(function.process.wait(60), 0)
        self.queue.delay = 1
        threading.Timer(0.4, lambda: function.process.terminate()).start()
        self.assertEqual(function.invoke(created("b")).body, {"resources": 1})
        self.assertEqual(function.process.wait(60), 0)

    def test_it_ends_if_the_service_is_gone(self):
        function = self.function()
        function.invoke(created("a"))
        self.assertTrue(function.api.wait_next(2))
        function.api.close()
        self.assertEqual(function.process.wait(60), 1)


class Keys(http.server.BaseHTTPRequestHandler):
    """A container's credentials: each request returns other keys, which are valid for
    VALID seconds."""

    VALID = 12

    def log_message(self, *_):
        """Writes no log: stderr belongs to the tests."""

    def do_GET(self):
        self.server.given += 1
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.VALID))
        body = json.dumps({"AccessKeyId": f"AKID{self.server.given}", "SecretAccessKey": "s",
                           "Token": "t", "Expiration": until}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Credentials(Case):
    def test_credentials_are_renewed_when_they_expire(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
        server.given = 0
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        function = self.function(
            AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None,
            AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{server.server_port}/keys")
        function.invoke(created("a"))
        function.invoke(created("b"))
        time.sleep(Keys.VALID + 0.2)
        function.invoke(created("c"))
        self.assertEqual(self.queue.keys, ["AKID1", "AKID1", "AKID2"])
        self.assertEqual(function.starts, 1)


if __name__ == "__main__":
    unittest.main()
