"""CloudTrail's events as EventBridge delivers them: the fixtures, with ids and places of one's own.

    line = events.event("sqs:CreateQueue", id=url, account="444455556666", region="eu-west-1")
    line = events.event("ec2:RunInstances-several", id=[first, second])
    line = events.event("sqs:CreateQueue", errorCode="AccessDenied")      # members of the detail

A fixture is tests/fixtures/events/<source>/<EventName>[-variant].json; expected.json beside them
says which resource lines each must give."""
import copy
import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "events"
ACCOUNT = "111122223333"
REGION = "us-east-1"


def names():
    """Every fixture, as "sqs:CreateQueue" or "ec2:RunInstances-several"."""
    return sorted(f"{path.parent.name}:{path.stem}" for path in FOLDER.glob("*/*.json"))


def key(name):
    """What a policy calls it: without the variant."""
    return name.partition("-")[0]


def expected(name=None):
    """What a fixture must give: [{"type", "id", "delay", "region"}…]; of all, by name."""
    with open(FOLDER / "expected.json", encoding="utf-8") as file:
        table = {name.replace("/", ":"): lines for name, lines in json.load(file).items()}
    return table if name is None else table[name]


def envelope(name, **more):
    """The fixture as it stands in its file, `more` put into its detail."""
    source, _, event_name = name.partition(":")
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
    """What is replaced by what: ids first, since they hold accounts and regions."""
    samples = [line["id"] for line in expected(name) if line["type"] != "region"]
    if ids is not None and len(ids) != len(samples):
        raise ValueError(f"{name} names {len(samples)} resources, not {len(ids)}")
    pairs = [(re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])"), new)
             for old, new in zip(samples, ids or [])]
    return pairs + [(re.compile(re.escape(ACCOUNT)), account or ACCOUNT),
                    (re.compile(re.escape(REGION)), region or REGION)]


def event(name, id=None, account=None, region=None, **more):
    """The fixture as a JSON line, its sample id (or ids), account and region replaced wherever
    they stand, and `more` put into its detail."""
    ids = [id] if isinstance(id, str) else id
    read = _replaced(envelope(name), _pairs(name, ids, account, region))
    read["detail"].update(more)
    return json.dumps(read) + "\n"


def own_identity(account=ACCOUNT, role="member_remediator", session=None):
    """userIdentity of a session that the engine changes things with (or another of its role)."""
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
