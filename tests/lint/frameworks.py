"""frameworks.py BUILD [ROOT]: the files of the frameworks and the policies match: each file has the
right form, each check that it names exists, each Security Hub control that a policy names is in the
list of fsbp.json, and each control that a policy declares for a framework exists in that
framework."""
import json
import pathlib
import re
import subprocess
import sys

KEYS = {"title", "sources", "declared", "near", "controls"}
NEAR = " ~"
HUB = re.compile(r"[A-Z][A-Za-z0-9]*\.[1-9][0-9]*")


def exact(name):
    return name.removesuffix(NEAR)


def checks_of(build, root):
    """Each check, and the controls that its policy declares."""
    made = subprocess.run([build / "engine", "generate", "checks", "--policies", root / "policies"],
                          capture_output=True, text=True, check=True)
    return set(re.findall(r"\b[a-z0-9_]+\.[a-z0-9_]+\b", made.stdout))


def declared(root):
    """(file, key, control) of every policy."""
    for path in sorted((root / "policies").glob("*.lua")):
        for block in re.findall(r"controls = \{(.*?\}),?\s*\}", path.read_text(), re.S):
            for key, ids in re.findall(r"(\w+) = \{([^}]*)", block):
                for control in re.findall(r'"([^"]+)"', ids):
                    yield path.name, key, exact(control)


def complaints_of(name, framework, checks):
    if not KEYS >= set(framework) or not {"title", "sources", "controls"} <= set(framework):
        yield f"{name}: its members are {', '.join(framework)}"
        return
    if not all(url.startswith("https://") for url in framework["sources"]) \
            or not framework["sources"]:
        yield f"{name}: its sources are not pages"
    for control, covering in framework["controls"].items():
        for entry in map(exact, covering):
            if entry not in checks and not HUB.fullmatch(entry):
                yield f"{name}: {control}: there is no check or control {entry}"


def main(build, root):
    folder = root / "policies" / "frameworks"
    frameworks = {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    checks = checks_of(build, root)
    hub = set(frameworks.get("fsbp", {}).get("controls", {}))
    problems = []
    for name, framework in frameworks.items():
        problems += complaints_of(name, framework, checks)
    lists = {"securityhub": hub}
    for framework in frameworks.values():
        if "declared" in framework:
            lists[framework["declared"]] = set(framework["controls"])
    for where, key, control in declared(root):
        if control not in lists.get(key, ()):
            problems.append(f"{where}: {key} {control} is in no list of policies/frameworks")
    print("\n".join(problems))
    print(f"frameworks: {len(frameworks)} files, {len(checks)} checks, {len(problems)} problems")
    return 1 if problems or not frameworks or not checks else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]),
                  pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ".")))
