"""Queues and buckets, bad ones and good ones, for the accounts of a test."""
import json

FRIEND = "222233334444"  # in KNOWN_ACCOUNTS
STRANGER = "999988887777"
OWNER = {"Key": "oWNer", "Value": "me"}  # of REQUIRED_TAGS, in another letter case
GROUPS = "http://acs.amazonaws.com/groups/"


def text_of(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)},
                      separators=(",", ":"))


def statement(sid, principal, action, resource, effect="Allow", **more):
    return {"Sid": sid, "Effect": effect, "Principal": principal, "Action": action,
            "Resource": resource, **more}


def four_statements(service, resource, account):
    """Three good statements, and one, the third, that gives access to anyone."""
    verbs = {"s3": ("s3:GetObject", "s3:DeleteObject"),
             "sqs": ("sqs:SendMessage", "sqs:DeleteMessage")}[service]
    return [
        statement("own", {"AWS": f"arn:aws:iam::{account}:root"}, list(verbs), resource),
        statement("friend", {"AWS": [f"arn:aws:iam::{FRIEND}:root"]}, verbs[0], resource,
                  Condition={"StringLike": {"aws:UserAgent": ["a%b+c \u00e9*"]}}),
        statement("open", "*", verbs[0], resource),
        statement("guard", "*", verbs[1], resource, effect="Deny",
                  Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    ]


def denials(name):
    """What every bucket's policy must deny."""
    arn = f"arn:aws:s3:::{name}"
    header = "s3:x-amz-server-side-encryption"
    return [
        statement("tls", "*", "s3:*", [arn, arn + "/*"], effect="Deny",
                  Condition={"Bool": {"aws:SecureTransport": "false"}}),
        statement("sse", "*", "s3:PutObject", arn + "/*", effect="Deny", Condition={
            "Null": {header: "false"},
            "StringNotEquals": {header: ["AES256", "aws:kms", "aws:kms:dsse"]}})]


def queue(cloud, account, region, name, text=None):
    """Creates a queue; returns its URL."""
    sqs = cloud.client("sqs", account, region)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    if text is not None:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
    return url


def queue_policy(cloud, account, region, url):
    sqs = cloud.client("sqs", account, region)
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return got.get("Attributes", {}).get("Policy", "")


def bucket(cloud, account, region, name, text=None, public_acl=False):
    """Creates a bucket of the kind that can become public."""
    s3 = cloud.client("s3", account, region)
    where = {} if region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerPreferred", **where)
    s3.delete_public_access_block(Bucket=name)
    if text is not None:
        s3.put_bucket_policy(Bucket=name, Policy=text)
    if public_acl:
        open_acl(s3, name)
    return name


def open_acl(s3, name):
    """Grants access to the owner, to log delivery, and READ to everyone."""
    acl = s3.get_bucket_acl(Bucket=name)
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy={
        "Owner": acl["Owner"],
        "Grants": acl["Grants"] + [
            {"Grantee": {"Type": "Group", "URI": GROUPS + "s3/LogDelivery"},
             "Permission": "WRITE"},
            {"Grantee": {"Type": "Group", "URI": GROUPS + "global/AllUsers"},
             "Permission": "READ"}]})


def bucket_policy(cloud, account, region, name):
    s3 = cloud.client("s3", account, region)
    try:
        return s3.get_bucket_policy(Bucket=name)["Policy"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return ""
        raise


def bucket_grants(cloud, account, region, name):
    """[(grantee's group or "owner", permission)]"""
    acl = cloud.client("s3", account, region).get_bucket_acl(Bucket=name)
    return [(grant["Grantee"].get("URI", "owner").rsplit("/", 1)[-1], grant["Permission"])
            for grant in acl["Grants"]]
