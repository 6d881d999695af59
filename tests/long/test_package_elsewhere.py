"""The same sources give the same package, whenever and wherever it is built."""
import fcntl
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support.built_package import (  # noqa: E402
    ARCHES, NATIVE, OUT, ROOT, bill_of, build, package_of)

ELSEWHERE = ROOT / "build/package-elsewhere/a/longer/way"


class Held:
    """A directory that is locked until it is closed."""

    def __init__(self, lock, directory):
        self._lock, self._directory = lock, directory

    def __enter__(self):
        return self._directory

    def __exit__(self, *_):
        self._lock.close()


def copy_environment():
    """Copies .venv by hard links, again whenever bootstrap has made it again; copies the rest."""
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
    """Copies what has changed since the last time, and deletes what is gone."""
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


def copy_of_checkout():
    """The copy is kept, because building its libraries takes minutes; only one test at a time uses
    it."""
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


def commit():
    """As script/cmake/find_commit.cmake finds it."""
    return subprocess.run(["git", "-C", ROOT, "describe", "--always", "--exclude", "*",
                           "--abbrev=40", "--dirty=+changes"], capture_output=True, text=True,
                          check=True).stdout.strip()


class Elsewhere(unittest.TestCase):
    def test_same_bytes_elsewhere(self):
        """The package is built twice here, and once from a copy of the checkout with its own
        compiler; there only for this machine's architecture, because the libraries take minutes."""
        build(ROOT)
        before = {arch: package_of(arch).read_bytes() for arch in ARCHES}
        build(ROOT)
        with copy_of_checkout() as copy:
            build(copy, NATIVE, ENGINE_COMMIT=commit())  # which git does not tell there
            elsewhere = copy / "build/package"
            for arch in ARCHES:
                self.assertTrue(before[arch] == package_of(arch).read_bytes(), "built twice")
            self.assertTrue(before[NATIVE] == package_of(NATIVE, elsewhere).read_bytes(),
                            "built elsewhere")
            self.assertEqual(bill_of(NATIVE), bill_of(NATIVE, elsewhere))


if __name__ == "__main__":
    unittest.main()
