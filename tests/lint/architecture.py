"""architecture.py [ROOT]: the picture of the rooms in docs/architecture.md shows each room of
CMakeLists.txt once, above all rooms that it uses; every file that the page names exists."""
import pathlib
import re
import sys

from rooms import uses_of

PICTURE = re.compile(r"<!-- rooms -->\n```\n(.*?)```\n<!-- /rooms -->", re.S)
FILE = re.compile(r"`((?:engine|bindings|policies|docs)/[\w/.-]+\.\w+)`")
SHORT = re.compile(r"`((?:app|audit|change|policy|intake|accounts|aws|net|settings)/[\w/.-]+\.[ch])`")


def lines_of(text, rooms):
    """The rooms of each line of the picture; the words of its last column are not rooms."""
    picture = PICTURE.search(text)
    lines = picture[1].splitlines() if picture else []
    return [[word for word in re.split(r" {3,}", line)[0].split()] for line in lines if line.strip()]


def complaints(root):
    text = (root / "docs/architecture.md").read_text()
    rooms, floor = uses_of(root), {}
    for number, names in enumerate(reversed(lines_of(text, rooms))):
        for name in names:
            if name not in rooms:
                yield f"{name} is not a room of CMakeLists.txt"
            elif name in floor:
                yield f"{name} is shown twice"
            floor[name] = number
    for room, uses in rooms.items():
        if room not in floor:
            yield f"room {room} is not shown"
            continue
        for used in uses[1:]:
            if floor.get(used, -1) >= floor[room]:
                yield f"{room} uses {used}, which is not shown below it"
    for name in FILE.findall(text):
        if not (root / name).is_file():
            yield f"{name} does not exist"
    for name in SHORT.findall(text):
        if not (root / "engine" / name).is_file():
            yield f"engine/{name} does not exist"


def main(root):
    problems = list(complaints(root))
    print("\n".join(problems))
    print(f"architecture: {len(uses_of(root))} rooms, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
