"""Where calls go and for which region and service they are signed, compared with botocore's own
resolution: every service, and each kind of operation that the service's rules distinguish, in
regions of three partitions."""
import json
import os
import pathlib
import subprocess
import unittest
from unittest import mock

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = pathlib.Path(os.environ.get("ENGINE", ROOT / "build/engine"))
DUMP = pathlib.Path(os.environ.get("ENDPOINT_DUMP", ENGINE.parent / "tests/endpoint_dump"))
REGIONS = ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "ap-southeast-3")
ACCOUNT = "111122223333"

# Intended differences: service, or service and operation, to the reason. An entry without any
# difference makes the test fail.
DIFFERENT = {
    "codecatalyst": "signed by bearer tokens, which are not spoken; botocore names a region anyway",
    "health": "signs for us-east-1 by the older endpoint data, on a host that its rules put in "
              "the region asked for and that exists in few regions",
    "s3:WriteGetObjectResponse": "answers for an object lambda: its host has a label of its own, "
                                 "and it writes data, which is not configuration",
    "s3control:DeleteAccessPointScope": "of directory buckets (S3 Express), which are not spoken",
}
# botocore itself finds no endpoint for these from the region alone.
UNKNOWN = {
    "cloudfront-keyvaluestore": "its rules want the ARN of a store, and Signature Version 4A",
    "acm": "the second API under its name is there in one partition only",
}

BUCKETS = ("a-bucket", "1bucket", "with.dots", "Upper", "under_score", "ab", "a" * 63, "a" * 64,
           "-begins", "ends-", "192.168.0.1")


# The names of the options here, and in botocore.
VARIANTS = {"AWS_USE_FIPS_ENDPOINT": "use_fips_endpoint",
            "AWS_USE_DUALSTACK_ENDPOINT": "use_dualstack_endpoint"}


def client_of(session, service, region, variants=()):
    config = Config(s3={"us_east_1_regional_endpoint": "regional"},
                    **{VARIANTS[name]: True for name in variants})
    return session.create_client(service, region_name=region, config=config)


def kinds_of(model):
    """One operation for each set of parameters that the rules fix for operations."""
    kinds = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        fixed = json.dumps([[p.name, p.value] for p in operation.static_context_parameters])
        kinds.setdefault(fixed, operation)
    return kinds.values()


def botocore_answer(client, operation, arguments):
    """The endpoint as endpoint_dump prints it; None if botocore finds none."""
    context = {"client_config": client.meta.config, "auth_type": None}
    try:
        endpoint = client._ruleset_resolver.construct_endpoint(
            operation_model=operation, call_args=arguments, request_context=context)
    except BotoCoreError:
        return None
    signer = client._request_signer
    schemes = endpoint.properties.get("authSchemes") or []
    scheme = next((entry for entry in schemes if entry["name"] == "sigv4"), {})
    return (endpoint.url, scheme.get("signingName", signer.signing_name),
            scheme.get("signingRegion", signer.region_name))


def ask(questions, variants=()):
    """Each question: service, operation, region, bucket, host prefix."""
    lines = "".join(" ".join(entry or "-" for entry in question) + "\n" for question in questions)
    result = subprocess.run([DUMP, os.environ["ENGINE_MODELS"]], input=lines, check=True,
                            capture_output=True, text=True,
                            env={name: "true" for name in variants})
    answers = result.stdout.splitlines()
    assert len(answers) == len(questions)
    return [tuple(answer.split(" ")) for answer in answers]


class Endpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.clean = clean = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y",
                 "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        with mock.patch.dict(os.environ, clean, clear=True):
            cls.session = botocore.session.Session()
            cls.cases = [case for service in cls.session.get_available_services()
                         for region in REGIONS for case in cls.cases_of(service, region)]

    @classmethod
    def cases_of(cls, service, region, variants=()):
        """The questions with botocore's answers."""
        client = client_of(cls.session, service, region, variants)
        for operation in kinds_of(client.meta.service_model):
            members = operation.input_shape.members if operation.input_shape else {}
            bucket = "a-bucket" if service == "s3" and "Bucket" in members else None
            account = ACCOUNT if service == "s3control" else None
            prefix = f"{account}." if account and operation.endpoint else None
            arguments = {"AccountId": account} if account else {"Bucket": bucket} if bucket else {}
            expected = botocore_answer(client, operation, arguments)
            yield (service, operation.name, region, bucket, prefix), expected

    def test_every_service(self):
        questions = [question for question, _ in self.cases]
        different, unknown, wrong = set(), set(), []
        for (question, expected), actual in zip(self.cases, ask(questions)):
            service, operation = question[:2]
            name = next((key for key in (service, f"{service}:{operation}") if key in DIFFERENT),
                        None)
            if expected is None:
                unknown.add(service)
            elif actual != expected and name is not None:
                different.add(name)
            elif actual != expected:
                wrong.append((question, expected, actual))
        self.assertEqual(wrong, [])
        self.assertEqual(different, set(DIFFERENT))
        self.assertEqual(unknown, set(UNKNOWN))
        self.assertGreater(len(questions), 2000)

    def test_fips_and_dual_stack(self):
        """The call goes where botocore's goes, or fails where botocore finds no endpoint; it never
        goes to the usual endpoint."""
        names = tuple(VARIANTS)
        for variants in (names[:1], names[1:], names):
            with mock.patch.dict(os.environ, self.clean, clear=True):
                cases = [case for service in ("ec2", "s3", "s3control", "sts", "iam", "sqs", "route53")
                         for region in REGIONS for case in self.cases_of(service, region, variants)]
            answers = ask([question for question, _ in cases], variants)
            for (question, expected), actual in zip(cases, answers):
                if f"{question[0]}:{question[1]}" in DIFFERENT:
                    continue
                if expected is None:
                    self.assertEqual(actual[0], "error:", question)
                else:
                    self.assertEqual(actual, expected, question)

    def test_buckets(self):
        for region in REGIONS:
            client = client_of(self.session, "s3", region)
            head = client.meta.service_model.operation_model("HeadBucket")
            answers = ask([("s3", "HeadBucket", region, bucket, None) for bucket in BUCKETS])
            for bucket, (base, *signing) in zip(BUCKETS, answers):
                url, *expected = botocore_answer(client, head, {"Bucket": bucket})
                inside = base.startswith(f"https://{bucket}.")
                self.assertEqual(base if inside else f"{base}/{bucket}", url)
                self.assertEqual(signing, expected)

    def test_a_region_that_is_new(self):
        answers = ask([(service, operation, "eu-east-77", None, None) for service, operation in
                       (("sqs", "ListQueues"), ("iam", "ListUsers"), ("s3", "ListBuckets"))])
        self.assertEqual(answers, [
            ("https://sqs.eu-east-77.amazonaws.com", "sqs", "eu-east-77"),
            ("https://iam.amazonaws.com", "iam", "us-east-1"),
            ("https://s3.eu-east-77.amazonaws.com", "s3", "eu-east-77")])

    def test_no_region(self):
        for region in ("EU", "eu_west", "eu.west", "a/b", "-x", "x" * 60):
            answer = " ".join(ask([("sqs", "ListQueues", region, None, None)])[0])
            self.assertRegex(answer, "^error: .* is not a region name")
