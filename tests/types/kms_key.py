"""Keys: they are found, closed, and opened again by undo; the account never loses its key."""
import json
import unittest

from support import estate
from support.cloud import ROLE
from support.kind import STRANGER
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Other, Type, events_of

PUBLIC, SHARED = "kms_key.public", "kms_key.shared"
KEY, REPLICA = "1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"
REPLICA_REGION = "us-west-2"  # the region of the fixture of kms:ReplicateKey


def root(place):
    return estate.statement("root", {"AWS": f"arn:aws:iam::{place.account}:root"}, "kms:*", "*")


def good(place, name):
    made = place.aws("kms").create_key(Policy=estate.text_of(root(place)), Description=name)
    return made["KeyMetadata"]["KeyId"]


def replica(place, *statements):
    """A key in two regions; in the second one, its policy also has these statements."""
    kms, own = place.aws("kms"), root(place)
    id_ = kms.create_key(Policy=estate.text_of(own), MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=id_, ReplicaRegion=REPLICA_REGION)
    place.aws("kms", REPLICA_REGION).put_key_policy(
        KeyId=id_, PolicyName="default", Policy=estate.text_of(own, *statements))
    return id_


def others(place, _):
    open_ = estate.statement("open", "*", "kms:Decrypt", "*")
    return {"kms:ReplicateKey": Other(replica(place, open_), replica(place), REPLICA_REGION)}


TYPE = Type(
    repairs={"public": {"kms:PutKeyPolicy"}, "shared": NOTHING},
    good=good, others=others,
    absent=KEY,
    listing=Listing("kms", "ListKeys", "Keys", lambda id_: {
        "KeyId": id_, "KeyArn": f"arn:aws:kms:us-east-1:111122223333:key/{id_}"},
        "{:08x}-0000-0000-0000-000000000000"),
    calls=Calls(
        listing="kms:ListKeys",
        good="kms:GetKeyPolicy",
        bad="kms:GetKeyPolicy, kms:DescribeKey"),
    deployed=Deployed("kms:CreateKey"),
    events={
        **events_of(
            KEY, "kms:CreateKey", "kms:PutKeyPolicy", "kms:PutKeyPolicy-arn",
            "kms:PutKeyPolicy-cut", "kms:CreateKey-cut"),
        **events_of(REPLICA, "kms:ReplicateKey", "kms:ReplicateKey-cut", region=REPLICA_REGION)})


class Keys(TypeCase):
    type = "kms_key"
    region = "eu-west-1"

    def key(self, *statements, region=None, **more):
        made = self.aws("kms", region).create_key(Policy=estate.text_of(*statements), **more)
        return made["KeyMetadata"]["KeyId"]

    def statements_of(self, id_, region=None):
        got = self.aws("kms", region).get_key_policy(KeyId=id_, PolicyName="default")
        return json.loads(got["Policy"])["Statement"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        before = self.statements_of(bad)
        good = self.good()
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertEqual(self.statements_of(bad), before)

    def test_the_account_keeps_access_to_its_key(self):
        id_ = self.key(estate.statement("all", "*", "kms:*", "*"))
        found = self.remediate(id_)
        self.assertEqual(found[id_, PUBLIC]["remediation"], "fixed", found)
        [left] = self.statements_of(id_)
        self.assertEqual(left["Principal"], {"AWS": f"arn:aws:iam::{self.account}:root"})
        self.assertEqual((left["Effect"], left["Action"]), ("Allow", "kms:*"))
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(self.statements_of(id_)[0]["Principal"], "*")

    def test_held_if_the_policy_could_not_be_changed_again(self):
        open_ = estate.statement("open", "*", "kms:Decrypt", "*")
        admin = f"arn:aws:iam::{self.account}:role/admin"
        guarded = self.key(root(self), open_, estate.statement(
            "guard", "*", "kms:PutKeyPolicy", "*", effect="Deny",
            Condition={"ArnNotLike": {"aws:PrincipalArn": admin}}))
        ours = self.key(root(self), open_, estate.statement(
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

    def test_replicas_have_their_own_policies(self):
        open_ = estate.text_of(root(self), estate.statement("open", "*", "kms:Decrypt", "*"))
        id_ = self.key(root(self), MultiRegion=True)
        self.aws("kms").replicate_key(KeyId=id_, ReplicaRegion="us-east-1")
        self.aws("kms", "us-east-1").put_key_policy(KeyId=id_, PolicyName="default", Policy=open_)
        run = self.engine("remediate", "--all", "--remediate", "--journal",
                          self.cloud.path("journal"),
                          stdin=self.line(id_) + "\n" + self.line(id_, region="us-east-1"))
        became = {line["region"]: line["remediation"] for line in run.lines
                  if line["check"] == PUBLIC}
        self.assertEqual(became, {"eu-west-1": "none", "us-east-1": "fixed"}, run)
        self.assertEqual(self.statements_of(id_, "us-east-1"), [root(self)])

    def test_make_lua_breaks_it_again_and_deletes_it(self):
        self.assertEqual(self.make(), self.make())
        other = self.key(root(self))
        self.clean()
        self.clean()
        kms = self.aws("kms")
        states = {key["KeyId"]: kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
                  for key in kms.list_keys()["Keys"]}
        self.assertEqual(states.pop(other), "Enabled")
        self.assertEqual(list(states.values()), ["PendingDeletion"])

    def test_an_unknown_account_is_reported_and_not_removed(self):
        id_ = self.key(root(self), estate.statement(
            "partner", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, "kms:Decrypt", "*"))
        self.assertEqual(self.remediate(id_)[id_, SHARED]["remediation"], "none")
        self.assertEqual(self.changes(), [])

    def test_gone(self):
        id_ = "1234abcd-12ab-34cd-56ef-1234567890ab"
        self.assertEqual({line["status"] for line in self.audit(id_).values()}, {"gone"})


if __name__ == "__main__":
    unittest.main()
