"""Thousands of generated requests, signed by botocore's signers and by the engine's, are equal byte
by byte. So are the recorded vectors of tests/fixtures/sigv4, signed again by botocore."""
import datetime
import json
import os
import pathlib
import random
import subprocess
import unittest
from unittest import mock
from urllib.parse import quote

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = pathlib.Path(os.environ.get("ENGINE", ROOT / "build/engine")).parent / "tests/sigv4_driver"
VECTORS = ROOT / "tests/fixtures/sigv4/vectors.jsonl"
SEED = 20150830
SIGNERS = {
    # (s3, presign): botocore's class
    (False, False): auth.SigV4Auth,
    (True, False): auth.S3SigV4Auth,
    (False, True): auth.SigV4QueryAuth,
    (True, True): auth.S3SigV4QueryAuth,
}


class RawPath(auth.SigV4Auth):
    """The meaning of `normalize_path = false`: the path is encoded, but its dots and slashes are
    kept."""

    def _normalize_url_path(self, path):
        return quote(path or "/", safe="/~")


class RawPathQuery(auth.SigV4QueryAuth):
    _normalize_url_path = RawPath._normalize_url_path


def signer_of(case):
    if not case["normalize_path"] and case["encode_path"]:
        return RawPathQuery if case["presign"] else RawPath
    return SIGNERS[not case["encode_path"], case["presign"]]


class Observed:
    """Records the canonical request of a botocore signer."""

    def canonical_request(self, request):
        self.seen = super().canonical_request(request)
        return self.seen


def request_of(case):
    query = "?" + case["query"] if case["query"] else ""
    request = AWSRequest(method=case["method"], data=case["body"].encode() or None,
                         url=f"http://{case['host']}{case['path']}{query}")
    for name, value in case["headers"]:
        request.headers.add_header(name, value)
    # The engine sends the hash wherever the caller requests it; botocore does so for S3 only.
    if case["sign_body"] and case["encode_path"] and not case["presign"]:
        request.headers["X-Amz-Content-SHA256"] = auth.SigV4Auth(None, "", "").payload(request)
    return request


def by_botocore(case):
    """(canonical request, signature, request as sent)."""
    base = signer_of(case)
    keys = Credentials(case["access_key"], case["secret_key"], case.get("session_token"))
    extra = {"expires": case["expires"]} if case["presign"] else {}
    signer = type("Signer", (Observed, base), {})(keys, case["service"], case["region"], **extra)
    now = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    request = request_of(case)
    with mock.patch.object(auth, "get_current_datetime", lambda: now):
        signer.add_auth(request)
    if case["presign"]:
        signature = request.url.rpartition("=")[2]
    else:
        signature = request.headers["Authorization"].rpartition("=")[2]
    return signer.seen, signature, request


def by_engine(cases):
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    run = subprocess.run([DRIVER], input=lines, capture_output=True, text=True, check=False,
                         timeout=120)
    if run.returncode != 0:
        raise AssertionError(f"sigv4_driver: {run.returncode}: {run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


class Generator:
    """Requests as unusual as any that are sent, and more so."""

    WORDS = ["a", "b", "A", "foo", "Bar", "foo-bar", "a.b", "x_y", "~", "0", "prefix", "acl", "é",
             "ሴ", "日本", "\U0001f600", "a b", "a+b", "100%", "%41", "%2F", "a=b", "a:b", "@", "!",
             "$", "'", "(", ")", "*", ",", ";", "\"", "<", ">", "|", "^", "`", "{", "}", "\\"]
    SEGMENTS = [*WORDS, "", ".", "..", "...", ".a", "%2e", "%20", "a%20b", "%C3%A9", "&", "a&b=c"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, most=3):
        return "".join(self.random.choices(self.WORDS, k=self.random.randint(0, most)))

    def path(self, s3):
        segments = self.random.choices(self.SEGMENTS, k=self.random.randint(0, 6))
        path = "/" + "/".join(segments)
        return quote(path, safe="/~%") if s3 or self.random.random() < 0.5 else path

    def parameter(self, name):
        coded = quote(name, safe="-_.~")
        if self.random.random() < 0.2:
            return coded
        return coded + "=" + quote(self.text(), safe="-_.~")

    def query(self, presign):
        names = [self.text() for _ in range(self.random.choice([0, 0, 1, 2, 3, 5, 12]))]
        if presign:  # botocore keeps one value for each name here, and none for an empty pair
            names = [name for name in dict.fromkeys(names) if name]
        return "&".join(self.parameter(name) for name in names)

    def value(self):
        blank = self.random.choice([" ", "  ", "\t", " \t "])
        words = [self.text() for _ in range(self.random.randint(0, 4))]
        value = blank.join(words)
        if self.random.random() < 0.2:
            value = blank + value + blank
        if self.random.random() < 0.1:
            value = value + "\n  folded\r\n\t" + "line"
        return value

    def headers(self):
        names = ["My-Header1", "my-header1", "My-Header2", "x-amz-meta-a", "X-Amz-Meta-B", "Range",
                 "Content-MD5", "User-Agent", "Expect", "X-Amzn-Trace-Id", "Zoo", "a", "a-b", "A_b",
                 "Cache-Control", "if-match", "Connection", "TE", "x-amz-acl"]
        count = self.random.choice([0, 1, 2, 4, 9])
        return [[name, self.value()] for name in self.random.choices(names, k=count)]

    def body(self, presign):
        return "" if presign else self.random.choice(["", "", "x", self.text(200)])

    def case(self):
        s3, presign = self.random.random() < 0.4, self.random.random() < 0.3
        case = {
            "method": self.random.choice(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]),
            "host": self.random.choice(["example.amazonaws.com", "bucket.s3.amazonaws.com",
                                        "127.0.0.1:4566", "[::1]:8080"]),
            "path": self.path(s3), "query": self.query(presign), "headers": self.headers(),
            "body": self.body(presign), "presign": presign,
            "region": self.random.choice(["us-east-1", "eu-central-1", "cn-north-1"]),
            "service": "s3" if s3 else self.random.choice(["service", "iam", "sqs"]),
            "access_key": "AKIDEXAMPLE", "secret_key": "secret" + self.text(),
            "time": self.random.randint(0, 4102444800), "expires": self.random.randint(1, 604800),
            "normalize_path": not s3 and self.random.random() < 0.8, "encode_path": not s3,
            "sign_body": not presign and (s3 or self.random.random() < 0.3),
        }
        if self.random.random() < 0.4:
            case["session_token"] = "IQoJb3JpZ2luX2VjE" + "//+=" * self.random.randint(0, 40)
        return case


def parameters(query):
    return sorted(query.split("&"))


class Against(unittest.TestCase):
    maxDiff = None

    def compare(self, case, ours):
        canonical, signature, request = by_botocore(case)
        self.assertNotIn("error", ours, case)
        self.assertEqual(ours["canonical_request"], canonical, case)
        self.assertEqual(ours["signature"], signature, case)
        if case["presign"]:
            self.assertEqual(parameters(ours["query"]), parameters(request.url.split("?", 1)[1]))
            return
        for name, value in ours["headers"]:
            self.assertEqual(request.headers[name], value, case)

    def test_generated(self):
        generator = Generator(SEED)
        cases = [generator.case() for _ in range(5000)]
        answers = by_engine(cases)
        self.assertEqual(len(answers), len(cases))
        for case, ours in zip(cases, answers, strict=True):
            self.compare(case, ours)
        kinds = {(case["service"] == "s3", case["presign"]) for case in cases}
        self.assertEqual(len(kinds), len(SIGNERS))

    def test_a_wrong_secret_differs(self):
        case = Generator(SEED).case()
        ours = by_engine([case | {"secret_key": "another"}])[0]
        self.assertNotEqual(ours["signature"], by_botocore(case)[1])

    def test_recorded_vectors(self):
        lines = VECTORS.read_text().splitlines()
        self.assertGreater(len(lines), 40)
        for line in lines:
            case = json.loads(line)
            if any(name == "Date" for name, _ in case["headers"]):
                continue  # botocore rewrites Date and then omits X-Amz-Date
            canonical, signature, _ = by_botocore(case)
            self.assertEqual(case["canonical_request"], canonical, case["name"])
            self.assertEqual(case["signature"], signature, case["name"])


if __name__ == "__main__":
    unittest.main()
