"""A deployment of the master account by the scripts of terraform/, from a copy of the checkout, in an
emulator; and a member's."""
import shutil
import subprocess
import zipfile

from support.package import package
from support.terraform import Terraform, plugin_directory

PREFIX = "acme"
REGIONS = ["us-east-1", "us-west-2"]

# In place of script/package, which takes minutes: the same shape, of the engine under test.
PACKAGE = """#!/bin/sh
mkdir -p {checkout}/build/package
cp {zip} {checkout}/build/package/engine-x86_64.zip
"""


def variables(emulator, credentials, **more):
    """Environment: TF_VAR_… and what reaches the emulator."""
    return {"AWS_ENDPOINT_URL": emulator.url, "TF_VAR_regions": str(REGIONS).replace("'", '"'),
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": credentials.get("aws_session_token", ""),
            "TF_CLI_ARGS_init": "-backend-config=use_path_style=true", **more}


class Deployment(Terraform):
    """By setup.sh and deploy.sh, from a machine that has nothing but the checkout and the engine."""

    def __init__(self, emulator, engine, models, **more):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        plugins = plugin_directory()
        places = {"TF_PLUGIN_DIR": plugins} if plugins else {}
        super().__init__("terraform", "member_account_setup", **variables(
            emulator, keys, ENGINE=engine, ENGINE_MODELS=models, **places, **more))
        self.checkout = self.folder.parent
        self.zip = package(str(self.checkout))
        script = self.checkout / "script" / "package"
        script.parent.mkdir()
        script.write_text(PACKAGE.format(zip=self.zip, checkout=self.checkout))
        script.chmod(0o755)

    def script(self, name, *args, status=0):
        """What the script said."""
        done = subprocess.run([str(self.folder / name), PREFIX, *args], cwd="/", text=True,
                              env=self._environment, capture_output=True, timeout=900,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode != status:
            raise AssertionError(f"{name} {' '.join(args)} -> {done.returncode}\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done.stdout + done.stderr

    def changed_package(self, change):
        """A package in which one policy reads otherwise."""
        path = self.checkout / "changed.zip"
        with zipfile.ZipFile(self.zip) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                held = old.read(name)
                new.writestr(name, held + b"-- changed\n" if name == change else held)
        return str(path)

    def forget(self):
        """As on another machine: nothing is left of earlier runs but the checkout."""
        for name in (".terraform", ".terraform.lock.hcl", "backend.tf.json", "regions.tf.json",
                     "package.auto.tfvars.json"):
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def member(emulator, credentials, master, **more):
    """The folder of members, in an account of these credentials."""
    terraform = Terraform("member_account_setup", "terraform", **variables(
        emulator, credentials, TF_VAR_master=master, **more))
    subprocess.run([str(terraform.folder.parent / "terraform" / "regions.sh"),
                    str(terraform.folder)], env=terraform._environment, check=True,
                   capture_output=True)
    terraform._environment.pop("TF_CLI_ARGS_init")  # its state is a file
    terraform.init()
    return terraform
