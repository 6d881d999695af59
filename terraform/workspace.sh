#!/usr/bin/env bash
# workspace.sh is sourced by setup.sh, deploy.sh and member.sh. They work in build/deploy, in a copy
# of terraform/ and member_account_setup/, so that they do not change the checkout.
#
#   folders   $here (terraform/), $checkout; `work_in NAME FOLDER` sets $work, the copy of FOLDER
#   settings  `settings EXPRESSION...` sets $setting_values: each expression, evaluated by Terraform
#             with the folder's variables
#   plans     `start`, `adopt_regions`, `run_terraform COMMAND`
set -euo pipefail
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  echo "${0##*/}: this is bash $BASH_VERSION; 4.4 or newer is required" >&2
  exit 1
fi
if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" # the comment at the top of the script
  exit
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(dirname "$here")
script=${0##*/}
options=() # of Terraform
setting_values=()
work=""
engine=""
package="" # --package: a zip that was already built
home=""    # the region of everything that a deployment has once
# Terraform's advice on what to run next would be wrong for users of the scripts.
export TF_IN_AUTOMATION=1
# Terraform colours what goes to a file or a pipe, too.
if [[ ! -t 1 || -n ${NO_COLOR-} ]]; then
  export TF_CLI_ARGS="${TF_CLI_ARGS:+$TF_CLI_ARGS }-no-color"
fi

fail() {
  echo "$script: $*" >&2
  exit 1
}

# need TOOL...: fails unless these tools, and those that every script needs, are installed.
need() {
  local tool version
  for tool in awk cmp find grep mktemp sed sort "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not in PATH"
  done
  command -v terraform >/dev/null ||
    fail "terraform is not in PATH: 1.11 or newer is required (https://developer.hashicorp.com/terraform/install)"
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

# --package ZIP: a path relative to the caller's directory.
package_from() {
  [[ -f ${1-} ]] || fail "--package: there is no file ${1-}"
  package=$(cd "$(dirname "$1")" && pwd)/${1##*/}
}

# --backend FILE: what `terraform init -backend-config` reads.
backend_from() {
  [[ -f ${1-} ]] || fail "--backend: there is no file ${1-}"
  # shellcheck disable=SC2034 # member.sh uses it
  backend=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
}

# own_options NAMES WORD...: reads these options (--settings …), wherever they are. $words are the
# other words, and --remove, which has no file. Another option of two hyphens is refused, as
# Terraform's own have one.
own_options() {
  local known=$1
  shift
  words=()
  while (($# > 0)); do
    if [[ $1 == --* && " $known " != *" $1 "* ]]; then
      fail "unknown option $1 (known: ${known// /, })"
    elif [[ $1 == --* && $1 != --remove ]]; then
      "${1#--}_from" "${2-}"
      shift
    else
      words+=("$1")
    fi
    shift
  done
}

# The same rule as that of the variable lambda_bucket.
check_prefix() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{1,40}$ ]] ||
    fail "$1 is not a PREFIX: use 2 to 41 lower-case letters, digits and hyphens, so that PREFIX-REGION can name a bucket"
}

# --settings FILE: variables in addition to terraform.tfvars; settings.sh reads them, too.
settings_from() {
  [[ -f ${1-} ]] || fail "--settings: there is no file ${1-}"
  SETTINGS=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
  export SETTINGS
}

# Options for Terraform. Options that set variables are refused: they would apply to one run only,
# and the scripts would not see them. A mistyped command is refused before anything is uploaded.
take_options() {
  local option
  if [[ -n ${1-} && $1 != -* ]]; then
    fail "$1 is neither a command (plan, apply, destroy) nor an option of Terraform"
  fi
  for option in "$@"; do
    case $option in
      -var | -var=* | -var-file | -var-file=*)
        fail "$option would apply to this run only, and the next run would undo it: write it into terraform.tfvars, or into a file for --settings" ;;
      -out | -out=*) fail "$option: the plan is written to $work/deploy.tfplan" ;;
    esac
  done
  options=(-input=false "$@")
}

# mirror FOLDER TO: copies the sources and variables. Files that a run writes there stay until the
# next run replaces them, so that Terraform can still work in the folder after a run that was
# refused.
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
  # shellcheck disable=SC2034 # the sourcing scripts read it
  mapfile -t setting_values <<<"$text"
}

in_work() {
  terraform -chdir="$work" "$@"
}

# start BACKEND [OPTION...]: runs terraform init with the backend BACKEND (JSON).
start() {
  echo "{ \"terraform\": { \"backend\": $1 } }" >"$work/backend.tf.json"
  "$here/regions.sh" "$work"
  in_work init -input=false -reconfigure ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} "${@:2}" >&2
}

# A region that was removed from the settings needs its provider until its resources are destroyed.
adopt_regions() {
  in_work state pull >"$work/held.json"
  "$here/regions.sh" "$work" "$work/held.json"
  rm "$work/held.json"
}

# Refuses a plan that would create resources that already exist and belong to another owner.
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
  read -r -p "Apply this plan? Only 'yes' applies it: " answer
  [[ $answer == yes ]] || fail "nothing was changed"
}

# The options that apply to a saved plan.
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
