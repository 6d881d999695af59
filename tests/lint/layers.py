"""layers.py [ROOT]: a file includes only headers of its own room and of those that CMakeLists.txt
lists for it, rooms list only lower rooms, Lua stays out of engine/, and includes form no circle."""
import pathlib
import re
import sys

from rooms import room_of, uses_of

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
MAIN = pathlib.Path("engine/app/main.c")
BUILT = ("_lua.h", "_reads.h", "_js.h", "_css.h", "_html.h", "_code.h", "_index.h", "_commit.h")
LUA = re.compile(r"(^|/)(lua\w*\.h|lauxlib\.h|lualib\.h|lua\.hpp)$")


def sources(root):
    files = []
    for folder in ("engine", "bindings"):
        files += sorted((root / folder).rglob("*.[ch]"))
    return files


def resolve(root, where, name):
    """The file of the project that an include refers to, or None."""
    if name.startswith("bindings/"):
        seen = where.parts[0] == "bindings" or where == MAIN
        return root / name if seen and (root / name).is_file() else None
    return root / "engine" / name if (root / "engine" / name).is_file() else None


def check_include(root, rooms, where, name, problems):
    """Checks one quoted include; returns the file that it refers to."""
    target = resolve(root, where, name)
    if ".." in pathlib.PurePath(name).parts:
        problems.append(f'{where}: "{name}" leaves its folder')
    elif target is None:
        if not name.endswith(BUILT):
            problems.append(f'{where}: "{name}" is not a file of engine/ or bindings/')
    elif where != MAIN:
        room, used = room_of(where, rooms), room_of(target.relative_to(root), rooms)
        if room and used not in rooms[room]:
            problems.append(f'{where}: "{name}": room {room} may not use {used}')
    return target


def check_rooms(rooms, problems):
    """Rooms are listed lowest first: a room that lists a later one is an error."""
    known = set()
    for room, uses in rooms.items():
        problems += [f"CMakeLists.txt: room {room} uses {used}, which is not below it"
                     for used in uses[1:] if used not in known]
        known.add(room)


def graph_of(root, problems):
    """Includes among the project's files; reports errors on the way."""
    rooms, graph = uses_of(root), {}
    check_rooms(rooms, problems)
    for file in sources(root):
        where = file.relative_to(root)
        if where != MAIN and room_of(where, rooms) is None:
            problems.append(f"{where}: {where.parent} is not a room of CMakeLists.txt")
        graph[file] = set()
        for kind, name in INCLUDE.findall(file.read_text()):
            if LUA.search(name):
                if where.parts[0] == "engine":
                    problems.append(f"{where}: includes {name}; only bindings/ may")
            elif kind == '"':
                target = check_include(root, rooms, where, name, problems)
                if target:
                    graph[file].add(target)
    return graph


def circle(graph):
    """One circle of includes as a list of files, or None."""
    done, path = set(), []

    def visit(file):
        if file in path:
            return path[path.index(file):] + [file]
        if file in done:
            return None
        path.append(file)
        for target in sorted(graph.get(file, ())):
            found = visit(target)
            if found:
                return found
        done.add(path.pop())
        return None

    return next(filter(None, map(visit, sorted(graph))), None)


def main(root):
    problems = []
    graph = graph_of(root, problems)
    if not graph:
        problems.append("no C files found")
    found = circle(graph)
    if found:
        problems.append("circle: " + " -> ".join(str(f.relative_to(root)) for f in found))
    print("\n".join(problems))
    edges = sum(map(len, graph.values()))
    print(f"layers: {len(graph)} files, {edges} includes among them, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
