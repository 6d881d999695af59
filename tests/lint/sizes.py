"""sizes.py [ROOT]: files stay under 400 lines, the median function under 12, nine in ten under 45,
and each C function of the program has at most 31. A room has at most 20 .c files.

A C function counts from its name to its last brace, without blank lines and comments; it is found by
the braces that clang-format puts in the first column. A Lua function counts from `function` to `end`,
according to luac's listing."""
import collections
import pathlib
import re
import subprocess
import sys

FILE, MEDIAN, NINTH, LONGEST, ROOM = 400, 12, 45, 31, 20

# Files that are longer for a reason: path to (lines, reason).
ALLOWED = {}

COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)
LUA_FUNCTION = re.compile(r"^function <[^>]*:(\d+),(\d+)>", re.M)


def code_lines(text):
    """The lines of C without comments (line breaks within comments are kept)."""
    def blank(match):
        found = match.group()
        return found if found[0] == '"' else "\n" * found.count("\n")
    return COMMENT.sub(blank, text).split("\n")


def c_functions(path):
    """(length, line) of each function."""
    lines, found, start = code_lines(path.read_text()), [], None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line.rstrip() == "}" and start is not None:
            first = start
            while first > 0 and lines[first - 1].strip() and lines[first - 1][0] not in "}#;":
                first -= 1
            body = [text for text in lines[first:number + 1] if text.strip()]
            found.append((len(body), first + 1))
            start = None
    return found


def lua_functions(path):
    listing = subprocess.run(["luac5.4", "-l", "-p", str(path)], check=True, capture_output=True,
                             text=True).stdout
    return [(int(last) - int(first) + 1, int(first))
            for first, last in LUA_FUNCTION.findall(listing)]


def quantile(lengths, part):
    return sorted(lengths)[min(len(lengths) - 1, int(len(lengths) * part))]


def judge(name, functions, problems):
    """Prints a group's figures; reports what exceeds a limit."""
    if not functions:
        return
    lengths = [length for length, _ in functions]
    median, ninth = quantile(lengths, 0.5), quantile(lengths, 0.9)
    print(f"sizes: {name}: {len(lengths)} functions, median {median}, 90th percentile {ninth}, "
          f"longest {max(lengths)}")
    if median >= MEDIAN or ninth >= NINTH:
        problems.append(f"{name}: the median must stay under {MEDIAN}, nine in ten under {NINTH}")
        for length, where in sorted(functions, reverse=True)[:12]:
            print(f"  {length:4} {where}")


def check_file(root, path, problems):
    where = str(path.relative_to(root))
    lines = path.read_text().count("\n")
    limit, _ = ALLOWED.get(where, (FILE, ""))
    if lines >= limit:
        problems.append(f"{where}: {lines} lines, must stay under {limit}")
    return lines


def check_longest(functions, problems):
    problems += [f"{where}: a function of {length} lines, must have at most {LONGEST}"
                 for length, where in functions if length > LONGEST]


def group(root, folders, suffixes):
    return [path for folder in folders for path in sorted((root / folder).rglob("*"))
            if path.suffix in suffixes and "fixtures" not in path.relative_to(root).parts]


def measured(root, files, functions):
    return [(length, f"{path.relative_to(root)}:{line}")
            for path in files for length, line in functions(path)]


def check_rooms(root, files, problems):
    rooms = collections.Counter(str(path.parent.relative_to(root)) for path in files
                                if path.suffix == ".c")
    name, most = max(rooms.items(), key=lambda one: one[1], default=("", 0))
    print(f"sizes: {len(rooms)} rooms, at most {most} .c files ({name})")
    problems += [f"{room}: {count} .c files, a room may have {ROOM}"
                 for room, count in sorted(rooms.items()) if count > ROOM]


def main(root):
    problems = []
    c_files = group(root, ["engine", "bindings"], {".c", ".h"})
    lua_files = group(root, ["policies", "bindings"], {".lua"})
    tests = group(root, ["tests", "script"], {".c", ".h", ".lua", ".py"})
    if not c_files:
        problems.append("no C files found")
    lines = [check_file(root, path, problems) for path in c_files + lua_files + tests]
    print(f"sizes: {len(lines)} files, {sum(lines)} lines, longest {max(lines, default=0)}")
    check_rooms(root, c_files, problems)
    functions = measured(root, c_files, c_functions)
    judge("C", functions, problems)
    check_longest(functions, problems)
    judge("Lua", measured(root, lua_files, lua_functions), problems)
    judge("C of tests", measured(root, [p for p in tests if p.suffix in {".c", ".h"}], c_functions),
          problems)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
