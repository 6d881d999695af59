"""throttle_server.py [--bucket SERVICE=RATE:BURST]... : answers like AWS, and throttles like AWS.

One token bucket for each account, region and service (of EC2, operation), as AWS documents them:
EC2 API Reference, "Request throttling"; Lambda Developer Guide, "Quotas". If a bucket is empty, a
call is refused in the form of its protocol. The server knows the calls of audits of snapshots, roles,
queues and functions; every resource is compliant. The key that AssumeRole returned tells the account.
With --queues, each account has so many queues in each region, and all of them are public.

Listens on 127.0.0.1, prints its port first, ends at SIGTERM or after --max-seconds, and then prints
the counts: {"111122223333 sqs": {"calls", "throttled", "faults", "first", "last"}…}."""
import argparse
import asyncio
import collections
import json
import random
import re
import signal
import socket
import struct
import sys
import time
import urllib.parse

import http_requests

FAULTS = ("throttle", "reset", "cut", "short", "error", "garbage")
SCOPE = re.compile(rb"Credential=([^/,]+)/[^/]+/([^/]+)/([^/]+)/aws4_request")
TARGET = re.compile(rb"\r\nx-amz-target: *[^.\r]+\.(\w+)", re.I)

EC2 = ('<DescribeSnapshotAttributeResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
       "<requestId>bench</requestId><snapshotId>snap</snapshotId><createVolumePermission/>"
       "</DescribeSnapshotAttributeResponse>")
TRUST = urllib.parse.quote(json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))
IAM = ('<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role>'
       "<Path>/</Path><RoleName>bench</RoleName><RoleId>AROABENCH</RoleId>"
       "<Arn>arn:aws:iam::111122223333:role/bench</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>"
       f"<AssumeRolePolicyDocument>{TRUST}</AssumeRolePolicyDocument></Role></GetRoleResult>"
       "<ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></GetRoleResponse>")
SQS = {
    "GetQueueAttributes": {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:111122223333:bench"}},
    "ListQueueTags": {"Tags": {"team": "bench"}},
}
PUBLIC = {"Version": "2012-10-17", "Statement": [{
    "Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]}
VERSIONS = {"Versions": [{"FunctionName": "bench", "Version": version, "RevisionId": version}
                         for version in ("$LATEST", "1", "2", "3")]}


def sts(form):
    if form["Action"] == ["GetCallerIdentity"]:
        return ("<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>AIDABENCH</UserId>"
                "<Arn>arn:aws:iam::123456789012:user/bench</Arn><Account>123456789012</Account>"
                "</GetCallerIdentityResult></GetCallerIdentityResponse>")
    account = form["RoleArn"][0].split(":")[4]
    return (f'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROABENCH:bench</AssumedRoleId>"
            f"<Arn>arn:aws:sts::{account}:assumed-role/member_remediator/bench</Arn>"
            f"</AssumedRoleUser><Credentials><AccessKeyId>ASIA{account}</AccessKeyId>"
            "<SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>"
            "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
            "<ResponseMetadata><RequestId>bench</RequestId></ResponseMetadata></AssumeRoleResponse>")


def sqs(operation, count, account, region):
    if count and operation == "ListQueues":
        start = f"https://sqs.{region}.amazonaws.com/{account}/q"
        return {"QueueUrls": [start + str(number) for number in range(count)]}
    if count and operation == "GetQueueAttributes":
        return {"Attributes": {**SQS[operation]["Attributes"], "Policy": json.dumps(PUBLIC)}}
    return SQS[operation]


def xml_error(status, code, message, service):
    if service == "ec2":
        text = (f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
                "</Errors><RequestID>bench</RequestID></Response>")
    else:
        text = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
                f"<Message>{message}</Message></Error><RequestId>bench</RequestId></ErrorResponse>")
    return status, "text/xml", text


def json_error(status, code, message):
    return status, "application/x-amz-json-1.0", json.dumps({"__type": code, "message": message})


def rest_error(status, code, message):
    text = json.dumps({"Type": "User", "message": message})
    return status, f"application/json\r\nx-amzn-ErrorType: {code}", text


def throttle(service):
    """The errors of the services: EC2 "Error codes" (503), IAM "Common errors" (400), SQS "Common
    errors" (400), Lambda "GetPolicy" (429)."""
    if service == "ec2":
        return xml_error(503, "RequestLimitExceeded", "Request limit exceeded.", service)
    if service == "sqs":
        return json_error(400, "com.amazonaws.sqs#RequestThrottled", "Rate exceeded")
    if service == "lambda":
        return rest_error(429, "TooManyRequestsException", "Rate exceeded")
    return xml_error(400, "Throttling", "Rate exceeded", service)


def broken(service):
    if service == "sqs":
        return json_error(500, "InternalFailure", "We encountered an internal error.")
    if service == "lambda":
        return rest_error(500, "ServiceException", "We encountered an internal error.")
    return xml_error(503, "ServiceUnavailable", "The service is not available.", service)


def answer(service, operation, path, form, queues):
    """Status, content type and text of the answer to a call that is not throttled. `queues`: their
    number, account and region."""
    if service == "sts":
        return 200, "text/xml", sts(form)
    if service == "ec2":
        return 200, "text/xml", EC2
    if service == "iam":
        return 200, "text/xml", IAM
    if service == "sqs":
        return 200, "application/x-amz-json-1.0", json.dumps(sqs(operation, *queues))
    path = path.partition("?")[0]
    if path.endswith("/policy"):
        return rest_error(404, "ResourceNotFoundException", "The resource has no policy.")
    return 200, "application/json", json.dumps(VERSIONS if path.endswith("/versions")
                                               else {"Aliases": []})


class Bucket:
    def __init__(self, rate, burst):
        self.rate, self.burst, self.tokens, self.filled = rate, burst, burst, time.monotonic()

    def take(self):
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class World:
    """The state that all connections share."""

    def __init__(self, options):
        self.options, self.buckets, self.random = options, {}, random.Random(options.seed)
        self.rates = dict(read_bucket(text) for text in options.bucket)
        self.seen = set()
        self.counts = collections.defaultdict(
            lambda: {"calls": 0, "throttled": 0, "faults": 0, "first": None, "last": None})

    def is_throttled(self, account, region, service, operation, body):
        if service == "sts":
            return False
        if account in self.options.always:
            return True
        if account in self.options.once:
            call = (account, service, operation, body)
            if call not in self.seen:
                self.seen.add(call)
                return True
        if service not in self.rates:
            return False
        key = account, region, service, operation if service == "ec2" else ""
        if key not in self.buckets:
            self.buckets[key] = Bucket(*self.rates[service])
        return not self.buckets[key].take()

    def fault(self, service):
        if service == "sts" or self.random.random() * 100 >= self.options.faults:
            return None
        return self.random.choice(FAULTS)


class Connection(http_requests.Requests):
    def __init__(self, world):
        super().__init__()
        self.world = world

    def serve(self, head, body):
        world = self.world
        path = head.split(b" ", 2)[1].decode()
        scope, target = SCOPE.search(head), TARGET.search(head)
        key, region, service = (part.decode() for part in scope.groups())
        form = urllib.parse.parse_qs(body.decode()) if service in ("sts", "ec2", "iam") else {}
        operation = form["Action"][0] if form else target[1].decode() if target else path
        count = world.counts[f"{key[4:]} {service}"]
        now = time.monotonic()
        count["calls"] += 1
        count["first"] = count["first"] or now
        count["last"] = now
        if world.is_throttled(key[4:], region, service, operation, body + path.encode()):
            count["throttled"] += 1
            self.reply(throttle(service))
            return
        fault = world.fault(service)
        good = answer(service, operation, path, form, (world.options.queues, key[4:], region))
        if fault is None:
            self.reply(good)
            return
        count["faults"] += 1
        self.misbehave(fault, service, good)

    def misbehave(self, fault, service, good):
        status, kind, text = good
        if fault == "throttle":
            self.reply(throttle(service))
        elif fault == "error":
            self.reply(broken(service))
        elif fault == "garbage":
            self.reply((200, kind, "<html><body>Please log in.</body></html>"))
        elif fault == "short":  # the status of a whole answer, with half of its text
            self.reply((status, kind, text[:len(text) // 2]))
        else:
            self.later(self.cut if fault == "cut" else self.reset, self.encode(good))

    @staticmethod
    def encode(reply):
        status, kind, text = reply
        body = text.encode()
        return (f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
                "\r\n\r\n").encode() + body

    def reply(self, reply):
        self.later(self.transport.write, self.encode(reply))

    def later(self, act, data):
        delay = self.world.options.delay_ms / 1000
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, act, data)
        else:
            act(data)

    def cut(self, data):
        self.transport.write(data[:-len(data) // 3])
        self.transport.close()

    def reset(self, _):
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def read_bucket(text):
    service, numbers = text.split("=")
    rate, burst = (float(number) for number in numbers.split(":"))
    return service, (rate, burst)


async def serve(options):
    world, loop = World(options), asyncio.get_running_loop()
    stopped = asyncio.Event()
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", options.port,
                                      backlog=4096)
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.call_later(options.max_seconds, stopped.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopped.wait()
    print(json.dumps(world.counts), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bucket", action="append", default=[], metavar="SERVICE=RATE:BURST")
    parser.add_argument("--always", action="append", default=[], metavar="ACCOUNT",
                        help="throttle every call of this account")
    parser.add_argument("--once", action="append", default=[], metavar="ACCOUNT",
                        help="throttle each call of this account once")
    parser.add_argument("--faults", type=float, default=0, metavar="PERCENT",
                        help="throttles, resets, cut and garbled answers, 5xx in equal parts")
    parser.add_argument("--queues", type=int, default=0, metavar="N",
                        help="each account has N queues in each region, and all are public")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max-seconds", type=float, default=600)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
