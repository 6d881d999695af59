"""An SQS that takes everything at once: SendMessageBatch over HTTP, fast enough for thousands of
calls. What was sent is kept."""
import contextlib
import http.server
import json
import re
import socketserver
import threading
import time

KEY = re.compile(r"Credential=([^/]+)/")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Says nothing: stderr belongs to the tests."""

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self):
        with contextlib.suppress(ConnectionError):
            super().finish()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        owner = self.server.owner
        owner.note({name.lower(): value for name, value in self.headers.items()}, body)
        time.sleep(owner.delay)
        if owner.refuses:
            self.answer(403, {"__type": "com.amazonaws.sqs#AccessDeniedException"})
            return
        self.answer(200, {"Failed": [], "Successful": [
            {"Id": one["Id"], "MessageId": one["Id"], "MD5OfMessageBody": "-"}
            for one in body["Entries"]]})

    def answer(self, status, body):
        answer = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


class FakeQueue:
    """Answers at `url`; `delay` is how long it thinks about each request, in seconds. While it
    `refuses`, nothing is taken."""

    def __init__(self):
        self.delay = 0
        self.refuses = False
        self.headers = []
        self.messages = []  # bodies, read as JSON
        self.delays = []  # DelaySeconds of each, or None
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def note(self, headers, body):
        with self._lock:
            self.headers.append(headers)
            if self.refuses:
                return
            self.messages += [json.loads(one["MessageBody"]) for one in body["Entries"]]
            self.delays += [one.get("DelaySeconds") for one in body["Entries"]]

    @property
    def keys(self):
        """The access keys that signed, in order."""
        return [KEY.search(one["authorization"])[1] for one in self.headers]

    def clear(self):
        with self._lock:
            self.headers.clear()
            self.messages.clear()
            self.delays.clear()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
