"""engine check finds one mistyped name in a shipped policy without running it, and names file and
line."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, ROOT

POLICIES = ROOT / "policies"

# file, text that occurs there once, its mistyped form, and the expected message.
MISTYPED = [
    # calls: names of operations, services and methods; calls that are not declared, and
    # declarations that are not used
    ("sqs", 'sqs:try("GetQueueAttributes"', 'sqs:try("GetQueueAttribute"',
     'did you mean "GetQueueAttributes"?'),
    ("sqs", 'aws.sqs:pages("ListQueues"', 'aws.sqs:pages("ListQueue"', 'did you mean "ListQueues"?'),
    ("sqs", 'aws.sqs:pages("ListQueues"', 'aws.sns:pages("ListQueues"', "sns:ListQueues"),
    ("sqs", 'aws.sqs:pages("ListQueues"', 'aws.sqs:page("ListQueues"', 'aws.sqs has no "page"'),
    ("sqs", '"sqs:ListQueues"', '"sqs:ListQueueTag"', 'did you mean "ListQueueTags"?'),
    ("sqs", '"sqs:ListQueues",', "", "sqs:ListQueues is not declared in permissions.read"),
    ("sqs", '"sqs:ListQueues",', '"sqs:ListQueues", "sqs:ListDeadLetterSourceQueues",',
     "sqs:ListDeadLetterSourceQueues is declared and never called"),
    ("kms_key", 'kms:pages("ListKeys"', 'kms:pages("ListKeyPolicie"', "ListKeyPolicie"),
    ("iam_role", 'try("GetRole"', 'try("GetRoles"', 'did you mean "GetRole"?'),
    ("s3_bucket", "in_region(region or scope.region).s3", "in_region(region or scope.region).s4",
     'there is no service "s4"'),
    ("s3_bucket", "scope.aws:in_region(region", "scope.aws:in_regions(region", 'aws has no "in_regions"'),
    ("rds", 'try("DescribeDBInstances"', 'try("DescribeDBInstance"', 'did you mean "DescribeDBInstances"?'),
    # parameters of literal tables
    ("sqs", "MaxResults = 1000", "MaxResult = 1000", 'did you mean "MaxResults"?'),
    ("s3_bucket", "{ Bucket = bucket.id, Expected", "{ Buckt = bucket.id, Expected",
     'did you mean "Bucket"?'),
    ("s3_bucket", "local wanted = { Bucket = bucket.Name }\n  local reply, code",
     "local wanted = { Bukcet = bucket.Name }\n  local reply, code", 'did you mean "Bucket"?'),
    ("ec2", "{ InstanceId = id, Attribute = attribute }", "{ InstanceIds = id, Attribute = attribute }",
     'did you mean "InstanceId"?'),
    ("sqs", 'AttributeNames = { "Policy"', 'AttributeNames = { "Polcy"', 'did you mean "Policy"?'),
    # error codes that `try` accepts
    ("sqs", '"QueueDoesNotExist"', '"QueueDoesntExist"', 'has the code "QueueDoesntExist"'),
    ("s3_bucket", '"GetBucketLocation", wanted, "AccessDenied", "NoSuchBucket"',
     '"GetBucketLocation", wanted, "AccessDenied", "NoSuchBukcet"', 'did you mean "NoSuchBucket"?'),
    ("s3_bucket", '"NoSuchPublicAccessBlockConfiguration"', '"NoSuchPublicAccesBlockConfiguration"',
     'did you mean "NoSuchPublicAccessBlockConfiguration"?'),
    ("security_group", '"InvalidGroup.NotFound"', '"InvalidGruop.NotFound"',
     'did you mean "InvalidGroup.NotFound"?'),
    ("sqs", '"QueueDoesNotExist"', '"AccessDenied"', "try: AccessDenied says nothing about the resource"),
    # steps and their inverses
    ("sqs", 'call = "sqs:SetQueueAttributes"', 'call = "sqs:SetQueueAttribute"',
     'did you mean "SetQueueAttributes"?'),
    ("sqs", 'call = "sqs:SetQueueAttributes"', 'call = "sqs:ListQueues"',
     "sqs:ListQueues is not declared in permissions.write"),
    ("sqs", 'call = "sqs:SetQueueAttributes"', 'cal = "sqs:SetQueueAttributes"',
     'a step has no "cal", did you mean "call"?'),
    ("s3_bucket", 'call = "s3:PutBucketPolicy", with', 'call = "s3:PutBucketPolicy", wiht',
     'a step has no "wiht", did you mean "with"?'),
    ("s3_bucket", "Bucket = bucket.id, Policy = text", "Bucket = bucket.id, Polciy = text",
     'did you mean "Policy"?'),
    ("sqs", "Attributes = { Policy = ", "Attributes = { Polcy = ", 'did you mean "Policy"?'),
    ("rds", '"rds:StopDBCluster"', '"rds:StopDBClusters"', 'did you mean "rds:StopDBCluster"?'),
    ("ecs_task", 'irreversible = "a stopped task cannot be started again",', "",
     "a step must have undo, or say why it is irreversible"),
    ("sqs", "{ policy = documents.keep(text)", "{ polciy = documents.keep(text)", 'did you mean "policy"?'),
    # members of responses
    ("sqs", "page.QueueUrls", "page.QueueUrl", 'did you mean "QueueUrls"?'),
    ("s3_bucket", "reply.TagSet", "reply.TagSets", 'did you mean "TagSet"?'),
    ("s3_bucket", "OwnershipControls.Rules", "OwnershipControls.Rule", 'did you mean "Rules"?'),
    ("s3_bucket", "reply.LocationConstraint", "reply.LocationConstrain", 'did you mean "LocationConstraint"?'),
    # events
    ("sqs", '"sqs:CreateQueue"', '"sqs:CreateQueues"', 'did you mean "CreateQueue"?'),
    ("sqs", '"sqs:CreateQueue"', '"sqss:CreateQueue"', "events.sqss:CreateQueue"),
    ("sqs", '"responseElements.queueUrl"', '"responseElement.queueUrl"', 'did you mean "responseElements"?'),
    ("sqs", '"responseElements.queueUrl"', '"responseElements.queueUlr"', 'did you mean "QueueUrl"?'),
    ("sqs", '"responseElements.queueUrl"', '"responseElements.QueueUrl"', 'CloudTrail usually writes "queueUrl"'),
    ("lambda_function", "lambda:CreateFunction20150331", "lambda:CreateFunctions20150331",
     'did you mean "CreateFunction"?'),
    ("s3_bucket", '"s3:PutBucketPublicAccessBlock"', '"s3:PutBucketPublicAcessBlock"',
     "events.s3:PutBucketPublicAcessBlock"),
    # properties of resources and scopes, settings, the state, modules, variables
    ("s3_bucket", "scope.settings.only_use_test_resources", "scope.settings.only_use_test_resource",
     'did you mean "only_use_test_resources"?'),
    ("s3_bucket", "arn.partition(bucket.region)", "arn.partitions(bucket.region)", 'lib.arn has no "partitions"'),
    ("sqs", "scope:found(", "scope:find(", 'resources and scopes have no "find"'),
    ("sqs", "{ test = test_resources", "{ tst = test_resources", 'found has no option "tst"'),
    ("sqs", "documents.keep(", "document.keep(", 'there is no variable "document"'),
    ("rds_snapshot", "table.unpack(kind.gone)", "table.unpak(kind.gone)", 'table has no "unpak"'),
    # the resources of actions
    ("sqs", "{ on = QUEUES }", "{ no = QUEUES }", 'did you mean "on"?'),
    ("iam_role", 'ROLES = "arn:${partition}:iam::', 'ROLES = "arn:aws:iam::', "not a pattern of an ARN"),
    ("kms_key", 'KEYS = "arn:${partition}:kms:${region}', 'KEYS = "arn:${partition}:kms:${regoin}',
     '"${regoin}" is not one of ${partition}, ${region}, ${account}'),
    # fields of the policy
    ("sqs", "severity =", "sevrity =", 'did you mean "severity"?'),
    ("sqs", "permissions =", "permission =", 'did you mean "permissions"?'),
]


class Check(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "lib").symlink_to(POLICIES / "lib")

    def check(self, *paths):
        result = subprocess.run([ENGINE, "check", *map(str, paths)], capture_output=True, text=True,
                                check=False, env={**os.environ, "ENGINE_POLICIES": str(POLICIES)})
        return result.returncode, result.stdout, result.stderr

    def test_the_shipped_policies_have_no_errors(self):
        status, out, err = self.check()
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f"{len(list(POLICIES.glob('*.lua')))} policies", out)

    def test_each_mistyped_name_is_found(self):
        for name, good, bad, said in MISTYPED:
            with self.subTest(policy=name, bad=bad):
                text = (POLICIES / f"{name}.lua").read_text()
                self.assertIn(good, text)
                path = self.folder / f"{name}.lua"
                path.write_text(text.replace(good, bad, 1))
                _, _, err = self.check(path)
                self.assertIn(said, err)
                self.assertRegex(err, re.escape(f"{name}.lua:") + r"\d+: ")

    def test_all_wrong_fields_are_reported(self):
        text = (POLICIES / "sqs.lua").read_text()
        for good, bad in (('severity = "critical"', 'severity = "criticl"'), ("title =", "titel ="),
                          ('"sqs:ListQueues"', '"sqs:ListQueue"'), ("fetch =", "fetch = 7, x ="),
                          ('"sqs:CreateQueue"', '"CreateQueue"')):
            self.assertIn(good, text)
            text = text.replace(good, bad, 1)
        path = self.folder / "sqs.lua"
        path.write_text(text)
        status, _, err = self.check(path)
        self.assertEqual(status, 1)
        lines = [(int(line), rest) for line, rest in
                 re.findall(r"^engine: error: .*sqs\.lua:(\d+): (.*)$", err, re.M)]
        self.assertEqual(lines, sorted(lines))
        for said in ("titel: no such field", "x: no such field", "fetch: must be a function",
                     "severity:", "has no operation", "must be named source:EventName"):
            self.assertEqual(sum(said in rest for _, rest in lines), 1, (said, err))
        self.assertEqual(len(lines), 6, err)

    def test_an_error_is_status_1_and_a_warning_is_not(self):
        text = (POLICIES / "sqs.lua").read_text()
        path = self.folder / "sqs.lua"
        path.write_text(text.replace("page.QueueUrls", "page.QueueUrl", 1))
        status, out, err = self.check(path)
        self.assertEqual(status, 1)
        self.assertIn("engine: error: ", err)
        self.assertTrue(out.startswith("bad sqs"), out)
        path.write_text(text.replace('"sqs:CreateQueue"', '"sqs:CreateQueues"', 1))
        self.assertEqual(self.check(path)[0], 1)
        for code, level, expected in (("QueueDoesntExist", "error", 1), ("QueueIsGone", "warning", 0)):
            path.write_text(text.replace('"QueueDoesNotExist"', f'"{code}"'))
            status, _, err = self.check(path)
            self.assertEqual(status, expected)
            self.assertIn(f"engine: {level}: ", err)


if __name__ == "__main__":
    unittest.main()
