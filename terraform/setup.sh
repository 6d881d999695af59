#!/usr/bin/env bash
# setup.sh PREFIX [--remove]: makes the buckets PREFIX-REGION that packages and Terraform's state lie
# in: one in the master region and in each region that has a translator. Private, encrypted,
# versioned, over TLS only, tagged. What is there already is set up as it should be, so this can be
# repeated. --remove empties and deletes them; not while something is still deployed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  echo "setup.sh: $*" >&2
  exit 1
}

command="make"
[[ ${2-} != --remove ]] || command="remove"
[[ $# == 1 || ($# == 2 && $command == "remove") ]] || fail "usage: setup.sh PREFIX [--remove]"
command -v terraform >/dev/null || fail "terraform is not in PATH: install Terraform 1.11 or newer"

export TF_VAR_lambda_bucket=$1
# The master region first: the state lies there.
settings=$("$here/settings.sh" "$here" \
  'join(" ", distinct(concat([var.master_region], var.regions, ["us-east-1"])))')
tags=$("$here/settings.sh" "$here" 'jsonencode(var.tags)')
read -ra regions <<<"$settings"
engine=$("$here/engine.sh")
AWS_REGION=${regions[0]} "$engine" run "$here/buckets.lua" "$command" "$1" "$tags" "${regions[@]}"
