"""The whole path in two accounts and two regions: resources are listed, audited, planned, repaired,
verified, and restored."""
import collections
import json
import unittest
import xml.etree.ElementTree as ElementTree

from support import estate
from support.cloud import ROOT, Cloud

ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("us-east-1", "eu-west-1")
PLACES = [(account, region) for account in ACCOUNTS for region in REGIONS]
WHERE = ("--accounts", ",".join(ACCOUNTS), "--regions", ",".join(REGIONS),
         "--types", "sqs,s3_bucket")
KNOWN = {"KNOWN_ACCOUNTS": f"{estate.FRIEND},{','.join(ACCOUNTS)}"}
S3_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
FIXED = {"sqs.public", "s3_bucket.public_acl", "s3_bucket.public_policy", "s3_bucket.sse",
         "s3_bucket.tls"}
CHECKS = FIXED | {"sqs.shared", "s3_bucket.grants_access"}

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


def denials(name):
    arn = f"arn:aws:s3:::{name}"
    header = "s3:x-amz-server-side-encryption"
    return [
        estate.statement("tls", "*", "s3:*", [arn, arn + "/*"], effect="Deny",
                         Condition={"Bool": {"aws:SecureTransport": "false"}}),
        estate.statement("sse", "*", "s3:PutObject", arn + "/*", effect="Deny", Condition={
            "Null": {header: "false"},
            "StringNotEquals": {header: ["AES256", "aws:kms", "aws:kms:dsse"]}})]


def build_estate():
    """A bad and a good queue and bucket in each place: {id: (type, account, region, is bad)}."""
    made = {}
    for account, region in PLACES:
        for kind in ("bad", "good"):
            name = f"{kind}-{account}-{region}"
            queue_text = estate.four_statements("sqs", "*", account)
            bucket_text = estate.four_statements("s3", f"arn:aws:s3:::{name}/*", account)
            if kind == "good":
                del queue_text[2], bucket_text[2]
                bucket_text += denials(name)
            estate.queue(cloud, account, region, name, estate.text_of(*queue_text))
            estate.bucket(cloud, account, region, name, estate.text_of(*bucket_text),
                          public_acl=kind == "bad")
            url = f"{cloud.proxy.url}/{account}/{name}"
            made[url] = ("sqs", account, region, kind == "bad")
            made[name] = ("s3_bucket", account, region, kind == "bad")
    return made


def states():
    """The policies and ACLs of the estate, as moto returns them."""
    found = {}
    for account, region in PLACES:
        for kind in ("bad", "good"):
            name = f"{kind}-{account}-{region}"
            url = f"{cloud.emulator.url}/{account}/{name}"
            found["queue", name] = estate.queue_policy(cloud, account, region, url)
            found["bucket", name] = estate.bucket_policy(cloud, account, region, name)
            found["acl", name] = estate.bucket_grants(cloud, account, region, name)
    return found


def grants_of(request):
    """An ACL as it was sent: [(type, id or URI, permission)]"""
    root = ElementTree.fromstring(request.body)
    found = []
    for grant in root.iter(S3_NAMESPACE + "Grant"):
        grantee = grant.find(S3_NAMESPACE + "Grantee")
        kind = grantee.get("{http://www.w3.org/2001/XMLSchema-instance}type")
        name = grantee.findtext(S3_NAMESPACE + "ID") or grantee.findtext(S3_NAMESPACE + "URI")
        found.append((kind, name, grant.findtext(S3_NAMESPACE + "Permission")))
    return found


def as_sent(request):
    """A change as it was sent, in the form of `as_planned`."""
    if request.operation == "sqs:SetQueueAttributes":
        return request.operation, json.dumps(request.json(), sort_keys=True)
    if request.operation == "s3:PutBucketAcl":
        return request.operation, request.bucket, grants_of(request)
    return request.operation, request.bucket, request.body.decode()


def as_planned(step):
    given = step["with"]
    if step["call"] == "sqs:SetQueueAttributes":
        return step["call"], json.dumps(given, sort_keys=True)
    if step["call"] == "s3:PutBucketAcl":
        return step["call"], given["Bucket"], [
            (grant["Grantee"]["Type"], grant["Grantee"].get("ID") or grant["Grantee"]["URI"],
             grant["Permission"]) for grant in given["AccessControlPolicy"]["Grants"]]
    return step["call"], given["Bucket"], given.get("Policy", "")


def by_text(changes):
    return sorted(changes, key=repr)


class Flow(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.made = build_estate()
        self.before = states()
        cloud.proxy.clear()

    def poll(self):
        run = cloud.engine("poll", *WHERE, **KNOWN)
        self.assertEqual(run.status, 0, run)
        return run

    def check_repaired(self):
        """Only the open statements and grants were removed, and only the denials were added."""
        after = states()
        for (what, name), text in after.items():
            was = self.before[what, name]
            if name.startswith("good"):
                self.assertEqual(text, was)
            elif what == "acl":
                self.assertEqual(text, [one for one in was if one[0] != "AllUsers"])
            else:
                self.check_policy(what, json.loads(text), json.loads(was))

    def check_policy(self, what, document, was):
        kept = [one for one in was["Statement"] if one["Sid"] != "open"]
        self.assertEqual(len(kept), 3)
        self.assertEqual(document["Version"], was["Version"])
        self.assertEqual(document["Statement"][:3], kept)
        added = {one["Sid"]: one for one in document["Statement"][3:]}
        wanted = {"DenyPlainHttp", "DenyWrongEncryption"} if what == "bucket" else set()
        self.assertEqual(set(added), wanted)
        for one in added.values():
            self.assertEqual((one["Effect"], one["Principal"]), ("Deny", "*"))

    def test_poll_lists_everything_once(self):
        lines = self.poll().lines
        wanted = [{"account": account, "region": region, "type": kind, "id": id_}
                  for id_, (kind, account, region, _) in self.made.items()]
        order = lambda line: (line["id"], line["account"], line["region"])
        self.assertEqual(sorted(lines, key=order), sorted(wanted, key=order))
        self.assertEqual(cloud.proxy.writes(), [])

    def test_audit_finds_and_changes_nothing(self):
        run = cloud.engine("remediate", "--all", stdin=self.poll().out, **KNOWN)
        self.assertEqual(run.status, 2, run)
        for line in run.lines:
            bad = self.made[line["id"]][3] and line["check"] in FIXED
            self.assertEqual(line["status"], "non_compliant" if bad else "compliant", line)
            self.assertEqual(line["remediation"], "available" if bad else "none", line)
        own = collections.Counter(line["check"] for line in run.lines if line["check"] in CHECKS)
        self.assertEqual(own, dict.fromkeys(CHECKS, 8))
        self.assertEqual(cloud.proxy.writes(), [])
        self.assertEqual(states(), self.before)

    def test_plan_apply_undo(self):
        polled = self.poll().out
        plan = cloud.engine("plan", "--output", cloud.path("plan"), stdin=polled, **KNOWN)
        self.assertEqual(plan.status, 2, plan)
        self.assertEqual(cloud.proxy.writes(), [])
        with open(cloud.path("plan"), encoding="utf-8") as file:
            planned = [json.loads(line) for line in file]
        steps = [step for line in planned for step in line.get("steps", [])]
        self.assertEqual(len(steps), 4 * 1 + 4 * 4)

        applied = cloud.engine("apply", cloud.path("plan"), **KNOWN)
        self.assertEqual(applied.status, 0, applied)
        self.assertEqual(by_text(as_sent(one) for one in cloud.proxy.writes()),
                         by_text(as_planned(step) for step in steps))
        self.check_repaired()
        again = cloud.engine("remediate", stdin=polled, **KNOWN)
        self.assertEqual((again.status, again.lines), (0, []), again)

        undone = cloud.engine("undo", cloud.path("plan.journal"), **KNOWN)
        self.assertEqual(undone.status, 0, undone)
        self.assertEqual(states(), self.before)

    def test_remediate_sends_what_was_planned(self):
        polled = self.poll().out
        plan = cloud.engine("plan", stdin=polled, **KNOWN)
        steps = [step for line in plan.lines for step in line.get("steps", [])]
        cloud.proxy.clear()
        run = cloud.engine("remediate", "--remediate", "--journal", cloud.path("journal"),
                           stdin=polled, **KNOWN)
        self.assertEqual(run.status, 0, run)
        self.assertEqual({line["remediation"] for line in run.lines}, {"fixed"}, run)
        self.assertEqual(by_text(as_sent(one) for one in cloud.proxy.writes()),
                         by_text(as_planned(step) for step in steps))
        self.check_repaired()
        undone = cloud.engine("undo", cloud.path("journal"), **KNOWN)
        self.assertEqual(undone.status, 0, undone)
        self.assertEqual(states(), self.before)


class OneResource(unittest.TestCase):
    """`engine --policy P --resource ID`, with every name of a policy."""

    def setUp(self):
        cloud.reset()

    def one(self, policy, resource, *more):
        account, region = PLACES[3]
        return cloud.engine("--policy", policy, "--resource", resource, "--account", account,
                            "--region", region, *more, **KNOWN)

    def test_queue(self):
        account, region = PLACES[3]
        text = estate.text_of(estate.statement("open", "*", "sqs:*", "*"))
        url = estate.queue(cloud, account, region, "orders", text)
        for name in ("sqs", "sqs.lua", str(ROOT / "policies" / "sqs.lua")):
            run = self.one(name, url)
            self.assertEqual((run.status, run.finding("sqs.public")["remediation"]),
                             (2, "available"), run)
        self.assertEqual(cloud.proxy.writes(), [])
        run = self.one("sqs", url, "--remediate", "--journal", cloud.path("queue.journal"))
        self.assertEqual((run.status, run.finding("sqs.public")["remediation"]), (0, "fixed"), run)
        self.assertEqual(estate.queue_policy(cloud, account, region, url), "")
        gone = self.one("sqs", url + "-missing", "--all")
        self.assertEqual({line["status"] for line in gone.lines}, {"gone"}, gone)
        self.assertEqual(gone.status, 0, gone)

    def test_bucket_in_another_region_than_said(self):
        account, _ = PLACES[0]
        estate.bucket(cloud, account, "us-east-1", "said-elsewhere", public_acl=True)
        place = ("--account", account, "--region", "eu-west-1")
        for name in ("s3", "s3.lua", "s3_bucket", str(ROOT / "policies" / "s3_bucket.lua")):
            run = cloud.engine("--policy", name, "--resource", "said-elsewhere", *place, **KNOWN)
            found = run.finding("s3_bucket.public_acl")
            self.assertEqual(found["remediation"], "available", found)
        run = cloud.engine("--policy", "s3", "--resource", "said-elsewhere", *place, "--remediate",
                           **KNOWN)
        self.assertEqual(run.finding("s3_bucket.public_acl")["remediation"], "fixed", run)
        grants = estate.bucket_grants(cloud, account, "us-east-1", "said-elsewhere")
        self.assertNotIn(("AllUsers", "READ"), grants)
        self.assertIn(("LogDelivery", "WRITE"), grants)


if __name__ == "__main__":
    unittest.main()
