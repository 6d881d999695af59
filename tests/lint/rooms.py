"""The rooms as CMakeLists.txt lists them: the build and the lints use the same list."""
import pathlib
import re

ROOM = re.compile(r"^engine_room\(([^)]+)\)", re.M)


def uses_of(root):
    """Room to the rooms that its own files may include, itself first."""
    lists = (room.split() for room in ROOM.findall((root / "CMakeLists.txt").read_text()))
    return {names[0]: names for names in lists}


def sees_of(root):
    """Room to the rooms that the compiler lets it see: those that it uses, and those that these
    see."""
    sees = {}
    for room, uses in uses_of(root).items():
        sees[room] = {room}.union(*(sees.get(used, {used}) for used in uses[1:]))
    return sees


def folder_of(room):
    """A room's folder: rooms of engine/ are named without "engine/"."""
    return pathlib.PurePath(room if room.startswith("bindings/") else f"engine/{room}")


def room_of(where, rooms):
    """The room of a file of engine/ or bindings/: the longest name that matches."""
    name = where.as_posix().removeprefix("engine/")
    fitting = [room for room in rooms if name.startswith(room + "/")]
    return max(fitting, key=len, default=None)
