"""What script/package makes: built here and in another directory, looked into, and run: in an empty
root directory, on the other architecture (qemu), as Lambda starts it."""
import fcntl
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from support.tls import Authority, TlsServer, caller

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench"))

import cold_start  # noqa: E402

OUT = ROOT / "build/package"
ELSEWHERE = ROOT / "build/package-elsewhere/a/longer/way"
ARCHES = {"x86_64": 62, "arm64": 183}  # e_machine
NATIVE = platform.machine().replace("aarch64", "arm64")
BUNDLES = (  # where AL2023 (two names), Debian and Alpine keep authorities
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem")
GOOD = "IP:127.0.0.1,DNS:localhost"


def package_of(arch, out=OUT):
    return out / f"engine-{arch}.zip"


def bill_of(arch, out=OUT):
    return json.loads((out / f"engine-{arch}.cdx.json").read_text(encoding="utf-8"))


def build(directory, *arches):
    done = subprocess.run([directory / "script/package", *arches], check=False, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def command_of(arch, executable):
    """How to run it here."""
    return [executable] if arch == NATIVE else [f"qemu-{arch.replace('arm64', 'aarch64')}-static",
                                                executable]


class Packaged(unittest.TestCase):
    """Builds the package, unless nothing has changed since."""

    @classmethod
    def setUpClass(cls):
        build(ROOT)
        cls.packages = {arch: cls.enterClassContext(cold_start.Package(package_of(arch)))
                        for arch in ARCHES}
        cls.native = cls.packages[NATIVE]


class Contents(Packaged):

    def test_files(self):
        policies = {f"policies/{path.relative_to(ROOT / 'policies')}"
                    for path in (ROOT / "policies").rglob("*.lua")}
        for arch in ARCHES:
            with zipfile.ZipFile(package_of(arch)) as archive:
                modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
                self.assertIsNone(archive.testzip())
            self.assertEqual({name for name in modes if not name.startswith("models/")},
                             {"bootstrap"} | policies)
            self.assertEqual(modes.pop("bootstrap"), 0o100755)
            self.assertEqual(set(modes.values()), {0o100644})
            self.assertLessEqual(package_of(arch).stat().st_size, 4 << 20)

    def test_models(self):
        """Those of the engine's own calls and of every call that policies declare, no others."""
        own = {name for path in (ROOT / "engine").rglob("*.c")
               for name in re.findall(r'\.service = "([\w-]+)"', path.read_text(encoding="utf-8"))}
        done = self.engine("generate", "types")
        declared = set(re.findall(r"^---@field \w+ engine\.aws\.(\w+)$", done.stdout, re.M))
        self.assertLessEqual({"sts", "sqs", "sns", "organizations"}, own)
        self.assertGreater(len(declared), 8)
        found = {path.stem.replace("-", "_") for path in (self.native.folder / "models").iterdir()}
        self.assertEqual(found, own | declared | {"endpoints"})

    def engine(self, *words):
        return subprocess.run([self.native.executable, *words], check=True, capture_output=True,
                              text=True, env=self.native.environment())

    def test_policies_are_valid(self):
        done = self.engine("check")
        self.assertNotIn("error", done.stderr)

    def test_static(self):
        for arch, package in self.packages.items():
            content = pathlib.Path(package.executable).read_bytes()
            self.assertEqual(content[:5], b"\x7fELF\x02")
            self.assertEqual(struct.unpack_from("<H", content, 18)[0], ARCHES[arch])
            start, = struct.unpack_from("<Q", content, 32)
            size, count = struct.unpack_from("<HH", content, 54)
            kinds = [struct.unpack_from("<I", content, start + size * at)[0]
                     for at in range(count)]
            self.assertNotIn(3, kinds, (arch, "names an interpreter"))
            for place in (str(ROOT), str(pathlib.Path.home()) + "/"):
                self.assertFalse(place.encode() in content, (arch, "says where it was built"))

    def test_same_bytes_elsewhere(self):
        """Twice here, and from a copy of the checkout with a compiler of its own; there for this
        machine only, since the libraries take minutes."""
        before = {arch: package_of(arch).read_bytes() for arch in ARCHES}
        build(ROOT)
        with self.copy_of_checkout() as copy:
            build(copy, NATIVE)
            elsewhere = copy / "build/package"
            for arch in ARCHES:
                self.assertTrue(before[arch] == package_of(arch).read_bytes(), "built twice")
            self.assertTrue(before[NATIVE] == package_of(NATIVE, elsewhere).read_bytes(),
                            "built elsewhere")
            self.assertEqual(bill_of(NATIVE), bill_of(NATIVE, elsewhere))

    @staticmethod
    def copy_of_checkout():
        """The copy stays, since its libraries take minutes; one test at a time has it."""
        ELSEWHERE.mkdir(parents=True, exist_ok=True)
        lock = (ELSEWHERE.parent / "lock").open("w", encoding="utf-8")
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy_environment()
        copy_sources()
        downloads = ELSEWHERE / "build/package/downloads"
        downloads.parent.mkdir(parents=True, exist_ok=True)
        if not downloads.is_symlink():
            downloads.symlink_to(OUT / "downloads")
        return Held(lock, ELSEWHERE)


class Held:
    """A directory until its lock is closed."""

    def __init__(self, lock, directory):
        self._lock, self._directory = lock, directory

    def __enter__(self):
        return self._directory

    def __exit__(self, *_):
        self._lock.close()


def copy_environment():
    """.venv by hard links, made anew when bootstrap did so; others as they are."""
    for path in ROOT.glob(".venv-*"):
        (ELSEWHERE / path.name).unlink(missing_ok=True)
        (ELSEWHERE / path.name).symlink_to(path)
    mark = ELSEWHERE / ".venv.inode"
    wanted = str(max(path.stat().st_mtime_ns for path in (ROOT / ".venv").glob("installed-*")))
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(ELSEWHERE / ".venv", ignore_errors=True)
    subprocess.run(["cp", "-al", ROOT / ".venv", ELSEWHERE / ".venv"], check=True)
    mark.write_text(wanted, encoding="utf-8")


def copy_sources():
    """What has changed since the last time; what is gone goes."""
    wanted = set()
    for folder in ("engine", "bindings", "policies", "script", "tests/lint/poison"):
        wanted |= {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*")
                   if path.is_file() and "__pycache__" not in path.parts}
    wanted |= {pathlib.Path(name) for name in ("CMakeLists.txt", "CMakePresets.json")}
    for name in wanted:
        here, there = ROOT / name, ELSEWHERE / name
        if not there.exists() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, there)
    for folder in ("engine", "bindings", "policies", "script"):
        for path in (ELSEWHERE / folder).rglob("*"):
            if path.is_file() and path.relative_to(ELSEWHERE) not in wanted:
                path.unlink()


class Bill(Packaged):

    def test_every_part_is_named(self):
        for arch, package in self.packages.items():
            bill = bill_of(arch)
            self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.6"))
            whole = bill["metadata"]["component"]
            self.assertEqual(whole["hashes"][0]["content"],
                             hashlib.sha256(package_of(arch).read_bytes()).hexdigest())
            parts = bill["components"]
            for part in parts:
                self.assertTrue(part["name"] and part["version"] and part["licenses"])
                self.assertRegex(part["hashes"][0]["content"], r"^[0-9a-f]{64}$")
            self.assertEqual(len(parts), len({part["bom-ref"] for part in parts}))
            files = {part["name"]: part["hashes"][0]["content"] for part in parts
                     if part["type"] == "file"}
            self.assertEqual(files, {
                path.relative_to(package.folder).as_posix():
                    hashlib.sha256(path.read_bytes()).hexdigest()
                for path in package.folder.rglob("*") if path.is_file()})

    def test_libraries_are_those_linked(self):
        """Versions as those that name theirs at run time say it in the executable."""
        says = {"openssl": "OpenSSL {}", "curl": "{}"}
        for arch, package in self.packages.items():
            content = pathlib.Path(package.executable).read_bytes()
            versions = {part["name"]: part["version"] for part in bill_of(arch)["components"]
                        if part["type"] == "library"}
            self.assertLess(set(says) | {"expat", "jansson", "lua", "lua-cjson", "musl", "zlib"},
                            set(versions))
            for name, text in says.items():
                self.assertTrue(text.format(versions[name]).encode() in content, (arch, name))


class Running(Packaged):

    def test_trust(self):
        """Both architectures verify certificates."""
        with Authority() as authority, Authority() as stranger:
            bundle = str(authority.bundle)
            for arch, package in self.packages.items():
                for certificate, answered, message in (
                        (authority.certificate(GOOD), 1, "^$"),
                        (authority.certificate("DNS:example.com"), 0, "127.0.0.1"),
                        (authority.certificate(GOOD, days=-1), 0, "expired"),
                        (stranger.certificate(GOOD), 0, "issuer certificate")):
                    with TlsServer(certificate) as server:
                        status, out, err = caller(
                            command_of(arch, package.executable), server.port, "127.0.0.1",
                            package.folder / "models", AWS_CA_BUNDLE=bundle)
                    self.assertEqual((server.answered, status), (answered, 1 - answered), err)
                    self.assertRegex(err, message)
                    self.assertEqual(out.strip(), "123456789012" if answered else "")

    def test_lua_cjson_is_linked_in(self):
        for arch, package in self.packages.items():
            script = package.folder / "json.lua"
            script.write_text("assert(require 'cjson' == json); print(json.encode { 1, 'a' })\n",
                              encoding="utf-8")
            self.addCleanup(script.unlink)
            done = subprocess.run([*command_of(arch, package.executable), "run", script],
                                  check=True, capture_output=True, text=True,
                                  env=package.environment())
            self.assertEqual(done.stdout, '[1,"a"]\n')

    def test_other_architecture_starts(self):
        for arch, package in self.packages.items():
            for handler in cold_start.HANDLERS:
                cold_start.cold_start(command_of(arch, package.executable), package.environment(),
                                      handler)

    def test_start_and_memory(self):
        """script/bench measures the time closely; here other tests run beside it."""
        for handler in cold_start.HANDLERS:
            with self.subTest(handler=handler):
                costs = [cold_start.cold_start([self.native.executable], self.native.environment(),
                                               handler) for _ in range(5)]
                self.assertLess(min(cost[0] for cost in costs), 10 * cold_start.START_LIMIT)
                self.assertLess(max(cost[1] for cost in costs), cold_start.IDLE_LIMIT)

    def test_a_type_through_its_whole_life(self):
        """The end-to-end test of one type, by this executable with its own policies and models."""
        done = subprocess.run(
            [sys.executable, "-B", ROOT / "tests/lint/run_unittest.py",
             ROOT / "tests/e2e/test_type_sqs.py"], check=False, capture_output=True, text=True,
            env={**os.environ, "ENGINE": self.native.executable,
                 "ENGINE_POLICIES": str(self.native.folder / "policies"),
                 "ENGINE_MODELS": str(self.native.folder / "models")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class EmptyRoot(Packaged):
    """Nothing but the package and what a test puts beside it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copytree(self.native.folder, self.root / "var/task")
        (self.root / "who.lua").write_text("print(sts.caller().account)\n", encoding="utf-8")
        self.command = ["chroot", str(self.root), "/var/task/bootstrap"]
        if os.geteuid() != 0:
            self.command = ["unshare", "--user", "--map-root-user", *self.command]

    def ask(self, server, **environment):
        done = subprocess.run(
            [*self.command, "run", "/who.lua"], check=False, capture_output=True, text=True,
            env={**self.native.environment("/var/task"), "PATH": os.environ["PATH"],
                 "AWS_ENDPOINT_URL_STS": f"https://127.0.0.1:{server.port}", **environment})
        return done.returncode, done.stdout.strip(), done.stderr

    def test_finds_authorities(self):
        with Authority() as authority, TlsServer(authority.certificate(GOOD)) as server:
            for place in BUNDLES:
                with self.subTest(place=place):
                    bundle = self.root / place[1:]
                    bundle.parent.mkdir(parents=True)
                    shutil.copy(authority.bundle, bundle)
                    self.assertEqual(self.ask(server), (0, "123456789012", ""))
                    shutil.rmtree(self.root / "etc")

    def test_no_authorities(self):
        with Authority() as authority, TlsServer(authority.certificate(GOOD)) as server:
            status, out, err = self.ask(server)
            self.assertEqual((status, out, server.answered), (1, "", 0))
            self.assertIn("no file of authorities is in any usual place", err)
            shutil.copy(authority.bundle, self.root / "mine.pem")
            self.assertEqual(self.ask(server, AWS_CA_BUNDLE="/mine.pem")[1], "123456789012")

    def test_starts_as_lambda(self):
        for handler in cold_start.HANDLERS:
            environment = {**self.native.environment("/var/task"), "PATH": os.environ["PATH"]}
            cold_start.cold_start(self.command, environment, handler)


if __name__ == "__main__":
    unittest.main()
