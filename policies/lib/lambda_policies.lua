-- The policies of a function, its versions and its aliases, as a state keeps them: { qualifier =
-- nil for the function itself, policy = text } or { qualifier =, broken = why, unparsed = text }.
-- The text is the same for the same policy, whatever order Lambda tells it in. It is what states
-- are compared by, and many of them in a fix of many steps: a text costs a fraction of a table.
local documents = require "lib.documents"
local statements = require "lib.statements"

local lambda_policies = {}

-- Statements in the order of their Sids, which are unique in a policy: Lambda appends a statement
-- that is put back, and the policy is then the one it was.
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

-- { qualifier =, document = } or { qualifier =, broken =, unparsed = }. Deleted principals stay in
-- it: Lambda is never given a whole policy.
function lambda_policies.read(qualifier, text)
  local kept = documents.keep(text)
  if kept.broken then return { qualifier = qualifier, broken = kept.broken, unparsed = text } end
  local document = documents.of(kept)
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

-- The function's own policy less what stands in those of its versions and aliases: whether Lambda
-- repeats it there is not documented. nil where nothing else was in it.
function lambda_policies.less_repeated(own, others)
  local there, rest = {}, {}
  for _, read in ipairs(others) do
    for _, statement in ipairs(statements_of(read)) do there[json.encode(statement)] = true end
  end
  local list = statements_of(own)
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

-- The value as JSON, members in the order of their names.
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

-- What a state keeps of a policy that was read.
function lambda_policies.kept(read)
  if read.broken then return read end
  return { qualifier = read.qualifier, policy = ordered(read.document) }
end

-- The document of what is kept; raises where it is broken.
function lambda_policies.document(kept)
  if kept.broken then return documents.of(kept) end
  return json.decode(kept.policy)
end

-- A function that takes one statement after the other out of what is kept: without(sid) -> what is
-- kept then, false when no statement is left.
function lambda_policies.shrinking(kept)
  local document, members = lambda_policies.document(kept), {}
  local sids, texts = {}, {}
  for name, value in pairs(document) do
    if name ~= "Statement" then members[name] = ordered(value) end
  end
  for i, statement in ipairs(statements.raw(document)) do
    sids[i], texts[i] = statement.Sid or "", ordered(statement)
  end
  return function(sid)
    for i = #sids, 1, -1 do
      if sids[i] == sid then
        table.remove(sids, i)
        table.remove(texts, i)
      end
    end
    if #texts == 0 then return false end
    members.Statement = "[" .. table.concat(texts, ",") .. "]"
    return { qualifier = kept.qualifier, policy = joined(members) }
  end
end

return lambda_policies
