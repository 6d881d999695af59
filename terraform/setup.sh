#!/usr/bin/env bash
# setup.sh PREFIX [--settings FILE] [--package ZIP] [--remove [REGION...]]: makes the buckets PREFIX-REGION that
# packages and Terraform's state lie in: one in the master region and in each region that has a
# translator. Private, encrypted, versioned, over TLS only, tagged. What it made is set up as it
# should be, so this can be repeated; a bucket of somebody else is refused. --remove empties and
# deletes them, or those of regions that were taken out; not while something is still deployed. What it
# does in S3 is done by the engine of --package, or of the checkout.
set -euo pipefail
# shellcheck source=terraform/workspace.sh
source "$(dirname "${BASH_SOURCE[0]}")/workspace.sh"

usage() {
  fail "usage: setup.sh PREFIX [--settings FILE] [--package ZIP] [--remove [REGION...]]"
}

parse() {
  local region
  if (($# == 0)) || [[ $1 == -* ]]; then
    usage
  fi
  prefix=$1 command="make" removed=()
  check_prefix "$prefix"
  shift
  while [[ ${1-} == --settings || ${1-} == --package ]]; do
    "${1#--}_from" "${2-}"
    shift 2
  done
  if [[ ${1-} == --remove ]]; then
    command="remove"
    removed=("${@:2}")
    for region in "${removed[@]}"; do
      [[ $region =~ ^[a-z]+(-[a-z]+)+-[0-9]+$ ]] || fail "$region is not a region; options must precede --remove"
    done
  elif (($# > 0)); then
    usage
  fi
}

parse "$@"
need ${package:+python3}
export TF_VAR_lambda_bucket=$prefix
# The master region first: the state lies there.
settings 'join(",", local.regions)' 'jsonencode(var.tags)'
use_engine
if [[ $command == make ]]; then
  removed=("${told[1]}")
fi
AWS_REGION=${told[0]%%,*} "$engine" run "$here/buckets.lua" "$command" "$prefix" "${told[0]}" "${removed[@]}"
