"""Every operation, shape, member, error and paginator of every service, as the engine reads it from
the compiled models, compared with the models in botocore's data."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import botocore.loaders
import botocore.model

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = pathlib.Path(os.environ.get("ENGINE", ROOT / "build/engine"))
DUMP = pathlib.Path(os.environ.get("MODEL_DUMP", ENGINE.parent / "tests/model_dump"))
MODELS = os.environ["ENGINE_MODELS"]
DATA = pathlib.Path(botocore.loaders.__file__).parent / "data"

# Traits of shapes and members that no encoder or decoder needs. A trait that is neither listed here
# nor compared below is new, and someone must look at it.
IGNORED = {
    "documentation", "min", "max", "pattern", "sensitive", "deprecated",
    "deprecatedMessage", "deprecatedSince", "box", "synthetic", "wrapper", "xmlOrder",
    "requiresLength", "retryable", "fault", "event", "eventstream", "contextParam"}
SHAPE = {
    "type", "members", "member", "key", "value", "required", "flattened", "sparse", "streaming",
    "union", "document", "exception", "timestampFormat", "payload", "locationName",
    "xmlNamespace", "error", "enum"}
MEMBER = {
    "shape", "locationName", "location", "timestampFormat", "xmlNamespace", "queryName",
    "flattened", "xmlAttribute", "idempotencyToken", "jsonvalue", "streaming", "hostLabel",
    "eventpayload"}
OPERATION = {
    "name", "http", "input", "output", "errors", "endpoint", "idempotent", "readonly", "auth",
    "authtype", "unsignedPayload", "httpChecksum", "httpChecksumRequired",
    # traits that do not affect requests: documentation, and conveniences of clients
    "documentation", "documentationUrl", "deprecated", "deprecatedMessage", "deprecatedSince",
    "alias", "endpointdiscovery", "endpointoperation", "requestcompression",
    # where a call goes: see test_endpoints.py
    "staticContextParams", "operationContextParams"}

SUPPORTED = ("query", "ec2", "json", "rest-json", "rest-xml")


def drop_empty(entry):
    """In the form of model_dump: absent, empty and false values are left out."""
    return {key: value for key, value in entry.items()
            if value not in ("", None, False)}


def namespace(traits):
    space = traits.get("xmlNamespace", "")
    if isinstance(space, str):
        return space, ""
    return space.get("uri", ""), space.get("prefix", "")


def expected_member(name, traits, required):
    uri, prefix = namespace(traits)
    entry = {key: traits.get(key) for key in MEMBER - {"xmlNamespace"}}
    return drop_empty({**entry, "name": name, "required": name in required,
                       "xmlNamespace": uri, "xmlPrefix": prefix})


def expected_shape(raw):
    uri, prefix = namespace(raw)
    element = raw.get("member") or raw.get("value") or {}
    flags = ("flattened", "sparse", "streaming", "union", "document", "exception",
             "timestampFormat", "payload", "locationName")
    entry = {key: raw.get(key) for key in flags}
    entry |= {
        "type": "document" if raw.get("document") else raw["type"],
        "element": element.get("shape"), "elementName": element.get("locationName"),
        "elementNamespace": namespace(element)[0],
        "key": raw.get("key", {}).get("shape"),
        "keyName": raw.get("key", {}).get("locationName"),
        "xmlNamespace": uri, "xmlPrefix": prefix, "enum": raw.get("enum")}
    members = [] if raw.get("document") else [
        expected_member(name, traits, raw.get("required", ()))
        for name, traits in raw.get("members", {}).items()]
    return {**drop_empty(entry), "members": members}


def as_list(value):
    return value if isinstance(value, list) else [value] if value else []


def expected_paginator(raw):
    entry = {key: as_list(raw.get(key))
             for key in ("input_token", "output_token", "result_key")}
    return {**entry, **drop_empty({key: raw.get(key) for key in ("more_results", "limit_key")})}


def expected_auth(operation, metadata):
    if operation.get("authtype"):
        return operation["authtype"]
    if operation.get("auth", [""])[0] == "smithy.api#noAuth":
        return "none"
    if operation.get("unsignedPayload"):
        return "v4-unsigned-body"
    version = metadata["signatureVersion"]
    return version if version in ("bearer", "v2") else ""


def expected_operation(raw, model, metadata):
    shapes, http = model["shapes"], raw["http"]
    inside, outside = raw.get("input", {}), raw.get("output", {})

    def streams(reference):
        members = shapes.get(reference.get("shape"), {}).get("members", {})
        return any(shapes[traits["shape"]].get("eventstream") for traits in members.values())

    errors = []
    for reference in raw.get("errors", ()):
        error = shapes[reference["shape"]].get("error", {})
        errors.append({"shape": reference["shape"],
                       "code": error.get("code", reference["shape"]),
                       "status": error.get("httpStatusCode", 0)})
    entry = {
        "method": http["method"], "requestUri": http["requestUri"],
        "hostPrefix": raw.get("endpoint", {}).get("hostPrefix"),
        "resultWrapper": outside.get("resultWrapper"), "auth": expected_auth(raw, metadata),
        "inputName": inside.get("locationName"), "inputNamespace": namespace(inside)[0],
        "input": inside.get("shape"), "output": outside.get("shape"),
        "checksum": raw.get("httpChecksumRequired")
                    or raw.get("httpChecksum", {}).get("requestChecksumRequired"),
        "idempotent": raw.get("idempotent", False) or http["method"] in ("GET", "HEAD"),
        "eventStream": streams(inside) or streams(outside), "readonly": raw.get("readonly")}
    return {**drop_empty(entry), "errors": errors}


def reached(model, *ways):
    """Names of the shapes that operations reach through their input, output or errors."""
    shapes, found = model["shapes"], set()
    waiting = [reference["shape"] for operation in model["operations"].values()
               for way in ways for reference in as_list(operation.get(way))]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        raw = shapes[name]
        if not raw.get("document"):
            waiting += [traits["shape"] for traits in raw.get("members", {}).values()]
        waiting += [raw[key]["shape"] for key in ("member", "key", "value") if key in raw]
    return found


class Models(unittest.TestCase):
    service = "-"

    @classmethod
    def setUpClass(cls):
        # Only this package's own folder, without what botocore adds for its own use.
        cls.loader = botocore.loaders.Loader(extra_search_paths=[str(DATA)],
                                             include_default_search_paths=False,
                                             include_default_extras=False)
        cls.names = cls.loader.list_available_services("service-2")
        result = subprocess.run([DUMP, MODELS], check=True, capture_output=True)
        cls.views = {}
        for line in result.stdout.splitlines():
            view = json.loads(line)
            cls.views[view["name"]] = view

    def each(self):
        for name in self.names:
            self.service = name
            yield name, self.loader.load_service_model(name, "service-2"), self.views[name]

    def _formatMessage(self, msg, standardMsg):
        """Failure messages name the service."""
        return f"{self.service}: " + super()._formatMessage(msg, standardMsg)

    def test_services(self):
        self.assertGreater(len(self.names), 400)
        self.assertEqual(sorted(self.views), sorted(self.names))

    def test_metadata(self):
        for name, model, view in self.each():
            service = botocore.model.ServiceModel(model, name)
            metadata = model["metadata"]
            self.assertEqual(view["serviceId"], str(service.service_id))
            self.assertEqual(view["endpointPrefix"], service.endpoint_prefix)
            self.assertEqual(view["signingName"], service.signing_name)
            self.assertEqual(view["apiVersion"], service.api_version)
            for key in ("jsonVersion", "targetPrefix", "xmlNamespace", "globalEndpoint", "uid"):
                self.assertEqual(view.get(key), metadata.get(key), key)
            self.assertEqual(view.get("queryCompatible", False), "awsQueryCompatible" in metadata)
            self.assertEqual(view.get("s3", False), metadata["signatureVersion"] in ("s3", "s3v4"))

    def test_protocols(self):
        unsupported = []
        for name, model, view in self.each():
            metadata = model["metadata"]
            offered = metadata.get("protocols", [metadata["protocol"]])
            known = [protocol for protocol in offered if protocol in SUPPORTED]
            self.assertEqual(view["protocol"], known[0] if known else "unsupported")
            if not known:
                unsupported.append(name)
                continue
            resolved = botocore.model.ServiceModel(model, name).resolved_protocol
            if resolved in SUPPORTED:
                self.assertEqual(view["protocol"], resolved)
        self.assertLess(len(unsupported), 5, unsupported)

    def test_operations(self):
        count = 0
        for _, model, view in self.each():
            expected = {name: expected_operation(raw, model, model["metadata"])
                        for name, raw in model["operations"].items()}
            actual = {name: {key: value for key, value in operation.items() if key != "paginator"}
                      for name, operation in view["operations"].items()}
            self.assertEqual(list(actual), sorted(expected))
            self.assertEqual(actual, expected)
            count += len(actual)
        self.assertGreater(count, 15000)

    def test_shapes(self):
        count = 0
        for _, model, view in self.each():
            names = reached(model, "input", "output", "errors")
            self.assertEqual(set(view["shapes"]), names)
            for name in names:
                expected = expected_shape(model["shapes"][name])
                self.assertEqual(view["shapes"][name], expected, name)
            count += len(names)
        self.assertGreater(count, 100000)

    def test_paginators(self):
        count = 0
        for name, model, view in self.each():
            try:
                pages = self.loader.load_service_model(name, "paginators-1")["pagination"]
            except botocore.exceptions.UnknownServiceError:
                pages = {}
            expected = {operation: expected_paginator(raw) for operation, raw in pages.items()
                        if operation in model["operations"]}
            actual = {operation: found["paginator"] for operation, found
                      in view["operations"].items() if "paginator" in found}
            self.assertEqual(actual, expected)
            count += len(actual)
        self.assertGreater(count, 2000)

    def test_no_trait_is_new(self):
        for service, model, _ in self.each():
            for name, raw in model["shapes"].items():
                self.assertEqual(set(raw) - SHAPE - IGNORED, set(), name)
                for member, traits in raw.get("members", {}).items():
                    # One service also lists values at members; the engine leaves their validation
                    # to AWS.
                    known = MEMBER | IGNORED | ({"enum"} if service == "apigatewayv2" else set())
                    self.assertEqual(set(traits) - known, set(), f"{name}.{member}")
            for name, raw in model["operations"].items():
                self.assertEqual(set(raw) - OPERATION, set(), name)


class Command(unittest.TestCase):
    """`engine models`, with small sources."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_models(self, *arguments):
        return subprocess.run([ENGINE, "models", *map(str, arguments)], capture_output=True,
                              text=True, check=False)

    def dump(self, service):
        result = subprocess.run([DUMP, self.folder / "out", service], capture_output=True,
                                text=True, check=False)
        return result.stdout, result.stderr

    def test_one_packed_service(self):
        source = next(DATA.glob("sqs/*/service-2.json.gz"))
        result = self.run_models(source, "--out", self.folder / "out", "--name", "my-queue")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"compiled 1 services, \d+ operations")
        view = json.loads(self.dump("my_queue")[0])
        self.assertEqual(view["name"], "my-queue")
        self.assertIn("paginator", view["operations"]["ListQueues"])

    def test_newest_version_is_taken(self):
        for version, operation in (("2010-01-01", "OldOne"), ("2020-01-01", "NewOne")):
            folder = self.folder / "data/tiny" / version
            folder.mkdir(parents=True)
            (folder / "service-2.json").write_text(json.dumps({
                "metadata": {"endpointPrefix": "tiny", "protocol": "json"},
                "operations": {operation: {"http": {"method": "POST", "requestUri": "/"}}},
                "shapes": {}}))
        result = self.run_models(self.folder / "data", f"--out={self.folder}/out")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(list(json.loads(self.dump("tiny")[0])["operations"]), ["NewOne"])

    def test_wrong_use(self):
        source = next(DATA.glob("sqs/*/service-2.json.gz"))
        for arguments in ([], [source], [source, "--out", self.folder],
                          [DATA, "--out", self.folder, "--name", "x"], ["--wrong"],
                          [source, "--out", self.folder, "--name", "../x"],
                          [source, source, "--out", self.folder], [source, "--out"]):
            result = self.run_models(*arguments)
            self.assertEqual(result.returncode, 64, arguments)
            self.assertRegex(result.stderr, r"^engine models: ")

    def test_broken_sources(self):
        whole = next(DATA.glob("sqs/*/service-2.json.gz")).read_bytes()
        for content, said in ((whole[:1000], "cannot be read|line"), (b"{", "line 1"),
                              (b"{}", "not a service model"),
                              (b'{"metadata":{},"operations":{"A":{"input":{"shape":"B"}}},'
                               b'"shapes":{}}', 'operation "A".*no shape "B"')):
            (self.folder / "service-2.json").write_bytes(content)
            result = self.run_models(self.folder / "service-2.json", "--out", self.folder / "out",
                                     "--name", "x")
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertRegex(result.stderr, said)
            self.assertFalse((self.folder / "out/x.model").exists())

    def test_help(self):
        result = self.run_models("--help")
        self.assertEqual(result.returncode, 0)
        self.assertTrue(re.match(r"usage: engine models ", result.stdout))
