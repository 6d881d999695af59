"""Many accounts behind one URL: an STS that enters each of them and says whether a session policy
is too large, the regions of each account, a queue, and nothing that anyone may read. It keeps which
session made which call.

AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, "Errors":
PackedPolicyTooLarge has status 400."""
import collections
import json
import re
import threading
import urllib.parse

from support import fake_queue, fake_server
from support.fake_organization import REGIONS

ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/")
SIGNED = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
KEYS = """<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{}</AccessKeyId>
<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>
</AssumeRoleResponse>"""
ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
XML = {"ec2", "iam", "rds", "redshift", "elasticloadbalancing", "s3"}


class Handler(fake_server.Handler):
    def do_GET(self):
        if "Authorization" in self.headers:
            self.deny()
        else:
            self.reply(403, b"", Content_Type="text/plain")

    def do_POST(self):
        sent = self.body()
        if b"Action=GetCallerIdentity" in sent:
            self.reply(200, fake_queue.CALLER, Content_Type="text/xml")
        elif b"Action=AssumeRole" in sent:
            self.enter(urllib.parse.parse_qs(sent.decode()))
        elif self.headers.get("X-Amz-Target") == "AmazonSQS.SendMessageBatch":
            self.accept(json.loads(sent))
        elif b"Action=DescribeRegions" in sent:
            self.owner.note(*SIGNED.search(self.headers["Authorization"]).groups())
            around, item = REGIONS
            body = around.format("".join(item.format(one) for one in self.owner.regions))
            self.reply(200, body.encode(), Content_Type="text/xml")
        else:
            self.deny()

    def enter(self, sent):
        key = self.owner.enter(ROLE.search(sent["RoleArn"][0])[1], sent["Policy"][0])
        body = KEYS.format(key) if key else ERROR.format(
            "PackedPolicyTooLarge", "Packed policy consumes 120% of allotted space")
        self.reply(200 if key else 400, body.encode(), Content_Type="text/xml")

    def accept(self, sent):
        self.owner.messages += [json.loads(one["MessageBody"]) for one in sent["Entries"]]
        body = {"Failed": [], "Successful": [{"Id": one["Id"], "MessageId": one["Id"],
                                              "MD5OfMessageBody": "-"} for one in sent["Entries"]]}
        self.reply(200, json.dumps(body).encode(), Content_Type="application/x-amz-json-1.0")

    def deny(self):
        key, service = SIGNED.search(self.headers["Authorization"]).groups()
        self.owner.note(key, service)
        if service in XML:
            body, kind = ERROR.format("AccessDenied", "no").encode(), "text/xml"
        else:
            body, kind = b'{"__type": "AccessDeniedException"}', "application/x-amz-json-1.1"
        self.reply(403, body, Content_Type=kind)


class FakeEstate(fake_server.FakeServer):
    """`largest` is the number of characters up to which STS accepts a session policy."""

    def __init__(self):
        super().__init__(Handler)
        self.regions = ["us-east-1", "eu-west-1"]
        self.largest = 2048
        self.entered = []  # (account, session policy) of AssumeRole that succeeded
        self.refused = []  # the same of those that were refused
        self.calls = collections.defaultdict(set)  # account and session policy: services called
        self.messages = []
        self._sessions = {}
        self._lock = threading.Lock()
        self.start()

    def enter(self, account, policy):
        """The access key of a new session; None: its policy is too large."""
        with self._lock:
            if len(policy) > self.largest:
                self.refused.append((account, policy))
                return None
            key = f"ASIA{len(self.entered):012}"
            self._sessions[key] = (account, policy)
            self.entered.append((account, policy))
            return key

    def note(self, key, service):
        with self._lock:
            self.calls[self._sessions[key]].add(service)
