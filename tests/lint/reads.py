"""reads.py [FOLDER [DATA]]: compares engine/aws/operations/reads with botocore's models and their
documentation. A read must have a reason if its page mentions creating, starting or storing, or if
its output has sensitive members; a service that was reviewed completely leaves out no operation
that may be a read; members that are named like secrets are redacted."""
import functools
import gzip
import html
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINE = re.compile(r"(read|declare|write|never|secret|plain)\t([a-z0-9-]+):([A-Za-z0-9.]*)(\*?)(?:\t(.+))?")
HEAD = re.compile(r"botocore\t([0-9.]+)\t\d{4}-\d\d-\d\d\t(complete|part)")
CANDIDATE = re.compile(
    r"(?:(?:Admin|Batch)?(?:Get|List|Describe)|Search|Lookup|Head|View|Select|Query|Scan|Check|Test|"
    r"Validate|Simulate|Evaluate|Estimate|Preview|Is|Count|Retrieve|Read|BatchCheck|Filter|Discover|"
    r"Verify)(?=[A-Z]|$)")
ACTS = re.compile(r"\b(?:creates?|starts?|stores?|generates?|initiates?|pre-?signed)\b", re.I)
SECRET = re.compile(r"(?:password|privatekey|presharedkey|userdata|clientsecret|secretkey|secretaccesskey"
                    r"|sessiontoken|presignedurl|authtoken)$", re.I)
FEW = 50  # a folder with fewer lines is not the intended one


class Model:
    def __init__(self, data, service):
        versions = sorted((data / service).iterdir()) if (data / service).is_dir() else []
        text = {}
        if versions:
            path = versions[-1] / "service-2.json"
            packed = path.with_name(path.name + ".gz")
            text = json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes())
        self.operations, self.shapes = text.get("operations", {}), text.get("shapes", {})

    def page(self, operation):
        words = re.sub(r"<[^>]+>", " ", self.operations[operation].get("documentation") or "")
        return html.unescape(words)

    def sensitive(self, reference):
        return reference.get("sensitive") or self.shapes[reference["shape"]].get("sensitive")

    def references(self, shape):
        """The shape's members as (name, reference); the name of an element of a list or map is
        ""."""
        text = self.shapes.get(shape, {})
        yield from text.get("members", {}).items()
        yield from (("", text[part]) for part in ("member", "key", "value") if part in text)

    @functools.lru_cache(maxsize=None)
    def output(self, operation):
        """Every (shape, member, reference) that the response can contain, down to sensitive
        members."""
        found, seen = [], set()
        todo = [self.operations[operation].get("output")]
        if todo[0] and self.sensitive(todo[0]):
            return [(todo[0]["shape"], "", todo[0])]
        while todo:
            reference = todo.pop()
            if not reference or reference["shape"] in seen:
                continue
            seen.add(reference["shape"])
            for name, inner in self.references(reference["shape"]):
                found.append((reference["shape"], name, inner))
                if not self.sensitive(inner):
                    todo.append(inner)
        return found


class Review:
    def __init__(self, folder, data):
        self.data, self.rows, self.complete, self.problems = data, {}, set(), []
        self.models = {}
        for path in sorted(folder.glob("*.tsv")):
            self.read(path)

    def say(self, where, what):
        self.problems.append(f"{where}: {what}")

    def model(self, service):
        if service not in self.models:
            self.models[service] = Model(self.data, service)
        return self.models[service]

    def read(self, path):
        lines = path.read_text().splitlines()
        head = HEAD.fullmatch(lines[0]) if lines else None
        if not head:
            self.say(path.name, "has no first line with botocore's version, the day, and complete or part")
            return
        if head[1] != version_of(self.data):
            self.say(path.name, f"was reviewed for botocore {head[1]}, not {version_of(self.data)}: "
                                "review what is new, and change the first line")
        if head[2] == "complete":
            self.complete.add(path.stem)
        for number, line in enumerate(lines[1:], 2):
            self.row(f"{path.name}:{number}", path.stem, head[2], LINE.fullmatch(line))

    def row(self, where, stem, extent, row):
        if not row or re.search(r"[;\[\]]", row[0]):
            self.say(where, "is not a line of a review")
        elif extent == "complete" and row[2] != stem:
            self.say(where, f"is about {row[2]}")
        elif (row[2], row[3] + row[4]) in self.rows:
            self.say(where, f"{row[2]}:{row[3]} occurs twice")
        else:
            self.rows[row[2], row[3] + row[4]] = (where, row[1], row[5])

    def members(self, service, verdict):
        return {name for (of, name), row in self.rows.items() if of == service and row[1] == verdict}

    def has(self, service, operation):
        return (service, operation) in self.rows or any(
            of == service and name.endswith("*") and operation.startswith(name[:-1])
            for of, name in self.rows)

    def check_member(self, service, name, where):
        model = self.model(service)
        shape, _, member = name.partition(".")
        reached = [inner for operation in model.operations
                   for of, at, inner in model.output(operation) if (of, at) == (shape, member)]
        if not reached:
            self.say(where, f"no output of {service} has {name}")
        elif model.sensitive(reached[0]):
            self.say(where, f"the model marks {name} already")

    def check_read(self, service, operation, where, reason):
        model = self.model(service)
        acts = ACTS.search(model.page(operation))
        secrets = sorted({name or shape for shape, name, inner in model.output(operation)
                          if model.sensitive(inner)})
        if acts and not reason:
            self.say(where, f'its documentation says "{acts[0]}": say why it is a read')
        if secrets and not reason:
            self.say(where, f"it reveals {', '.join(secrets)}: say why it is a read")
        marked = self.members(service, "secret") | self.members(service, "plain")
        for shape, name, inner in model.output(operation):
            kind = model.shapes[inner["shape"]]["type"]
            if SECRET.search(name) and kind in ("string", "blob", "map", "structure") and \
                    not model.sensitive(inner) and f"{shape}.{name}" not in marked:
                self.say(where, f"it reveals {shape}.{name}: is that secret, or plain?")

    def check(self):
        for (service, name), (where, verdict, reason) in self.rows.items():
            if verdict != "read" and not reason:
                self.say(where, "needs a reason")
            if verdict == "secret":
                self.check_member(service, name, where)
            elif verdict == "plain":
                shape, _, member = name.partition(".")
                if member not in dict(self.model(service).references(shape)):
                    self.say(where, f"{service} has no {name}")
            elif not any(fits(name, known) for known in self.model(service).operations):
                self.say(where, f"{service}:{name} is not an operation")
            elif verdict == "read":
                self.check_read(service, name, where, reason)
        for service in sorted(self.complete):
            for operation in self.model(service).operations:
                if CANDIDATE.match(operation) and not self.has(service, operation):
                    self.say(f"{service}.tsv", f"{operation} was not reviewed")
        return self.problems


def fits(name, operation):
    return operation.startswith(name[:-1]) if name.endswith("*") else name == operation


@functools.lru_cache(maxsize=None)
def version_of(data):
    found = re.search(r"__version__ = '([^']+)'", (data.parent / "__init__.py").read_text())
    return found[1]


def declarations(folder):
    """The shipped policies call only reviewed reads: what they would declare belongs in the
    review."""
    for path in sorted(folder.glob("*.lua")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\breviewed\s*=", line):
                yield f"{path.name}:{number}: declares a read; review it instead, in engine/aws/operations/reads"


def main(arguments):
    folder = pathlib.Path(arguments[0]) if arguments else ROOT / "engine/aws/operations/reads"
    data = pathlib.Path(arguments[1]) if len(arguments) > 1 else next(
        ROOT.glob(".venv/lib/python3*/site-packages/botocore/data"), None)
    if data is None:
        print("there is no botocore in .venv: run script/bootstrap")
        return 1
    review = Review(folder, data)
    problems = review.check() + ([] if arguments else list(declarations(ROOT / "policies")))
    if not arguments and len(review.rows) < FEW:
        problems.append(f"{folder} has {len(review.rows)} lines: has the folder been moved?")
    print("\n".join(problems) or f"reads: {len(review.rows)} lines, {len(review.complete)} services completely")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
