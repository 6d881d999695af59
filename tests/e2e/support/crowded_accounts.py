"""Ten accounts with queues in many regions. AWS throttles some of them until the queues of all others
are audited."""
import collections
import json
import threading
import time
import urllib.parse

from support import fake_server
from support.fake_estate import KEYS, ROLE, SIGNED
from support.fake_queue import CALLER

ACCOUNTS = [f"{number:012}" for number in range(111111111111, 111111111121)]
REGIONS = """af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ca-central-1 ca-west-1 eu-central-1
eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1
me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2""".split()
TYPES = ("sqs", "kms_key", "lambda_function")  # there are only queues
EMPTY = {"ListKeys": {"Keys": []}, "ListFunctions": {"Functions": []}}
THROTTLES = 40
THROTTLED = {"__type": "com.amazonaws.sqs#RequestThrottled", "message": "Rate exceeded"}


class Handler(fake_server.Handler):
    def do_GET(self):
        account, _ = SIGNED.search(self.headers["Authorization"]).groups()
        status, body = self.owner.answer(account, "", "ListFunctions", {})
        self.reply(429 if status == 400 else status, json.dumps(body).encode(),
                   Content_Type="application/json", X_Amzn_ErrorType="TooManyRequestsException")

    def do_POST(self):
        sent = self.body()
        if b"Action=GetCallerIdentity" in sent:
            return self.reply(200, CALLER, Content_Type="text/xml")
        if b"Action=AssumeRole" in sent:
            account = ROLE.search(urllib.parse.unquote(sent.decode()))[1]
            self.owner.admit(account)
            return self.reply(200, KEYS.format(account).encode(), Content_Type="text/xml")
        account, region = SIGNED.search(self.headers["Authorization"]).groups()
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        return self.answer(*self.owner.answer(account, region, operation, json.loads(sent)))

    def answer(self, status, body):
        self.reply(status, json.dumps(body).encode(), Content_Type="application/x-amz-json-1.0")


class CrowdedAccounts(fake_server.FakeServer):
    """One queue in each region of each account; in the first `crowded` accounts, which are listed
    first, `many`. While another account has a queue that was not audited, calls of these accounts
    are throttled: those of `operations`. The others are admitted once THROTTLES calls were.
    `seconds`: from then to the last audit of another account."""

    def __init__(self, operations, crowded=1, many=1):
        super().__init__(Handler)
        self.operations, self.crowded, self.many = operations, ACCOUNTS[:crowded], many
        self.audited = collections.Counter()
        self.waiting = (len(ACCOUNTS) - crowded) * len(REGIONS)
        self.throttled, self.crowd = 0, threading.Event()
        self.first = self.last = None
        self._lock = threading.Lock()
        self.start()

    @property
    def seconds(self):
        return self.last - self.first

    def answer(self, account, region, operation, asked):
        with self._lock:
            if account in self.crowded and self.waiting > 0 and operation in self.operations:
                self.note_throttle()
                return 400, THROTTLED
            if operation == "GetQueueAttributes":
                self.audited[account] += 1
                self.waiting -= account not in self.crowded
                if account not in self.crowded:
                    self.last = time.monotonic()
        if operation == "ListQueues":
            return 200, self.queues(account, region)
        if operation in EMPTY:
            return 200, EMPTY[operation]
        return 200, {"Attributes": {"QueueArn": f"arn:aws:sqs:{region}:{account}:q"}}

    def note_throttle(self):
        self.throttled += 1
        if self.throttled == THROTTLES:
            self.first = time.monotonic()
            self.crowd.set()

    def admit(self, account):
        if account not in self.crowded:
            self.crowd.wait(60)

    def queues(self, account, region):
        host = f"https://sqs.{region}.amazonaws.com/{account}"
        return {"QueueUrls": [f"{host}/q{number:07}" for number in range(self.many_of(account))]}

    def many_of(self, account):
        return self.many if account in self.crowded else 1
