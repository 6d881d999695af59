"""Queues: found, repaired, taken back."""
import unittest

from support import estate
from support.kind import KindCase


class Queues(KindCase):
    type = "sqs"

    def test_life(self):
        [bad] = self.make()
        text = estate.text_of(*[
            one for one in estate.four_statements("sqs", "*", self.account) if one["Sid"] != "open"])
        url = estate.queue(self.cloud, self.account, self.region, "good", text)
        good = url.replace(self.cloud.emulator.url, self.cloud.proxy.url)
        self.life(bad={bad: {"sqs.public": "fixed", "sqs.shared": "none"}}, good=[good])


if __name__ == "__main__":
    unittest.main()
