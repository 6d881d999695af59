-- Whom the operator trusts, and who may be excluded.
local glob = require "lib.glob"
local principals = require "lib.principals"

local trust = {}

-- o-…/r-…/ou-…/ -> its parts, an organization first; parts with a wildcard are ignored.
local function parts_of(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if not glob.has_wildcard(part) then parts[#parts + 1] = part end
  end
  return parts
end

-- true, false, or nil if unknown. id: an account, an organization, or a path of units in one, which
-- is trusted if one of its parts is (IAM user guide, "aws:PrincipalOrgPaths").
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

-- Why no fix may remove one of these named accounts and organizations, or nil: if no trusted
-- accounts are configured, everyone would be untrusted; if only accounts are, every organization
-- would.
function trust.doubt(resource, ids)
  for _, id in ipairs(ids) do
    local _, doubt = resource:trusted(id)
    if doubt then return ("%s: %s"):format(id, doubt) end
  end
  return nil
end

-- The same for a result of lib.access. For deleted principals, trust does not matter.
function trust.doubt_of(resource, offenders)
  local ids = {}
  for _, offender in ipairs(offenders) do
    for _, name in ipairs(offender.accounts or {}) do
      if not principals.is_deleted(name) then ids[#ids + 1] = name end
    end
  end
  return trust.doubt(resource, ids)
end

return trust
