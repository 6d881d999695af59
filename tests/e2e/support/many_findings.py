"""Findings as a run over many accounts makes them, for tests of reports."""
import json

REGIONS = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1")
DOCS = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
# check, title, severity, impact of its repair (None: it has none), controls
CHECKS = (
    ("sqs.public", "Queue policy grants access to anyone", "critical", "interrupts",
     {"securityhub": ["SQS.3"]}),
    ("sqs.shared", "Queue policy grants access to an unknown account", "high", None, {}),
    ("s3_bucket.public_policy", "Bucket policy grants access to anyone", "critical", "interrupts",
     {"securityhub": ["S3.2", "S3.3"], "cis": ["2.1.4"]}),
    ("s3_bucket.tls", "Bucket accepts requests without TLS", "medium", "interrupts",
     {"securityhub": ["S3.5"], "cis": ["2.1.1"]}),
    ("security_group.open", "Security group is open to the internet", "high", "interrupts",
     {"securityhub": ["EC2.19"]}),
    ("ec2.metadata", "Instance answers requests for metadata without a token", "medium", "none",
     {"securityhub": ["EC2.8"], "cis": ["5.7"]}),
    ("ec2.tags", "Instance lacks a required tag", "low", "stops", {}),
    ("rds.public", "Database has a public address", "critical", "interrupts",
     {"securityhub": ["RDS.2"], "cis": ["2.3.3"]}),
)
# status, remediation, mark of the baseline
VERDICTS = (
    ("non_compliant", "available", "unchanged"), ("non_compliant", "available", "new"),
    ("non_compliant", "none", "unchanged"), ("non_compliant", "held", "new"),
    ("unknown", "none", "new"), ("exempt", "none", "unchanged"), ("compliant", "none", "resolved"),
)


def statements(resource, account, count):
    kept = [{"Sid": f"team{number}", "Effect": "Allow", "Action": ["sqs:SendMessage"],
             "Principal": {"AWS": f"arn:aws:iam::{account}:role/{resource}-{number}"},
             "Resource": f"arn:aws:sqs:*:{account}:{resource}"} for number in range(count)]
    narrowed = {"Sid": "partners", "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
                "Principal": {"AWS": [f"arn:aws:iam::{account}:root", "*"]}}
    open_ = {"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*",
             "Resource": f"arn:aws:sqs:*:{account}:{resource}"}
    after = {**narrowed, "Principal": {"AWS": [f"arn:aws:iam::{account}:root"]}}
    return [*kept, narrowed, open_], [*kept, after]


def step(resource, account, url):
    def call(found):
        policy = json.dumps({"Version": "2012-10-17", "Statement": found})
        return {"call": "sqs:SetQueueAttributes",
                "with": {"QueueUrl": url, "Attributes": {"Policy": policy}}}
    former, after = statements(resource, account, 2)
    return {**call(after), "undo": call(former)}


def story(check, impact):
    description = {"risk": f"Whoever can reach what {check} looks at can use it.",
            "advice": "Name the accounts or services that need it.",
            "url": f"{DOCS}{check.split('.', maxsplit=1)[0]}-controls.html"}
    if impact:
        description.update(impact=impact,
                           repair="Removes the statements that grant access to anyone.")
    return description


def finding(number, baseline=True):
    """The finding of that number: the same at each call."""
    check, title, severity, impact, controls = CHECKS[number * 7 % len(CHECKS)]
    status, remediation, mark = VERDICTS[number % len(VERDICTS)]
    if remediation == "available" and not impact:
        remediation = "none"
    account = f"{100000000000 + number % 23 * 1111111111:012}"
    region = REGIONS[number % len(REGIONS)]
    name = f"resource-{number:05}"
    url = f"https://sqs.{region}.amazonaws.com/{account}/{name}"
    made = {"account": account, "region": region, "type": check.split(".", maxsplit=1)[0],
            "id": url, "check": check, "title": title, "severity": severity, "status": status,
            "summary": f"statement 4 (open) of {name} lets anyone use sqs:*",
            "evidence": [{"index": 4, "sid": "open", "anyone": True, "principals": ["*"],
                          "statement": statements(name, account, 2)[0][-1]}],
            "remediation": remediation, "controls": controls, "time": "2026-11-23T12:00:00Z"}
    if status not in ("compliant", "gone"):
        made.update(story(check, impact))
    if remediation in ("available", "held"):
        made["steps"] = [step(name, account, url)]
    if remediation == "held":
        made["held"] = "the change limit is reached"
    if status == "unknown":
        made["error"] = {"kind": "api", "code": "AccessDenied", "operation": "GetQueueAttributes",
                         "message": "the call was refused"}
    if status == "exempt":
        made["exemption"] = {"rule": 3, "reason": "a public drop box", "expires": "2027-01-01"}
    if baseline:
        made["baseline"] = mark
    return made


def lines(count, baseline=True):
    return "".join(json.dumps(finding(number, baseline)) + "\n" for number in range(count))
