"""Who is trusted: the caller, the polled accounts, and the known accounts and organizations; and a
plan that keeps the trust with which it was made."""
import json
import unittest

from support.cloud import MASTER
from support.engine import ENGINE
from support.kind import FRIEND, STRANGER, KindCase
from support.pump import Pump, make_queue
from support.runtime_api import Function

POLLED = "333344445555"
ORGANIZATION = "o-own1234567"
UNIT = "ou-ab12-11111111"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Roles(KindCase):
    type = "iam_role"

    def role(self, name, *accounts):
        iam = self.aws("iam")
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
            "AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(statement))
        return name

    def shared(self, name, **more):
        return self.audit(name, **more)[name, "iam_role.shared"]

    def test_the_callers_own_role_is_not_a_finding(self):
        """As deployed: members trust the functions of the master account, which is the caller."""
        for known in (None, FRIEND):
            found = self.shared("member_remediator", KNOWN_ACCOUNTS=known)
            self.assertEqual(found["status"], "compliant", found)

    def test_other_trusted_accounts_must_be_configured(self):
        name = self.role("others", MASTER, POLLED, FRIEND)
        self.assertEqual(self.shared(name, ACCOUNTS=POLLED)["status"], "compliant")
        found = self.shared(name)
        self.assertEqual(found["status"], "non_compliant")
        self.assertIn(POLLED, found["summary"])
        self.assertNotIn(MASTER, found["summary"])

    def test_an_unknown_caller_is_not_trusted(self):
        self.cloud.proxy.refuse("sts:GetCallerIdentity", code="InvalidAction", status=400)
        name = self.role("callers", MASTER)
        run = self.engine("remediate", stdin=self.line(name))
        self.assertIn("fixes that would remove an account are held", run.err)
        self.assertEqual(run.finding("iam_role.shared")["status"], "non_compliant")


    def test_known_accounts_must_have_a_valid_form(self):
        for bad in ("o-", "prod", "ou-ab12", "11112222333", f"{FRIEND},r-A"):
            run = self.engine("remediate", KNOWN_ACCOUNTS=bad)
            self.assertEqual(run.status, 64, run)
            self.assertIn("KNOWN_ACCOUNTS", run.err)
            self.assertIn("an organization (o-", run.err)


class Queues(KindCase):
    type = "sqs"

    def test_an_organization_that_is_known_by_its_id(self):
        sqs = self.aws("sqs")
        url = sqs.create_queue(QueueName="limited")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy({
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}})})
        found = self.audit(url, KNOWN_ACCOUNTS=ORGANIZATION)
        self.assertEqual(found[url, "sqs.shared"]["status"], "compliant")
        found = self.audit(url)
        self.assertEqual(found[url, "sqs.public"]["status"], "compliant")
        self.assertEqual(found[url, "sqs.shared"]["status"], "non_compliant")
        self.assertIn(ORGANIZATION, found[url, "sqs.shared"]["summary"])


class Functions(KindCase):
    type = "sqs"

    def remediator(self, work):
        names = self.cloud.environment(SQS_QUEUE=work, KNOWN_ACCOUNTS=FRIEND, AWS_MAX_ATTEMPTS="1")
        log = self.cloud.path("lambda.log")
        open(log, "w", encoding="utf-8").close()
        function = Function([ENGINE], "remediator", {name: value for name, value in names.items()
                                                     if value is not None}, log)
        self.addCleanup(function.close)
        return function

    def test_messages_come_again_while_the_caller_is_unknown(self):
        own = self.cloud.client("sqs")
        work = make_queue(own, "remediator-resource-queue", "dead-letters")
        url = self.aws("sqs").create_queue(QueueName="plain")["QueueUrl"]
        own.send_message(QueueUrl=work, MessageBody=self.line(url))
        rule = self.cloud.proxy.refuse("sts:GetCallerIdentity", code="ServiceUnavailable",
                                       status=503)
        pump = Pump(own, work, self.remediator(work))
        answer = pump.cycle()
        self.assertEqual(answer.error_type, "Engine.CallFailed", answer)
        self.cloud.proxy.rules.remove(rule)
        self.assertEqual(pump.cycle().failures, [])


class Buckets(KindCase):
    type = "s3_bucket"
    check = "s3_bucket.grants_access"

    def bucket(self, name, *statements):
        s3 = self.aws("s3")
        s3.create_bucket(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=policy(*({
            "Sid": f"n{i}", "Effect": "Allow", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*", **one} for i, one in enumerate(statements))))
        return name

    def principals(self, name):
        found = json.loads(self.aws("s3").get_bucket_policy(Bucket=name)["Policy"])
        return [one["Principal"] for one in found["Statement"]]

    def test_an_organization_that_may_be_your_own_is_not_removed(self):
        limited = {"Principal": "*", "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}}
        name = self.bucket("limited", limited)
        found = self.remediate(name, journal="doubted", REPAIR=self.check)[name, self.check]
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"))
        self.assertIn(ORGANIZATION, found["held"])
        found = self.remediate(name, journal="known", REPAIR=self.check,
                               KNOWN_ACCOUNTS="o-other12345")[name, self.check]
        self.assertEqual(found["remediation"], "fixed", found)

    def test_a_unit_that_is_known_by_its_id(self):
        path = f"o-foreign1234/r-ab12/{UNIT}/*"
        limited = {"Principal": "*", "Condition": {
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [path]}}}
        name = self.bucket("units", limited)
        for known, status in ((UNIT, "compliant"), ("r-ab12", "compliant"),
                              ("o-foreign1234", "compliant"), ("r-cd34", "non_compliant")):
            found = self.audit(name, KNOWN_ACCOUNTS=f"{FRIEND},{known}")
            self.assertEqual(found[name, self.check]["status"], status, known)

    def plan(self, name, path, **more):
        return self.engine("plan", "--output", self.cloud.path(path), stdin=self.line(name),
                           REPAIR=self.check, **more)

    def apply(self, path, **more):
        return self.engine("apply", self.cloud.path(path), **more)

    def known_and_stranger(self, name):
        return self.bucket(name, *({"Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
                                   for account in (FRIEND, STRANGER)))

    def test_a_plan_records_whom_it_trusted_and_is_applied_that_way(self):
        for i, known in enumerate((None, STRANGER, f"{FRIEND},{STRANGER}", "o-other12345")):
            name = self.known_and_stranger(f"plan{i}")
            self.plan(name, f"plan{i}")
            with open(self.cloud.path(f"plan{i}"), encoding="utf-8") as file:
                [planned] = [one for one in map(json.loads, file) if one["check"] == self.check]
            self.assertEqual(planned["trusted"], [FRIEND])
            run = self.apply(f"plan{i}", KNOWN_ACCOUNTS=known)
            self.assertEqual(run.finding(self.check)["remediation"], "fixed", run)
            self.assertEqual(self.principals(name), [{"AWS": f"arn:aws:iam::{FRIEND}:root"}])
            run = self.engine("undo", self.cloud.path(f"plan{i}.journal"), KNOWN_ACCOUNTS=known)
            self.assertEqual(run.status, 0, run)
            self.assertEqual(len(self.principals(name)), 2)

    def test_a_plan_is_applied_without_asking_the_organization(self):
        name = self.known_and_stranger("quiet")
        self.plan(name, "quiet")
        run = self.apply("quiet", ORGANIZATION_ACCOUNT=STRANGER)
        self.assertEqual((run.status, run.finding(self.check)["remediation"]), (0, "fixed"), run)
        self.assertFalse([one for one in self.cloud.proxy.operations() if "organizations" in one])

    def test_a_plan_without_a_valid_trusted_list_is_refused(self):
        name = self.known_and_stranger("broken")
        self.plan(name, "broken")
        with open(self.cloud.path("broken"), encoding="utf-8") as file:
            text = file.read().replace(f'"trusted":["{FRIEND}"]', '"trusted":"all"')
        with open(self.cloud.path("broken"), "w", encoding="utf-8") as file:
            file.write(text)
        run = self.apply("broken")
        self.assertNotEqual(run.status, 0)
        self.assertIn('"trusted" must be a list of strings', run.err)
        self.assertEqual(len(self.principals(name)), 2)


if __name__ == "__main__":
    unittest.main()
