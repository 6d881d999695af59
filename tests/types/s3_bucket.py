"""Buckets: they are found, repaired, and restored by undo."""
import unittest

from support import estate
from support.type_case import TypeCase
from support.type_files import NOTHING, Calls, Deployed, Listing, Type, events_of

BUCKET = "orders-archive"


def good(place, name):
    estate.bucket(place.cloud, place.account, place.region, name,
                  estate.text_of(*estate.denials(name)))
    place.aws("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": [estate.OWNER]})
    return name


TYPE = Type(
    repairs={
        "public_acl": {"s3:PutBucketAcl"}, "public_policy": {"s3:PutBucketPolicy"},
        "sse": {"s3:PutBucketPolicy"}, "tls": {"s3:PutBucketPolicy"},
        "grants_access": {"s3:DeleteBucketPolicy"}, "tags": NOTHING},
    good=good,
    absent="none-at-all",
    listing=Listing("s3", "ListBuckets", "Buckets", lambda id_: {
        "Name": id_, "BucketRegion": "us-east-1"}, "bucket-{}"),
    calls=Calls(
        listing="s3:ListBuckets, s3:GetBucketLocation x 2",
        good="s3:GetBucketAcl, s3:GetBucketPolicy, s3:GetBucketTagging",
        bad="s3:GetBucketAcl, s3:GetPublicAccessBlock, s3control:GetPublicAccessBlock, "
            "s3:GetBucketPolicy, s3:GetBucketTagging"),
    # The repaired policy denies plain HTTP, and the emulator accepts nothing else.
    deployed=Deployed("s3:CreateBucket", spared={"tls"}),
    not_shown=((
        "denied where a put is refused", "the emulator does not enforce a public access block",
        "policies/s3_bucket_spec.lua", "if S3 would refuse to store a policy that stays public"),),
    events=events_of(
        BUCKET, "s3:CreateBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl", "s3:PutBucketAcl-canned", "s3:PutBucketPublicAccessBlock",
        "s3:DeleteBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:DeleteBucketTagging",
        "s3:PutBucketPolicy-cut", "s3:PutBucketAcl-cut", "s3:PutBucketTagging-cut",
        "s3:PutBucketPublicAccessBlock-cut"))


class Buckets(TypeCase):
    type = "s3_bucket"


if __name__ == "__main__":
    unittest.main()
