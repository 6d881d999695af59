"""type_tables.py calls|maker: prints docs/calls.md or misconfiguration_maker/README.md, with a new
table of types, made from tests/types/*.py, between its marks."""
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- types: [^\n]*-->\n).*?(<!-- /types -->)", re.S)
NOTES = {"": "yes", "unwritten": "–", "mocked": "yes ¹", "impossible": "– ²"}  # by Type.by_script


def literals(path):
    """{field: value} of the literals in TYPE = Type(…); a nested call gives its own dictionary."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TYPE":
            return fields(node.value)
    raise SystemExit(f"{path}: does not set TYPE")


def fields(call):
    found = {}
    for one in call.keywords:
        if isinstance(one.value, ast.Constant):
            found[one.arg] = one.value.value
        elif isinstance(one.value, ast.Call):
            found[one.arg] = fields(one.value)
    return found


def calls(name, one):
    cells = (", ".join(f"`{call}`" for call in one["calls"][column].split(", ") if call)
             for column in ("listing", "good", "bad"))
    return f"| `{name}` | " + " | ".join(cells) + " |"


def maker(name, one):
    """The first sentence of the maker's file describes the resource."""
    path = ROOT / "misconfiguration_maker" / "kinds" / f"{name}.lua"
    head = re.match(r"(-- .*\n)+", path.read_text(encoding="utf-8"))
    if not head:
        raise SystemExit(f"{path}: its first line does not say what it makes")
    text = re.sub(r"\s*\n-- |^-- |\n$", " ", head[0]).strip()
    first = re.split(r"\.(?: |$)", text)[0]
    return f"| `{name}` | {NOTES[one.get('by_script', '')]} | {first[0].lower()}{first[1:]} |"


TABLES = {
    "calls": ("docs/calls.md", calls, (
        "| type | listing | auditing a good one | auditing a bad one |", "|---|---|---|---|")),
    "maker": ("misconfiguration_maker/README.md", maker, (
        "| type | Terraform | what it is |", "|---|---|---|")),
}


def main(which):
    path, row, head = TABLES[which]
    rows = [row(file.stem, literals(file))
            for file in sorted((ROOT / "tests" / "types").glob("*.py"))]
    table = "\n".join((*head, *rows))
    text, found = BLOCK.subn(lambda marks: f"{marks[1]}\n{table}\n\n{marks[2]}",
                             (ROOT / path).read_text(encoding="utf-8"))
    if found != 1:
        raise SystemExit(f"{path}: its table stands between the marks <!-- types: … --> and "
                         "<!-- /types -->, once")
    print(text, end="")


if __name__ == "__main__":
    main(sys.argv[1])
