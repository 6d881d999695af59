"""`engine translate` with events of the fixtures, without network access."""
import json
import os
import subprocess
import tempfile

from support import events
from support.engine import ENGINE, ROOT


def engine(*args, stdin="", **environment):
    """Runs the engine with only its policies: no models, no credentials, no network."""
    policies = os.environ.get("ENGINE_POLICIES", str(ROOT / "policies"))
    names = {"PATH": os.environ["PATH"], "ENGINE_POLICIES": policies, **environment}
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([ENGINE, *args], input=stdin, env=names, cwd=folder,
                              capture_output=True, text=isinstance(stdin, str), timeout=300,
                              check=False)


def translate(lines, **environment):
    return engine("translate", stdin="".join(lines), **environment)


def numbered(names, **more):
    """One line for each event, with an account of its own."""
    return [events.event(name, account=f"{number:012}", **more)
            for number, name in enumerate(names, 1)]


def lines_by_name(done, names):
    """{name: [(type, id, delay, region)]} of the lines for `numbered` events, with the sample's
    account."""
    found = {name: [] for name in names}
    for line in map(json.loads, done.stdout.splitlines()):
        account = line["account"]
        found[names[int(account) - 1]].append((
            line["type"], line["id"].replace(account, events.ACCOUNT), line.get("delay", 0),
            line["region"]))
    return found


def wanted_lines(names):
    """The same, from the files of the types."""
    return {name: [(line["type"], line["id"], line["delay"], line["region"])
                   for line in events.expected(name)] for name in names}
