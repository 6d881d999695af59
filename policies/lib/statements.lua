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

local function table_at(value, where)
  if type(value) ~= "table" then refuse("%s is not an object", where) end
  return value
end

-- Uses `pairs`, which reads through read-only views; `next` does not.
local function is_empty(value)
  local step, state, start = pairs(value)
  return step(state, start) == nil
end

local function object_at(value, where)
  for key in pairs(table_at(value, where)) do
    if type(key) ~= "string" then refuse("%s is not an object", where) end
  end
  return value
end

-- A list, or a single value, which stands for a list of one.
local function list_at(value, where)
  if type(value) ~= "table" then return { value } end
  local count = 0
  for key in pairs(value) do
    if math.type(key) ~= "integer" then refuse("%s is neither a string nor a list", where) end
    count = count + 1
  end
  if count ~= #value then refuse("%s is neither a string nor a list", where) end
  return value
end

local function texts_at(value, where)
  local list = list_at(value, where)
  for _, item in ipairs(list) do
    if type(item) ~= "string" then refuse("%s contains something other than strings", where) end
  end
  return list
end

-- Values of conditions may be texts, numbers and booleans; AWS compares all as texts.
function statements.plain_text(value, where)
  local kind = math.type(value) or type(value)
  if kind == "string" then return value end
  if kind == "boolean" or kind == "integer" then return tostring(value) end
  if kind == "float" then
    local whole = math.tointeger(value)
    return whole and tostring(whole) or tostring(value)
  end
  return refuse("%s contains something other than strings, numbers and booleans", where or "it")
end

-- `Action` or `NotAction` -> { negated =, list = }; nil if neither is present.
local function either(raw, name, where)
  local plain, negated = raw[name], raw["Not" .. name]
  if plain ~= nil and negated ~= nil then refuse("%s has both %s and Not%s", where, name, name) end
  if plain == nil and negated == nil then return nil end
  local field = where .. "." .. (plain == nil and "Not" or "") .. name
  local list = texts_at(plain == nil and negated or plain, field)
  if #list == 0 then refuse("%s is empty", field) end
  return { negated = plain == nil, list = list }
end

local function actions_of(raw, where)
  local actions = either(raw, "Action", where)
  if not actions then refuse("%s has no Action", where) end
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

local function values_at(value, where)
  local values = {}
  for i, item in ipairs(list_at(value, where)) do values[i] = statements.plain_text(item, where) end
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

local function conditions_of(raw, where)
  local conditions = {}
  if raw.Condition == nil then return conditions end
  for written, block in pairs(object_at(raw.Condition, where .. ".Condition")) do
    local inside = where .. ".Condition." .. shown(written)
    local operator, set, if_exists = operator_parts(written)
    for key, value in pairs(object_at(block, inside)) do
      conditions[#conditions + 1] = {
        written = written, operator = operator, set = set, if_exists = if_exists,
        key = key, name = key:lower(), values = values_at(value, inside .. "." .. shown(key)),
      }
    end
  end
  table.sort(conditions, condition_order)
  mark_those_there(conditions)
  return conditions
end

local function named_principals(value, field)
  if value == "" then refuse("%s is empty", field) end
  if type(value) == "string" then return { principals.plain(value) } end
  local list, types = {}, {}
  for kind in pairs(object_at(value, field)) do types[#types + 1] = kind end
  table.sort(types)
  for _, kind in ipairs(types) do
    if not principals.is_type(kind) then refuse("%s names a %s", field, shown(kind)) end
    for _, text in ipairs(texts_at(value[kind], field .. "." .. kind)) do
      if text == "" then refuse("%s.%s is empty", field, kind) end
      list[#list + 1] = principals.typed(kind, text)
    end
  end
  if #list == 0 then refuse("%s is empty", field) end
  return list
end

local function principals_of(raw, where)
  local plain, negated = raw.Principal, raw.NotPrincipal
  if plain ~= nil and negated ~= nil then
    refuse("%s has both Principal and NotPrincipal", where)
  elseif plain == nil and negated == nil then
    refuse("%s has no Principal", where)
  elseif plain ~= nil then
    return { negated = false, list = named_principals(plain, where .. ".Principal") }
  end
  return { negated = true, list = named_principals(negated, where .. ".NotPrincipal") }
end

local function parse_one(raw, index)
  local where = "statement " .. index
  object_at(raw, where)
  if raw.Effect ~= "Allow" and raw.Effect ~= "Deny" then
    refuse("%s has neither Effect Allow nor Deny", where)
  end
  return {
    index = index,
    sid = type(raw.Sid) == "string" and raw.Sid ~= "" and raw.Sid or nil,
    raw = raw,
    allows = raw.Effect == "Allow",
    principals = principals_of(raw, where),
    actions = actions_of(raw, where),
    resources = either(raw, "Resource", where),
    conditions = conditions_of(raw, where),
    conditional = raw.Condition ~= nil and not is_empty(raw.Condition),
  }
end

-- The statements of a document as written: a list, even if the document has a single object
-- instead.
function statements.raw(document)
  local list = table_at(document, "it").Statement
  if list == nil then refuse("it has no Statement") end
  if type(list) ~= "table" then refuse("Statement is neither an object nor a list") end
  if list[1] == nil and not is_empty(list) then return { list } end
  return list_at(list, "Statement")
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

return statements
