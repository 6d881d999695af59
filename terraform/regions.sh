#!/usr/bin/env bash
# regions.sh FOLDER [STATE]: writes FOLDER/regions.tf.json, which has a provider and the modules for
# each region in the variable `regions` of that folder (terraform or member_account_setup), and
# reports a change. Regions of resources in STATE (the output of `terraform state pull`) have a
# provider, too, so that these resources can be destroyed. Run `terraform init` after a change.
set -euo pipefail

fail() {
  echo "regions.sh: $*" >&2
  exit 1
}

[[ ($# == 1 || $# == 2) && -f $1/variables.tf ]] || fail "usage: regions.sh FOLDER [STATE]"
folder=$1 state=${2-/dev/null}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# module NAME SOURCE REGION SETTINGS AFTER COMMA: one module call, which depends on AFTER (a list of
# names).
module() {
  cat <<JSON
    "$1_$3": {
      "source": "$2",
      "providers": { "aws": "aws.$3" },
      "region": "$3",
      "$4": "\${local.$4}",
      "depends_on": [$5]
    }$6
JSON
}

# Translators, with the buses, are in the master account; every account has the rules of its events.
modules() {
  local region=$1 comma=$2
  if [[ -d $folder/function ]]; then
    # Lambda checks that its role may send to the dead-letter queue: see functions.tf.
    module translator ./region "$region" shared '"aws_iam_role_policy.event_translator"' ,
    module events ../member_account_setup/region "$region" events \
      "\"module.translator_$region\"" "$comma"
  else
    module events ./region "$region" events "" "$comma"
  fi
}

provider() {
  cat <<JSON
      {
        "alias": "$1",
        "region": "$1",
        "default_tags": { "tags": "\${local.tags}" }
      }$2
JSON
}

# each FUNCTION REGION...: the function's output for each region, separated by commas.
each() {
  local function=$1
  shift
  while (($# > 1)); do
    "$function" "$1" ,
    shift
  done
  "$function" "$1" ""
}

# The regions of the resources in the state: "provider": "provider[\"…/hashicorp/aws\"].us-west-2".
held() {
  sed -nE 's/^.*"provider": "provider\[[^]]*\]\.([a-z0-9-]+)",?$/\1/p' "$state" | sort -u
}

write() {
  local list
  printf -v list '"%s", ' "$@"
  cat <<JSON
{
  "//": "Written by regions.sh from the variable regions: change the variable.",
  "locals": { "module_regions": [${list%, }] },
  "provider": {
    "aws": [
$(each provider "${providers[@]}")
    ]
  },
  "module": {
$(each modules "$@")
  }
}
JSON
}

settings=$("$here/settings.sh" "$folder" 'join(" ", local.heard_regions)')
read -ra regions <<<"$settings"
mapfile -t providers < <(printf '%s\n' "${regions[@]}" && held)
mapfile -t providers < <(printf '%s\n' "${providers[@]}" | awk '!seen[$0]++')
file=$folder/regions.tf.json
write "${regions[@]}" >"$file.new"
if cmp -s "$file" "$file.new"; then
  rm "$file.new"
else
  mv "$file.new" "$file"
  echo "regions.sh: wrote $file for ${regions[*]}; providers for ${providers[*]}" >&2
fi
