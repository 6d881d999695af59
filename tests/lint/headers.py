"""headers.py [ROOT]: every X.c of engine/ and bindings/ has an X.h beside it, which declares each
function that X.c gives to others. main.c, which gives none, needs no header."""
import pathlib
import re
import sys

# Files that still lack their header, or leave something out of it: the numbers only go down.
LEFT = {
    "engine/app/lambda": 6,
    "engine/audit": 11,
    "engine/change": 3,
    "engine/state": 1,
}

COMMENT = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
# The head of a definition at the left margin, up to its brace.
FUNCTION = re.compile(r"^(?!static\b)[a-z][\w *\n]*?\b(\w+)\([^;{}]*\)\s*\{", re.M)


def exports(source):
    """The functions of a file that its neighbours can call."""
    return FUNCTION.findall(COMMENT.sub(" ", source.read_text()))


def lacking(source):
    """What is wrong with a file's header, or None."""
    given = exports(source)
    header = source.with_suffix(".h")
    if given == ["main"]:
        return None
    if not header.exists():
        return "has no header of its own"
    declared = set(re.findall(r"\w+", COMMENT.sub(" ", header.read_text())))
    missing = [name for name in given if name not in declared]
    return f"does not declare {', '.join(missing)} in its header" if missing else None


def survey(root):
    """Folder to its files with something lacking, each with what."""
    found = {}
    for top in ("engine", "bindings"):
        for source in sorted((root / top).rglob("*.c")):
            lack = lacking(source)
            if lack is not None:
                folder = source.parent.relative_to(root).as_posix()
                found.setdefault(folder, []).append(f"{source.name} {lack}")
    return found


def judge(found, left):
    fine = True
    for folder in sorted(found.keys() | left.keys()):
        files, allowed = found.get(folder, []), left.get(folder, 0)
        if len(files) == allowed:
            continue
        print(f"headers: {folder}: {len(files)} files lack a header, the table says {allowed}")
        if len(files) < allowed:
            continue
        fine = False
        print("".join(f"    {file}\n" for file in files), end="")
    return fine


def main(root):
    found = survey(root)
    print(f"headers: {sum(map(len, found.values()))} files are left without a whole header")
    return 0 if judge(found, LEFT) else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
