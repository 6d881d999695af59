"""split.py ZIP DIR [EXCEPTIONS [LISTS NAMES]]: splits the package that script/package builds.
DIR/function.zip holds the executable. DIR/policies.zip holds the policies, the models, the file of
exceptions as exceptions.json or exceptions.lua, and, as lists/NAME, the files in the folder LISTS that
NAMES lists, separated by spaces. So a change of policies alone does not change the functions' package.
Prints the hash of each package: of names, modes and contents, which do not depend on the compression."""
import hashlib
import pathlib
import sys
import zipfile

EXECUTABLE = "bootstrap"
NEVER = (1980, 1, 1, 0, 0, 0)


def write(path, files):
    digest = hashlib.sha256()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            mode = 0o755 if name == EXECUTABLE else 0o644
            entry = zipfile.ZipInfo(name, NEVER)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, files[name])
            digest.update(f"{name}\0{mode:o}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()


def read_list(folder, name):
    try:
        return (pathlib.Path(folder) / name).read_bytes()
    except OSError as error:
        raise SystemExit(f"deploy.sh: the list @{name} cannot be read: {error}") from error


def main(package, directory, exceptions="", lists="", names=""):
    with zipfile.ZipFile(package) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    if EXECUTABLE not in files:
        raise SystemExit(f"deploy.sh: {package} contains no {EXECUTABLE}")
    function = {EXECUTABLE: files.pop(EXECUTABLE)}
    policies = {name: held for name, held in files.items()
                if name.startswith(("policies/", "models/"))}
    if not any(name.endswith(".lua") for name in policies):
        raise SystemExit(f"deploy.sh: {package} contains no policies")
    if exceptions:
        path = pathlib.Path(exceptions)
        policies["exceptions" + path.suffix] = path.read_bytes()
    policies |= {f"lists/{name}": read_list(lists, name) for name in names.split()}
    into = pathlib.Path(directory)
    into.mkdir(parents=True, exist_ok=True)
    print(write(into / "function.zip", function), write(into / "policies.zip", policies))


if __name__ == "__main__":
    main(*sys.argv[1:])
