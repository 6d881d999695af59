-- Statements of key policies that allow everyone through an AWS service (kms:ViaService) and name
-- no account: meant for the account's own users, they allow all users of that service. AWS managed
-- keys use kms:CallerAccount for this (KMS developer guide, "AWS managed keys" and
-- "kms:CallerAccount"); a repair adds it. Pure.
local conditions = require "lib.conditions"
local copy_of = require "lib.copy_of"
local statements = require "lib.statements"

local via_service = {}

local CALLER = "kms:CallerAccount"

-- Does the parsed statement require a service, and no account by a condition that equals it?
local function is_meant(statement)
  local demanded = false
  for _, condition in ipairs(statement.conditions) do
    if condition.name == "kms:viaservice" then
      demanded = demanded or conditions.demands(condition) == true
    elseif condition.name == CALLER:lower() and condition.operator == "stringequals" then
      return false
    end
  end
  return demanded and not statement.principals.negated
end

-- The accounts whose users the statement is meant for: the key's own, and those named in addition
-- to everyone. nil if it names untrusted accounts, or principals that are not accounts: they keep
-- their access.
local function accounts_of(statement, key)
  local list, seen = { key.account }, { [key.account] = true }
  for _, principal in ipairs(statement.principals.list) do
    local account = principal.account
    if principal.kind ~= "anyone" and principal.kind ~= "account" then return nil end
    if account and not seen[account] then
      if not key:trusted(account) then return nil end
      seen[account] = true
      list[#list + 1] = account
    end
  end
  return list
end

-- The statement as written, with one more condition.
local function with_callers(statement, accounts)
  local copy = copy_of(statement)
  copy.Condition = copy_of(statement.Condition)
  local operator = "StringEquals"
  for written in pairs(statement.Condition) do
    if written:lower() == "stringequals" then operator = written end
  end
  local block = copy_of(copy.Condition[operator] or {})
  block[CALLER] = #accounts > 1 and accounts or accounts[1]
  copy.Condition[operator] = block
  return copy
end

local function with_statement(document, index, statement)
  local copy, list = copy_of(document), {}
  for i, raw in ipairs(statements.raw(document)) do list[i] = i == index and statement or raw end
  copy.Statement = list
  return copy
end

local function is_open(index, open)
  for _, offender in ipairs(open) do
    if offender.index == index then return true end
  end
  return false
end

-- The key's document in which the open statements that allow access through a service are limited
-- to callers from the account, if judge(document) (offenders of lib.access) then finds them closed.
-- Everything else is kept; the arguments are not changed.
function via_service.limited(document, key, judge)
  local parsed = statements.parse(document)
  for _, offender in ipairs(judge(document)) do
    local statement = parsed[offender.index]
    local accounts = is_meant(statement) and accounts_of(statement, key)
    if accounts then
      local raw = with_callers(statement.raw, accounts)
      local limited = with_statement(document, offender.index, raw)
      if not is_open(offender.index, judge(limited)) then document = limited end
    end
  end
  return document
end

return via_service
