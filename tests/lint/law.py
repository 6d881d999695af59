"""law.py BUILD: in each row of engine/, a file that includes Lua or a row above does not compile. The
compiler is asked, with the very options that the build uses for that row."""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROW = re.compile(r"^engine/(\w+)/[^/]+\.c$")


def commands(root, build):
    """Row to the options its files are compiled with."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        where = file.relative_to(root).as_posix() if file.is_relative_to(root) else ""
        match = ROW.search(where)
        if match and where != "engine/app/main.c":
            words = shlex.split(entry["command"])
            found.setdefault(match[1], words[:words.index("-o")])
    return found


def compiles(command, folder, include):
    probe = pathlib.Path(folder, "probe.c")
    probe.write_text(f"#include <stddef.h>\n{include}\nint probe(void);\n")
    result = subprocess.run([*command, "-fsyntax-only", str(probe)], cwd=folder, check=False,
                            capture_output=True)
    return result.returncode == 0


def header_of(root, row):
    return next((f'"{row}/{path.name}"' for path in sorted((root / "engine" / row).glob("*.h"))),
                None)


def allowed(root):
    rows = re.findall(r"^engine_row\(([^)]+)\)", (root / "CMakeLists.txt").read_text(), re.M)
    return {names.split()[0]: names.split() for names in rows}


def probes(root, row, rows):
    """Each include to try from a row, and whether it may compile."""
    yield "", True
    for name in ("<lua.h>", "<lauxlib.h>", "<lua5.4/lua.h>", '"lua.h"'):
        yield f"#include {name}", False
    for other in rows:
        header = header_of(root, other)
        if header and other not in rows[row]:
            yield f"#include {header}", False


def main(root, build):
    problems, count = [], 0
    rows = allowed(root)
    with tempfile.TemporaryDirectory() as folder:
        for row, command in sorted(commands(root, build).items()):
            for include, expected in probes(root, row, rows):
                count += 1
                if compiles(command, folder, include) != expected:
                    problems.append(f"row {row}: {include or 'a plain file'} "
                                    + ("does not compile" if expected else "compiles"))
    if count == 0:
        problems.append("no files of engine/ are built")
    print("\n".join(problems))
    print(f"law: {count} includes tried, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path.cwd(), pathlib.Path(sys.argv[1])))
