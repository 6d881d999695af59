-- What a key policy must keep when statements are removed: the account's own access, and the
-- caller's permission to change the policy. Without them only AWS support can recover the key (KMS
-- developer guide, "Default key policy").
local caller = require "lib.caller"
local copy_of = require "lib.copy_of"
local denials = require "lib.denials"
local glob = require "lib.glob"
local repairs = require "lib.repairs"
local statements = require "lib.statements"

local key_policy = {}

local CHANGE = "kms:putkeypolicy"
local STEPS = 1000000 -- of comparing; with more, the account's root is named again

local function is_root(principal, account)
  return principal.whole and principal.account == account
end

local function names_root(statement, account)
  for _, principal in ipairs(statement.principals.list) do
    if is_root(principal, account) then return true end
  end
  return false
end

-- The parsed statements that grant something to the whole account, without conditions on the
-- request.
local function of_root(parsed, account)
  local list = {}
  for _, statement in ipairs(parsed) do
    if statement.allows and not statement.conditional and not statement.principals.negated
      and names_root(statement, account) then
      list[#list + 1] = statement
    end
  end
  return list
end

-- Does one of these grant the account all that the other one grants?
local function keeps_root(left, statement, budget)
  for _, other in ipairs(left) do
    if denials.covers(other.actions, statement.actions, budget)
      and denials.covers(other.resources, statement.resources, budget) then
      return true
    end
    if budget.left < 0 then return false end
  end
  return false
end

-- Did the parsed statement give the account access as part of everyone, and not also by its name?
local function let_root_in(statement, account)
  if names_root(statement, account) then return false end
  if statement.principals.negated then return true end
  for _, principal in ipairs(statement.principals.list) do
    if principal.kind == "anyone" then return true end
  end
  return false
end

-- The statement as written, with the account's root added to its principals.
local function with_root(statement, root)
  local copy, principal, names = copy_of(statement), {}, { root }
  local written = statement.Principal
  if type(written) == "table" then
    principal = copy_of(written)
    local listed = written.AWS
    if type(listed) ~= "table" then listed = { listed } end
    for _, name in ipairs(listed) do names[#names + 1] = name end
  end
  principal.AWS = #names == 1 and root or names
  copy.Principal, copy.NotPrincipal = principal, nil
  return copy
end

-- The document with the account's root named in open statements that alone give the account access.
local function with_roots(document, open, left, account, root)
  local parsed, list, budget = statements.parse(document), {}, glob.budget(STEPS)
  for place, raw in ipairs(statements.raw(document)) do list[place] = raw end
  for _, offender in ipairs(open) do
    local statement = parsed[offender.index]
    if let_root_in(statement, account) and not keeps_root(left, statement, budget) then
      list[offender.index] = with_root(statement.raw, root)
    end
  end
  local changed = copy_of(document)
  changed.Statement = list
  return changed
end

-- The document without the principals that judge(document) finds (lib.repairs). If only an open
-- statement gave the account access, that statement is kept for the account's root.
function key_policy.closed(document, judge, account, partition)
  local repaired = repairs.closed(document, judge)
  if repaired.held then return repaired end
  local left = of_root(statements.parse(repaired.document), account)
  local root = ("arn:%s:iam::%s:root"):format(partition, account)
  return repairs.closed(with_roots(document, judge(document), left, account, root), judge)
end

local EQUAL = {
  stringequals = true, stringequalsignorecase = true, stringlike = true, arnequals = true,
  arnlike = true,
}
local DIFFERENT = {
  stringnotequals = true, stringnotequalsignorecase = true, stringnotlike = true,
  arnnotequals = true, arnnotlike = true,
}
local OF_ACCOUNT = { ["kms:calleraccount"] = true, ["aws:principalaccount"] = true }

-- Does one of the condition's values mean the caller? nil if it has another key.
local function names_caller(condition, me)
  local of_account = OF_ACCOUNT[condition.name]
  if not of_account and condition.name ~= "aws:principalarn" then return nil end
  for _, value in ipairs(condition.values) do
    if of_account and glob.covers(value, me.account) then return true end
    if not of_account and caller.matches(me, value) then return true end
  end
  return false
end

-- Is the condition certainly true for requests of the caller?
local function holds(condition, me)
  local named = names_caller(condition, me)
  if named == nil then return false end
  return EQUAL[condition.operator] and named or DIFFERENT[condition.operator] and not named
end

local function all_hold(statement, me)
  for _, condition in ipairs(statement.conditions) do
    if not holds(condition, me) then return false end
  end
  return true
end

local function applies_to(statement, me)
  local named = false
  for _, principal in ipairs(statement.principals.list) do
    named = named or caller.is_named(me, principal.text)
  end
  return named ~= statement.principals.negated
end

local function any_matches(set, text)
  for _, pattern in ipairs(set.list) do
    if glob.covers(pattern, text) then return not set.negated end
  end
  return set.negated
end

-- Does the parsed statement certainly apply to the caller's changes of this key's policy?
local function decides(statement, me, key_arn)
  return any_matches(statement.actions, CHANGE) and statement.resources ~= nil
    and any_matches(statement.resources, key_arn) and applies_to(statement, me)
    and all_hold(statement, me)
end

-- Why KMS would refuse to store the document, or nil: the caller that stores a policy must be
-- allowed to change it afterwards (KMS API reference, PutKeyPolicy). If the effect of a Deny is
-- unknown, the decision is left to KMS, which checks it too.
function key_policy.lockout(document, me, key_arn)
  local may = false
  for _, statement in ipairs(statements.parse(document)) do
    if decides(statement, me, key_arn) then
      if not statement.allows then
        return ("statement %d denies %s to change the policy"):format(statement.index, me.arn)
      end
      may = true
    end
  end
  if may then return nil end
  return ("no remaining statement lets %s change the policy"):format(me.arn)
end

return key_policy
