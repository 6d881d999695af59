"""Roles and users of a test's accounts that have exactly the permissions of `engine generate
permissions`."""
import json
import subprocess

from support.cloud import ROLE
from support.deployed import OPERATOR, trust, trust_of
from support.engine import ENGINE

# What each function calls with its own role in every deployment: test_role_actions.py observes it,
# test_terraform.py compares the roles with it.
OWN_ACTIONS = {
    "event_translator": {"sqs:SendMessage"},
    "poller": {"sqs:ChangeMessageVisibility", "sqs:SendMessage", "sts:AssumeRole"},
    "remediator": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem",
                   "sns:Publish", "sqs:ChangeMessageVisibility", "sqs:SendMessage",
                   "sts:AssumeRole"}}


def generate(what, *options):
    """The output of `engine generate`."""
    done = subprocess.run([ENGINE, "generate", what, *options], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def permissions(types=(), access=None):
    """The policy document that audits (access "read") and repairs ("write") of these types need; by
    default all types and both."""
    options = ["--types", ",".join(types)] if types else []
    return generate("permissions", *options, *(["--access", access] if access else []))


def without(document, action):
    """The document without that one action."""
    policy = json.loads(document)
    held = [one for one in policy["Statement"] if action in one["Action"]]
    assert held, f"{action} is not in {document}"
    for statement in held:
        statement["Action"].remove(action)
    policy["Statement"] = [one for one in policy["Statement"] if one["Action"]]
    return json.dumps(policy)


def allow(actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": resource}]})


def make_role(cloud, account, document):
    """The member role as it is deployed, for the operator of make_operator; it has the permissions
    of the document."""
    held = trust()
    iam = cloud.client("iam", account)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(held))
    trust_of(cloud).documents[account] = held
    set_role(cloud, account, document)


def set_role(cloud, account, document):
    cloud.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="declared",
                                                 PolicyDocument=document)


def make_operator(cloud, arn=OPERATOR):
    """A user of the master account who may only assume the role; returns the user's keys."""
    iam, name = cloud.client("iam"), arn.rsplit("/", 1)[1]
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=allow(
        ["sts:AssumeRole"], f"arn:aws:iam::*:role/{ROLE}"))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    trust_of(cloud).callers[key["AccessKeyId"]] = arn
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
