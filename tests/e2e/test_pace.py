"""Services that throttle as AWS documents it (tests/bench/throttle_server.py), 20 times as fast as
AWS; script/bench measures at AWS's own rates."""
import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))
import pace  # noqa: E402

ENGINE = pathlib.Path(os.environ["ENGINE"])
ENVIRONMENT = {name: os.environ[name] for name in ("ENGINE_POLICIES", "ENGINE_MODELS")}
TIMES = 20
TRIES = 4  # while other tests run, this machine may pause for longer than a bucket lasts
OTHER = pace.OTHER


def run(given, *options, arguments=(), **environment):
    return pace.Run(ENGINE, {**ENVIRONMENT, **environment}, given, *options, arguments=arguments)


class Buckets(unittest.TestCase):
    def within(self, bucket):
        """Whether the figures of one run are within their limits; all resources must be audited in
        any case."""
        done = pace.through(ENGINE, ENVIRONMENT, bucket, TIMES)
        self.assertEqual(done.status, 0, done.errors)
        self.assertEqual(len(done.ids("compliant")), bucket.count)
        self.assertEqual(done.count("calls") - done.count("throttled"), bucket.count * bucket.calls)
        over = done.seconds / bucket.ideal(TIMES)
        return over <= pace.TIME_LIMIT and done.vain <= pace.VAIN_LIMIT, (over, done.vain)

    def test_an_audit_takes_little_more_than_the_ideal_time(self):
        for bucket in pace.BUCKETS:
            with self.subTest(bucket.name):
                tried = []
                for _ in range(TRIES):
                    good, figures = self.within(bucket)
                    tried.append(figures)
                    if good:
                        break
                else:
                    self.fail(f"times the ideal, percent throttled: {tried}")


class Accounts(unittest.TestCase):
    def test_accounts_that_are_throttled_once_beside_one_that_always_is(self):
        """The other account uses up neither retries nor capacity."""
        given = [line for pair in zip(pace.lines("ebs_snapshot", 60),
                                      pace.lines("ebs_snapshot", 60, OTHER)) for line in pair]
        done = run(given, "--always", pace.ACCOUNT, "--once", OTHER, arguments=("--patience", "4"))
        self.assertEqual(len(done.ids("compliant", OTHER)), 60)
        self.assertEqual(len(done.ids("unknown", pace.ACCOUNT)), 60)
        self.assertEqual(done.status, 1)
        self.assertEqual(done.errors.count("--patience"), 1, done.errors)
        reported = {finding["error"]["message"] for finding in done.findings
                if finding["status"] == "unknown"}
        self.assertEqual(len(reported), 1, "all that waited fail together")
        self.assertLess(done.seconds, 90)

    def test_an_account_that_is_always_throttled_delays_no_other(self):
        """Even if its lines come first, and are more than the engine works on at a time."""
        given = pace.lines("sqs", 1000) + pace.lines("ebs_snapshot", 1000) + pace.lines(
            "sqs", 600, OTHER)
        done = run(given, "--always", pace.ACCOUNT, arguments=("--patience", "12"))
        self.assertEqual(len(done.ids("compliant", OTHER)), 600)
        self.assertEqual(len(done.ids("unknown", pace.ACCOUNT)), 2000)
        first = min(count["first"] for count in done.counts.values())
        self.assertLess(done.counts[f"{OTHER} sqs"]["last"] - first, 8)
        self.assertGreater(done.seconds, 12)

    def test_patience_is_a_variable_too(self):
        done = run(pace.lines("sqs", 30), "--always", pace.ACCOUNT, PATIENCE="1")
        self.assertEqual(len(done.ids("unknown")), 30)
        self.assertLess(done.seconds, 15)


class Faults(unittest.TestCase):
    def test_throttles_resets_cuts_and_garbage(self):
        done = pace.through_faults(ENGINE, ENVIRONMENT)
        self.assertGreater(done.count("faults"), 500)
        self.assertLessEqual(len(done.ids("unknown")), 10)
        self.assertEqual(len(done.ids("compliant") | done.ids("unknown")), 2000)
        self.assertEqual({finding["status"] for finding in done.findings} - {"unknown"},
                         {"compliant"})


if __name__ == "__main__":
    unittest.main()
