"""engine doctor where signatures and IAM are enforced: a set-up to which nothing is missing, and one to
which much is."""
import json
import unittest

from support.cloud import MASTER, Cloud, Ministack
from support.permissions import allow, make_operator, make_role, permissions, set_role, without

ACCOUNT, EMPTY = "111122223333", "222233334444"
TYPES = ("sqs", "s3_bucket")
# This emulator asks whether the simulator may be used on "*", not on the role.
SIMULATE = allow(["iam:SimulatePrincipalPolicy"])


class Doctor(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(Ministack)

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def setUp(self):
        self.cloud.reset()
        make_role(self.cloud, ACCOUNT, self.grant(permissions(TYPES, "read")))
        self.keys = make_operator(self.cloud)
        self.cloud.client("sqs").create_queue(QueueName="later")
        self.queue = f"{self.cloud.proxy.url}/{MASTER}/later"
        self.operator_may("sqs:GetQueueAttributes")
        self.cloud.proxy.clear()

    @staticmethod
    def grant(document):
        both = json.loads(document)
        both["Statement"] += json.loads(SIMULATE)["Statement"]
        return json.dumps(both)

    def operator_may(self, action):
        self.cloud.client("iam").put_user_policy(UserName="operator", PolicyName="look",
                                                 PolicyDocument=allow([action]))

    def doctor(self, *args, **more):
        return self.cloud.engine("doctor", "--types", ",".join(TYPES), *args,
                                 **{**self.keys, **more})

    def of(self, run, probe, status=None):
        return [one for one in run.lines
                if one["probe"] == probe and status in (None, one["status"])]

    def test_nothing_is_missing(self):
        run = self.doctor("--accounts", ACCOUNT, "--regions", "us-east-1,eu-west-1",
                          SQS_QUEUE=self.queue)
        self.assertEqual((run.status, {one["status"] for one in run.lines}), (0, {"ok"}), run)
        self.assertEqual({one["probe"] for one in run.lines},
                         {"models", "policies", "credentials", "caller", "clock", "endpoints",
                          "queue", "role", "regions", "reads", "listing"}, run)
        asked = {one.operation for one in self.cloud.proxy.requests}
        self.assertEqual(asked,
                         {":GET /", "sts:GetCallerIdentity", "sts:AssumeRole", "sqs:GetQueueAttributes",
                          "ec2:DescribeRegions", "iam:SimulatePrincipalPolicy", "sqs:ListQueues",
                          "s3:ListBuckets"}, run)
        said = self.doctor("--accounts", ACCOUNT, "--format", "table").out
        self.assertIn(f"\naccount {ACCOUNT}\n", said)
        self.assertRegex(said, r"\n\d+ ok\n$")

    def test_much_is_missing(self):
        less = without(without(permissions(TYPES, "read"), "sqs:GetQueueAttributes"),
                       "ec2:DescribeRegions")
        set_role(self.cloud, ACCOUNT, self.grant(less))
        run = self.doctor("--accounts", f"{ACCOUNT},{EMPTY}", SQS_QUEUE=self.queue + "-gone",
                          AWS_ENDPOINT_URL_S3="http://s3.invalid")
        self.assertEqual(run.status, 1, run)
        [reads] = self.of(run, "reads", "missing")
        self.assertEqual((reads["account"], reads["actions"], reads["types"]),
                         (ACCOUNT, ["sqs:GetQueueAttributes"], ["sqs"]), run)
        [role] = self.of(run, "role", "failed")
        self.assertEqual(role["account"], EMPTY, run)
        self.assertIn("member_remediator", role["fix"])
        [region] = self.of(run, "regions")
        self.assertEqual(region["status"], "not_checked", run)
        self.assertIn("allow ec2:DescribeRegions to", region["fix"])
        [endpoint] = self.of(run, "endpoints", "failed")
        self.assertIn("could not resolve s3.invalid", endpoint["message"])
        self.assertEqual([one["types"] for one in self.of(run, "listing", "not_checked")],
                         [["s3_bucket"]], run)
        [queue] = self.of(run, "queue")
        self.assertEqual((queue["status"], queue["variable"]), ("failed", "SQS_QUEUE"), run)

    def test_the_caller_itself(self):
        """Without a role: what the operator lacks, as the simulator says and as AWS does."""
        self.operator_may("iam:SimulatePrincipalPolicy")
        run = self.doctor("--no-assume-role")
        [reads] = self.of(run, "reads", "missing")
        self.assertIn("sqs:ListQueues", reads["actions"])
        self.assertIn(":user/operator", reads["fix"])
        self.assertFalse(self.of(run, "listing", "missing"), run)
        self.operator_may("sqs:SendMessage")
        run = self.doctor("--no-assume-role")
        self.assertEqual([one["status"] for one in self.of(run, "reads")], ["not_checked"], run)
        refused = [action for one in self.of(run, "listing", "missing") for action in one["actions"]]
        self.assertEqual(sorted(refused), ["s3:ListAllMyBuckets", "sqs:ListQueues"], run)


if __name__ == "__main__":
    unittest.main()
