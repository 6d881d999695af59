"""Reads and edits journals."""
import hashlib
import json
import os


def groups(path):
    """The fixes of a journal: {"begin", "steps", "end"} of its lines, oldest first."""
    found = {}
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        for line in map(json.loads, file):
            group = found.setdefault(line["fix"], {"steps": []})
            if line["state"] == "step":
                group["steps"].append(line)
            elif line["state"] in ("begin", "end"):
                group[line["state"]] = line
    return [group for group in found.values() if "begin" in group]


def forge(path, change):
    """Changes each line, and gives it the matching sum: sums detect only accidents."""
    before, out = {}, []
    with open(path, encoding="utf-8") as file:
        for line in map(json.loads, file):
            line.pop("sum")
            change(line)
            text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            last = "" if line["state"] in ("begin", "undone") else before.get(line["fix"], "")
            line["sum"] = before[line["fix"]] = hashlib.sha256((last + text).encode()).hexdigest()
            out.append(json.dumps(line) + "\n")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(out)


def surprises(path):
    """The fixes whose policy predicted another state than the one that followed: undo would not
    recognize that state if the engine were killed before it read it."""
    found = []
    for group in groups(path):
        begin, end = group["begin"], group.get("end", {})
        if "undoes" in begin:
            continue
        for number, step in enumerate(group["steps"]):
            if "expected" not in step and "irreversible" not in step:
                found.append((begin["check"], f"step {number} foretells nothing"))
        expected = group["steps"][-1].get("expected") if group["steps"] else None
        if end.get("result") != "fixed" or expected is None or "after" not in end:
            continue
        for part in sorted({*begin["before"], *expected}):
            if expected.get(part) != end["after"].get(part):
                found.append((begin["check"], f"foretold another {part}"))
    return found
