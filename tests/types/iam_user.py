"""Users: unused passwords and keys of every age are found and deleted; those in use are left
alone."""
import collections
import unittest

from support.clock import PastMoto
from support.cloud import Cloud
from support.type_case import TypeCase
from support.type_files import Calls, Deployed, Listing, Type, events_of

MFA, UNUSED, KEY = ("iam_user.password_without_mfa", "iam_user.password_unused",
                    "iam_user.access_key_unused")
ALL = (MFA, UNUSED, KEY)
MARGIN = 120  # the longest time in seconds between a test's creation of a key and its request


def with_mfa(iam, name):
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
    iam.enable_mfa_device(
        UserName=name, SerialNumber=device["VirtualMFADevice"]["SerialNumber"],
        AuthenticationCode1="234567", AuthenticationCode2="987654")


def good(place, name):
    """30 days old, with a second factor."""
    place.cloud.emulator.go_back(30)
    iam = place.aws("iam")
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password="aZ0!long-enough")
    with_mfa(iam, name)
    iam.create_access_key(UserName=name)
    place.cloud.emulator.go_back()
    return name


TYPE = Type(
    repairs={
        "password_without_mfa": {"iam:DeleteLoginProfile"},
        "password_unused": {"iam:DeleteLoginProfile"},
        "access_key_unused": {"iam:DeleteAccessKey"}},
    covered={"password_unused"},  # there is one password
    passed={"password_without_mfa", "password_unused", "access_key_unused"},
    impacts=dict.fromkeys(
        ("password_without_mfa", "password_unused", "access_key_unused"), "destroys"),
    irreversible=True,
    good=good,
    absent="none",
    listing=Listing("iam", "ListUsers", "Users", lambda id_: {
        "UserName": id_, "Path": "/", "Arn": f"arn:aws:iam::111122223333:user/{id_}"}, "user-{}"),
    calls=Calls(
        listing="iam:ListUsers",
        good="iam:GetUser, iam:GetLoginProfile, iam:ListMFADevices, iam:ListAccessKeys",
        bad="iam:GetUser, iam:GetLoginProfile, iam:ListMFADevices, iam:GetCredentialReport, "
            "iam:ListAccessKeys, iam:GetAccessKeyLastUsed"),
    deployed=Deployed("iam:DeactivateMFADevice"),
    events=events_of("bob", "iam:DeactivateMFADevice", "iam:DeactivateMFADevice-own"))


class Users(TypeCase):
    type = "iam_user"

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(PastMoto)

    def at(self, days, seconds=0):
        self.cloud.emulator.go_back(days, seconds)
        return self.aws("iam")

    def user(self, name, days, seconds=0, password=True, mfa=False, key=False):
        """Sets the age of everything."""
        iam = self.at(days, seconds)
        iam.create_user(UserName=name)
        if password:
            iam.create_login_profile(UserName=name, Password="aZ0!long-enough")
        if mfa:
            with_mfa(iam, name)
        key = iam.create_access_key(UserName=name)["AccessKey"] if key else None
        self.at(0)
        return key

    def use(self, key):
        """Signs one request with the key, so that the emulator records its use."""
        with self.enforced():
            run = self.cloud.engine("run", self.script("aws.iam:try('ListUsers', {}, "
                                                       "'AccessDenied')"),
                                    AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                                    AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
        self.assertEqual(run.status, 0, run)

    def script(self, text):
        path = self.cloud.path("script.lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def keys_of(self, name):
        listed = self.aws("iam").list_access_keys(UserName=name)
        return [one["AccessKeyId"] for one in listed["AccessKeyMetadata"]]

    def has_password(self, name):
        iam = self.aws("iam")
        try:
            return bool(iam.get_login_profile(UserName=name))
        except iam.exceptions.NoSuchEntityException:
            return False

    def test_a_refused_read_affects_only_the_checks_that_need_it(self):
        self.user("old", 200, key=True)
        for operation, checks in {"ListAccessKeys": {KEY}, "GetAccessKeyLastUsed": {KEY},
                                  "ListMFADevices": {MFA}, "GetCredentialReport": {UNUSED},
                                  "GetLoginProfile": {MFA, UNUSED}}.items():
            self.cloud.proxy.rules.clear()
            self.cloud.proxy.refuse(f"iam:{operation}", code="AccessDenied", status=403)
            found = self.audit("old")
            self.assertEqual({check for (_, check), one in found.items()
                              if one["status"] == "unknown"}, checks, operation)
        self.cloud.proxy.rules.clear()

    def test_found_repaired_and_undone(self):
        self.at(200)
        [bad] = self.make()
        self.at(0)
        self.life(bad={bad: self.outcomes()}, good=[self.good()], stays=ALL)
        self.assertFalse(self.has_password(bad))
        self.assertEqual(self.keys_of(bad), [])

    def test_make_lua_breaks_it_again_and_deletes_it(self):
        self.assertEqual(self.make(), self.make())
        self.assertEqual(len(self.keys_of("misconfiguration_maker")), 1)
        self.user("other", 1, key=True)
        self.clean()
        self.clean()
        users = [user["UserName"] for user in self.aws("iam").list_users()["Users"]]
        self.assertEqual(users, ["other"])
        self.assertEqual(len(self.keys_of("other")), 1)

    def test_edges(self):
        for name, days in (("day", 1), ("quarter", 90), ("hundred", 100)):
            for side, seconds in (("before", -MARGIN), ("after", MARGIN)):
                self.user(f"{name}-{side}", days, seconds, key=True)
        found = self.audit(*[f"{name}-{side}" for name in ("day", "quarter", "hundred")
                             for side in ("before", "after")])
        bad = {pair for pair, line in found.items() if line["status"] == "non_compliant"}
        self.assertEqual({line["status"] for line in found.values()},
                         {"compliant", "non_compliant"})
        self.assertEqual(bad, {
            ("day-after", MFA), ("quarter-before", MFA), ("quarter-after", MFA),
            ("quarter-after", UNUSED), ("hundred-before", MFA), ("hundred-before", UNUSED),
            ("hundred-after", MFA), ("hundred-after", UNUSED), ("hundred-after", KEY)})

    def test_only_the_unused_key_is_deleted(self):
        used = self.user("busy", 200, password=False, key=True)
        iam = self.at(150)
        idle = iam.create_access_key(UserName="busy")["AccessKey"]
        self.at(3)
        self.use(used)
        self.at(0)
        found = self.remediate("busy")
        self.assertEqual(found["busy", KEY]["remediation"], "fixed", found)
        self.assertEqual([one["id"] for one in found["busy", KEY]["evidence"]],
                         [idle["AccessKeyId"]])
        self.assertEqual(self.keys_of("busy"), [used["AccessKeyId"]])

    def test_all_users_share_the_credential_report(self):
        """Even if there is none yet when they ask for it at the same time."""
        names = [f"old-{number}" for number in range(40)]
        for name in names:
            self.user(name, 200)
        found = self.audit(*names)
        self.assertEqual({found[name, UNUSED]["status"] for name in names}, {"non_compliant"})
        calls = collections.Counter(self.cloud.proxy.operations())
        self.assertEqual(calls["iam:GenerateCredentialReport"], 1, calls)
        self.assertLessEqual(calls["iam:GetCredentialReport"], 4, calls)

    def test_irreversible_repairs_are_held(self):
        self.user("old", 200, key=True)
        found = self.remediate("old", HOLD_IRREVERSIBLE="true")
        self.assertEqual({line["remediation"] for line in found.values()}, {"held"})
        self.assertEqual(self.changes(), [])
        self.assertTrue(self.has_password("old"))

    def test_gone(self):
        found = self.audit("nobody")
        self.assertEqual({line["status"] for line in found.values()}, {"gone"})


if __name__ == "__main__":
    unittest.main()
