"""The tests' own Runtime API, used by an independent client: AWS's runtime for Python serves its
events, is refused where Lambda refuses, and reports its errors."""
import os
import pathlib
import sys
import tempfile
import unittest

from support.pump import failed
from support.runtime_api import LARGEST, Answer, Function

HANDLERS = """
import os, time
seen = []
def echo(event, context):
    seen.append(event)
    return {"event": event, "id": context.aws_request_id, "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis(), "count": len(seen),
            "trace": os.environ.get("_X_AMZN_TRACE_ID")}
def fail(event, context):
    raise KeyError("no such thing")
def large(event, context):
    return "x" * event
def slow(event, context):
    time.sleep(event)
def end(event, context):
    os._exit(3)
"""


class Reference(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        (self.directory / "handlers.py").write_text(HANDLERS)

    def function(self, name):
        environment = {"PATH": os.environ["PATH"], "LAMBDA_TASK_ROOT": str(self.directory),
                       "PYTHONPATH": str(self.directory), "HOME": str(self.directory),
                       "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_VERSION": "1",
                       "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"}
        handler = f"handlers.{name}"
        function = Function([sys.executable, "-m", "awslambdaric", handler], handler, environment,
                            str(self.directory / "log"))
        self.addCleanup(function.close)
        return function

    def test_a_client_gets_events_and_responds(self):
        function = self.function("echo")
        trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        for number in range(1, 6):
            answer = function.invoke({"n": number}, seconds=20, trace=trace)
            body = answer.body
            self.assertEqual((body["event"], body["count"], body["trace"]),
                             ({"n": number}, number, trace), function.log_text())
            self.assertRegex(body["id"], "^[0-9a-f-]{36}$")
            self.assertTrue(body["arn"].startswith("arn:aws:lambda:us-east-1:"), body)
            self.assertTrue(10000 < body["left"] <= 20000, body)
        self.assertEqual(function.invoke({}).body["count"], 6, "no trace is no error")
        self.assertEqual(function.starts, 1)

    def test_a_client_reports_errors(self):
        function = self.function("fail")
        for _ in range(2):
            answer = function.invoke({})
            self.assertEqual(answer.error["errorType"], "KeyError", function.log_text())
            self.assertIn("no such thing", answer.error["errorMessage"])
            self.assertTrue(answer.error["stackTrace"])
        self.assertEqual(function.starts, 1)

    def test_a_response_that_is_too_large_is_an_error(self):
        function = self.function("large")
        self.assertEqual(len(function.invoke(LARGEST - 2).body), LARGEST - 2)
        answer = function.invoke(LARGEST - 1)
        self.assertEqual(answer.refused, (413,), function.log_text())
        self.assertIsNotNone(answer.error)

    def test_an_invocation_ends_at_its_deadline(self):
        function = self.function("slow")
        self.assertIsNone(function.invoke(0).body)
        self.assertEqual(function.invoke(10, seconds=1).error, {"errorType": "Lambda.Timeout"})
        self.assertIsNone(function.invoke(0).error)
        self.assertEqual(function.starts, 2)

    def test_a_process_that_ends_fails_its_invocation(self):
        function = self.function("end")
        for _ in range(2):
            self.assertEqual(function.invoke({}).error, {"errorType": "Runtime.ExitError"})
        self.assertEqual(function.starts, 2)

    def test_a_failed_start_is_an_error(self):
        function = self.function("missing")
        function.start()
        function.process.wait(20)
        (body, kind), = function.api.init_errors
        self.assertEqual(body["errorType"], "Runtime.HandlerNotFound")
        self.assertEqual(kind, body["errorType"])


class Refusals(unittest.TestCase):
    """Requests that Lambda does not accept."""

    def test_a_second_response_and_an_unknown_id_are_refused(self):
        with Function(["true"], "none", {}) as function:
            one = function.api.offer({})
            settle = function.api.settle
            self.assertEqual(settle("nobody", "response", b"{}", None)[0], 400)
            self.assertEqual(settle(one.id, "response", b"x" * (LARGEST + 1), None)[0], 413)
            self.assertEqual(settle(one.id, "error", b"{}", "Some.Error")[0], 202)
            self.assertEqual(settle(one.id, "response", b"{}", None)[0], 403)
            self.assertEqual((one.answer.error, one.refused), ({}, [413, 403]))

    def test_partial_batch_failures_are_returned_to_the_queue(self):
        """What the event source mapping makes of an answer."""
        ids = {"a", "b"}

        def answer(*listed):
            return Answer(body={"batchItemFailures": [{"itemIdentifier": one} for one in listed]})
        self.assertEqual(failed(answer("a"), ids), {"a"})
        for good in (answer(), Answer(body=None), Answer(body={}),
                     Answer(body={"batchItemFailures": None})):
            self.assertEqual(failed(good, ids), set())
        for bad in (answer(""), answer("c"), answer("a", "c"), Answer(error={}), Answer(body="x"),
                    Answer(body={"batchItemFailures": [{}]})):
            self.assertEqual(failed(bad, ids), ids)


if __name__ == "__main__":
    unittest.main()
