-- What lib.access finds out about a statement that offends, as plain data (described there): who
-- has access by what, and why a fix must not remove it. Pure.
local conditions = require "lib.conditions"
local describe = require "lib.describe"

local function asks_external_id(statement)
  for _, condition in ipairs(statement.conditions) do
    if condition.name == "sts:externalid" and conditions.demands(condition) then return true end
  end
  return false
end

local function add_each(list, seen, items)
  for _, item in ipairs(items) do
    if not seen[item] then
      seen[item] = true
      list[#list + 1] = item
    end
  end
end

-- Only the owner of an identity pool knows whether guests should have access.
local GUESTS = "it grants access to guests of a Cognito identity pool (anyone, without "
  .. "signing in), which may be intended: turn off guest access of the pool, or exempt the "
  .. "resource"

-- Why access of these principals must not be removed, or nil.
local function refusal(run, statement, counted, limit)
  if limit.strange then return limit.strange end
  for _, verdict in ipairs(counted) do
    if verdict.web and verdict.web.guests then return GUESTS end
    if verdict.principal.kind == "anyone" then
      local place = run.denied.sparing(statement)
      if place == 0 then return "it has too many Deny statements to compare" end
      if place then
        return ("statement %d denies it to all but some, who would lose access"):format(place)
      end
    end
  end
  return nil
end

-- The values that make the statement offend. If only access by anyone counts, values that name a
-- principal are left out.
local function offending_values(limit, counted, only_open)
  local list = {}
  for _, of_key in ipairs(limit.values or {}) do
    if not only_open or not of_key.untrusted then list[#list + 1] = of_key end
  end
  for _, verdict in ipairs(counted) do
    local values = verdict.open and verdict.web and verdict.web.offending
    if values then
      list[#list + 1] = {
        operator = values.operator, key = values.key, values = values.values, tokens = true,
      }
    end
  end
  return #list > 0 and list or nil
end

-- run: the evaluation of the document; counted: the principals that offend, each with its result;
-- limit: of the statement's conditions; only_open: only access by anyone counts.
return function(run, statement, counted, limit, only_open)
  local texts, accounts, open = {}, {}, false
  local seen_texts, seen_accounts = {}, {}
  for _, verdict in ipairs(counted) do
    add_each(texts, seen_texts, { verdict.principal.text })
    add_each(accounts, seen_accounts, verdict.named or {})
    open = open or verdict.open or false
  end
  local offender = {
    index = statement.index,
    sid = statement.sid,
    statement = statement.raw,
    principals = texts,
    values = offending_values(limit, counted, only_open),
    anyone = open,
    accounts = #accounts > 0 and accounts or nil,
    actions = statement.actions.written,
    unlimited_by = limit.notes,
    unknown = limit.strange,
    held = refusal(run, statement, counted, limit),
    why = describe.why(statement, open, texts, accounts, limit),
  }
  if run.trust_policy then offender.external_id = asks_external_id(statement) end
  return offender
end
