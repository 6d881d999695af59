"""lua_coverage.py [--root DIR] --floor PERCENT --html FILE COUNTS...: how much of policies/ was executed.

COUNTS are files with lines "<file>:<line> <count>", as the engine's test build and Busted's helper
write them; luac's listing gives the lines that can be executed. Fails below the floor."""
import argparse
import collections
import html
import pathlib
import re
import subprocess
import sys

COUNT = re.compile(r"^@?(.*):(\d+) (\d+)$")
INSTRUCTION = re.compile(r"^\t\d+\t\[(\d+)\]\t(\w+)", re.M)
# The return after a function's last line is never reached if the function itself returns there.
CLOSING = re.compile(r"^[\s)\]};,]*(end|else)?[\s)\]};,]*(--.*)?$")
PAGE = """<!doctype html><meta charset="utf-8"><title>Lua coverage</title><style>
body{{font-family:sans-serif}}pre{{margin:0}}.hit{{background:#dfd}}.miss{{background:#fcc}}
td{{padding:0 1em}}</style><h1>Lua coverage: {total}</h1><table>{rows}</table>{files}"""


def active_lines(path):
    """The lines that have an instruction of the program."""
    listing = subprocess.run(["luac5.4", "-l", "-l", "-p", str(path)], check=True,
                             capture_output=True, text=True).stdout
    text = path.read_text().split("\n")
    numbers = {int(line) for line, name in INSTRUCTION.findall(listing) if name != "VARARGPREP"}
    return {number for number in numbers if number > 0 and not CLOSING.match(text[number - 1])}


def read_counts(root, files):
    """Path of a policy to a counter of its lines, over all files."""
    counts = collections.defaultdict(collections.Counter)
    paths = {}  # resolving a path costs more than everything else
    for file in files:
        if not file.is_file():
            print(f"lua coverage: {file.name} has no counts")
            continue
        for line in file.read_text(errors="replace").splitlines():
            match = COUNT.match(line)
            if match:
                path = paths.get(match[1]) or (root / match[1]).resolve()
                paths[match[1]] = path
                counts[path][int(match[2])] += int(match[3])
    return counts


def percent(hit, all_lines):
    return 100.0 * hit / all_lines if all_lines else 100.0


def listing_of(path, active, counts):
    lines = []
    for number, text in enumerate(path.read_text().split("\n"), 1):
        kind = "" if number not in active else "hit" if counts[number] else "miss"
        shown = counts[number] or ""
        lines.append(f'<span class="{kind}">{shown:>8} {number:>4} {html.escape(text)}</span>')
    return "<pre>" + "\n".join(lines) + "</pre>"


def report(root, counts):
    """(hit, all, HTML) over every file of policies/, including those that were never loaded."""
    hit = total = 0
    rows, files = [], []
    for path in sorted((root / "policies").rglob("*.lua")):
        active = active_lines(path)
        ran = sum(1 for number in active if counts[path.resolve()][number])
        name, share = path.relative_to(root), percent(ran, len(active))
        missed = sorted(n for n in active if not counts[path.resolve()][n])
        print(f"{share:6.1f} % {ran:5}/{len(active):<5} {name}  {' '.join(map(str, missed[:20]))}")
        rows.append(f'<tr><td><a href="#{name}">{name}</a><td>{share:.1f} %<td>{ran}/{len(active)}')
        files.append(f'<h2 id="{name}">{name}</h2>'
                     + listing_of(path, active, counts[path.resolve()]))
        hit, total = hit + ran, total + len(active)
    page = PAGE.format(total=f"{percent(hit, total):.1f} %", rows="".join(rows),
                       files="".join(files))
    return hit, total, page


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=".")
    parser.add_argument("--floor", type=float, required=True)
    parser.add_argument("--html", type=pathlib.Path, required=True)
    parser.add_argument("counts", type=pathlib.Path, nargs="*")
    options = parser.parse_args()
    root = options.root.resolve()
    hit, total, page = report(root, read_counts(root, options.counts))
    options.html.parent.mkdir(parents=True, exist_ok=True)
    options.html.write_text(page)
    share = percent(hit, total) if total else 0.0
    print(f"lua coverage: {share:.1f} % of {total} lines, floor {options.floor:.0f} %")
    return 0 if share >= options.floor else 1


if __name__ == "__main__":
    sys.exit(main())
