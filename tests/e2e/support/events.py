"""CloudTrail's events as EventBridge delivers them: the fixtures, with the ids and places of a test.

    line = events.event("sqs:CreateQueue", id=url, account="444455556666", region="eu-west-1")
    line = events.event("ec2:RunInstances-several", id=[first, second])
    line = events.event("sqs:CreateQueue", errorCode="AccessDenied")      # members of the detail

The file of the type (tests/types) lists the resource lines that each must give. The event is in
tests/fixtures/events/<source>/<EventName>[-variant].json as CloudTrail wrote it, or is made from
the elements in the file of the type."""
import copy
import functools
import json
import pathlib
import re

from support.type_files import all_types

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "events"
ACCOUNT = "111122223333"
REGION = "us-east-1"


@functools.cache
def _table():
    """{event: [(type, Lines)] of the types that watch it}"""
    table = {}
    for kind, one in all_types().items():
        for name, lines in one.events.items():
            table.setdefault(name, []).append((kind, lines))
    return table


def names():
    """Every event, as "sqs:CreateQueue" or "ec2:RunInstances-several"."""
    return sorted(_table())


def with_one_element():
    """The events without a fixture that have either a request or a response."""
    return {name for name, held in _table().items() for _, lines in held
            if (lines.request is None) != (lines.response is None)}


def files():
    """The events that have a fixture."""
    return sorted(f"{path.parent.name}:{path.stem}" for path in FOLDER.glob("*/*.json"))


def key(name):
    """The event's name in a policy: without the variant."""
    return name.partition("-")[0]


def lines_of(name):
    """The lines that an event must give: [{"type", "id", "delay", "region"}…]."""
    return [{"type": kind, "id": id_, "delay": lines.delay, "region": lines.region}
            for kind, lines in _table()[name] for id_ in lines.ids]


def expected(name=None):
    """The lines of one event, or {event: lines} of all."""
    return lines_of(name) if name else {one: lines_of(one) for one in names()}


def _made(source, name, lines):
    """Makes an event from its elements, in the form of CloudTrail and EventBridge."""
    return {
        "version": "0", "id": "41a5b63d-e468-5ac9-b188-473e0c2ebb74", "source": f"aws.{source}",
        "detail-type": "AWS API Call via CloudTrail", "account": ACCOUNT,
        "time": "2026-11-20T09:14:52Z", "region": REGION, "resources": [], "detail": {
            "eventVersion": "1.11", "eventSource": f"{source}.amazonaws.com", "eventName": name,
            "userIdentity": own_identity(role="deployer", session="alice@example.com"),
            "eventTime": "2026-11-20T09:14:52Z", "awsRegion": REGION,
            "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31.0",
            "requestParameters": lines.request, "responseElements": lines.response,
            "requestID": "397ed6a2-90d9-5843-95fb-eb66a523c2ed",
            "eventID": "b182b22a-5caf-5271-9c4e-bb14fa170568", "readOnly": False,
            "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": ACCOUNT,
            "eventCategory": "Management"}}


def envelope(name, **more):
    """The event as it is in its file, with `more` added to its detail."""
    source, _, event_name = name.partition(":")
    made = [lines for _, lines in _table()[name] if lines.request or lines.response]
    if made:
        read = copy.deepcopy(_made(source, key(event_name), made[0]))
    else:
        with open(FOLDER / source / f"{event_name}.json", encoding="utf-8") as file:
            read = json.load(file)
    read["detail"].update(copy.deepcopy(more))
    return read


def _replaced(value, pairs):
    if isinstance(value, dict):
        return {name: _replaced(inner, pairs) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, pairs) for inner in value]
    if not isinstance(value, str):
        return value
    for number, (pattern, _) in enumerate(pairs):
        value = pattern.sub(f"\0{number}\0", value)
    return re.sub("\0(\\d+)\0", lambda found: pairs[int(found[1])][1], value)


def _pairs(name, ids, account, region):
    """What is replaced by what: ids first, because they contain accounts and regions."""
    samples = [line["id"] for line in expected(name) if line["type"] != "region"]
    if ids is not None and len(ids) != len(samples):
        raise ValueError(f"{name} names {len(samples)} resources, not {len(ids)}")
    pairs = [(re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])"), new)
             for old, new in zip(samples, ids or [])]
    return pairs + [(re.compile(re.escape(ACCOUNT)), account or ACCOUNT),
                    (re.compile(re.escape(REGION)), region or REGION)]


def event(name, id=None, account=None, region=None, **more):
    """The fixture as a JSON line, with its sample id (or ids), account and region replaced
    everywhere, and `more` added to its detail."""
    ids = [id] if isinstance(id, str) else id
    read = _replaced(envelope(name), _pairs(name, ids, account, region))
    read["detail"].update(more)
    return json.dumps(read) + "\n"


def own_identity(account=ACCOUNT, role="member_remediator", session=None):
    """userIdentity of a session in which the engine makes changes (or of another session of its
    role)."""
    session = session or "engine-change-" + "0123456789abcdef" * 2
    name = role.rsplit("/", 1)[-1]
    return {
        "type": "AssumedRole", "principalId": f"AROAEXAMPLEROLEID0009:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}", "accountId": account,
        "accessKeyId": "ASIAEXAMPLEKEYID0009",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEROLEID0009",
                              "arn": f"arn:aws:iam::{account}:role/{role}",
                              "accountId": account, "userName": name},
            "attributes": {"creationDate": "2026-11-20T09:14:00Z", "mfaAuthenticated": "false"}}}
