"""pins.py ROOT ENVIRONMENT...: the Python packages in script/requirements work with the oldest
Python that the README promises, according to the metadata of the installed packages (PEP 345,
Requires-Python). No package of .venv is in two lists, which could differ."""
import email
import itertools
import pathlib
import re
import sys

PROMISE = re.compile(r"Python (\d+\.\d+\.\d+) or newer")
PIN = re.compile(r"^([\w.-]+)==", re.M)
CLAUSE = re.compile(r"(~=|[<>=!]=|[<>])\s*([\d.]+)(\.\*)?")
TOGETHER = ("authorities", "build", "demo", "test", "package")


def numbers(text):
    return tuple(int(part) for part in text.split("."))


def holds(clause, version):
    """Does a version satisfy one clause, such as ">=3.8" or "!=3.9.*" (PEP 440)?"""
    operator, bound, family = CLAUSE.fullmatch(clause.strip()).groups()
    bound = numbers(bound)
    cut = version[:len(bound)] if family else version
    width = max(len(cut), len(bound))
    left, right = (part + (0,) * (width - len(part)) for part in (cut, bound))
    return {"~=": left >= right and version[:len(bound) - 1] == bound[:-1], "==": left == right,
            "!=": left != right, "<=": left <= right, ">=": left >= right, "<": left < right,
            ">": left > right}[operator]


def installed(environment):
    """(name, version, Requires-Python) of each installed package."""
    for path in sorted(environment.glob("lib/python3*/site-packages/*.dist-info/METADATA")):
        about = email.message_from_string(path.read_text(encoding="utf-8"))
        yield about["Name"], about["Version"], about["Requires-Python"] or ""


def check_environment(environment, promised, problems):
    count = 0
    for name, version, wanted in installed(environment):
        count += 1
        clauses = [clause for clause in wanted.split(",") if clause.strip()]
        if not all(holds(clause, numbers(promised)) for clause in clauses):
            problems.append(f"{name} {version} requires Python {wanted}, README promises {promised}")
    if count == 0:
        problems.append(f"{environment}: no packages are installed: run script/bootstrap test")
    return count


def check_lists(root, problems):
    lists = {name: set(PIN.findall(path.read_text())) for name in TOGETHER
             if (path := root / f"script/requirements/{name}.txt").exists()}
    for one, other in itertools.combinations(lists, 2):
        problems += [f"{name}: in {one}.txt and {other}.txt"
                     for name in sorted(lists[one] & lists[other])]


def main(root, environments):
    problems = []
    promised = PROMISE.search((root / "README.md").read_text())
    if not promised:
        problems.append("README.md promises no Python (\"Python X.Y.Z or newer\")")
        environments = []
    count = sum(check_environment(one, promised[1], problems) for one in environments)
    check_lists(root, problems)
    print("\n".join(problems))
    print(f"pins: {count} packages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), [pathlib.Path(one) for one in sys.argv[2:]]))
