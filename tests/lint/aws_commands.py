"""aws_commands.py [ROOT]: each command of the AWS CLI in a block of a Markdown page names an operation
of botocore's models, and options that are parameters of that operation or options of the CLI."""
import gzip
import json
import pathlib
import re
import sys

import links

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.M | re.S)
COMMAND = re.compile(r"(?:^|[\s(|])aws ([a-z0-9-]+) ([a-z-]+)((?:[^|\n']|'[^']*')*)")
OPTION = re.compile(r"(?<=\s)--(?:no-)?([a-z][a-z-]*)")
# Options of every command, and commands that the CLI adds to those of the models.
GLOBAL = {"output", "query", "region", "profile", "cli-input-json", "cli-binary-format", "endpoint-url"}
ADDED = {("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities",
                                        "parameter-overrides"},
         ("logs", "tail"): {"since", "format", "follow"}, ("s3", "cp"): {"recursive"}}
# Names in the CLI that differ from those of the models.
SERVICES = {"configservice": "config"}
RENAMED = {"notification-endpoint": "endpoint"}


def dashed(name):
    """"CreateStackSet" is create-stack-set on the command line."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def operations(data, service):
    """The parameters of each operation, as the command line spells both."""
    versions = sorted((data / SERVICES.get(service, service)).glob("*/service-2.json*"))
    if not versions:
        return {}
    raw = versions[-1].read_bytes()
    model = json.loads(gzip.decompress(raw) if versions[-1].suffix == ".gz" else raw)
    return {dashed(name): {dashed(member) for member in model["shapes"][
        one["input"]["shape"]]["members"]} if "input" in one else set()
            for name, one in model["operations"].items()}


def complaints(data, service, command, rest):
    known = ADDED.get((service, command), operations(data, service).get(command))
    if known is None:
        yield f"aws {service} {command}: there is no such command"
        return
    for option in OPTION.findall(re.sub(r"'[^']*'", "", rest)):
        if RENAMED.get(option, option) not in known | GLOBAL:
            yield f"aws {service} {command}: there is no option --{option}"


def main(root):
    data, = ROOT.glob(".venv/lib/python3*/site-packages/botocore/data")
    count, problems = 0, []
    for page in links.pages(root):
        for block in BLOCK.findall(page.read_text("utf-8")):
            for found in COMMAND.findall(block.replace("\\\n", " ")):
                count += 1
                problems += (f"{page}: {text}" for text in complaints(data, *found))
    print(f"aws_commands: {count} commands, {len(problems)} problems")
    print("".join(f"  {problem}\n" for problem in problems), end="")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
