"""If many lines name one resource, it is repaired once and planned once, even if they are processed
at the same time."""
import json
import unittest

from support import estate
from support.cloud import Cloud

ACCOUNT, REGION = "111122223333", "us-east-1"
KNOWN = {"KNOWN_ACCOUNTS": estate.FRIEND}
TIMES = 7


class Turns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def setUp(self):
        self.cloud.reset()
        text = estate.text_of(estate.statement("open", "*", "sqs:*", "*"))
        urls = [estate.queue(self.cloud, ACCOUNT, REGION, name, text) for name in ("one", "two")]
        self.ids = [url.replace(self.cloud.emulator.url, self.cloud.proxy.url) for url in urls]
        bucket = estate.bucket(self.cloud, ACCOUNT, REGION, "open-box", public_acl=True)
        self.lines = [("sqs", REGION, id_) for id_ in self.ids] * TIMES
        # An event's region is not the bucket's own: it is the same bucket.
        self.lines += [("s3_bucket", region, bucket) for region in (REGION, "eu-west-1")]
        self.stdin = "".join(json.dumps({
            "account": ACCOUNT, "region": region, "type": kind, "id": id_}) + "\n"
            for kind, region, id_ in self.lines)

    def test_a_resource_in_many_lines_is_repaired_once(self):
        run = self.cloud.engine("remediate", "--all", "--remediate", "--journal",
                                self.cloud.path("turns"), stdin=self.stdin, **KNOWN)
        self.assertEqual(run.status, 0, run)
        writes = [one.operation for one in self.cloud.proxy.writes()]
        self.assertEqual(writes.count("sqs:SetQueueAttributes"), 2, run)
        self.assertEqual(writes.count("s3:PutBucketAcl"), 1, run)
        for id_ in self.ids:
            found = [line["status"] for line in run.lines
                     if (line["id"], line["check"]) == (id_, "sqs.public")]
            self.assertEqual(sorted(found), ["compliant"] * (TIMES - 1) + ["non_compliant"], run)

    def test_a_resource_in_many_lines_is_planned_once(self):
        run = self.cloud.engine("plan", stdin=self.stdin, **KNOWN)
        calls = [step["call"] for line in run.lines for step in line.get("steps", [])]
        self.assertEqual(calls.count("sqs:SetQueueAttributes"), 2, run)
        self.assertEqual(calls.count("s3:PutBucketAcl"), 1, run)


if __name__ == "__main__":
    unittest.main()
