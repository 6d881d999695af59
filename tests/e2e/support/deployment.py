"""A deployment of the master account by the scripts of terraform/, from a copy of the checkout, in
an emulator; and the deployment of its members."""
import copy
import hashlib
import json
import os
import shutil
import subprocess
import zipfile

from support.cloud import ROOT
from support.package import executable, package
from support.terraform import Terraform, plugin_directory

PREFIX = "acme"
REGIONS = ["us-east-1", "us-west-2"]
ORGANIZATION = "o-a1b2c3d4e5"
PATTERNS = json.loads((ROOT / "member_account_setup" / "events_to_watch.json").read_text())
UNCHANGED = "-detailed-exitcode"  # of a plan: its status is 0 only if nothing changes

ALARMS = {*(f"{name}-{what}" for name in ("poller", "remediator")
            for what in ("errors", "throttles", "batch-failures")),
          *(f"poller-{what}" for what in ("lost", "not-listed", "no-round", "round-without-end")),
          *(f"poller-schedule-{what}" for what in ("undelivered", "lost", "throttled",
                                                   "dead-letters")),
          "remediator-not-notified", "remediator-repairs-failed",
          *(f"remediator-{rate}" for rate in ("unknown", "throttled-calls", "throttled-listings")),
          "remediator-flip-flops", "remediator-state-table-failures",
          *(f"remediator-{name}-queue-{what}" for name in ("resource", "poll")
            for what in ("age", "dead-letters")),
          *(f"remediator_{topic}-undelivered" for topic in ("notifications", "alarms"))}
ALARMS_OF_A_REGION = {
    *(f"event_translator-{what}" for what in ("errors", "throttles", "lost", "dead-letters",
                                              "events-without-id")),
    *(f"remediator-events-{what}" for what in ("undelivered", "lost", "throttled")),
    "remediator_event_translator_alarms-undelivered", "event_forward-dead-letters"}

# The provider checks for half a minute whether a queue has the right attributes; here, all queues
# at once.
AT_ONCE = {f"TF_CLI_ARGS_{command}": "-parallelism=50" for command in ("apply", "destroy")}

# Replaces script/package, which takes minutes: a package of the same form, with the engine under
# test.
PACKAGE = """#!/bin/sh
mkdir -p {checkout}/build/package
cp {zip} {checkout}/build/package/engine-x86_64.zip
"""


def variables(emulator, credentials, **more):
    """The environment: TF_VAR_… and the settings of the emulator."""
    return {"AWS_ENDPOINT_URL": emulator.url, "TF_VAR_regions": str(REGIONS).replace("'", '"'),
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": credentials.get("aws_session_token", ""),
            "TF_CLI_ARGS_init": "-backend-config=use_path_style=true", **AT_ONCE, **more}


def deployment(emulator, *members):
    """A zip of the engine under test, with these members."""
    models = os.environ.get("ENGINE_MODELS", str(executable().parent / "models"))
    return Deployment(emulator, str(executable()), models, TF_VAR_organization_id=ORGANIZATION,
                      TF_VAR_external_id="acme-1", TF_VAR_accounts=json.dumps(members))


class Deployment(Terraform):
    """Deploys by setup.sh, deploy.sh and member.sh, on a machine that has only the checkout and the
    engine. Terraform's own commands run in the folder of deploy.sh PREFIX."""

    def __init__(self, emulator, engine, models, **more):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        plugins = plugin_directory()
        places = {"TF_PLUGIN_DIR": plugins} if plugins else {}
        super().__init__("terraform", "member_account_setup", **variables(
            emulator, keys, ENGINE=engine, ENGINE_MODELS=models, **places, **more))
        self.text = self.folder
        self.checkout = self.folder.parent
        self.folder = self.checkout / "build" / "deploy" / PREFIX / "terraform"
        self.zip = package(str(self.checkout))
        self.build(self.zip)

    def build(self, zip):
        """Sets what script/package builds from now on."""
        script = self.checkout / "script" / "package"
        script.parent.mkdir(exist_ok=True)
        script.write_text(PACKAGE.format(zip=zip, checkout=self.checkout))
        script.chmod(0o755)

    def set(self, **more):
        """Sets environment variables from now on; None removes one."""
        given = {**self._environment, **more}
        self._environment = {name: value for name, value in given.items() if value is not None}

    def script(self, name, *args, status=0, prefix=PREFIX, **more):
        """Runs a script and returns its output."""
        done = subprocess.run([str(self.text / name), prefix, *args], cwd="/", text=True,
                              env={**self._environment, **more}, capture_output=True, timeout=900,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode != status:
            raise AssertionError(f"{name} {' '.join(args)} -> {done.returncode}\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def member(self, account, *args, credentials, status=0, **more):
        """Runs member.sh with these credentials. Its state is a file, so it needs no settings for
        S3."""
        return self.script("member.sh", *args, status=status, prefix=account, **{
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": credentials["aws_session_token"], "TF_CLI_ARGS_init": "", **more})

    def changed_package(self, change):
        """Builds a package in which the text of one policy differs."""
        path = self.checkout / "changed.zip"
        with zipfile.ZipFile(self.zip) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                held = old.read(name)
                new.writestr(name, held + b"-- changed\n" if name == change else held)
        return str(path)

    def tracked(self):
        """{path: hash} of the folders' files, except the states of members, which are kept
        there."""
        return {str(path.relative_to(self.checkout)): hashlib.sha256(path.read_bytes()).hexdigest()
                for folder in ("terraform", "member_account_setup")
                for path in sorted((self.checkout / folder).rglob("*"))
                if path.is_file() and "states" not in path.parts}

    def forget(self):
        """Continues as on another machine: only the checkout and the files that are kept with it
        remain, and the work of a deployment beside it."""
        shutil.rmtree(self.folder.parent)
        shutil.rmtree(self.checkout / "build" / "package", ignore_errors=True)

    def beside(self):
        """The same checkout and variables as now, for another PREFIX: later changes of variables
        are not seen."""
        other = copy.copy(self)
        other._environment = dict(self._environment)
        return other
