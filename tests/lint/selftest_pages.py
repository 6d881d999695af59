"""The lints of the pages in docs/ must pass for correct pages, and fail for a single fault."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Pages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_lint(self, *command):
        done = subprocess.run([*command, self.folder], cwd=ROOT, capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def test_a_drawing_must_be_what_its_source_says(self):
        shutil.copytree(ROOT / "docs" / "drawings", self.folder, dirs_exist_ok=True)
        lint = ("bash", "tests/lint/drawings.sh")
        self.assertEqual(self.run_lint(*lint), (0, ""))
        source = self.folder / "events.dot"
        source.write_text(source.read_text().replace("Lambda: poller", "Lambda: polling"))
        status, said = self.run_lint(*lint)
        self.assertEqual((status, "events.svg" in said), (1, True), said)

    def links(self, text):
        (self.folder / "page.md").write_text(text)
        (self.folder / "other.md").write_text("# Two words, `code`\n\n```sh\n# No heading\n```\n")
        return self.run_lint(sys.executable, "-BS", "tests/lint/links.py")

    def test_links_that_lead_somewhere_pass(self):
        status, said = self.links("# A.b\n[](other.md) [](other.md#two-words-code) [](#ab) "
                                  "[](https://example.com/no) `[](no.md)`\n```\n[](no.md)\n```\n")
        self.assertEqual((status, said), (0, "links: 3 relative links, 0 problems\n"))

    def test_a_link_must_lead_to_a_file_and_a_heading(self):
        (self.folder / "large.png").write_bytes(bytes(1 << 18))
        for link, expected in (("no.md", "no.md leads nowhere"), ("other.md#no-heading", "no such heading"),
                               ("#no", "no such heading"), ("large.png", "262144 bytes")):
            status, said = self.links(f"![]({link})")
            self.assertEqual((status, expected in said), (1, True), said)

    def commands(self, *lines):
        (self.folder / "page.md").write_text("\n".join(("```sh", *lines, "```", "")))
        return self.run_lint(sys.executable, "-BS", "tests/lint/aws_commands.py")

    def test_commands_of_the_cli_that_exist_pass(self):
        status, said = self.commands(
            "aws iam put-role-policy --role-name a --policy-name b --policy-document '{\"--no\":1}'",
            "aws lambda update-event-source-mapping --region r \\", "  --uuid u --no-enabled",
            "aws sns subscribe --topic-arn t --protocol email --notification-endpoint a")
        self.assertEqual((status, said), (0, "aws_commands: 3 commands, 0 problems\n"))

    def test_a_command_of_the_cli_must_exist(self):
        for line, expected in (
                ("aws sqs start-message-moves-task --source-arn a", "there is no such command"),
                ("aws squs list-queues", "there is no such command"),
                ("aws sqs start-message-move-task --source a", "there is no option --source"),
                ("echo aws", "0 commands")):
            status, said = self.commands(line)
            self.assertEqual((status, expected in said), (1, True), said)

    def test_no_links_at_all_fail(self):
        self.assertEqual(self.links("")[0], 1)


if __name__ == "__main__":
    unittest.main()
