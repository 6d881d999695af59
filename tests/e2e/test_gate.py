"""Nothing is changed without being requested, read and verified: the emulator's log of requests
proves it."""
import json
import os
import unittest

from support import estate, journals
from support.cloud import Cloud

ACCOUNT, REGION = "111122223333", "us-east-1"
# read: the checks that it decides, and the writes of their repairs
DECIDES = {
    "s3:GetBucketAcl": (("s3_bucket.public_acl",), {"s3:PutBucketAcl"}),
    "s3:GetBucketPolicy": (
        ("s3_bucket.public_policy", "s3_bucket.grants_access", "s3_bucket.sse", "s3_bucket.tls"),
        {"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}),
    "sqs:GetQueueAttributes": (("sqs.public", "sqs.shared"), {"sqs:SetQueueAttributes"}),
}

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


class Gate(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
        self.queue = estate.queue(cloud, ACCOUNT, REGION, "open-queue", text)
        text = estate.text_of(*estate.four_statements("s3", "arn:aws:s3:::open-box/*", ACCOUNT))
        self.bucket = estate.bucket(cloud, ACCOUNT, REGION, "open-box", text, public_acl=True)
        self.lines = "".join(
            json.dumps({"account": ACCOUNT, "region": REGION, "type": kind, "id": id_}) + "\n"
            for kind, id_ in (("sqs", self.queue), ("s3_bucket", self.bucket)))
        cloud.proxy.clear()

    def remediate(self, *args, **environment):
        return cloud.engine("remediate", "--journal", cloud.path("journal"), *args,
                            stdin=self.lines, **environment)

    def policies(self):
        return (estate.queue_policy(cloud, ACCOUNT, REGION, self.queue),
                estate.bucket_policy(cloud, ACCOUNT, REGION, self.bucket),
                estate.bucket_grants(cloud, ACCOUNT, REGION, self.bucket))

    def test_remediate_must_be_asked_for_exactly(self):
        for value, status in ((None, 2), ("", 2), ("false", 2), ("0", 64), ("no", 64)):
            run = self.remediate(REMEDIATE=value)
            self.assertEqual(run.status, status, run)
            self.assertEqual(cloud.proxy.writes(), [], value)
        for args in (("--remediate=false",), ("--dry-run", "--remediate"), ("--dry-run",)):
            run = self.remediate(*args, REMEDIATE="true")
            self.assertEqual(run.status, 2, run)
            self.assertEqual(cloud.proxy.writes(), [], args)
        self.assertGreater(len(cloud.proxy.requests), 0)

    def test_remediate_of_the_environment_changes_things(self):
        run = self.remediate(REMEDIATE="true")
        self.assertEqual(len(cloud.proxy.writes()), 5, run)

    def test_a_refused_read_never_leads_to_a_write(self):
        for refused, (checks, writes) in DECIDES.items():
            cloud.proxy.clear()
            cloud.proxy.refuse(refused)
            run = self.remediate("--remediate")
            self.assertEqual(run.status, 1, run)
            for check in checks:
                line = run.finding(check)
                self.assertEqual(line["status"], "unknown", run)
                self.assertEqual(line["error"]["code"], "AccessDenied", run)
                self.assertNotIn("steps", line)
            self.assertEqual(writes & set(cloud.proxy.operations()), set(), refused)

    def test_a_refused_read_prevents_the_repair_of_its_own_check_only(self):
        cloud.proxy.refuse("s3:GetBucketTagging")
        run = self.remediate("--remediate", REQUIRED_TAGS="owner")
        self.assertEqual(run.status, 1, run)
        self.assertEqual(run.finding("s3_bucket.tags")["status"], "unknown", run)
        for check in ("public_acl", "public_policy", "tls"):
            self.assertEqual(run.finding(f"s3_bucket.{check}")["remediation"], "fixed", run)

    def test_a_read_that_fails_just_before_the_change_holds_it(self):
        for skip in (1, 2):
            cloud.proxy.clear()
            before = self.policies()
            cloud.proxy.refuse("sqs:GetQueueAttributes", skip=skip)
            cloud.proxy.refuse("s3:GetBucketAcl", skip=1)
            cloud.proxy.refuse("s3:GetBucketPolicy", skip=1)
            run = self.remediate("--remediate")
            self.assertEqual(run.status, 1, run)
            if skip == 1:
                self.assertEqual(cloud.proxy.writes(), [], run)
                self.assertEqual(self.policies(), before)

    def test_a_read_by_a_broken_service_is_unknown(self):
        cloud.proxy.refuse("sqs:GetQueueAttributes", code="InternalError", status=500)
        run = self.remediate("--remediate", AWS_MAX_ATTEMPTS="1")
        self.assertEqual(run.finding("sqs.public")["status"], "unknown", run)
        self.assertNotIn("sqs:SetQueueAttributes", cloud.proxy.operations())

    def test_drift_between_plan_and_apply_is_held(self):
        plan = cloud.engine("plan", "--output", cloud.path("plan"), stdin=self.lines)
        self.assertEqual(plan.status, 2, plan)
        changed = estate.four_statements("sqs", "*", ACCOUNT)
        changed[0]["Sid"] = "renamed"
        cloud.client("sqs", ACCOUNT, REGION).set_queue_attributes(
            QueueUrl=self.queue, Attributes={"Policy": estate.text_of(*changed)})
        before = self.policies()[0]
        run = cloud.engine("apply", cloud.path("plan"))
        found = run.finding("sqs.public")
        self.assertEqual(found["remediation"], "held", run)
        self.assertIn("drift", found["held"])
        self.assertEqual(run.status, 2, run)
        self.assertEqual(self.policies()[0], before)
        self.assertEqual(run.finding("s3_bucket.public_policy")["remediation"], "fixed", run)

    def test_a_refused_first_call_says_what_it_means(self):
        for code, status, remediation, why in (
                ("PreconditionFailedException", "non_compliant", "held", "drift"),
                ("MalformedPolicyDocument", "non_compliant", "held", "nothing was changed"),
                ("InvalidClusterStateFault", "pending", "planned", ""),
                ("AccessDenied", "non_compliant", "failed", "")):
            with self.subTest(code):
                cloud.proxy.clear()
                cloud.proxy.refuse("sqs:SetQueueAttributes", code=code, status=400)
                run = self.remediate("--remediate")
                found = run.finding("sqs.public")
                self.assertEqual((found["status"], found["remediation"]), (status, remediation))
                self.assertIn(why, found.get("held", ""))
                self.assertEqual(found["error"]["code"], code)

    def test_an_account_that_grants_reading_only(self):
        """The reason depends on how AWS refuses the write. The messages are those of the IAM User
        Guide, https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, and
        of EC2, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html."""
        refused = (f"User: arn:aws:sts::{ACCOUNT}:assumed-role/member_remediator/engine is not "
                   "authorized to perform: sqs:SetQueueAttributes on resource: "
                   f"arn:aws:sqs:us-east-1:{ACCOUNT}:open-queue")
        action = "the sqs:SetQueueAttributes action"
        for text, remediation, why in (
                (f"{refused} because no identity-based policy allows {action}", "held", "only"),
                (f"You are not authorized to perform this operation. {refused} because no "
                 f"identity-based policy allows {action}. Encoded authorization failure message: a",
                 "held", "only"),
                (refused, "held", "only"),
                (f"{refused} with an explicit deny in an identity-based policy", "held", "denies"),
                (f"{refused} with an explicit deny in a service control policy", "held", "denies"),
                (f"{refused} because no permissions boundary allows {action}", "failed", None),
                (f"{refused} because no session policy allows {action}", "failed", None),
                ("Access Denied", "failed", None)):
            with self.subTest(text):
                cloud.proxy.clear()
                cloud.proxy.refuse("sqs:SetQueueAttributes", code="AccessDenied", message=text)
                run = self.remediate("--remediate")
                found = run.finding("sqs.public")
                self.assertEqual((found["status"], found["remediation"]),
                                 ("non_compliant", remediation), run)
                self.assertEqual(found["error"]["code"], "AccessDenied")
                if why == "only":
                    self.assertEqual(run.status, 2, run)
                    self.assertEqual(found["held"], "the account grants reading only")
                elif why:
                    self.assertIn("a policy denies", found["held"])

    def test_undo_is_a_table_or_lines(self):
        self.remediate("--remediate")
        for name in ("summary", "json", "csv", "html", "sarif", "junit", "asff",
                     "ocsf"):
            run = cloud.engine("undo", cloud.path("journal"), "--format", name)
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn("--format: engine undo accepts only table and jsonl", run.err)

    def test_what_a_journal_names_does_not_reach_the_terminal(self):
        path = cloud.path("forged")
        self.remediate("--remediate", "--journal", path)

        def name_another(line):
            if line.get("type") == "sqs":
                line["id"] += "\x1b[31m\x9b\u202e\nundone  all of it"
        journals.forge(path, name_another)
        run = cloud.engine("undo", path, "--format", "table")
        self.assertRegex(run.out, r"(?m)^(held|failed) +sqs\.public  .*open-queue.*all of it")
        self.assertNotRegex(run.out, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")
        self.assertNotRegex(run.out, "(?m)^undone  all of it")
        self.assertRegex(run.out, r"(?m)^undone +s3_bucket\.")

    def test_drift_between_apply_and_undo_is_held(self):
        self.remediate("--remediate", "--quiet")
        mine = estate.text_of(estate.four_statements("sqs", "*", ACCOUNT)[0])
        cloud.client("sqs", ACCOUNT, REGION).set_queue_attributes(
            QueueUrl=self.queue, Attributes={"Policy": mine})
        before = self.policies()[0]
        run = cloud.engine("undo", cloud.path("journal"))
        self.assertIn("held", run.out, run)
        self.assertNotEqual(run.status, 0, run)
        self.assertEqual(self.policies()[0], before)
        self.assertIn(("AllUsers", "READ"), self.policies()[2])

    def test_tags_that_others_set_do_not_hold_an_undo(self):
        before = self.policies()
        rules = cloud.path("rules.json")
        with open(rules, "w", encoding="utf-8") as file:  # because of it, the tags are read
            json.dump({"rules": [{"tag": {"team": "other"}, "reason": "a test",
                                  "expires": "2999-01-01"}]}, file)
        journal = cloud.path("tagged.journal")
        cloud.engine("remediate", "--remediate", "--journal", journal, "--quiet", "--exceptions",
                     rules, stdin=self.lines)
        self.assertNotEqual(self.policies(), before)
        cloud.client("sqs", ACCOUNT, REGION).tag_queue(QueueUrl=self.queue, Tags={"team": "shop"})
        cloud.client("s3", ACCOUNT, REGION).put_bucket_tagging(
            Bucket=self.bucket, Tagging={"TagSet": [{"Key": "team", "Value": "shop"}]})
        run = cloud.engine("undo", journal, "--exceptions", rules)
        self.assertEqual({one["result"] for one in run.lines}, {"undone"}, run)
        self.assertEqual([json.loads(one) for one in self.policies()[:2]],
                         [json.loads(one) for one in before[:2]])

    def test_a_policy_that_is_not_json_is_unknown_and_not_changed(self):
        s3 = cloud.client("s3", ACCOUNT, REGION)
        s3.put_bucket_policy(Bucket=self.bucket, Policy='{"Version":')
        run = self.remediate("--remediate")
        self.assertEqual(run.status, 1, run)
        for name in ("public_policy", "sse", "tls", "grants_access"):
            found = run.finding("s3_bucket." + name)
            self.assertEqual(found["status"], "unknown", run)
            self.assertIn("not valid JSON", found["error"]["message"])
        self.assertNotIn("s3:PutBucketPolicy", cloud.proxy.operations())
        self.assertEqual(run.finding("s3_bucket.public_acl")["remediation"], "fixed", run)

    def test_the_change_limit_holds_the_rest(self):
        run = self.remediate("--remediate", "--max-changes", "2", KNOWN_ACCOUNTS=estate.FRIEND)
        self.assertEqual(len(cloud.proxy.writes()), 2, run)
        kinds = [line["remediation"] for line in run.lines if line["status"] == "non_compliant"]
        self.assertEqual((kinds.count("fixed"), kinds.count("held")), (2, 3), run)
        self.assertEqual(run.status, 2, run)

    def test_the_change_limit_counts_repairs_that_run_at_once(self):
        text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
        queues = [estate.queue(cloud, ACCOUNT, REGION, f"open-{number}", text)
                  for number in range(12)]
        self.lines = "".join(
            json.dumps({"account": ACCOUNT, "region": REGION, "type": "sqs", "id": id_}) + "\n"
            for id_ in queues)
        cloud.proxy.clear()
        run = self.remediate("--remediate", "--max-changes", "3")
        self.assertEqual(len(cloud.proxy.writes()), 3, run)
        held = [line for line in run.lines if line["remediation"] == "held"]
        self.assertEqual(len(held), 9, run)

    def test_a_plan_makes_no_call_that_it_does_not_show(self):
        cloud.engine("plan", "--output", cloud.path("plan"), stdin=self.lines)
        with open(cloud.path("plan"), encoding="utf-8") as file:
            findings = [json.loads(line) for line in file]
        for change in ({"steps": [], "waits": True}, {"steps": [None]},
                       {"steps": [{"call": "sqs:DeleteQueue", "with": {"QueueUrl": self.queue}}]}):
            with open(cloud.path("plan"), "w", encoding="utf-8") as file:
                for finding in findings:
                    file.write(json.dumps({**finding, **change}) + "\n")
            cloud.proxy.clear()
            run = cloud.engine("apply", cloud.path("plan"))
            self.assertEqual(cloud.proxy.writes(), [], run)
            self.assertEqual(run.status, 2, run)

    def test_an_incomplete_response_never_leads_to_a_write(self):
        for read, (checks, writes) in DECIDES.items():
            cloud.proxy.clear()
            rule = cloud.proxy.refuse(read)
            rule.answer = lambda _request: (200, "application/xml", b"")
            run = self.remediate("--remediate", "--all", AWS_MAX_ATTEMPTS="2")
            self.assertEqual({run.finding(check)["status"] for check in checks}, {"unknown"}, run)
            self.assertEqual(writes & set(cloud.proxy.operations()), set(), read)

    def test_named_accounts_are_kept_if_no_trusted_accounts_are_configured(self):
        run = self.remediate("--remediate", KNOWN_ACCOUNTS=None)
        found = run.finding("s3_bucket.grants_access")
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "held"), run)
        sids = [one["Sid"] for one in json.loads(self.policies()[1])["Statement"]]
        self.assertIn("friend", sids)
        again = self.remediate("--remediate", KNOWN_ACCOUNTS="121212121212")
        self.assertEqual(again.finding("s3_bucket.grants_access")["remediation"], "fixed", again)
        sids = [one["Sid"] for one in json.loads(self.policies()[1])["Statement"]]
        self.assertEqual(sorted(sids), ["DenyPlainHttp", "DenyWrongEncryption", "guard", "own"])

    def test_invalid_lines_do_not_stop_the_others(self):
        self.lines = "nonsense\n" + self.lines + '{"account":"1"}\n'
        run = self.remediate()
        self.assertEqual(run.status, 1, run)
        self.assertTrue(run.finding("sqs.public"))
        self.assertIn("1", run.err)
        self.assertIn("4", run.err)

    def test_no_secret_is_written_anywhere(self):
        run = self.remediate("--remediate", "--log-level", "debug",
                             AWS_SECRET_ACCESS_KEY="sesame-sesame")
        self.assertEqual(len(cloud.proxy.writes()), 5, run)
        texts = [run.out, run.err]
        for name in os.listdir(cloud.directory):
            if os.path.isfile(cloud.path(name)):
                with open(cloud.path(name), encoding="utf-8", errors="replace") as file:
                    texts.append(file.read())
        tokens = {one.headers.get("x-amz-security-token", "") for one in cloud.proxy.requests}
        for secret in {"sesame-sesame"} | tokens - {""}:
            self.assertFalse(any(secret in text for text in texts), secret[:6])


if __name__ == "__main__":
    unittest.main()
