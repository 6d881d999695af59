"""What the start of a command costs: those that call AWS until their first request, those that do not
until they end."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import twins

LINE = ('{"account":"%s","region":"us-east-1","type":"sqs",'
        '"id":"https://sqs.us-east-1.amazonaws.com/%s/q"}\n' % ((twins.ACCOUNT,) * 2))
OLDER = twins.ROOT / "tests/fixtures/formats"  # a journal, and the policy of its type
FULL = {  # commands that need more words than their rows show
    "undo": f"undo plan.jsonl.journal --policies {OLDER}",
    "new": "new table --from dynamodb:DescribeTable --policies .",
    "test": f"test {twins.ROOT}/tests/policies/sqs_test.lua",
}
CALLING = ("scan", "poll", "remediate", "plan", "doctor", "apply /dev/null", "undo")
LIMITS = {  # the most millions of instructions, and the goal in milliseconds of CPU
    "scan": (25, 10), "poll": (25, None), "remediate": (25, None), "plan": (25, None),
    "doctor": (25, None), "apply /dev/null": (25, None), "undo": (25, None),
    "--version": (13.5, None), "help scan": (13.5, None), "show /dev/null": (13.5, None),
    "translate": (20, None), "check sqs": (125, None), "explain sqs.public": (20, None),
    "generate checks": (20, None), "generate completions bash": (22, None),
    "models --services": (20, None), "run /dev/null": (18, None),
    "new": (13.5, None), "test": (70, None), "repl": (18, None),
}
SUMMARY = re.compile(r"^summary: (\d+)$", re.M)
COLLECTED = re.compile(r"I +refs: +([\d,]+)")


class Start:
    """Each question runs `engine WORDS` again."""

    def __init__(self, build, words, stdin="", calling=True):
        self._build, self._words, self._stdin, self._calling = build, words.split(), stdin, calling

    def usage(self):
        """(milliseconds of CPU, page faults)."""
        usage, _ = self._run()
        return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_minflt

    def _run(self, *under):
        with socket.create_server(("127.0.0.1", 0)) as server, \
                tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as said:
            pathlib.Path(home, "stdin").write_text(self._stdin, encoding="utf-8")
            shutil.copy(OLDER / "plan.jsonl.journal", home)
            env = {"PATH": os.environ["PATH"], "HOME": home, "AWS_REGION": "us-east-1",
                   "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
                   "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s",
                   "AWS_EC2_METADATA_DISABLED": "true", "MEMBER_ROLE": "none",
                   "ENGINE_POLICIES": str(twins.ROOT / "policies"),
                   "ENGINE_MODELS": os.environ.get("ENGINE_MODELS", str(self._build / "models"))}
            with pathlib.Path(home, "stdin").open("rb") as stdin:
                process = subprocess.Popen([*under, self._build / "engine", *self._words], env=env,
                                           cwd=home, stdin=stdin, stdout=subprocess.DEVNULL,
                                           stderr=said)
            if self._calling:
                server.settimeout(60)
                connection, _ = server.accept()
                with connection:
                    connection.recv(1)
                    process.send_signal(signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read()
        if process.returncode != (-signal.SIGKILL if self._calling else 0):
            raise RuntimeError(f"{self._words}: status {process.returncode}: {text[-500:]}")
        return usage, text

    def instructions(self):
        """Until libcurl gets the first request, or the end."""
        if not self._calling:
            _, text = self._run("valgrind", "--tool=cachegrind", "--cache-sim=no",
                                "--cachegrind-out-file=/dev/null")
            return int(COLLECTED.search(text)[1].replace(",", ""))
        with tempfile.TemporaryDirectory() as folder:
            self._run("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                      "--dump-before=curl_multi_add_handle")
            return int(SUMMARY.search(pathlib.Path(folder, "out.1").read_text(encoding="utf-8"))[1])


def of(build, words):
    stdin = LINE if words in ("remediate", "plan") else ""
    return Start(build, FULL.get(words, words), stdin, words in CALLING)
