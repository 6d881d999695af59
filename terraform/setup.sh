#!/usr/bin/env bash
# setup.sh PREFIX [--settings FILE] [--package ZIP] [--remove [REGION...]]: creates the buckets
# PREFIX-REGION for packages and Terraform's state: one in the master region and in each region that
# has a translator. They are private, encrypted, versioned, tagged, and accessible over TLS only. If
# a bucket already exists, its settings are corrected, so the script can be run again; a bucket of
# another owner is refused. --remove empties and deletes the buckets, or those of the given regions,
# which must no longer be in the settings; it refuses while resources are still deployed. The engine
# of --package, or of the checkout, makes the calls to S3.
set -euo pipefail
# shellcheck source=terraform/workspace.sh
source "$(dirname "${BASH_SOURCE[0]}")/workspace.sh"

usage() {
  fail "usage: setup.sh PREFIX [--settings FILE] [--package ZIP] [--remove [REGION...]]"
}

parse() {
  local region words
  own_options "--settings --package --remove" "$@"
  set -- "${words[@]}"
  if (($# == 0)) || [[ $1 == -* ]]; then
    usage
  fi
  prefix=$1 command="make" removed=()
  check_prefix "$prefix"
  shift
  if [[ ${1-} == --remove ]]; then
    command="remove"
    removed=("${@:2}")
    for region in "${removed[@]}"; do
      [[ $region =~ ^[a-z]+(-[a-z]+)+-[0-9]+$ ]] || fail "$region is not a region"
    done
  elif (($# > 0)); then
    fail "$1 is neither an option nor --remove"
  fi
}

parse "$@"
need ${package:+python3}
export TF_VAR_lambda_bucket=$prefix
# The master region first: its bucket holds the state.
settings 'join(",", local.regions)' 'jsonencode(var.tags)'
use_engine
if [[ $command == make ]]; then
  removed=("${setting_values[1]}")
fi
AWS_REGION=${setting_values[0]%%,*} "$engine" run "$here/buckets.lua" "$command" "$prefix" "${setting_values[0]}" "${removed[@]}"
