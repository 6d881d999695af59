#!/usr/bin/env bash
# deploy.sh PREFIX [--settings FILE] [--package ZIP] [plan|apply|destroy] [OPTION OF TERRAFORM...]:
# builds the package, uploads it to the buckets PREFIX-REGION (see setup.sh) under the hash of its
# content, and lets Terraform plan, apply (the default) or destroy. A plan uploads nothing. Works in
# build/deploy/PREFIX. Without a terminal it does not ask for confirmation. --package names a
# package that was already built, --settings a file of variables in addition to terraform.tfvars. If
# package_key and policies_key are set, it deploys these and builds nothing. It can be run again,
# also from another machine: the state is in the master region's bucket.
set -euo pipefail
# shellcheck source=terraform/workspace.sh
source "$(dirname "${BASH_SOURCE[0]}")/workspace.sh"

parse() {
  local words
  own_options "--settings --package" "$@"
  set -- "${words[@]}"
  if (($# == 0)) || [[ $1 == -* ]]; then
    fail "usage: deploy.sh PREFIX [--settings FILE] [--package ZIP] [plan|apply|destroy] [OPTION...]"
  fi
  prefix=$1 command=apply
  check_prefix "$prefix"
  shift
  if [[ ${1-} =~ ^(plan|apply|destroy)$ ]]; then
    command=$1
    shift
  fi
  work=$checkout/build/deploy/$prefix/terraform
  take_options "$@"
}

read_settings() {
  settings var.lambda_bucket var.master_region 'join(",", local.regions)' var.architecture \
    var.exceptions 'coalesce(var.package_key, "-")' 'coalesce(var.policies_key, "-")' \
    local.state_key var.lists local.list_names
  master_region=${setting_values[1]} regions=${setting_values[2]} architecture=${setting_values[3]} exceptions=${setting_values[4]}
  package_key=${setting_values[5]#-} policies_key=${setting_values[6]#-} state_key=${setting_values[7]}
  lists=${setting_values[8]-} list_names=${setting_values[9]-}
  [[ ${setting_values[0]} == "$prefix" ]] ||
    fail "lambda_bucket is set to ${setting_values[0]}, and PREFIX is $prefix: remove it from the settings"
  case $exceptions in # read while the functions run: not packed
    s3:* | ssm:* | arn:*) exceptions= ;;
  esac
  if [[ -n $exceptions && $exceptions != /* ]]; then
    exceptions=$here/$exceptions
  fi
  if [[ -n $lists && $lists != /* ]]; then
    lists=$here/$lists
  fi
}

in_buckets() {
  AWS_REGION=$master_region "$engine" run "$here/$1" "${@:2}"
}

# Selects the packages: those that the settings name, or a new one.
choose() {
  local hashes zip=$package
  if [[ -n $package_key$policies_key ]]; then
    [[ -n $package_key && -n $policies_key ]] || fail "set both package_key and policies_key, or neither"
    [[ -z $zip ]] || fail "$package_key is set as package_key: remove it and policies_key from the settings to deploy $zip"
    echo "deploy.sh: deploying $package_key and $policies_key, as set in the settings" >&2
    parts=("$package_key" "" "$policies_key" "")
    return
  fi
  if [[ -z $zip ]]; then
    [[ -x $checkout/script/package ]] ||
      fail "this is not a complete checkout, so no package can be built: name a released package with --package ZIP"
    "$checkout/script/package" "$architecture" >&2
    zip=$checkout/build/package/engine-$architecture.zip
  fi
  hashes=$(python3 -B "$here/split.py" "$zip" "$work/package" "$exceptions" "$lists" "$list_names")
  package_key=engine/${hashes% *}/function-$architecture.zip
  policies_key=engine/${hashes#* }/policies.zip
  parts=("$package_key" "$work/package/function.zip" "$policies_key" "$work/package/policies.zip")
}

# So that `terraform plan` by hand uses the same packages.
write_settings() {
  cat >"$work/package.auto.tfvars.json" <<JSON
{
  "lambda_bucket": "$prefix",
  "package_key": "$package_key",
  "policies_key": "$policies_key"
}
JSON
}

backend() {
  cat <<JSON
{
  "s3": {
    "bucket": "$prefix-$master_region",
    "key": "$state_key",
    "region": "$master_region",
    "encrypt": true,
    "use_lockfile": true
  }
}
JSON
}

parse "$@"
need python3
export TF_VAR_lambda_bucket=$prefix
work_in "$prefix" terraform
read_settings
home=$master_region
use_engine
if [[ $command == destroy ]]; then
  in_buckets buckets.lua check "$prefix" "$master_region"
else
  in_buckets buckets.lua check "$prefix" "$regions"
  choose
  write_settings
fi
if [[ $command == apply ]]; then
  in_buckets upload.lua "$prefix" "$regions" "${parts[@]}"
fi
start "$(backend)"
adopt_regions
run_terraform "$command"
