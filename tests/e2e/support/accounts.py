"""What exists in the accounts of an emulator: what is deployed, and what remains of it. A class
that derives from Accounts has an emulator as `cloud`."""
import json

import boto3

from support.cloud import MASTER
from support.deployment import PREFIX, REGIONS


def without_none(value):
    """CloudFormation removes AWS::NoValue from a list (its User Guide, "Pseudo parameters"); moto
    leaves null in its place."""
    if isinstance(value, list):
        return [without_none(one) for one in value if one is not None]
    if isinstance(value, dict):
        return {name: without_none(one) for name, one in value.items()}
    return value


class Accounts:
    def keys(self, account):
        """A client with credentials of that account."""
        role = boto3.client("sts", endpoint_url=self.cloud.emulator.url, region_name="us-east-1",
                            aws_access_key_id="test", aws_secret_access_key="test").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/administrator", RoleSessionName="test")
        got = role["Credentials"]
        return {"aws_access_key_id": got["AccessKeyId"],
                "aws_secret_access_key": got["SecretAccessKey"],
                "aws_session_token": got["SessionToken"]}

    def client(self, service, region="us-east-1", account=MASTER):
        return boto3.client(service, endpoint_url=self.cloud.emulator.url, region_name=region,
                            **(self.keys(account) if account != MASTER else {
                                "aws_access_key_id": "test", "aws_secret_access_key": "test"}))

    def keys_in(self, region):
        """The versions of the objects in the bucket."""
        listed = self.client("s3", region).list_objects_v2(Bucket=f"{PREFIX}-{region}")
        return {one["Key"] for one in listed.get("Contents", [])}

    def heard(self, region):
        """Whose events the bus accepts."""
        bus = self.client("events", region).describe_event_bus(Name="remediator")
        return [one["Condition"]["StringEquals"] for one in json.loads(bus["Policy"])["Statement"]]

    def live(self, name):
        """The version that is invoked."""
        client = self.client("lambda")
        version = client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        return client.get_function_configuration(FunctionName=name, Qualifier=version)

    def working(self):
        """Whether the queues and the schedule invoke functions of the deployment without a
        prefix."""
        client = self.client("lambda")
        states = {one["State"] == "Enabled"
                  for one in client.list_event_source_mappings()["EventSourceMappings"]
                  if one["EventSourceArn"].split(":")[-1].startswith("remediator-")}
        states.add(self.client("events").describe_rule(Name="poller")["State"] == "ENABLED")
        [state] = states
        return state

    def member_policies(self, account):
        return set(self.client("iam", account=account).list_role_policies(
            RoleName="member_remediator")["PolicyNames"])

    def forwarded(self, region, account):
        """The patterns whose events go to the master account's bus in that region, by source."""
        events = self.client("events", region, account)
        found = []
        for rule in events.list_rules()["Rules"]:
            if not rule["Name"].startswith("remediator-"):
                continue
            [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            self.assertEqual(target["Arn"],
                             f"arn:aws:events:{region}:{MASTER}:event-bus/remediator")
            self.assertEqual(target["RoleArn"], f"arn:aws:iam::{account}:role/event_forward")
            found.append(json.loads(rule["EventPattern"]))
        return sorted(found, key=lambda one: one["source"])

    def senders(self, region, name, account=MASTER):
        """The rules that may send to the queue."""
        sqs = self.client("sqs", region, account)
        held = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"],
                                        AttributeNames=["Policy"])["Attributes"]
        [allow] = [one for one in json.loads(held["Policy"])["Statement"]
                   if one["Effect"] == "Allow"]
        self.assertEqual(allow["Principal"], {"Service": "events.amazonaws.com"})
        [condition] = allow["Condition"].values()
        arns = condition["aws:SourceArn"]
        return arns if isinstance(arns, list) else [arns]

    def dead_letters(self, region, account):
        """The rules, each of which has a queue for events that it cannot send."""
        events = self.client("events", region, account)
        rules = [rule for rule in events.list_rules()["Rules"]
                 if rule["Name"].startswith("remediator-")]
        for rule in rules:
            [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            self.assertEqual(target["DeadLetterConfig"]["Arn"],
                             f"arn:aws:sqs:{region}:{account}:event_forward-dead-letter")
        return sorted(rule["Arn"] for rule in rules)

    def roles(self, account):
        """The properties that must be the same with CloudFormation and Terraform."""
        iam = self.client("iam", account=account)
        found = {}
        for name in ("member_remediator", "event_forward"):
            role = iam.get_role(RoleName=name)["Role"]
            policies = [iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
                        for one in iam.list_role_policies(RoleName=name)["PolicyNames"]]
            statements = [one for held in policies for one in held["Statement"]]
            found[name] = {"trust": role["AssumeRolePolicyDocument"], "statements": statements,
                           "description": role["Description"]}
        found = without_none(json.loads(json.dumps(found).replace(account, "OWN")))
        for one in found.values():  # however many policies they are divided among
            one["statements"].sort(key=lambda statement: json.dumps(statement, sort_keys=True))
        return found

    def left(self, account, regions=()):
        """What still exists of a deployment: in those regions, or anywhere."""
        found = {} if regions else {
            "roles": self.client("iam", account=account).list_roles()["Roles"]}
        for region in regions or REGIONS:
            def ask(service, operation, answer, **more):
                client = self.client(service, region, account)
                found[f"{region} {service} {operation}"] = getattr(client, operation)(
                    **more).get(answer, [])
            ask("sqs", "list_queues", "QueueUrls")
            ask("sns", "list_topics", "Topics")
            ask("lambda", "list_functions", "Functions")
            ask("lambda", "list_layers", "Layers")
            ask("lambda", "list_event_source_mappings", "EventSourceMappings")
            ask("events", "list_rules", "Rules")
            ask("logs", "describe_log_groups", "logGroups")
            ask("cloudwatch", "describe_alarms", "MetricAlarms")
            ask("dynamodb", "list_tables", "TableNames")
            ask("kms", "list_aliases", "Aliases")
            buses = self.client("events", region, account).list_event_buses()["EventBuses"]
            found[f"{region} buses"] = [bus for bus in buses if bus["Name"] != "default"]
            kms = self.client("kms", region, account)
            aliases = f"{region} kms list_aliases"
            # AWS's own keys are created when somebody requests them, and remain.
            own = {one.get("TargetKeyId") for one in found[aliases]
                   if one["AliasName"].startswith("alias/aws/")}
            found[f"{region} keys"] = [
                key for key in kms.list_keys()["Keys"] if key["KeyId"] not in own and
                kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] !=
                "PendingDeletion"]
            found[aliases] = [one for one in found[aliases]
                              if not one["AliasName"].startswith("alias/aws/")]
        return {what: held for what, held in found.items() if held}
