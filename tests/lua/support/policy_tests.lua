-- Runs the cases of a file for `engine test` (tests/policies) with the harness of the specs
-- (support.policy). Each function returns nil, or what differs from what the file expects.
local json = require "support.json"
local policies = require "support.policy"
local sandbox = require "support.sandbox"

local tests = {}

-- The table of a test file.
function tests.load(path)
  return sandbox.load(function(env) return assert(loadfile(path, "t", env))() end)
end

----------------------------------------------------------------------------------------------------
-- Settings and replies in the forms of the harness

local LISTS = { KNOWN_ACCOUNTS = true, REQUIRED_TAGS = true, DEV_ACCOUNTS = true }

local function setting(name, text)
  if not LISTS[name] then return text == "true" or text end
  local list = {}
  for item in text:gmatch "[^,]+" do list[#list + 1] = item end
  return list
end

local function settings_of(variables)
  local made = { db_check_time = 60 }
  for name, text in pairs(variables or {}) do made[name:lower()] = setting(name, text) end
  return made
end

-- Does the value contain all of the part?
local function contains(value, part)
  if type(value) ~= "table" or type(part) ~= "table" then return value == part end
  for key, item in pairs(part) do
    if not contains(value[key], item) then return false end
  end
  return true
end

local reply_of

local function first_match(alternatives)
  return function(params)
    for _, one in ipairs(alternatives) do
      if contains(params, one.with) then return reply_of(one.reply) end
    end
    return nil
  end
end

function reply_of(reply)
  if reply.fault then return policies.fault(reply.fault, reply.message, reply.status) end
  if reply.pages then
    local pages = {}
    for i, page in ipairs(reply.pages) do pages[i] = reply_of(page) end
    return policies.pages(pages)
  end
  return #reply > 0 and first_match(reply) or reply
end

local function add_replies(made, given)
  for operation, reply in pairs(given or {}) do made[operation] = reply_of(reply) end
  return made
end

local function options_of(case)
  local settings = settings_of(case.settings)
  local account = case.account or "111122223333"
  return {
    id = case.id, account = account, region = case.region, now = case.now, settings = settings,
    trusted = settings.known_accounts,
    replies = add_replies({
      ["sts:GetCallerIdentity"] = {
        Arn = ("arn:aws:sts::%s:assumed-role/member_remediator/test"):format(account),
      },
    }, case.replies),
  }
end

----------------------------------------------------------------------------------------------------
-- Cases

local function expected(case, check)
  local wanted = case.expect
  if type(wanted) == "table" then wanted = wanted[check.id] or "compliant" end
  if type(wanted) == "table" then return wanted.status, wanted.summary end
  return wanted
end

local function is_found(case, check, found)
  local status, summary = expected(case, check)
  return found.status == status
    and (not summary or (found.summary or ""):find(summary, 1, true) ~= nil)
end

local STATES = { gone = "gone", pending = "later" }

local function audit_fault(policy, case, outcome)
  local state = STATES[case.expect] or "ok"
  if outcome.state ~= state then return ("is %s, not %s"):format(outcome.state, state) end
  if state ~= "ok" then return nil end
  for _, check in ipairs(policy.definition.checks) do
    local found = outcome[check.id]
    if not is_found(case, check, found) then
      return ("%s is %s: %s"):format(check.id, found.status, json.encode(found))
    end
  end
end

local function same(one, other) return json.canonical(one) == json.canonical(other) end

-- Answers the changes of the case in their order, and their inverses in the opposite order. After
-- each, the reads get other replies.
local function answer_changes(replies, changes)
  local made = {}
  local function undone(call, params)
    local last = made[#made]
    local back = last and last.change.undo
    if not back or back.call ~= call or not same(back.with, params) then return false end
    made[#made] = nil
    for operation, reply in pairs(last.before) do replies[operation] = reply end
    return true
  end
  local function done(call, params)
    local change, before = changes[#made + 1], {}
    if not change or change.call ~= call or not same(change.with, params) then
      error(("%s %s is not the next change"):format(call, json.encode(params)), 0)
    end
    for operation in pairs(change.replies or {}) do before[operation] = replies[operation] end
    made[#made + 1] = { change = change, before = before }
    add_replies(replies, change.replies)
    return change.reply or {}
  end
  for _, change in ipairs(changes) do
    for _, call in ipairs { change.call, change.undo and change.undo.call } do
      replies[call] = function(params) return undone(call, params) and {} or done(call, params) end
    end
  end
end

local function is_reversible(changes)
  for _, change in ipairs(changes) do
    if not change.undo then return false end
  end
  return true
end

local function repair_fault(policy, case, results)
  for _, check in ipairs(policy.definition.checks) do
    if check.fix and expected(case, check) == "non_compliant" then
      local wanted = case.repaired and case.repaired[check.id] or "fixed"
      if results[check.id] ~= wanted then
        return ("%s is %s, not %s"):format(check.id, results[check.id], wanted)
      end
    end
  end
end

-- Audits the resource of the case; if the case lists changes, repairs it and undoes the repair.
function tests.case_fault(policy, case)
  local fault = audit_fault(policy, case, policy:resource(options_of(case)):audit())
  if fault or not (case.changes or case.repaired) then return fault end
  local changes, resource = case.changes or {}, policy:resource(options_of(case))
  answer_changes(resource.world.replies, changes)
  fault = repair_fault(policy, case, (resource:repair()))
  if fault then return fault end
  if #resource:sent() ~= #changes then return "makes other changes" end
  if is_reversible(changes) then resource:undo() end
end

----------------------------------------------------------------------------------------------------
-- Listings and events

local function whole(one)
  if type(one) ~= "table" then one = { id = one } end
  return { id = one.id, test = one.test or false, region = one.region, delay = one.delay or 0 }
end

local function ids_fault(found, wanted)
  local list = {}
  for i, one in ipairs(wanted) do list[i] = whole(one) end
  for i, one in ipairs(found) do found[i] = whole(one) end
  return not same(found, list) and "finds " .. json.encode(found) or nil
end

function tests.listing_fault(policy, listing)
  local found = policy:discover(options_of(listing))
  return ids_fault(found, listing.ids)
end

function tests.event_fault(policy, event)
  return ids_fault(policy:event(event.event, event.detail, settings_of(event.settings)), event.ids)
end

----------------------------------------------------------------------------------------------------
-- What a file should have

local function has(list, test)
  for _, item in ipairs(list or {}) do
    if test(item) then return true end
  end
  return false
end

local function add_lacks(missing, cases, check)
  for _, status in ipairs { "compliant", "non_compliant" } do
    local function finds(case) return expected(case, check) == status end
    if not has(cases, finds) then missing[#missing + 1] = check.id .. ": " .. status end
  end
  local function repairs(case)
    local became = case.repaired and case.repaired[check.id] or "fixed"
    return case.changes and expected(case, check) == "non_compliant" and became == "fixed"
  end
  if check.fix and not has(cases, repairs) then missing[#missing + 1] = check.id .. ": a repair" end
end

-- What the tests do not show of the policy: a list of texts.
function tests.lacks(policy, file)
  local missing = {}
  for _, check in ipairs(policy.definition.checks) do add_lacks(missing, file.cases, check) end
  if not has(file.listings, function() return true end) then missing[#missing + 1] = "a listing" end
  if policy.definition.events and not has(file.events, function() return true end) then
    missing[#missing + 1] = "an event"
  end
  return missing
end

return tests
