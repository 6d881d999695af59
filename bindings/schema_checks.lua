-- The loader's part for checks.
local core, schema = ...
local refuse, join, sorted_keys = schema.refuse, schema.join, schema.sorted_keys
local check_fields, expect, optional = schema.check_fields, schema.expect, schema.optional
local text, list, texts, quote = schema.text, schema.list, schema.texts, schema.quote

local severities = { critical = true, high = true, medium = true, low = true }

local check_names = {
  id = true, title = true, severity = true, controls = true, audit = true, fix = true, when = true,
  risk = true, advice = true, url = true, impact = true, repair = true, needs = true,
  tolerant = true,
}

-- Settings that turn a check on.
local needs = { required_tags = true, dev_accounts = true, master_region = true }

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
  if check.needs ~= nil and not needs[check.needs] then
    refuse(path .. ".needs", "%s is none of required_tags, dev_accounts, master_region",
      quote(check.needs))
  end
  local functions = {
    id = id, needs = check.needs,
    audit = expect(check.audit, "function", path .. ".audit"),
    fix = optional(check.fix, "function", path .. ".fix"),
    when = optional(check.when, "function", path .. ".when"),
    tolerant = optional(check.tolerant, "boolean", path .. ".tolerant") or false,
  }
  return functions, core.object("id", id, "title", text(check.title, path .. ".title"),
    "severity", check.severity, "controls", read_controls(check.controls, path .. ".controls"),
    "fix", check.fix ~= nil, "needs", check.needs, read_story(check, path))
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

schema.read_checks = read_checks
