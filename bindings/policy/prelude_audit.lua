-- The drivers' part for audits: reads a state, runs each check on it, and calls the fixes.
local core, drivers = ...
local count, fail, run, run_apart = core.count, drivers.fail, core.run, core.run_apart
local new_state, read_steps, show_steps = drivers.new_state, drivers.read_steps, drivers.show_steps

-- A note that a check may return when it passes: { summary = what the result does not cover, later
-- = seconds until the check gives a new result }.
local function is_note(note)
  if type(note) ~= "table" or type(note.summary) ~= "string" or note.summary == "" then
    return false
  end
  for key in pairs(note) do
    if key ~= "summary" and key ~= "evidence" and key ~= "later" then return false end
  end
  return note.later == nil or math.type(note.later) == "integer" and note.later > 0
end

-- What an audit returned in place of a verdict, for the message.
local function misjudged(n, verdict, summary)
  if n == 0 then return "nothing" end
  if type(verdict) ~= "boolean" then return verdict == nil and "nil" or "a " .. type(verdict) end
  if n == 1 then return tostring(verdict) .. " alone" end
  if summary == "" then return ("%s and an empty summary"):format(verdict) end
  if n > 3 then return ("%s and %d more values"):format(verdict, n - 1) end
  return ("%s and %s"):format(verdict, summary == nil and "nil" or "a " .. type(summary))
end

-- -> true and a note, or false, the reason and the evidence
local function judge(check, resource, state)
  local n, verdict, summary, evidence = count(check.audit(resource, state.view))
  if verdict == true and n <= 2 and (summary == nil or is_note(summary)) then
    return true, summary
  end
  if verdict == false and n <= 3 and type(summary) == "string" and summary ~= "" then
    return false, summary, evidence
  end
  fail("%s: audit of %s returned %s; it must return true, or false and a summary (evidence may "
    .. "follow; after true, a note: { summary =, evidence =, later = })",
    core.where(check.audit), check.id, misjudged(n, verdict, summary))
end

-- nil: the resource no longer exists.
local function read_state(file, resource, trace)
  local n, fetched = count(file.fetch(resource))
  if n == 0 then
    fail("%s: fetch returned nothing (return nil if the resource is gone)",
      core.where(file.fetch))
  end
  return fetched ~= nil and new_state(file, resource, fetched, trace) or nil
end

local function read_tags(file, resource, state)
  local tags = file.tags(resource, state.view)
  if tags == nil then return nil end
  if type(tags) ~= "table" then
    fail("%s: tags must return a map of tags", core.where(file.tags))
  end
  for key, value in pairs(tags) do
    if type(key) ~= "string" or type(value) ~= "string" then
      fail("%s: tags must return a map of strings to strings", core.where(file.tags))
    end
  end
  return core.bounded(core.box(tags, "tags"), "tags")
end

-- The tags, which exceptions may match; read on first use. If they cannot be read they are unknown.
local function tags_of(about)
  local file = about.file
  if about.asked or not file.tags then return about.tags end
  about.asked = true
  local problem, tolerated, tags = run(read_tags, file, about.resource, about.state)
  if not problem and not tolerated then about.tags = tags end
  about.tags_error = problem or tolerated
  return about.tags
end

-- The region of a resource of a global type; nil if it is unknown or was not requested.
local function region_of(about)
  if about.located or not about.wants_region then return about.region end
  about.located = true
  local problem, tolerated, region = run(about.file.region, about.resource, about.state.view)
  if not problem and not tolerated and core.is_region(region) then about.region = region end
  return about.region
end

-- May this check's fix be used, or may it change this part?
local function may_fix(check, about, part)
  return core.may_fix(check.id, about.wants_tags and tags_of(about) or nil, region_of(about), part)
end

----------------------------------------------------------------------------------------------------
-- verdicts

-- Reads a field of a table that may raise an error for a missing field.
local function member(map, name)
  for key, value in pairs(map) do
    if key == name then return value end
  end
end

-- Returns the evidence with only those `ids` that no exception matches, or false if none remain.
local function rest_of(check, evidence, about)
  local ids, rest = type(evidence) == "table" and member(evidence, "ids"), {}
  if type(ids) ~= "table" or #ids == 0 then return evidence end
  for _, id in ipairs(ids) do
    if may_fix(check, about, id) then rest[#rest + 1] = id end
  end
  if #rest == 0 then return false end
  local copy = {}
  for key, value in pairs(evidence) do copy[key] = value end
  copy.ids = rest
  return copy
end

-- Like judge, but a failure that exceptions cover completely passes. Returns the evidence that they
-- do not cover.
local function judge_rest(check, state, about)
  local passed, _, evidence = judge(check, about.resource, state)
  if passed then return true end
  local rest = rest_of(check, evidence, about)
  return rest == false, rest
end

-- A check is off if the setting that it needs is empty.
local function is_off(check, resource)
  local value = resource.settings[check.needs]
  return value == nil or #value == 0
end

local function with_note(note)
  return {
    status = "compliant", summary = core.summary(note.summary), later = note.later,
    evidence = note.evidence ~= nil and core.evidence(note.evidence) or nil,
  }
end

-- Most checks of most resources pass without a note, so that is decided with few calls.
local function look_at(check, state, about)
  local resource = about.resource
  if check.needs and is_off(check, resource) or check.when and not check.when(resource, state.view)
  then
    return check.skipped
  end
  local passed, summary, evidence = judge(check, resource, state)
  if passed then return summary and with_note(summary) or check.passed end
  local rest = rest_of(check, evidence, about)
  local spared = rest == false
  return {
    status = spared and "compliant" or "non_compliant", spared = spared or nil,
    summary = core.summary(summary), raw = rest,
    evidence = evidence ~= nil and core.evidence(evidence) or nil,
  }
end

-- The names of the parts that a check looked at, in order.
local function names_of(looked)
  local names = core.list({})
  for name in pairs(looked) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

-- The result of one check, as the outcome contains it.
local function audit_check(check, state, about)
  state.looked = about.trace and {} or nil
  local problem, tolerated, entry = run_apart(look_at, check, state, about)
  local later = problem and core.delay()
  tolerated = state.tolerated or tolerated
  if not problem and tolerated and not check.tolerant then problem = tolerated end
  if later then
    entry = { status = "pending", later = later }
  elseif problem then
    entry = { status = "unknown", error = core.error(problem, check.audit) }
  end
  if entry.plain then
    if not about.adds then return entry end
    entry = { status = entry.status }
  end
  entry.check, entry.looked = check, state.looked and names_of(state.looked)
  state.looked = nil
  return entry
end

local function audit_all(state, request, about)
  local entries, only, chosen, checks = {}, request.only, request.checks, about.file.checks
  for i = 1, #checks do
    local check = checks[i]
    if (not only or only == check.id) and (not chosen or chosen[check.id]) then
      entries[#entries + 1] = audit_check(check, state, about)
    end
  end
  return entries
end

local function any_fails(entries)
  for i = 1, #entries do
    if entries[i].status == "non_compliant" then return true end
  end
  return false
end

----------------------------------------------------------------------------------------------------
-- fixes

-- Finds the earlier fix of this resource that also repairs this check. `after` holds the states in
-- order, each with the check whose fix led to it; `waits`: a fix returned steps but no state.
local function covering(check, chain)
  for _, link in ipairs(chain.after) do
    if judge_rest(check, link.state, chain.about) then return link.check.id end
  end
end

-- Will the steps be held because they cannot be undone? Then no other fix may build on them.
local function stays(steps, resource)
  for _, step in ipairs(resource.settings.hold_irreversible and steps or {}) do
    if step.irreversible ~= nil then return true end
  end
  return false
end

local function ask_fix(entry, state, chain)
  local check, evidence = entry.check, entry.raw
  local last = chain.after[#chain.after]
  if last then
    local passed, now = judge_rest(check, last.state, chain.about)
    if passed then return { covered_by = covering(check, chain) } end
    state, evidence = last.state, now
  end
  local n, steps, after = count(check.fix(chain.about.resource, state.view, evidence))
  if n == 0 then
    fail("%s: fix of %s returned nothing (return nil if there is nothing to change)",
      core.where(check.fix), check.id)
  end
  return read_steps(check, state, steps, after)
end

local function fix_check(entry, state, chain)
  local check = entry.check
  if chain.waits then
    entry.fix = "waits"
    return
  end
  local problem, tolerated, fix = run_apart(ask_fix, entry, state, chain)
  local later = problem and core.delay()
  if not problem and tolerated and not check.tolerant then problem = tolerated end
  if later then
    entry.fix, entry.later = "waits", later
  elseif problem then
    entry.fix, entry.error = "failed", core.error(problem, check.fix)
  elseif fix.covered_by then
    entry.fix, entry.covered_by = "covered", fix.covered_by
  elseif fix.held then
    entry.fix, entry.held = "held", fix.held
  elseif fix.later then
    entry.fix, entry.later = "waits", fix.later
  elseif #fix.steps > 0 then
    entry.fix, entry.steps = "steps", fix.steps
    if stays(fix.steps, chain.about.resource) then return end
    chain.waits = fix.after == nil
    if fix.after then chain.after[#chain.after + 1] = { state = fix.after, check = check } end
  end
end

local function fix_all(entries, state, about)
  local chain = { after = {}, waits = false, about = about }
  for _, entry in ipairs(entries) do
    local check = entry.check
    entry.fix = "none"
    if entry.status == "non_compliant" and check.fix and may_fix(check, about) then
      fix_check(entry, state, chain)
    end
  end
end

-- Why the resource is in its state, in AWS's own words; nil if the policy does not say.
local function reason_of(state)
  local reason = state.values.reason
  if reason == nil then return nil end
  local ok, text = pcall(function() return type(reason) == "function" and reason() end)
  return ok and type(text) == "string" and text ~= "" and text or nil
end

----------------------------------------------------------------------------------------------------
-- the whole audit

-- What the outcome contains of the results, besides what they are.
local function show(entries, want_digests)
  for _, entry in ipairs(entries) do
    if entry.steps then entry.shown = show_steps(entry.steps, want_digests) end
    if entry.status == "non_compliant" then entry.later = nil end
  end
end

-- Reads parts that the caller needs in any case. Returns those that cannot be read, because the
-- digests do not distinguish them from missing parts: [{"part", "error"}…], or nil.
local function read_parts(state, names)
  local unread = core.list({})
  for _, name in ipairs(names) do
    local problem = run(drivers.look, state, name)
    if problem then
      unread[#unread + 1] = core.object("part", name, "error", core.error(problem))
    end
  end
  return #unread > 0 and unread or nil
end

local function pass_on(state, entries, about, request)
  local unread = request.parts and read_parts(state, request.parts)
  local file = about.file
  local digests = request.digests
    and drivers.digests(state, core.where(file.fetch) .. ": state") or nil
  local arn = file.arn and drivers.arn_of(file, about.resource, state.view) or nil
  if about.adds then show(entries, request.digests) end
  local untagged = about.tags_error and core.error(about.tags_error, file.tags) or nil
  core.outcome(entries, "state", "ok", "reason", reason_of(state), "tags", about.tags,
    "tags_error", untagged, "digests", digests, "unread", unread, "region", region_of(about),
    "arn", arn)
end

-- If the caller wants one check, and its verdict or steps cannot be made yet, the whole result is
-- "later". A check that passes until then has a verdict.
local function wait_of(entry) return entry.status ~= "compliant" and entry.later end

-- request: { only = check or nil, checks = { [id] = true } or nil, fixes =, digests =, trace =,
-- region =, parts = names, tags = "always" | "failing" | "never" }
local function audit(file, resource, request)
  local problem, tolerated, state = run(read_state, file, resource, request.trace)
  if problem or not state and tolerated then
    return core.fail(problem or tolerated, file.fetch)
  end
  if not state then return core.finish({ state = "gone", checks = core.list({}) }) end
  state.tolerated = tolerated
  local about = {
    file = file, resource = resource, state = state,
    wants_tags = request.tags ~= "never", wants_region = request.region,
    trace = request.trace, adds = request.fixes or request.trace,
  }
  local entries = audit_all(state, request, about)
  if request.tags == "always" or request.tags == "failing" and any_fails(entries) then
    tags_of(about)
  end
  if request.fixes then fix_all(entries, state, about) end
  local later = request.only and entries[1] and wait_of(entries[1])
  if later then
    return core.finish(core.object("state", "later", "delay", later, "checks", core.list({})))
  end
  local ok, why = pcall(pass_on, state, entries, about, request)
  if not ok then core.fail(why) end
end

drivers.audit = audit
