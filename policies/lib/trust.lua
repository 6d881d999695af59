-- Whom the operator trusts, and who may be shut out.
local glob = require "lib.glob"

local trust = {}

-- o-…/r-…/ou-…/ -> its parts, an organization first; those with a wildcard stand for nobody.
local function parts_of(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if not glob.has_wildcard(part) then parts[#parts + 1] = part end
  end
  return parts
end

-- true, false, or nil where nobody can tell. id: an account, an organization, or a path of units
-- below one, which is as good as the best of its parts (IAM user guide, "aws:PrincipalOrgPaths").
function trust.knows(resource, id)
  local answer = false
  if id == resource.account then return true end
  for _, part in ipairs(parts_of(id)) do
    local known = resource:trusted(part)
    if known then return true end
    if known == nil then answer = nil end
  end
  return answer
end

-- Why no fix may remove a named account, or nil: with nobody said to be trusted, everybody would be
-- a stranger.
function trust.refusal(settings)
  local known, organization = settings.known_accounts, settings.organization_account
  if known and #known > 0 or organization and organization ~= "" then return nil end
  return "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT says which accounts are trusted"
end

-- Why no fix may remove one of these named accounts and organizations, or nil: with nobody said to
-- be trusted everybody would be a stranger, and with accounts alone every organization would.
function trust.doubt(resource, ids)
  for _, id in ipairs(ids) do
    local _, doubt = resource:trusted(id)
    if doubt then return ("%s: %s"):format(id, doubt) end
  end
  return nil
end

-- The same of what lib.access found.
function trust.doubt_of(resource, offenders)
  local ids = {}
  for _, offender in ipairs(offenders) do
    table.move(offender.accounts or {}, 1, #(offender.accounts or {}), #ids + 1, ids)
  end
  return trust.doubt(resource, ids)
end

return trust
