"""The pipelines of docs/pipelines: each command of the engine in them is one that it has, with these
options and formats, and the shell accepts the scripts."""
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

import yaml

from support.engine import ENGINE, ROOT

FOLDER = ROOT / "docs" / "pipelines"
WORDS = {"show": 1, "apply": 1}  # arguments that are no options


def scripts(name):
    """The shell scripts of a pipeline."""
    document = yaml.safe_load((FOLDER / name).read_text())
    if name == "github.yml":
        for job in document["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)
        return
    for job in document.values():
        if isinstance(job, dict):
            for part in ("before_script", "script", "after_script"):
                yield from job.get(part, [])


def commands(text):
    """The calls of the engine in a script, without redirections and what follows them."""
    text = re.sub(r"\$\{\{.*?\}\}", "VALUE", text.replace("\\\n", " "))
    for line in text.splitlines():
        at = re.match(r"\s*engine (?=\w)", line)
        if at:
            yield shlex.split(re.split(r"\s(?:\|\|?|>>?)\s", line[at.end():])[0])


class Pipelines(unittest.TestCase):
    def test_actions_are_named_by_commit(self):
        """A tag can be moved to other code, which would run with the pipeline's roles."""
        used = re.findall(r"uses: *(.*)", (FOLDER / "github.yml").read_text())
        self.assertTrue(used)
        for action in used:
            self.assertRegex(action, r"^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

    def help(self, *words):
        done = subprocess.run([ENGINE, "help", *words], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def check(self, command, *words):
        """Every option is in the command's help, and has a value exactly if the help says so."""
        known = dict(re.findall(r"(?m)^  --([\w-]+) ?(\S*)  ", self.help(command)))
        rest, arguments = list(words), 0
        while rest:
            word = rest.pop(0)
            if not word.startswith("--"):
                arguments += 1
                continue
            self.assertIn(word[2:], known, (command, words))
            if known[word[2:]] and not known[word[2:]].startswith("["):
                value = rest.pop(0)
                if word == "--format":
                    self.check_format(value)
        self.assertEqual(arguments, WORDS.get(command, 0), (command, words))

    def check_format(self, name):
        done = subprocess.run([ENGINE, "show", "/dev/null", "--format", name], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_command_exists(self):
        for name in ("github.yml", "gitlab.yml"):
            found = [one for text in scripts(name) for one in commands(text)]
            self.assertEqual({one[0] for one in found}, {"scan", "show", "apply"}, name)
            for one in found:
                with self.subTest(pipeline=name, command=one):
                    self.check(*one)

    def test_a_wrong_option_is_found(self):
        with self.assertRaises(AssertionError):
            self.check("scan", "--accouns", "org")
        with self.assertRaises(AssertionError):
            self.check("show", "file", "--format", "markdwon")
        with self.assertRaises(AssertionError):
            self.check("apply")

    def test_the_shell_accepts_the_scripts(self):
        for name in ("github.yml", "gitlab.yml"):
            for text in scripts(name):
                plain = re.sub(r"\$\{\{.*?\}\}", "VALUE", text)
                done = subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True,
                                      check=False)
                self.assertEqual(done.stderr, "", text)

    def test_a_plan_that_was_cut_says_so(self):
        """Otherwise somebody approves calls that were not shown."""
        for name in ("github.yml", "gitlab.yml"):
            text = next(text for text in scripts(name) if "shorten() {" in text)
            function = re.search(r"(?ms)^shorten\(\) \{.*?^\}", text)[0]
            for length in (99, 101):
                with tempfile.TemporaryDirectory() as folder:
                    (pathlib.Path(folder) / "plan.md").write_text("call `x`\n" * length)
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", f"{function}\nshorten 900"],
                                          cwd=folder, env={"PLAN": "s3://p/1", "PATH": "/usr/bin:/bin"},
                                          capture_output=True, text=True, check=True)
                lines = done.stdout.splitlines()
                self.assertEqual("engine show s3://p/1" in lines[0], length > 100, done)
                self.assertEqual(lines[-1], "call `x`")
                self.assertLess(len(done.stdout), 1000)

    def summary(self, folder, length):
        """The summary of a run that applied a plan, if the report has this many lines."""
        text = next(text for text in scripts("github.yml") if "show applied.jsonl" in text)
        report = folder / "report"
        report.write_text("fixed `x`\n" * length)
        (folder / "applied.jsonl").touch()
        engine = folder / "engine"
        engine.write_text(f'#!/bin/sh\nfor last; do :; done\ncp "{report}" "$last"\n')
        engine.chmod(0o700)
        subprocess.run(["bash", "-e", "-c", text], cwd=folder, check=True,
                       env={"PATH": f"{folder}:/usr/bin:/bin", "GITHUB_STEP_SUMMARY": "summary"})
        return (folder / "summary").read_text()

    def test_results_that_were_cut_say_so(self):
        for length in (90000, 90001):
            with tempfile.TemporaryDirectory() as name:
                found = self.summary(pathlib.Path(name), length)
            lines = found.splitlines()
            self.assertEqual('artifact "applied"' in lines[0], length > 90000, lines[0])
            self.assertEqual(lines[-1], "fixed `x`")
            self.assertLess(len(found), 1 << 20)  # GitHub's limit for a step's summary

    def test_the_guide_names_the_files(self):
        guide = (ROOT / "docs" / "pipelines.md").read_text()
        named = set(re.findall(r"\(pipelines/([\w.]+)\)", guide))
        self.assertEqual(named, {path.name for path in pathlib.Path(FOLDER).iterdir()})
