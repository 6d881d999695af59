#!/usr/bin/env bash
# settings.sh FOLDER EXPRESSION: prints a text made of the folder's variables, as Terraform reads
# them (*.tfvars, TF_VAR_…, validation), before there are providers and modules for their regions.
set -euo pipefail

folder=$1
expression=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

shopt -s nullglob
cp "$folder/variables.tf" "$scratch/"
for file in "$folder"/terraform.tfvars "$folder"/terraform.tfvars.json "$folder"/*.auto.tfvars \
  "$folder"/*.auto.tfvars.json; do
  [[ -f $file ]] && cp "$file" "$scratch/"
done
printf 'output "text" {\n  value = %s\n}\n' "$expression" >"$scratch/text.tf"

run() {
  env -u TF_DATA_DIR -u TF_WORKSPACE -u TF_CLI_ARGS -u TF_CLI_ARGS_apply -u TF_CLI_ARGS_output \
    terraform -chdir="$scratch" "$@"
}

if ! log=$(run apply -auto-approve -input=false -no-color -compact-warnings 2>&1); then
  echo "$log" >&2
  exit 1
fi
run output -raw text 2>/dev/null
