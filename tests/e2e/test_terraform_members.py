"""Members, set up in an emulator as docs/deployment.md describes, by Terraform and by
CloudFormation: applied, planned again without a change, changed while a region is removed, and
destroyed. This does not need the deployment of the master account: see test_terraform.py."""
import json
import unittest

from support.accounts import Accounts
from support.cloud import MASTER, ROOT, Cloud
from support.deployment import PATTERNS, REGIONS, UNCHANGED, deployment

MEMBER, OTHER, STACK = "111122223333", "222233334444", "444455556666"
TEMPLATE = ROOT / "member_account_setup" / "stackset.template.json"


class Members(Accounts, unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()
        cls.addClassCleanup(cls.cloud.close)
        cls.master = deployment(cls.cloud.emulator, MEMBER, OTHER)
        cls.addClassCleanup(cls.master.close)

    def member(self, account, *args, **more):
        """By member.sh, in one region."""
        return self.master.member(account, *args, credentials=self.keys(account), **{
            "TF_VAR_master": MASTER, "TF_VAR_regions": json.dumps(REGIONS), **more})

    def test_members_are_set_up_and_removed(self):
        text = self.master.tracked()
        said = self.master.member(MEMBER, credentials=self.keys(OTHER), status=1,
                                  TF_VAR_master=MASTER)
        self.assertIn(f"credentials of {OTHER}, not of {MEMBER}", said)
        self.member(MEMBER)
        self.assertEqual(self.member_policies(MEMBER), {"read"})
        for region in REGIONS:
            self.assertEqual(self.forwarded(region, MEMBER), PATTERNS)
            rules = self.dead_letters(region, MEMBER)
            self.assertEqual(len(rules), len(PATTERNS))
            self.assertEqual(sorted(self.senders(region, "event_forward-dead-letter", MEMBER)),
                             rules)
            [alarm] = self.client("cloudwatch", region, MEMBER).describe_alarms()["MetricAlarms"]
            self.assertEqual((alarm["AlarmName"], alarm["AlarmActions"]), (
                "event_forward-dead-letters",
                [f"arn:aws:sns:{region}:{MASTER}:remediator_event_translator_alarms"]))
        self.member(MEMBER, "plan", UNCHANGED)
        self.fails_half_way(OTHER)
        # A region is removed together with another change.
        more = {"TF_VAR_remediate": "true", "TF_VAR_regions": '["us-east-1"]'}
        self.member(MEMBER, **more)
        self.member(MEMBER, "plan", UNCHANGED, **more)
        self.assertEqual(self.member_policies(MEMBER), {"read", "write"})
        self.assertEqual(self.left(MEMBER, ["us-west-2"]), {})
        by_terraform = self.roles(MEMBER)
        self.by_cloudformation()
        self.assertEqual(self.roles(STACK), by_terraform)
        said = self.member(STACK, "plan", status=1)
        self.assertIn("role member_remediator already exists in us-east-1", said)
        self.member(MEMBER, "destroy", **more)
        self.assertEqual(self.left(MEMBER), {})
        self.assertEqual(self.master.tracked(), text, "the checkout changed")

    def fails_half_way(self, account):
        """What was created up to a failure is destroyed, with the state in a bucket of that
        account."""
        self.client("s3", account=account).create_bucket(Bucket="states-of-another")
        backend = self.master.checkout / "other.tfbackend"
        backend.write_text('bucket = "states-of-another"\nregion = "us-east-1"\n'
                           'use_path_style = true\n')
        self.cloud.proxy.refuse("events:PutTargets", code="AccessDenied", skip=3)
        self.member(account, "--backend", str(backend), status=1,
                    AWS_ENDPOINT_URL=self.cloud.proxy.url)
        self.cloud.proxy.clear()
        self.assertEqual(self.member_policies(account), {"read"})
        self.member(account, "--backend", str(backend), "destroy")
        self.assertEqual(self.left(account), {})
        self.assertEqual(self.member_policies(MEMBER), {"read"})

    def by_cloudformation(self):
        template = TEMPLATE.read_text()
        given = {"Master": MASTER, "ExternalId": "acme-1", "Remediate": "true"}
        for region in REGIONS:
            self.client("cloudformation", region, STACK).create_stack(
                StackName="member", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"],
                Parameters=[{"ParameterKey": name, "ParameterValue": value}
                            for name, value in given.items()])
            self.assertEqual(self.forwarded(region, STACK), PATTERNS)
            # moto does not create its policy and its alarm; test_terraform_text.py asserts them
            # from the text.
            self.assertEqual(len(self.dead_letters(region, STACK)), len(PATTERNS))


if __name__ == "__main__":
    unittest.main()
