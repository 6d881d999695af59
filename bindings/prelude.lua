-- The drivers of a policy: they call its functions, judge what these return, and hand the outcome
-- to the job. They run outside of the policies' environment. `core` is bindings/core.c.
local core = ...

local function count(...) return select("#", ...), ... end

local function fail(format, ...) error(format:format(...), 0) end

----------------------------------------------------------------------------------------------------
-- resource:map

local function work(shared)
  local list, results, call = shared.list, shared.results, shared.call
  while shared.at < shared.count do
    local at = shared.at + 1
    shared.at = at
    results[at] = call(list[at])
  end
end

local function map(_, list, call)
  if type(list) ~= "table" or type(call) ~= "function" then
    error("map(list, function) takes a list and a function", 2)
  end
  local shared = { list = list, results = {}, call = call, at = 0, count = #list }
  core.join(work, shared, math.min(shared.count, core.map_width))
  return shared.results
end

----------------------------------------------------------------------------------------------------
-- audit

local function judge(check, resource, state)
  local n, verdict, summary, evidence = count(check.audit(resource, state))
  if verdict == true and n == 1 then return true end
  if verdict == false and n <= 3 and type(summary) == "string" and summary ~= "" then
    return false, summary, evidence
  end
  fail("%s: audit of %s must return true, or false, a summary and evidence; nothing else",
    core.where(check.audit), check.id)
end

local function read_state(file, resource)
  local n, state = count(file.fetch(resource))
  if n == 0 then
    fail("%s: fetch returned nothing (return nil says that the resource is gone)",
      core.where(file.fetch))
  end
  return state
end

local function read_tags(file, resource, state)
  local tags = file.tags and file.tags(resource, state)
  if tags == nil then return nil end
  if type(tags) ~= "table" then
    fail("%s: tags must return a map of tags", core.where(file.tags))
  end
  for key, value in next, tags do
    if type(key) ~= "string" or type(value) ~= "string" then
      fail("%s: tags must return a map of strings to strings", core.where(file.tags))
    end
  end
  return core.box(tags, "tags")
end

-- The verdict on one check, as the outcome shows it.
local function audit_check(check, resource, state)
  if check.when and not check.when(resource, state) then return { status = "skipped" } end
  local passed, summary, evidence = judge(check, resource, state)
  if passed then return { status = "compliant" } end
  return {
    status = "non_compliant", summary = summary, raw = evidence,
    evidence = evidence ~= nil and core.box(evidence, "evidence") or nil,
  }
end

local function audit_all(file, resource, state, only)
  local entries = {}
  for _, check in ipairs(file.checks) do
    if not only or only == check.id then
      local ok, entry = pcall(audit_check, check, resource, state)
      if not ok then entry = { status = "unknown", error = core.error(entry) } end
      entry.check, entry.fix = check, "none"
      entries[#entries + 1] = entry
    end
  end
  return entries
end

----------------------------------------------------------------------------------------------------
-- fixes

local step_fields = { call = true, with = true, undo = true, irreversible = true }

local function check_call(step, where)
  if type(step.call) ~= "string" or not core.writes(step.call) then
    fail("%s.call: %s is not declared in permissions.write", where, tostring(step.call))
  end
  if type(step.with) ~= "table" then fail("%s.with: must be the parameters, a table", where) end
end

local function read_call(step, where)
  return core.object("call", step.call, "with", core.box(step.with, where .. ".with"))
end

local function read_undo(step, where)
  if step.undo == nil then return nil end
  if type(step.undo) ~= "table" then fail("%s.undo: must be { call =, with = }", where) end
  for key in next, step.undo do
    if key ~= "call" and key ~= "with" then fail("%s.undo.%s: no such field", where, key) end
  end
  check_call(step.undo, where .. ".undo")
  return read_call(step.undo, where .. ".undo")
end

local function read_step(step, where)
  if type(step) ~= "table" then fail("%s: must be a step, a table", where) end
  for key in next, step do
    if not step_fields[key] then fail("%s.%s: no such field", where, tostring(key)) end
  end
  check_call(step, where)
  if (step.undo == nil) == (step.irreversible == nil) then
    fail("%s: must have undo, or say why it is irreversible", where)
  end
  if step.irreversible ~= nil and (type(step.irreversible) ~= "string" or step.irreversible == "")
  then
    fail("%s.irreversible: must say why, a string", where)
  end
  return core.object("call", step.call, "with", core.box(step.with, where .. ".with"),
    "undo", read_undo(step, where), "irreversible", step.irreversible)
end

-- Steps, or why they are held, or in how many seconds there may be some.
local function read_steps(steps, check)
  local where = core.where(check.fix) .. ": steps"
  local out = core.list({})
  if steps == nil then return out end
  if type(steps) ~= "table" then fail("%s: must be a list of steps", where) end
  if steps.later ~= nil then
    if math.type(steps.later) ~= "integer" or steps.later < 0 then
      fail("%s.later: must be whole seconds", where)
    end
    return out, nil, steps.later
  end
  if steps.held ~= nil then
    if type(steps.held) ~= "string" or steps.held == "" then
      fail("%s.held: must say why, a string", where)
    end
    return out, steps.held
  end
  for key in next, steps do
    if math.type(key) ~= "integer" or key < 1 or key > #steps then
      fail("%s: must be a list of steps, and has \"%s\"", where, tostring(key))
    end
  end
  for i, step in ipairs(steps) do out[i] = read_step(step, ("%s[%d]"):format(where, i)) end
  return out
end

-- What earlier fixes of this resource make of it: `after` holds the states in order, each with the
-- check whose fix gave it; `waits` says that one gave steps and no state.
local function covering(check, resource, chain)
  for _, link in ipairs(chain.after) do
    if judge(check, resource, link.state) then return link.check.id end
  end
end

local function fix_check(entry, resource, state, chain)
  local check, evidence = entry.check, entry.raw
  local last = chain.after[#chain.after]
  if chain.waits then
    entry.fix = "waits"
    return
  end
  if last then
    local passed, _, now = judge(check, resource, last.state)
    if passed then
      entry.fix, entry.covered_by = "covered", covering(check, resource, chain)
      return
    end
    state, evidence = last.state, now
  end
  local steps, after = check.fix(resource, state, evidence)
  local list, held, later = read_steps(steps, check)
  if held then
    entry.fix, entry.held = "held", held
  elseif later then
    entry.fix, entry.later = "waits", later
  elseif #list > 0 then
    entry.fix, entry.steps = "steps", list
    chain.waits = after == nil
    if after ~= nil then chain.after[#chain.after + 1] = { state = after, check = check } end
  end
end

local function fix_all(entries, resource, state, tags)
  local chain = { after = {}, waits = false }
  for _, entry in ipairs(entries) do
    local check = entry.check
    if entry.status == "non_compliant" and check.fix and core.may_fix(check.id, tags) then
      local ok, problem = pcall(fix_check, entry, resource, state, chain)
      if not ok then
        entry.fix, entry.steps, entry.covered_by = "failed", nil, nil
        entry.error = core.error(problem)
      end
    end
  end
end

local function report(entries)
  local out = core.list({})
  for i, entry in ipairs(entries) do
    out[i] = core.object("id", entry.check.id, "status", entry.status, "summary", entry.summary,
      "evidence", entry.evidence, "error", entry.error, "fix", entry.fix, "steps", entry.steps,
      "covered_by", entry.covered_by, "held", entry.held)
  end
  return out
end

local function audit(file, resource, only, want_fixes, want_digest)
  local ok, state = pcall(read_state, file, resource)
  if not ok then return core.fail(state) end
  if state == nil then return core.finish({ state = "gone", checks = core.list({}) }) end
  local digest = want_digest and core.digest(state) or nil
  local tagged, tags = pcall(read_tags, file, resource, state)
  if not tagged then return core.fail(tags) end
  local entries = audit_all(file, resource, state, only)
  if want_fixes then fix_all(entries, resource, state, tags) end
  -- Asked for one check, to make its steps: they cannot be made yet, so all of it is not ready.
  local later = only and entries[1] and entries[1].later
  if later then
    return core.finish(core.object("state", "later", "delay", later, "checks", core.list({})))
  end
  core.finish(core.object("state", "ok", "tags", tags, "digest", digest,
    "checks", core.box(report(entries), "checks")))
end

----------------------------------------------------------------------------------------------------
-- discover, event rules

local function discover(file, scope)
  local ok, problem = pcall(file.discover, scope)
  if not ok then core.fail(problem) end
end

-- One id, or one { id =, region =, delay = }.
local function read_id(item)
  if type(item) ~= "table" then item = { id = item } end
  for key in next, item do
    if key ~= "id" and key ~= "region" and key ~= "delay" then
      fail("an id has no \"%s\"", tostring(key))
    end
  end
  if type(item.id) ~= "string" or item.id == "" then fail("an id must be a string") end
  if item.region ~= nil and type(item.region) ~= "string" then fail("a region is a name") end
  if item.delay ~= nil and math.type(item.delay) ~= "integer" then fail("a delay is in seconds") end
  return { id = item.id, region = item.region, delay = item.delay }
end

local function event_ids(rule, detail)
  local found = rule.ids(detail)
  local out = core.list({})
  if found == nil then return out end
  if type(found) ~= "table" or found.id ~= nil then found = { found } end
  for i, item in ipairs(found) do
    out[i] = read_id(item)
    out[i].delay = out[i].delay or rule.delay
  end
  return out
end

local function event(file, name, detail)
  local ok, out = pcall(event_ids, file.events[name], detail)
  if not ok then return core.fail(out, name) end
  core.finish(out)
end

return {
  audit = audit,
  discover = discover,
  event = event,
  methods = { map = map },
}
