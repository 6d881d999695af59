"""An audit over a slow network keeps its requests in flight; script/bench measures it precisely."""
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import measure  # noqa: E402

QUEUES = 500
MEMORY_LIMIT = 64  # MiB
WALL_LIMIT = 4  # generous, because other tests run at the same time
SPARE_SECONDS = 2  # for the start, first connections and a busy machine; one by one it takes 25


class Bench(unittest.TestCase):
    def test_audit_behind_latency(self):
        engine = pathlib.Path(os.environ.get("ENGINE", ROOT / "build" / "engine"))
        with measure.Bench(engine.parent, QUEUES, engine) as bench:
            bench.audit_reporting_all()
            best = min((bench.audit() for _ in range(3)), key=lambda cost: cost.wall)
        requests, peak = bench.requests
        self.assertEqual(requests, 4 * QUEUES * measure.CALLS)
        self.assertLessEqual(peak, measure.IN_FLIGHT)
        self.assertGreater(peak, measure.IN_FLIGHT // 2)
        self.assertLess(best.wall, WALL_LIMIT * bench.ideal + SPARE_SECONDS)
        self.assertLess(best.memory, MEMORY_LIMIT)


if __name__ == "__main__":
    unittest.main()
