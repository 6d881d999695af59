-- Loads a policy file: runs it, refuses what is wrong with its table (file, line, field), and
-- settles what the drivers work with. Runs outside of the policies' environment, like prelude.lua.
local core = ...

local severities = { critical = true, high = true, medium = true, low = true }
local file -- name of the file being loaded

local function refuse(path, format, ...)
  local field = path ~= "" and path .. ": " or ""
  error(("%s:%d: %s%s"):format(file, core.line(path), field, format:format(...)), 0)
end

local function join(parent, key) return parent == "" and tostring(key) or parent .. "." .. key end

-- Positions first, in their order; then names.
local function precedes(a, b)
  local one, two = math.type(a) == "integer", math.type(b) == "integer"
  if one ~= two then return one end
  if one then return a < b end
  return tostring(a) < tostring(b)
end

local function sorted_keys(map)
  local keys = {}
  for key in next, map do keys[#keys + 1] = key end
  table.sort(keys, precedes)
  return keys
end

local function quote(value)
  if type(value) == "table" then return "a list or an object" end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
end

----------------------------------------------------------------------------------------------------
-- fields

local function check_fields(value, path, fields)
  local names = sorted_keys(fields)
  for _, key in ipairs(sorted_keys(value)) do
    if not fields[key] then
      local near = type(key) == "string" and core.suggest(key, names) or ""
      refuse(join(path, key), "no such field%s", near)
    end
  end
end

local function expect(value, kind, path)
  if type(value) == kind then return value end
  if value == nil then refuse(path, "is missing; it must be a %s", kind) end
  refuse(path, "must be a %s, not a %s", kind, type(value))
end

local function text(value, path)
  if expect(value, "string", path) == "" then refuse(path, "must not be empty") end
  return value
end

local function optional(value, kind, path)
  return value ~= nil and expect(value, kind, path) or nil
end

local function list(value, path)
  expect(value, "table", path)
  for key in next, value do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      refuse(join(path, key), "%s must be a list", path)
    end
  end
  return value
end

local function texts(value, path)
  local out = core.list({})
  for i, item in ipairs(list(value, path)) do out[i] = text(item, ("%s[%d]"):format(path, i)) end
  return out
end

----------------------------------------------------------------------------------------------------
-- permissions

local verdicts = {
  write = "changes things: declare it under permissions.write and return it as a step of fix",
  forbidden = "reveals data or secrets, or hands out rights: no policy may call it",
}

-- Whom the calls are made as is the engine's own matter.
local function check_service(name, path)
  if name:find("^sts:") then
    refuse(path, "%s: no policy may call sts; resource:caller() says who asks", name)
  end
end

local function check_action(action, path)
  text(action, path)
  check_service(action, path)
  if not action:find("^[%w-]+:%a%w*$") then
    refuse(path, '"%s" is no action: it should read service:Action, without wildcards', action)
  end
end

local function check_operation(operation, path, access)
  text(operation, path)
  check_service(operation, path)
  local class = core.class(operation)
  if not class or not operation:find("^[%w_-]+:%a%w*$") then
    refuse(path, '"%s" is no operation: it should read service:Operation', operation)
  end
  local known, problem = core.known(operation)
  if not known then refuse(path, "%s", problem) end
  if class == "forbidden" or (access == "read" and class ~= "read") then
    refuse(path, "%s %s", operation, verdicts[class])
  end
end

-- A read session carries the actions themselves, so they must be reads as well.
local function check_access(action, path, access)
  local class = core.class(action)
  if access == "read" and class ~= "read" then refuse(path, "%s %s", action, verdicts[class]) end
end

local function operations_of(value, path, access)
  local out = core.list({})
  if value == false then return out end
  if type(value) == "string" then value = { value } end
  if type(value) ~= "table" then
    refuse(path, "must be an operation, a list of them, or false where there is none")
  end
  for i, operation in ipairs(list(value, path)) do
    check_operation(operation, path, access)
    out[i] = operation
  end
  if #out == 0 then refuse(path, "names no operation; write false where there is none") end
  return out
end

local function read_permission(key, value, path, access)
  local remapped = type(key) == "string"
  local action = remapped and key or value
  local at = remapped and join(path, key) or ("%s[%s]"):format(path, tostring(key))
  check_action(action, at)
  check_access(action, at, access)
  return core.object("action", action, "operations", operations_of(value, at, access)), value, at
end

local function warn_unused(value, path, warnings)
  if type(value) == "string" then value = { value } end
  for _, operation in ipairs(value or {}) do
    local name = operation:match(":(.*)$")
    if not core.used(name) then
      warnings[#warnings + 1] = ("%s:%d: %s: %s is declared and never used"):format(
        file, core.line(path), path, operation)
    end
  end
end

local function read_permissions(value, access, warnings)
  local path = "permissions." .. access
  local out, seen = core.list({}), {}
  if value == nil and access == "write" then return out end
  expect(value, "table", path)
  for _, key in ipairs(sorted_keys(value)) do
    if math.type(key) == "integer" and (key < 1 or key > #value) then
      refuse(path, "has a hole before entry %d", key)
    end
    local permission, used, at = read_permission(key, value[key], path, access)
    local action = type(key) == "string" and key or value[key]
    if seen[action] then refuse(at, "%s is declared twice", action) end
    seen[action] = true
    warn_unused(used, at, warnings)
    out[#out + 1] = permission
  end
  return out
end

----------------------------------------------------------------------------------------------------
-- events

-- "responseElements.tasks[*].taskArn" to { { name =, each = }, … }.
local function parse_path(path, where)
  local steps = {}
  for part in (text(path, where) .. "."):gmatch("([^.]*)%.") do
    local name, each = part:match("^([%w_-]+)(%[?%*?%]?)$")
    if not name or (each ~= "" and each ~= "[*]") then
      refuse(where, '"%s" is no path: names joined by dots, [*] behind one that is a list', path)
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
      error(("detail.%s holds %s where an id should be"):format(path, quote(id)), 0)
    end
    if not seen[id] then ids[#ids + 1] = id end
    seen[id] = true
  end
  return ids
end

-- The first path that leads to an id counts.
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

local function read_events(events, meta)
  local rules, shown = {}, {}
  for _, name in ipairs(sorted_keys(optional(events, "table", "events") or {})) do
    local where = join("events", name)
    if type(name) ~= "string" or not name:find("^[%w-]+:%w+$") then
      refuse(where, "must be named source:EventName, as sqs:CreateQueue")
    end
    local rule, delay = read_event(events[name], where)
    rules[name] = { ids = rule, delay = delay }
    shown[#shown + 1] = name
    shown[#shown + 1] = core.object("delay", delay)
  end
  meta.events = core.object(table.unpack(shown))
  return rules
end

----------------------------------------------------------------------------------------------------
-- checks

local check_names = {
  id = true, title = true, severity = true, controls = true, audit = true, fix = true, when = true,
  risk = true, advice = true, url = true, impact = true, repair = true,
}

local impacts = { none = true, interrupts = true, stops = true, destroys = true }
local function line(check, key, path)
  local value, where = check[key], join(path, key)
  if value ~= nil and text(value, where):find("%c") then refuse(where, "must be one line") end
  return value
end

-- What a check tells of itself: why it matters, what to do by hand, what its repair does.
local function read_story(check, path)
  local url, impact = line(check, "url", path), line(check, "impact", path)
  if url and not url:find("^https://[%w.-]+/%S*$") then
    refuse(join(path, "url"), '"%s" is no address that begins with https://', url)
  end
  if impact and not impacts[impact] then
    refuse(join(path, "impact"), '"%s" is none of none, interrupts, stops, destroys', impact)
  end
  if not check.fix and (impact or check.repair) then
    local key = impact and "impact" or "repair"
    refuse(join(path, key), "tells of a repair, and the check has no fix")
  end
  return "risk", line(check, "risk", path), "advice", line(check, "advice", path), "url", url,
    "impact", impact, "repair", line(check, "repair", path)
end

local function read_controls(controls, path)
  local out = {}
  for _, key in ipairs(sorted_keys(optional(controls, "table", path) or {})) do
    text(key, path)
    out[#out + 1] = key
    out[#out + 1] = core.box(texts(controls[key], join(path, key)), path)
  end
  return core.object(table.unpack(out))
end

local function read_check(check, path, kind, seen)
  expect(check, "table", path)
  check_fields(check, path, check_names)
  local id = text(check.id, path .. ".id")
  if id:match("^([%w_]+)%.[%w_]+$") ~= kind then
    refuse(path .. ".id", '"%s" should read %s.<name>', id, kind)
  end
  if seen[id] then refuse(path .. ".id", '"%s" is there twice', id) end
  seen[id] = true
  if not severities[text(check.severity, path .. ".severity")] then
    refuse(path .. ".severity", '"%s" is none of critical, high, medium, low', check.severity)
  end
  local functions = {
    id = id,
    audit = expect(check.audit, "function", path .. ".audit"),
    fix = optional(check.fix, "function", path .. ".fix"),
    when = optional(check.when, "function", path .. ".when"),
  }
  return functions, core.object("id", id, "title", text(check.title, path .. ".title"),
    "severity", check.severity, "controls", read_controls(check.controls, path .. ".controls"),
    "fix", check.fix ~= nil, read_story(check, path))
end

local function read_checks(checks, kind, meta)
  local functions, shown, seen = {}, core.list({}), {}
  for i, check in ipairs(list(checks, "checks")) do
    functions[i], shown[i] = read_check(check, ("checks[%d]"):format(i), kind, seen)
  end
  if #functions == 0 then refuse("checks", "must have at least one check") end
  meta.checks = core.box(shown, "checks")
  return functions
end

----------------------------------------------------------------------------------------------------
-- the whole

local names = {
  type = true, title = true, aliases = true, scope = true, permissions = true, events = true,
  discover = true, tags = true, fetch = true, checks = true,
}

local function read_head(declared, meta)
  check_fields(declared, "", names)
  meta.type, meta.title = text(declared.type, "type"), text(declared.title, "title")
  if not meta.type:find("^%l[%l%d_]*$") then
    refuse("type", '"%s" must be of small letters, digits and _', meta.type)
  end
  meta.scope = declared.scope == nil and "region" or declared.scope
  if meta.scope ~= "region" and meta.scope ~= "global" then
    refuse("scope", '%s is neither "region" nor "global"', quote(meta.scope))
  end
  meta.aliases = core.box(texts(declared.aliases == nil and {} or declared.aliases, "aliases"),
    "aliases")
end

local function validate(declared)
  local meta, warnings = {}, core.list({})
  read_head(declared, meta)
  local permissions = expect(declared.permissions, "table", "permissions")
  check_fields(permissions, "permissions", { read = true, write = true })
  local read = read_permissions(permissions.read, "read", warnings)
  local write = read_permissions(permissions.write, "write", warnings)
  local functions = {
    discover = optional(declared.discover, "function", "discover"),
    tags = optional(declared.tags, "function", "tags"),
    fetch = expect(declared.fetch, "function", "fetch"),
    checks = read_checks(expect(declared.checks, "table", "checks"), meta.type, meta),
    events = read_events(declared.events, meta),
  }
  return functions, core.object("type", meta.type, "title", meta.title, "scope", meta.scope,
    "aliases", meta.aliases, "file", file, "permissions", core.object("read", read, "write", write),
    "events", meta.events, "checks", meta.checks, "discover", functions.discover ~= nil,
    "tags", functions.tags ~= nil, "warnings", warnings)
end

local function load(name, chunk)
  file = name
  local ran, returned = pcall(chunk)
  if not ran then return core.fail(returned) end
  local valid, functions, meta = pcall(function()
    if type(returned) ~= "table" or returned ~= core.declared() then
      refuse("", "the file must return policy { … }")
    end
    return validate(returned)
  end)
  if not valid then return core.fail(functions) end
  core.settle(functions)
  core.finish(meta)
end

return { load = load }
