"""unpack.py ZIP DIR: unpacks a package that script/package built into DIR/HASH, where its executable
finds its policies and models, and prints where that executable is. Where ZIP is for another processor
than this machine's, the package engine-PROCESSOR.zip beside it is taken."""
import hashlib
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import zipfile

EXECUTABLE = "bootstrap"
PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
# Of the header of an executable: e_machine. Source: System V ABI, "ELF Header".
MACHINES = {62: "x86_64", 183: "arm64"}


def fail(text):
    raise SystemExit(f"engine.sh: {text}")


def this_machine():
    processor = PROCESSORS.get(platform.machine().lower())
    if platform.system() != "Linux" or not processor:
        fail(f"packages hold executables for Linux on x86_64 and arm64, and this is {platform.system()} "
             f"on {platform.machine()}: build the engine here, and name it by ENGINE")
    return processor


def processor_of(package):
    try:
        with zipfile.ZipFile(package) as archive:
            head = archive.read(EXECUTABLE)[:20]
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        fail(f"{package} is no package of the engine: {error}")
    return MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None


def fitting(package):
    """The package itself, or the one for this machine beside it."""
    wanted = this_machine()
    beside = package.with_name(f"engine-{wanted}.zip")
    for one in (package, beside):
        if one.exists() and processor_of(one) == wanted:
            return one
    if not package.exists():
        fail(f"there is no file {package}")
    return fail(f"{package} is not for {wanted}, which this machine is: put {beside.name} beside it")


def unpack(package, into):
    """At once or not at all: what stands under its hash is whole."""
    target = into / hashlib.sha256(package.read_bytes()).hexdigest()[:16]
    if not target.exists():
        into.mkdir(parents=True, exist_ok=True)
        scratch = pathlib.Path(tempfile.mkdtemp(dir=into))
        with zipfile.ZipFile(package) as archive:
            archive.extractall(scratch)
        (scratch / EXECUTABLE).chmod(0o755)
        scratch.chmod(0o755)
        try:
            os.rename(scratch, target)
        except OSError:  # another run was faster
            shutil.rmtree(scratch)
    return target / EXECUTABLE


if __name__ == "__main__":
    print(unpack(fitting(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]).resolve()))
