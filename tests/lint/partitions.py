"""partitions.py [ROOT [DATA]]: the policies know every partition of botocore: the domain of its
service names (policies/lib/service_domains.lua), and its regions (policies/lib/arn.lua). What is
deployed, and what deploys it, contains no ARN of a particular partition, except for examples for
readers and the output of `engine generate permissions`, which is translated when it is read."""
import json
import pathlib
import re
import sys

DEPLOYED = {".tf", ".json", ".lua", ".py", ".sh"}
LITERAL = re.compile(r"arn:aws(?:-cn|-us-gov)?:[a-z*]")
SHOWN = re.compile(r"\s*(?:description|error_message) +=")

def strings(path):
    return re.findall(r'"([^"\n]*)"', re.sub(r"--[^\n]*", "", path.read_text()))


def partition_of(pairs, region):
    return next((name for head, name in pairs if region.startswith(head)), "aws")


def domains(data):
    found = {part["dnsSuffix"] for part in json.loads((data / "endpoints.json").read_text())["partitions"]}
    parts = json.loads((data / "partitions.json").read_text())["partitions"]
    return sorted(found | {part["outputs"]["dnsSuffix"] for part in parts})


def regions(data):
    for part in json.loads((data / "partitions.json").read_text())["partitions"]:
        for region in part["regions"]:
            if not region.endswith("-global"):
                yield region, part["id"]


def deployed(root):
    for folder in ("terraform", "member_account_setup"):
        for path in sorted((root / folder).rglob("*")):
            inner = set(path.relative_to(root).parts)
            if path.is_file() and not inner & {"tests", "states", ".terraform", "permissions_write"} \
                    and not path.name.startswith("permissions_") and path.suffix in DEPLOYED:
                yield path


def literals(root):
    for path in deployed(root):
        for number, line in enumerate(path.read_text().split("\n"), 1):
            if LITERAL.search(line) and not SHOWN.match(line):
                yield f"{path.relative_to(root)}:{number}: an ARN of the partition aws only"


def complaints(root, data):
    known = set(strings(root / "policies/lib/service_domains.lua"))
    for domain in domains(data):
        if "." + domain not in known:
            yield f"policies/lib/service_domains.lua: names of services also end in .{domain}"
    code = (root / "policies/lib/arn.lua").read_text()
    table = re.search(r"PARTITIONS = \{(.*?)\n\}", code, re.S).group(1)
    lengths = set(re.findall(r"region:sub\(1, (\d+)\)", code))  # of the beginnings it looks up
    pairs = [(start, name) for start, name in re.findall(r'\["([^"]*)"\] = "([^"]*)"', table)
             if str(len(start)) in lengths]
    for region, name in regions(data):
        if partition_of(pairs, region) != name:
            yield f"policies/lib/arn.lua: {region} belongs to {name}"
    yield from literals(root)


def main(root, data):
    if data is None:
        print("there is no botocore in .venv: run script/bootstrap")
        return 1
    problems = list(complaints(root, data))
    print("\n".join(problems))
    print(f"partitions: {len(domains(data))} domains, {len(list(regions(data)))} regions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    FOUND = next(ROOT.glob(".venv/lib/python3*/site-packages/botocore/data"), None)
    sys.exit(main(ROOT, pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else FOUND))
