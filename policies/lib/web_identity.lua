-- Web identity in trust policies: which tokens of a provider a statement accepts. A provider is the
-- URL of the tokens' issuer without its scheme, in lower case.
local conditions = require "lib.conditions"
local glob = require "lib.glob"
local issuers = require "lib.issuers"
local statements = require "lib.statements"

local web_identity = {}

local TEXT = { stringequals = true, stringequalsignorecase = true, stringlike = true }

-- The claim of the issuer that the condition is about: `<provider>:sub` -> "sub"; keys of STS are
-- claims under their own name.
local function claim_of(condition, provider, issuer)
  local name = condition.name
  if issuer.claims[name] then return name end
  if name:sub(1, #provider + 1) == provider .. ":" then return name:sub(#provider + 2) end
  local bare = provider:gsub("/$", "")
  return name:sub(1, #bare + 1) == bare .. ":" and name:sub(#bare + 2) or nil
end

-- Every token has a subject and an audience (OpenID Connect Core, "ID Token"), so for these
-- ForAllValues requires the claim.
local function demands(condition, claim)
  if condition.set ~= "all" or claim ~= "sub" and claim ~= "aud" then
    return conditions.demands(condition)
  end
  return conditions.demands {
    operator = condition.operator, if_exists = condition.if_exists, there = condition.there,
    values = condition.values,
  }
end

local function is_narrow(value, names_one)
  if value == "" or #value > 2048 or value:find("${", 1, true) then return false end
  return names_one(value)
end

local function fits(condition)
  if TEXT[condition.operator] then return true end
  return condition.operator == "numericequals" -- Google's organization_number is a number
end

-- The values of the condition that do not identify one tenant; nil if it is not about tenants.
local function wide_values(condition, provider, issuer)
  local claim = claim_of(condition, provider, issuer)
  local names_one = claim and issuer.claims[claim]
  if not names_one or not fits(condition) or not demands(condition, claim) then return nil end
  local wide, any_case = {}, condition.operator == "stringequalsignorecase"
  for _, value in ipairs(condition.values) do
    local seen = any_case and value:lower() or value
    if not is_narrow(seen, names_one) then wide[#wide + 1] = value end
  end
  return wide
end

local function matches(condition, text)
  for _, value in ipairs(condition.values) do
    local like = condition.operator == "stringlike" and glob.covers(value, text)
    if like or value:lower() == text then return true end
  end
  return false
end

-- Does it accept the tokens of guests, who did not sign in? (Cognito developer guide, "Role trust
-- and permissions")
local function takes_guests(statement, provider, issuer)
  for _, condition in ipairs(statement.conditions) do
    local claim = issuer.guests and claim_of(condition, provider, issuer)
    if claim and claim == issuer.guests and TEXT[condition.operator]
      and matches(condition, "unauthenticated") then
      return true
    end
  end
  return false
end

local function names_issuer(statement, issuer)
  for _, principal in ipairs(statement.principals.list) do
    if principal.provider and issuers.find(principal.provider) == issuer then return true end
  end
  return false
end

-- Does it require a claim of another issuer? A token only has the claims of its own issuer
-- ("Available keys for AWS OIDC federation": their names begin with its URL).
local function asks_another(statement, issuer)
  for _, condition in ipairs(statement.conditions) do
    local host = issuers.is_claim(condition.name) and condition.name:match("^[^:]*")
    if host and issuers.find(host) ~= issuer and conditions.demands(condition)
      and names_issuer(statement, issuers.find(host)) then
      return true
    end
  end
  return false
end

-- The condition, of two, that loses fewer values.
local function fewer(one, other)
  return one and #one.values <= #other.values and one or other
end

-- Which tokens of the provider the parsed statement accepts: { limited = only those of certain
-- tenants, guests = true if Cognito's guests are among them, offending = { operator =, key =,
-- values = } as written: without these values of that condition it would be limited; or nil }.
function web_identity.judge(statement, provider)
  local issuer = issuers.find(provider)
  if not issuer or asks_another(statement, issuer) then return { limited = true } end
  if takes_guests(statement, provider, issuer) then return { limited = false, guests = true } end
  local offending
  for _, condition in ipairs(statement.conditions) do
    local wide = wide_values(condition, provider, issuer)
    if wide and #wide == 0 then return { limited = true } end
    if wide and #wide < #condition.values then
      offending = fewer(offending,
        { operator = condition.written, key = condition.key, values = wide })
    end
  end
  return { limited = false, offending = offending }
end

local ENTRANCE = "sts:assumerolewithwebidentity"

-- Can a token be exchanged for a session by the actions of this statement?
function web_identity.accepts_tokens(statement)
  for _, action in ipairs(statement.actions.list) do
    if glob.covers(action, ENTRANCE) then return not statement.actions.negated end
  end
  return statement.actions.negated
end

-- Does IAM accept the value as a limit?
local function is_scoped(value, issuer)
  if value:find("^[*?%s]*$") then return false end
  return not (issuer.strict and value:find("^%*"))
end

local function evaluates(condition, provider, issuer)
  if not TEXT[condition.operator] or condition.if_exists or #condition.values == 0
    or issuer.exact and condition.operator == "stringlike" then
    return false
  end
  local claim, asked = claim_of(condition, provider, issuer), false
  for _, name in ipairs(issuer.required) do asked = asked or claim == name:lower() end
  for _, value in ipairs(condition.values) do asked = asked and is_scoped(value, issuer) end
  return asked
end

local function lacks(statement, provider)
  local issuer = issuers.find(provider)
  if not issuer then return nil end
  for _, condition in ipairs(statement.conditions) do
    if evaluates(condition, provider, issuer) then return nil end
  end
  return issuer.required
end

local function spelled(claims, provider)
  local names = {}
  for i, claim in ipairs(claims) do
    names[i] = claim:find(":", 1, true) and claim or provider .. ":" .. claim
  end
  return table.concat(names, " or ")
end

-- Why IAM would refuse to store the document as a role's trust policy, or nil. (IAM user guide,
-- "Identity-provider controls for shared OIDC providers": checked when a trust policy is written,
-- so there may be older ones that could not be written again.)
function web_identity.refusal(document)
  for _, statement in ipairs(statements.parse(document)) do
    local accepts = statement.allows and not statement.principals.negated
      and web_identity.accepts_tokens(statement)
    for _, principal in ipairs(accepts and statement.principals.list or {}) do
      local claims = principal.provider and lacks(statement, principal.provider)
      if claims then
        local why = "IAM no longer accepts trust in %s without a condition on %s (statement %d)"
        return why:format(principal.provider, spelled(claims, principal.provider), statement.index)
      end
    end
  end
  return nil
end

return web_identity
