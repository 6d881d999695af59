"""The AWS provider as one process that all commands share. By default, Terraform starts a process for
each configuration of the provider and each step, which costs more than the test itself.

    with served(folder, environment) as variables: ...  # of the environment of Terraform's commands

Use it for mocked providers and for commands that need only the provider's schema: the process has one
configuration, so providers of several regions must not be configured in it."""
import contextlib
import re
import subprocess
import tempfile
import time

WAIT = 120


def executable(folder):
    """The provider that `terraform init` found for the folder."""
    places = folder.glob(".terraform/providers/registry.terraform.io/hashicorp/aws/*/*/"
                         "terraform-provider-aws*")
    [path] = [place for place in places if place.is_file()]
    return path


def address(process, said):
    """The line that the provider prints when it listens."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline and process.poll() is None:
        said.seek(0)
        text = said.read()
        found = re.search(r"TF_REATTACH_PROVIDERS='([^'\n]+)'\n", text)
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the AWS provider does not listen\n{text}")


@contextlib.contextmanager
def served(folder, environment):
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([executable(folder), "-debug"], env=environment, stdout=said,
                                   stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            yield {"TF_REATTACH_PROVIDERS": address(process, said)}
        finally:
            process.terminate()
            process.wait()
