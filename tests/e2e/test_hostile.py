"""Wrong, empty, huge and hostile input: each causes one clear error, and the rest of the run
continues. Events and their ids have tests of their own in test_events.py (Forms and Input)."""
import copy
import csv
import io
import json
import re
import unittest
import urllib.parse
import xml.etree.ElementTree

from support import estate, events
from support.cloud import Cloud
from support.pages import Page
from support.proxy import Rule
from support.type_files import all_types

ACCOUNT, REGION = "111122223333", "us-east-1"
OPEN = estate.statement("open", "*", "sqs:*", "*")

cloud = None


def setUpModule():
    global cloud
    cloud = Cloud()


def tearDownModule():
    cloud.close()


class Hostile(unittest.TestCase):
    """Each run also has a bad queue, which must be repaired."""
    maxDiff = None

    def setUp(self):
        cloud.reset()
        self.queue = estate.queue(cloud, ACCOUNT, REGION, "victim", estate.text_of(OPEN))
        cloud.proxy.clear()

    def line(self, kind, id_, **more):
        return json.dumps({"account": ACCOUNT, "region": REGION, "type": kind, "id": id_, **more})

    def remediate(self, *lines, args=("--all",)):
        """The run, with the bad queue as its last line."""
        text = "\n".join([*lines, self.line("sqs", self.queue)])
        return cloud.engine("remediate", "--remediate", "--journal", cloud.path("journal"), *args,
                            stdin=text, KNOWN_ACCOUNTS=estate.FRIEND, AWS_MAX_ATTEMPTS="1",
                            VERIFY_SECONDS="1")

    def assert_goes_on(self, run):
        """The queue is repaired, and nothing else was changed."""
        found = run.finding("sqs.public", self.queue)
        self.assertEqual((found["status"], found["remediation"]), ("non_compliant", "fixed"))
        changes = [one.operation for one in cloud.proxy.writes()
                   if not one.operation.startswith("sts:")]
        self.assertEqual(changes, ["sqs:SetQueueAttributes"])


WHOLE = {"account": ACCOUNT, "region": REGION, "type": "sqs", "id": "x"}


def but(**more):
    return json.dumps({**WHOLE, **more})


# A line -> its error message.
LINES = [
    ("nonsense", "invalid token"), ("{", "near end of file"), ("\0\0", "invalid token"),
    ("\ufeff{}", "invalid token"), ("\udcff", "unable to decode byte 0xff"),
    ("[]", "must be a JSON object"), ("null", "must be a JSON object"),
    ("7", "must be a JSON object"), ('"text"', "must be a JSON object"),
    ("{}", '"account" is missing'), ('{"account":"' + ACCOUNT + '"}', '"region" is missing'),
    (but(account=111122223333), '"account" must be a string'),
    (but(account="11112222333"), '"account" must be a string of 12 digits'),
    (but(account="１１１１２２２２３３３３"), '"account" must be a string of 12 digits'),
    (but(region="../x"), '"region" must be lower-case'), (but(region=""), '"region" must be'),
    (but(type="../../etc/passwd"), '"type" must be lower-case'), (but(type="sqz"), '"sqz"'),
    (but(id=""), '"id" must be'), (but(id=None), '"id" must be'), (but(id=["x"]), '"id" must be'),
    (but(id={"x": 1}), '"id" must be'), (but(id="q" * 100000), '"id" must be'),
    (but(id="a\0b"), '"id" must not contain control characters'),
    (but(delay=-1), '"delay" must be'), (but(delay=1.5), '"delay" must be'),
    (but(attempt="many"), '"attempt" must be'), (but(attempt=1 << 70), "too big integer"),
    (but()[:-1] + ',"id":"y"}', "duplicate object key"),
    ("[" * 10000, "nested deeper than 512"), ('{"a":' * 10000, "nested deeper than 512"),
    (but(more=[])[:-2] + "[" * 10000 + "]" * 10001 + "}", "nested deeper than 512"),
    ('"' + "x" * (3 << 20) + '"', "longer than 1048576 bytes"),
    (but(more="x" * (3 << 20)), "longer than 1048576 bytes"),
]


class Lines(Hostile):
    def test_each_has_one_error_that_names_it(self):
        run = self.remediate(*(text for text, _ in LINES))
        self.assert_goes_on(run)
        self.assertEqual(run.status, 1, run.err)
        errors = run.err.splitlines()[:len(LINES)]
        numbered = {}
        for error in errors:
            self.assertLess(len(error), 300)
            found = re.match(r"engine: error: (?:line (\d+)|resource x): (.*)", error)
            self.assertTrue(found, error)
            self.assertNotIn(found[1], numbered)
            numbered[found[1]] = found[2]
        for number, (text, says) in enumerate(LINES, 1):
            with self.subTest(line=text[:60]):
                self.assertIn(says, numbered[None if says == '"sqz"' else str(number)])
        whole = run.finding("run.complete")
        self.assertIn(f"{len(LINES)} lines", whole["summary"])
        self.assertEqual({line["id"] for line in run.lines if line != whole}, {self.queue})

    def test_empty_input(self):
        for text in ("", "\n", " \n\t\n\n"):
            run = cloud.engine("remediate", stdin=text)
            self.assertEqual((run.status, run.out), (0, ""))
            self.assertRegex(run.err, r"\Aengine: no resource lines on stdin.*\n\Z")


IDS = ["a\"b'c", "two\nlines", "\x1b[31mred\x07", "x" * 200, "y" * 4096, "日本/ü\U0001f600",
       "../../etc/passwd", "a%2e%2e?x=1&Action=DeleteQueue", "$(reboot); `x` | y",
       "<a b='c'/>&amp;", "http://[::1]:99999/", "arn:aws:::::::/", "*", " "]


class Ids(Hostile):
    def test_ids_of_every_type(self):
        """Whatever an id contains, the resource is gone or unknown, with findings of its own, in
        the order of the lines. A name that identifies a resource completely ends like the line's
        id, in any letter case. "*" stands for the place: can it be listed?"""
        pairs = [(kind, id_) for kind in all_types() for id_ in IDS]
        run = self.remediate(*(self.line(kind, id_) for kind, id_ in pairs))
        self.assert_goes_on(run)
        self.assertEqual(run.status, 1, run.err)
        reported = list(dict.fromkeys((line["type"], line["id"]) for line in run.lines))
        self.assertEqual(len(reported), len(pairs) + 1)
        for (kind, id_), (type_, found) in zip(pairs, reported):
            self.assertEqual((type_, found[-len(id_):].casefold()), (kind, id_.casefold()))
        for line in run.lines:
            if line["id"] == "*":
                self.assertEqual(line["check"], f'{line["type"]}.listed')
                self.assertIn(line["status"], ("compliant", "unknown"), line)
            elif line["id"] != self.queue:
                self.assertIn(line["status"], ("gone", "unknown"), line)
            if line["id"] != self.queue:
                self.assertEqual(line["remediation"], "none")
            if line["status"] == "unknown":
                self.assertTrue(line["error"]["message"].strip(), line)
                self.assertLess(len(line["error"]["message"]), 5000)

    def test_ids_in_reports(self):
        """Terminals, browsers and spreadsheets execute nothing in the ids, and all ids remain
        readable."""
        ids = [*IDS, "=cmd|' /C calc'!A0", "<script>x</script>"]
        for form in ("table", "csv", "html", "junit", "sarif", "asff", "ocsf", "json"):
            run = self.remediate(*(self.line("sqs", id_) for id_ in ids),
                                 args=("--all", "--format", form))
            self.assertNotRegex(run.out + run.err, "[\x00-\x08\x0b-\x1f]")
            if form == "csv":
                shown = {row["id"] for row in csv.DictReader(io.StringIO(run.out))}
                self.assertIn("'=cmd|' /C calc'!A0", shown)
            elif form == "html":
                self.assertNotRegex(run.out, "<script>x|<a b")
                self.assertIn("<script>x</script>", {one["id"] for one in Page(run.out).findings})
            elif form == "junit":
                cases = xml.etree.ElementTree.fromstring(run.out).iter("testcase")
                self.assertGreaterEqual(len(list(cases)), 2 * len(ids))
            elif form != "table":
                self.assertIn("<script>x</script>", json.dumps(json.loads(run.out)))

    def test_what_does_not_exist_is_gone(self):
        """Ids in AWS's format, as if the resource had disappeared between listing and reading.
        Regions always exist."""
        ids = {name: one.absent.format(url=cloud.emulator.url)
               for name, one in all_types().items() if one.absent}
        run = self.remediate(*(self.line(kind, id_) for kind, id_ in ids.items()))
        self.assert_goes_on(run)
        found = {line["type"]: line["status"] for line in run.lines if line["id"] != self.queue}
        self.assertEqual(found, dict.fromkeys(ids, "gone"))
        self.assertEqual(run.status, 0, run.err)


def statement(**more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{**OPEN, **more}]})


# The content of a policy document -> the message in the finding; none of these can be evaluated.
DOCUMENTS = {
    '{"Statement":' + "[" * 10000 + "]" * 10000 + "}": "nested deeper than 512",
    '{"Statement":' * 10000 + "1" + "}" * 10000: "nested deeper than 512",
    '{"Statement":[],"Statement":[' + json.dumps(OPEN) + "]}": "duplicate object key",
    statement().replace('"Effect"', '"Effect":"Deny","Effect"'): "duplicate object key",
    statement()[:-2]: "not valid JSON", "   ": "not valid JSON", "[]": "no Statement", "7": "not an object",
    "null": "not an object", '"text"': "not an object", "{}": "no Statement",
    '{"Statement":7}': "Statement is neither", '{"Statement":[null]}': "statement 1 is not an object",
    statement(Effect="allow"): "neither Effect Allow nor Deny",
    statement(Principal=7): "Principal", statement(Action={"a": 1}): "Action",
    statement(Condition=[1]): "Condition is not an object",
    '{"Id":"\udcff","Statement":[]}': "unable to decode byte 0xff",
    '{"Statement":[],"x":"' + 100000 * "x": "not valid JSON",
}


class Answer(Rule):
    """Returns the test's policy document in place of the resource's."""
    document = b""

    def takes(self, request):
        return request.operation == self.operation and (
            "victim" not in request.path + request.body.decode(errors="replace"))

    def answer(self, request):
        quoted = urllib.parse.quote(self.document)
        text = json.dumps("@").encode().replace(b"@", json.dumps(
            self.document.decode("utf-8", "surrogateescape"), ensure_ascii=False)[1:-1].encode(
                "utf-8", "surrogateescape"))
        return 200, "text/xml" if request.scope[2] == "iam" else "application/json", {
            "sqs": b'{"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:1:q","Policy":%s}}' % text,
            "kms": b'{"Policy":%s,"PolicyName":"default"}' % text,
            "lambda": b'{"Policy":%s,"RevisionId":"r"}' % text, "s3": self.document,
            "iam": b"<GetRoleResponse><GetRoleResult><Role><RoleName>hostile</RoleName><Path>/"
                   b"</Path><Arn>arn:aws:iam::1:role/hostile</Arn><AssumeRolePolicyDocument>%s"
                   b"</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>"
                   % quoted.encode()}[request.scope[2]]


READS = {"sqs": "sqs:GetQueueAttributes", "s3_bucket": "s3:GetBucketPolicy",
         "kms_key": "kms:GetKeyPolicy", "iam_role": "iam:GetRole",
         "lambda_function": "lambda:GetPolicy"}
# The checks that evaluate the document.
JUDGING = {"sqs": ("public", "shared"), "iam_role": ("public_trust", "shared"),
           "s3_bucket": ("public_policy", "sse", "tls", "grants_access"),
           "kms_key": ("public", "shared"), "lambda_function": ("public", "shared")}
CHECKS = {kind: {f"{kind}.{name}" for name in names} for kind, names in JUDGING.items()}


class Documents(Hostile):
    def setUp(self):
        super().setUp()
        self.ids = {
            "sqs": estate.queue(cloud, ACCOUNT, REGION, "hostile"),
            "s3_bucket": estate.bucket(cloud, ACCOUNT, REGION, "hostile"), "iam_role": "hostile",
            "kms_key": cloud.client("kms", ACCOUNT).create_key()["KeyMetadata"]["KeyId"],
            "lambda_function": "hostile"}

    def found(self, document, args=("--all",)):
        """({type: [findings about the document]}, the run), if all resources have this document."""
        cloud.proxy.clear()
        for operation in READS.values():
            cloud.proxy.rules.append(Answer(operation))
            cloud.proxy.rules[-1].document = document.encode("utf-8", "surrogateescape")
        rules = {name: cloud.proxy.refuse("lambda:" + name) for name in (
            "ListAliases", "ListVersionsByFunction", "ListTags")}
        for rule in rules.values():
            rule.answer = lambda _request: (200, "application/json",
                                            b'{"Aliases":[],"Versions":[],"Tags":{}}')
        run = self.remediate(*(self.line(*pair) for pair in self.ids.items()), args=(
            *args, "--checks", ",".join(sorted(set().union(*CHECKS.values())))))
        found = {kind: [] for kind in self.ids}
        for line in run.lines:
            if line["id"] != self.queue:
                found[line["type"]].append(line)
        return found, run

    def test_what_cannot_be_evaluated_is_unknown_and_says_why(self):
        for document, says in DOCUMENTS.items():
            cloud.client("sqs", ACCOUNT).set_queue_attributes(
                QueueUrl=self.queue, Attributes={"Policy": estate.text_of(OPEN)})
            found, run = self.found(document)
            with self.subTest(document=document[:60]):
                self.assertEqual(run.status, 1, run.err)
                self.assert_goes_on(run)
                for kind, lines in found.items():
                    self.assertEqual({line["check"] for line in lines}, CHECKS[kind])
                    for line in lines:
                        self.assertEqual(line["status"], "unknown", line)
                        self.assertIn(says, line["error"]["message"], line)
                        self.assertLess(len(line["error"]["message"]), 300)

    def test_documents_of_100_kb_are_evaluated(self):
        wide = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        many = [{**wide, "Sid": f"open{number}"} for number in range(1500)]
        long = [wide, {**wide, "Effect": "Deny", "Sid": "x" * 100000}]
        for statements, status in ((many, "non_compliant"), (long, "compliant")):
            text = estate.text_of(*statements)
            self.assertGreater(len(text), 100000)
            found, _ = self.found(text, args=("--all", "--dry-run"))
            public = {kind: line["status"] for kind, lines in found.items() for line in lines
                      if "public" in line["check"]}
            self.assertEqual(public, dict.fromkeys(READS, status))

    def test_documents_of_100_kb_are_repaired(self):
        own = estate.four_statements("sqs", "*", ACCOUNT)[0]
        text = estate.text_of(*[{**OPEN, "Sid": f"open{number}"} for number in range(1200)], own)
        cloud.client("sqs", ACCOUNT).set_queue_attributes(
            QueueUrl=self.queue, Attributes={"Policy": text})
        self.assert_goes_on(self.remediate())
        left = estate.queue_policy(cloud, ACCOUNT, REGION, self.queue)
        self.assertEqual(json.loads(left)["Statement"], [own])


XML = b'<?xml version="1.0"?><!DOCTYPE l [%s]><AccessControlPolicy>&a;</AccessControlPolicy>'
REPLIES = {  # a response to a listing, in JSON, or to the request for an ACL, in XML
    b'{"QueueUrls":' + b"[" * 10000 + b"]" * 10000 + b"}": "nested deeper than 512",
    b'{"QueueUrls":[],"QueueUrls":["x"]}': "duplicate object key", b"[]": "is not of type object",
    b'{"QueueUrls":{"a":1}}': "is not of type list", b"": "is empty", b"<html>": "is not JSON",
    XML % b'<!ENTITY a "bomb">': "document type declaration is not allowed",
    XML % b'<!ENTITY a SYSTEM "file:///etc/passwd">': "document type declaration is not allowed",
    b"<a>" * 10000 + b"</a>" * 10000: "nested too deep", b"<a><b>": "no element found",
    b"<a>\0</a>": "not well-formed",
}


class Replies(Hostile):
    def test_each_is_reported_and_gives_no_verdict(self):
        bucket = estate.bucket(cloud, ACCOUNT, REGION, "hostile")
        for body, says in REPLIES.items():
            cloud.proxy.clear()
            xml_like = body.startswith((b"<?", b"<a"))
            rule = cloud.proxy.refuse("s3:GetBucketAcl" if xml_like else "sqs:ListQueues")
            rule.answer = lambda _request, body=body: (200, "text/xml", body)
            with self.subTest(body=body[:60]):
                if xml_like:
                    run = self.remediate(self.line("s3_bucket", bucket))
                    found = run.finding("s3_bucket.public_acl")
                    reported = found["status"] + found["error"]["message"]
                    self.assertTrue(reported.startswith("unknown"), reported)
                    self.assertNotIn("s3:PutBucketAcl", cloud.proxy.operations())
                else:
                    run = cloud.engine("poll", "--accounts", ACCOUNT, "--regions", REGION,
                                       "--types", "sqs", AWS_MAX_ATTEMPTS="1")
                    reported = run.err.strip()
                    self.assertEqual((run.lines, len(reported.splitlines())), ([], 1), reported)
                    failed = run.marks[-1]["failed"]
                    self.assertIn(says, failed[0]["error"]["message"], failed)
                self.assertIn(says, reported)
                self.assertEqual(run.status, 1)


def envelope(top=(), **detail):
    read = copy.deepcopy(events.envelope("sqs:CreateQueue", **detail))
    read.update(top)
    return json.dumps(read)


def answered(id_):
    return envelope(responseElements={"queueUrl": id_})


EVENTS = [
    (envelope({"detail": None}), "detail must be a JSON object"),
    (envelope({"detail": []}), "detail must be a JSON object"),
    ("{}", "neither an event of EventBridge"), (envelope({"source": 7}), "source must be a string"),
    (envelope(eventName=7), "eventName must be a string"),
    (envelope(eventName=None), "eventName is missing"),
    (envelope(eventSource=["sqs"]), "eventSource must be a string"),
    (envelope(awsRegion=7), "awsRegion must be a string"),
    (envelope(awsRegion="../x"), '"region" must be lower-case'),
    (envelope(recipientAccountId="me"), "recipientAccountId must be a string of 12 digits"),
    (envelope(recipientAccountId=111122223333), "recipientAccountId must be a string"),
    (answered(""), "where an id should be"), (answered(7), "where an id should be"),
    (answered("q" * 100000), '"id" must be a string of 1 to 4096'),
    (answered("a\nb"), '"id" must not contain control characters'),
    (answered("a\0b"), '"id" must not contain control characters'),
    (envelope(requestParameters="@").replace('"@"', "[" * 10000 + "]" * 10000),
     "nested deeper than 512"),
    (envelope(eventName="x")[:-2] + ',"eventName":"CreateQueue"}}', "duplicate object key"),
    (envelope(more="x" * (1 << 20)), "longer than 1048576 bytes"),
]


class Events(Hostile):
    def test_each_has_one_error_that_names_it(self):
        good = events.event("sqs:CreateQueue")
        text = "".join(line + "\n" + good for line, _ in EVENTS)
        run = cloud.engine("translate", stdin=text)
        self.assertEqual((run.status, len(run.lines)), (1, len(EVENTS)), run.err)
        errors = run.err.splitlines()
        self.assertEqual(len(errors), len(EVENTS), run.err)
        for number, ((line, says), error) in enumerate(zip(EVENTS, errors)):
            with self.subTest(line=line[-60:]):
                self.assertTrue(error.startswith(f"engine: error: line {2 * number + 1}: "), error)
                self.assertIn(says, error)
                self.assertLess(len(error), 300)


if __name__ == "__main__":
    unittest.main()
