"""With signatures and IAM enforced: everything works with a role that has exactly the permissions
of `engine generate permissions`, and one clear message reports what does not work."""
import json
import unittest

from support import estate
from support.cloud import MASTER, ROLE, ROOT, Cloud, Ministack, Moto
from support.permissions import (allow, generate, make_operator, make_role, permissions, set_role,
                                 without)

ACCOUNT, REGION = "111122223333", "eu-west-1"
KNOWN = {"KNOWN_ACCOUNTS": estate.FRIEND}
TYPES = ("sqs", "s3_bucket")
FIXED = {"sqs.public", "s3_bucket.public_acl", "s3_bucket.public_policy", "s3_bucket.sse",
         "s3_bucket.tls"}
CHECKS = ",".join(sorted(FIXED | {"sqs.shared", "s3_bucket.grants_access", "s3_bucket.tags"}))

KEYS = ["plain.txt", "with blank.txt", "a+b.txt", "100%.txt", "%41.txt",
        "\u00fcml\u00e4ut/\u65e5\u672c.txt", "emoji \U0001f600.txt",
        "deep//double/./dot/../up.txt", "tilde~(star*)'quote!.txt",
        "question?and#hash&amp=1.txt", "trailing/", "a:b@c,d;e$f.txt"]

SCRIPT = """
local bucket, keys = arg[1], json.decode(arg[2])
for i, key in ipairs(keys) do
  aws.s3:PutObject { Bucket = bucket, Key = key, Body = "body " .. i }
end
local seen = {}
for i, key in ipairs(keys) do
  local got = aws.s3:GetObject { Bucket = bucket, Key = key }
  assert(got.Body == "body " .. i, key)
  seen[i] = aws.s3:HeadObject { Bucket = bucket, Key = key }.ContentLength
end
print(json.encode(seen))
"""


class OnEmulator:
    """One cloud for all tests of the class."""
    maxDiff = None
    emulator = None

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(cls.emulator)

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()


class Enforced(OnEmulator):
    spared = ()  # checks that must not be repaired here

    def setUp(self):
        self.cloud.reset()
        self.make_estate()
        make_role(self.cloud, ACCOUNT, permissions(TYPES))
        self.keys = {**make_operator(self.cloud), **self.make_exceptions()}
        self.cloud.proxy.clear()
        self.cloud.enforce(True)

    def tearDown(self):
        self.cloud.enforce(False)

    def make_estate(self):
        text = estate.text_of(*estate.four_statements("sqs", "*", ACCOUNT))
        self.queue = estate.queue(self.cloud, ACCOUNT, REGION, "open-queue", text)
        text = estate.text_of(*estate.four_statements("s3", "arn:aws:s3:::open-box/*", ACCOUNT))
        self.bucket = estate.bucket(self.cloud, ACCOUNT, REGION, "open-box", text, public_acl=True)

    def make_exceptions(self):
        if not self.spared:
            return {}
        with open(self.cloud.path("exceptions.json"), "w", encoding="utf-8") as file:
            json.dump({"rules": [{"check": check, "reason": "this emulator speaks plain HTTP only",
                                  "expires": "2099-01-01"} for check in self.spared]}, file)
        return {"EXCEPTIONS": self.cloud.path("exceptions.json")}

    def engine(self, command, *args, **more):
        own = ("--checks", CHECKS) if command == "remediate" else ()
        return self.cloud.engine(command, *args, *own, **{**self.keys, **KNOWN, **more})

    def poll(self, **more):
        return self.engine("poll", "--accounts", ACCOUNT, "--regions", REGION,
                           "--types", ",".join(TYPES), **more)

    def without(self, action):
        """Removes one action from the role, bypassing the enforcement."""
        self.cloud.enforce(False)
        set_role(self.cloud, ACCOUNT, without(permissions(TYPES), action))
        self.cloud.enforce(True)

    def test_everything_works_with_the_declared_permissions(self):
        polled = self.poll()
        self.assertEqual(polled.status, 0, polled)
        self.assertEqual({line["id"] for line in polled.lines},
                         {f"{self.cloud.proxy.url}/{ACCOUNT}/open-queue", "open-box"}, polled)
        run = self.engine("remediate", "--remediate", "--journal", self.cloud.path("journal"),
                          stdin=polled.out)
        self.assertEqual(run.status, 0, run)
        fixed = {line["check"] for line in run.lines if line["remediation"] == "fixed"}
        self.assertEqual(fixed, FIXED - set(self.spared), run)
        again = self.engine("remediate", stdin=polled.out)
        self.assertEqual(again.status, 0, again)
        self.assertEqual({line["check"] for line in again.lines}, set(self.spared), again)
        undone = self.engine("undo", self.cloud.path("journal"))
        self.assertEqual(undone.status, 0, undone)
        refused = [one.operation for one in self.cloud.proxy.requests
                   if one.status in (400, 401, 403)]
        self.assertEqual(refused, [])

    def test_the_read_permissions_audit_and_change_nothing(self):
        polled = self.poll()
        self.cloud.enforce(False)
        set_role(self.cloud, ACCOUNT, permissions(TYPES, "read"))
        self.cloud.enforce(True)
        audited = self.engine("remediate", stdin=polled.out)
        found = [(line["check"], line["status"], line["summary"]) for line in audited.lines]
        self.assertLessEqual({status for _, status, _ in found}, {"non_compliant", "exempt"})
        self.assertEqual({check for check, _, _ in found}, FIXED, audited)
        run = self.engine("remediate", "--remediate", stdin=polled.out)
        self.assertNotIn("fixed", {line["remediation"] for line in run.lines}, run)
        self.assertEqual({line["held"] for line in run.lines if line["remediation"] == "held"
                          and "error" in line}, {"the account grants reading only"}, run)
        # For S3, one emulator returns only "Access Denied", as S3 does across organizations; that
        # message may mean anything.
        self.assertLessEqual({line["type"] for line in run.lines
                              if line["remediation"] == "failed"}, {"s3_bucket"}, run)
        again = self.engine("remediate", stdin=polled.out)
        self.assertEqual([(line["check"], line["status"], line["summary"])
                          for line in again.lines], found)

    def test_a_missing_read_action_is_named_and_nothing_that_it_decides_is_changed(self):
        polled = self.poll()
        self.without("s3:GetBucketAcl")
        self.cloud.proxy.clear()
        run = self.engine("remediate", "--remediate", stdin=polled.out)
        found = run.finding("s3_bucket.public_acl")
        self.assertEqual((found["status"], run.status), ("unknown", 1), run)
        message = found["error"]["message"]
        self.assertIn("s3:GetBucketAcl", message)
        self.assertIn(ACCOUNT, message)
        self.assertNotIn("s3:PutBucketAcl", self.cloud.proxy.operations())

    def test_a_missing_write_action_is_named(self):
        polled = self.poll()
        self.without("sqs:SetQueueAttributes")
        run = self.engine("remediate", "--remediate", stdin=polled.out)
        found = run.finding("sqs.public")
        self.assertEqual((found["remediation"], found["held"]),
                         ("held", "the account grants reading only"), run)
        self.assertIn("sqs:SetQueueAttributes", found["error"]["message"])
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.finding("s3_bucket.sse")["remediation"], "fixed", run)

    def only_line(self, run, *words):
        """The one line of stderr that contains the first word; it must contain the others, too."""
        lines = [line for line in run.err.splitlines() if words[0] in line]
        self.assertEqual(len(lines), 1, run)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertEqual(run.status, 1, run)

    def one_place(self, **more):
        return self.engine("poll", "--accounts", ACCOUNT, "--regions", REGION, "--types", "sqs",
                           **more)

    def own_account(self, **more):
        """The caller's own credentials, without a role."""
        return self.engine("poll", "--no-assume-role", "--regions", REGION, "--types", "sqs",
                           **more)

    def test_a_wrong_secret_says_what_to_do(self):
        wrong = {"AWS_SECRET_ACCESS_KEY": "wrong" * 8}
        self.only_line(self.one_place(**wrong), "SignatureDoesNotMatch", "secret key")
        run = self.own_account(**wrong)
        self.only_line(run, "AWS_SECRET_ACCESS_KEY", "secret key")
        self.assertNotIn("wrongwrong", run.err + run.out)

    def test_an_unknown_key_says_what_to_do(self):
        wrong = {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNUNKNOWN00"}
        self.only_line(self.one_place(**wrong), "InvalidClientTokenId", "access key")
        self.only_line(self.own_account(**wrong), "AWS_ACCESS_KEY_ID", "not known")

    def test_an_expired_token_says_what_to_do(self):
        self.cloud.proxy.refuse("sts:GetCallerIdentity", code="ExpiredToken")
        self.cloud.proxy.refuse("sts:AssumeRole", code="ExpiredToken")
        stale = {"AWS_SESSION_TOKEN": "stale"}
        self.only_line(self.one_place(**stale), "ExpiredToken", "get new credentials")
        self.only_line(self.own_account(**stale), "get new credentials", "expired")

    def test_a_role_that_may_not_be_assumed_is_named(self):
        self.cloud.enforce(False)
        self.cloud.client("iam").delete_user_policy(UserName="operator", PolicyName="assume")
        self.cloud.enforce(True)
        self.only_line(self.one_place(), "AccessDenied", ROLE, ACCOUNT, "trust policy")


class Keys(OnEmulator):
    """S3 objects with every kind of name; signatures are checked."""

    def setUp(self):
        self.cloud.reset()

    def test_keys_keep_their_names(self):
        estate.bucket(self.cloud, MASTER, "us-east-1", "odd-keys")
        iam = self.cloud.client("iam")
        iam.create_user(UserName="operator")
        iam.put_user_policy(UserName="operator", PolicyName="objects", PolicyDocument=allow(
            ["s3:PutObject", "s3:GetObject"]))
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        with open(self.cloud.path("keys.lua"), "w", encoding="utf-8") as file:
            file.write(SCRIPT)
        self.cloud.enforce(True)
        run = self.cloud.engine("run", self.cloud.path("keys.lua"), "odd-keys", json.dumps(KEYS),
                           AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                           AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
        self.cloud.enforce(False)
        self.assertEqual(run.status, 0, run)
        self.assertEqual(json.loads(run.out), [len(f"body {i + 1}") for i in range(len(KEYS))])
        listed = self.cloud.client("s3").list_objects_v2(Bucket="odd-keys")["Contents"]
        self.assertEqual(sorted(one["Key"] for one in listed), sorted(KEYS))


class EnforcedByMoto(Enforced, unittest.TestCase):
    emulator = Moto


class EnforcedByMinistack(Enforced, unittest.TestCase):
    """This emulator also enforces session policies and bucket policies, including the denial of
    plain HTTP."""
    emulator = Ministack
    spared = ("s3_bucket.tls",)


class Resources(unittest.TestCase):
    """Resources in IAM policies: in ministack, for the services whose ARNs it knows. It gives
    queues, buckets, roles, keys and functions the same ARNs as AWS; for the others, see the
    reference in tests/fixtures/permissions."""
    types = ("iam_role", "kms_key", "lambda_function", "s3_bucket", "sqs")
    public = {"iam_role.public_trust", "kms_key.public", "lambda_function.public",
              "s3_bucket.public_policy", "sqs.public"}

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud(Ministack)

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def setUp(self):
        self.cloud.reset()
        made = self.cloud.engine("run", str(ROOT / "misconfiguration_maker" / "make.lua"), "make",
                                 "--region", REGION, *self.types,
                                 AWS_ACCESS_KEY_ID=ACCOUNT, AWS_SECRET_ACCESS_KEY="test")
        self.assertEqual(made.status, 0, made)
        self.lines = "".join(json.dumps({**line, "account": ACCOUNT}) + "\n"
                             for line in made.lines)
        self.keys = make_operator(self.cloud)

    def remediate(self, partition):
        make_role(self.cloud, ACCOUNT, generate(
            "permissions", "--types", ",".join(self.types), "--partition", partition))
        self.cloud.proxy.clear()
        return self.cloud.engine("remediate", "--remediate", "--journal",
                                 self.cloud.path(partition), stdin=self.lines,
                                 **KNOWN, **self.keys)

    def test_the_generated_permissions_are_enough(self):
        run = self.remediate("aws")
        found = {line["check"]: line["remediation"] for line in run.lines}
        self.assertEqual({check: found.get(check) for check in self.public},
                         dict.fromkeys(self.public, "fixed"), run)

    def test_permissions_of_another_partition_allow_nothing(self):
        run = self.remediate("aws-cn")
        queues = [line for line in run.lines if line["type"] == "sqs"]
        others = [line for line in run.lines if line["type"] != "sqs"]
        self.assertEqual({line["status"] for line in others}, {"unknown"}, run)
        # The bad queue's own policy lets anyone read it, so it is audited; nobody may change it.
        self.assertEqual({(line["status"], line["remediation"]) for line in queues},
                         {("non_compliant", "held"), ("non_compliant", "none")}, run)
        self.assertLessEqual(self.public, {line["check"] for line in run.lines})
        self.assertEqual([one.operation for one in self.cloud.proxy.requests
                          if one.is_write and one.status < 400], [])


class KeysInMoto(Keys, unittest.TestCase):
    emulator = Moto


class KeysInMinistack(Keys, unittest.TestCase):
    emulator = Ministack


if __name__ == "__main__":
    unittest.main()
