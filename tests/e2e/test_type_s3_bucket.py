"""Buckets: found, repaired, taken back."""
import unittest

from support import estate
from support.kind import KindCase


class Buckets(KindCase):
    type = "s3_bucket"

    def test_life(self):
        [bad] = self.make()
        good = estate.bucket(self.cloud, self.account, self.region, "good-bucket",
                             estate.text_of(*estate.denials("good-bucket")))
        self.life(bad={bad: {"s3_bucket.public_acl": "fixed", "s3_bucket.public_policy": "fixed",
                             "s3_bucket.sse": "fixed", "s3_bucket.tls": "fixed",
                             "s3_bucket.grants_access": "fixed"}}, good=[good])


if __name__ == "__main__":
    unittest.main()
