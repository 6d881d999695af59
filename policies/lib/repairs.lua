-- Documents without the untrusted principals that they allow. From an offending statement, first
-- the offending values of its conditions are removed, if it still limits then; else the principals;
-- else the whole statement. Everything else is kept. Deleted principals are removed with the
-- others. Pure: arguments are not changed.
local copy_of = require "lib.copy_of"
local deleted_principals = require "lib.deleted_principals"
local statements = require "lib.statements"

local repairs = {}

local MOST_CONDITIONS = 20 -- tried for one statement

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- The list without these texts, or nil if nothing is left. A single remaining text is not in a
-- list, because AWS returns it so (github.com/ansible/ansible issue 42532, S3), and what is read
-- back must equal what was written.
local function less(list, gone)
  if type(list) ~= "table" then return not gone[statements.plain_text(list)] and list or nil end
  local kept = {}
  for _, item in ipairs(list) do
    if not gone[statements.plain_text(item)] then kept[#kept + 1] = item end
  end
  if #kept == #list then return list end
  if #kept <= 1 then return kept[1] end
  return kept
end

-- The statement without these values; nil if a condition would have no value left.
local function without_values(statement, values)
  if #values == 0 then return nil end
  local copy = copy_of(statement)
  copy.Condition = copy_of(statement.Condition)
  for _, of_key in ipairs(values) do
    local block = copy_of(copy.Condition[of_key.operator])
    local left = less(block[of_key.key], set_of(of_key.values))
    if left == nil then return nil end
    block[of_key.key] = left
    copy.Condition[of_key.operator] = block
  end
  return copy
end

-- The statement without the principals that make it offend; nil if nobody is left.
local function without_principals(statement, names)
  if type(statement.Principal) ~= "table" then return nil end
  local gone, principal = set_of(names), {}
  for kind, list in pairs(statement.Principal) do principal[kind] = less(list, gone) end
  if next(principal) == nil then return nil end
  local copy = copy_of(statement)
  copy.Principal = principal
  return copy
end

-- Does the condition keep some value without these?
local function is_mixed(statement, of_key)
  return less(statement.Condition[of_key.operator][of_key.key], set_of(of_key.values)) ~= nil
end

-- The offending values that share a condition with others: those that only allow untrusted
-- principals, by name, or tokens, which nobody else has; and those that allow everyone.
local function mixed_values(offender)
  local untrusted, open = {}, {}
  for _, of_key in ipairs(offender.values or {}) do
    if is_mixed(offender.statement, of_key) then
      local list = (of_key.untrusted or of_key.tokens) and untrusted or open
      if #list < MOST_CONDITIONS then list[#list + 1] = of_key end
    end
  end
  return untrusted, open
end

-- Are all principals of the statement among those that make it offend?
local function offends_whole(offender)
  local principal = offender.statement.Principal
  if type(principal) ~= "table" then return true end
  return without_principals(offender.statement, offender.principals) == nil
end

local function joined(list, item)
  local longer = table.move(list, 1, #list, 1, {})
  longer[#longer + 1] = item
  return longer
end

-- Without the values, and without the principals that offend even then.
local function without_both(offender, left)
  return left and function(still)
    if #still.principals >= #offender.principals then return nil end
    return without_principals(left, still.principals)
  end
end

-- The possible forms of the statement, mildest first: a statement; a function that creates one from
-- how the statement still offends, or nil; finally `false`: it is removed. A value that allows
-- everyone may also be what allows named principals that are trusted: without it they would
-- lose access.
local function forms(offender)
  local list = {}
  local function add(form) list[#list + 1] = form or nil end
  local function add_without(values)
    local left = without_values(offender.statement, values)
    add(left)
    add(without_both(offender, left))
  end
  local untrusted, open = mixed_values(offender)
  add_without(untrusted)
  if offends_whole(offender) then
    for _, of_key in ipairs(open) do add_without(joined(untrusted, of_key)) end
  end
  add(without_principals(offender.statement, offender.principals))
  list[#list + 1] = false
  return list
end

-- Why nothing may be removed from this statement, or nil.
local function refusal(place, offender)
  local where = ("statement %d: "):format(place)
  if offender.held then return where .. offender.held end
  local _, open = mixed_values(offender)
  local ways_in = #open + (offends_whole(offender) and 0 or 1)
  if offender.anyone and #open > 0 and ways_in > 1 then
    return where .. "it grants access to some principals by one condition and to others by "
      .. "another, or by name: write a separate statement for each"
  end
  return nil
end

local function with_statements(document, list)
  local copy = copy_of(document)
  copy.Statement = list
  return copy
end

-- The remaining statements as a document that can be evaluated, and their original positions.
local function assembled(document, list, count)
  local kept, places = {}, {}
  for place = 1, count do
    if list[place] then
      kept[#kept + 1] = list[place]
      places[#kept] = place
    end
  end
  if #kept == 0 then return nil, places end
  return with_statements(document, kept), places
end

-- The offenders in the remaining document by their original positions, and that document; or nil
-- and the reason if it cannot be evaluated.
local function offending_places(document, list, count, judge)
  local left, places = assembled(document, list, count)
  local ok, found = pcall(judge, left)
  if not ok then return nil, found end
  local offending = {}
  for _, offender in ipairs(found) do offending[places[offender.index]] = offender end
  return offending, left
end

local function refused(offending, count)
  for place = 1, count do
    local why = offending[place] and refusal(place, offending[place])
    if why then return why end
  end
  return nil
end

local function next_way(tried, offender)
  local form
  repeat
    tried.next = tried.next + 1
    form = tried.forms[tried.next]
    if type(form) == "function" then form = form(offender) end
  until form ~= nil
  return form
end

-- Moves each offending statement to its next form, until none offends; each round evaluates the
-- whole document once.
local function close(document, list, count, judge)
  local offending, left = offending_places(document, list, count, judge)
  local why = offending and refused(offending, count)
  if why then return { held = why } end
  local tried = {}
  while offending and next(offending) do
    for place, offender in pairs(offending) do
      tried[place] = tried[place] or { next = 0, forms = forms(offender) }
      list[place] = next_way(tried[place], offender)
    end
    offending, left = offending_places(document, list, count, judge)
  end
  return offending and { document = left } or { held = tostring(left) }
end

-- The document without the untrusted principals that it allows: { document = what remains, nil if
-- nothing does } or { held = why it must not be repaired }. judge(document) returns the offenders
-- (of lib.access), as in the audit.
function repairs.closed(document, judge)
  local list, raw = {}, statements.raw(document)
  for place, statement in ipairs(raw) do
    list[place] = deleted_principals.of_statement(statement) or false
  end
  local closed = close(document, list, #raw, judge)
  local why = closed.document and repairs.refusal(closed.document)
  return why and { held = why } or closed
end

-- Why AWS would refuse to store this document, or nil.
function repairs.refusal(document)
  local index, text = deleted_principals.first(document)
  if not index then return nil end
  return ("statement %d excludes only deleted principals (%s): AWS refuses to store that, and "
    .. "without it everyone would be included"):format(index, text)
end

return repairs
