"""The zip that functions run from: what script/package made, where it is newer than all that it
holds; else one of the same shape, made of the executable that the tests use."""
import os
import pathlib
import platform
import re
import sys
import zipfile

from support.cloud import ROOT
from support.permissions import generate

# What the engine calls by itself, and the scripts of terraform/ by it.
OWN = {"sts", "sqs", "sns", "organizations", "dynamodb", "cloudwatch", "events", "logs"}


def executable():
    return pathlib.Path(os.environ.get("ENGINE", ROOT / "build" / "engine"))


def policies():
    return pathlib.Path(os.environ.get("ENGINE_POLICIES", ROOT / "policies"))


def models():
    """The compiled models that policies use, by the names in the package."""
    folder = pathlib.Path(os.environ.get("ENGINE_MODELS", executable().parent / "models"))
    declared = re.findall(r"^---@class engine\.aws\.(\w+): engine\.Service$",
                          generate("types"), re.M)
    files = {path.stem.replace("-", "_"): path for path in folder.glob("*.model")}
    return [folder / "endpoints", *(files[name] for name in sorted({*declared, *OWN}))]


def parts():
    """{name in the zip: path}"""
    found = {"bootstrap": executable()}
    found.update({f"policies/{path.relative_to(policies())}": path
                  for kind in ("*.lua", "frameworks/*.json")
                  for path in sorted(policies().rglob(kind))})
    found.update({f"models/{path.name}": path for path in models()})
    return found


def shipped():
    arch = platform.machine().replace("aarch64", "arm64")
    return ROOT / "build" / "package" / f"engine-{arch}.zip"


def is_current(path, held):
    """Whether what script/package made stands for what is tested; what counts lines never
    ships."""
    if os.environ.get("ENGINE_INSTRUMENTED") or not path.exists():
        return False
    return path.stat().st_mtime > max(one.stat().st_mtime for one in held.values())


def make(path, held):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, file in held.items():
            archive.write(file, name)
    return path


def package(directory):
    """Its path; `directory` is for one that must be made."""
    held = parts()
    path = shipped()
    if not is_current(path, held):
        path = make(pathlib.Path(directory) / "engine.zip", held)
    print("functions run from", path, file=sys.stderr)
    return path


def unpack(path, directory):
    """As Lambda does: the folder of the code."""
    folder = pathlib.Path(directory) / "task"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (folder / "bootstrap").chmod(0o755)
    return folder
