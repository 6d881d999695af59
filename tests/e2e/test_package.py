"""The packages of script/package: their contents, and how they run in an empty root directory and as
Lambda starts them. The package of the other architecture (by qemu) only if ENGINE_TEST_LONG is set."""
import hashlib
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from support.built_package import (
    ARCHES, NATIVE, ROOT, TESTED, bill_of, build, package_of)
from support.tls import Authority, TlsServer, caller

sys.path.insert(0, str(ROOT / "tests/bench"))

import cold_start  # noqa: E402
import invocations  # noqa: E402

BUNDLES = (  # where AL2023 (two names), Debian and Alpine keep the CA certificates
    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem")
GOOD = "IP:127.0.0.1,DNS:localhost"
FAULTS = 20  # page faults of an invocation, on average; those of a block of 196 KB were 49


def command_of(arch, executable):
    """The command that runs it here."""
    return [executable] if arch == NATIVE else [f"qemu-{arch.replace('arm64', 'aarch64')}-static",
                                                executable]


class Packaged(unittest.TestCase):
    """Builds the package, unless nothing has changed since the last build."""

    @classmethod
    def setUpClass(cls):
        build(ROOT, *TESTED)
        cls.packages = {arch: cls.enterClassContext(cold_start.Package(package_of(arch)))
                        for arch in TESTED}
        cls.native = cls.packages[NATIVE]


class Contents(Packaged):

    def test_files(self):
        policies = {f"policies/{path.relative_to(ROOT / 'policies')}"
                    for kind in ("*.lua", "frameworks/*.json")
                    for path in (ROOT / "policies").rglob(kind)}
        for arch in TESTED:
            with zipfile.ZipFile(package_of(arch)) as archive:
                modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
                self.assertIsNone(archive.testzip())
            self.assertEqual({name for name in modes if not name.startswith("models/")},
                             {"bootstrap"} | policies)
            self.assertEqual(modes.pop("bootstrap"), 0o100755)
            self.assertEqual(set(modes.values()), {0o100644})
            self.assertLessEqual(package_of(arch).stat().st_size, 4 << 20)

    def test_models(self):
        """The models of the engine's own calls, of those that the scripts of terraform/ make
        through it, and of every call that policies declare; no others."""
        own = {name for path in (ROOT / "engine").rglob("*.c")
               for name in re.findall(r'\.service = "([\w-]+)"', path.read_text(encoding="utf-8"))}
        done = self.engine("generate", "types")
        declared = set(re.findall(r"^---@field \w+ engine\.aws\.(\w+)$", done.stdout, re.M))
        self.assertLessEqual({"sts", "sqs", "sns", "organizations"}, own)
        self.assertGreater(len(declared), 8)
        found = {path.stem.replace("-", "_") for path in (self.native.folder / "models").iterdir()}
        scripts = {name for path in (ROOT / "terraform").glob("*.lua")
                   for name in re.findall(r"\baws\.(\w+):", path.read_text())}
        self.assertLessEqual({"events", "logs", "cloudwatch"}, scripts)
        self.assertEqual(found, own | declared | scripts | {"endpoints"})

    def engine(self, *words):
        return subprocess.run([self.native.executable, *words], check=True, capture_output=True,
                              text=True, env=self.native.environment())

    def test_policies_are_valid(self):
        done = self.engine("check")
        self.assertNotIn("error", done.stderr)

    def test_executables_are_static(self):
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


class Bill(Packaged):

    def test_the_bill_of_materials_names_every_part(self):
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

    def test_the_libraries_are_those_that_are_linked(self):
        """The versions are those that the libraries in the executable report at run time."""
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

    def test_certificates_are_verified(self):
        """Each architecture verifies certificates."""
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
            script.write_text("print(require('cjson').encode { 1, 'a' })\n",
                              encoding="utf-8")
            self.addCleanup(script.unlink)
            done = subprocess.run([*command_of(arch, package.executable), "run", script],
                                  check=True, capture_output=True, text=True,
                                  env=package.environment())
            self.assertEqual(done.stdout, '[1,"a"]\n')

    def test_each_architecture_starts(self):
        for arch, package in self.packages.items():
            for handler in cold_start.HANDLERS:
                cold_start.cold_start(command_of(arch, package.executable), package.environment(),
                                      handler)

    def test_start_and_memory(self):
        """script/bench measures the time precisely; here other tests run at the same time."""
        for handler in cold_start.HANDLERS:
            with self.subTest(handler=handler):
                costs = [cold_start.cold_start([self.native.executable], self.native.environment(),
                                               handler) for _ in range(5)]
                self.assertLess(min(cost[0] for cost in costs), 10 * cold_start.START_LIMIT)
                self.assertLess(max(cost[1] for cost in costs), cold_start.IDLE_LIMIT)

    def test_a_later_invocation_maps_no_memory(self):
        """A large block that each invocation takes and gives back is mapped each time: its pages
        are faults."""
        folder = pathlib.Path(os.environ.get("ENGINE", ROOT / "build" / "engine")).parent
        _, _, (_, faults) = invocations.medians(package_of(NATIVE), folder, 1)
        self.assertLess(faults, FAULTS)

    def test_a_type_is_found_repaired_and_undone(self):
        """The end-to-end test of one type, with this executable and its own policies and models."""
        done = subprocess.run(
            [sys.executable, "-B", ROOT / "tests/lint/run_unittest.py",
             ROOT / "tests/types/sqs.py"], check=False, capture_output=True, text=True,
            env={**os.environ, "ENGINE": self.native.executable,
                 "ENGINE_POLICIES": str(self.native.folder / "policies"),
                 "ENGINE_MODELS": str(self.native.folder / "models")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class EmptyRoot(Packaged):
    """Contains only the package and what a test puts beside it."""

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

    def test_certificate_authorities_are_found(self):
        with Authority() as authority, TlsServer(authority.certificate(GOOD)) as server:
            for place in BUNDLES:
                with self.subTest(place=place):
                    bundle = self.root / place[1:]
                    bundle.parent.mkdir(parents=True)
                    shutil.copy(authority.bundle, bundle)
                    self.assertEqual(self.ask(server), (0, "123456789012", ""))
                    shutil.rmtree(self.root / "etc")

    def test_without_certificate_authorities_calls_are_refused(self):
        with Authority() as authority, TlsServer(authority.certificate(GOOD)) as server:
            status, out, err = self.ask(server)
            self.assertEqual((status, out, server.answered), (1, "", 0))
            self.assertIn("no certificate authorities in the usual places", err)
            shutil.copy(authority.bundle, self.root / "mine.pem")
            self.assertEqual(self.ask(server, AWS_CA_BUNDLE="/mine.pem")[1], "123456789012")

    def test_starts_as_lambda(self):
        for handler in cold_start.HANDLERS:
            environment = {**self.native.environment("/var/task"), "PATH": os.environ["PATH"]}
            cold_start.cold_start(self.command, environment, handler)


if __name__ == "__main__":
    unittest.main()
