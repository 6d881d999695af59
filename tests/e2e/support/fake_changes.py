"""Queues and functions behind an API that records what was changed, which calls changed nothing
because they were repeated, and the current state of each resource. It can end a process when a call
arrives, carry out a call without answering it, and answer slowly.

    api = FakeChanges(queues=8, functions=3)
    api.reset()                   restores the first state
    api.at_write = function       called with each write's number (from 0) and phase, "before" or
                                  "after" it is carried out; True: the write gets no answer
    api.changed()                 names of the resources that differ from the first state
    api.changes, api.twice        calls that changed something, and those that changed nothing

Source: SQS API reference, SetQueueAttributes; Lambda API reference, AddPermission (409 where the
Sid exists), RemovePermission (404 if it does not, 412 if the revision differs)."""
import copy
import json
import re
import threading
import time
import urllib.parse

from support import fake_server

ACCOUNT, REGION = "111122223333", "us-east-1"
OPEN = {"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
        "Resource": "*"}
OWN = {"Sid": "own", "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
       "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
CALLER = ("<GetCallerIdentityResponse><GetCallerIdentityResult>"
          f"<Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn><UserId>me</UserId>"
          f"<Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
FUNCTION = re.compile(r"/2015-03-31/functions/([^/]+)/(policy|aliases|versions)(?:/([^/?]+))?")


class Refusal(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


def statement(name, sid):
    return {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
            "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"}


class Handler(fake_server.Handler):
    def _serve(self):
        target = self.headers.get("X-Amz-Target", "")
        more = {}
        try:
            status, answer = 200, self.owner.answer(self.command, self.path, target, self.body())
        except Refusal as refusal:
            status, answer = refusal.status, {"__type": refusal.code, "message": "refused"}
            more = {"x_amzn_ErrorType": refusal.code}
        if answer is None:  # the call was carried out, and the connection is closed
            self.close_connection = True
            return
        text = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.reply(status, text, Content_Type="application/json", **more)

    do_GET = do_POST = do_DELETE = _serve


class FakeChanges(fake_server.FakeServer):
    def __init__(self, queues, functions):
        super().__init__(Handler)
        self._lock = threading.Lock()
        self.first = {f"{self.url}/{ACCOUNT}/queue-{n}": json.dumps(
            {"Version": "2012-10-17", "Statement": [OPEN, OWN]}) for n in range(queues)}
        self.first |= {f"function-{n}": [statement(f"function-{n}", f"open-{i}") for i in range(3)]
                       for n in range(functions)}
        self.slow_s = 0
        self.reset()
        self.start()

    def reset(self):
        with self._lock:
            self.now = copy.deepcopy(self.first)
            self.revisions = {name: 0 for name in self.first}
        self.at_write = lambda number, phase: False
        self.clear()

    def clear(self):
        """Resets the counters."""
        self.writes, self.changes, self.twice = 0, 0, []

    def changed(self):
        with self._lock:
            return sorted(name for name, state in self.now.items()
                          if self.comparable(state) != self.comparable(self.first[name]))

    @staticmethod
    def until(is_so):
        """Waits, for a minute at most."""
        end = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < end, "not within a minute"
            time.sleep(0.02)

    @staticmethod
    def comparable(state):
        return state if isinstance(state, str) else sorted(state, key=lambda one: one["Sid"])

    def lines(self):
        return "".join(json.dumps({
            "account": ACCOUNT, "region": REGION, "id": name,
            "type": "sqs" if name.startswith("http") else "lambda_function"}) + "\n"
            for name in self.first)

    # ---- calls

    def answer(self, method, path, target, body):
        time.sleep(self.slow_s)
        if target:
            return self.queue(target.rsplit(".", 1)[-1], json.loads(body))
        if b"Action=GetCallerIdentity" in body:
            return CALLER
        path, _, query = path.partition("?")
        path = urllib.parse.unquote(path)
        if path.startswith("/2017-03-31/tags/"):
            return {"Tags": {}}
        name, what, sid = FUNCTION.fullmatch(path).groups()
        return self.function(method, name, what, sid, urllib.parse.parse_qs(query), body)

    def write(self, name, change):
        """Carries out a change, once; `change` returns the state after it."""
        with self._lock:
            number, self.writes = self.writes, self.writes + 1
        if self.at_write(number, "before"):
            return None
        with self._lock:
            try:
                after = change(copy.deepcopy(self.now[name]))
            except Refusal as refusal:
                self.twice.append((name, refusal.code))
                raise
            if after == self.now[name]:
                self.twice.append((name, "nothing changed"))
            self.now[name] = after
            self.revisions[name] += 1
            self.changes += 1
        return None if self.at_write(number, "after") else {}

    def queue(self, operation, wanted):
        url = wanted["QueueUrl"]
        if operation == "ListQueueTags":
            return {"Tags": {}}
        if operation == "SetQueueAttributes":
            return self.write(url, lambda _state: wanted["Attributes"]["Policy"])
        with self._lock:
            attributes = {"QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rsplit('/', 1)[-1]}"}
            if self.now[url]:
                attributes["Policy"] = self.now[url]
        return {"Attributes": attributes}

    def function(self, method, name, what, sid, query, body):
        with self._lock:
            state, revision = copy.deepcopy(self.now[name]), str(self.revisions[name])
        if what == "aliases":
            return {"Aliases": []}
        if what == "versions":
            return {"Versions": [{"FunctionName": name, "Version": "$LATEST",
                                  "RevisionId": revision}]}
        if method == "DELETE":
            return self.write(name, lambda now: self.without(name, now, sid, query))
        if method == "POST":
            return self.write(name, lambda now: self.added(name, now, json.loads(body)))
        if not state:
            raise Refusal(404, "ResourceNotFoundException")
        return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": state}),
                "RevisionId": revision}

    def without(self, name, state, sid, query):
        if query.get("RevisionId", [str(self.revisions[name])]) != [str(self.revisions[name])]:
            raise Refusal(412, "PreconditionFailedException")
        rest = [one for one in state if one["Sid"] != sid]
        if rest == state:
            raise Refusal(404, "ResourceNotFoundException")
        return rest

    @staticmethod
    def added(name, state, wanted):
        if any(one["Sid"] == wanted["StatementId"] for one in state):
            raise Refusal(409, "ResourceConflictException")
        return [*state, statement(name, wanted["StatementId"])]
