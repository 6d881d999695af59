#!/usr/bin/env bash
# engine.sh [ZIP]: prints the path of an engine that runs on this machine: the one that ENGINE
# names; else the one in the package ZIP, unpacked below build/; else that of this checkout, which
# is built if it does not exist.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -n ${ENGINE-} ]]; then
  echo "$ENGINE"
  exit
fi
if [[ -n ${1-} ]]; then
  exec python3 -B terraform/unpack.py "$1" build/released
fi
if [[ ! -x build/engine ]]; then
  if [[ ! -x script/bootstrap ]] || ! command -v cmake >/dev/null; then
    echo "engine.sh: there is no engine, and it cannot be built (this needs the complete checkout and cmake):" \
      "name a released package with --package ZIP, or an engine with ENGINE" >&2
    exit 1
  fi
  echo "building the engine" >&2
  {
    script/bootstrap
    cmake --preset default
    cmake --build build --target engine models
  } >&2
fi
echo "$PWD/build/engine"
