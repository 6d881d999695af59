"""A bucket in an opt-in region that is requested in another region: S3 answers that it does not
exist, and does not name its region (botocore, S3RegionRedirectorv2). The replies are canned,
because moto keeps all buckets in one place."""
import http.server
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest

from support import estate
from support.engine import ENGINE, environment

HOME, ELSEWHERE, NAME = "eu-south-2", "us-east-1", "box"
OWNER = "<Owner><ID>" + "0a" * 32 + "</ID></Owner>"
GRANT = ('<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
         f' xsi:type="CanonicalUser"><ID>{"0a" * 32}</ID></Grantee>'
         "<Permission>FULL_CONTROL</Permission></Grant>")
ACL = (f"<AccessControlPolicy>{OWNER}<AccessControlList>{GRANT}</AccessControlList>"
       "</AccessControlPolicy>")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Writes no log: stderr belongs to the tests."""

    def answer(self, status, body="", region=None):
        self.send_response_only(status)
        if region:
            self.send_header("x-amz-bucket-region", region)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def error(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code><Message>not here</Message></Error>")

    def at_home(self):
        owner = self.server.owner
        if self.command == "HEAD":
            self.answer(*owner.head_at_home, region=HOME)
        elif self.command == "PUT":
            length = int(self.headers["Content-Length"])
            owner.policy = self.rfile.read(length).decode()
            self.answer(204)
        elif "policy" in self.path and owner.policy:
            self.answer(200, owner.policy)
        elif "policy" in self.path:
            self.error(404, "NoSuchBucketPolicy")
        elif "acl" in self.path:
            self.answer(200, ACL)
        elif "website" in self.path:
            self.error(404, "NoSuchWebsiteConfiguration")
        else:
            self.error(404, "NoSuchPublicAccessBlockConfiguration")

    def serve(self):
        owner = self.server.owner
        scope = re.search(r"/([^/]+)/(s3|sts)/aws4_request", self.headers["Authorization"])
        owner.requests.append((self.command, scope[1]))
        if scope[2] == "sts":
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(200, "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                        "<Account>111122223333</Account>"
                        "<Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>me</UserId>"
                        "</GetCallerIdentityResult></GetCallerIdentityResponse>")
        elif self.path.startswith("/v20180820/"):  # the account's block, which applies to every region
            self.error(404, "NoSuchPublicAccessBlockConfiguration")
        elif scope[1] == HOME:
            self.at_home()
        elif self.command == "HEAD":
            self.answer(owner.head_elsewhere, region=HOME)
        else:
            if "Content-Length" in self.headers:
                self.rfile.read(int(self.headers["Content-Length"]))
            self.error(400, owner.code)

    do_GET = do_HEAD = do_PUT = do_POST = serve


class Regions(unittest.TestCase):
    head_at_home = (200,)

    def setUp(self):
        self.requests, self.policy = [], None
        self.code, self.head_elsewhere = "IllegalLocationConstraintException", 400
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def run_engine(self, *args):
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        line = {"account": "111122223333", "region": ELSEWHERE, "type": "s3_bucket", "id": NAME}
        done = subprocess.run([ENGINE, "remediate", "--format", "jsonl", "--all", *args],
                              input=json.dumps(line), capture_output=True, text=True, check=False,
                              cwd=self.directory.name, timeout=120,
                              env=environment(self.directory.name, url, MEMBER_ROLE="none"))
        findings = [json.loads(text) for text in done.stdout.splitlines()]
        return {one["check"]: (one["status"], one["remediation"]) for one in findings}, done

    def test_a_bucket_is_found_where_it_is(self):
        for code in ("IllegalLocationConstraintException", "AuthorizationHeaderMalformed"):
            for status in (301, 400, 403):
                self.requests.clear()
                self.code, self.head_elsewhere = code, status
                self.policy = estate.text_of(*estate.denials(NAME))
                words, done = self.run_engine()
                for check in ("public_acl", "public_policy", "sse", "tls", "grants_access"):
                    self.assertEqual(words[f"s3_bucket.{check}"], ("compliant", "none"), done)
                heads = [region for method, region in self.requests if method == "HEAD"]
                self.assertEqual(heads[0], ELSEWHERE)

    def test_it_is_repaired_there(self):
        words, done = self.run_engine("--remediate")
        self.assertEqual(words["s3_bucket.tls"], ("non_compliant", "fixed"), done)
        self.assertIn("DenyPlainHttp", self.policy)
        puts = {region for method, region in self.requests if method == "PUT"}
        self.assertEqual(puts, {HOME})
        journals = list(pathlib.Path(self.directory.name).glob("*.journal"))
        self.assertEqual(len(journals), 1)


if __name__ == "__main__":
    unittest.main()
