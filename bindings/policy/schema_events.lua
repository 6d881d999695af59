-- The loader's part for events: each rule becomes a function that finds ids.
local core, schema = ...
local refuse, join, quote = schema.refuse, schema.join, schema.quote
local sorted_keys, check_fields = schema.sorted_keys, schema.check_fields
local optional, text, list = schema.optional, schema.text, schema.list
local attempt = schema.attempt

-- "responseElements.tasks[*].taskArn" to { { name =, each = }, … }.
local function parse_path(path, where)
  local steps = {}
  for part in (text(path, where) .. "."):gmatch("([^.]*)%.") do
    local name, each = part:match("^([%w_-]+)(%[?%*?%]?)$")
    if not name or (each ~= "" and each ~= "[*]") then
      refuse(where, '"%s" is not a path: write names joined by dots, and [*] after a list', path)
    end
    steps[#steps + 1] = { name = name, each = each == "[*]" }
  end
  return steps
end

local function walk(value, steps, at, out)
  local step = steps[at]
  if not step then
    out[#out + 1] = value
    return
  end
  local inner = type(value) == "table" and value[step.name]
  if inner == nil or inner == false then return end
  if not step.each then return walk(inner, steps, at + 1, out) end
  for _, item in ipairs(type(inner) == "table" and inner or {}) do
    walk(item, steps, at + 1, out)
  end
end

local function ids_at(detail, steps, path)
  local found, ids, seen = {}, {}, {}
  walk(detail, steps, 1, found)
  for _, id in ipairs(found) do
    if type(id) ~= "string" or id == "" then
      error(("detail.%s contains %s where an id should be"):format(path, quote(id)), 0)
    end
    if not seen[id] then ids[#ids + 1] = id end
    seen[id] = true
  end
  return ids
end

-- The first path that leads to an id is used.
local function path_rule(paths, where)
  if type(paths) == "string" then paths = { paths } end
  local parsed = {}
  for i, path in ipairs(list(paths, where)) do parsed[i] = parse_path(path, where) end
  if #parsed == 0 then refuse(where, "names no path") end
  return function(detail)
    for i, steps in ipairs(parsed) do
      local ids = ids_at(detail, steps, paths[i])
      if #ids > 0 then return ids end
    end
    local message = "the event has no id at detail." .. table.concat(paths, " or detail.")
    error({ code = "MissingId", message = message }, 0)
  end
end

local function read_event(rule, where)
  local delay = 0
  local id, at = rule, where
  if type(rule) == "table" and (rule.id ~= nil or rule.delay ~= nil) then
    check_fields(rule, where, { id = true, delay = true })
    delay, id, at = rule.delay or 0, rule.id, join(where, "id")
    if math.type(delay) ~= "integer" or delay < 0 then
      refuse(join(where, "delay"), "must be whole seconds")
    end
  end
  if type(id) ~= "function" and type(id) ~= "string" and type(id) ~= "table" then
    refuse(at, "must be a path, a list of paths, or a function(detail)")
  end
  return type(id) == "function" and id or path_rule(id, at), delay
end

local function read_named(name, rule)
  local where = join("events", name)
  if type(name) ~= "string" or not name:find("^[%w-]+:%w+$") then
    refuse(where, "must be named source:EventName, such as sqs:CreateQueue")
  end
  return read_event(rule, where)
end

local function read_events(events, meta)
  local rules, shown = {}, {}
  for _, name in ipairs(sorted_keys(optional(events, "table", "events") or {})) do
    local rule, delay = attempt(read_named, name, events[name])
    if rule then
      rules[name] = { ids = rule, delay = delay }
      shown[#shown + 1] = name
      shown[#shown + 1] = core.object("delay", delay)
    end
  end
  meta.events = core.object(table.unpack(shown))
  return rules
end

schema.read_events = read_events
