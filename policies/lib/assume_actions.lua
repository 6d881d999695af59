-- The actions in a role's trust policy that give access. The other actions of STS in a trust policy
-- are only evaluated together with one of these, and give no session themselves (STS API reference,
-- AssumeRole; IAM user guide, "Passing session tags in STS" and "Monitor and control actions taken
-- with assumed roles").
local glob = require "lib.glob"

local assume_actions = {}

local ASSUME = {
  "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
}
local ADDITIONAL = {
  ["sts:tagsession"] = true, ["sts:setsourceidentity"] = true, ["sts:setcontext"] = true,
}

local function gives_access(action)
  if not glob.has_wildcard(action) then return not ADDITIONAL[action] end
  for _, assume in ipairs(ASSUME) do
    if not glob.disjoint(action, assume) then return true end
  end
  return false
end

local function excepts_all(list)
  for _, assume in ipairs(ASSUME) do
    local excepted = false
    for _, action in ipairs(list) do excepted = excepted or glob.covers(action, assume) end
    if not excepted then return false end
  end
  return true
end

-- The parsed actions of a statement (lib.statements) without those that give no access; nil if none
-- gives access.
function assume_actions.of(actions)
  if actions.negated then return not excepts_all(actions.list) and actions or nil end
  local list = {}
  for _, action in ipairs(actions.list) do
    if gives_access(action) then list[#list + 1] = action end
  end
  return #list > 0 and { negated = false, list = list, written = actions.written } or nil
end

return assume_actions
