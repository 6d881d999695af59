"""A recording HTTP proxy in front of an AWS emulator.

Every request that passes is kept as a Request: who called what, in which region, with which body.
Rules answer in place of the emulator, for refused reads and broken connections."""
import dataclasses
import http.client
import http.server
import json
import re
import threading
import urllib.parse

import botocore.session

from support import fake_server

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te"}
SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
READ = re.compile(r":(Get|List|Describe|Head|AssumeRole|GenerateCredentialReport)")

# The operation of a request to S3: method, subresource, whether it is about an object.
S3_OPERATIONS = {
    ("GET", "", "service"): "ListBuckets", ("GET", "policy", "bucket"): "GetBucketPolicy",
    ("PUT", "policy", "bucket"): "PutBucketPolicy", ("GET", "acl", "bucket"): "GetBucketAcl",
    ("DELETE", "policy", "bucket"): "DeleteBucketPolicy", ("PUT", "acl", "bucket"): "PutBucketAcl",
    ("GET", "tagging", "bucket"): "GetBucketTagging",
    ("GET", "location", "bucket"): "GetBucketLocation",
    ("GET", "ownershipControls", "bucket"): "GetBucketOwnershipControls",
    ("GET", "publicAccessBlock", "bucket"): "GetPublicAccessBlock",
    ("GET", "policyStatus", "bucket"): "GetBucketPolicyStatus",
    ("GET", "website", "bucket"): "GetBucketWebsite", ("HEAD", "", "bucket"): "HeadBucket",
    ("PUT", "", "object"): "PutObject", ("GET", "", "object"): "GetObject",
    ("DELETE", "", "object"): "DeleteObject", ("HEAD", "", "object"): "HeadObject",
}


def rest_operations(service):
    """[(method, pattern of the path, operation)] of a service whose operations differ by path."""
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        binding = model.operation_model(name).http
        path = re.escape(binding["requestUri"].partition("?")[0])
        path = re.sub(r"\\{[^}]*\\\+\\}", ".+", path)
        found.append((binding["method"], re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", path) + "/?"),
                      name))
    return found


REST = {service: rest_operations(service) for service in ("lambda", "guardduty", "s3control")}


@dataclasses.dataclass
class Request:
    """One request as it arrived; headers have lower-case names."""
    method: str
    path: str
    headers: dict
    body: bytes
    status: int = 0

    @property
    def scope(self):
        """The (access key, region, service) of the signature."""
        found = SCOPE.search(self.headers.get("authorization", ""))
        return found.groups() if found else ("", "", "")

    @property
    def region(self):
        return self.scope[1]

    @property
    def bucket(self):
        return urllib.parse.unquote(self.path.split("?")[0].lstrip("/").split("/")[0])

    def _s3_operation(self):
        path, _, query = self.path.partition("?")
        names = {part.split("=")[0] for part in query.split("&")}
        known = {key[1] for key in S3_OPERATIONS} - {""}
        parts = path.lstrip("/").split("/", 1)
        level = "service" if not parts[0] else "object" if len(parts) > 1 and parts[1] else "bucket"
        sub = next(iter(names & known), "")
        return S3_OPERATIONS.get((self.method, sub, level), f"{self.method} {level} {sub}")

    def _rest_operation(self, service):
        path = self.path.partition("?")[0]
        return next((name for method, pattern, name in REST[service]
                     if method == self.method and pattern.fullmatch(path)), "unknown")

    @property
    def operation(self):
        """"sqs:SetQueueAttributes" """
        service = self.scope[2]
        if service == "s3" and self.path.startswith("/v20180820/"):
            service = "s3control"
        if service in REST:
            return f"{service}:{self._rest_operation(service)}"
        target = self.headers.get("x-amz-target", "")
        if target:
            return f"{service}:{target.rsplit('.', 1)[-1]}"
        if service == "s3":
            return "s3:" + self._s3_operation()
        fields = urllib.parse.parse_qs(self.body.decode(errors="replace"))
        return f"{service}:{fields.get('Action', [self.method + ' ' + self.path])[0]}"

    @property
    def is_write(self):
        """Whether it may change something: every operation that is not known as a read."""
        return not READ.search(self.operation)

    def speaks_of(self, id_):
        """Whether the path or the body contains exactly the resource's id."""
        text = urllib.parse.unquote_plus(self.path + " " + self.body.decode(errors="replace"))
        return re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", text) is not None

    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Rule:
    """Answers in place of the emulator. With `code` None, lets the request pass, calls `then`, and
    passes on what `edit` makes of the body of the response."""
    operation: str
    code: str = "AccessDenied"
    status: int = 403
    times: int = 1 << 30
    skip: int = 0
    then: object = None
    edit: object = None
    hits: int = 0
    message: str = "refused by the test"

    def takes(self, request):
        if request.operation != self.operation:
            return False
        self.hits += 1
        return self.skip < self.hits <= self.skip + self.times

    def answer(self, request):
        """(status, content type, body) in the form of the service."""
        if "x-amz-target" in request.headers:
            body = json.dumps({"__type": self.code, "message": self.message})
            return self.status, "application/x-amz-json-1.0", body.encode()
        error = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        if request.scope[2] != "s3":
            error = f"<ErrorResponse>{error}<RequestId>test</RequestId></ErrorResponse>"
        return self.status, "application/xml", error.encode()


class Moment(Rule):
    """Matches the request with the given number."""

    def __init__(self, number, **more):
        super().__init__("", **more)
        self.number = number

    def takes(self, request):
        self.hits += 1
        return self.hits == self.number


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Writes no log: stderr belongs to the tests."""

    def _body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _reply(self, status, headers, body):
        """A response to HEAD contains the length of a body that is not sent: it is kept."""
        dropped = set() if self.command == "HEAD" else {"content-length"}
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | dropped:
                self.send_header(name, value)
        if status != 204 and dropped:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _forward(self, request):
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=120)
        try:
            upstream.putrequest(request.method, request.path, skip_host=True,
                                skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP | {"expect", "content-length"}:
                    upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(request.body)))
            upstream.endheaders(request.body)
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()

    def _serve(self):
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self._body())
        rule = self.server.owner.record(request)
        if rule and rule.then:
            rule.then()
        if rule and rule.code:
            request.status, kind, body = rule.answer(request)
            self._reply(request.status, [("Content-Type", kind)], body)
            return
        status, answered, body = self._forward(request)
        request.status = status
        self._reply(status, answered, rule.edit(body) if rule and rule.edit else body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve


class Proxy:
    """Listens on its own port and forwards to 127.0.0.1:upstream."""

    def __init__(self, upstream):
        self._lock = threading.Lock()
        self.requests = []
        self.rules = []
        self.standing = []  # rules that stay when the others are cleared
        self._server = fake_server.Server(("127.0.0.1", 0), Handler)
        self._server.upstream = upstream
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def record(self, request):
        """Records the request; returns the rule that matches it, or None."""
        with self._lock:
            self.requests.append(request)
            return next((rule for rule in self.rules + self.standing if rule.takes(request)), None)

    def clear(self):
        with self._lock:
            self.requests.clear()
            self.rules.clear()

    def clear_requests(self):
        with self._lock:
            self.requests.clear()

    def refuse(self, operation, **more):
        """Adds a rule: refuse("s3:GetBucketAcl", code="AccessDenied", times=1, skip=2)."""
        rule = Rule(operation, **more)
        self.rules.append(rule)
        return rule

    def operations(self):
        with self._lock:
            return [request.operation for request in self.requests]

    def writes(self):
        with self._lock:
            return [request for request in self.requests if request.is_write]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
