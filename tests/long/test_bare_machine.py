"""The README's first command on a bare machine: a minimal Debian 12 (debootstrap), in a checkout
whose folder has the name that `git clone` gives it. Needs root, and access to Debian's archive."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = "bookworm"
AUTHORITIES = pathlib.Path("/usr/local/share/ca-certificates")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# The settings by which this machine reaches package registries.
PASSED_ON = re.compile(r"PIP_(?!FIND_LINKS)\w+|https?_proxy|no_proxy", re.I)


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, stdin=subprocess.DEVNULL, **options)
    return done.returncode, done.stdout


def mirror():
    """The mirror from which apt gets Debian's main archive; debootstrap's own default if apt names
    none."""
    status, said = run("apt-get", "indextargets", "--format", "$(SITE)", "Origin: Debian",
                       f"Codename: {RELEASE}")
    return said.splitlines()[:1] if status == 0 else []


class Bare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise AssertionError("a root file system can only be made by root")
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="engine-bare-"))
        cls.addClassCleanup(shutil.rmtree, cls.root)
        status, said = run("debootstrap", "--variant=minbase", RELEASE, str(cls.root), *mirror())
        if status != 0:
            raise AssertionError(said[-4000:])
        cls.set_up_network()
        cls.checkout = cls.root / "srv/engine"
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT,
                                check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            (cls.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, cls.checkout / name)
        cls.mount("proc", "proc")

    @classmethod
    def set_up_network(cls):
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        if AUTHORITIES.is_dir():
            shutil.copytree(AUTHORITIES, cls.root / str(AUTHORITIES)[1:])

    @classmethod
    def mount(cls, kind, where):
        subprocess.run(["mount", "-t", kind, kind, cls.root / where], check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "--lazy", cls.root / where], check=True)

    def demo(self):
        passed = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
        return run("chroot", str(self.root), "bash", "-c", "cd /srv/engine && script/demo",
                   env={**passed, "PATH": PATH, "HOME": "/srv", "LANG": "C.UTF-8"},
                   timeout=3000)

    def test_demo(self):
        status, said = self.demo()
        self.assertEqual(status, 0, said[-8000:])
        steps = [line for line in said.splitlines() if line.startswith("bootstrap: ")]
        self.assertRegex(steps[0], "^bootstrap: installing packages: build-essential ")
        for package in ("clang", "cargo", "libcmocka-dev", "lua-busted", "valgrind"):
            self.assertNotIn(package, steps[0].split())
        self.assertEqual(steps[1:], [
            "bootstrap: installing into .venv: script/requirements/build.txt",
            "bootstrap: installing into .venv: script/requirements/demo.txt",
            "bootstrap: ready"])
        self.assertIn("\ndemo: all results are as expected", said)

        status, said = self.demo()
        self.assertEqual(status, 0, said[-8000:])
        self.assertTrue(said.startswith("bootstrap: ready\n"), said[:400])


if __name__ == "__main__":
    unittest.main()
