"""Functions: open statements of their policies are removed by Sid, and put back by undo."""
import io
import json
import unittest
import zipfile

from support.cloud import Cloud, Ministack
from support.kind import FRIEND, STRANGER, KindCase
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

PUBLIC, SHARED = "lambda_function.public", "lambda_function.shared"
CALL = "lambda:InvokeFunction"


def code():
    """A zip file with a function that does nothing."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("i.py", "def h(event, context):\n    return None\n")
    return file.getvalue()


def function(place, name, **statements):
    """statements: Sid -> parameters of AddPermission, or a principal."""
    iam, client = place.aws("iam"), place.aws("lambda")
    try:
        role = iam.get_role(RoleName="runner")["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
             "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(
            document))["Role"]["Arn"]
    client.create_function(FunctionName=name, Runtime="python3.13", Role=role, Handler="i.h",
                           Code={"ZipFile": code()})
    for sid, more in statements.items():
        more = more if isinstance(more, dict) else {"Principal": more}
        client.add_permission(FunctionName=name, StatementId=sid, **{"Action": CALL, **more})
    return name


def root(account):
    return f"arn:aws:iam::{account}:root"


def good(place, name):
    return function(place, name, own=root(place.account), friend=root(FRIEND), topic={
        "Principal": "sns.amazonaws.com",
        "SourceArn": f"arn:aws:sns:us-east-1:{place.account}:t"})


TYPE = Type(
    repairs={"public": {"lambda:RemovePermission"}, "shared": NOTHING},
    good=good,
    absent="none",
    listing=Listing("lambda", "ListFunctions", "Functions", lambda id_: {
        "FunctionName": id_,
        "FunctionArn": f"arn:aws:lambda:us-east-1:111122223333:function:{id_}"}, "function-{}"),
    calls=Calls(
        listing="lambda:ListFunctions",
        good="lambda:GetPolicy, lambda:ListAliases, lambda:ListVersionsByFunction",
        bad="lambda:GetPolicy, lambda:ListAliases, lambda:ListVersionsByFunction"),
    deployed=Deployed("lambda:AddPermission20150331v2"),
    events=events_of(
        "resize", "lambda:CreateFunction20150331", "lambda:AddPermission20150331v2",
        "lambda:AddPermission20150331v2-arn",
        "lambda:AddPermission20150331v2-arn_qualified",
        "lambda:AddPermission20150331v2-partial_arn",
        "lambda:AddPermission20150331v2-qualified",
        "lambda:AddPermission20150331v2-qualifier", "lambda:AddPermission20150331",
        "lambda:CreateFunctionUrlConfig", "lambda:CreateFunctionUrlConfig20211031",
        "lambda:UpdateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig20211031",
        "lambda:CreateFunction20150331-cut", "lambda:AddPermission20150331v2-cut",
        "lambda:AddPermission20150331-cut", "lambda:CreateFunctionUrlConfig20211031-cut",
        "lambda:UpdateFunctionUrlConfig20211031-cut"))


class Policies:
    """Methods for a KindCase."""
    type = "lambda_function"

    def statements(self, name, **more):
        """{Sid: statement} of the function's policy."""
        client = self.aws("lambda")
        try:
            policy = client.get_policy(FunctionName=name, **more)["Policy"]
        except client.exceptions.ResourceNotFoundException:
            return {}
        return {one["Sid"]: one for one in json.loads(policy)["Statement"]}


class Functions(Policies, TypeCase):
    def test_found_repaired_and_undone(self):
        [bad] = self.make()
        self.assertEqual(self.make(), [bad])
        before = self.statements(bad)
        good = self.good()
        guarded = self.statements(good)
        self.life(bad={bad: self.outcomes()}, good=[good])
        self.assertEqual(self.statements(bad), before)
        self.assertEqual(self.statements(good), guarded)
        self.clean()
        self.clean()
        self.assertNotIn(bad, self.poll().out)

    def test_each_open_statement_is_removed_and_restored(self):
        name = function(self, "three", one="*", own=root(self.account), two={
            "Principal": "*", "Action": "lambda:GetFunction"}, three={
                "Principal": "*", "SourceArn": "arn:aws:s3:::*"})
        before = self.statements(name)
        finding = self.remediate(name)[name, PUBLIC]
        self.assertEqual(finding["remediation"], "fixed", finding)
        self.assertEqual(set(self.statements(name)), {"own"})
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(self.statements(name), before)

    def test_a_policy_that_was_removed_completely_is_restored(self):
        name = function(self, "alone", open="*")
        self.assertEqual(self.remediate(name)[name, PUBLIC]["remediation"], "fixed")
        self.assertEqual(self.statements(name), {})
        self.assertEqual(self.undo().status, 0)
        self.assertEqual(set(self.statements(name)), {"open"})

    def test_versions_and_aliases_are_read_too(self):
        name, client = function(self, "many"), self.aws("lambda")
        version = client.publish_version(FunctionName=name)["Version"]
        client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        self.audit(name)
        asked = [one.path for one in self.cloud.proxy.requests
                 if one.operation == "lambda:GetPolicy"]
        self.assertEqual(sorted(path.partition("?")[2] for path in asked),
                         ["", f"Qualifier={version}", "Qualifier=live"])

    def test_a_missing_resource_is_gone(self):
        for name in ("nobody", "n" * 200, "a'b\"c", "line\nline", "\u65e5\u672c"):
            finding = self.audit(name)[name, PUBLIC]
            self.assertIn(finding["status"], ("gone", "unknown"), finding)
            self.assertEqual(finding["remediation"], "none")
        self.assertEqual(self.audit("nobody")["nobody", PUBLIC]["status"], "gone")

    def test_an_account_is_unknown_until_it_is_configured(self):
        name = function(self, "shared", partner=root(STRANGER))
        self.assertEqual(self.audit(name)[name, SHARED]["status"], "non_compliant")
        known = self.audit(name, KNOWN_ACCOUNTS=STRANGER)[name, SHARED]
        self.assertEqual(known["status"], "compliant")


class Qualified(Policies, KindCase):
    """In an emulator that has separate policies for versions and aliases."""

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(Ministack)

    def test_versions_and_aliases_are_repaired(self):
        name, client = function(self, "many", own=root(self.account), web={
            "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
            "FunctionUrlAuthType": "NONE"}), self.aws("lambda")
        version = client.publish_version(FunctionName=name)["Version"]
        client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        for sid, qualifier in (("seven", version), ("alive", "live")):
            client.add_permission(FunctionName=name, StatementId=sid, Action=CALL, Principal="*",
                                  Qualifier=qualifier)
        places = ({}, {"Qualifier": version}, {"Qualifier": "live"})
        before = [self.statements(name, **place) for place in places]
        finding = self.remediate(name)[name, PUBLIC]
        self.assertEqual(finding["remediation"], "fixed", finding)
        self.assertEqual([set(self.statements(name, **place)) for place in places],
                         [{"own"}, set(), set()])
        self.assertIn("RevisionId=", self.changes()[0].path)
        self.assertEqual(self.undo().status, 0)
        self.assertEqual([self.statements(name, **place) for place in places], before)


if __name__ == "__main__":
    unittest.main()
