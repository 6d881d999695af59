"""Every operation of every service: the engine encodes random parameters as botocore encodes them,
and decodes random replies and errors to what botocore reads from them, value by value."""
import base64
import datetime
import json
import math
import os
import pathlib
import subprocess
import unittest
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict
from botocore.utils import percent_encode_sequence

from support.replies import error_replies, float_value, reply
from support.values import Values

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = pathlib.Path(os.environ.get("ENGINE", ROOT / "build/engine"))
DRIVER = ENGINE.parent / "tests/proto_driver"
MODELS = os.environ.get("ENGINE_MODELS", str(ENGINE.parent / "models"))
PROTOCOLS = ("query", "ec2", "json", "rest-json", "rest-xml")
SEED = 20140101

# Changes that botocore's handlers make before or after its serializer; the serializer is compared
# without them.
HANDLED = {
    ("s3", "CopyObject"), ("s3", "UploadPartCopy"), ("s3", "GetBucketLocation"),
    ("s3", "GetBucketNotification"),  # deprecated: two members share an element, and both get it
}
HANDLED_SERVICES = {"route53", "glacier"}


def protocol_of(metadata):
    for name in metadata.get("protocols", [metadata["protocol"]]):
        if name in PROTOCOLS:
            return name
    return None


def services():
    # The extras describe conveniences of that client, not the API.
    loader = botocore.loaders.Loader(include_default_extras=False)
    for name in loader.list_available_services("service-2"):
        model = botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)
        protocol = protocol_of(model.metadata)
        if protocol is not None:
            yield name, model, protocol


def operations(name, model):
    for operation in model.operation_names:
        found = model.operation_model(operation)
        if not found.has_event_stream_input and not found.has_event_stream_output \
                and (name, operation) not in HANDLED:
            yield found


def plain(value):
    """In the form in which the driver writes results and reads parameters."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, float):
        return float_value(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return "base64:" + base64.b64encode(value).decode()
    return value


def same(left, right):
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or math.isclose(left, right, rel_tol=1e-15)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def same_text(left, right):
    """Texts, or numbers that can be written in different ways."""
    try:
        return left == right or float(left) == float(right)
    except ValueError:
        return False


def same_pairs(left, right):
    left, right = (sorted(parse_qsl(text, True)) for text in (left, right))
    return len(left) == len(right) and all(
        a[0] == b[0] and same_text(a[1], b[1]) for a, b in zip(left, right))


def same_tree(left, right):
    return (left.tag == right.tag and left.attrib == right.attrib and len(left) == len(right)
            and same_text(left.text or "", right.text or "") and all(map(same_tree, left, right)))


def same_body(protocol, ours, theirs):
    if protocol in ("query", "ec2"):
        return same_pairs(ours.decode(), percent_encode_sequence(theirs))
    if ours == theirs:
        return True
    try:
        if protocol == "rest-xml":
            return same_tree(ElementTree.fromstring(ours), ElementTree.fromstring(theirs))
        return same(json.loads(ours), json.loads(theirs))
    except (ElementTree.ParseError, ValueError):
        return False


def wrong_request(protocol, ours, theirs):
    """The difference, or None."""
    if "error" in ours:
        return ours["error"]["message"]
    path, _, literal = theirs["url_path"].partition("?")
    query = "&".join(filter(None, [literal, percent_encode_sequence(theirs["query_string"] or {})]))
    if (ours["method"], ours["path"]) != (theirs["method"], path):
        return f"{ours['method']} {ours['path']} and not {theirs['method']} {path}"
    if not same_pairs(ours["query"], query):
        return f"query {ours['query']} and not {query}"
    if ours["host_prefix"] != (theirs.get("host_prefix") or ""):
        return f"host prefix {ours['host_prefix']}"
    headers = HeadersDict(ours["headers"])
    for name, value in theirs["headers"].items():
        if name not in headers or not same_text(headers[name], value):
            return f"header {name}: {headers.get(name)} and not {value}"
    # Only the engine sends these: types of raw and XML bodies, and checksums, which botocore adds
    # later.
    extra = {name.lower() for name in headers} - {name.lower() for name in theirs["headers"]}
    if extra - {"content-type", "content-md5", "accept"}:
        return f"headers {sorted(extra)}"
    body = base64.b64decode(ours["body"])
    return None if same_body(protocol, body, theirs["body"]) \
        else f"body {body!r} and not {theirs['body']!r}"[:4000]


def response_of(status, headers, body):
    """In the form that botocore's parsers and the driver accept."""
    return ({"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}},
            {"status": status, "headers": [[name.lower(), text] for name, text in headers],
             "body": base64.b64encode(body).decode()})


class Cases:
    """Draws random cases, and records botocore's results for each."""

    def __init__(self):
        self.requests, self.replies, self.errors = [], [], []
        for name, model, protocol in services():
            for operation in operations(name, model):
                if name not in HANDLED_SERVICES:
                    self.draw_request(name, protocol, operation)
                if operation.output_shape is not None:
                    self.draw_reply(name, protocol, operation)
            for given in error_replies(protocol, operation.name):
                self.draw_error(name, protocol, operation, given)

    def draw_request(self, name, protocol, operation):
        values = Values(f"{SEED}{name}{operation.name}")
        shape = operation.input_shape
        params = values.structure(shape) if shape is not None else {}
        for member in operation.idempotent_members:
            params[member] = "00000000-0000-4000-8000-000000000000"
        serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
        theirs = serializer.serialize_to_request(params, operation)
        line = {"service": name, "operation": operation.name, "params": plain(params)}
        self.requests.append((protocol, line, theirs))

    def draw_reply(self, name, protocol, operation):
        value = Values(f"reply{SEED}{name}{operation.name}").structure(
            operation.output_shape)
        response, given = response_of(*reply(protocol, operation, value))
        try:
            parser = botocore.parsers.create_parser(protocol)
            theirs = parser.parse(response, operation.output_shape)
        except UnicodeDecodeError:  # a binary payload; its client returns a stream
            return
        theirs.pop("ResponseMetadata", None)
        line = {"service": name, "operation": operation.name, "response": given}
        self.replies.append((protocol, line, plain(theirs)))

    def draw_error(self, name, protocol, operation, given):
        response, given = response_of(*given)
        theirs = botocore.parsers.create_parser(protocol).parse(response, None)
        line = {"service": name, "operation": operation.name, "response": given}
        self.errors.append((protocol, line, {
            "code": theirs["Error"]["Code"], "message": theirs["Error"]["Message"],
            "request_id": theirs["ResponseMetadata"].get("RequestId", ""),
            "status": response["status_code"]}))


class ProtocolsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = Cases()

    def ask(self, lines):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run([DRIVER, MODELS], input=text.encode(), stdout=subprocess.PIPE,
                              check=True, timeout=600)
        answers = done.stdout.splitlines()
        self.assertEqual(len(answers), len(lines))
        return [json.loads(answer) for answer in answers]

    def report(self, what, cases, wrong):
        spoken = {protocol: sum(case[0] == protocol for case in cases) for protocol in PROTOCOLS}
        print(f"{len(cases)} {what}, {len(wrong)} differ; of protocols {spoken}")
        for protocol, line, said in wrong[:20]:
            print(protocol, line["service"], line["operation"], said)
        for protocol in PROTOCOLS:
            self.assertGreater(spoken[protocol], 0, protocol)
        self.assertFalse(wrong)

    def test_requests(self):
        answers = self.ask([line for _, line, _ in self.cases.requests])
        wrong = []
        for (protocol, line, theirs), ours in zip(self.cases.requests, answers):
            said = wrong_request(protocol, ours, theirs)
            if said is not None:
                wrong.append((protocol, line, said))
        self.report("requests", self.cases.requests, wrong)

    def test_replies(self):
        answers = self.ask([line for _, line, _ in self.cases.replies])
        wrong = []
        for (protocol, line, theirs), ours in zip(self.cases.replies, answers):
            if not same(ours.get("result"), theirs):
                said = f"{json.dumps(ours)[:1500]} and not {json.dumps(theirs)[:1500]}"
                wrong.append((protocol, line, said))
        self.report("replies", self.cases.replies, wrong)

    def test_errors(self):
        answers = self.ask([line for _, line, _ in self.cases.errors])
        wrong = []
        for (protocol, line, theirs), ours in zip(self.cases.errors, answers):
            error = ours.get("error", {})
            # If a reply has no message, botocore's message is empty, and the engine's is the phrase
            # of the status.
            keys = [key for key in theirs if theirs[key] or key != "message"]
            if any(error.get(key) != theirs[key] for key in keys):
                wrong.append((protocol, line, f"{error} and not {theirs}"))
        self.report("errors", self.cases.errors, wrong)


if __name__ == "__main__":
    unittest.main()
