-- Web identity in trust policies: which tokens of a provider a statement takes.
local conditions = require "lib.conditions"
local glob = require "lib.glob"

local web_identity = {}

local MATCHING = { stringequals = true, stringequalsignorecase = true, stringlike = true }

-- Which keys are a provider's audience or subject; the last two call them by names of their own
-- (IAM user guide, "Available keys for AWS web identity federation").
local OWN_NAMES = {
  ["www.amazon.com"] = { app_id = "audience", user_id = "subject" },
  ["graph.facebook.com"] = { app_id = "audience", id = "subject" },
}
local USUAL_NAMES = { aud = "audience", oaud = "audience", sub = "subject" }

local function claim_of(name, provider)
  if name:sub(1, #provider + 1) ~= provider .. ":" then return nil end
  local claim = name:sub(#provider + 2)
  local own = OWN_NAMES[provider]
  return USUAL_NAMES[claim] or own and own[claim]
end

-- A subject is a path from wide to narrow, `repo:owner/name:…` or `system:serviceaccount:space:…`:
-- a wildcard is harmless when at least the first name after the first word stands whole before it.
local function subject_is_narrow(value)
  if not glob.has_wildcard(value) then return true end
  return glob.literal_prefix(value):find("^[^:/]+:[^:/]+[:/]") ~= nil
end

local function is_narrow(value, claim)
  if value == "" or #value > 2048 or value:find("${", 1, true) then return false end
  if claim == "audience" then return not glob.has_wildcard(value) end
  return subject_is_narrow(value)
end

local function all_narrow(values, claim)
  for _, value in ipairs(values) do
    if not is_narrow(value, claim) then return false end
  end
  return true
end

-- Does a condition of the parsed statement admit only certain audiences or subjects of the provider
-- (its host, lower case)?
function web_identity.is_limited(statement, provider)
  for _, condition in ipairs(statement.conditions) do
    local claim = claim_of(condition.name, provider)
    if claim and MATCHING[condition.operator] and conditions.demands(condition)
      and all_narrow(condition.values, claim) then
      return true
    end
  end
  return false
end

local ENTRANCE = "sts:assumerolewithwebidentity"

-- Can a token be traded for a session by this statement's actions?
function web_identity.is_entrance(statement)
  for _, action in ipairs(statement.actions.list) do
    if glob.covers(action, ENTRANCE) then return not statement.actions.negated end
  end
  return statement.actions.negated
end

return web_identity
