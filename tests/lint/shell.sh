#!/usr/bin/env bash
# Every shell script stops at the first error, and passes shellcheck.
set -euo pipefail
mapfile -t files < <(find script .ci tests terraform -type f -not -path 'tests/fixtures/*' \
  2>/dev/null | sort | xargs -d '\n' grep -lE '^#!.*\b(ba)?sh$')
if ((${#files[@]} == 0)); then
  echo "shell: no scripts found" >&2
  exit 1
fi
status=0
for file in "${files[@]}"; do
  if ! grep -q '^set -euo pipefail$' "$file"; then
    echo "$file: does not say 'set -euo pipefail'" >&2
    status=1
  fi
done
shellcheck "${files[@]}" || status=1
echo "shell: ${#files[@]} scripts"
exit "$status"
