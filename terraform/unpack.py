"""unpack.py ZIP DIR: unpacks a package that script/package built into DIR/HASH, where the executable finds
its policies and models, and prints the path of the executable. If ZIP is for another processor than this
machine's, uses the package engine-PROCESSOR.zip in the same folder."""
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
# e_machine in the header of an executable. Source: System V ABI, "ELF Header".
MACHINES = {62: "x86_64", 183: "arm64"}


def fail(text):
    raise SystemExit(f"engine.sh: {text}")


def this_machine():
    processor = PROCESSORS.get(platform.machine().lower())
    if platform.system() != "Linux" or not processor:
        fail(f"packages hold executables for Linux on x86_64 and arm64, and this is {platform.system()} "
             f"on {platform.machine()}: build the engine here, and name it with ENGINE")
    return processor


def processor_of(package):
    try:
        with zipfile.ZipFile(package) as archive:
            head = archive.read(EXECUTABLE)[:20]
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        fail(f"{package} is not a package of the engine: {error}")
    return MACHINES.get(int.from_bytes(head[18:20], "little")) if head[:4] == b"\x7fELF" else None


def fitting(package):
    """The package itself, or the one for this machine in the same folder."""
    wanted = this_machine()
    beside = package.with_name(f"engine-{wanted}.zip")
    for one in (package, beside):
        if one.exists() and processor_of(one) == wanted:
            return one
    if not package.exists():
        fail(f"there is no file {package}")
    return fail(f"{package} is not for {wanted}, the processor of this machine: put {beside.name} into its folder")


def unpack(package, into):
    """Renames a complete folder, so that a folder with the name of a hash is always complete."""
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
