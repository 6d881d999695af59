"""The member role as it is deployed: the trust policy of stackset.template.json with its parameters
filled in, and who may assume the role by it. moto evaluates only identity policies, so a rule of
the proxy enforces the trust policy."""
import fnmatch
import json
import re
import urllib.parse

from support.cloud import MASTER, ROLE, ROOT
from support.proxy import Rule

OPERATOR = f"arn:aws:iam::{MASTER}:user/operator"
NO_VALUE = {"Ref": "AWS::NoValue"}


class Template:
    """CloudFormation's functions, as far as the template uses them."""

    def __init__(self, **parameters):
        text = (ROOT / "member_account_setup" / "stackset.template.json").read_text()
        self.template = json.loads(text)
        self.names = {name: one.get("Default") for name, one in self.template["Parameters"].items()}
        self.names.update({"AWS::Partition": "aws"}, **parameters)

    def holds(self, condition):
        [(name, value)] = condition.items()
        if name == "Condition":
            return self.holds(self.template["Conditions"][value])
        if name == "Fn::Equals":
            return self.value(value[0]) == self.value(value[1])
        if name == "Fn::Not":
            return not self.holds(value[0])
        assert name == "Fn::And", name
        return all(self.holds(one) for one in value)

    def function(self, name, value):
        if name == "Ref":
            given = self.names[value]
            is_list = self.template["Parameters"][value]["Type"] == "CommaDelimitedList"
            return [one for one in given.split(",") if one] if is_list else given
        if name == "Fn::Sub":
            return re.sub(r"\$\{([\w:]+)\}", lambda found: self.names[found[1]], value)
        if name == "Fn::If":
            chosen = value[1] if self.holds({"Condition": value[0]}) else value[2]
            return None if chosen == NO_VALUE else self.value(chosen)
        separator, inner = value[0], self.value(value[1])
        return separator.join(inner) if name == "Fn::Join" else inner.split(separator)

    def value(self, value):
        """A value with everything filled in; what has no value is left out."""
        if isinstance(value, list):
            return [one for one in map(self.value, value) if one is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and next(iter(value)) in ("Ref", "Fn::Sub", "Fn::If", "Fn::Join",
                                                     "Fn::Split"):
            return self.function(*next(iter(value.items())))
        filled = {name: self.value(one) for name, one in value.items()}
        return {name: one for name, one in filled.items() if one is not None}


def trust(external_id="", operators=(OPERATOR,)):
    """The trust policy of the role in a member account."""
    template = Template(Master=MASTER, ExternalId=external_id, Operators=",".join(operators))
    member = template.template["Resources"]["Member"]["Properties"]
    return template.value(member["AssumeRolePolicyDocument"])


def as_list(value):
    return value if isinstance(value, list) else [value]


def matches(statement, asked):
    principals = as_list(statement["Principal"]["AWS"])
    if "*" not in principals and asked["aws:PrincipalArn"] not in principals:
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            found = asked.get(key, "")
            hits = [fnmatch.fnmatchcase(found, one) for one in as_list(values)]
            assert operator in ("StringEquals", "StringLike", "ArnNotEquals"), operator
            if any(hits) == operator.startswith("ArnNot"):
                return False
    return True


def may_assume(document, asked):
    """Evaluates by IAM's rules: an Allow, and no Deny. asked: {"aws:PrincipalArn", "sts:ExternalId"
    …}."""
    effects = {one["Effect"] for one in document["Statement"] if matches(one, asked)}
    return effects == {"Allow"}


class Trust(Rule):
    """Refuses callers who are not operators of the account; requests that set up a test are not
    checked."""

    def __init__(self):
        super().__init__("sts:AssumeRole")
        self.documents, self.callers = {}, {}

    def takes(self, request):
        if request.operation != self.operation:
            return False
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        key = re.search(r"Credential=([^/]+)/", request.headers.get("authorization", ""))
        caller = self.callers.get(key[1] if key else "")
        account, name = re.fullmatch(r"arn:aws:iam::(\d+):role/(.+)", form["RoleArn"]).groups()
        document = self.documents.get(account)
        if caller is None or document is None or name != ROLE:
            return False
        return not may_assume(document, {
            "aws:PrincipalArn": caller, "sts:ExternalId": form.get("ExternalId", ""),
            "sts:RoleSessionName": form["RoleSessionName"]})


def trust_of(cloud):
    """The rule that applies to this emulator until its proxy's rules are cleared."""
    for rule in cloud.proxy.rules:
        if isinstance(rule, Trust):
            return rule
    cloud.proxy.rules.append(Trust())
    return cloud.proxy.rules[-1]
