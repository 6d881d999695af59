-- The loader's part for events.
local core, schema = ...
local refuse, join = schema.refuse, schema.join
local sorted_keys, check_fields = schema.sorted_keys, schema.check_fields
local optional, text, list = schema.optional, schema.text, schema.list
local attempt = schema.attempt

local function check_paths(paths, where)
  if type(paths) == "string" then paths = { paths } end
  for _, path in ipairs(list(paths, where)) do
    if not schema.collect.parse_path(text(path, where)) then
      refuse(where, '"%s" is not a path: write names joined by dots, and [*] after a list', path)
    end
  end
  if #paths == 0 then refuse(where, "names no path") end
end

-- The delay of a rule.
local function read_event(rule, where)
  local id, delay = schema.collect.parts_of(rule)
  local at = id ~= rule and join(where, "id") or where
  if id ~= rule then
    check_fields(rule, where, { id = true, delay = true })
    if math.type(delay) ~= "integer" or delay < 0 then
      refuse(join(where, "delay"), "must be whole seconds")
    end
  end
  if type(id) ~= "function" and type(id) ~= "string" and type(id) ~= "table" then
    refuse(at, "must be a path, a list of paths, or a function(detail)")
  end
  if type(id) ~= "function" then check_paths(id, at) end
  return delay
end

local function read_named(name, rule)
  local where = join("events", name)
  if type(name) ~= "string" or not name:find("^[%w-]+:%w+$") then
    refuse(where, "must be named source:EventName, such as sqs:CreateQueue")
  end
  return read_event(rule, where)
end

local function read_events(events, meta)
  local shown = {}
  for _, name in ipairs(sorted_keys(optional(events, "table", "events") or {})) do
    local delay = attempt(read_named, name, events[name])
    if delay then
      shown[#shown + 1] = name
      shown[#shown + 1] = core.object("delay", delay)
    end
  end
  meta.events = core.object(table.unpack(shown))
end

schema.read_events = read_events
