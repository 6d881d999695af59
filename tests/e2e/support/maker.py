"""What misconfiguration_maker makes, and what is wrong with it; REQUIRED_TAGS names Owner, and
DEV_ACCOUNTS the account."""

# What is wrong with a resource as soon as it is made. Not here: what takes time to become bad (a
# user's password and key, the unencrypted database).
WRONG = {
    "ami": {"public", "shared"},
    "ebs_snapshot": {"public", "shared"},
    "ec2": {"imdsv1", "tags", "dev_public"},
    "ecs_service": {"public_ip"},
    "ecs_task": {"public_ip"},
    "ecs_task_set": {"public_ip"},
    "elb": {"tags", "instance_tags", "dev_public"},
    "elbv2": {"dev_public"},
    "iam_role": {"public_trust", "shared"},
    "iam_user": set(),
    "kms_key": {"public", "shared"},
    "lambda_function": {"public", "shared"},
    "rds": {"public", "tags"},
    "rds_snapshot": {"public", "shared"},
    "redshift": {"public", "unencrypted", "tags", "tls"},
    "region": {"guardduty", "config", "cloudtrail", "vpc_flow_logs", "root_mfa", "password_policy"},
    "s3_bucket": {"public_acl", "public_policy", "sse", "tls", "grants_access", "tags"},
    "security_group": {"open_to_world"},
    "sqs": {"public", "shared"},
}


def wrong_checks(findings):
    """{type: its checks that are not compliant} of findings."""
    wrong = {}
    for finding in findings:
        found = wrong.setdefault(finding["type"], set())
        if finding["status"] == "non_compliant":
            found.add(finding["check"].partition(".")[2])
    return wrong
