"""misconfiguration_maker/make.lua with all types at once: it makes each resource once, polling for
test resources finds exactly these, an audit finds the intended faults, and cleaning leaves
nothing."""
import unittest

from support.cloud import ROOT, Cloud
from support.listing import listing
from support.maker import WRONG, wrong_checks

ACCOUNT = "111122223333"
REGION = "us-east-1"
MAKER = ROOT / "misconfiguration_maker"
ENVIRONMENT = {"REQUIRED_TAGS": "Owner", "DEV_ACCOUNTS": ACCOUNT}
# The service of a task set has the task set's name.
BESIDE = (f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/"
          "misconfiguration_maker_task_set/misconfiguration_maker_task_set")


class Maker(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.cloud = Cloud()
        self.addCleanup(self.cloud.close)

    def maker(self, command):
        run = self.cloud.engine("run", str(MAKER / "make.lua"), command, "--account", ACCOUNT,
                                "--region", REGION)
        self.assertEqual((run.status, run.err), (0, ""), run)
        return run

    def poll(self):
        run = self.cloud.engine("poll", "--accounts", ACCOUNT, "--regions", REGION,
                                "--only-use-test-resources")
        self.assertEqual(run.status, 0, run)
        return run

    def test_all(self):
        clean = listing(self.cloud, ACCOUNT, REGION)
        made = self.maker("make")
        self.assertEqual({line["type"] for line in made.lines}, set(WRONG))
        once = listing(self.cloud, ACCOUNT, REGION)
        self.assertEqual(self.maker("make").out, made.out)
        self.assertEqual(listing(self.cloud, ACCOUNT, REGION), once, "made twice")

        beside = {"account": ACCOUNT, "region": REGION, "type": "ecs_service", "id": BESIDE}
        self.assertEqual(sorted(self.poll().lines, key=str), sorted([*made.lines, beside], key=str))
        audit = self.cloud.engine("remediate", "--all", stdin=made.out, **ENVIRONMENT)
        self.assertEqual(audit.status, 2, audit)
        self.assertEqual(wrong_checks(audit.lines), WRONG)

        self.maker("clean")
        self.assertEqual(listing(self.cloud, ACCOUNT, REGION), clean)
        ends = self.cloud.engine("remediate", "--all", stdin=self.poll().out)  # moto still lists these
        self.assertEqual({line["status"] for line in ends.lines}, {"gone"}, ends)
        self.maker("clean")  # nothing is left to delete


if __name__ == "__main__":
    unittest.main()
