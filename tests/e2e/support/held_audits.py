"""An SQS with pages of queues in each account and region, of which none can be audited: these calls
are not answered before the server is closed."""
import json
import threading
import urllib.parse

from support import fake_server
from support.fake_estate import KEYS, ROLE, SIGNED
from support.fake_queue import CALLER


class Handler(fake_server.Handler):
    def do_POST(self):
        sent = self.body()
        if b"Action=GetCallerIdentity" in sent:
            return self.reply(200, CALLER, Content_Type="text/xml")
        if b"Action=AssumeRole" in sent:
            account = ROLE.search(urllib.parse.unquote(sent.decode()))[1]
            return self.reply(200, KEYS.format(account).encode(), Content_Type="text/xml")
        if self.headers["X-Amz-Target"] == "AmazonSQS.ListQueues":
            asked = json.loads(sent)
            place = SIGNED.search(self.headers["Authorization"]).groups()
            page = json.dumps(self.owner.page(*place, int(asked.get("NextToken", 0))))
            return self.reply(200, page.encode(), Content_Type="application/x-amz-json-1.0")
        self.owner.closed.wait()
        self.close_connection = True


class HeldAudits(fake_server.FakeServer):
    """`pages` pages of `size` queues in each place; `listed` counts those that were sent."""

    def __init__(self, pages, size):
        super().__init__(Handler)
        self.pages, self.size, self.listed = pages, size, 0
        self.closed, self._lock = threading.Event(), threading.Lock()
        self.start()

    def close(self):
        self.closed.set()
        super().close()

    def page(self, account, region, number):
        with self._lock:
            self.listed += 1
        host = f"https://sqs.{region}.amazonaws.com/{account}"
        urls = [f"{host}/q{number * self.size + at:07}" for at in range(self.size)]
        rest = {"NextToken": str(number + 1)} if number + 1 < self.pages else {}
        return {"QueueUrls": urls, **rest}
