"""Ten thousand invocations need no more memory than a thousand."""
import json
import tempfile
import unittest

from support import events
from support.engine import ENGINE, environment
from support.fake_queue import FakeQueue
from support.runtime_api import Function

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/remediator-resource-queue"


class Memory(unittest.TestCase):
    def setUp(self):
        self.queue = FakeQueue()
        self.addCleanup(self.queue.close)
        home = self.enterContext(tempfile.TemporaryDirectory())
        names = environment(home, self.queue.url, SQS=QUEUE)
        self.function = Function([ENGINE], "event_translator", names, f"{home}/log")
        self.addCleanup(self.function.close)

    def test_flat_after_ten_thousand(self):
        variants = [json.loads(events.event(name)) for name in sorted(events.expected())]
        for number in range(1000):
            self.function.invoke(variants[number % len(variants)])
        before = self.function.resident()
        for number in range(10000):
            self.function.invoke(variants[number % len(variants)])
            if number % 1000 == 0:
                self.queue.clear()
        grown = self.function.resident() - before
        self.assertEqual(self.function.starts, 1)
        self.assertLess(grown, 1024, f"{before} KiB, {grown} KiB more after 10,000 invocations")


if __name__ == "__main__":
    unittest.main()
