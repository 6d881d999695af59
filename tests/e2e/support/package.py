"""The zip that functions run from: the one from script/package if it is newer than all its parts;
otherwise one of the same form with the executable under test."""
import os
import pathlib
import platform
import re
import sys
import zipfile

from support.cloud import ROOT
from support.permissions import generate

sys.path.append(str(ROOT / "script/packaging"))
from pack import OWN_SERVICES  # noqa: E402


def executable():
    return pathlib.Path(os.environ.get("ENGINE", ROOT / "build" / "engine"))


def policies():
    return pathlib.Path(os.environ.get("ENGINE_POLICIES", ROOT / "policies"))


def models():
    """The compiled models that policies use, by their names in the package."""
    folder = pathlib.Path(os.environ.get("ENGINE_MODELS", executable().parent / "models"))
    declared = re.findall(r"^---@class engine\.aws\.(\w+): engine\.Service$",
                          generate("types"), re.M)
    files = {path.stem.replace("-", "_"): path for path in folder.glob("*.model")}
    return [folder / "endpoints", *(files[name] for name in sorted({*declared, *OWN_SERVICES}))]


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
    """Whether script/package made the package from the files that are tested."""
    return path.exists() and path.stat().st_mtime > max(one.stat().st_mtime for one in held.values())


def make(path, held):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, file in held.items():
            archive.write(file, name)
    return path


def package(directory):
    """Its path; `directory` is used if one must be built."""
    held = parts()
    path = shipped()
    if not is_current(path, held):
        path = make(pathlib.Path(directory) / "engine.zip", held)
    print("functions run from", path, file=sys.stderr)
    return path


def unpack(path, directory):
    """Unpacks it as Lambda does; returns the folder of the code."""
    folder = pathlib.Path(directory) / "task"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (folder / "bootstrap").chmod(0o755)
    return folder
