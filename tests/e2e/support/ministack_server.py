"""ministack's server, with five differences. It accepts events whose source is an AWS service, like
CloudTrail's (PutEvents refuses them). A minute of a schedule lasts a second. Messages are not
delayed: the requested delay is in the proxy's log. What IAM creates is 200 days old. In a role's
session, aws:PrincipalArn is the role (IAM user guide, "aws:PrincipalArn")."""
import re
import sys
import time

sys.path.pop(0)  # this folder: its modules are not ministack's

from ministack import app  # noqa: E402
from ministack.core import iam_evaluator  # noqa: E402
from ministack.services import eventbridge, iam, sqs  # noqa: E402

AGE = 200 * 86400

put_events = eventbridge._put_events
eventbridge._put_events = lambda data: put_events(data, allow_aws_source=True)

rate = eventbridge._parse_rate_seconds
eventbridge._parse_rate_seconds = lambda text: rate(text) and rate(text) // 60
eventbridge._SCHEDULER_TICK_INTERVAL = 0.2

send_message = sqs._act_send_message


def send_at_once(data, url):
    return send_message({**data, "DelaySeconds": 0}, url)


sqs._act_send_message = send_at_once
iam._now = lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - AGE))

condition_key = iam_evaluator._resolve_condition_key


def role_of_session(key, context):
    found = condition_key(key, context)
    if key.lower() != "aws:principalarn":
        return found
    return re.sub(r"^arn:aws:sts::(\d+):assumed-role/([^/]+)/.*$", r"arn:aws:iam::\1:role/\2", found)


iam_evaluator._resolve_condition_key = role_of_session

if __name__ == "__main__":
    app.main()
