"""Terraform in a test's own copy of a folder of the checkout, so that nothing is left in it.

    tf = Terraform("terraform", "member_account_setup", AWS_ENDPOINT_URL=..., ...)
    tf.init(); tf.check(); tf.apply(variables); tf.changes(variables); tf.destroy(variables)
    tf.close()

The first folder is the one that Terraform works in; the others are copied beside it. The AWS
provider comes from a plugin directory if the machine has one (TF_PLUGIN_DIR names it; the usual places
are searched), or else from where `terraform init` gets it. Without Terraform the test fails, and says
how to get it. If a command fails, its output is in the error."""
import contextlib
import glob
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from support.cloud import ROOT
from support.provider import served

PROVIDER = "registry.terraform.io/hashicorp/aws"
# Where machines keep providers: Terraform's implied mirrors, and a folder that images use in /opt.
PLACES = ("~/.terraform.d/plugins", "~/.local/share/terraform/plugins",
          "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/*",
          "/opt/*/*")
# Go's garbage collector, which by default takes a quarter of the time, starts at this size.
COLLECT = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
HOW = ("terraform is not in PATH, and tests of *.tf need it. Install Terraform 1.11 or newer "
       "(https://developer.hashicorp.com/terraform/install: a Debian repository, or one "
       "executable in a zip file). The AWS provider is fetched by `terraform init`; on a machine "
       "that cannot reach the registry put it into a directory (`terraform providers mirror DIR`) "
       "and name that by TF_PLUGIN_DIR.")


def executable():
    """Terraform's path; fails the test if there is none."""
    found = shutil.which("terraform")
    if not found:
        raise AssertionError(HOW)
    return found


def plugin_directory():
    """The directory that contains the AWS provider; None if it must be downloaded."""
    named = os.environ.get("TF_PLUGIN_DIR")
    if named:
        if not (pathlib.Path(named) / PROVIDER).is_dir():
            raise AssertionError(f"TF_PLUGIN_DIR={named} holds no {PROVIDER}")
        return named
    places = [one for place in PLACES for one in sorted(glob.glob(os.path.expanduser(place)))]
    return next((one for one in places if (pathlib.Path(one) / PROVIDER).is_dir()), None)


def unverified(home):
    """The setting by which only `terraform init` computes the hash of the provider, which is 700 MB.
    Every other command would compute it again."""
    found = glob.glob(f"{plugin_directory()}/{PROVIDER}/*/*/terraform-provider-aws*")
    if len(found) != 1:
        return {}
    file = pathlib.Path(home) / "overrides.tfrc"
    file.write_text(f"""provider_installation {{
  dev_overrides {{
    "hashicorp/aws" = "{pathlib.Path(found[0]).parent}"
  }}
  direct {{}}
}}
""")
    return {"TF_CLI_CONFIG_FILE": str(file)}


def environment(home, **more):
    """None of the caller's AWS and Terraform settings, except where providers come from."""
    names = {"PATH", "LANG", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"}
    config = os.environ.get("TF_CLI_CONFIG_FILE")
    if config and pathlib.Path(config).is_file():
        names.add("TF_CLI_CONFIG_FILE")
    kept = {**unverified(home),
            **{name: value for name, value in os.environ.items() if name in names}}
    return {**kept, "HOME": home, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0", "AWS_EC2_METADATA_DISABLED": "true", **COLLECT, **more}


def copy(folder, to):
    """The files of a checkout: no state, no providers."""
    ignore = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "*.auto.tfvars.json",
                                    "backend.tf.json", "__pycache__")
    shutil.copytree(ROOT / folder, pathlib.Path(to) / folder, ignore=ignore)


class Terraform:
    """See the head of this file; close() removes the copy and its state."""

    def __init__(self, folder, *beside, **variables):
        self._executable = executable()
        self._directory = tempfile.TemporaryDirectory()
        for one in (folder, *beside):
            copy(one, self._directory.name)
        self.folder = pathlib.Path(self._directory.name) / folder
        self._environment = environment(self._directory.name, **variables)
        self._provider = None
        self._closing = contextlib.ExitStack()
        self._closing.callback(self._directory.cleanup)

    def close(self):
        self._closing.close()

    def provider(self):
        """For the environment of commands that need only the provider's schema, or mock it: they
        share one process until close()."""
        if self._provider is None:
            self._provider = self._closing.enter_context(served(self.folder, self._environment))
        return self._provider

    def run(self, *args, statuses=(0,), timeout=600, **more):
        """The finished process; fails if its status is none of these."""
        done = subprocess.run([self._executable, *args], cwd=self.folder,
                              env={**self._environment, **more}, capture_output=True, text=True,
                              timeout=timeout, check=False)
        if done.returncode not in statuses:
            raise AssertionError(f"terraform {' '.join(args)} -> {done.returncode}\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done

    def init(self, *options):
        plugins = plugin_directory()
        named = [f"-plugin-dir={plugins}"] if plugins else []
        self.run("init", "-no-color", *named, *options)

    def check(self):
        """The text has Terraform's format, and is valid."""
        self.run("fmt", "-check", "-diff", "-recursive", "-no-color")
        self.run("validate", "-no-color", **self.provider())

    def test(self, *args):
        """Runs the folder's *.tftest.hcl, whose providers are mocked; returns the output."""
        return self.run("test", "-no-color", *args, timeout=1800, **self.provider()).stdout

    def apply(self, variables=None):
        self.run("apply", *self.options(variables), "-auto-approve")

    def destroy(self, variables=None):
        self.run("destroy", *self.options(variables), "-auto-approve")

    def changes(self, variables=None):
        """What another apply would change: [{"address":, "actions":, "before":, "after":}]."""
        plan = str(self.folder / "again.tfplan")
        done = self.run("plan", *self.options(variables), "-detailed-exitcode", f"-out={plan}",
                        statuses=(0, 2))
        if done.returncode == 0:
            return []
        shown = json.loads(self.run("show", "-json", plan).stdout)
        return [{"address": one["address"], **one["change"]}
                for one in shown.get("resource_changes", [])
                if one["change"]["actions"] not in (["no-op"], ["read"])]

    def outputs(self):
        shown = json.loads(self.run("output", "-json").stdout)
        return {name: one["value"] for name, one in shown.items()}

    @staticmethod
    def options(variables):
        given = [f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
                 for name, value in (variables or {}).items()]
        return ["-no-color", "-input=false", "-parallelism=20", *given]
