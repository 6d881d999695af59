#!/usr/bin/env bash
# member.sh ACCOUNT [--settings FILE] [--backend FILE] [--package ZIP] [plan|apply|destroy]
# [OPTION...]: applies member_account_setup/ to a member account, with the credentials of that
# account. Each account has its own state: member_account_setup/states/ACCOUNT.tfstate, which must
# be kept like terraform.tfvars; or, with --backend, an object in the S3 bucket that FILE (of
# `terraform init -backend-config`) names. --settings names a file of variables in addition to
# terraform.tfvars. Works in build/deploy/member.ACCOUNT.
set -euo pipefail
# shellcheck source=terraform/workspace.sh
source "$(dirname "${BASH_SOURCE[0]}")/workspace.sh"

parse() {
  local words
  backend=""
  own_options "--settings --backend --package" "$@"
  set -- "${words[@]}"
  [[ ${1-} =~ ^[0-9]{12}$ ]] ||
    fail "usage: member.sh ACCOUNT [--settings FILE] [--backend FILE] [--package ZIP] [plan|apply|destroy] [OPTION...], where ACCOUNT is an account id of 12 digits"
  account=$1 command=apply
  shift
  if [[ ${1-} =~ ^(plan|apply|destroy)$ ]]; then
    command=$1
    shift
  fi
  work=$checkout/build/deploy/member.$account/member_account_setup
  take_options "$@"
}

check_caller() {
  local caller
  caller=$(AWS_REGION=$home "$engine" run "$here/caller.lua")
  [[ $caller == "$account" ]] || fail "these are credentials of $caller, not of $account: nothing was done"
}

start_member() {
  local name=${setting_values[1]-}$account
  if [[ -n $backend ]]; then
    start '{ "s3": { "encrypt": true, "use_lockfile": true } }' \
      -backend-config="$backend" -backend-config="key=terraform/member-$name.tfstate"
    return
  fi
  mkdir -p "$checkout/member_account_setup/states"
  start "{ \"local\": { \"path\": \"$checkout/member_account_setup/states/$name.tfstate\" } }"
}

parse "$@"
need ${package:+python3}
use_engine
work_in "member.$account" member_account_setup
settings local.home_region local.head
home=${setting_values[0]}
check_caller
start_member
adopt_regions
run_terraform "$command"
