-- The grammar of access policies: converts a decoded document to statements of a uniform form. A
-- violation of the grammar raises an error of one clear sentence, so that a document that cannot be
-- read is never evaluated.
local principals = require "lib.principals"

local statements = {}

local MOST_TEXT = 80

local function refuse(...)
  error("policy document: " .. string.format(...), 0)
end

local function shown(text)
  text = text:gsub("%c", " ")
  return #text > MOST_TEXT and text:sub(1, MOST_TEXT) .. "..." or text
end

-- The position of a value, for errors: at(2, "Condition", "Bool", "aws:SecureTransport") ->
-- "statement 2.Condition.Bool.aws:SecureTransport". The functions below take these parts, and only
-- an error joins them.
local function at(index, ...)
  local parts = { "statement " .. index }
  for i = 1, select("#", ...) do parts[i + 1] = shown((select(i, ...))) end
  return table.concat(parts, ".")
end

-- The first key; nil if the table is empty. A decoded table is an object or a list, so one key
-- tells which. (Uses `pairs`, which reads through read-only views; `next` does not.)
local function first_key(value)
  local step, state, start = pairs(value)
  return (step(state, start))
end

local function object_at(value, ...)
  local key = type(value) == "table" and first_key(value)
  if key ~= nil and type(key) ~= "string" then refuse("%s is not an object", at(...)) end
  return value
end

-- A list, or a single value, which stands for a list of one.
local function list_at(value, ...)
  if type(value) ~= "table" then return { value } end
  if type(first_key(value)) == "string" then
    refuse("%s is neither a string nor a list", at(...))
  end
  return value
end

local function texts_at(value, ...)
  local list = list_at(value, ...)
  for _, item in ipairs(list) do
    if type(item) ~= "string" then refuse("%s contains something other than strings", at(...)) end
  end
  return list
end

-- Values of conditions may be texts, numbers and booleans; AWS compares all as texts.
function statements.plain_text(value, ...)
  if type(value) == "string" then return value end
  local kind = math.type(value) or type(value)
  if kind == "boolean" or kind == "integer" then return tostring(value) end
  if kind == "float" then
    local whole = math.tointeger(value)
    return whole and tostring(whole) or tostring(value)
  end
  return refuse("%s contains something other than strings, numbers and booleans",
    ... and at(...) or "it")
end

-- `Action` or `NotAction` -> { negated =, list = }; nil if neither is present.
local function either(raw, name, opposite, index)
  local plain, negated = raw[name], raw[opposite]
  if plain ~= nil and negated ~= nil then
    refuse("%s has both %s and %s", at(index), name, opposite)
  end
  if plain == nil and negated == nil then return nil end
  local field = plain == nil and opposite or name
  local list = texts_at(plain == nil and negated or plain, index, field)
  if #list == 0 then refuse("%s is empty", at(index, field)) end
  return { negated = plain == nil, list = list }
end

local function actions_of(raw, index)
  local actions = either(raw, "Action", "NotAction", index)
  if not actions then refuse("%s has no Action", at(index)) end
  local folded = {}
  for i, action in ipairs(actions.list) do
    folded[i] = action == "*:*" and "*" or action:lower()
  end
  actions.written, actions.list = actions.list, folded
  return actions
end

local SETS = { ["foranyvalue:"] = "any", ["forallvalues:"] = "all" }

-- "ForAnyValue:StringLikeIfExists" -> "stringlike", "any", true
local function operator_parts(text)
  local name, set = text:lower(), nil
  local colon = name:find(":", 1, true)
  if colon and SETS[name:sub(1, colon)] then
    set, name = SETS[name:sub(1, colon)], name:sub(colon + 1)
  end
  local if_exists = #name > 8 and name:sub(-8) == "ifexists"
  return if_exists and name:sub(1, -9) or name, set, if_exists
end

local function values_at(value, ...)
  local values = {}
  for i, item in ipairs(list_at(value, ...)) do values[i] = statements.plain_text(item, ...) end
  return values
end

local function condition_order(one, other)
  if one.written ~= other.written then return one.written < other.written end
  return one.key < other.key
end

-- A key that must be present (`Null: false`) is marked in the other conditions on it.
local function mark_those_there(conditions)
  local there = {}
  for _, condition in ipairs(conditions) do
    if condition.operator == "null" and #condition.values == 1
      and condition.values[1]:lower() == "false" then
      there[condition.name] = true
    end
  end
  for _, condition in ipairs(conditions) do condition.there = there[condition.name] or false end
end

local function conditions_of(raw, index)
  local conditions = {}
  if raw.Condition == nil then return conditions end
  for written, block in pairs(object_at(raw.Condition, index, "Condition")) do
    local operator, set, if_exists = operator_parts(written)
    for key, value in pairs(object_at(block, index, "Condition", written)) do
      conditions[#conditions + 1] = {
        written = written, operator = operator, set = set, if_exists = if_exists,
        key = key, name = key:lower(), values = values_at(value, index, "Condition", written, key),
      }
    end
  end
  table.sort(conditions, condition_order)
  mark_those_there(conditions)
  return conditions
end

local function named_principals(value, index, field)
  if value == "" then refuse("%s is empty", at(index, field)) end
  if type(value) == "string" then return { principals.plain(value) } end
  local list, types = {}, {}
  for kind in pairs(object_at(value, index, field)) do types[#types + 1] = kind end
  if #types > 1 then table.sort(types) end
  for _, kind in ipairs(types) do
    if not principals.is_type(kind) then refuse("%s names a %s", at(index, field), shown(kind)) end
    for _, text in ipairs(texts_at(value[kind], index, field, kind)) do
      if text == "" then refuse("%s is empty", at(index, field, kind)) end
      list[#list + 1] = principals.typed(kind, text)
    end
  end
  if #list == 0 then refuse("%s is empty", at(index, field)) end
  return list
end

local function principals_of(raw, index)
  local plain, negated = raw.Principal, raw.NotPrincipal
  if plain ~= nil and negated ~= nil then
    refuse("%s has both Principal and NotPrincipal", at(index))
  elseif plain == nil and negated == nil then
    refuse("%s has no Principal", at(index))
  elseif plain ~= nil then
    return { negated = false, list = named_principals(plain, index, "Principal") }
  end
  return { negated = true, list = named_principals(negated, index, "NotPrincipal") }
end

local function parse_one(raw, index)
  object_at(raw, index)
  if raw.Effect ~= "Allow" and raw.Effect ~= "Deny" then
    refuse("%s has neither Effect Allow nor Deny", at(index))
  end
  return {
    index = index,
    sid = type(raw.Sid) == "string" and raw.Sid ~= "" and raw.Sid or nil,
    raw = raw,
    allows = raw.Effect == "Allow",
    principals = principals_of(raw, index),
    actions = actions_of(raw, index),
    resources = either(raw, "Resource", "NotResource", index),
    conditions = conditions_of(raw, index),
    conditional = raw.Condition ~= nil and first_key(raw.Condition) ~= nil,
  }
end

-- The statements of a document as written: a list, even if the document has a single object
-- instead.
function statements.raw(document)
  if type(document) ~= "table" then refuse("it is not an object") end
  local list = document.Statement
  if list == nil then refuse("it has no Statement") end
  if type(list) ~= "table" then refuse("Statement is neither an object nor a list") end
  return type(first_key(list)) == "string" and { list } or list
end

-- Each statement as { index =, sid =, raw =, allows = boolean, principals = { negated =, list = of
-- lib.principals }, actions = { negated =, list = lower case, written = }, resources = the same or
-- nil, conditional = boolean, conditions = { { written =, operator = "stringlike", set = nil |
-- "any" | "all", if_exists =, there = must the key be present?, key =, name = lower case, values =
-- { texts } } … } in a fixed order }. Raises if the grammar is violated. nil is a document without
-- statements.
function statements.parse(document)
  if document == nil then return {} end
  local parsed = {}
  for index, raw in ipairs(statements.raw(document)) do parsed[index] = parse_one(raw, index) end
  return parsed
end

-- The same for the document of a reading (lib.documents), which is parsed once.
function statements.of(reading)
  reading.parsed = reading.parsed or statements.parse(reading.document)
  return reading.parsed
end

return statements
