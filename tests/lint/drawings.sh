#!/usr/bin/env bash
# drawings.sh [DIR]: the drawings in DIR (docs/drawings) are what script/drawings makes of their
# sources. Digits are ignored: another version of Graphviz may place something a little differently.
set -euo pipefail
here=${1:-docs/drawings}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

cp "$here"/*.dot "$made"
script/drawings "$made"
status=0
for drawing in "$made"/*.svg; do
  name=$(basename "$drawing")
  if ! cmp -s <(tr -d '0-9.-' <"$drawing") <(tr -d '0-9.-' <"$here/$name"); then
    echo "$here/$name is not what its source says: run script/drawings" >&2
    status=1
  fi
done
exit "$status"
