"""Queues: they are found, repaired, and restored by undo."""
import json
import unittest

from support import estate
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/orders"


def good(place, name):
    statements = [one for one in estate.four_statements("sqs", "*", place.account)
                  if one["Sid"] != "open"]
    url = estate.queue(place.cloud, place.account, place.region, name, estate.text_of(*statements))
    return url.replace(place.cloud.emulator.url, place.cloud.proxy.url)


TYPE = Type(
    repairs={"public": {"sqs:SetQueueAttributes"}, "shared": NOTHING},
    good=good,
    absent="{url}/111122223333/none",
    listing=Listing("sqs", "ListQueues", "QueueUrls", str, "https://sqs.example/1/queue-{}"),
    calls=Calls(
        listing="sqs:ListQueues",
        good="sqs:GetQueueAttributes",
        bad="sqs:GetQueueAttributes"),
    deployed=Deployed("sqs:CreateQueue"),
    events=events_of(
        QUEUE, "sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:AddPermission",
        "sqs:CreateQueue-cut"))


class Queues(TypeCase):
    type = "sqs"

    def policy(self, url):
        return json.loads(estate.queue_policy(self.cloud, self.account, self.region, url))

    def test_only_the_offending_values_are_removed(self):
        """Values are removed before statements, the same put removes deleted principals, and undo
        does not restore these."""
        app = f"arn:aws:iam::{self.account}:role/app"
        own = f"arn:aws:sns:{self.region}:{self.account}:t"

        def document(principal, sources, *more):
            return {"Version": "2012-10-17", "Statement": [
                {"Sid": "dead", "Effect": "Allow", "Principal": {"AWS": principal},
                 "Action": "sqs:SendMessage", "Resource": "*"},
                {"Sid": "topics", "Effect": "Allow", "Principal": "*",
                 "Action": "sqs:SendMessage", "Resource": "*",
                 "Condition": {"ArnLike": {"aws:SourceArn": sources}}}, *more]}

        anyone = {"Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*",
                  "Resource": "*"}
        sources = [own, f"arn:aws:sns:{self.region}:*:x"]
        before = document(["AROA1234567890EXAMPLE", app], sources, anyone)
        url = estate.queue(self.cloud, self.account, self.region, "q", json.dumps(before))
        id_ = url.replace(self.cloud.emulator.url, self.cloud.proxy.url)
        found = self.remediate(id_)
        self.assertEqual(found[id_, "sqs.public"]["remediation"], "fixed", found)
        self.assertEqual(found[id_, "sqs.public"]["evidence"][0]["values"],
                         [{"operator": "ArnLike", "key": "aws:SourceArn", "values": sources[1:]}])
        self.assertEqual(self.policy(url), document(app, own))
        self.assertEqual(self.audit(id_)[id_, "sqs.public"]["status"], "compliant")
        run = self.undo()
        self.assertEqual(run.status, 0, run)
        self.assertEqual(self.policy(url), document(app, sources, anyone))
        self.assertEqual(self.audit(id_)[id_, "sqs.public"]["status"], "non_compliant")

    def test_held(self):
        """An organization that has access by the open statement, which a Deny limits only in
        part."""
        text = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}]})
        url = estate.queue(self.cloud, self.account, self.region, "q", text)
        id_ = url.replace(self.cloud.emulator.url, self.cloud.proxy.url)
        found = self.remediate(id_)[id_, "sqs.public"]
        self.assertEqual(found["remediation"], "held", found)
        self.assertIn("statement 2 denies it to all but some", found["held"])
        self.assertEqual(self.changes(), [])


if __name__ == "__main__":
    unittest.main()
