"""law.py BUILD: in each room of engine/, a file that includes Lua, or a room that it cannot see, does not
compile. The compiler is asked, with the very options that the build uses for that room."""
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

from rooms import room_of, sees_of


def commands(root, build, rooms):
    """Room to the options its files are compiled with."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        where = file.relative_to(root) if file.is_relative_to(root) else pathlib.Path()
        room = room_of(where, rooms) if where.parts[:1] == ("engine",) else None
        if room:
            words = shlex.split(entry["command"])
            found.setdefault(room, words[:words.index("-o")])
    return found


def compiles(command, folder, include):
    probe = pathlib.Path(folder, "probe.c")
    probe.write_text(f"#include <stddef.h>\n{include}\nint probe(void);\n")
    result = subprocess.run([*command, "-fsyntax-only", str(probe)], cwd=folder, check=False,
                            capture_output=True)
    return result.returncode == 0


def header_of(root, room):
    return next((f'"{room}/{path.name}"' for path in sorted((root / "engine" / room).glob("*.h"))),
                None)


def probes(root, room, rooms):
    """Each include to try from a room, and whether it may compile."""
    yield "", True
    for name in ("<lua.h>", "<lauxlib.h>", "<lua5.4/lua.h>", '"lua.h"'):
        yield f"#include {name}", False
    for other in rooms:
        header = header_of(root, other)
        if header and other not in rooms[room]:
            yield f"#include {header}", False


def main(root, build):
    problems, count = [], 0
    rooms = sees_of(root)
    with tempfile.TemporaryDirectory() as folder:
        for room, command in sorted(commands(root, build, rooms).items()):
            for include, expected in probes(root, room, rooms):
                count += 1
                if compiles(command, folder, include) != expected:
                    problems.append(f"room {room}: {include or 'a plain file'} "
                                    + ("does not compile" if expected else "compiles"))
    if count == 0:
        problems.append("no files of engine/ are built")
    print("\n".join(problems))
    print(f"law: {count} includes tried, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path.cwd(), pathlib.Path(sys.argv[1])))
