"""headers.py [ROOT]: every X.c of engine/ and bindings/ has an X.h beside it, which declares each
function that other files call. Functions for its own room may be declared in X_internal.h. main.c,
which exports none, needs no header. FREED calls each function that frees (X_free, X_drop) with
NULL."""
import pathlib
import re
import sys

COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
FREED = "tests/c/app/test_free.c"
# These free members of a structure that others own.
PARTS = {"recording_free", "services_free"}
FREES = re.compile(r"^void (\w+_(?:free|drop))\([\w ]+\*\w+\);", re.M)
# The head of a function definition, which starts at the left margin, up to its brace.
FUNCTION = re.compile(r"^(?!static\b)[a-z][\w *\n]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)


def exports(source):
    """The functions of a file that other files can call."""
    return FUNCTION.findall(COMMENT.sub(" ", source.read_text()))


def lacking(source):
    """What is wrong with a file's header, or None."""
    given = exports(source)
    header = source.with_suffix(".h")
    if given == ["main"]:
        return None
    if not header.exists():
        return "has no header of its own"
    inner = source.with_name(source.stem + "_internal.h")
    text = header.read_text() + (inner.read_text() if inner.exists() else "")
    declared = set(re.findall(r"\w+", COMMENT.sub(" ", text)))
    missing = [name for name in given if name not in declared]
    return f"does not declare {', '.join(missing)} in its header" if missing else None


def survey(root):
    """Folder to those of its files that have a problem, each with the problem."""
    found = {}
    for top in ("engine", "bindings"):
        for source in sorted((root / top).rglob("*.c")):
            lack = lacking(source)
            if lack is not None:
                folder = source.parent.relative_to(root).as_posix()
                found.setdefault(folder, []).append(f"{source.name} {lack}")
    return found


def untried(root):
    """The functions that free and that FREED does not call with NULL."""
    test = root / FREED
    tried = set(re.findall(r"(\w+)\(NULL\);", test.read_text() if test.exists() else "")) | PARTS
    names = {
        name
        for top in ("engine", "bindings")
        for header in (root / top).rglob("*.h")
        for name in FREES.findall(header.read_text())
    }
    return sorted(names - tried)


def main(root):
    found = survey(root)
    for name in untried(root):
        found.setdefault(FREED, []).append(f"does not call {name}(NULL)")
    for folder, files in sorted(found.items()):
        print("".join(f"headers: {folder}/{file}\n" for file in files), end="")
    print(f"headers: {sum(map(len, found.values()))} files lack a header, or leave something out")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
