#!/usr/bin/env bash
# measured.sh FILE COMMAND...: runs the command and writes its seconds of CPU time (user and system,
# with those of its children) and of wall time to FILE. The exit status is the command's.
set -euo pipefail
file=$1
shift
TIMEFORMAT="%U %S %R"
{ time "$@" 2>&3 3>&-; } 3>&2 2>"$file"
