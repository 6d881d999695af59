"""Roles that trust shared token issuers, with an IAM that refuses what AWS's IAM refuses: no repair
makes a call that would be refused, and none promises an undo that would be refused."""
import json
import subprocess
import tempfile
import unittest

from support.engine import ENGINE, environment
from support.fake_iam import ACCOUNT, FakeIam, refusal

GITHUB = "token.actions.githubusercontent.com"
PUBLIC = "iam_role.public_trust"
OPEN = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
OWN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}

iam = None


def setUpModule():
    global iam
    iam = FakeIam()


def tearDownModule():
    iam.close()


def web(issuer, **condition):
    provider = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}
    return {"Effect": "Allow", "Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity",
            **({"Condition": condition} if condition else {})}


AUD = web(GITHUB, StringEquals={GITHUB + ":aud": "sts.amazonaws.com"})
NARROW = web(GITHUB, StringLike={GITHUB + ":sub": "repo:octo/app:*"})
BRANCH = web(GITHUB, StringEquals={GITHUB + ":sub": "ref:refs/heads/main"})
BY_ID = web(GITHUB, StringEquals={GITHUB + ":repository_id": "1234"})


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


class Issuers(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        iam.roles.clear()
        iam.refused.clear()

    def engine(self, *args):
        line = json.dumps({"account": ACCOUNT, "region": "us-east-1", "type": "iam_role", "id": "app"})
        run = subprocess.run(
            [ENGINE, *args], input=line + "\n", capture_output=True, text=True, cwd=self.folder, timeout=120,
            check=False, env=environment(self.folder, iam.url, MEMBER_ROLE="none", VERIFY_SECONDS="2",
                                         KNOWN_ACCOUNTS=ACCOUNT))
        found = [json.loads(text) for text in run.stdout.splitlines() if text.startswith("{")]
        return run, {one["check"]: one for one in found if "check" in one}

    def remediate(self, *statements, hold="false"):
        iam.roles["app"] = document(*statements)
        run, found = self.engine("remediate", "--remediate", "--journal", "journal", "--hold-irreversible=" + hold,
                                 "--format", "jsonl", "--all")
        self.assertEqual(iam.refused, [], run)
        return found[PUBLIC]

    def undo(self):
        run, _ = self.engine("undo", "journal")
        return run

    def test_the_server_refuses_as_iam_does(self):
        for taken in (NARROW, BRANCH, OWN, web("oidc.example.com"),
                      web(GITHUB, StringLike={GITHUB + ":sub": "repo:*"})):
            self.assertIsNone(refusal(document(OPEN, taken)), taken)
        for not_taken in (AUD, BY_ID, web(GITHUB), web(GITHUB, StringLike={GITHUB + ":sub": "*"}),
                          web("gitlab.com"), web("api.pulumi.com/oidc")):
            self.assertIn("which is not scoped to all.", refusal(document(OWN, not_taken)), not_taken)

    def test_irreversible_repairs_are_reported(self):
        for former in (web(GITHUB), AUD, web("gitlab.com"), web("app.terraform.io"),
                       web("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d")):
            found = self.remediate(OWN, former)
            self.assertEqual(found["remediation"], "fixed", found)
            self.assertIn("cannot be stored again", found["steps"][0]["irreversible"])
            self.assertEqual(iam.roles["app"], document(OWN))
            self.assertNotIn(former, iam.roles["app"]["Statement"])
            self.undo()
            self.assertEqual((iam.roles["app"], iam.refused), (document(OWN), []))

    def test_irreversible_repairs_are_held_by_default(self):
        found = self.remediate(OWN, AUD, hold="true")
        self.assertEqual(found["remediation"], "held", found)
        self.assertEqual(iam.roles["app"], document(OWN, AUD))

    def test_reversible_repairs_are_undone(self):
        found = self.remediate(OWN, NARROW, BRANCH, OPEN, hold="true")
        self.assertEqual(found["remediation"], "fixed", found)
        self.assertEqual(iam.roles["app"], document(OWN, NARROW))
        self.assertEqual(self.undo().returncode, 0)
        self.assertEqual(iam.roles["app"], document(OWN, NARROW, BRANCH, OPEN))

    def test_both_statements_are_removed(self):
        """If the second statement remained, IAM would refuse the remaining policy, and the role
        would stay open to anyone."""
        found = self.remediate(OPEN, AUD)
        self.assertEqual(found["remediation"], "fixed", found)
        [left] = iam.roles["app"]["Statement"]
        self.assertEqual((left["Effect"], left["Principal"]), ("Deny", {"AWS": "*"}))
        found = self.remediate(OPEN, AUD, OWN)
        self.assertEqual((found["remediation"], iam.roles["app"]), ("fixed", document(OWN)))

    def test_a_remaining_policy_that_iam_refuses_holds_the_repair(self):
        found = self.remediate(OPEN, BY_ID)
        self.assertEqual(found["remediation"], "held", found)
        self.assertIn(f"condition on {GITHUB}:sub or {GITHUB}:job_workflow_ref", found["held"])
        self.assertEqual(iam.roles["app"], document(OPEN, BY_ID))


if __name__ == "__main__":
    unittest.main()
