#!/usr/bin/env bash
# engine.sh: prints where the engine of this checkout is, after building it where it is not there.
# ENGINE names another one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -n ${ENGINE-} ]]; then
  echo "$ENGINE"
  exit
fi
if [[ ! -x build/engine ]]; then
  echo "building the engine" >&2
  {
    script/bootstrap
    cmake --preset default
    cmake --build build --target engine models
  } >&2
fi
echo "$PWD/build/engine"
