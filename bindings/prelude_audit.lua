-- The drivers' part for audits: reads a state, judges it by each check, and asks for the fixes.
local core, drivers = ...
local count, fail, read_steps = drivers.count, drivers.fail, drivers.read_steps
local check_state = drivers.check_state

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
  local where = core.where(file.fetch)
  if n == 0 then
    fail("%s: fetch returned nothing (return nil says that the resource is gone)", where)
  end
  return state ~= nil and check_state(state, where .. ": what fetch returns") or nil
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
  return core.bounded(core.box(tags, "tags"), "tags")
end

-- Of the things that the evidence names in `ids`, those that no exception leaves alone: the
-- evidence with these, or false where there are none. `about` has the resource's tags and region.
local function rest_of(check, evidence, about)
  local ids, rest = type(evidence) == "table" and rawget(evidence, "ids"), {}
  if type(ids) ~= "table" or #ids == 0 then return evidence end
  for _, id in ipairs(ids) do
    if core.may_fix(check.id, about.tags, about.region, id) then rest[#rest + 1] = id end
  end
  if #rest == 0 then return false end
  local copy = {}
  for key, value in next, evidence do copy[key] = value end
  copy.ids = rest
  return copy
end

-- As judge, but what is left alone passes.
local function judge_rest(check, resource, state, about)
  local passed, summary, evidence = judge(check, resource, state)
  if passed then return true end
  local rest = rest_of(check, evidence, about)
  return rest == false, summary, evidence, rest
end

-- Without the setting that it needs a check is off.
local function is_off(check, resource)
  local value = check.needs and resource.settings[check.needs]
  return check.needs ~= nil and (value == nil or #value == 0)
end

-- The verdict on one check, as the outcome shows it.
local function audit_check(check, resource, state, about)
  if is_off(check, resource) or check.when and not check.when(resource, state) then
    return { status = "skipped" }
  end
  local passed, summary, evidence, rest = judge_rest(check, resource, state, about)
  if passed and not summary then return { status = "compliant" } end
  return {
    status = passed and "compliant" or "non_compliant", spared = passed or nil,
    summary = core.summary(summary), raw = rest,
    evidence = evidence ~= nil and core.evidence(evidence) or nil,
  }
end

local function audit_all(file, resource, state, only, about)
  local entries = {}
  for _, check in ipairs(file.checks) do
    if not only or only == check.id then
      local ok, entry = pcall(audit_check, check, resource, state, about)
      if not ok then entry = { status = "unknown", error = core.error(entry) } end
      entry.check, entry.fix = check, "none"
      entries[#entries + 1] = entry
    end
  end
  return entries
end

----------------------------------------------------------------------------------------------------
-- fixes


-- What earlier fixes of this resource make of it: `after` holds the states in order, each with the
-- check whose fix gave it; `waits` says that one gave steps and no state.
local function covering(check, resource, chain)
  for _, link in ipairs(chain.after) do
    if judge_rest(check, resource, link.state, chain.about) then return link.check.id end
  end
end

-- Is it going to be held, since it cannot be undone? Then no other fix may build on it.
local function stays(steps, resource)
  for _, step in ipairs(resource.settings.hold_irreversible and steps or {}) do
    if step.irreversible ~= nil then return true end
  end
  return false
end

local function fix_check(entry, resource, state, chain)
  local check, evidence = entry.check, entry.raw
  local last = chain.after[#chain.after]
  if chain.waits then
    entry.fix = "waits"
    return
  end
  if last then
    local passed, _, _, now = judge_rest(check, resource, last.state, chain.about)
    if passed then
      entry.fix, entry.covered_by = "covered", covering(check, resource, chain)
      return
    end
    state, evidence = last.state, now
  end
  local steps, after = check.fix(resource, state, evidence)
  local fix = read_steps(check, state, steps, after, chain.want_digests)
  if fix.held then
    entry.fix, entry.held = "held", fix.held
  elseif fix.later then
    entry.fix, entry.later = "waits", fix.later
  elseif fix.n > 0 then
    entry.fix, entry.steps = "steps", fix.steps
    if stays(steps, resource) then return end
    chain.waits = fix.after == nil
    if fix.after then chain.after[#chain.after + 1] = { state = fix.after, check = check } end
  end
end

local function fix_all(entries, resource, state, about, want_digests)
  local chain = { after = {}, waits = false, about = about, want_digests = want_digests }
  for _, entry in ipairs(entries) do
    local check = entry.check
    local wanted = entry.status == "non_compliant" and check.fix
    if wanted and core.may_fix(check.id, about.tags, about.region) then
      local ok, problem = pcall(fix_check, entry, resource, state, chain)
      if not ok then
        entry.fix, entry.steps, entry.covered_by = "failed", nil, nil
        entry.error = core.error(problem)
      end
    end
  end
end

-- How the resource came into its state, in AWS's own words; nil where the policy does not tell. A
-- state that is an answer as it came raises where it has no such member.
local function reason_of(state)
  local ok, text = pcall(function()
    local reason = type(state) == "table" and state.reason
    return type(reason) == "function" and reason()
  end)
  return ok and type(text) == "string" and text ~= "" and text or nil
end

local function report(entries)
  local out = core.list({})
  for i, entry in ipairs(entries) do
    out[i] = core.object("id", entry.check.id, "status", entry.status, "summary", entry.summary,
      "evidence", entry.evidence, "error", entry.error, "fix", entry.fix, "steps", entry.steps,
      "covered_by", entry.covered_by, "held", entry.held, "spared", entry.spared)
  end
  return out
end

-- Where a resource of a global type is; nil where that cannot be told.
local function region_of(file, resource, state)
  local ok, region = pcall(file.region, resource, state)
  return ok and type(region) == "string" and region or nil
end

local function audit(file, resource, only, want_fixes, want_digests, want_region)
  local ok, state = pcall(read_state, file, resource)
  if not ok then return core.fail(state) end
  if state == nil then return core.finish({ state = "gone", checks = core.list({}) }) end
  local digests = want_digests and core.digests(state, core.where(file.fetch) .. ": state") or nil
  local tagged, tags = pcall(read_tags, file, resource, state)
  if not tagged then return core.fail(tags) end
  local about = { tags = tags, region = want_region and region_of(file, resource, state) or nil }
  local entries = audit_all(file, resource, state, only, about)
  if want_fixes then fix_all(entries, resource, state, about, want_digests) end
  -- Asked for one check, to make its steps: they cannot be made yet, so all of it is not ready.
  local later = only and entries[1] and entries[1].later
  if later then
    return core.finish(core.object("state", "later", "delay", later, "checks", core.list({})))
  end
  core.finish(core.object("state", "ok", "reason", reason_of(state), "tags", tags,
    "digests", digests, "region", about.region,
    "arn", file.arn and drivers.arn_of(file, resource, state) or nil,
    "checks", core.box(report(entries), "checks")))
end

drivers.audit = audit
