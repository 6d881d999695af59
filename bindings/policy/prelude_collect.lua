-- The functions of a policy that the drivers call, from the table of policy {…}, which the loader's
-- schema has validated: now, or, if the content of the file is known, when the engine was built.
local core, drivers = ...

----------------------------------------------------------------------------------------------------
-- event rules: each becomes a function that finds ids

-- The id of a rule, which may be a table with a delay.
local function parts_of(rule)
  if type(rule) == "table" and (rule.id ~= nil or rule.delay ~= nil) then
    return rule.id, rule.delay or 0
  end
  return rule, 0
end

-- "responseElements.tasks[*].taskArn" to { { name =, each = }, … }; nil if it is not a path.
local function parse_path(path)
  local steps = {}
  for part in (path .. "."):gmatch("([^.]*)%.") do
    local name, each = part:match("^([%w_-]+)(%[?%*?%]?)$")
    if not name or (each ~= "" and each ~= "[*]") then return nil end
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

local function shown(value)
  if type(value) == "table" then return "a list or an object" end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
end

local function ids_at(detail, path)
  local found, ids, seen = {}, {}, {}
  walk(detail, parse_path(path), 1, found)
  for _, id in ipairs(found) do
    if type(id) ~= "string" or id == "" then
      error(("detail.%s contains %s where an id should be"):format(path, shown(id)), 0)
    end
    if not seen[id] then ids[#ids + 1] = id end
    seen[id] = true
  end
  return ids
end

-- The first path that leads to an id is used.
local function path_rule(paths)
  if type(paths) == "string" then paths = { paths } end
  return function(detail)
    for _, path in ipairs(paths) do
      local ids = ids_at(detail, path)
      if #ids > 0 then return ids end
    end
    local message = "the event has no id at detail." .. table.concat(paths, " or detail.")
    error({ code = "MissingId", message = message }, 0)
  end
end

local function collect_events(events)
  local rules = {}
  for name, rule in next, events or {} do
    local id, delay = parts_of(rule)
    rules[name] = { ids = type(id) == "function" and id or path_rule(id), delay = delay }
  end
  return rules
end

----------------------------------------------------------------------------------------------------
-- all of them

local function collect_checks(checks)
  local out = {}
  for i, check in ipairs(checks) do
    out[i] = {
      id = check.id, needs = check.needs, audit = check.audit, fix = check.fix, when = check.when,
      tolerant = check.tolerant or false,
    }
    out[i].passed = { plain = true, status = "compliant", check = out[i] }
    out[i].skipped = { plain = true, status = "skipped", check = out[i] }
  end
  return out
end

local function collect(declared)
  local reads = {}
  for name, read in next, declared.reads or {} do reads[name] = read end
  core.settle({
    discover = declared.discover, tags = declared.tags, fetch = declared.fetch, reads = reads,
    region = declared.region, arn = type(declared.arn) == "function" and declared.arn or nil,
    canonical = declared.id and declared.id.canonical,
    events = collect_events(declared.events), checks = collect_checks(declared.checks),
  })
end

-- Runs a file that has been validated.
local function start(chunk)
  collect(chunk())
  core.finish({})
end

drivers.start = start
drivers.collect = { all = collect, parts_of = parts_of, parse_path = parse_path, shown = shown }
