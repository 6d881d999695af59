"""Does the work of an SQS event source mapping: receives messages from a queue, invokes a function with
them, deletes those that are done, and lets the others come again. The queue's own redrive policy
moves a message that was received too often to the dead-letter queue.

    pump = Pump(sqs, url, function)
    pump.cycle()            one batch: the answer, or None when the queue was empty
    pump.drain(limit=20)    until the queue is empty

Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS": a function error, bad JSON, an
empty or unknown id fail the whole batch; an empty or null list is success."""
import json


class Pump:
    def __init__(self, sqs, url, function, size=10, seconds=30):
        self.sqs, self.url, self.function = sqs, url, function
        self.size, self.seconds = size, seconds
        self.deleted = []  # bodies of the messages that are done
        self.batches = []  # message ids of each batch
        self.received = []  # all messages, in the form of boto3

    def receive(self):
        """Receives messages, in the form of boto3; they are hidden until they are deleted or made
        visible."""
        got = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=self.size, VisibilityTimeout=3600,
            AttributeNames=["All"], MessageAttributeNames=["All"])
        return got.get("Messages", [])

    def event(self, messages):
        return {"Records": [{
            "messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"],
            "body": one["Body"], "attributes": one.get("Attributes", {}),
            "messageAttributes": {}, "md5OfBody": one["MD5OfBody"], "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:" + self.url.rsplit("/")[-1],
            "awsRegion": "us-east-1"} for one in messages]}

    def cycle(self):
        messages = self.receive()
        if not messages:
            return None
        self.batches.append([one["MessageId"] for one in messages])
        self.received += messages
        answer = self.function.invoke(self.event(messages), seconds=self.seconds,
                                      trace="Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
        again = failed(answer, {one["MessageId"] for one in messages})
        for one in messages:
            if one["MessageId"] in again:
                self.sqs.change_message_visibility(QueueUrl=self.url, VisibilityTimeout=0,
                                                   ReceiptHandle=one["ReceiptHandle"])
            else:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
                self.deleted.append(one["Body"])
        return answer

    def drain(self, limit=20):
        """The answers."""
        answers = []
        while len(answers) < limit:
            answer = self.cycle()
            if answer is None:
                return answers
            answers.append(answer)
        raise AssertionError(f"the queue is not empty after {limit} batches: {answers[-1]}")


def failed(answer, ids):
    """The ids that come again."""
    if answer.error is not None:
        return ids
    if answer.body is None:
        return set()
    if not isinstance(answer.body, dict):
        return ids
    listed = answer.body.get("batchItemFailures") or []
    try:
        named = {one["itemIdentifier"] for one in listed}
    except (KeyError, TypeError):
        return ids
    return named if named <= ids else ids


def make_queue(sqs, name, dead=None, most=3):
    """A queue without delay; with a dead-letter queue if one is named."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    if dead is not None:
        target = sqs.create_queue(QueueName=dead)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=target, AttributeNames=["QueueArn"])
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": most})})
    return url


def bodies(sqs, url):
    """Receives all messages, parses them as JSON where possible, and deletes them."""
    found = []
    while True:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not got:
            return found
        for one in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            try:
                found.append(json.loads(one["Body"]))
            except ValueError:
                found.append(one["Body"])
