"""An SQS that accepts everything at once: SendMessageBatch over HTTP, fast enough for thousands of
calls. It keeps what was sent."""
import json
import re
import threading
import time

from support import fake_server

KEY = re.compile(r"Credential=([^/]+)/")


CALLER = (b"<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>me</UserId><Account>"
          b"123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")


class Handler(fake_server.Handler):
    def do_POST(self):
        sent = self.body()
        if b"Action=GetCallerIdentity" in sent:
            return self.reply(200, CALLER, Content_Type="text/xml")
        body = json.loads(sent)
        self.owner.note({name.lower(): value for name, value in self.headers.items()}, body)
        self.owner.opened.wait()
        time.sleep(self.owner.delay)
        if self.owner.refuses:
            self.answer(403, {"__type": "com.amazonaws.sqs#AccessDeniedException"})
            return
        self.answer(200, {"Failed": [], "Successful": [
            {"Id": one["Id"], "MessageId": one["Id"], "MD5OfMessageBody": "-"}
            for one in body["Entries"]]})

    def answer(self, status, body):
        self.reply(status, json.dumps(body).encode(), Content_Type="application/x-amz-json-1.0")


class FakeQueue(fake_server.FakeServer):
    """Answers at `url`; `delay` is the time in seconds that each answer takes. No answer is
    sent while `opened` is cleared. While it `refuses`, it accepts nothing."""

    def __init__(self):
        super().__init__(Handler)
        self.delay = 0
        self.refuses = False
        self.opened = threading.Event()
        self.opened.set()
        self.headers = []
        self.messages = []  # bodies, parsed as JSON
        self.delays = []  # DelaySeconds of each, or None
        self._lock = threading.Lock()
        self.start()

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
