#!/usr/bin/env bash
# workspace.sh, sourced by setup.sh, deploy.sh and member.sh: they work in build/deploy, in a copy of
# terraform/ and member_account_setup/, so that what they write is no change of the checkout.
#
#   folders   $here (terraform/), $checkout; `work_in NAME FOLDER` sets $work, the copy of FOLDER
#   settings  `settings EXPRESSION...` fills the list $told, as Terraform reads the folder's variables
#   plans     `start`, `adopt_regions`, `run_terraform COMMAND`
set -euo pipefail
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  echo "${0##*/}: this is bash $BASH_VERSION; 4.4 or newer is required" >&2
  exit 1
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(dirname "$here")
script=${0##*/}
options=() # of Terraform
told=()
work=""
engine=""
package="" # --package: a zip that is built already
home=""    # the region of what a deployment has once
# Terraform's own advice on what to run next is of no use to who runs the scripts.
export TF_IN_AUTOMATION=1

fail() {
  echo "$script: $*" >&2
  exit 1
}

# need TOOL...: those, and what every script needs, are there.
need() {
  local tool version
  for tool in awk cmp find grep mktemp sed sort terraform "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not in PATH"
  done
  if [[ " $* " == *" python3 "* ]] && ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
    fail "python3 is older than 3.9: 3.9 or newer is required"
  fi
  version=$(terraform version 2>/dev/null | sed -nE 's/^Terraform v([0-9.]+).*/\1/p')
  [[ $(printf '1.11\n%s\n' "$version" | sort -V | sed -n 1p) == 1.11 ]] ||
    fail "terraform ${version:-(of an unknown version)} is too old: 1.11 or newer is required"
}

use_engine() {
  engine=$("$here/engine.sh" "$package")
}

# --package ZIP, from wherever the script is called.
package_from() {
  [[ -f ${1-} ]] || fail "--package: there is no file ${1-}"
  package=$(cd "$(dirname "$1")" && pwd)/${1##*/}
}

# As the variable lambda_bucket asks, which a file of variables could set otherwise.
check_prefix() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{1,40}$ ]] ||
    fail "$1 is not a PREFIX: use 2 to 41 lower-case letters, digits and hyphens, so that PREFIX-REGION can name a bucket"
}

# --settings FILE: variables besides those of terraform.tfvars. Of settings.sh as well.
settings_from() {
  [[ -f ${1-} ]] || fail "--settings: there is no file ${1-}"
  SETTINGS=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
  export SETTINGS
}

# Terraform's options; those that set variables would hold for one run, and not for what the
# scripts read.
take_options() {
  local option
  for option in "$@"; do
    case $option in
      -var | -var=* | -var-file | -var-file=*)
        fail "$option would apply to this run only, and the next run would undo it: write it into terraform.tfvars, or into a file for --settings" ;;
      -out | -out=*) fail "$option: the plan is written to $work/deploy.tfplan" ;;
    esac
  done
  options=(-input=false "$@")
}

# mirror FOLDER TO: its text and variables. What is written there in the course of a run stays till
# it is written anew, so that a run that is refused leaves a folder that Terraform can work in.
mirror() {
  local entry
  mkdir -p "$2"
  find "$2" -mindepth 1 -maxdepth 1 ! -name '.terraform*' ! -name backend.tf.json \
    ! -name package.auto.tfvars.json ! -name regions.tf.json -exec rm -rf {} +
  for entry in "$1"/*; do
    case ${entry##*/} in
      *.tfstate* | states | tests | backend.tf.json | package.auto.tfvars.json) ;;
      regions.tf.json) [[ -f $2/regions.tf.json ]] || cp "$entry" "$2/" ;;
      *) cp -R "$entry" "$2/" ;;
    esac
  done
  if [[ -f $1/.terraform.lock.hcl ]]; then
    cp "$1/.terraform.lock.hcl" "$2/"
  fi
}

work_in() {
  local base=$checkout/build/deploy/$1
  mirror "$here" "$base/terraform"
  mirror "$checkout/member_account_setup" "$base/member_account_setup"
  work=$base/$2
  if [[ -n ${SETTINGS-} ]]; then
    cp "$SETTINGS" "$work/settings.auto.tfvars"
  fi
}

settings() {
  local list text
  printf -v list '%s, ' "$@"
  text=$("$here/settings.sh" "${work:-$here}" "join(\"\n\", [${list%, }])")
  # shellcheck disable=SC2034 # read by those who source this
  mapfile -t told <<<"$text"
}

in_work() {
  terraform -chdir="$work" "$@"
}

# start BACKEND [OPTION...]: with the state that BACKEND (JSON) names.
start() {
  echo "{ \"terraform\": { \"backend\": $1 } }" >"$work/backend.tf.json"
  "$here/regions.sh" "$work"
  in_work init -input=false -reconfigure ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} "${@:2}" >&2
}

# A region that was taken out needs its provider until nothing is left there.
adopt_regions() {
  in_work state pull >"$work/held.json"
  "$here/regions.sh" "$work" "$work/held.json"
  rm "$work/held.json"
}

# Refuses to make what is there already and belongs to somebody else.
preflight() {
  in_work show -json deploy.tfplan >"$work/plan.json"
  AWS_REGION=$home "$engine" run "$here/preflight.lua" "$script" "$work/plan.json"
  rm "$work/plan.json"
}

confirm() {
  local answer
  if [[ ! -t 0 || " ${options[*]} " == *" -auto-approve "* ]]; then
    return
  fi
  read -r -p "Apply this plan? Only yes does: " answer
  [[ $answer == yes ]] || fail "nothing was changed"
}

# What a plan that is made already is applied with.
apply_options() {
  local option
  for option in "${options[@]}"; do
    case $option in
      -parallelism=* | -lock=* | -lock-timeout=* | -no-color | -compact-warnings | -input=*)
        echo "$option" ;;
    esac
  done
}

# Sets plan_status, so that -detailed-exitcode works.
make_plan() {
  local option of_plan=()
  for option in "${options[@]}"; do
    [[ $option == -auto-approve ]] || of_plan+=("$option")
  done
  plan_status=0
  in_work plan -out=deploy.tfplan "${of_plan[@]}" || plan_status=$?
  ((plan_status != 1)) || exit 1
  preflight
}

# run_terraform plan|apply|destroy
run_terraform() {
  local allowed
  if [[ $1 == destroy ]]; then
    [[ -t 0 ]] || options+=(-auto-approve)
    in_work destroy "${options[@]}"
    return
  fi
  make_plan
  if [[ $1 == plan ]]; then
    exit "$plan_status"
  fi
  confirm
  mapfile -t allowed < <(apply_options)
  in_work apply "${allowed[@]}" deploy.tfplan
}
