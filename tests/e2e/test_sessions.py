"""How often accounts are entered: the types that a run audits share sessions, whose policies have
only what these types declare."""
import collections
import json
import pathlib
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, environment
from support.fake_estate import FakeEstate
from support.runtime_api import Function

ACCOUNTS = [f"{number}1111111111{number}" for number in range(1, 6)]
REGIONS = "us-east-1,eu-west-1,ap-east-1"
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def actions_of(policy):
    [statement] = json.loads(policy)["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*"), policy
    return statement["Action"]


class Sessions(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.aws = FakeEstate()
        self.addCleanup(self.aws.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def engine(self, *words):
        names = environment(self.folder, self.aws.url, MASTER_REGION="us-east-1",
                            ACCOUNTS=",".join(ACCOUNTS))
        run = subprocess.run([ENGINE, *words], env=names, capture_output=True, text=True,
                             timeout=120, check=False)
        self.assertEqual(run.returncode, 1, run.stderr + run.stdout)  # nothing can be read
        return run

    def declared(self, *words):
        run = subprocess.run([ENGINE, "generate", "permissions", "--access", "read", *words],
                             env=environment(self.folder, self.aws.url), capture_output=True,
                             text=True, timeout=60, check=True)
        return {action for one in json.loads(run.stdout)["Statement"] for action in one["Action"]
                if not action.startswith("organizations:")}

    def entries(self):
        """How often each account was entered."""
        return collections.Counter(account for account, _ in self.aws.entered)

    def check_policies(self, expected):
        """Together they have what the types declare; none has a wildcard, or what it does not need
        for the calls that were made with it."""
        got = set()
        for account, policy in self.aws.entered:
            actions = actions_of(policy)
            self.assertLessEqual(len(policy), 2048)
            self.assertEqual(len(set(actions)), len(actions), policy)
            self.assertFalse([one for one in actions if "*" in one or "?" in one])
            got.update(actions)
            prefixes = {one.partition(":")[0] for one in actions}
            self.assertLessEqual(self.aws.calls[account, policy], prefixes)
        self.assertEqual(got, expected)

    def test_two_sessions_an_account(self):
        self.engine("scan", "--regions", REGIONS)
        self.assertEqual(self.entries(), dict.fromkeys(ACCOUNTS, 2))
        self.assertEqual(len({policy for _, policy in self.aws.entered}), 2)
        self.check_policies(self.declared() - {"ec2:DescribeRegions",
                                               "iam:SimulatePrincipalPolicy"})

    def test_listing_the_regions_needs_no_other_session(self):
        self.engine("scan", "--regions", "all")
        self.assertEqual(self.entries(), dict.fromkeys(ACCOUNTS, 2))
        self.check_policies(self.declared() - {"iam:SimulatePrincipalPolicy"})

    def test_only_what_is_audited(self):
        self.engine("scan", "--regions", REGIONS, "--types", "sqs,security_group")
        self.assertEqual(self.entries(), dict.fromkeys(ACCOUNTS, 1))
        [policy] = {policy for _, policy in self.aws.entered}
        self.assertEqual({one.partition(":")[0] for one in actions_of(policy)}, {"sqs", "ec2"})

    def test_only_the_types_of_the_checks(self):
        self.engine("scan", "--regions", REGIONS, "--checks", "sqs.public")
        [policy] = {policy for _, policy in self.aws.entered}
        self.assertEqual({one.partition(":")[0] for one in actions_of(policy)}, {"sqs"})

    def test_sts_refuses_what_is_too_large_when_packed(self):
        """The results are those of larger sessions, and one line says why there are more."""
        whole = self.engine("scan", "--regions", REGIONS, "--format", "jsonl")
        self.aws.entered.clear()
        self.aws.largest = 600
        parts = self.engine("scan", "--regions", REGIONS, "--format", "jsonl")
        self.assertEqual(self.findings(parts), self.findings(whole))
        self.assertEqual(parts.stderr.count("PackedPolicyTooLarge"), 1, parts.stderr)
        self.assertEqual(set(self.entries()), set(ACCOUNTS))
        for count in self.entries().values():
            self.assertIn(count, range(4, 10))
        self.check_policies(self.declared() - {"ec2:DescribeRegions",
                                               "iam:SimulatePrincipalPolicy"})
        # Requests that were sent before the first refusal may be refused as well, later ones not.
        self.assertLessEqual(len(self.aws.refused), 2 * 2 * len(ACCOUNTS))

    def findings(self, run):
        lines = [json.loads(one) for one in run.stdout.splitlines()]
        for one in lines:
            one.pop("time", None)
        return lines

    def test_a_type_that_is_refused_alone_is_unknown(self):
        self.aws.largest = 100
        run = self.engine("scan", "--regions", "us-east-1", "--types", "sqs", "--format", "jsonl")
        self.assertEqual(self.aws.entered, [])
        self.assertEqual({one["status"] for one in self.findings(run)}, {"unknown"})
        self.assertIn("declare fewer permissions", run.stdout)

    def test_one_process_of_lambda(self):
        """The sessions remain for the next invocation."""
        names = environment(self.folder, self.aws.url, MASTER_REGION="us-east-1", REGIONS=REGIONS,
                            ACCOUNTS=",".join(ACCOUNTS), POLLER_SQS=f"{self.aws.url}/1/work",
                            AWS_MAX_ATTEMPTS="1")
        function = Function([ENGINE], "poller", names, str(self.folder / "lambda.log"))
        self.addCleanup(function.close)
        for _ in range(2):
            function.invoke(SCHEDULED, 60)
        self.assertEqual(function.starts, 1)
        self.assertEqual(self.entries(), dict.fromkeys(ACCOUNTS, 2))
        self.assertTrue(self.aws.messages)

    def test_doctor(self):
        """Its own reads, which no policy declares, have a session of their own."""
        self.engine("doctor", "--regions", REGIONS)
        self.assertEqual(self.entries(), dict.fromkeys(ACCOUNTS, 3))


if __name__ == "__main__":
    unittest.main()
