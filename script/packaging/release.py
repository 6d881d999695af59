"""release.py: makes an archive, a Debian package, a container image and a bill of materials of an
installed tree and a static executable. Times (SOURCE_DATE_EPOCH), owners, modes and order are
fixed, so that the same parts give the same bytes."""
import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import time

import pack

ROOT = pack.ROOT
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])
DEBIAN = {"x86_64": "amd64", "arm64": "arm64"}  # also Go's names, which OCI uses
IMAGE = "application/vnd.oci.image"
# A user without rights; what runs in the image may write to /work and /tmp only.
USER = 65532
DESCRIPTION = "finds AWS security misconfigurations and repairs them"
TERMS = """The engine: no licence has been granted yet; all rights reserved.

Its executable contains the libraries of the folder licences, whose owners require that their terms
are passed on. The API models are compiled from botocore (Apache-2.0).
"""


# ---- the tree ----

def packages():
    return next((ROOT / ".venv/lib").glob("python3*/site-packages"))


def authorities():
    return (packages() / "certifi/cacert.pem").read_bytes()


def of_authorities():
    """The certificate authorities, which only the image contains."""
    pinned = (ROOT / "script/requirements/authorities.txt").read_text(encoding="utf-8")
    found = re.search(r"^certifi==(\S+)", pinned, re.M)[1]
    text = next(packages().glob("certifi-*.dist-info/**/LICENSE*")).read_text(encoding="utf-8")
    return {"type": "data", "name": "certifi", "version": found,
            "licenses": pack.licence("MPL-2.0", text), "hashes": pack.hashes(
                pack.sha256(authorities())), "purl": f"pkg:pypi/certifi@{found}",
            "properties": [{"name": "engine:only-in", "value": "container image"}]}


def licences(components):
    """Path in the tree to the text of each licence."""
    for component in components:
        text = component["licenses"][0]["license"].get("text")
        if text:
            yield (f"share/doc/engine/licences/{component['name']}", text["content"].encode())


def tree(options, components):
    """Path below the prefix to bytes."""
    parts = {path.relative_to(options.installed).as_posix(): path.read_bytes()
             for path in options.installed.rglob("*") if path.is_file()}
    parts["bin/engine"] = options.executable.read_bytes()
    parts["share/doc/engine/copyright"] = TERMS.encode()
    parts.update(licences(components))
    return dict(sorted(parts.items()))


# ---- archives ----

def entry(name, kind, mode, owner):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime = kind, mode, EPOCH
    info.uid = info.gid = owner
    info.uname = info.gname = "" if owner else "root"
    return info


def mode_of(name):
    return 0o755 if name.endswith(("bin/engine", ".sh")) else 0o644


def tar(parts, folders=()):
    """A tar of these files and the folders that hold them. `folders`: others, with mode, owner."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        above = {parent.as_posix() for name in parts for parent in pathlib.PurePath(name).parents}
        for name in sorted(above - {"."}):
            archive.addfile(entry(name, tarfile.DIRTYPE, 0o755, 0))
        for name, mode, owner in folders:
            archive.addfile(entry(name, tarfile.DIRTYPE, mode, owner))
        for name, content in sorted(parts.items()):
            info = entry(name, tarfile.REGTYPE, mode_of(name), 0)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def compressed(content):
    return gzip.compress(content, 6, mtime=EPOCH)


def below(folder, parts):
    return {f"{folder}/{name}": content for name, content in parts.items()}


# ---- deployment ----

def deployment(name):
    """What the deployment needs beside the package that Lambda runs: the files that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z", "terraform", "member_account_setup"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = [path for path in listed.split("\0") if path and (ROOT / path).exists()]
    return compressed(tar(below(name, {path: (ROOT / path).read_bytes() for path in found})))


# ---- Debian package ----

def control(arch, parts):
    size = sum(-(-len(content) // 1024) for content in parts.values())
    return (f"Package: engine\nVersion: {pack.version()}\nArchitecture: {DEBIAN[arch]}\n"
            f"Maintainer: the engine's maintainers\nInstalled-Size: {size}\n"
            "Section: admin\nPriority: optional\nRecommends: ca-certificates\n"
            f"Description: {DESCRIPTION}\n"
            " Audits AWS accounts by policies written in Lua, plans the exact API calls that\n"
            " repair what is wrong, makes them on request, and can undo them.\n").encode()


def deb(arch, parts):
    """By dpkg-deb. Debian's policy wants a compressed manual page and changelog, and its zsh looks
    for completions of packages in a directory of its own."""
    inside = {}
    for name, content in below("usr", parts).items():
        if "/man/" in name or name.endswith("/CHANGELOG.md"):
            name, content = name + ".gz", compressed(content)
        name = name.replace("/CHANGELOG.md.gz", "/changelog.gz")
        inside[name.replace("/zsh/site-functions/", "/zsh/vendor-completions/")] = content
    sums = "".join(f"{hashlib.md5(content).hexdigest()}  {name}\n"
                   for name, content in sorted(inside.items()))
    inside["DEBIAN/control"] = control(arch, parts)
    inside["DEBIAN/md5sums"] = sums.encode()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(tar(inside))) as archive:
            archive.extractall(pathlib.Path(folder, "root"), filter="tar")
        made = pathlib.Path(folder, "engine.deb")
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z6", "--build",
                        pathlib.Path(folder, "root"), made], check=True, stdout=subprocess.DEVNULL)
        return made.read_bytes()


# ---- container image (OCI image layout 1.0) ----

def stamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))


def described(kind, content, **more):
    return {"mediaType": f"{IMAGE}.{kind}", "digest": f"sha256:{pack.sha256(content)}",
            "size": len(content), **more}


def as_json(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def image_tree(parts):
    """An empty root directory and what the engine needs in it."""
    needed = {name: content for name, content in parts.items()
              if name.startswith(("bin/", "share/engine/", "share/doc/engine/licences/"))
              or name == "share/doc/engine/copyright"}
    return {**below("usr", needed), "etc/ssl/certs/ca-certificates.crt": authorities()}


def configuration(arch, layer):
    labels = {"title": "engine", "version": pack.version(), "description": DESCRIPTION}
    return {"created": stamp(), "architecture": DEBIAN[arch], "os": "linux",
            "config": {"User": f"{USER}:{USER}", "Env": ["PATH=/usr/bin", "HOME=/work"],
                       "Entrypoint": ["/usr/bin/engine"], "Cmd": ["--help"], "WorkingDir": "/work",
                       "Labels": {f"org.opencontainers.image.{name}": value
                                  for name, value in labels.items()}},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{pack.sha256(layer)}"]},
            "history": [{"created": stamp(), "created_by": "script/release"}]}


def image(arch, parts):
    """The layout as one tar, which podman, skopeo, crane and docker load."""
    layer = tar(image_tree(parts), [("tmp", 0o1777, 0), ("work", 0o755, USER)])
    packed, settings = compressed(layer), as_json(configuration(arch, layer))
    manifest = as_json({"schemaVersion": 2, "mediaType": f"{IMAGE}.manifest.v1+json",
                        "config": described("config.v1+json", settings),
                        "layers": [described("layer.v1.tar+gzip", packed)]})
    index = {"schemaVersion": 2, "mediaType": f"{IMAGE}.index.v1+json", "manifests": [described(
        "manifest.v1+json", manifest, platform={"architecture": DEBIAN[arch], "os": "linux"},
        annotations={"org.opencontainers.image.ref.name": f"engine:{pack.version()}"})]}
    blobs = {f"blobs/sha256/{pack.sha256(content)}": content
             for content in (packed, settings, manifest)}
    return tar({"oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
                "index.json": as_json(index), **blobs})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--installed", type=pathlib.Path, required=True,
                        help="what cmake --install wrote below its prefix")
    parser.add_argument("--executable", type=pathlib.Path, required=True)
    parser.add_argument("--licences", type=pathlib.Path, required=True, help="texts by library")
    parser.add_argument("--arch", required=True, choices=list(DEBIAN))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    components = [*pack.of_others(options.licences), of_authorities()]
    parts = tree(options, components)
    name = f"engine-{pack.version()}-linux-{options.arch}"
    archive = compressed(tar(below(name, parts)))
    bill = pack.bill(options.arch, components, parts, pack.sha256(archive))
    made = {f"{name}.tar.gz": archive,
            f"{name}.cdx.json": (json.dumps(bill, indent=2) + "\n").encode(),
            f"{name}.oci.tar": image(options.arch, parts),
            f"engine_{pack.version()}_{DEBIAN[options.arch]}.deb": deb(options.arch, parts)}
    everywhere = f"engine-{pack.version()}-deployment"
    made[f"{everywhere}.tar.gz"] = deployment(everywhere)
    for file, content in made.items():
        pack.replace(options.out / file, content)
        print(f"release: {options.out / file}: {len(content) / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
