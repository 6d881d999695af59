#!/usr/bin/env bash
# terraform.sh [FOLDER...]: Terraform files have Terraform's format, and pass checkov. If a finding
# of checkov is intended, the reason is beside it (checkov:skip=ID:why). script/bootstrap installs
# checkov by version and hash.
set -euo pipefail

folders=(terraform member_account_setup)
if (($# > 0)); then
  folders=("$@")
fi
for tool in terraform .venv-checkov/bin/python; do
  if ! command -v "$tool" >/dev/null; then
    echo "terraform: $tool is not there: run script/bootstrap test" >&2
    exit 1
  fi
done
terraform fmt -check -diff -recursive "${folders[@]}"

# A skip without a reason is an error.
if grep -rnE 'checkov:skip=[A-Z0-9_]+(:.{0,19})?$' --include='*.tf' "${folders[@]}"; then
  echo "terraform: a skip that does not say why" >&2
  exit 1
fi

# Without a repository and a platform, checkov calls no server.
env -i PATH="$PATH" HOME="${TMPDIR:-/tmp}" LANG=C.UTF-8 \
  .venv-checkov/bin/python -B tests/lint/terraform_checks.py "${folders[@]}"
