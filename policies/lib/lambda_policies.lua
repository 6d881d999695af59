-- The policies of a function, its versions and its aliases, as a state keeps them: { qualifier =
-- nil for the function itself, head = text, statements = texts } or { qualifier =, broken = why,
-- unparsed = text }. A fix of many steps has a state after each step: texts cost a fraction of what
-- tables cost, and states share the texts that did not change. The same policy gives the same
-- texts, whatever order Lambda returns it in.
local documents = require "lib.documents"
local principal_order = require "lib.principal_order"

local lambda_policies = {}

-- Statements in the order of their Sids, which are unique in a policy: Lambda appends a restored
-- statement, and the policy must then equal the former one.
local function by_sid(one, other)
  if one.statement.Sid ~= other.statement.Sid then
    return tostring(one.statement.Sid or "") < tostring(other.statement.Sid or "")
  end
  return one.place < other.place
end

local function in_order(list)
  if #list == 0 then return list end
  local placed, sorted = {}, {}
  for place, statement in ipairs(list) do
    if type(statement) ~= "table" then return list end
    placed[place] = { place = place, statement = statement }
  end
  table.sort(placed, by_sid)
  for place, one in ipairs(placed) do sorted[place] = one.statement end
  return sorted
end

-- { qualifier =, document = } or { qualifier =, broken =, unparsed = }. Deleted principals are
-- kept: the engine never writes a whole policy of Lambda.
function lambda_policies.read(qualifier, text)
  local document, why = json.decode(text)
  if document == nil then return { qualifier = qualifier, broken = why, unparsed = text } end
  local sorted = principal_order.sorted(text, document)
  if sorted ~= text then document = json.decode(sorted) end
  if type(document) == "table" and type(document.Statement) == "table" then
    document.Statement = in_order(document.Statement)
  end
  return { qualifier = qualifier, document = document }
end

local function statements_of(read)
  local document = read and read.document
  local list = type(document) == "table" and document.Statement
  return type(list) == "table" and list or {}
end

-- The function's own policy without statements that are also in those of its versions and aliases:
-- whether Lambda repeats them there is not documented. nil if it has no others.
function lambda_policies.less_repeated(own, others)
  local there, rest = {}, {}
  local list = statements_of(own)
  if #list == 0 then return own end
  for _, read in ipairs(others) do
    for _, statement in ipairs(statements_of(read)) do there[json.encode(statement)] = true end
  end
  for _, statement in ipairs(list) do
    if not there[json.encode(statement)] then rest[#rest + 1] = statement end
  end
  if #rest == #list then return own end
  own.document.Statement = rest
  return #rest > 0 and own or nil
end

local function joined(members)
  local names, parts = {}, {}
  for name in pairs(members) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = json.encode(name) .. ":" .. members[name] end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The value as JSON, with members in the order of their names.
local function ordered(value)
  if type(value) ~= "table" then return json.encode(value) end
  local parts = {}
  if #value > 0 then
    for i, item in ipairs(value) do parts[i] = ordered(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local empty = true
  for name, item in pairs(value) do parts[name], empty = ordered(item), false end
  return empty and json.encode(value) or joined(parts)
end

local GROUPS = 64

-- The group of a statement in the state: it depends only on its Sid.
local function group_of(statement)
  local sum = 0
  for _, byte in ipairs { tostring(statement.Sid or ""):byte(1, 100) } do
    sum = (sum * 31 + byte) % 65521
  end
  return sum % GROUPS + 1
end

-- The texts of the groups, in the order of their numbers.
local function texts_of(groups)
  local numbers, texts = {}, {}
  for number in pairs(groups) do numbers[#numbers + 1] = number end
  table.sort(numbers)
  for i, number in ipairs(numbers) do texts[i] = "[" .. table.concat(groups[number], ",") .. "]" end
  return texts
end

-- Can each of these statements be kept separately?
local function are_plain(document)
  if type(document) ~= "table" or type(document.Statement) ~= "table" then return false end
  for _, statement in ipairs(document.Statement) do
    if type(statement) ~= "table" then return false end
  end
  return #document.Statement > 0
end

local function head_of(document)
  local members = {}
  for name, value in pairs(document) do
    if name ~= "Statement" then members[name] = ordered(value) end
  end
  return joined(members)
end

-- The form in which a state keeps a policy that was read. A broken one is kept as a whole.
function lambda_policies.kept(read)
  if read.broken then return read end
  local document, groups = read.document, {}
  if not are_plain(document) then
    return { qualifier = read.qualifier, head = ordered(document), statements = {} }
  end
  for _, statement in ipairs(document.Statement) do
    local group = group_of(statement)
    groups[group] = groups[group] or {}
    table.insert(groups[group], ordered(statement))
  end
  return { qualifier = read.qualifier, head = head_of(document), statements = texts_of(groups) }
end

local function each_statement(kept)
  local list = {}
  for _, text in ipairs(kept.statements) do
    for _, statement in ipairs(json.decode(text)) do list[#list + 1] = statement end
  end
  return list
end

-- The document of a kept policy; raises if it is broken.
function lambda_policies.document(kept)
  if kept.broken then return documents.of(kept) end
  local document = json.decode(kept.head)
  if #kept.statements > 0 then document.Statement = in_order(each_statement(kept)) end
  return document
end

-- kept.ask, by which all checks together read a kept policy once; see lambda_policies.ask.
function lambda_policies.asking(kept)
  local reading
  return function(question, ...)
    reading = reading or { document = lambda_policies.document(kept) }
    return question(reading, ...)
  end
end

-- question(reading, ...) -> its results, as in documents.ask; raises if the policy is broken.
function lambda_policies.ask(kept, question, ...)
  if kept.ask then return kept.ask(question, ...) end
  return question({ document = lambda_policies.document(kept) }, ...)
end

-- The group without the statement of this Sid, as a text, or nil if nothing is left.
local function less(group, sid)
  for i = #group.sids, 1, -1 do
    if group.sids[i] == sid then
      table.remove(group.sids, i)
      table.remove(group.texts, i)
    end
  end
  return #group.texts > 0 and "[" .. table.concat(group.texts, ",") .. "]" or nil
end

-- Returns a function that removes one statement after the other from a kept policy: without(sid) ->
-- the kept policy then, or false if no statement is left.
function lambda_policies.shrinking(kept)
  local groups, now = {}, {}
  for place, text in ipairs(kept.statements) do
    local group = { place = place, sids = {}, texts = {} }
    for i, statement in ipairs(json.decode(text)) do
      group.sids[i], group.texts[i] = statement.Sid or "", ordered(statement)
      groups[group.sids[i]] = group
    end
    now[place] = text
  end
  return function(sid)
    now[groups[sid].place] = less(groups[sid], sid)
    local left = {}
    for place = 1, #kept.statements do left[#left + 1] = now[place] end
    if #left == 0 then return false end
    return { qualifier = kept.qualifier, head = kept.head, statements = left }
  end
end

return lambda_policies
