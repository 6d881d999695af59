"""law.py BUILD: in each room, a file that includes a header of a room that it must not see does not
compile; nor does a file of engine/ that includes Lua. The test runs the compiler with the options
that the build uses for that room."""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from rooms import folder_of, room_of, sees_of

LUA = ("<lua.h>", "<lauxlib.h>", "<lua5.4/lua.h>", '"lua.h"')


def commands(root, build, rooms):
    """Room to the options with which its files are compiled."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        where = file.relative_to(root) if file.is_relative_to(root) else pathlib.Path()
        room = room_of(where, rooms) if where.parts[:1] in (("engine",), ("bindings",)) else None
        if room:
            words = shlex.split(entry["command"])
            found.setdefault(room, words[:words.index("-o")])
    return found


def write(folder, name, text):
    path = pathlib.Path(folder, name)
    path.write_text(f"#include <stddef.h>\n{text}\nint probe(void);\n")
    return str(path)


def verdicts(command, folder, headers, lua):
    """The problems found: the compiler runs once on a file that reports which headers it sees, and
    once for each of these ways to include Lua. The compiler's message names the header that does
    not compile."""
    tells = "\n".join(f"#if __has_include({one})\n#error sees {one}\n#endif" for one in headers)
    files = [write(folder, "plain.c", tells)]
    files += [write(folder, f"lua{n}.c", f"#include {one}") for n, one in enumerate(lua)]
    said = subprocess.run([*command, "-fsyntax-only", *files], cwd=folder, check=False, text=True,
                          capture_output=True).stderr
    if any("sees " not in line for line in re.findall(r"plain\.c:\d+:\d+: .*error: .*", said)):
        yield f"a plain file does not compile\n{said}"
    for one in sorted(set(re.findall(r'error: .*sees ("[^"]+")', said))):
        yield f"#include {one} compiles"
    for n, one in enumerate(lua):
        if f"lua{n}.c" not in said:
            yield f"#include {one} compiles"


def header_of(root, room):
    headers = sorted((root / folder_of(room)).glob("*.h"))
    return f'"{room}/{headers[0].name}"' if headers else None


def main(root, build):
    problems, count = [], 0
    rooms = sees_of(root)
    with tempfile.TemporaryDirectory() as folder:
        for room, command in sorted(commands(root, build, rooms).items()):
            others = (header_of(root, other) for other in rooms if other not in rooms[room])
            headers = list(filter(None, others))
            lua = () if room.startswith("bindings/") else LUA
            count += len(headers) + len(lua)
            problems += [f"room {room}: {one}" for one in verdicts(command, folder, headers, lua)]
    if count == 0:
        problems.append("no files of engine/ are built")
    print("\n".join(problems))
    print(f"law: {count} includes tested, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path.cwd(), pathlib.Path(sys.argv[1])))
