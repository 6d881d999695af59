"""AWS for one test: an emulator on a free port, a recording proxy in front of it, and the
engine."""
import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.config

from support.engine import ENGINE, ROOT, environment as engine_environment
from support.pager import Pager
from support.proxy import Proxy, Rule

MASTER = "123456789012"  # the account that moto assumes for an unknown access key
ROLE = "member_remediator"
CONFIG = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})


@dataclasses.dataclass
class Run:
    """The result of one run of the engine."""
    args: tuple
    status: int
    out: str
    err: str

    @property
    def lines(self):
        """Resource lines or findings; the lines that begin and end a poll are in `marks`."""
        return [line for line in self._parsed if "poll" not in line]

    @property
    def marks(self):
        return [line for line in self._parsed if "poll" in line]

    @property
    def _parsed(self):
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def finding(self, check, id_=None):
        """The one finding of that check."""
        found = [line for line in self.lines
                 if line["check"] == check and id_ in (None, line["id"])]
        assert len(found) == 1, f"{len(found)} findings of {check}\n{self}"
        return found[0]

    def __str__(self):
        return f"engine {' '.join(self.args)} -> {self.status}\n{self.out}\n{self.err}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PortTaken(RuntimeError):
    pass


class Emulator:
    """A server process of its own on a free port, ended with close()."""
    health = "/"

    def __init__(self):
        for last in (False, False, True):
            try:
                self._start()
                return
            except PortTaken:  # another suite has taken the port since it was found free
                if last:
                    raise

    def _start(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._directory = tempfile.TemporaryDirectory()
        with open(self._path("log"), "wb") as log:
            self._process = subprocess.Popen(
                self.command(), env={**os.environ, **self.variables()}, stdout=log,
                stderr=subprocess.STDOUT, cwd=self._directory.name)
        self._wait()

    def _path(self, name):
        return os.path.join(self._directory.name, name)

    def _wait(self):
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(self.url + self.health, timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        with open(self._path("log"), encoding="utf-8", errors="replace") as log:
            text = log.read()
        self.close()
        taken = "Address already in use" in text or "address already in use" in text
        raise (PortTaken if taken else RuntimeError)("the emulator does not answer: " + text)

    def post(self, path, body=""):
        request = urllib.request.Request(self.url + path, data=body.encode(), method="POST",
                                         headers={"Content-Type": "text/plain"})
        urllib.request.urlopen(request, timeout=30).close()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._directory.cleanup()


class Moto(Emulator):
    """Accounts are entered by AssumeRole; after enforce(True), signatures and IAM are enforced."""
    health = "/moto-api/data.json"

    def command(self):
        server = pathlib.Path(__file__).with_name("moto_server.py")
        return [sys.executable, str(server), "-H", "127.0.0.1", "-p", str(self.port)]

    def variables(self):
        return {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}

    def reset(self):
        self.enforce(False)
        self.post("/moto-api/reset")

    def enforce(self, on):
        """Sets whether signatures and IAM policies are checked from now on."""
        self.post("/moto-api/reset-auth", "0" if on else "inf")

    def root_of(self, _account):
        """Keys of the account's root user; None if a role must be assumed."""
        return None

    def stand_in(self, proxy):
        """Adds rules to the proxy that answer what the emulator does not know."""


class Ministack(Emulator):
    """Signatures, IAM and session policies are always enforced; the key of an account's root user
    is the account's id."""
    health = "/_ministack/health"

    def command(self):
        return [str(pathlib.Path(sys.executable).parent / "ministack")]

    def variables(self):
        return {"AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port),
                "IOT_MTLS_ENABLED": "0", "SFTP_PORT": str(free_port()),
                "HOME": self._directory.name}

    def reset(self):
        self.post("/_ministack/reset")

    def enforce(self, on):
        """It always enforces them."""

    def stand_in(self, proxy):
        """The emulator has no block of an account: answers as if none is set."""
        proxy.standing = [
            Rule("s3control:GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", 404),
            Pager("ec2", "GetImageBlockPublicAccessState",
                  [{"ImageBlockPublicAccessState": "unblocked"}]),
            Pager("ec2", "GetSnapshotBlockPublicAccessState", [{"State": "unblocked"}]),
        ]

    def root_of(self, account):
        return {"aws_access_key_id": account, "aws_secret_access_key": "test"}


class Cloud:
    """An emulator, the proxy in front of it, a directory for files, and ways to call both."""

    def __init__(self, emulator=Moto):
        self.emulator = emulator()
        self.proxy = Proxy(self.emulator.port)
        self.emulator.stand_in(self.proxy)
        self._directory = tempfile.TemporaryDirectory()
        self.directory = pathlib.Path(self._directory.name)
        self._credentials, self._clients = {}, {}

    def close(self):
        self.proxy.close()
        self.emulator.close()
        self._directory.cleanup()

    def reset(self):
        self.emulator.reset()
        self.proxy.clear()
        self._credentials.clear()
        self._clients.clear()

    def enforce(self, on):
        self.emulator.enforce(on)

    def _of(self, account):
        root = self.emulator.root_of(account)
        if root:
            return root
        if account == MASTER:
            return {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        if account not in self._credentials:
            answer = self.client("sts").assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="setup")
            got = answer["Credentials"]
            self._credentials[account] = {
                "aws_access_key_id": got["AccessKeyId"],
                "aws_secret_access_key": got["SecretAccessKey"],
                "aws_session_token": got["SessionToken"]}
        return self._credentials[account]

    def client(self, service, account=MASTER, region="us-east-1"):
        """A boto3 client that calls the emulator directly, bypassing the proxy. To make one takes
        longer than a call, so those who want the same one share it."""
        wanted = service, account, region
        if wanted not in self._clients:
            self._clients[wanted] = boto3.client(
                service, endpoint_url=self.emulator.url, region_name=region, config=CONFIG,
                **self._of(account))
        return self._clients[wanted]

    def environment(self, **more):
        """The engine's environment, without the caller's AWS settings."""
        return engine_environment(self.directory, self.proxy.url,
                                  **{"VERIFY_SECONDS": "5", **more})

    def engine(self, *args, stdin="", preexec_fn=None, **environment):
        """Runs the engine in the test's directory; its requests pass the proxy. preexec_fn is that
        of subprocess."""
        names = {name: value for name, value in self.environment(**environment).items()
                 if value is not None}
        done = subprocess.run([ENGINE, *args], input=stdin, env=names, cwd=self.directory,
                              capture_output=True, text=True, timeout=300, check=False,
                              encoding="utf-8", errors="surrogateescape", preexec_fn=preexec_fn)
        return Run(args, done.returncode, done.stdout, done.stderr)

    def path(self, name):
        return str(self.directory / name)
