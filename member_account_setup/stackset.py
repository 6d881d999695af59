"""stackset.py: prints stackset.template.json: the same setup of a member account for CloudFormation
StackSets, from the same permissions and patterns. The stack of RoleRegion creates the roles; the stack of
each region creates its rules, and the queue of events that they could not send."""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
ACCOUNT = "^[0-9]{12}$"


def read(name):
    return json.loads((HERE / name).read_text())


def permissions(path):
    """The output of `engine generate permissions`, with ARNs of the stack's partition. A list is one text
    that CloudFormation splits again: an Fn::Sub for each ARN would need more room than most ARNs."""
    held = json.loads((HERE / path).read_text())
    for statement in held["Statement"]:
        if statement["Resource"] != "*":
            statement["Resource"] = {"Fn::Split": [",", sub(",".join(statement["Resource"]).replace(
                "arn:aws:", "arn:${AWS::Partition}:"))]}
    return held


def parameter(text, pattern, default=None, **more):
    given = {} if default is None else {"Default": default}
    return {"Type": "String", "Description": text, "AllowedPattern": pattern, **given, **more}


def by_default():
    """The types that are repaired by default: their repairs at most interrupt, as in the engine."""
    return sorted({check["type"] for check in read("checks.json")
                   if check["fix"] and check["impact"] in ("none", "interrupts")})


PARAMETERS = {
    "Master": parameter("Account that polls and repairs", ACCOUNT),
    "ExternalId": parameter("External id that the role requires; empty: none",
                            "^([A-Za-z0-9_+=,.@:/-]{2,1224})?$", ""),
    "Remediate": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"],
                  "Description": "true: the role may repair; false: it can only read"},
    "Operators": {"Type": "CommaDelimitedList", "Default": "",
                  "Description": "ARNs of roles and users that may assume the role to undo changes"},
    "Repair": parameter("Types that the role may write, separated by commas, as sqs,ec2; or all",
                        "^[a-z0-9_]+(,[a-z0-9_]+)*$", ",".join(by_default())),
    "SensitiveRoles": {"Type": "CommaDelimitedList", "Default": "",
                       "Description": "ARNs, with * and ?, of more roles and users that are never written"},
    "SecurityHub": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"],
                    "Description": "true: the role may import findings into Security Hub"},
    "SecurityHubAction": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"],
                          "Description": "true: findings for the custom action 'Repair with engine' are sent"},
    "MemberRole": parameter("Name of the role that the master account assumes",
                            "^[A-Za-z0-9_+=,.@-]{1,64}$", "member_remediator"),
    "Prefix": parameter("Prefix of each name, with its hyphen, as second-; the same prefix as that "
                        "of the master account. Empty: none", "^([a-z][a-z0-9-]{0,18}[a-z0-9]-)?$", ""),
    "PermissionsBoundary": parameter("Name of the managed policy that is the roles' boundary; empty: none",
                                     "^([A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*)?$", ""),
    "RoleRegion": parameter("Region whose stack creates the roles; deploy it first. China: cn-north-1, GovCloud: us-gov-west-1",
                            "^[a-z]+(-[a-z]+)+-[0-9]+$", "us-east-1"),
}
CONDITIONS = {
    "MakesRoles": {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "RoleRegion"}]},
    "MakesWritePolicy": {"Fn::And": [{"Condition": "MakesRoles"},
                                     {"Fn::Equals": [{"Ref": "Remediate"}, "true"]}]},
    "HasExternalId": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExternalId"}, ""]}]},
    "HasBoundary": {"Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundary"}, ""]}]},
    "HasOperators": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Operators"}]}, ""]}]},
    "HasSensitiveRoles": {"Fn::Not": [{"Fn::Equals": [
        {"Fn::Join": ["", {"Ref": "SensitiveRoles"}]}, ""]}]},
    "SendsToSecurityHub": {"Fn::And": [{"Condition": "MakesRoles"}, {"Fn::Equals": [{"Ref": "SecurityHub"}, "true"]}]},
    "SendsActions": {"Fn::Equals": [{"Ref": "SecurityHubAction"}, "true"]},
    "RepairsAll": {"Fn::Equals": [{"Ref": "Repair"}, "all"]},
}


def writes():
    """The types that have a repair: {type: permissions}."""
    return {path.stem: permissions(path)
            for path in sorted((HERE / "permissions_write").glob("*.json"))}


def camel(name):
    return "".join(word.capitalize() for word in name.replace("_", "-").split("-"))


def names_it(kind):
    """Does Repair name the type? If so, the list changes when it is split at the type."""
    listed = {"Fn::Sub": ",${Repair},"}
    return {"Fn::And": [{"Condition": "MakesWritePolicy"}, {"Fn::Or": [
        {"Condition": "RepairsAll"}, {"Fn::Not": [{"Fn::Equals": [
            {"Fn::Join": ["", {"Fn::Split": [f",{kind},", listed]}]}, listed]}]}]}]}


def conditions():
    return {**CONDITIONS, **{f"Writes{camel(kind)}": names_it(kind) for kind in writes()}}


def sub(text):
    return {"Fn::Sub": text}


def master_role(name):
    return sub("arn:${AWS::Partition}:iam::${Master}:role/${Prefix}" + name)


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust():
    """As in account/main.tf."""
    asked = {"Fn::If": ["HasExternalId", {
        "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}, {"Ref": "AWS::NoValue"}]}
    operators = {"Sid": "Operators", "Effect": "Allow",
                 "Principal": {"AWS": {"Ref": "Operators"}}, "Action": "sts:AssumeRole",
                 "Condition": asked}
    changing = {"Fn::If": ["HasOperators", {"Fn::Split": [",", {"Fn::Join": [",", [
        master_role("remediator"), {"Fn::Join": [",", {"Ref": "Operators"}]}]]}]},
        [master_role("remediator")]]}
    return document(
        {"Sid": "PollerAndRemediator", "Effect": "Allow",
         "Principal": {"AWS": [master_role("poller"), master_role("remediator")]},
         "Action": "sts:AssumeRole", "Condition": asked},
        {"Fn::If": ["HasOperators", operators, {"Ref": "AWS::NoValue"}]},
        {"Sid": "NamesOfChangingSessions", "Effect": "Deny", "Principal": {"AWS": "*"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringLike": {"sts:RoleSessionName": "engine-change-*"},
                       "ArnNotEquals": {"aws:PrincipalArn": changing}}})


def never():
    """As in account/main.tf, which names the sources."""
    actions = sorted({action for statement in read("permissions_write.json")["Statement"]
                      for action in statement["Action"] if action.startswith("iam:")})
    roles = ["arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + name
             for name in ("${Prefix}${MemberRole}", "${Prefix}event_forward")]
    roles += ["arn:${AWS::Partition}:iam::*:role/" + name for name in (
        "OrganizationAccountAccessRole", "*AWSControlTower*", "AWSCloudFormationStackSet*",
        "stacksets-exec-*", "aws-reserved/*", "aws-service-role/*")]
    # Joins lists that may be empty to one text, and splits it again.
    more = [{"Fn::If": [condition, {"Fn::Join": ["", [",", {"Fn::Join": [",", {"Ref": name}]}]]}, ""]}
            for condition, name in (("HasOperators", "Operators"),
                                    ("HasSensitiveRoles", "SensitiveRoles"))]
    held = {"Fn::Split": [",", {"Fn::Join": ["", [sub(",".join(roles)), *more]]}]}
    return document({"Sid": "NeverTheirOwnRights", "Effect": "Deny", "Action": actions,
                     "Resource": held})


def boundary():
    return {"Fn::If": ["HasBoundary", sub(
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"), {"Ref": "AWS::NoValue"}]}


def role(name, about, trusted):
    return {"Type": "AWS::IAM::Role", "Condition": "MakesRoles", "Properties": {
        "RoleName": sub("${Prefix}" + name), "Description": sub(about), "AssumeRolePolicyDocument": trusted,
        "PermissionsBoundary": boundary()}}


def policy(of, name, held, condition="MakesRoles"):
    return {"Type": "AWS::IAM::Policy", "Condition": condition, "Properties": {
        "Roles": [{"Ref": of}], "PolicyName": name, "PolicyDocument": held}}


def imports():
    return document({"Effect": "Allow", "Action": "securityhub:BatchImportFindings", "Resource": sub(
        "arn:${AWS::Partition}:securityhub:*:${AWS::AccountId}:product/${AWS::AccountId}/default")})


def patterns():
    """Each with its condition. The long one of imported findings is left to main.tf."""
    of_hub = [one for one in read("security_hub_events.json") if "actionName" in one["detail"]]
    return [(one, {}) for one in read("events_to_watch.json")] + [
        (one, {"Condition": "SendsActions"}) for one in of_hub]


def roles():
    forwards = document({"Effect": "Allow", "Action": "events:PutEvents",
                         "Resource": sub("arn:${AWS::Partition}:events:*:${Master}:event-bus/${Prefix}remediator")})
    by_events = document({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                          "Action": "sts:AssumeRole", "Condition": {
                              "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}})
    return {
        "Member": role("${MemberRole}",
                       "Audits this account's resources for account ${Master}", trust()),
        "MemberRead": policy("Member", "read", permissions("permissions_read.json")),
        **{f"MemberWrite{camel(kind)}": policy("Member", f"write-{kind}", held,
                                               f"Writes{camel(kind)}")
           for kind, held in writes().items()},
        "MemberNever": policy("Member", "never", never(), "MakesWritePolicy"),
        "MemberSecurityHub": policy("Member", "security_hub", imports(), "SendsToSecurityHub"),
        "EventForward": role("event_forward", "Sends this account's events to account ${Master}",
                             by_events),
        "EventForwardPut": policy("EventForward", "event_forward", forwards),
    }


def rules():
    found, counts = {}, {}
    for pattern, condition in patterns():
        source = pattern["source"][0].removeprefix("aws.")
        counts[source] = counts.get(source, 0) + 1
        name = f"{source}-{counts[source]}"
        found["Rule" + camel(name)] = {
            "Type": "AWS::Events::Rule", **condition, "Properties": {
                "Name": sub("${Prefix}remediator-" + name), "EventPattern": pattern,
                "Description": "Calls that may leave a resource misconfigured",
                "Targets": [{
                    "Id": "master",
                    "Arn": sub("arn:${AWS::Partition}:events:${AWS::Region}:${Master}:event-bus/${Prefix}remediator"),
                    "RoleArn": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Prefix}event_forward"),
                    "DeadLetterConfig": {"Arn": arn_of("DeadLetter")}}]}}
    return found


def arn_of(name):
    return {"Fn::GetAtt": [name, "Arn"]}


def dead_letter():
    """As in dead_letter/main.tf."""
    tls_only = {"Sid": "TlsOnly", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sqs:*",
                "Resource": arn_of("DeadLetter"),
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    from_rules = {"Sid": "WhatRulesCannotDeliver", "Effect": "Allow",
                  "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                  "Resource": arn_of("DeadLetter"),
                  "Condition": {"ArnLike": {"aws:SourceArn": sub(
                      "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${Prefix}remediator-*")}}}
    return {
        "DeadLetter": {"Type": "AWS::SQS::Queue", "Properties": {
            "QueueName": sub("${Prefix}event_forward-dead-letter"),
            "MessageRetentionPeriod": 14 * 24 * 60 * 60, "SqsManagedSseEnabled": True}},
        "DeadLetterPolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [{"Ref": "DeadLetter"}], "PolicyDocument": document(tls_only, from_rules)}},
        "DeadLetters": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmName": sub("${Prefix}event_forward-dead-letters"),
            "AlarmDescription": sub(
                "Events of account ${AWS::AccountId} in ${AWS::Region} were not accepted by the master "
                "account's bus. They are in ${Prefix}event_forward-dead-letter."),
            "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["DeadLetter", "QueueName"]}}],
            "Statistic": "Maximum", "Period": 300, "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0,
            "TreatMissingData": "notBreaching", "AlarmActions": [sub(
                "arn:${AWS::Partition}:sns:${AWS::Region}:${Master}:${Prefix}remediator_event_translator_alarms")]}},
    }


def template():
    return {"AWSTemplateFormatVersion": "2010-09-09",
            "Description": "A member account: the role that audits it, the rules of its events",
            "Parameters": PARAMETERS, "Conditions": conditions(), "Resources": {**roles(), **rules(), **dead_letter()}}


LINE = 240


def text(value, depth=0):
    """Short values are written on one line: CreateStackSet accepts a body of 51,200 bytes. Source:
    CloudFormation User Guide, "Understand CloudFormation quotas"
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)."""
    line = json.dumps(value)
    if depth + len(line) <= LINE or not isinstance(value, (dict, list)):
        return line
    if isinstance(value, dict):
        held = [f"{json.dumps(name)}: {text(one, depth + 1)}" for name, one in value.items()]
    else:
        held = [text(one, depth + 1) for one in value]
    space = "\n" + " " * (depth + 1)
    return line[0] + space + ("," + space).join(held) + space[:-1] + line[-1]


if __name__ == "__main__":
    print(text(template()))
