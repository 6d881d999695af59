"""An organization of any size behind one URL: AWS Organizations, an STS for the role, a queue, and
the Security Hub of each account, fast enough for thousands of accounts.

AWS Organizations as its API Reference documents it: ListAccounts, ListAccountsForParent and
ListOrganizationalUnitsForParent answer at most 20 of them and a NextToken as long as there are
more, an empty page may be followed by others, and a caller that calls too often gets
TooManyRequestsException with status 400.
https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html
Account: State besides Status.
https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"""
import collections
import json
import re
import threading
import time
import urllib.parse

from support import fake_queue, fake_server

PAGE = 20
ROOT = "r-ab12"
ACCOUNT = re.compile(r"arn%3Aaws%3Aiam%3A%3A(\d{12})%3Arole")
CREDENTIALS = """<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA{0}ABCD
</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>
arn:aws:sts::{0}:assumed-role/member_remediator/engine</Arn><AssumedRoleId>A:engine</AssumedRoleId>
</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"""
REGIONS = ("<DescribeRegionsResponse><regionInfo>{}</regionInfo></DescribeRegionsResponse>",
           "<item><regionName>{}</regionName></item>")
SIGNER = re.compile(r"Credential=ASIA(\d{12})")
STATUS = {"ACTIVE": "ACTIVE", "SUSPENDED": "SUSPENDED", "PENDING_CLOSURE": "PENDING_CLOSURE"}


class Handler(fake_server.Handler):
    def do_POST(self):
        sent = self.body()
        target = self.headers.get("X-Amz-Target", "")
        if self.path == "/findings/import":
            signer = SIGNER.search(self.headers["Authorization"])[1]
            self.owner.imported.append((signer, json.loads(sent)["Findings"]))
            return self.reply(200, b'{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}',
                              Content_Type="application/json")
        if b"Action=GetCallerIdentity" in sent:
            return self.reply(200, fake_queue.CALLER, Content_Type="text/xml")
        if b"Action=AssumeRole" in sent:
            account = ACCOUNT.search(sent.decode())[1]
            self.owner.sessions.append((account, urllib.parse.parse_qs(sent.decode())["Policy"][0]))
            body = CREDENTIALS.replace("\n", "").format(account).encode()
            return self.reply(200, body, Content_Type="text/xml")
        if b"Action=DescribeRegions" in sent:
            status, body = self.owner.enabled(SIGNER.search(self.headers["Authorization"])[1])
            return self.reply(status, body.encode(), Content_Type="text/xml")
        status, answer = self.owner.answer(target.rsplit(".", 1)[-1], json.loads(sent))
        return self.reply(status, json.dumps(answer).encode(),
                          Content_Type="application/x-amz-json-1.1")


class FakeOrganization(fake_server.FakeServer):
    """`accounts` are ids with their states, `members` and `units` what each parent contains.
    `queues` has the bodies sent to each queue, by the end of its URL. `refuses` names an operation
    that is denied, or an account that does not tell its `regions`; `throttles` names an operation
    that is throttled, as is every `nth` request; `delay` is the time in seconds that each answer
    takes, `slow_s` that of a batch of messages."""

    def __init__(self):
        super().__init__(Handler)
        self.accounts, self.stateless = {}, set()
        self.members, self.units = collections.defaultdict(list), collections.defaultdict(list)
        self.queues = collections.defaultdict(list)
        self.sizes = []  # of the messages, in bytes
        self.asked = []  # (operation, parent, token) of the answered requests
        self.imported = []  # (account of the caller, findings) of BatchImportFindings
        self.sessions = []  # (account, session policy) of AssumeRole
        self.shown = []  # entries of ChangeMessageVisibilityBatch
        self.organizations_described = 0
        self.regions = collections.defaultdict(lambda: ["us-east-1"])  # enabled, by account
        self.refuses, self.nth, self.delay, self.holes = None, 0, 0, False
        self.slow_s = 0
        self.throttles = None
        # The token of a page that does not come before `hung` is set, at the latest when a function
        # that stops makes its messages visible.
        self.silent = None
        self.hung = threading.Event()
        self.throttled = 0
        self._count = 0
        self._lock = threading.Lock()
        self.start()

    def add(self, account, parent=ROOT, state="ACTIVE"):
        self.accounts[account] = state
        self.members[parent].append(account)

    def enabled(self, account):
        self.asked.append(("DescribeRegions", account, None))
        if self.refuses == account:
            return 403, ("<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>"
                         "no</Message></Error></Errors></Response>")
        around, item = REGIONS
        return 200, around.format("".join(item.format(one) for one in self.regions[account]))

    def queue(self, name):
        return f"{self.url}/123456789012/{name}"

    def take(self, name, most):
        """Receives this number of messages from the queue, as texts."""
        with self._lock:
            taken, self.queues[name] = self.queues[name][:most], self.queues[name][most:]
        return taken

    def answer(self, operation, sent):
        if operation == "SendMessageBatch":
            time.sleep(self.slow_s)
            return 200, self.send(sent)
        if operation == "ChangeMessageVisibilityBatch":
            self.shown += sent["Entries"]
            self.hung.set()
            return 200, {"Failed": [], "Successful": [{"Id": one["Id"]} for one in sent["Entries"]]}
        with self._lock:
            self._count += 1
            if operation == self.throttles or self.nth and self._count % self.nth == 0:
                self.throttled += 1
                return 400, {"__type": "TooManyRequestsException", "Message": "too many"}
        time.sleep(self.delay)
        if self.silent is not None and sent.get("NextToken") == self.silent:
            self.hung.wait(60)
        if operation == self.refuses:
            return 400, {"__type": "AccessDeniedException", "Message": "not authorized"}
        if operation == "DescribeOrganization":
            self.organizations_described += 1
            return 200, {"Organization": {"Id": "o-a1b2c3d4e5"}}
        return 200, self.page(operation, sent.get("ParentId", ""), sent.get("NextToken"),
                              sent.get("MaxResults", PAGE))

    def send(self, sent):
        with self._lock:
            for one in sent["Entries"]:
                self.queues[sent["QueueUrl"].rsplit("/", 1)[-1]].append(one["MessageBody"])
                self.sizes.append(len(one["MessageBody"].encode()))
        return {"Failed": [], "Successful": [
            {"Id": one["Id"], "MessageId": one["Id"], "MD5OfMessageBody": "-"}
            for one in sent["Entries"]]}

    def page(self, operation, parent, token, most):
        with self._lock:
            self.asked.append((operation, parent, token))
        start = 0
        if token is not None:
            of, started, at = json.loads(token)
            assert (of, started) == (operation, parent), token
            start = at
        if self.holes and token is None:
            size = 0
        else:
            size = min(most, PAGE)
        name, items = self.list(operation, parent)
        answer = {name: items[start:start + size]}
        if start + size < len(items):
            answer["NextToken"] = json.dumps([operation, parent, start + size])
        return answer

    def list(self, operation, parent):
        if operation == "ListOrganizationalUnitsForParent":
            return "OrganizationalUnits", [
                {"Id": one, "Name": one, "Arn": f"arn:aws:organizations::1:ou/o-a/{one}"}
                for one in self.units[parent]]
        ids = list(self.accounts) if operation == "ListAccounts" else self.members[parent]
        return "Accounts", [self.described(one) for one in ids]

    def described(self, account):
        state = self.accounts[account]
        described = {"Id": account, "Name": account, "State": state}
        if state in STATUS:
            described["Status"] = STATUS[state]
        if account in self.stateless:
            del described["State"]
        return described
