"""A server that answers every operation that the audits of a type make, at once, as AWS would
(twins.py); and STS. It counts the calls.

    with CannedServer(Twins("sqs", 100)) as server:  … server.url … server.calls"""
import asyncio
import collections
import re
import threading
import urllib.parse

from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

import http_requests
import throttle_server
import twins

TARGET = re.compile(r"\r\nx-amz-target: *[^\r]*\.(\w+)", re.I)
KEY = re.compile(r"Credential=([^/,]+)/")


class Operation:
    """An operation of botocore's model: which requests are its own, and how its replies are
    written."""

    def __init__(self, call):
        self.call = call
        service, name = call.split(":")
        model = get_service_model(service)
        self.protocol = model.metadata["protocol"]
        self.model = model.operation_model(name)
        self.name, self.namespace = name, model.metadata.get("xmlNamespace", "")
        self._serializer = get_serializer_class(service, self.protocol)(self.model)
        path, _, query = self.model.http["requestUri"].partition("?")
        self._method = self.model.http["method"]
        self._query = {part.partition("=")[0] for part in query.split("&") if part}
        parts = re.split(r"\{[^}]+\}", path.rstrip("/") or "/")
        self._path = re.compile("[^/?]+".join(map(re.escape, parts)) + "/?$")

    def rank(self, method, path, query):
        """How well a REST request fits (-1: not at all): the more of its query, the better."""
        if not self.protocol.startswith("rest") or method != self._method:
            return -1
        fits = self._path.match(path) and self._query <= set(query)
        return len(self._query) if fits else -1

    def write(self, value):
        if "fault" in value:
            return self.write_fault(value["fault"])
        made = self._serializer.serialize(twins.shaped(self.model.output_shape, value))
        return made["status_code"], made["headers"]["Content-Type"], made["body"]

    def write_fault(self, code):
        if self.protocol == "json":
            return throttle_server.json_error(400, code, "canned")
        if self.protocol == "rest-json":
            return throttle_server.rest_error(404, code, "canned")
        if self.protocol == "rest-xml":
            return 404, "application/xml", f"<Error><Code>{code}</Code><Message>x</Message></Error>"
        return throttle_server.xml_error(400, code, "canned", self.protocol)


class Connection(http_requests.Requests):
    def __init__(self, server):
        super().__init__()
        self.server = server

    def serve(self, head, body):
        self.transport.write(throttle_server.Connection.encode(
            self.server.answer(head.decode(), body.decode())))


class CannedServer:
    def __init__(self, made):
        self.twins, self.calls, self.missing = made, collections.Counter(), set()
        self._operations = [Operation(call) for call in made.operations]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._listener = None

    def __enter__(self):
        made = self._loop.create_server(lambda: Connection(self), "127.0.0.1", 0, backlog=4096)
        self._listener = self._loop.run_until_complete(made)
        self.url = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listener.close()
        self._loop.run_until_complete(self._listener.wait_closed())
        self._loop.close()

    def _find(self, method, target, operation):
        if operation is not None:
            return next((one for one in self._operations if one.name == operation
                         and not one.protocol.startswith("rest")), None)
        path, _, query = target.partition("?")
        names = {part.partition("=")[0] for part in query.split("&")}
        ranked = [(one.rank(method, path, names), one) for one in self._operations]
        rank, best = max(ranked, key=lambda pair: pair[0])
        return best if rank >= 0 else None

    def answer(self, head, body):
        """Status, content type and text."""
        method, target, _ = head.split(" ", 2)
        named = TARGET.search(head)
        form = urllib.parse.parse_qs(body) if body.startswith("Action=") else {}
        if form.get("Action", [""])[0] in ("AssumeRole", "GetCallerIdentity"):
            self.calls["sts"] += 1
            return 200, "text/xml", throttle_server.sts(form)
        operation = named[1] if named else form["Action"][0] if form else None
        found = self._find(method, target, operation)
        text = f"{urllib.parse.unquote(target)} {urllib.parse.unquote_plus(body)}"
        if self.twins.kind == "region":  # a region has no other id than its account
            text = KEY.search(head)[1][4:]
        reply = found and self.twins.reply(found.call, text)
        if reply is None:
            self.missing.add(f"{method} {target} {operation}: {text}")
            return 400, "text/plain", "no case replies to this"
        self.calls[found.call] += 1
        return found.write(reply)


