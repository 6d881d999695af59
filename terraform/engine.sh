#!/usr/bin/env bash
# engine.sh [ZIP]: prints where an engine is that runs on this machine: the one that ENGINE names; the
# one of the package ZIP, unpacked below build/; this checkout's, which is built where it is not there.
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
      "name a released package by --package ZIP, or an engine by ENGINE" >&2
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
