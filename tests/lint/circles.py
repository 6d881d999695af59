"""circles.py BUILD: no files and no rooms call each other in a circle, according to the symbols of
their object files. Includes alone do not show this: files that call each other in both directions
may share a header."""
import json
import pathlib
import shlex
import subprocess
import sys


def objects(root, build):
    """Source to its object file, from the present build: without objects of deleted files."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if not source.is_relative_to(root):
            continue
        where = source.relative_to(root)
        if where.parts[0] in ("engine", "bindings"):
            words = shlex.split(entry["command"])
            yield where.as_posix(), build / words[words.index("-o") + 1]


def symbols(objects_of):
    """Symbol to the source that defines it, and source to the symbols that it needs."""
    sources = {str(path): source for source, path in objects_of}
    defined, needed = {}, {source: set() for source in sources.values()}
    if not sources:
        return defined, needed
    listing = subprocess.run(["nm", "-A", *sources], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        path, _, entry = line.partition(":")
        *_, kind, symbol = entry.split()
        if kind == "U":
            needed[sources[path]].add(symbol)
        elif kind in "TDBRCVW":
            defined[symbol] = sources[path]
    return defined, needed


def graph_of(defined, needed):
    """Source to the sources it calls, each with the symbols that it calls there."""
    graph = {source: {} for source in needed}
    for source, wanted in needed.items():
        for symbol in wanted:
            target = defined.get(symbol, source)
            if target != source:
                graph[source].setdefault(target, set()).add(symbol)
    return graph


def of_rooms(graph):
    rooms = {}
    for source, targets in graph.items():
        room = source.rpartition("/")[0]
        rooms.setdefault(room, {})
        for target, wanted in targets.items():
            other = target.rpartition("/")[0]
            if other != room:
                rooms[room].setdefault(other, set()).update(wanted)
    return rooms


def reached(graph, start):
    """All nodes that can be reached from a node, in one step or more."""
    found, waiting = set(), [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def circles(graph):
    """Sets of nodes, each of which reaches all others of its set; largest set first."""
    reach = {node: reached(graph, node) for node in graph}
    found = {frozenset(other for other in reach[node] if node in reach.get(other, ()))
             for node in graph if node in reach[node]}
    return sorted(found, key=lambda circle: (-len(circle), sorted(circle)))


def show(graph, circle):
    for node in sorted(circle):
        for target in sorted(circle & graph[node].keys()):
            print(f"    {node} -> {target}: {', '.join(sorted(graph[node][target])[:6])}")


def judge(what, graph):
    found = circles(graph)
    print(f"circles: {len(graph)} {what}, {sum(map(len, graph.values()))} arrows, "
          f"{len(found)} circles")
    for circle in found:
        print(f"circles: {len(circle)} {what} call each other:")
        show(graph, circle)
    return not found


def main(root, build):
    graph = graph_of(*symbols(objects(root, build)))
    if not graph:
        print("circles: no objects of engine/ and bindings/")
        return 1
    fine = [judge("files", graph), judge("rooms", of_rooms(graph))]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path.cwd().resolve(), pathlib.Path(sys.argv[1]).resolve()))
