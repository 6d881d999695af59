"""A deployment in an emulator: queues with their dead-letter queues, the topic, the three functions
from the zip, and the connections between them.

    chain = Deployed(cloud, REMEDIATE="true")     ministack does everything
    chain = Pumped(cloud, REMEDIATE="true")       moto has queues and topic; a pump and a Runtime
                                                  API of the tests replace the rest
    chain.event(line)       an event as EventBridge delivers CloudTrail's
    chain.schedule()        the poller's scheduled event
    chain.wait(wanted)      waits for all these notices: {(type, id, check, word)}

A notice's word is the beginning of its subject: "fixed", "non-compliant", "unknown" …"""
import collections
import json
import re
import time

from support.cloud import MASTER, ROLE
from support.deployed import trust, trust_of
from support.package import package, unpack
from support.permissions import allow, generate
from support.pump import Pump, bodies, make_queue
from support.runtime_api import Function

HANDLERS = ("poller", "event_translator", "remediator")
WORK, POLLS = "remediator-resource-queue", "remediator-poll-queue"
# Receives before a message goes to the dead-letter queue; seconds until it is visible again.
TRIES, HIDDEN = 2, 60
EXTERNAL_ID = "chain"
REGION = "us-east-1"
SUBJECT = re.compile(r"\[([\w-]+)\] \w+ ([\w.]+) ")
LEFT = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed")
SCHEDULED = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "source": "aws.events",
    "detail-type": "Scheduled Event", "account": MASTER, "time": "2026-11-20T08:00:00Z",
    "region": REGION, "detail": {},
    "resources": [f"arn:aws:events:{REGION}:{MASTER}:rule/poller"]}

Notice = collections.namedtuple("Notice", "type id check word account")


def trusting(principal, action="sts:AssumeRole", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": action, **more}]})


def make_member(cloud, account, document):
    """The role in a member account as it is deployed: for the poller, the remediator and the
    operator, if they know the external id."""
    held = trust(EXTERNAL_ID)
    iam = cloud.client("iam", account)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(held))
    trust_of(cloud).documents[account] = held
    iam.put_role_policy(RoleName=ROLE, PolicyName="declared", PolicyDocument=document)


def notice(body):
    """A message of the topic, parsed."""
    found = SUBJECT.match(body["Subject"])
    line = json.loads(body["Message"].strip().splitlines()[-1])
    return Notice(line["type"], line["id"], found[2], found[1], line["account"])


class Chain:
    """The parts that both emulators have."""

    def __init__(self, cloud, accounts, **settings):
        self.cloud, self.accounts, self.settings = cloud, accounts, settings
        self.sqs, self.sns = cloud.client("sqs"), cloud.client("sns")
        self.work, self.work_dead = self.queue(WORK)
        self.polls, self.polls_dead = self.queue(POLLS)
        self.topic = self.sns.create_topic(Name="remediator_notifications")["TopicArn"]
        self.inbox = self.subscribe("inbox")
        self.seen = set()
        self.zip = package(cloud.directory)

    def queue(self, name):
        """Its URL, and that of its dead-letter queue."""
        url = make_queue(self.sqs, name, f"{name}-dead-letters", TRIES)
        self.hide(url, HIDDEN)
        return url, self.sqs.get_queue_url(QueueName=f"{name}-dead-letters")["QueueUrl"]

    def hide(self, url, seconds):
        """The visibility timeout: if it is shorter than a batch takes, messages are received
        twice."""
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})

    def arn(self, url):
        got = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return got["Attributes"]["QueueArn"]

    def subscribe(self, name):
        url = make_queue(self.sqs, name)
        arn = self.arn(url)
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": self.topic}}}]})})
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        return url

    def variables(self, handler):
        own = {
            "poller": {"POLLER_SQS": self.work, "POLL_QUEUE": self.polls, "REGIONS": REGION,
                       "ACCOUNTS": ",".join(self.accounts), "ONLY_USE_TEST_RESOURCES": "true"},
            "event_translator": {"SQS": self.work},
            "remediator": {"SQS_QUEUE": self.arn(self.work), "NOTIFICATION_TOPIC": self.topic,
                           "REMEDIATOR_REGION": REGION, "VERIFY_SECONDS": "1"}}[handler]
        return {"MASTER_REGION": REGION, "EXTERNAL_ID": EXTERNAL_ID, "AWS_MAX_ATTEMPTS": "2",
                "AWS_ENDPOINT_URL": self.cloud.proxy.url, **own, **self.settings}

    def send(self, *texts):
        for text in texts:
            self.sqs.send_message(QueueUrl=self.work, MessageBody=text)

    def read_inbox(self):
        self.seen |= {notice(body) for body in bodies(self.sqs, self.inbox)}
        return self.seen

    def forget(self):
        """Describes how the notices so far differ from the wanted ones."""
        self.read_inbox()
        self.seen = set()

    def left(self, url):
        """The number of messages in the queue, visible or not."""
        got = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(got[name]) for name in LEFT)

    def idle(self):
        return self.left(self.work) == 0 and self.left(self.polls) == 0


class Deployed(Chain):
    """In ministack. Functions run with roles of their own, and IAM is enforced."""

    def __init__(self, cloud, accounts, **settings):
        super().__init__(cloud, accounts, **settings)
        self.lambda_, self.events = cloud.client("lambda"), cloud.client("events")
        self.logs = cloud.client("logs")
        code = self.zip.read_bytes()
        self.functions = {name: self.function(name, code) for name in HANDLERS}
        self.map(self.work, "remediator")
        self.map(self.polls, "poller")
        for number, pattern in enumerate(json.loads(generate("events"))):
            self.rule(f"events-{number}", "event_translator", EventPattern=json.dumps(pattern))

    def may(self, name):
        """ministack checks an action for batches that does not exist in AWS."""
        work, polls = self.arn(self.work), self.arn(self.polls)
        member, send = ("sts:AssumeRole", f"arn:aws:iam::*:role/{ROLE}"), [
            "sqs:SendMessage", "sqs:SendMessageBatch"]
        return {"poller": [member, (send, [work, polls])],
                "event_translator": [(send, work)],
                "remediator": [member, (send, work), ("sns:Publish", self.topic)]}[name]

    def role(self, name):
        iam = self.cloud.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(
            {"Service": "lambda.amazonaws.com"}))
        for number, (action, resource) in enumerate(self.may(name)):
            iam.put_role_policy(RoleName=name, PolicyName=f"may-{number}",
                                PolicyDocument=allow(action, resource))
        return made["Role"]["Arn"]

    def function(self, name, code):
        made = self.lambda_.create_function(
            FunctionName=name, Runtime="provided.al2023", Handler=name, Role=self.role(name),
            Code={"ZipFile": code}, Timeout=30, MemorySize=128, TracingConfig={"Mode": "Active"},
            Environment={"Variables": self.variables(name)})
        return made["FunctionArn"]

    def map(self, url, name):
        self.lambda_.create_event_source_mapping(
            EventSourceArn=self.arn(url), FunctionName=name, BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 2})

    def rule(self, name, function, **what):
        arn = self.events.put_rule(Name=name, **what)["RuleArn"]
        self.lambda_.add_permission(
            FunctionName=function, StatementId=name, Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com", SourceArn=arn)
        self.events.put_targets(Rule=name, Targets=[{"Id": function,
                                                     "Arn": self.functions[function]}])

    def configure(self, name, **settings):
        """Sets variables from now on; None removes one."""
        wanted = {**self.variables(name), **settings}
        self.lambda_.update_function_configuration(FunctionName=name, Environment={
            "Variables": {key: value for key, value in wanted.items() if value is not None}})

    def event(self, line):
        event = json.loads(line)
        self.events.put_events(Entries=[{
            "Source": event["source"], "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"])}])

    def schedule(self):
        """The schedule comes due once: the next time would be three seconds later."""
        self.cloud.proxy.clear_requests()
        self.rule("schedule", "poller", ScheduleExpression="rate(3 minutes)")
        self.until(lambda: "sqs:SendMessageBatch" in self.cloud.proxy.operations(),
                   "the poller's time does not come")
        self.events.remove_targets(Rule="schedule", Ids=["poller"])
        self.events.delete_rule(Name="schedule")
        self.lambda_.remove_permission(FunctionName="poller", StatementId="schedule")

    def log(self, name):
        """The lines of a function's log."""
        group = f"/aws/lambda/{name}"
        try:
            return [one["message"].rstrip() for page in
                    self.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
                    for one in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []

    def until(self, done, why, seconds=120):
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                lines = [line for name in HANDLERS for line in self.log(name)[-20:]]
                raise AssertionError("\n".join([f"{why} within {seconds} seconds", *lines]))
            time.sleep(0.1)

    def wait(self, wanted, idle=True):
        """The notices, once all of `wanted` are among them and the queues are empty."""
        def come():
            return wanted <= {one[:4] for one in self.read_inbox()}
        try:
            self.until(come, "notices are missing")
        except AssertionError as late:
            missing = sorted(wanted - {one[:4] for one in self.seen})
            raise AssertionError(f"{late}\nmissing: {missing}") from None
        if idle:
            self.until(self.idle, "the queues are not empty")
        return self.read_inbox()

    def close(self):
        """The emulator stops its functions when it ends."""


class Pumped(Chain):
    """In moto, which runs no functions and no event source mappings. The code is also that of the
    zip."""

    def __init__(self, cloud, accounts, **settings):
        super().__init__(cloud, accounts, **settings)
        folder = unpack(self.zip, cloud.directory)
        self.functions = {name: self.function(name, folder) for name in HANDLERS}
        self.pumps = [Pump(self.sqs, self.polls, self.functions["poller"]),
                      Pump(self.sqs, self.work, self.functions["remediator"])]

    def function(self, name, folder):
        names = {**self.cloud.environment(**self.variables(name)), "LAMBDA_TASK_ROOT": str(folder)}
        for own in ("ENGINE_POLICIES", "ENGINE_MODELS"):  # those of the zip
            names.pop(own, None)
        return Function([str(folder / "bootstrap")], name, names, self.cloud.path(f"{name}.log"))

    def event(self, line):
        self.invoke("event_translator", json.loads(line))

    def schedule(self):
        self.invoke("poller", SCHEDULED)

    def invoke(self, name, event):
        answer = self.functions[name].invoke(event)
        if answer.error:
            raise AssertionError((name, answer))

    def wait(self, wanted):
        for pump in self.pumps:
            pump.drain()
        missing = wanted - {one[:4] for one in self.read_inbox()}
        if missing or not self.idle():
            raise AssertionError(f"missing: {sorted(missing)}, seen: {sorted(self.seen)}")
        return self.seen

    def close(self):
        for function in self.functions.values():
            function.close()
