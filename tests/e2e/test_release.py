"""script/release: what it publishes, and that each form runs where it is unpacked."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest

from support.built_package import ARCHES, NATIVE, ROOT, TESTED
from support.tls import Authority, TlsServer

RELEASE = ROOT / "build/release"
EPOCH = 1700000000
VERSION = re.search(r"^project\(engine VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(),
                    re.M)[1]
NAME = f"engine-{VERSION}-linux-{NATIVE}"


def files_of(arch):
    name = f"engine-{VERSION}-linux-{arch}"
    return {f"engine-{arch}.zip", f"engine-{arch}.cdx.json", f"{name}.tar.gz", f"{name}.cdx.json", f"{name}.oci.tar",
            f"engine_{VERSION}_{arch.replace('x86_64', 'amd64')}.deb"}


DEPLOYMENT = f"engine-{VERSION}-deployment.tar.gz"
PACKAGE, BILL = f"engine-{NATIVE}.zip", f"engine-{NATIVE}.cdx.json"
DEB, = (name for name in files_of(NATIVE) if name.endswith(".deb"))
# Runs what follows with another root directory.
ENTER = ["chroot"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "chroot"]


def setUpModule():
    done = subprocess.run([ROOT / "script/release", *TESTED], check=False, capture_output=True,
                          text=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
    assert done.returncode == 0, done.stdout + done.stderr


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def environment(**more):
    return {"PATH": os.environ["PATH"], **more}


class Unpacked(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def works(self, *command):
        """It finds its policies and models, without any variable."""
        policies = len(list((ROOT / "policies").glob("*.lua")))
        for words, said in ((["--version"], f"engine {VERSION}"),
                            (["check"], f"\n{policies} policies, "),
                            (["explain", "sqs.public"], "sqs:GetQueueAttributes"),
                            (["models", "--show", "glacier:ListVaults"], "VaultList")):
            done = subprocess.run([*command, *words], check=False, capture_output=True, text=True,
                                  env=environment())
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(said, done.stdout)


class Files(unittest.TestCase):
    def test_checksums(self):
        sums = dict(reversed(line.split("  ")) for line in
                    (RELEASE / "SHA256SUMS").read_text().splitlines())
        self.assertEqual(set(sums), {"CHANGELOG.md", DEPLOYMENT}.union(*map(files_of, TESTED)))
        for name, digest in sums.items():
            self.assertEqual(sha256((RELEASE / name).read_bytes()), digest, name)
        self.assertEqual((RELEASE / "CHANGELOG.md").read_text(),
                         (ROOT / "CHANGELOG.md").read_text())

    def test_executables(self):
        """Each archive has that of its architecture (e_machine)."""
        for arch in TESTED:
            name = f"engine-{VERSION}-linux-{arch}"
            with tarfile.open(RELEASE / f"{name}.tar.gz") as archive:
                head = archive.extractfile(f"{name}/bin/engine").read(20)
            self.assertEqual(struct.unpack_from("<H", head, 18)[0], ARCHES[arch])

    def test_same_bytes(self):
        """Made again from the archive's tree."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        with tarfile.open(RELEASE / f"{NAME}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        machine = ROOT / "build/package" / platform.machine()
        subprocess.run(
            [sys.executable, "-B", ROOT / "script/packaging/release.py", "--installed",
             folder / NAME, "--executable", folder / NAME / "bin/engine", "--licences",
             machine / "licences", "--arch", NATIVE, "--out", folder], check=True,
            capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
        for name in {DEPLOYMENT, *files_of(NATIVE)} - {PACKAGE, BILL}:
            self.assertTrue((folder / name).read_bytes() == (RELEASE / name).read_bytes(), name)


class Archive(Unpacked):
    def test_contents(self):
        with tarfile.open(RELEASE / f"{NAME}.tar.gz") as archive:
            members = archive.getmembers()
            archive.extractall(self.folder, filter="data")
        self.assertEqual([], [member.name for member in members if (member.uid, member.mtime) !=
                              (0, EPOCH) or not member.name.startswith(NAME)])
        self.assertEqual({member.name for member in members if member.isfile() and member.mode & 1},
                         {f"{NAME}/bin/engine"})
        self.works(self.folder / NAME / "bin/engine")
        models = self.folder / NAME / "share/engine/models"
        self.assertEqual({path.name for path in models.iterdir()},
                         {path.name for path in (ROOT / "build/models").iterdir()})
        self.bill_is_complete(self.folder / NAME)

    def bill_is_complete(self, tree):
        bill = json.loads((RELEASE / f"{NAME}.cdx.json").read_text())
        self.assertEqual(bill["metadata"]["component"]["version"], VERSION)
        self.assertEqual(bill["metadata"]["component"]["hashes"][0]["content"],
                         sha256((RELEASE / f"{NAME}.tar.gz").read_bytes()))
        files = {part["name"]: part["hashes"][0]["content"] for part in bill["components"]
                 if part["type"] == "file"}
        self.assertEqual(files, {path.relative_to(tree).as_posix(): sha256(path.read_bytes())
                                 for path in tree.rglob("*") if path.is_file()})
        others = {part["name"] for part in bill["components"] if part["type"] != "file"}
        self.assertLess({"openssl", "curl", "musl", "botocore-data", "certifi"}, others)
        for name in others:
            self.assertTrue((tree / "share/doc/engine/licences" / name).read_text().strip(), name)


class Deployment(Unpacked):
    def test_scripts_run_from_the_release(self):
        """Up to the first request, which nobody answers."""
        with tarfile.open(RELEASE / DEPLOYMENT) as archive:
            archive.extractall(self.folder, filter="data")
        root, = self.folder.iterdir()
        listed = subprocess.run(["git", "ls-files", "terraform", "member_account_setup"], cwd=ROOT,
                                check=True, capture_output=True, text=True).stdout.split()
        self.assertEqual({path.relative_to(root).as_posix() for path in root.rglob("*")
                          if path.is_file()}, set(listed))
        done = subprocess.run(
            [root / "terraform/setup.sh", "release-test", "--package", RELEASE / PACKAGE],
            check=False, capture_output=True, text=True, env=environment(
                HOME=str(self.folder), AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none",
                AWS_REGION="us-east-1", AWS_MAX_ATTEMPTS="1",
                AWS_ENDPOINT_URL="http://127.0.0.1:9"))
        self.assertIn("could not connect to 127.0.0.1:9", done.stdout + done.stderr)


class Debian(Unpacked):
    def test_package(self):
        def ask(*words):
            return subprocess.run(["dpkg-deb", *words], check=True, capture_output=True, text=True)
        control = ask("--field", RELEASE / DEB).stdout
        self.assertIn(f"Version: {VERSION}\n", control)
        self.assertIn("Package: engine\n", control)
        owners = {line.split()[1] for line in ask("--contents", RELEASE / DEB).stdout.splitlines()}
        self.assertEqual(owners, {"root/root"})
        ask("--extract", RELEASE / DEB, self.folder)
        self.works(self.folder / "usr/bin/engine")
        searched = subprocess.run(["zsh", "-fc", "print -l $fpath"], check=True,
                                  capture_output=True, text=True).stdout.split()
        self.assertIn("/usr/share/zsh/vendor-completions", searched)
        self.assertTrue((self.folder / "usr/share/zsh/vendor-completions/_engine").is_file())
        page = self.folder / "usr/share/man/man1/engine.1.gz"
        self.assertIn(b"engine apply", subprocess.run(["zcat", page], check=True,
                                                      capture_output=True).stdout)
        ask("--control", RELEASE / DEB, self.folder / "control")
        subprocess.run(["md5sum", "--quiet", "--check", self.folder / "control/md5sums"],
                       check=True, cwd=self.folder)


class Image(Unpacked):
    def setUp(self):
        super().setUp()
        with tarfile.open(RELEASE / f"{NAME}.oci.tar") as archive:
            self.blobs = {member.name: archive.extractfile(member).read()
                          for member in archive if member.isfile()}
        self.manifest = self.follow(json.loads(self.blobs["index.json"])["manifests"][0])
        self.settings = self.follow(self.manifest["config"])

    def blob(self, described):
        content = self.blobs["blobs/" + described["digest"].replace(":", "/")]
        self.assertEqual((described["digest"], described["size"]),
                         (f"sha256:{sha256(content)}", len(content)))
        return content

    def follow(self, described):
        return json.loads(self.blob(described))

    def unpack(self):
        """The root directory of a container."""
        layer, = self.manifest["layers"]
        content = gzip.decompress(self.blob(layer))
        self.assertEqual(self.settings["rootfs"]["diff_ids"], [f"sha256:{sha256(content)}"])
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            modes = {member.name: oct(member.mode) for member in archive}
            self.assertEqual((modes["tmp"], modes["work"]), ("0o1777", "0o755"))
            archive.extractall(self.folder, filter="data")
        return [*ENTER, str(self.folder), *self.settings["config"]["Entrypoint"]]

    def test_layout(self):
        self.assertEqual(json.loads(self.blobs["oci-layout"]), {"imageLayoutVersion": "1.0.0"})
        self.assertEqual(self.settings["os"], "linux")
        self.assertNotIn(self.settings["config"]["User"].split(":")[0], ("", "0", "root"))

    def test_runs_in_its_root(self):
        command = self.unpack()
        self.works(*command)
        done = subprocess.run([*command, *self.settings["config"]["Cmd"]], check=True,
                              capture_output=True, text=True, env=environment())
        self.assertIn("engine scan", done.stdout)

    def test_verifies_servers(self):
        """By the authorities of the image; they do not include that of the test."""
        command = self.unpack()
        (self.folder / "who.lua").write_text("print(sts.caller().account)\n")
        with Authority() as authority, TlsServer(authority.certificate("IP:127.0.0.1")) as server:
            asked = environment(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none",
                                AWS_REGION="us-east-1", AWS_MAX_ATTEMPTS="1",
                                AWS_ENDPOINT_URL=f"https://127.0.0.1:{server.port}")
            done = subprocess.run([*command, "run", "/who.lua"], check=False, capture_output=True,
                                  text=True, env=asked)
            self.assertIn("issuer certificate", done.stderr)
            bundle = self.folder / "etc/ssl/certs/ca-certificates.crt"
            bundle.write_bytes(authority.bundle.read_bytes())
            done = subprocess.run([*command, "run", "/who.lua"], check=False, capture_output=True,
                                  text=True, env=asked)
            self.assertEqual((done.stdout, done.stderr), ("123456789012\n", ""))


if __name__ == "__main__":
    unittest.main()
