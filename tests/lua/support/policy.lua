-- Tests a policy file without the executable: loads it as the engine does, answers its calls with
-- canned replies, and audits, plans, repairs and undoes as the engine would.
--
--   local policies = require "support.policy"
--   local sqs = policies.load "sqs"                    -- policies/sqs.lua (or a function that
--                                                      -- gets the globals and returns a policy)
--
--   local queue = sqs:resource {
--     id = "https://…/orders",                         -- the rest is optional:
--     account = "111122223333", region = "us-east-1", now = 1795000000,
--     settings = { required_tags = { "Owner" } },      -- in lower case, as policies see them
--     listed = { … },                                  -- data of a listing; not used in repair
--     spared = { "i-1" },                              -- ids in evidence.ids that are exempt
--     trusted = { "444455556666" },                    -- or function(id) -> true, false, nil
--     replies = {                                      -- API and operation -> reply:
--       ["sqs:GetQueueAttributes"] = { Attributes = {} },               -- the same each time,
--       ["sqs:ListQueues"] = policies.pages { { … }, { … } },           -- pages,
--       ["sqs:ListQueueTags"] = policies.fault("AccessDenied"),         -- an error of the API,
--       ["sqs:SetQueueAttributes"] = function(params, call) … end,      -- or any of these, made
--       ["sts:GetCallerIdentity"] = { Arn = "…" },                      -- for :caller()
--     },
--   }
--   local outcome = queue:audit()     -- { state = "ok" | "gone" | "later", delay =, tags =,
--                                     --   [check] = { status =, summary =, evidence =, error = } }
--   outcome = queue:plan()            -- as well: fix = "none" | "steps" | "covered" | "waits" |
--                                     --   "held" | "later" | "failed", steps =, covered_by =,
                                     --   held =, later =
--   local results = queue:repair()    -- makes the calls of `plan`, check by check, with a new read
--                                     --   before and after: { [check] = "fixed" | "held" | … };
--                                     --   repair { approximate = true } if `after` need not
--                                     --   equal the state that is read back
--   queue:undo()                      -- undoes the last repair, newest step first; raises an error
--                                     --   unless the state is as before the repair
--   queue.calls                       -- every call so far: { { call =, with =, region = } … }
--   queue:sent()                      -- the changes among these calls
--   sqs:discover { replies = … }      -- { { id =, region =, test = } … }, the calls, and by id
--                                     --   the data of the listing (resource.listed)
--   sqs:event("sqs:CreateQueue", {…}) -- { { id =, delay =, region = } … }
--   sqs:never_called()                -- declared operations that no test here called: reads, and
--                                     --   changes by repair and undo
--
-- The following raise errors that no pcall of the policy hides: a call that the policy does not
-- declare, or for which the spec has no reply; an audit or a fix that changes the state that it was
-- given; a step that is malformed, or whose call is not declared under write; a check that does not
-- pass with its own fix's `after`; and a fix that makes another check fail that passed before.
local aws = require "support.aws"
local diff = require "support.diff"
local events = require "support.events"
local json = require "support.json"
local sandbox = require "support.sandbox"
local states = require "support.states"
local spared = require "support.spared"

local policies = { fault = aws.fault, pages = aws.pages, chain = aws.chain, json = json }

local LATER = {} -- the error that resource:later raises, and resource:gone with "gone"

local DEFAULTS = { account = "111122223333", region = "us-east-1", now = 1795000000 }

local Policy, Resource = {}, {}
Policy.__index, Resource.__index = Policy, Resource

function policies.load(name)
  local definition = sandbox.load(name)
  local permissions = definition.permissions
  return setmetatable({
    definition = definition,
    type = definition.type,
    reads = sandbox.operations(permissions.read),
    writes = sandbox.operations(permissions.write),
    used = {},
  }, Policy)
end

local function world_of(self, options)
  return {
    replies = options.replies or {}, reads = self.reads, writes = self.writes, used = self.used,
    tolerates = self.definition.tolerates or {}, calls = {}, logged = {}, violations = {},
  }
end

local function with_defaults(options)
  local filled = {}
  for key, value in pairs(DEFAULTS) do filled[key] = value end
  for key, value in pairs(options) do filled[key] = value end
  return filled
end

local function complain(world)
  if #world.violations > 0 then error(table.concat(world.violations, "\n"), 0) end
end

function Policy:resource(options)
  options = with_defaults(options)
  local world = world_of(self, options)
  local doors = aws.doors(world, options)
  doors.id, doors.type, doors.listed = options.id, self.type, options.listed
  function doors.later(_, seconds) error({ [LATER] = seconds }, 0) end
  function doors.gone() error({ [LATER] = "gone" }, 0) end
  return setmetatable({
    policy = self, world = world, calls = world.calls, logged = world.logged,
    doors = doors, door = aws.shut(doors, "resource"), region = options.region,
    spared = spared.set(options.spared),
  }, Resource)
end

function Policy:discover(options)
  options = with_defaults(options)
  local world, list, listed = world_of(self, options), {}, {}
  local doors = aws.doors(world, options)
  doors.wants_listed = options.wants_listed or false
  function doors.found(_, ids, more)
    more = more or {}
    for _, id in ipairs(type(ids) == "table" and ids or { ids }) do
      list[#list + 1] = { id = id, region = more.region, test = more.test or false }
      listed[id] = more.listed
    end
  end
  local ok, why = aws.unit(world, true, self.definition.discover, aws.shut(doors, "scope"))
  complain(world)
  if not ok then error(why, 0) end
  return list, world.calls, listed
end

function Policy:event(name, detail, settings)
  return events.ids(self.definition.events[name], detail, settings)
end

function Policy:never_called()
  local list = {}
  for _, declared in ipairs { self.reads, self.writes } do
    for operation in pairs(declared) do
      if not self.used[operation] then list[#list + 1] = operation end
    end
  end
  table.sort(list)
  return list
end

local function error_entry(why)
  if type(why) == "table" and why.code then
    return { kind = "api", code = why.code, message = why.message, operation = why.operation }
  end
  return { kind = "policy", message = tostring(why) }
end

-- The seconds of resource:later, or "gone".
local function later(ok, why)
  return not ok and type(why) == "table" and why[LATER] or nil
end

-- If the resource is gone, that is the result of all.
local function leave_if_gone(ok, why)
  if later(ok, why) == "gone" then error(why, 0) end
end

-- Calls a function of the policy, which must not change the state.
local function ask(self, check, what, fn, state, ...)
  local before = json.canonical(state)
  local results = table.pack(aws.unit(self.world, check.tolerant, fn, self.door, state, ...))
  complain(self.world)
  leave_if_gone(results[1], results[2])
  if json.canonical(state) ~= before then error(what .. " changes the state", 0) end
  return table.unpack(results, 1, results.n)
end

-- -> "ok" and the state, "gone", "later" and seconds, or "failed" and the reason
local function fetch(self)
  self.world.tolerated = nil
  local ok, state = aws.unit(self.world, true, self.policy.definition.fetch, self.door)
  complain(self.world)
  if ok then
    if state == nil then return "gone" end
    return "ok", states.with_parts(self, state)
  end
  if later(ok, state) then return "later", later(ok, state) end
  return "failed", state
end

local function is_note(note)
  if type(note) ~= "table" or type(note.summary) ~= "string" then return note == nil end
  return note.later == nil or math.type(note.later) == "integer" and note.later > 0
end

local function verdict(ok, ...)
  local passes, summary, evidence = ...
  if later(ok, passes) then return { status = "pending", later = later(ok, passes) } end
  if not ok then return { status = "unknown", error = error_entry(passes) } end
  if passes == true and select("#", ...) <= 2 and is_note(summary) then
    local note = summary or {}
    return {
      status = "compliant", summary = note.summary, evidence = note.evidence, later = note.later,
    }
  end
  local says_why = type(summary) == "string" and summary ~= "" and select("#", ...) <= 3
  if passes ~= false or not says_why then
    local why = "an audit returns true (and a note), or false, a summary and evidence; nothing else"
    return { status = "unknown", error = { kind = "policy", message = why } }
  end
  json.encode(evidence == nil and {} or evidence)
  return { status = "non_compliant", summary = summary, evidence = evidence }
end

local function judge(self, check, state)
  local value = check.needs and self.door.settings[check.needs]
  if check.needs and (value == nil or #value == 0) then return { status = "skipped" } end
  if check.when then
    local ok, applies = aws.unit(self.world, check.tolerant, check.when, self.door, state)
    complain(self.world)
    leave_if_gone(ok, applies)
    if not ok then return verdict(ok, applies) end
    if not applies then return { status = "skipped" } end
  end
  local found = verdict(ask(self, check, check.id .. "'s audit", check.audit, state))
  return spared.rest(self.spared, found)
end

-- Completes an entry with the result of the check's fix; returns the state after it and the names
-- of the parts that differ, or nil.
local function run_fix(self, check, state, entry)
  local what = check.id .. "'s fix"
  local ok, steps, after = ask(self, check, what, check.fix, state, entry.rest or entry.evidence)
  if later(ok, steps) then
    entry.fix, entry.later = "later", later(ok, steps)
  elseif not ok then
    entry.fix, entry.error = "failed", error_entry(steps)
  elseif type(steps) == "table" and steps.held then
    entry.fix, entry.held = "held", steps.held
  elseif type(steps) == "table" and steps.later then
    entry.fix, entry.later = "later", steps.later
  elseif steps == nil or #steps == 0 then
    entry.fix = "none"
  else
    entry.fix, entry.steps = "steps", states.shown_steps(self, what, steps, after)
    return states.expected(state, steps, after)
  end
  return nil
end

-- Runs the fix of one check of the chain. chain: { state = the predicted state, or nil if it is
-- unknown; by = the check whose fix came last }.
local function plan_check(self, check, entry, chain)
  entry.fix = "none"
  if entry.status ~= "non_compliant" or not check.fix then return end
  if not chain.state then
    entry.fix = "waits"
    return
  end
  local now = judge(self, check, chain.state)
  if now.status == "compliant" then
    entry.fix, entry.covered_by = "covered", chain.by
    return
  end
  now.fix = entry.fix
  local after = run_fix(self, check, chain.state, now)
  for _, key in ipairs { "fix", "steps", "held", "later", "error" } do entry[key] = now[key] end
  if entry.fix ~= "steps" then return end
  chain.state, chain.by = after, check.id
  if after and judge(self, check, after).status ~= "compliant" then
    error(check.id .. " does not pass after its own fix", 0)
  end
end

local function each_check(self)
  return ipairs(self.policy.definition.checks)
end

local function check_harm(self, outcome, state)
  for _, check in each_check(self) do
    local before = outcome[check.id].status
    if state and before == "compliant" and judge(self, check, state).status ~= before then
      error("a fix makes another check fail: " .. check.id, 0)
    end
  end
end

local function examine(self, wants_fixes)
  local kind, state = fetch(self)
  local outcome = { state = kind == "failed" and "ok" or kind }
  if kind == "later" then outcome.delay = state end
  if kind == "gone" or kind == "later" then return outcome end
  local tags = self.policy.definition.tags
  if kind == "ok" and tags then
    local read, map = aws.unit(self.world, false, tags, self.door, state)
    complain(self.world)
    outcome.tags = read and map or nil
  end
  local chain = { state = state }
  for _, check in each_check(self) do
    if kind == "failed" then
      outcome[check.id] = { status = "unknown", error = error_entry(state) }
    else
      outcome[check.id] = judge(self, check, state)
    end
  end
  if not wants_fixes or kind == "failed" then return outcome end
  for _, check in each_check(self) do plan_check(self, check, outcome[check.id], chain) end
  check_harm(self, outcome, chain.state)
  return outcome
end

local function examine_now(self, wants_fixes)
  local ok, outcome = pcall(examine, self, wants_fixes)
  if ok then return outcome end
  local delay = later(ok, outcome)
  if delay == "gone" then return { state = "gone" } end
  if delay then return { state = "later", delay = delay } end
  return error(outcome, 0)
end

function Resource:audit()
  return examine_now(self, false)
end

function Resource:plan()
  return examine_now(self, true)
end

function Resource:sent()
  local list = {}
  for _, call in ipairs(self.calls) do
    if self.policy.writes[call.call] then list[#list + 1] = call end
  end
  return list
end

local function send(self, made)
  local call = { call = made.call, with = json.copy(made.with), region = self.region }
  aws.call(self.world, self.policy.writes, call)
  complain(self.world)
end

local function same(one, other) return json.canonical(one) == json.canonical(other) end

-- One check: a fresh read, audit and fix, the steps, and a read that verifies them.
local function repair_check(self, check, planned, options)
  local kind, state = fetch(self)
  if kind ~= "ok" then return kind end
  local entry = judge(self, check, state)
  if entry.status ~= "non_compliant" then return "fixed" end
  local expected, names = run_fix(self, check, state, entry)
  if entry.fix ~= "steps" then return entry.fix end
  if planned.steps and not same(planned.steps, entry.steps) then
    error(("%s: the fresh read makes other steps than the plan's:\n%s"):format(check.id,
      diff(planned.steps, entry.steps)), 0)
  end
  local before = states.compared(self, state, names)
  for _, step in ipairs(entry.steps) do send(self, step) end
  local _, left = fetch(self)
  local after = states.compared(self, left, names)
  self.journal[#self.journal + 1] = {
    check = check.id, steps = entry.steps, names = names, before = before, after = after,
  }
  local predicted = expected and not options.approximate and states.compared(self, expected, names)
  if predicted and not same(predicted, after) then
    error(("%s: the state after the fix is not as foretold:\n%s"):format(check.id,
      diff(predicted, after)), 0)
  end
  return judge(self, check, left).status == "compliant" and "fixed"
    or error(check.id .. " still fails", 0)
end

local MADE = { steps = true, covered = true, waits = true }

function Resource:repair(options)
  local results, outcome = {}, self:plan()
  self.journal, self.doors.listed = {}, nil -- the gate reads the state itself
  for _, check in each_check(self) do
    local planned = outcome[check.id]
    if planned and MADE[planned.fix] then
      results[check.id] = repair_check(self, check, planned, options or {})
    elseif planned and planned.status == "non_compliant" then
      results[check.id] = planned.fix
    end
  end
  return results, outcome
end

-- The state must be the expected one.
local function expect_state(self, group, expected, what)
  local _, state = fetch(self)
  local found = states.compared(self, state, group.names)
  if not same(expected, found) then
    error(("%s: %s:\n%s"):format(group.check, what, diff(expected, found)), 0)
  end
end

function Resource:undo()
  for i = #self.journal, 1, -1 do
    local group = self.journal[i]
    expect_state(self, group, group.after, "drift before undo")
    for j = #group.steps, 1, -1 do
      send(self, group.steps[j].undo or error(group.check .. " cannot be undone", 0))
    end
    expect_state(self, group, group.before, "undo left another state")
  end
end

return policies
