"""An SQS with very many queues, listed page by page, that counts how far the listings are ahead of
the audits."""
import collections
import json
import threading
import time

from support import fake_server
from support.fake_queue import CALLER

ACCOUNT = "123456789012"


class Handler(fake_server.Handler):
    def do_POST(self):
        sent = self.body()
        if b"Action=GetCallerIdentity" in sent:
            return self.reply(200, CALLER, Content_Type="text/xml")
        region = self.headers["Authorization"].split("/")[2]
        asked = json.loads(sent)
        if self.headers["X-Amz-Target"] == "AmazonSQS.ListQueues":
            return self.answer(200, self.owner.page(region, int(asked.get("NextToken", 0))))
        return self.answer(*self.owner.attributes(region))

    def answer(self, status, body):
        self.reply(status, json.dumps(body).encode(), Content_Type="application/x-amz-json-1.0")


class PagedQueues(fake_server.FakeServer):
    """`pages` pages of `size` queues in each region. An audit's call takes `seconds`; in the region
    `throttled` it is refused until all queues of another region are audited: `then` is what was
    listed by that time. By region, `listed` and `audited` are counts, and `ahead` is the greatest
    difference between them."""

    def __init__(self, pages, size, seconds=0.0, throttled=None):
        super().__init__(Handler)
        self.pages, self.size, self.seconds, self.throttled = pages, size, seconds, throttled
        self.listed, self.audited = collections.Counter(), collections.Counter()
        self.ahead, self.then = collections.Counter(), None
        self._lock = threading.Lock()
        self.start()

    def page(self, region, number):
        with self._lock:
            self.listed[region] += self.size
            ahead = self.listed[region] - self.audited[region]
            self.ahead[region] = max(self.ahead[region], ahead)
        host = f"https://sqs.{region}.amazonaws.com/{ACCOUNT}"
        urls = [f"{host}/q{number * self.size + at:07}" for at in range(self.size)]
        rest = {"NextToken": str(number + 1)} if number + 1 < self.pages else {}
        return {"QueueUrls": urls, **rest}

    def attributes(self, region):
        time.sleep(self.seconds)
        if region == self.throttled:
            return 400, {"__type": "com.amazonaws.sqs#ThrottlingException", "message": "slow down"}
        with self._lock:
            self.audited[region] += 1
            if self.audited[region] == self.pages * self.size and self.then is None:
                self.then, self.throttled = dict(self.listed), None
        return 200, {"Attributes": {"QueueArn": f"arn:aws:sqs:{region}:{ACCOUNT}:q"}}
