"""Keys: found, closed, opened again; the account never loses its key."""
import json
import unittest

from support import estate
from support.cleaning import Cleaning
from support.cloud import ROLE
from support.kind import STRANGER, KindCase

PUBLIC, SHARED = "kms_key.public", "kms_key.shared"


class Keys(Cleaning, KindCase):
    type = "kms_key"
    region = "eu-west-1"

    def root(self):
        return estate.statement("root", {"AWS": f"arn:aws:iam::{self.account}:root"}, "kms:*", "*")

    def key(self, *statements, region=None, **more):
        made = self.aws("kms", region).create_key(Policy=estate.text_of(*statements), **more)
        return made["KeyMetadata"]["KeyId"]

    def statements_of(self, id_, region=None):
        got = self.aws("kms", region).get_key_policy(KeyId=id_, PolicyName="default")
        return json.loads(got["Policy"])["Statement"]

    def test_life(self):
        [bad] = self.make()
        before = self.statements_of(bad)
        good = self.key(self.root())
        self.life(bad={bad: {PUBLIC: "fixed", SHARED: "none"}}, good=[good])
        self.assertEqual(self.statements_of(bad), before)

    def test_the_account_keeps_its_key(self):
        id_ = self.key(estate.statement("all", "*", "kms:*", "*"))
        found = self.remediate(id_)
        self.assertEqual(found[id_, PUBLIC]["remediation"], "fixed", found)
        [left] = self.statements_of(id_)
        self.assertEqual(left["Principal"], {"AWS": f"arn:aws:iam::{self.account}:root"})
        self.assertEqual((left["Effect"], left["Action"]), ("Allow", "kms:*"))
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(self.statements_of(id_)[0]["Principal"], "*")

    def test_held_where_it_could_not_be_changed_again(self):
        open_ = estate.statement("open", "*", "kms:Decrypt", "*")
        admin = f"arn:aws:iam::{self.account}:role/admin"
        guarded = self.key(self.root(), open_, estate.statement(
            "guard", "*", "kms:PutKeyPolicy", "*", effect="Deny",
            Condition={"ArnNotLike": {"aws:PrincipalArn": admin}}))
        ours = self.key(self.root(), open_, estate.statement(
            "guard", "*", "kms:PutKeyPolicy", "*", effect="Deny",
            Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{ROLE}"}}))
        theirs = self.key(open_, estate.statement("admin", {"AWS": admin}, "kms:*", "*"))
        found = self.remediate(guarded, ours, theirs)
        self.assertEqual([found[id_, PUBLIC]["remediation"] for id_ in (guarded, ours, theirs)],
                         ["held", "fixed", "held"], found)
        self.assertEqual(len(self.changes()), 1)

    def test_pending_deletion_is_contained(self):
        id_ = self.key(estate.statement("all", "*", "kms:*", "*"))
        self.aws("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=7)
        self.assertEqual(self.audit(id_)[id_, PUBLIC]["status"], "compliant")

    def test_replicas_have_policies_of_their_own(self):
        open_ = estate.text_of(self.root(), estate.statement("open", "*", "kms:Decrypt", "*"))
        id_ = self.key(self.root(), MultiRegion=True)
        self.aws("kms").replicate_key(KeyId=id_, ReplicaRegion="us-east-1")
        self.aws("kms", "us-east-1").put_key_policy(KeyId=id_, PolicyName="default", Policy=open_)
        run = self.engine("remediate", "--all", "--remediate", "--journal",
                          self.cloud.path("journal"),
                          stdin=self.line(id_) + "\n" + self.line(id_, region="us-east-1"))
        became = {line["region"]: line["remediation"] for line in run.lines
                  if line["check"] == PUBLIC}
        self.assertEqual(became, {"eu-west-1": "none", "us-east-1": "fixed"}, run)
        self.assertEqual(self.statements_of(id_, "us-east-1"), [self.root()])

    def test_made_again_and_cleaned(self):
        self.assertEqual(self.make(), self.make())
        other = self.key(self.root())
        self.clean()
        self.clean()
        kms = self.aws("kms")
        states = {key["KeyId"]: kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
                  for key in kms.list_keys()["Keys"]}
        self.assertEqual(states.pop(other), "Enabled")
        self.assertEqual(list(states.values()), ["PendingDeletion"])

    def test_stranger_stays_until_somebody_decides(self):
        id_ = self.key(self.root(), estate.statement(
            "partner", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "kms:Decrypt", "*"))
        self.assertEqual(self.remediate(id_)[id_, SHARED]["remediation"], "none")
        self.assertEqual(self.changes(), [])

    def test_gone(self):
        id_ = "1234abcd-12ab-34cd-56ef-1234567890ab"
        self.assertEqual({line["status"] for line in self.audit(id_).values()}, {"gone"})


if __name__ == "__main__":
    unittest.main()
