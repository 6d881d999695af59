"""layers.py [ROOT]: a file includes its own row and those below it, Lua stays out of engine/, and
includes form no circle. The rows are those of CMakeLists.txt (engine_row), so there is one list."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ROW = re.compile(r"^engine_row\(([^)]+)\)", re.M)
LUA = re.compile(r"(^|/)(lua\w*\.h|lauxlib\.h|lualib\.h|lua\.hpp)$")


def rows_of(root):
    """Row to the rows it may use, itself included."""
    lists = (row.split() for row in ROW.findall((root / "CMakeLists.txt").read_text()))
    return {names[0]: set(names) for names in lists}


def sources(root):
    files = []
    for folder in ("engine", "bindings"):
        files += sorted((root / folder).rglob("*.[ch]"))
    return files


def resolve(root, file, name):
    """The project's file that an include means, or None."""
    for base in (root / "engine", root / "bindings"):
        if base.name == "bindings" and not file.is_relative_to(base):
            if file != root / "engine/app/main.c":
                continue
        if (base / name).is_file():
            return base / name
    return None


def check_include(root, rows, file, name, problems):
    """Judges one quoted include; returns the file it means."""
    where = file.relative_to(root)
    target = resolve(root, file, name)
    if ".." in pathlib.PurePath(name).parts:
        problems.append(f'{where}: "{name}" leaves its folder')
    elif target is None:
        if not name.endswith(("_lua.h", "_reads.h")):
            problems.append(f'{where}: "{name}" is no file of engine/ or bindings/')
    elif where.parts[0] == "engine" and str(where) != "engine/app/main.c":
        row, used = where.parts[1], target.relative_to(root).parts[1]
        if used not in rows.get(row, ()):
            problems.append(f'{where}: "{name}": row {row} may not use {used}')
    return target


def graph_of(root, problems):
    """Includes among the project's files; says what it finds wrong on the way."""
    rows, graph = rows_of(root), {}
    for file in sources(root):
        where = file.relative_to(root)
        if where.parts[0] == "engine" and where.parts[1] not in rows:
            problems.append(f"{where}: {where.parts[1]} is no row of CMakeLists.txt")
        graph[file] = set()
        for kind, name in INCLUDE.findall(file.read_text()):
            if LUA.search(name):
                if where.parts[0] == "engine":
                    problems.append(f"{where}: includes {name}; only bindings/ may")
            elif kind == '"':
                target = check_include(root, rows, file, name, problems)
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
