-- Who may launch an image, create a volume from a snapshot, or restore it. Pure.
--
-- A grant: { kind =, value = }, kind being "Group", "OrganizationArn", "OrganizationalUnitArn" or
-- "UserId" as in EC2's permissions. The only group is "all". If one id names two resources, `of`
-- says to which the grant belongs.
local arn = require "lib.arn"
local aws_accounts = require "lib.aws_accounts"
local batches = require "lib.batches"
local trust = require "lib.trust"

local sharing = {}

local KINDS = { Group = true, OrganizationArn = true, OrganizationalUnitArn = true, UserId = true }
local EVERYONE = "all"
local MOST_NAMES = 3
local MOST_CHANGES = 500 -- in one call (EC2 API reference, ModifySnapshotAttribute)

local function precedes(a, b)
  if a.kind ~= b.kind then return a.kind < b.kind end
  return a.value < b.value
end

-- An unknown group could be anyone, so its result is "unknown".
local function check(grant)
  if grant.kind == "Group" and grant.value ~= EVERYONE then
    error(("a permission is for an unknown group: %s"):format(grant.value), 0)
  end
  return grant
end

-- EC2's list of permissions as grants, sorted, because AWS returns them in no particular order.
function sharing.of_permissions(permissions)
  local grants = {}
  for _, permission in ipairs(permissions) do
    local before = #grants
    for kind, value in pairs(permission) do -- those of a snapshot have no organizations
      local named = KINDS[kind] and value ~= ""
      if named then grants[#grants + 1] = check { kind = kind, value = value } end
    end
    if #grants == before then error("a permission has no grantee", 0) end
  end
  table.sort(grants, precedes)
  return grants
end

-- The values of RDS's restore attribute as grants, sorted, without duplicates: account ids, or
-- "all".
function sharing.of_values(values, of)
  local grants, seen = {}, {}
  for _, value in ipairs(values) do
    if value == "" then error("a restore attribute has no grantee", 0) end
    local kind = value == EVERYONE and "Group" or "UserId"
    if not seen[value] then grants[#grants + 1] = { kind = kind, value = value, of = of } end
    seen[value] = true
  end
  table.sort(grants, precedes)
  return grants
end

-- The grants to everyone.
function sharing.public(grants)
  local found = {}
  for _, grant in ipairs(grants) do
    if grant.kind == "Group" then found[#found + 1] = grant end
  end
  return found
end

local FORMS = {
  OrganizationArn = "^organization/([^/]+)$",
  OrganizationalUnitArn = "^ou/([^/]+)(/[^/]+)$",
}

-- The id whose trust decides: an account, an organization, or a unit with its organization before
-- it (arn:…:organization/o-… and arn:…:ou/o-…/ou-…; service authorization reference, AWS
-- Organizations). nil: the ARN is neither, and is not trusted.
local function subject(grant)
  if grant.kind == "UserId" then return grant.value end
  local parts = arn.parse(grant.value)
  if not parts or parts.service ~= "organizations" then return nil end
  local organization, unit = parts.resource:match(FORMS[grant.kind])
  if not organization or not arn.is_organization(organization) then return nil end
  return organization .. (unit or "")
end

-- true, false, or nil if unknown. AWS's own accounts count as trusted.
local function is_trusted(grant, resource)
  local id = subject(grant)
  if not id then return false end
  if aws_accounts.is_aws(id, arn.partition(resource.region or "")) then return true end
  return trust.knows(resource, id)
end

-- The grants to named accounts, organizations and units that are not known. An untrusted one that
-- was found counts; only an empty result can depend on unknowns.
function sharing.untrusted(grants, resource)
  local found, undecided = {}, nil
  for _, grant in ipairs(grants) do
    local trusted = grant.kind == "Group" or is_trusted(grant, resource)
    if trusted == false then found[#found + 1] = grant end
    if trusted == nil then undecided = undecided or grant.value end
  end
  if undecided and #found == 0 then
    local text = "it is not known whether %s is trusted: the organization could not be read"
    error(text:format(undecided), 0)
  end
  return found
end

-- Why no fix may remove these, or nil.
function sharing.refusal(untrusted, resource)
  local ids = {}
  for i, grant in ipairs(untrusted) do ids[i] = subject(grant) or grant.value end
  return trust.doubt(resource, ids)
end

local function names(grants)
  local shown = {}
  for i = 1, math.min(#grants, MOST_NAMES) do
    local value = grants[i].value:gsub("%c", " ")
    shown[i] = grants[i].kind == "Group" and "anyone" or value
  end
  local text = table.concat(shown, ", ")
  return #grants > MOST_NAMES and ("%s and %d more"):format(text, #grants - MOST_NAMES) or text
end

-- The result of an audit: it passes if no grant was found. sharing.verdict(found, "may launch it").
function sharing.verdict(found, what)
  if #found == 0 then return true end
  return false, ("%s %s"):format(names(found), what), found
end

-- Audits of a state's grants, for everyone and for untrusted accounts: sharing.audit_public "may
-- launch it".
function sharing.audit_public(what)
  return function(_, state) return sharing.verdict(sharing.public(state.grants), what) end
end

function sharing.audit_untrusted(what)
  return function(resource, state)
    return sharing.verdict(sharing.untrusted(state.grants, resource), what)
  end
end

-- The fix that removes the untrusted grants of the evidence by remove(resource, state, untrusted),
-- unless it is not known whether they are untrusted.
function sharing.fix_untrusted(remove)
  return function(resource, state, untrusted)
    local why = sharing.refusal(untrusted, resource)
    if why then return { held = why } end
    return remove(resource, state, untrusted)
  end
end

local function key_of(grant)
  return table.concat({ grant.kind, grant.value, grant.of }, "\0")
end

-- The grants that are not in `gone`.
function sharing.without(grants, gone)
  local taken, kept = {}, {}
  for _, grant in ipairs(gone) do taken[key_of(grant)] = true end
  for _, grant in ipairs(grants) do
    if not taken[key_of(grant)] then kept[#kept + 1] = grant end
  end
  return kept
end

-- The values of grants, in their order.
function sharing.values(grants)
  local values = {}
  for i, grant in ipairs(grants) do values[i] = grant.value end
  return values
end

-- The steps that remove these grants. change("remove" or "add", grants) makes the call; `never` is
-- the reason why AWS would refuse to share with everyone again, or nil. predict(grants) returns the
-- parts of the state that differ without these grants.
function sharing.removal(gone, never, change, predict)
  local steps, taken = {}, {}
  for i, batch in ipairs(batches.of(gone, MOST_CHANGES)) do
    local step = change("remove", batch)
    table.move(batch, 1, #batch, #taken + 1, taken)
    step.after = predict(taken)
    if never and #sharing.public(batch) > 0 then
      step.irreversible = never
    else
      step.undo = change("add", batch)
    end
    steps[i] = step
  end
  return steps
end

return sharing
