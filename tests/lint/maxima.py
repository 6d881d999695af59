"""maxima.py [ROOT]: no code allocates or clears a buffer of its maximum size. A maximum limits
growth; memory is allocated for the actual size, because even memory that is never used is cleared,
which takes time."""
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)
CALL = re.compile(r"\b(mem_alloc|mem_resize|malloc|calloc|realloc|lua_newuserdatauv|memset|explicit_bzero)\(([^;]*);")
# A name that means a maximum, or a number of 64 KiB or more.
LARGE = re.compile(r"\b\w*(?:MAX|LARGEST|LONGEST)\w*\b|<<\s*(?:1[6-9]|[2-9]\d)|\b(?:6553[6-9]|[1-9]\d{5,})\b")


def complaints(where, text):
    for found in CALL.finditer(text):
        large = LARGE.search(found.group(2))
        if large:
            line = text.count("\n", 0, found.start()) + 1
            yield f"{where}:{line}: {found.group(1)} of a maximum ({large.group(0)}): allocate the actual size"


def blank(found):
    return "\n" * found.group(0).count("\n") + " "


def main(root):
    problems, files = [], 0
    for folder in ("engine", "bindings"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            files += 1
            problems += complaints(path.relative_to(root), COMMENT.sub(blank, path.read_text()))
    print("\n".join(problems))
    print(f"maxima: {files} files, {len(problems)} problems")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
