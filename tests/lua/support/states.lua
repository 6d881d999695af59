-- States as policies see them: with parts that are read when something uses them, merged with the
-- `after` of fixes.
local aws = require "support.aws"
local json = require "support.json"
local sandbox = require "support.sandbox"

local states = {}

-- The state, with the parts that are read when something uses them.
function states.with_parts(self, state)
  local reads, parts = self.policy.definition.reads or {}, {}
  return setmetatable(state, { __index = function(whole, name)
    if not reads[name] then return nil end
    if not parts[name] then
      parts[name] = table.pack(aws.unit(self.world, true, reads[name], self.door, whole))
      local broken = self.world.violations
      if #broken > 0 then error(table.concat(broken, "\n"), 0) end
    end
    if parts[name][1] then return parts[name][2] end
    self.world.fault = self.world.fault or parts[name][2]
    error(parts[name][2], 0)
  end })
end

-- The compared part of a state: what `fetch` returned, and of the parts that are read later those
-- that a fix changes, as in the engine. A copy, because canned replies may return the same tables.
function states.compared(self, state, names)
  local reads, shown = self.policy.definition.reads or {}, {}
  for name, part in pairs(state) do shown[name] = part end
  for name in pairs(names or {}) do
    if reads[name] then shown[name] = state[name] end
  end
  return json.copy(shown)
end

-- The state with the parts that `after` changes, and their names.
function states.merge(state, after)
  local merged, changed = {}, {}
  for name, part in pairs(state) do merged[name] = part end
  for name, part in pairs(after) do
    if part == sandbox.none then part = nil end
    merged[name], changed[name] = part, true
  end
  return setmetatable(merged, { __index = function(_, name)
    return not changed[name] and state[name] or nil
  end }), changed
end

-- The state after the steps, from each step's `after` and the fix's, with the names of the parts
-- that differ; nil if neither the last step nor the fix gives it.
function states.expected(state, steps, after)
  if not after and not steps[#steps].after then return nil end
  local merged, names = state, {}
  for i = 1, #steps + 1 do
    local parts = i > #steps and after or i <= #steps and steps[i].after
    if parts then
      local changed
      merged, changed = states.merge(merged, parts)
      for name in pairs(changed) do names[name] = true end
    end
  end
  return merged, names
end

local STEP_FIELDS = {
  call = "string", with = "table", undo = "table", irreversible = "string", after = "table",
}

-- A step in the form that fixes return, with declared calls.
local function check_step(self, step, where)
  for key, value in pairs(step) do
    if type(value) ~= STEP_FIELDS[key] then error(("%s: bad field %s"):format(where, key), 0) end
  end
  if (step.undo == nil) == (step.irreversible == nil) then
    error(where .. ": exactly one of undo and irreversible is needed", 0)
  end
  for _, made in ipairs { step, step.undo } do
    if not made.call or not made.with then error(where .. ": call or with is missing", 0) end
    if not self.policy.writes[made.call] then
      error(("%s: %s is not declared under write"):format(where, made.call), 0)
    end
  end
  json.encode(step)
end

-- Of several steps, each gives the state after it, and the last one the final state. Returns the
-- steps without it, as a plan shows them.
function states.shown_steps(self, what, steps, after)
  local shown = {}
  for i, step in ipairs(steps) do
    check_step(self, step, ("%s: step %d"):format(what, i))
    if #steps > 1 and type(step.after) ~= "table" then
      error(("%s: step %d of %d says no state after it"):format(what, i, #steps), 0)
    end
    shown[i] = { call = step.call, with = step.with, undo = step.undo,
      irreversible = step.irreversible }
  end
  local last = steps[#steps].after
  local function said(parts) return json.canonical(states.merge({}, parts)) end
  if last and after and said(last) ~= said(after) then
    error(what .. ": what the last step leaves is not what the fix leaves", 0)
  end
  return shown
end

return states
