"""Functions that share a table in an emulator, and what they notify: tests derive from Case, and
open the emulator for all tests of a module by `notified.open_cloud()`."""
import json
import time
import unittest
import urllib.parse

from support import estate
from support.cloud import Cloud
from support.engine import ENGINE
from support.pump import Pump, make_queue
from support.runtime_api import Function, counted

ACCOUNT, REGION = "111122223333", "us-east-1"
TABLE = "remediator-state"
KEPT = ["own", "friend", "guard"]
OPEN = ["own", "friend", "open", "guard"]

cloud = None


def open_cloud():
    global cloud
    cloud = Cloud()


def open_policy(*more):
    return estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT), *more)


def make_table(dynamodb):
    """Creates the table as Terraform does."""
    dynamodb.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "expires_at"})


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.own = cloud.client("sqs")
        self.dynamodb = cloud.client("dynamodb")
        make_table(self.dynamodb)
        self.work = make_queue(self.own, "remediator-resource-queue")
        self.sns = cloud.client("sns")
        self.topic = self.sns.create_topic(Name="remediator_notifications")["TopicArn"]
        self.log = cloud.path("lambda.log")
        open(self.log, "w", encoding="utf-8").close()
        self.seen = 0

    def function(self, handler="remediator", **more):
        names = cloud.environment(**{
            "REMEDIATE": "true", "NOTIFICATION_TOPIC": self.topic, "STATE_TABLE": TABLE,
            "KNOWN_ACCOUNTS": estate.FRIEND, "AWS_MAX_ATTEMPTS": "1", **more})
        function = Function([ENGINE], handler,
                            {name: value for name, value in names.items() if value is not None},
                            self.log)
        self.addCleanup(function.close)
        return function

    def pump(self, **more):
        return Pump(self.own, self.work, self.function(**more))

    def audits(self):
        return self.pump(REMEDIATE=None)

    def line(self, url):
        return json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": url})

    def look(self, pump, *urls):
        """The first words of the subjects that are notified when these queues are audited."""
        for url in urls:
            self.own.send_message(QueueUrl=self.work, MessageBody=self.line(url))
        answer = pump.cycle()
        self.assertEqual((answer.error, answer.failures), (None, []), answer)
        return self.news()

    def notices(self):
        """The subjects that SNS accepted."""
        return [urllib.parse.parse_qs(one.body.decode())["Subject"][0]
                for one in list(cloud.proxy.requests)
                if one.operation == "sns:Publish" and one.status == 200]

    def news(self):
        fresh = self.notices()[self.seen:]
        self.seen += len(fresh)
        return [one.split("]")[0].strip("[") for one in fresh]

    def bad(self, name):
        return estate.queue(cloud, ACCOUNT, REGION, name, open_policy())

    def put(self, url, text):
        cloud.client("sqs", ACCOUNT, REGION).set_queue_attributes(QueueUrl=url,
                                                                  Attributes={"Policy": text})

    def statements(self, url):
        text = estate.queue_policy(cloud, ACCOUNT, REGION, url)
        return [one["Sid"] for one in json.loads(text)["Statement"]]

    def items(self, kind):
        return [one for one in self.dynamodb.scan(TableName=TABLE)["Items"]
                if one["item_kind"]["S"] == kind]

    def set(self, item, name, value):
        self.dynamodb.put_item(TableName=TABLE, Item={**item, name: value})

    def free(self, item):
        """Lets the time pass for what a dead process left: its claim, and its unfinished
        repairs."""
        content = json.loads(item["content"]["S"])
        for left in filter(None, [content.pop("claim", None), *content["begun"].values()]):
            self.assertGreater(left.pop("until", time.time() + 1), time.time())
        self.set(item, "content", {"S": json.dumps(content)})

    def again(self):
        """The lines that were sent for a later audit."""
        return [json.loads(entry["MessageBody"]) for one in list(cloud.proxy.requests)
                if one.operation == "sqs:SendMessageBatch" for entry in one.json()["Entries"]]

    def metrics(self, name):
        """How often the log counts the metric."""
        with open(self.log, encoding="utf-8") as file:
            found = [json.loads(line) for line in file if f'"Name":"{name}"' in line]
        for one in found:
            self.assertEqual(counted(one), (name, 1, "remediator"))
        return len(found)
