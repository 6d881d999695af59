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
  for i, part in ipairs { ... } do parts[i + 1] = shown(part) end
  return table.concat(parts, ".")
end

-- A decoded table is an object or a list, whose first element is never nil (json.null). An empty
-- one may be either. (`pairs` reads through read-only views; `next` does not.)
local function is_list(value) return value[1] ~= nil end

local function is_empty(value)
  local step, state, start = pairs(value)
  return step(state, start) == nil
end

local function object_at(value, index, field, operator)
  if type(value) ~= "table" or is_list(value) then
    refuse("%s is not an object", at(index, field, operator))
  end
  return value
end

-- A list, or a single value, which stands for a list of one.
local function list_at(value, index, field, inner, key)
  if type(value) ~= "table" then return { value } end
  if not is_list(value) and not is_empty(value) then
    refuse("%s is neither a string nor a list", at(index, field, inner, key))
  end
  return value
end

local function texts_at(value, index, field, kind)
  if type(value) == "string" then return { value } end
  local list = list_at(value, index, field, kind)
  for i = 1, #list do
    if type(list[i]) ~= "string" then
      refuse("%s contains something other than strings", at(index, field, kind))
    end
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
  local value, other, field = raw[name], raw[opposite], name
  if value == nil then
    if other == nil then return nil end
    value, field = other, opposite
  elseif other ~= nil then
    refuse("%s has both %s and %s", at(index), name, opposite)
  end
  local list = texts_at(value, index, field)
  if #list == 0 then refuse("%s is empty", at(index, field)) end
  return { negated = field == opposite, list = list }
end

local function actions_of(raw, index)
  local actions = either(raw, "Action", "NotAction", index)
  if not actions then refuse("%s has no Action", at(index)) end
  local written, folded = actions.list, {}
  for i = 1, #written do
    local action = written[i]
    folded[i] = action == "*:*" and "*" or action:lower()
  end
  actions.written, actions.list = written, folded
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

local function values_at(value, index, operator, key)
  if type(value) == "string" then return { value } end
  local values, list = {}, list_at(value, index, "Condition", operator, key)
  for i = 1, #list do
    values[i] = statements.plain_text(list[i], index, "Condition", operator, key)
  end
  return values
end

local function condition_order(one, other)
  if one.written ~= other.written then return one.written < other.written end
  return one.key < other.key
end

local function is_presence(condition)
  return condition.operator == "null" and #condition.values == 1
    and condition.values[1]:lower() == "false"
end

-- A key that must be present (`Null: false`) is marked in the other conditions on it.
local function mark_those_there(conditions)
  local there = {}
  for _, condition in ipairs(conditions) do
    there[condition.name] = there[condition.name] or is_presence(condition)
  end
  for _, condition in ipairs(conditions) do condition.there = there[condition.name] end
end

-- The conditions; and whether there is an operator, with or without keys.
local function conditions_of(element, index)
  local conditions, conditional = {}, false
  for written, block in pairs(object_at(element, index, "Condition")) do
    local operator, set, if_exists = operator_parts(written)
    conditional = true
    for key, value in pairs(object_at(block, index, "Condition", written)) do
      conditions[#conditions + 1] = {
        written = written, operator = operator, set = set, if_exists = if_exists,
        key = key, name = key:lower(), values = values_at(value, index, written, key),
        there = false,
      }
    end
  end
  if #conditions > 1 then
    table.sort(conditions, condition_order)
    mark_those_there(conditions)
  elseif #conditions == 1 then
    conditions[1].there = is_presence(conditions[1])
  end
  return conditions, conditional
end

local function named_principals(value, index, field)
  if value == "" then refuse("%s is empty", at(index, field)) end
  if type(value) == "string" then return { principals.plain(value) } end
  local list, types = {}, {}
  for kind in pairs(object_at(value, index, field)) do types[#types + 1] = kind end
  if #types > 1 then table.sort(types) end
  for _, kind in ipairs(types) do
    if not principals.is_type(kind) then refuse("%s names a %s", at(index, field), shown(kind)) end
    local texts = texts_at(value[kind], index, field, kind)
    for i = 1, #texts do
      if texts[i] == "" then refuse("%s is empty", at(index, field, kind)) end
      list[#list + 1] = principals.typed(kind, texts[i])
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

local NO_CONDITIONS = {}

local function parse_one(raw, index)
  object_at(raw, index)
  local effect, sid = raw.Effect, raw.Sid
  if effect ~= "Allow" and effect ~= "Deny" then
    refuse("%s has neither Effect Allow nor Deny", at(index))
  end
  local parsed = {
    index = index,
    sid = type(sid) == "string" and sid ~= "" and sid or nil,
    raw = raw,
    allows = effect == "Allow",
    principals = principals_of(raw, index),
    actions = actions_of(raw, index),
    resources = either(raw, "Resource", "NotResource", index),
    conditions = NO_CONDITIONS, conditional = false,
  }
  if raw.Condition ~= nil then
    parsed.conditions, parsed.conditional = conditions_of(raw.Condition, index)
  end
  return parsed
end

-- The statements of a document as written: a list, even if the document has a single object
-- instead.
function statements.raw(document)
  if type(document) ~= "table" then refuse("it is not an object") end
  local list = document.Statement
  if list == nil then refuse("it has no Statement") end
  if type(list) ~= "table" then refuse("Statement is neither an object nor a list") end
  return (is_list(list) or is_empty(list)) and list or { list }
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
