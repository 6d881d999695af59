"""The operator's own Lua: what the prompt prints, and how an error shows where a script failed."""
import unittest

from support.cloud import MASTER, Cloud


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud()

    @classmethod
    def tearDownClass(cls):
        cls.cloud.close()

    def test_the_prompt_shows_tables_as_json(self):
        run = self.cloud.engine("repl", stdin="sts.caller().account\n{ 1, 'two' }\nprint\n")
        self.assertEqual(run.status, 0, run)
        self.assertIn(f'{MASTER}\n[\n  1,\n  "two"\n]\nfunction: ', run.out)

    def test_the_prompt_goes_on_after_errors(self):
        run = self.cloud.engine("repl", stdin="error('no')\naws.sqs:ListQeues{}\n1 + 1\n")
        self.assertEqual((run.status, run.out), (0, "2\n"), run)
        self.assertIn('did you mean "ListQueues"?', run.err)

    def test_a_script_says_where_it_went_wrong(self):
        path = self.cloud.directory / "wrong.lua"
        path.write_text("local function go()\n  aws.sqs:DeleteQueue{}\nend\ngo()\n")
        run = self.cloud.engine("run", str(path))
        self.assertEqual(run.status, 1, run)
        lines = run.err.splitlines()
        self.assertEqual(lines[0], "engine: error: sqs:DeleteQueue: QueueUrl: required, but missing")
        self.assertTrue(any("wrong.lua:2:" in line for line in lines[1:]), run)


if __name__ == "__main__":
    unittest.main()
