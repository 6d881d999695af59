"""The packages that script/package builds, and their paths."""
import json
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
OUT = ROOT / "build/package"
ARCHES = {"x86_64": 62, "arm64": 183}  # e_machine
NATIVE = platform.machine().replace("aarch64", "arm64")
# What the tests build: to compile OpenSSL for another architecture takes minutes, too.
TESTED = list(ARCHES) if os.environ.get("ENGINE_TEST_LONG") else [NATIVE]


def package_of(arch, out=OUT):
    return out / f"engine-{arch}.zip"


def bill_of(arch, out=OUT):
    return json.loads((out / f"engine-{arch}.cdx.json").read_text(encoding="utf-8"))


def build(directory, *arches, **environment):
    done = subprocess.run([directory / "script/package", *arches], check=False, capture_output=True,
                          text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stdout + done.stderr
