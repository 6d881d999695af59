"""Prints README.md, with the types and counts of the generated files between its marks."""
import json
import pathlib
import re
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEMBER = ROOT / "member_account_setup"
BLOCK = re.compile(r"(<!-- types: [^\n]*-->\n).*?(<!-- /types -->)", re.S)


def summary():
    checks = json.loads((MEMBER / "checks.json").read_text())
    patterns = json.loads((MEMBER / "events_to_watch.json").read_text())
    types = sorted({check["type"] for check in checks})
    events = sum(len(pattern["detail"]["eventName"]) for pattern in patterns)
    text = (f"{len(types)} resource types, {len(checks)} checks, {events} events: "
            + "_· ".join(f"`{name}`" for name in types) + ".")
    return textwrap.fill(text, 118, break_on_hyphens=False).replace("`_·", "` ·")


def main():
    text, found = BLOCK.subn(lambda marks: f"{marks[1]}{summary()}\n{marks[2]}",
                             (ROOT / "README.md").read_text())
    if found != 1:
        raise SystemExit("README.md: its types stand between the marks <!-- types: … --> and "
                         "<!-- /types -->, once")
    print(text, end="")


if __name__ == "__main__":
    main()
