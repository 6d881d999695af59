"""pack.py: joins executable, policies and models in a zip, and writes a CycloneDX bill of materials
beside it. Times, order and modes are fixed, so that the same parts give the same bytes."""
import argparse
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import uuid
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
# Services that the engine itself calls: for roles, messages, accounts of the organization, files.
OWN_SERVICES = {"sts", "sqs", "sns", "organizations", "dynamodb", "ec2", "events", "iam", "s3",
                "securityhub", "ssm",
                # Services that the scripts of terraform/ call through the engine of a package.
                "cloudwatch", "logs"}
LARGEST = 4 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
NAMESPACE = uuid.UUID("0f6b0d3e-6a8f-5b52-9d0a-3f6c1b8a7e21")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def services_of(engine, models, policies):
    """Names of the services that policies declare, as their annotations list them, and our own."""
    listed = subprocess.run(
        [engine, "generate", "types", "--models", models, "--policies", policies], check=True,
        capture_output=True, text=True).stdout
    found = set(re.findall(r"^---@class engine\.aws\.(\w+): engine\.Service$", listed, re.M))
    if not found:
        raise SystemExit("pack: the policies declare no service")
    return found | OWN_SERVICES


def contents(options):
    """Name in the zip to bytes."""
    policies, models = ROOT / "policies", options.native / "models"
    parts = {"bootstrap": options.executable.read_bytes(),
             "models/endpoints": (models / "endpoints").read_bytes()}
    for path in [*policies.rglob("*.lua"), *policies.glob("frameworks/*.json")]:
        parts[f"policies/{path.relative_to(policies).as_posix()}"] = path.read_bytes()
    files = {path.stem.replace("-", "_"): path for path in models.glob("*.model")}
    for service in services_of(options.native / "engine", models, policies):
        parts[f"models/{files[service].name}"] = files[service].read_bytes()
    return dict(sorted(parts.items()))


def pack(parts):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: modes count
            entry.external_attr = (0o100755 if name == "bootstrap" else 0o100644) << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def replace(path, content):
    """Replaces the file atomically: others may be reading the old one."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)


# ---- bill of materials (CycloneDX 1.6) ----

def hashes(digest):
    return [{"alg": "SHA-256", "content": digest}]


def licence(name, text):
    """The SPDX expression, with the text that the owners require to be passed on."""
    return [{"license": {"id": name, "text": {"contentType": "text/plain", "content": text}}}]


def digest_of(folder):
    """One hash for all files of a folder, made from their names and hashes, in order."""
    lines = sorted(f"{sha256(path.read_bytes())}  {path.relative_to(folder).as_posix()}\n"
                   for path in folder.rglob("*") if path.is_file())
    return sha256("".join(lines).encode())


def place_of(source):
    """A package URL for crate:NAME-VERSION or debian:PATH."""
    kind, _, rest = source.partition(":")
    if kind == "crate":
        name, version = re.fullmatch(r"(.+?)-(\d.*)", rest).groups()
        return f"pkg:cargo/{name}@{version.replace('+', '%2B')}"
    name, version = rest.rsplit("/", 1)[1].split(".orig.")[0].split("_", 1)
    return f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch=source"


def libraries(licences):
    """The libraries of sources.txt; each hash is that of the downloaded file."""
    for line in (HERE / "sources.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, version, spdx, source, digest, _, product = line.split()
        text = (licences / name).read_text(encoding="utf-8")
        if not text.strip():
            raise SystemExit(f"pack: the licence of {name} is empty")
        yield {"type": "library", "name": name, "version": version,
               "licenses": licence(spdx, text), "hashes": hashes(digest),
               "purl": f"pkg:generic/{name}@{version}",
               "cpe": f"cpe:2.3:a:{product}:{version}:*:*:*:*:*:*:*",
               "properties": [{"name": "engine:fetched-as", "value": place_of(source)}]}


def of_compiler(packages):
    """What the cross compiler adds: musl, and its own helper functions. It contains their sources;
    the hash is that of all of these."""
    zig = packages / "ziglang"
    musl, helpers = zig / "lib/libc/musl", zig / "lib/compiler_rt"
    version = re.search(r'"([\d.]+)"', (musl / "src/internal/version.h").read_text())[1]
    text = (musl / "COPYRIGHT").read_text(encoding="utf-8")
    yield {"type": "library", "name": "musl", "version": version, "licenses": licence("MIT", text),
           "hashes": hashes(digest_of(musl)), "purl": f"pkg:generic/musl@{version}",
           "cpe": f"cpe:2.3:a:musl-libc:musl:{version}:*:*:*:*:*:*:*"}
    version = re.search(r"==(\S+)", (ROOT / "script/requirements/package.txt").read_text())[1]
    text = (zig / "LICENSE").read_text(encoding="utf-8")
    yield {"type": "library", "name": "zig-compiler-rt", "version": version,
           "licenses": licence("MIT", text), "hashes": hashes(digest_of(helpers)),
           "purl": f"pkg:pypi/ziglang@{version}"}


def of_models(packages):
    """Botocore, whose API models were compiled; the hash is that of its data."""
    pinned = (ROOT / "script/requirements/build.txt").read_text(encoding="utf-8")
    version = re.search(r"^botocore==(\S+)", pinned, re.M)[1]
    record = (packages / f"botocore-{version}.dist-info/RECORD").read_text(encoding="utf-8")
    data = sorted(line for line in record.splitlines() if line.startswith("botocore/data/"))
    text = (packages / f"botocore-{version}.dist-info/LICENSE.txt").read_text(encoding="utf-8")
    return {"type": "data", "name": "botocore-data", "version": version,
            "licenses": licence("Apache-2.0", text),
            "hashes": hashes(sha256("\n".join(data).encode())),
            "purl": f"pkg:pypi/botocore@{version}"}


def files(parts, version):
    own, compiled = {"name": "as the engine's"}, {"id": "Apache-2.0"}
    for name, content in parts.items():
        terms = compiled if "models" in pathlib.PurePath(name).parts else own
        yield {"type": "file", "name": name, "version": version, "licenses": [{"license": terms}],
               "hashes": hashes(sha256(content))}


def of_others(licences):
    """Everything that is not the engine's own; the licence of each has its text."""
    packages = next((ROOT / ".venv/lib").glob("python3*/site-packages"))
    return [*libraries(licences), *of_compiler(packages), of_models(packages)]


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(engine VERSION ([\d.]+)", text, re.M)[1]


def bill(arch, others, parts, digest):
    components = [*others, *files(parts, version())]
    for component in components:
        component["bom-ref"] = f"{component['type']}:{component['name']}"
    engine = {"type": "application", "bom-ref": "engine", "name": "engine", "version": version(),
              "licenses": [{"license": {"name": "not stated"}}], "hashes": hashes(digest),
              "properties": [{"name": "engine:architecture", "value": arch}]}
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX",
            "specVersion": "1.6", "version": 1,
            "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, digest)}",
            "metadata": {"component": engine}, "components": components,
            "dependencies": [{"ref": "engine",
                              "dependsOn": [part["bom-ref"] for part in components]}]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executable", type=pathlib.Path, required=True)
    parser.add_argument("--licences", type=pathlib.Path, required=True, help="texts by library")
    parser.add_argument("--native", type=pathlib.Path, required=True,
                        help="build whose executable runs here; holds models/")
    parser.add_argument("--arch", required=True, choices=["x86_64", "arm64"])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    parts = contents(options)
    made = options.out / f"engine-{options.arch}.zip"
    content = pack(parts)
    others = of_others(options.licences)
    text = json.dumps(bill(options.arch, others, parts, sha256(content)), indent=2) + "\n"
    replace(made, content)
    replace(made.with_suffix(".cdx.json"), text.encode())
    print(f"package: {made}: {len(content) / 2**20:.2f} MiB, {len(parts)} files")
    if len(content) > LARGEST:
        print(f"pack: {made} is larger than {LARGEST >> 20} MiB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
