-- The loader's part for checks.
local core, schema = ...
local refuse, join, sorted_keys = schema.refuse, schema.join, schema.sorted_keys
local check_fields, expect, optional = schema.check_fields, schema.expect, schema.optional
local text, list, texts, quote = schema.text, schema.list, schema.texts, schema.quote
local attempt = schema.attempt

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

-- The texts of a check: why it matters, what to do by hand, what its repair does.
local function read_url(check, path)
  local url = line(check, "url", path)
  if url and not url:find("^https://[%w.-]+/%S*$") then
    refuse(join(path, "url"), '"%s" is not an address that begins with https://', url)
  end
  return url
end

local function read_impact(check, path)
  local impact = line(check, "impact", path)
  if impact and not impacts[impact] then
    refuse(join(path, "impact"), '"%s" is not one of none, interrupts, stops, destroys', impact)
  end
  if not check.fix and not schema.meant[join(path, "fix")] and (impact or check.repair) then
    local key = impact and "impact" or "repair"
    refuse(join(path, key), "describes a repair, but the check has no fix")
  end
  return impact
end

local function read_story(check, path)
  return "risk", attempt(line, check, "risk", path), "advice", attempt(line, check, "advice", path),
    "url", attempt(read_url, check, path), "impact", attempt(read_impact, check, path),
    "repair", attempt(line, check, "repair", path)
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

local function read_id(check, path, kind, seen)
  local id = text(check.id, path .. ".id")
  if kind and id:match("^([%w_]+)%.[%w_]+$") ~= kind then
    refuse(path .. ".id", '"%s" should read %s.<name>', id, kind)
  end
  if seen[id] then refuse(path .. ".id", '"%s" is there twice', id) end
  seen[id] = true
  return id
end

local function read_severity(check, path)
  if not severities[text(check.severity, path .. ".severity")] then
    refuse(path .. ".severity", '"%s" is not one of critical, high, medium, low', check.severity)
  end
  return check.severity
end

local function read_needs(check, path)
  if check.needs ~= nil and not needs[check.needs] then
    refuse(path .. ".needs", "%s is not one of required_tags, dev_accounts, master_region",
      quote(check.needs))
  end
  return check.needs
end

local function read_check(check, path, kind, seen)
  expect(check, "table", path)
  check_fields(check, path, check_names)
  local id, needed = attempt(read_id, check, path, kind, seen), attempt(read_needs, check, path)
  attempt(expect, check.audit, "function", path .. ".audit")
  attempt(optional, check.fix, "function", path .. ".fix")
  attempt(optional, check.when, "function", path .. ".when")
  attempt(optional, check.tolerant, "boolean", path .. ".tolerant")
  return core.object("id", id, "title", attempt(text, check.title, path .. ".title"),
    "severity", attempt(read_severity, check, path),
    "controls", attempt(read_controls, check.controls, path .. ".controls"),
    "fix", check.fix ~= nil, "needs", needed, read_story(check, path))
end

local function read_checks(checks, meta)
  local shown, seen = core.list({}), {}
  expect(checks, "table", "checks")
  for i, check in ipairs(list(checks, "checks")) do
    local path = ("checks[%d]"):format(i)
    shown[i] = attempt(read_check, check, path, meta.type, seen) or {}
  end
  if #shown == 0 then refuse("checks", "must have at least one check") end
  meta.checks = core.box(shown, "checks")
end

schema.read_checks = read_checks
