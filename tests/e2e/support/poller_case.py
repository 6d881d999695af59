"""What the suites of the poller share: two accounts with queues in two regions, two policies that
list them, and rules that intercept the requests of one account."""
import json
import unittest
import urllib.request

from support import estate
from support.engine import ENGINE
from support.proxy import Rule
from support.pump import bodies, make_queue
from support.runtime_api import Function

FIRST, SECOND = "111122223333", "222233334444"
REGIONS = ("us-east-1", "eu-west-1")
ARN = "arn:aws:sqs:us-east-1:123456789012:remediator-poll-queue"
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}

POLICY = """
return policy {{
  type = "{0}", title = "Queues", scope = "{1}", permissions = {{ read = {{ "sqs:ListQueues" }} }},
  discover = function(scope)
    for page in scope.aws.sqs:pages("ListQueues", {{}}) do
      scope:found(page.QueueUrls or {{}})
    end
  end,
  fetch = function() return {{}} end,
  checks = {{ {{ id = "{0}.none", title = "None", severity = "low",
    audit = function() return true end }} }},
}}
"""


class OfAccount(Rule):
    """Intercepts an operation of one account only; it recognizes the account by the keys in the
    response of AssumeRole."""

    def __init__(self, cloud, operation, account, **more):
        super().__init__(operation, **more)
        self.cloud, self.account = cloud, account

    def takes(self, request):
        key = request.scope[0]
        return request.operation == self.operation and key in keys_of(self.cloud, self.account) \
            and super().takes(request)


class Entry(Rule):
    """Refuses the role of one account."""

    def takes(self, request):
        return SECOND.encode() in request.body and super().takes(request)


def keys_of(cloud, account):
    """The access keys that the emulator issued for roles of the account."""
    with urllib.request.urlopen(cloud.emulator.url + "/moto-api/data.json") as answer:
        data = json.load(answer)
    return {one["access_key_id"] for one in data["sts"]["AssumedRole"]
            if f"::{account}:" in one.get("role_arn", one.get("arn", ""))}


class PollerCase(unittest.TestCase):
    """The module of a suite sets `cloud`."""
    maxDiff = None
    cloud = None

    def setUp(self):
        self.cloud.reset()
        self.own = self.cloud.client("sqs")
        self.work = make_queue(self.own, "remediator-resource-queue")
        self.polls = make_queue(self.own, "remediator-poll-queue", "dead-polls", most=3)
        self.dead = self.own.get_queue_url(QueueName="dead-polls")["QueueUrl"]
        self.log = self.cloud.path("lambda.log")
        open(self.log, "w", encoding="utf-8").close()
        self.policies = self.cloud.directory / "policies"
        self.policies.mkdir(exist_ok=True)
        for name, scope in (("near", "region"), ("wide", "global")):
            (self.policies / f"{name}.lua").write_text(POLICY.format(name, scope))
        self.wanted = []
        for account in (FIRST, SECOND):
            for region in REGIONS:
                url = estate.queue(self.cloud, account, region, f"q-{account[0]}-{region}")
                name = url.rsplit("/", 1)[-1]
                self.wanted.append((account, region, "near", name))
                if region == "us-east-1":
                    self.wanted.append((account, region, "wide", name))
        self.cloud.proxy.clear()

    def function(self, **more):
        names = self.cloud.environment(**{
            "POLLER_SQS": self.work, "ACCOUNTS": f"{FIRST},{SECOND}", "REGIONS": ",".join(REGIONS),
            "ENGINE_POLICIES": str(self.policies), "AWS_MAX_ATTEMPTS": "1", **more})
        names = {name: value for name, value in names.items() if value is not None}
        function = Function([ENGINE], "poller", names, self.log)
        self.addCleanup(function.close)
        return function

    def found(self):
        """Lines with the queues' names, because the emulator's URLs depend on the caller."""
        return sorted((one["account"], one["region"], one["type"], one["id"].rsplit("/", 1)[-1])
                      for one in bodies(self.own, self.work))

    def log_text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def one(self, **more):
        return json.dumps({"type": "poll", "account": FIRST, "region": "us-east-1",
                           "resource_type": "near", "attempt": 0, **more})

    def batch(self, *texts):
        return {"Records": [{"messageId": f"m{number}", "receiptHandle": f"r{number}", "body": text,
                             "eventSource": "aws:sqs", "eventSourceARN": ARN}
                            for number, text in enumerate(texts)]}
