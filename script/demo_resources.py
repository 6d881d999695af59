"""demo_resources.py URL ACCOUNT,... REGION,...: creates well-configured resources in an emulator.

It creates queues and buckets beside the misconfigured ones, and two log groups. One of these keeps
its lines forever, so that the demo's own policy finds something.
"""
import json
import sys

import boto3
import botocore.config

ROLE = "member_remediator"
ENCRYPTION = "s3:x-amz-server-side-encryption"
TAGS = {"Owner": "shop"}
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
    """Statements that every bucket should have: no requests without TLS, no foreign encryption."""
    yield statement("tls", "*", "s3:*", [arn, arn + "/*"], effect="Deny",
                    Condition={"Bool": {"aws:SecureTransport": "false"}})
    yield statement("encryption", "*", "s3:PutObject", arn + "/*", effect="Deny", Condition={
        "Null": {ENCRYPTION: "false"},
        "StringNotEquals": {ENCRYPTION: ["AES256", "aws:kms", "aws:kms:dsse"]}})


def make_queue(sqs, account, region):
    arn = f"arn:aws:sqs:{region}:{account}:invoices"
    statement_of_owner = own(account, ["sqs:SendMessage", "sqs:ReceiveMessage"], arn)
    sqs.create_queue(QueueName="invoices", Attributes={"Policy": policy(statement_of_owner)})


def make_bucket(s3, account, region):
    name = f"backups-{account[:4]}-{region}"
    arn = f"arn:aws:s3:::{name}"
    where = {} if region == "us-east-1" else {
        "CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerPreferred", **where)
    s3.put_bucket_policy(Bucket=name, Policy=policy(
        own(account, "s3:GetObject", arn + "/*"), *denials(arn)))
    s3.put_bucket_tagging(Bucket=name, Tagging={
        "TagSet": [{"Key": key, "Value": value} for key, value in TAGS.items()]})


def make_log_groups(logs):
    for name in ("/app/web", "/app/jobs"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="/app/web", retentionInDays=30)


def main(url, accounts, regions):
    for account in accounts.split(","):
        aws = session(url, account)
        for region in regions.split(","):
            place = {"endpoint_url": url, "region_name": region, "config": CONFIG}
            make_queue(aws.client("sqs", **place), account, region)
            make_bucket(aws.client("s3", **place), account, region)
        home = {"endpoint_url": url, "region_name": regions.split(",")[0], "config": CONFIG}
        make_log_groups(aws.client("logs", **home))


if __name__ == "__main__":
    main(*sys.argv[1:])
