"""The remediator as a Lambda function in an emulator: its queue, its topic, its log, and the queues
of an account that it audits. Tests derive from Case."""
import json
import unittest
import urllib.parse

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.proxy import Rule
from support.pump import Pump, make_queue
from support.runtime_api import Function

ACCOUNT, REGION = "111122223333", "us-east-1"


def open_policy(account=ACCOUNT):
    return estate.text_of(*estate.four_statements("sqs", "*", account))


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        # Answers to a killed process cannot be delivered; the tests cause this on purpose.
        cls.cloud.proxy._server.handle_error = lambda *_: None

    def setUp(self):
        self.cloud.reset()
        self.own = self.cloud.client("sqs")
        self.work = make_queue(self.own, "remediator-resource-queue", "dead-letters")
        self.dead = self.own.get_queue_url(QueueName="dead-letters")["QueueUrl"]
        self.topic = self.cloud.client("sns").create_topic(
            Name="remediator_notifications")["TopicArn"]
        self.log = self.cloud.path("lambda.log")
        open(self.log, "w", encoding="utf-8").close()

    def function(self, handler="remediator", **more):
        names = self.cloud.environment(**{
            "REMEDIATE": "true", "NOTIFICATION_TOPIC": self.topic, "SQS_QUEUE": self.work,
            "KNOWN_ACCOUNTS": estate.FRIEND, "AWS_MAX_ATTEMPTS": "1", **more})
        names = {name: value for name, value in names.items() if value is not None}
        function = Function([ENGINE], handler, names, self.log)
        self.addCleanup(function.close)
        return function

    def pump(self, function=None, **more):
        return Pump(self.own, self.work, function or self.function(), **more)

    def line(self, url, account=ACCOUNT, **more):
        return json.dumps({"account": account, "region": REGION, "type": "sqs", "id": url, **more})

    def send(self, *texts):
        for text in texts:
            self.own.send_message(QueueUrl=self.work, MessageBody=text)

    def bad(self, name, account=ACCOUNT):
        return estate.queue(self.cloud, account, REGION, name, open_policy(account))

    def statements(self, url, account=ACCOUNT):
        """The Sids of a queue's statements."""
        text = estate.queue_policy(self.cloud, account, REGION, url)
        return [one["Sid"] for one in json.loads(text)["Statement"]]

    def notices(self, accepted=True):
        """The subjects that went to SNS (and were accepted)."""
        subjects = []
        for one in list(self.cloud.proxy.requests):
            if one.operation == "sns:Publish" and (one.status == 200 or not accepted):
                subjects.append(urllib.parse.parse_qs(one.body.decode())["Subject"][0])
        return subjects

    def delayed(self):
        """The number of messages in the queue of lines that are delayed."""
        name = "ApproximateNumberOfMessagesDelayed"
        found = self.own.get_queue_attributes(QueueUrl=self.work, AttributeNames=[name])
        return int(found["Attributes"][name])

    def log_text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def findings(self):
        return [json.loads(line) for line in self.log_text().splitlines()
                if line.startswith('{"account"')]

    def refuse_for(self, operation, word, **more):
        """A rule that matches only requests that contain the word."""
        class Spoken(Rule):
            def takes(self, request):
                return request.operation == self.operation and word.encode() in request.body \
                    and super().takes(request)
        self.cloud.proxy.rules.append(Spoken(operation, **more))
