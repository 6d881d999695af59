"""Resources of each type, half of them bad, and AWS's replies about them. They are made from two
cases of tests/policies/<type>_test.lua, a good and a bad one: each resource has a number, which
stands in its id and wherever else its twin's replies name what belongs to it."""
import datetime
import json
import pathlib
import re
import subprocess

import botocore.session

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACCOUNT = "111122223333"
NOW = 1795000000  # of the cases
WIDTH = 6  # digits of a number within an id of fixed length
# type: the names of the good and the bad case, and the words that get the number
TYPES = {
    "ami": ("a private image", "everyone, and an encrypted volume", "ami-0123456789abcdef0"),
    "ebs_snapshot": ("a private snapshot", "everyone", "snap-0123456789abcdef0"),
    "ec2": ("a good instance", "everything wrong", "i-0123456789abcdef0"),
    "ecs_service": ("no public addresses", "public addresses", "cart"),
    "ecs_task": ("no public address", "a public address", "0f1e2d3c", "eni-1"),
    "ecs_task_set": ("no public addresses", "public addresses", "1234567890123456789"),
    "elb": ("an internal load balancer with its tags", "instances in view of the internet", "shop"),
    "elbv2": ("an internal load balancer", "instances in two target groups", "50dc6c495c0c9188",
              "73e2d6bc24d8a067", "83e2d6bc24d8a067"),
    "iam_role": ("an account that is known", "nothing but an open statement", "app"),
    "iam_user": ("a password with MFA, and a key, both used", "a password without MFA", "anna",
                 "AKIAUSED"),
    "kms_key": ("its own account", "an open statement among others",
                "1234abcd-12ab-34cd-56ef-1234567890ab"),
    "lambda_function": ("its own account, and a topic", "an open statement of an alias", "orders"),
    "rds": ("a good database", "public and not encrypted", "shop"),
    "rds_snapshot": ("a private snapshot", "everyone", "orders-before-upgrade"),
    "redshift": ("a good cluster", "public and not encrypted", "sales"),
    "region": ("a monitored region", "a VPC without a flow log", ACCOUNT),
    "s3_bucket": ("its own account, and both denials", "an open statement among others", "box"),
    "security_group": ("limited ranges", "everywhere, in IPv4", "sg-0123456789abcdef0"),
    "sqs": ("an account that is known", "nothing but an open statement", "orders"),
}
SESSION = botocore.session.get_session()


def numbered(word, number):
    """The word with the number: at its end, or instead of its last digits if its length is fixed."""
    if has_fixed_length(word):
        return word[:-WIDTH] + f"{number:0{WIDTH}d}"
    return f"{word}{number}"


def has_fixed_length(word):
    return re.search(r"[0-9a-f]{8}$", word) is not None


def number_pattern(word):
    if has_fixed_length(word):
        return re.compile(re.escape(word[:-WIDTH]) + rf"(\d{{{WIDTH}}})(?![0-9a-f])")
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(\d+)(?![A-Za-z0-9])")


def merge(first, second):
    """One reply about the resources of both; a fault remains what it is."""
    if isinstance(first, dict) and isinstance(second, dict):
        both = {**first, **second}
        return {key: merge(first[key], second[key]) if key in first and key in second
                else both[key] for key in both}
    if isinstance(first, list) and isinstance(second, list):
        return first + second
    return first


class Twins:
    """The resources of one type; those with an odd number are bad."""

    def __init__(self, kind, count):
        good, bad, *self.words = TYPES[kind]
        self.kind, self.count = kind, count
        command = ["lua5.4", ROOT / "tests/bench/twins.lua", ROOT / "tests/policies", kind, good, bad]
        made = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        self.twins = (made["good"], made["bad"])
        self.settings = {**made["good"]["settings"], **made["bad"]["settings"]}
        self.operations = sorted({*made["good"]["replies"], *made["bad"]["replies"]})
        self._texts = [{call: json.dumps(reply) for call, reply in twin["replies"].items()}
                       for twin in self.twins]
        self._patterns = [number_pattern(word) for word in self.words]
        self._words = [re.compile(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])")
                       for word in self.words]

    def _number(self, text, number):
        for word, pattern in zip(self.words, self._words):
            text = pattern.sub(numbered(word, number), text)
        return text

    def line(self, number):
        """The resource line."""
        twin = self.twins[number % 2]
        line = {"account": ACCOUNT, "region": twin.get("region", "us-east-1"), "type": self.kind,
                "id": twin["id"]}
        return self._number(json.dumps(line), number)

    def lines(self):
        return "".join(self.line(number) + "\n" for number in range(self.count))

    def numbers(self, text):
        """The numbers of the resources that a request names."""
        found = {int(number) for pattern in self._patterns for number in pattern.findall(text)}
        return sorted(number for number in found if number < self.count)

    def _about(self, call, number, text):
        """The reply of the twin with this number to a request with this text."""
        texts = self._texts[number % 2]
        if call not in texts:
            return None
        reply = json.loads(self._number(texts[call], number))
        if isinstance(reply, list):
            reply = next((one["reply"] for one in reply
                          if all(value in text for value in strings(one["with"]))), None)
        if reply and "pages" in reply:
            first, *more = reply["pages"]
            for page in more:
                first = merge(first, page)
            return first
        return reply

    def reply(self, call, text):
        """The reply to a request, as the cases write it; None if no twin has one."""
        numbers = self.numbers(text) or (range(self.count) if call == REPORT else range(2))
        made = [reply for number in numbers
                if (reply := self._about(call, number, text)) is not None]
        if not made:
            return None
        if call == REPORT:
            return {**made[0], "Content": joined(one["Content"] for one in made)}
        if not self.numbers(text):
            return made[0]
        whole = made[0]
        for one in made[1:]:
            whole = merge(whole, one)
        return whole


REPORT = "iam:GetCredentialReport"


def joined(reports):
    """One credential report (CSV) about the users of all."""
    reports = list(reports)
    return reports[0] + "".join(report.partition("\n")[2] for report in reports[1:])


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [str(value)]


def shaped(shape, value):
    """The value that a case writes, as botocore's model of it wants it: times are those of a case
    that was written now, and an empty table can be a list."""
    kind = shape.type_name
    if kind == "structure":
        return {name: shaped(shape.members[name], item) for name, item in value.items()}
    if kind == "list":
        return [shaped(shape.member, item) for item in value] if value else []
    if kind == "map":
        return {key: shaped(shape.value, item) for key, item in value.items()} if value else {}
    if kind == "timestamp":
        return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + (
            datetime.timedelta(seconds=value - NOW))
    return value.encode() if kind == "blob" else value
