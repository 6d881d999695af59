#!/usr/bin/env bash
# settings.sh FOLDER EXPRESSION: prints the value of EXPRESSION, a text, with the folder's variables
# as Terraform reads them (*.tfvars, TF_VAR_…, validation), before the providers and modules of
# their regions exist. SETTINGS names a file of variables that take precedence. EXPRESSION may also
# use local.regions, all regions with resources, the state's region first; local.head, the prefix of
# each name; local.state_key; and, for the master account, local.list_names, the files that its
# lists name.
set -euo pipefail

folder=$1
expression=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

shopt -s nullglob
cp "$folder/variables.tf" "$scratch/"
if [[ -f $folder/checks.json ]]; then # the validation of variables reads it
  cp "$folder/checks.json" "$scratch/"
fi
for file in "$folder"/terraform.tfvars "$folder"/terraform.tfvars.json "$folder"/*.auto.tfvars \
  "$folder"/*.auto.tfvars.json; do
  if [[ -f $file && ${file##*/} != package.auto.tfvars.json ]]; then
    cp "$file" "$scratch/"
  fi
done
if [[ -n ${SETTINGS-} ]]; then
  cp "$SETTINGS" "$scratch/settings.auto.tfvars"
fi
first=""
names=""
if grep -q '^variable "master_region"' "$folder/variables.tf"; then
  first="[var.master_region], "
  names='list_names = join(" ", distinct([for word in concat(var.accounts, var.known_accounts, var.dev_accounts) :
    trimprefix(word, "@") if startswith(word, "@")]))'
fi
cat >"$scratch/text.tf" <<EXPRESSION
locals {
  regions   = distinct(concat(${first}local.heard_regions))
  head      = var.prefix == "" ? "" : "\${var.prefix}-"
  state_key = "terraform/\${local.head}master.tfstate"
  $names
}
output "text" {
  value = $expression
}
EXPRESSION

run() {
  env -u TF_DATA_DIR -u TF_WORKSPACE -u TF_CLI_ARGS -u TF_CLI_ARGS_apply -u TF_CLI_ARGS_output \
    terraform -chdir="$scratch" "$@"
}

if ! log=$(run apply -auto-approve -input=false -no-color 2>&1); then
  echo "$log" >&2
  echo "settings.sh: set variables in ${folder##*/}/terraform.tfvars or in a file for --settings${SETTINGS:+ (above, settings.auto.tfvars is $SETTINGS)}" >&2
  exit 1
fi
# Terraform only warns of these. But a limit whose name is mistyped would limit nothing.
undeclared=$(grep -oE 'variable named "[^"]+"' <<<"${log//$'\n'/ }" | sed -E 's/.*"(.*)"/\1/' | sort -u || true)
if [[ -n $undeclared ]]; then
  [[ $log != *"Values for undeclared variables"* ]] || undeclared+=$'\nothers' # Terraform names two
  undeclared=${undeclared//$'\n'/, }
  echo "settings.sh: ${folder##*/}/variables.tf has no variable $undeclared: correct the name, or remove it from ${folder##*/}/terraform.tfvars${SETTINGS:+ or $SETTINGS}" >&2
  exit 1
fi
run output -raw text 2>/dev/null
