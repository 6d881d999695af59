#!/usr/bin/env bash
# Every Lua file passes luacheck with .luacheckrc.
set -euo pipefail
mapfile -t files < <(find policies bindings tests script docs misconfiguration_maker terraform \
  -name '*.lua' -not -path 'tests/fixtures/*' 2>/dev/null | sort)
if ((${#files[@]} == 0)); then
  echo "luacheck: no Lua files found" >&2
  exit 1
fi
luacheck --quiet --no-color "${files[@]}"
