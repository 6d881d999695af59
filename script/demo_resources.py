"""demo_resources.py URL ACCOUNT,... REGION,...: fills an emulator with things to find.

Queues and buckets, of which some are open to anyone while their neighbours are as they should be,
and two log groups, of which one keeps its lines for ever.
"""
import json
import sys

import boto3
import botocore.config

ROLE = "member_remediator"
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
ENCRYPTION = "s3:x-amz-server-side-encryption"
# What each account has, of which kind, in the first region or the second, and whether it is open.
ESTATE = (
    (("queue", "orders", 0, True), ("queue", "invoices", 0, False), ("queue", "invoices", 1, False),
     ("bucket", "website", 1, True), ("bucket", "backups", 0, False)),
    (("queue", "orders", 1, True), ("queue", "invoices", 0, False), ("queue", "invoices", 1, False),
     ("bucket", "website", 0, True), ("bucket", "backups", 1, False)),
)
CONFIG = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})


def session(url, account):
    """A session in that account: the emulator tells accounts apart by the role assumed."""
    keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
    sts = boto3.client("sts", endpoint_url=url, region_name="us-east-1", config=CONFIG, **keys)
    given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}",
                            RoleSessionName="demo")["Credentials"]
    return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(sid, principal, actions, resources, effect="Allow", **more):
    return {"Sid": sid, "Effect": effect, "Principal": principal, "Action": actions,
            "Resource": resources, **more}


def own(account, actions, resources):
    return statement("own", {"AWS": f"arn:aws:iam::{account}:root"}, actions, resources)


def denials(arn):
    """What every bucket should refuse: requests without TLS, and foreign encryption."""
    yield statement("tls", "*", "s3:*", [arn, arn + "/*"], effect="Deny",
                    Condition={"Bool": {"aws:SecureTransport": "false"}})
    yield statement("encryption", "*", "s3:PutObject", arn + "/*", effect="Deny", Condition={
        "Null": {ENCRYPTION: "false"},
        "StringNotEquals": {ENCRYPTION: ["AES256", "aws:kms", "aws:kms:dsse"]}})


def make_queue(sqs, account, region, name, is_open):
    arn = f"arn:aws:sqs:{region}:{account}:{name}"
    statements = [own(account, ["sqs:SendMessage", "sqs:ReceiveMessage"], arn)]
    if is_open:
        statements.append(statement("anyone", "*", "sqs:SendMessage", arn))
    sqs.create_queue(QueueName=name, Attributes={"Policy": policy(*statements)})


def make_bucket(s3, account, region, stem, is_open):
    name = f"{stem}-{account[:4]}"
    arn = f"arn:aws:s3:::{name}"
    where = {} if region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerPreferred", **where)
    statements = [own(account, "s3:GetObject", arn + "/*")]
    if is_open:
        s3.delete_public_access_block(Bucket=name)
        statements.append(statement("anyone", "*", "s3:GetObject", arn + "/*"))
        acl = s3.get_bucket_acl(Bucket=name)
        everyone = {"Grantee": {"Type": "Group", "URI": EVERYONE}, "Permission": "READ"}
        s3.put_bucket_acl(Bucket=name, AccessControlPolicy={
            "Owner": acl["Owner"], "Grants": acl["Grants"] + [everyone]})
    else:
        statements += denials(arn)
    s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))


def make_log_groups(logs):
    for name in ("/app/web", "/app/jobs"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="/app/web", retentionInDays=30)


def main(url, accounts, regions):
    makers = {"queue": ("sqs", make_queue), "bucket": ("s3", make_bucket)}
    home = regions.split(",")[0]
    for account, resources in zip(accounts.split(","), ESTATE, strict=True):
        aws = session(url, account)
        make_log_groups(aws.client("logs", endpoint_url=url, region_name=home, config=CONFIG))
        for kind, name, place, is_open in resources:
            region = regions.split(",")[place]
            service, make = makers[kind]
            client = aws.client(service, endpoint_url=url, region_name=region, config=CONFIG)
            make(client, account, region, name, is_open)


if __name__ == "__main__":
    main(*sys.argv[1:])
