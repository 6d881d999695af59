-- The ids that an event rule of a policy finds in an event's detail: "a.b[*].c" is a path; a rule
-- is a path, { id = path or list of paths, delay = seconds }, or a function of the detail.
local events = {}

local function add_at(value, path, list)
  if value == nil then return end
  if path == "" then
    if type(value) ~= "string" or value == "" then error("not text where an id should be", 0) end
    list[#list + 1] = value
    return
  end
  local step, rest = path:match("^([^.]+)%.?(.*)$")
  local name = step:match("^(.*)%[%*%]$")
  if not name then return add_at(type(value) == "table" and value[step] or nil, rest, list) end
  local items = type(value) == "table" and value[name] or {}
  for _, item in ipairs(items) do add_at(item, rest, list) end
end

local function by_function(rule, detail, settings, delay)
  local found, list = rule(detail, settings), {}
  if type(found) ~= "table" or found.id then found = { found } end
  for i, item in ipairs(found) do
    list[i] = type(item) == "table" and item or { id = item }
    list[i].delay = list[i].delay or delay
  end
  return list
end

function events.ids(rule, detail, settings)
  settings = settings or {}
  if type(rule) == "function" then return by_function(rule, detail, settings) end
  if type(rule) == "string" then rule = { id = rule } end
  if type(rule.id) == "function" then return by_function(rule.id, detail, settings, rule.delay) end
  local found, list = {}, {}
  for _, path in ipairs(type(rule.id) == "table" and rule.id or { rule.id }) do
    if #found == 0 then add_at(detail, path, found) end
  end
  for i, id in ipairs(found) do list[i] = { id = id, delay = rule.delay or 0 } end
  if #list == 0 then error("the event has no id where the rule looks", 0) end
  return list
end

return events
