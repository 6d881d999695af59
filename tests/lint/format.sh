#!/usr/bin/env bash
# Every C file has the format of clang-format (to correct a file: clang-format -i).
set -euo pipefail
mapfile -t files < <(find engine bindings tests -name '*.[ch]' -not -path 'tests/fixtures/*' | sort)
if ((${#files[@]} == 0)); then
  echo "format: no C files found" >&2
  exit 1
fi
clang-format --dry-run -Werror "${files[@]}"
echo "format: ${#files[@]} files"
