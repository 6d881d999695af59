"""Roles: they are found, closed, and opened again by undo; nobody may close the role that
repairs."""
import unittest

from support import estate
from support.cloud import ROLE
from support.kind import STRANGER
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

PUBLIC, SHARED = "iam_role.public_trust", "iam_role.shared"


def trust(sid, principal, action="sts:AssumeRole", **more):
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, **more}


LAMBDA = trust("lambda", {"Service": "lambda.amazonaws.com"})
OPEN = trust("open", {"AWS": "*"})
VENDOR = trust("vendor", {"AWS": f"arn:aws:iam::{STRANGER}:root"},
               Condition={"StringEquals": {"sts:ExternalId": "a%b+cé"}})


def good(place, name):
    place.aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=estate.text_of(LAMBDA))
    return name


TYPE = Type(
    repairs={"public_trust": {"iam:UpdateAssumeRolePolicy"}, "shared": NOTHING},
    good=good,
    absent="none",
    listing=Listing("iam", "ListRoles", "Roles", lambda id_: {
        "RoleName": id_, "Path": "/", "Arn": f"arn:aws:iam::111122223333:role/{id_}"}, "role-{}"),
    calls=Calls(
        listing="iam:ListRoles",
        good="iam:GetRole",
        bad="iam:GetRole"),
    deployed=Deployed("iam:CreateRole"),
    events=events_of(
        "deployer", "iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:CreateRole-cut"))


class Roles(TypeCase):
    type = "iam_role"

    def role(self, name, *statements, **more):
        self.aws("iam").create_role(RoleName=name, **more,
                                    AssumeRolePolicyDocument=estate.text_of(*statements))
        return name

    def trust_of(self, name):
        return self.aws("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]

    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        before = self.trust_of(bad)
        good = self.good()
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertEqual(self.trust_of(bad), before)

    def test_correct_statements_stay(self):
        self.role("mixed", LAMBDA, OPEN, VENDOR)
        found = self.remediate("mixed")
        self.assertEqual(found["mixed", PUBLIC]["remediation"], "fixed")
        self.assertTrue(found["mixed", SHARED]["evidence"][0]["external_id"])
        self.assertEqual(self.trust_of("mixed")["Statement"], [LAMBDA, VENDOR])

    def test_deny_all(self):
        self.role("bare", OPEN)
        self.assertEqual(self.remediate("bare")["bare", PUBLIC]["remediation"], "fixed")
        [left] = self.trust_of("bare")["Statement"]
        self.assertEqual((left["Effect"], left["Principal"]), ("Deny", {"AWS": "*"}))
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(self.trust_of("bare")["Statement"], [OPEN])

    def test_held(self):
        self.aws("iam").update_assume_role_policy(
            RoleName=ROLE, PolicyDocument=estate.text_of(OPEN))
        self.role("AWSReservedSSO_x", OPEN, Path="/aws-reserved/sso.amazonaws.com/")
        found = self.remediate(ROLE, "AWSReservedSSO_x")
        for name in (ROLE, "AWSReservedSSO_x"):
            self.assertEqual(found[name, PUBLIC]["remediation"], "held", found)
        self.assertEqual(self.changes(), [])

    def test_held_for_the_callers_own_role(self):
        """STS returns the role, even if no setting names it."""
        self.role("runner", OPEN)
        self.aws("iam").put_role_policy(RoleName="runner", PolicyName="all",
                                        PolicyDocument=self.permissions())
        got = self.aws("sts").assume_role(RoleArn=f"arn:aws:iam::{self.account}:role/runner",
                                          RoleSessionName="someone")["Credentials"]
        self.keys = {"AWS_ACCESS_KEY_ID": got["AccessKeyId"],
                     "AWS_SECRET_ACCESS_KEY": got["SecretAccessKey"],
                     "AWS_SESSION_TOKEN": got["SessionToken"], "MEMBER_ROLE": "none"}
        self.role("other", LAMBDA, OPEN)
        found = self.remediate("runner", "other")
        self.assertEqual(found["runner", PUBLIC]["remediation"], "held", found)
        self.assertEqual(found["other", PUBLIC]["remediation"], "fixed", found)

    def test_web_identity(self):
        provider = self.aws("iam").create_open_id_connect_provider(
            Url="https://token.actions.githubusercontent.com", ThumbprintList=["a" * 40],
            ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]
        claim = "token.actions.githubusercontent.com:sub"
        action = "sts:AssumeRoleWithWebIdentity"
        self.role("wide", trust("wide", {"Federated": provider}, action))
        self.role("narrow", trust("narrow", {"Federated": provider}, action, Condition={
            "StringLike": {claim: "repo:shop/app:*"}}))
        found = self.audit("wide", "narrow")
        self.assertEqual(found["wide", PUBLIC]["status"], "non_compliant")
        self.assertEqual(found["narrow", PUBLIC]["status"], "compliant")

    def test_make_lua_breaks_it_again_and_deletes_it(self):
        self.assertEqual(self.make(), self.make())
        self.role("other", LAMBDA)
        self.clean()
        self.clean()
        names = {role["RoleName"] for role in self.aws("iam").list_roles()["Roles"]}
        self.assertEqual(names, {ROLE, "other"})

    def test_gone(self):
        self.assertEqual({line["status"] for line in self.audit("nobody").values()}, {"gone"})


if __name__ == "__main__":
    unittest.main()
