"""--record and --replay: AWS requests are recorded without secrets, and an audit of the recording
needs no network and finds the same, byte for byte."""
import json
import pathlib
import re
import shutil
import stat
import unittest

from support import estate
from support.cloud import ROOT, Cloud

ACCOUNTS = ("111122223333", "444455556666")
SECRET = "the-callers-own+secret/key"
POLL = ("poll", "--accounts", ",".join(ACCOUNTS), "--regions", "us-east-1,eu-west-1",
        "--types", "sqs,s3_bucket,iam_user,lambda_function")
AUDIT = ("remediate", "--all", "--format", "jsonl")
MASKED = "MASKED"
NUMBERS = ("+15550100001", "+15550100002")
MASTER = "123456789012"  # of the caller, whose organization it is
ROOT_POLICIES = ROOT / "policies"

cloud = None
recorded = None


SCRIPT = """
print(#aws.sqs:ListQueues{}.QueueUrls)
if arg[1] == "write" then
  local key = aws.iam:CreateAccessKey{UserName="operator"}.AccessKey
  print("secret " .. key.SecretAccessKey)
end
local there = aws:in_account("%s")
print(#there.sqs:ListQueues{}.QueueUrls)
-- What only the API's model says is a secret: numbers that were asked for, names of accounts.
for _, number in ipairs { "%s", "%s" } do
  assert(aws.sns:CheckIfPhoneNumberIsOptedOut { phoneNumber = number }.isOptedOut ~= nil)
end
print(#aws.organizations:DescribeAccount { AccountId = "%s" }.Account.Email > 0)
""" % (ACCOUNTS[0], *NUMBERS, MASTER)


class Recorded:
    """One estate, polled and audited with a recording; then the emulator is stopped."""

    def __init__(self):
        make_estate()
        cloud.proxy.clear_requests()
        # Of two responses that AWS would not both give, the second counts.
        cloud.proxy.refuse("sqs:ListQueueTags", code="ThrottlingException", status=400, times=1)
        cloud.proxy.refuse("s3:GetBucketAcl", code="AccessDenied", times=1)
        self.poll = engine(*POLL, "--record", "rec")
        self.lines = self.poll.out
        self.audit = engine(*AUDIT, "--record", "rec", stdin=self.lines)
        self.html = engine("remediate", "--format", "html", "--record", "html", stdin=self.lines)
        cloud.client("iam").create_user(UserName="operator")
        estate.queue(cloud, MASTER, "us-east-1", "own")
        cloud.client("organizations").create_organization(FeatureSet="ALL")
        self.script = cloud.path("script.lua")
        pathlib.Path(self.script).write_text(SCRIPT, encoding="utf-8")
        self.run = engine("run", "--record", "script", self.script, "write")
        self.tokens = {request.headers.get("x-amz-security-token", "")
                       for request in cloud.proxy.requests} - {""}
        self.keys = {request.scope[0] for request in cloud.proxy.requests} - {""}
        cloud.proxy.close()
        cloud.emulator.close()


def engine(*args, **more):
    return cloud.engine(*args, **{"AWS_SECRET_ACCESS_KEY": SECRET, "KNOWN_ACCOUNTS": estate.FRIEND,
                                  "EXTERNAL_ID": "agreed-upon-id", **more})


def replay(command, *args, directory="rec", **more):
    """Runs without any credentials, and with nothing listening at the address."""
    single = command.startswith("--")
    args = ("--replay", directory, command, *args) if single else (
        command, "--replay", directory, *args)
    return engine(*args, **{"AWS_ACCESS_KEY_ID": None, **more})


def make_estate():
    for account in ACCOUNTS:
        for region in ("us-east-1", "eu-west-1"):
            for name in ("bad", "good"):
                arn = f"arn:aws:sqs:{region}:{account}:{name}"
                statements = estate.four_statements("sqs", arn, account)
                text = estate.text_of(*(statements if name == "bad" else statements[:1]))
                estate.queue(cloud, account, region, name, text)
        estate.bucket(cloud, account, "us-east-1", f"open-{account}", public_acl=True)
        cloud.client("iam", account).create_user(UserName="someone")
        cloud.client("iam", account).create_access_key(UserName="someone")
        make_function(account)


def make_function(account):
    role = cloud.client("iam", account).create_role(
        RoleName="runs", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"}}]}))["Role"]["Arn"]
    cloud.client("lambda", account).create_function(
        FunctionName="job", Role=role, Runtime="python3.12", Handler="x.y",
        Code={"ZipFile": b"no archive"}, Environment={"Variables": {"DB": "hidden-in-variables"}})


def setUpModule():
    global cloud, recorded
    cloud = Cloud()
    recorded = Recorded()


def tearDownModule():
    cloud._directory.cleanup()  # the servers are closed


def texts():
    return {path.name: path.read_text(encoding="utf-8")
            for path in (cloud.directory / "rec").iterdir()}


def exchanges():
    return [json.loads(line) for text in texts().values() for line in text.splitlines()[1:]]


class Recording(unittest.TestCase):
    def test_recording_does_not_change_the_run(self):
        self.assertEqual(recorded.poll.status, 0, recorded.poll)
        self.assertEqual(recorded.audit.status, 1, recorded.audit)  # the refused read
        ids = {(line["account"], line["region"], line["id"]) for line in recorded.poll.lines}
        self.assertEqual(len(ids), 2 * (4 + 1 + 1 + 1), recorded.poll)
        statuses = {line["status"] for line in recorded.audit.lines}
        self.assertEqual(statuses, {"compliant", "non_compliant", "unknown"}, recorded.audit)

    def test_every_request_is_recorded(self):
        self.assertEqual(set(texts()), {"poll.jsonl", "remediate.jsonl"})
        targets = {each["request"].get("headers", {}).get("x-amz-target") for each in exchanges()}
        self.assertLessEqual({"AmazonSQS.GetQueueAttributes", "AmazonSQS.ListQueues"}, targets)
        accounts = {each["request"].get("account") for each in exchanges()}
        self.assertLessEqual(set(ACCOUNTS), accounts)
        heads = [json.loads(text.splitlines()[0]) for text in texts().values()]
        self.assertEqual({head["command"] for head in heads}, {"poll", "remediate"})

    def test_only_its_owner_can_read_it(self):
        directory = cloud.directory / "rec"
        self.assertEqual(stat.S_IMODE(directory.stat().st_mode), 0o700)
        self.assertEqual({stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()},
                         {0o600})

    def test_no_secret_is_in_it(self):
        self.assertGreaterEqual(len(recorded.tokens), 4)  # each account, in both runs
        secrets = recorded.tokens | recorded.keys | {
            SECRET, "agreed-upon-id", "hidden-in-variables", "Credential=", "Signature="}
        for name, text in texts().items():
            for secret in secrets - {"test"}:
                self.assertNotIn(secret, text, name)
            self.assertNotRegex(text.lower(), "authorization|security-token")

    def test_handed_out_keys_are_redacted(self):
        bodies = [each["answer"].get("body", "") for each in exchanges()
                  if "Action=AssumeRole" in str(each["request"].get("body", ""))]
        self.assertGreaterEqual(len(bodies), 4)  # each account, in both runs
        for body in bodies:
            found = re.findall(r"<(SecretAccessKey|SessionToken|AccessKeyId)>([^<]*)<", body)
            self.assertEqual(dict(found), {"SecretAccessKey": MASKED, "SessionToken": MASKED,
                                           "AccessKeyId": MASKED}, body)

    def test_another_recording_is_not_overwritten(self):
        before = texts()
        run = engine(*POLL, "--record", "rec")
        self.assertEqual((run.status, run.out), (64, ""), run)
        self.assertIn("rec/poll.jsonl already exists", run.err)
        self.assertEqual(texts(), before)

    def test_a_directory_that_cannot_be_created(self):
        run = engine(*POLL, "--record", "no/such/place")
        self.assertEqual((run.status, run.out), (1, ""), run)
        self.assertIn("--record: no/such/place: No such file or directory", run.err)


class Scripts(unittest.TestCase):
    def test_a_script_is_replayed_with_its_arguments(self):
        own, secret, there = recorded.run.out.split("\n")[:3]
        self.assertEqual((own, there), ("1", "2"), recorded.run)
        text = (cloud.directory / "script" / "run.jsonl").read_text(encoding="utf-8")
        self.assertIn("Action=CreateAccessKey", text)
        self.assertGreater(len(secret), len("secret ") + 10)
        self.assertNotIn(secret.removeprefix("secret "), text)
        again = replay("run", recorded.script, directory="script")
        self.assertEqual((again.status, again.out), (0, "1\n2\ntrue\n"), again)
        for hidden in (*NUMBERS, "master@example.com"):
            self.assertNotIn(hidden, text)
        self.assertEqual(text.count("phoneNumber=MASKED"), 2)

    def test_its_changes_are_not_replayed(self):
        run = replay("run", recorded.script, "write", directory="script")
        self.assertEqual((run.status, run.out), (1, "1\n"), run)
        self.assertRegex(run.err, "--replay makes no changes: POST .*CreateAccessKey")


class Replaying(unittest.TestCase):
    def test_a_poll_lists_the_same(self):
        run = replay(*POLL)
        self.assertEqual((run.status, run.out), (0, recorded.poll.out), run)

    def test_an_audit_finds_the_same(self):
        for _ in range(3):
            run = replay(*AUDIT, stdin=recorded.lines)
            self.assertEqual((run.status, run.out), (1, recorded.audit.out), run)

    def test_endpoints_are_those_of_the_recording(self):
        for url in None, "http://127.0.0.1:9":
            run = replay(*AUDIT, stdin=recorded.lines, AWS_ENDPOINT_URL=url,
                         AWS_ENDPOINT_URL_SQS=url)
            self.assertEqual((run.status, run.out), (1, recorded.audit.out), run)

    def test_an_older_recording_needs_the_variable(self):
        """Its head has no endpoints."""
        older = cloud.directory / "older"
        shutil.copytree(cloud.directory / "rec", older)
        for path in older.iterdir():
            head, rest = path.read_text(encoding="utf-8").split("\n", 1)
            head = json.loads(head)
            self.assertEqual(head.pop("endpoints"), {
                "variables": {"AWS_ENDPOINT_URL": cloud.proxy.url}, "profile": {}})
            path.write_text(json.dumps(head) + "\n" + rest, encoding="utf-8")
        run = replay(*AUDIT, stdin=recorded.lines, directory="older")
        self.assertEqual((run.status, run.out), (1, recorded.audit.out), run)
        run = replay(*AUDIT, stdin=recorded.lines, directory="older", AWS_ENDPOINT_URL=None)
        self.assertIn("not in the recording", run.out + run.err)

    def test_a_report_is_the_same(self):
        run = replay("remediate", "--format", "html", directory="html", stdin=recorded.lines)
        self.assertGreater(len(run.out), 1000)
        self.assertEqual(run.out, recorded.html.out)

    def test_some_lines_in_reverse_order(self):
        lines = [json.dumps(line) for line in recorded.poll.lines[::-3]]
        run = replay(*AUDIT, stdin="\n".join(lines))
        ids = {(json.loads(line)["account"], json.loads(line)["region"], json.loads(line)["id"])
               for line in lines}
        expected = [line for line in recorded.audit.out.splitlines()
                    if (json.loads(line)["account"], json.loads(line)["region"],
                        json.loads(line)["id"]) in ids]
        self.assertEqual(sorted(run.out.splitlines()), sorted(expected), run)

    def test_one_resource(self):
        line = next(line for line in recorded.poll.lines if line["id"].endswith("/bad"))
        run = replay("--policy", "sqs", "--resource", line["id"], "--account", line["account"],
                     "--region", line["region"])
        self.assertEqual(run.status, 2, run)
        self.assertEqual(run.finding("sqs.public")["status"], "non_compliant")

    def test_another_policy_on_recorded_data(self):
        """The same reads, another verdict."""
        policies = pathlib.Path(cloud.path("policies"))
        shutil.copytree(ROOT_POLICIES, policies)
        file = policies / "sqs.lua"
        text = file.read_text(encoding="utf-8")
        self.assertIn('severity = "critical"', text)
        file.write_text(text.replace('severity = "critical"', 'severity = "low"'), encoding="utf-8")
        run = replay(*AUDIT, "--policies", str(policies), stdin=recorded.lines)
        severities = {line["severity"] for line in run.lines if line["check"] == "sqs.public"}
        self.assertEqual(severities, {"low"}, run)

    def test_a_plan_from_a_recording(self):
        run = replay("plan", stdin=recorded.lines)
        steps = [step["call"] for line in run.lines for step in line.get("steps", [])]
        self.assertEqual(steps.count("sqs:SetQueueAttributes"), 4, run)

    def test_a_request_that_was_not_recorded_is_named(self):
        line = {"account": ACCOUNTS[0], "region": "us-east-1", "type": "sqs",
                "id": f"https://sqs.us-east-1.amazonaws.com/{ACCOUNTS[0]}/other"}
        run = replay(*AUDIT, stdin=json.dumps(line))
        self.assertEqual(run.status, 1, run)
        found = run.finding("sqs.public")
        self.assertEqual((found["status"], found["remediation"]), ("unknown", "none"), run)
        self.assertRegex(found["summary"], "not in the recording rec: POST .*us-east-1/sqs "
                         f"AmazonSQS.GetQueueAttributes .*/other.* in account {ACCOUNTS[0]}")
        line = json.loads(json.dumps(line).replace(ACCOUNTS[0], "777788889999"))
        found = replay(*AUDIT, stdin=json.dumps(line)).finding("sqs.public")
        self.assertRegex(found["summary"], "sts:AssumeRole for arn:aws:iam::777788889999:role/.*"
                         "not in the recording rec: ")

    def test_nothing_is_changed_or_sent(self):
        for args, words in (
                (("remediate", "--remediate"), "--replay changes nothing"),
                ((*POLL, "--sqs", "https://sqs.us-east-1.amazonaws.com/1/q"), "sends nothing"),
                (("remediate", "--record", "more"), "cannot be combined")):
            run = replay(*args, stdin=recorded.lines)
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn(words, run.err)
        run = replay("remediate", stdin=recorded.lines, REMEDIATE="true")
        self.assertEqual(run.status, 64, run)
        run = replay(*AUDIT, stdin=recorded.lines,
                     NOTIFICATION_TOPIC=f"arn:aws:sns:us-east-1:{ACCOUNTS[0]}:findings",
                     STATE_TABLE="remediator-state", MAX_CHANGES_PER_DAY="1")
        self.assertEqual(run.out, recorded.audit.out, run)
        self.assertNotIn("could not be notified", run.err)

    def test_a_dry_run_is_a_plan(self):
        run = replay("remediate", "--remediate", "--dry-run", stdin=recorded.lines)
        self.assertIn("planned", {line["remediation"] for line in run.lines}, run)

    def test_a_missing_recording_is_an_error(self):
        pathlib.Path(cloud.path("empty")).mkdir(exist_ok=True)
        for directory, words in (("nowhere", "No such file"), ("empty", "there is no recording")):
            run = replay(*POLL, directory=directory)
            self.assertEqual((run.status, run.out), (64, ""), run)
            self.assertIn(words, run.err)

    def test_a_spoilt_recording_names_its_line(self):
        shutil.copytree(cloud.path("rec"), cloud.path("spoilt"))
        file = pathlib.Path(cloud.path("spoilt")) / "poll.jsonl"
        lines = file.read_text(encoding="utf-8").splitlines()
        for number, line in ((2, lines[1][:-9]), (3, "{}"), (1, '{"recording":9}')):
            damaged = [*lines]
            damaged[number - 1] = line
            file.write_text("\n".join(damaged), encoding="utf-8")
            run = replay(*POLL, directory="spoilt")
            self.assertEqual((run.status, run.out), (1, ""), run)
            self.assertIn(f"--replay: spoilt/poll.jsonl line {number}", run.err)


if __name__ == "__main__":
    unittest.main()
