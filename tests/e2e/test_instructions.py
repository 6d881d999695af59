"""What the engine costs does not grow unnoticed: calls by type, instructions of a resource and of the
start, memory for each line. script/bench measures the same more precisely, for all types."""
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import instructions  # noqa: E402
import memory  # noqa: E402
import starts  # noqa: E402
import twins  # noqa: E402

BUILD = pathlib.Path(os.environ.get("ENGINE", ROOT / "build" / "engine")).parent
COUNTED = ("ec2", "iam_role", "lambda_function", "rds_snapshot", "s3_bucket", "sqs")
RESOURCES = 20
SPREAD = 1.05  # few resources: the garbage collector may run once more for the larger number
STARTED = ("scan", "--version")
FEW, MANY = 1000, 6000
LINE_BYTES = 2048  # what each further line may add to the peak, below 10,000 lines


class Instructions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """A build older than the policies validates them at each start, which costs more."""
        done = subprocess.run(
            [BUILD / "engine", "explain", "sqs.public", "--policies", ROOT / "policies",
             "--log-level", "debug"], env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
            capture_output=True, text=True, check=True)
        if "the build did not know" in done.stderr:
            raise RuntimeError(f"{BUILD} is older than the policies: build it again")

    def test_calls_of_a_resource(self):
        for kind, (_, _, most) in instructions.LIMITS.items():
            with self.subTest(kind):
                cost = instructions.Calls(BUILD, kind, RESOURCES)
                self.assertLessEqual(cost.calls, most)

    def test_instructions_of_a_resource(self):
        for kind in COUNTED:
            with self.subTest(kind):
                cost = instructions.Cost(BUILD, kind, RESOURCES)
                self.assertLessEqual(cost.instructions, SPREAD * 1000 * instructions.LIMITS[kind][0])

    def test_every_type_has_a_limit(self):
        known = {path.stem for path in (ROOT / "policies").glob("*.lua")}
        self.assertEqual(set(instructions.LIMITS), known)
        self.assertEqual(set(twins.TYPES), known)

    def test_instructions_of_the_start(self):
        for words in STARTED:
            with self.subTest(words):
                spent = starts.of(BUILD, words).instructions()
                self.assertLessEqual(spent, starts.LIMITS[words][0] * 1e6)

    def test_memory_of_a_line(self):
        for command in memory.COMMANDS:
            with self.subTest(command):
                few, many = (memory.cost(BUILD, command, count).memory for count in (FEW, MANY))
                self.assertLess((many - few) * 2**20 / (MANY - FEW), LINE_BYTES)


if __name__ == "__main__":
    unittest.main()
