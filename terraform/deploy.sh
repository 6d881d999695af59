#!/usr/bin/env bash
# deploy.sh PREFIX [--package ZIP] [plan|apply|destroy] [OPTION OF TERRAFORM...]: builds the package,
# uploads it to the buckets PREFIX-REGION (see setup.sh) under the hash of its content, writes
# regions.tf.json for the regions of today, and lets Terraform plan, apply (the default) or destroy.
# Without a terminal nobody is asked. --package takes a package that is built already. Can be
# repeated, also from another machine: the state is in the master region's bucket.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(dirname "$here")
work=$checkout/build/deploy

fail() {
  echo "deploy.sh: $*" >&2
  exit 1
}

parse() {
  if (($# == 0)) || [[ $1 == -* ]]; then
    fail "usage: deploy.sh PREFIX [--package ZIP] [plan|apply|destroy] [OPTION...]"
  fi
  prefix=$1 package="" command=apply
  shift
  if [[ ${1-} == --package ]]; then
    package=${2:?--package needs a file}
    shift 2
  fi
  if [[ ${1-} =~ ^(plan|apply|destroy)$ ]]; then
    command=$1
    shift
  fi
  options=(-input=false "$@")
  if [[ $command != plan && ! -t 0 ]]; then
    options+=(-auto-approve)
  fi
}

setting() {
  "$here/settings.sh" "$here" "$1"
}

# The package for the functions' processor; both are built by one call.
build() {
  if [[ -z $package ]]; then
    "$checkout/script/package" >&2
    package=$checkout/build/package/engine-$(setting var.architecture).zip
  fi
}

# Where the exceptions' file is: its path is relative to this folder.
exceptions_file() {
  local named
  named=$(setting var.exceptions)
  case $named in
    "" | /*) echo "$named" ;;
    *) echo "$here/$named" ;;
  esac
}

upload() {
  local exceptions architecture regions hashes
  exceptions=$(exceptions_file)
  architecture=$(setting var.architecture)
  regions=$(setting 'join(",", distinct(concat([var.master_region], var.regions, ["us-east-1"])))')
  hashes=$(python3 "$here/split.py" "$package" "$work" "$exceptions")
  package_key=engine/${hashes% *}/function-$architecture.zip
  policies_key=engine/${hashes#* }/policies.zip
  AWS_REGION=$master_region "$engine" run "$here/upload.lua" "$prefix" "$regions" \
    "$package_key" "$work/function.zip" "$policies_key" "$work/policies.zip"
}

# So that `terraform plan` by hand sees the same as here.
write_settings() {
  cat >"$here/package.auto.tfvars.json" <<JSON
{
  "lambda_bucket": "$prefix",
  "package_key": "$package_key",
  "policies_key": "$policies_key"
}
JSON
}

write_backend() {
  cat >"$here/backend.tf.json" <<JSON
{
  "terraform": {
    "backend": {
      "s3": {
        "bucket": "$prefix-$master_region",
        "key": "terraform/master.tfstate",
        "region": "$master_region",
        "encrypt": true,
        "use_lockfile": true
      }
    }
  }
}
JSON
}

parse "$@"
for tool in terraform python3; do
  command -v "$tool" >/dev/null || fail "$tool is not in PATH"
done
export TF_VAR_lambda_bucket=$prefix
master_region=$(setting var.master_region)
engine=$("$here/engine.sh")
if [[ $command != destroy ]]; then
  build
  upload
  write_settings
fi
"$here/regions.sh" "$here"
write_backend
terraform -chdir="$here" init -input=false ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} >&2
terraform -chdir="$here" "$command" "${options[@]}"
