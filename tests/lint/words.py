"""words.py [ROOT]: comments leave no work undone, texts name no path of a particular machine, and
no line has tabs, trailing blanks or more than 100 columns."""
import pathlib
import re
import subprocess
import sys

TEXT = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
PLACES = re.compile(r"(?<![\w.~}$-])/(work/(main|shared)|root/|Users/\w|tmp/scratch|home/(?!user\b)\w)"
                    r"|pythonhosted\.or" r"g|pypi\.or" r"g|proxy\.golang\.or" r"g")
CODE = {".c", ".h", ".lua", ".py", ".sh", ".cmake", ".tf"}
TABLES = {".txt", ".tsv"}
NARROW = ("engine/", "bindings/", "policies/", "script/", ".ci/")


def files_of(root):
    """The files of the project: those that git knows or would add; without git, everything except
    builds."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = sorted(filter(None, listed.stdout.decode().split("\0")))
        return [root / name for name in names if (root / name).is_file()]
    skipped = {"build", ".venv", ".git"}
    return [path for path in sorted(root.rglob("*"))
            if path.is_file() and not skipped & set(path.relative_to(root).parts)]


def words(line):
    if TEXT.search(line):
        yield "left undone"
    if PLACES.search(line):
        yield "names a place on some machine or a package registry"


def form(where, path, line):
    if path.suffix in CODE and "\t" in line:
        yield "tab"
    if path.suffix in CODE and line != line.rstrip():
        yield "trailing blank"
    if where.startswith(NARROW) and path.suffix not in TABLES and len(line) > 100:
        yield f"{len(line)} columns"


def complaints(where, path, text):
    checks = []
    if any(words(text)):  # searching the whole text first is faster than searching each line
        checks.append(words)
    if "fixtures" not in pathlib.PurePath(where).parts:
        checks.append(lambda line: form(where, path, line))
    for number, line in enumerate(text.split("\n") if checks else [], 1):
        for check in checks:
            yield from (f"{where}:{number}: {what}" for what in check(line))


def main(root):
    problems, count = [], 0
    for path in files_of(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        count += 1
        where = str(path.relative_to(root))
        problems += complaints(where, path, text)
    if count == 0:
        problems.append("no files found")
    print("\n".join(problems))
    print(f"words: {count} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
