"""What a packaged function costs before its first event: unpacked as Lambda unpacks it, and started
with the tests' own Runtime API."""
import os
import pathlib
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support.runtime_api import Function  # noqa: E402

HANDLERS = ("poller", "event_translator", "remediator")
START_LIMIT = 15.0  # ms from the start of the process to its first `next`
IDLE_LIMIT = 20.0  # MiB that it uses then
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/"


class Package:
    """`with Package(zip) as package:` its files are in .folder, as in LAMBDA_TASK_ROOT."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        with zipfile.ZipFile(self.path) as archive:
            for entry in archive.infolist():
                os.chmod(archive.extract(entry, self.folder), entry.external_attr >> 16)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    @property
    def executable(self):
        return str(self.folder / "bootstrap")

    def environment(self, root=None):
        """The environment that Lambda gives a function, with the variables that the three handlers
        need."""
        return {"LAMBDA_TASK_ROOT": str(root or self.folder), "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
                "POLLER_SQS": QUEUE + "remediator-resource-queue",
                "POLL_QUEUE": QUEUE + "remediator-poll-queue",
                "SQS": QUEUE + "remediator-resource-queue", "REGIONS": "us-east-1",
                "SQS_QUEUE": QUEUE + "remediator-resource-queue"}


def cold_start(command, environment, handler, log=None, seconds=60):
    """(milliseconds, MiB) of a process from its start to its first `next`."""
    with Function(command, handler, environment, log) as function:
        started = time.monotonic()
        function.start()
        while not function.api.nexts:
            if function.process.poll() is not None or time.monotonic() > started + seconds:
                raise RuntimeError(f"{command}, {handler}: no `next`; status "
                                   f"{function.process.poll()}; {function.api.init_errors}")
            time.sleep(0.001)
        return (function.api.nexts[0] - started) * 1000, function.resident() / 1024
