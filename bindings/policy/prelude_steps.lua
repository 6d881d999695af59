-- The drivers' part for steps: converts the result of a fix to plain data.
local core, drivers = ...
local fail, merge, digests = drivers.fail, drivers.merge, drivers.digests

local step_fields = { call = true, with = true, undo = true, irreversible = true, after = true }

local function check_call(step, where)
  if type(step.call) ~= "string" or not core.writes(step.call) then
    fail("%s.call: %s is not declared in permissions.write", where, tostring(step.call))
  end
  if type(step.with) ~= "table" then fail("%s.with: must be the parameters, a table", where) end
end

-- A redacted value must not be sent: the change would write the marker in its place.
local function parameters(step, where)
  local with = core.box(step.with, where .. ".with")
  if core.redacted(with) then
    fail("%s.with: holds a redacted value; name its member in permissions.sensitive", where)
  end
  return with
end

local function read_call(step, where)
  return core.object("call", step.call, "with", parameters(step, where))
end

local function read_undo(step, where)
  if step.undo == nil then return nil end
  if type(step.undo) ~= "table" then fail("%s.undo: must be { call =, with = }", where) end
  for key in pairs(step.undo) do
    if key ~= "call" and key ~= "with" then fail("%s.undo.%s: no such field", where, key) end
  end
  check_call(step.undo, where .. ".undo")
  return read_call(step.undo, where .. ".undo")
end

local function check_step(step, where)
  if type(step) ~= "table" then fail("%s: must be a step, a table", where) end
  for key in pairs(step) do
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
end

-- The expected state after each step: its own `after` merged into the state before. The fix's
-- `after` for the whole belongs to the last step. nil if unknown, which is only allowed for a
-- single step: an undo needs the states between steps to find out how far the fix came.
local function predict(steps, state, after, where)
  local states, now = {}, state
  for i, step in ipairs(steps) do
    local own = step.after
    now = now and own ~= nil and merge(now, own, ("%s[%d].after"):format(where, i)) or nil
    states[i] = now
    if i == #steps and after ~= nil then
      states[i] = merge(now or states[i - 1] or state, after, where .. ", after")
    end
    if #steps > 1 and states[i] == nil then
      fail("%s[%d].after: of several steps each must say what the state is after it", where, i)
    end
  end
  return states
end

local function read_step(step, where, predicted)
  return {
    call = step.call, with = parameters(step, where),
    undo = read_undo(step, where), irreversible = step.irreversible,
    predicted = predicted, where = where,
  }
end

-- The steps as the outcome contains them. The digests of the expected states are computed last, so
-- they include parts that a later fix was the first to read.
local function show_steps(steps, want_digests)
  local out = core.list({})
  for i, step in ipairs(steps) do
    local expected = want_digests and step.predicted
      and digests(step.predicted, step.where .. ".after") or nil
    out[i] = core.object("call", step.call, "with", step.with, "undo", step.undo,
      "irreversible", step.irreversible, "expected", expected)
  end
  return out
end

local function check_list(steps, where)
  for key in pairs(steps) do
    if math.type(key) ~= "integer" or key < 1 or key > #steps then
      fail("%s: must be a list of steps, and has \"%s\"", where, tostring(key))
    end
  end
  for i, step in ipairs(steps) do check_step(step, ("%s[%d]"):format(where, i)) end
end

-- { steps =, after = the state after the last one, or nil if unknown }, { held = why }, or { later
-- = seconds until there may be steps }.
local function read_steps(check, state, steps, after)
  local where = core.where(check.fix) .. ": steps"
  local out = {}
  if steps == nil then return { steps = out } end
  if type(steps) ~= "table" then fail("%s: must be a list of steps", where) end
  if steps.later ~= nil then
    if math.type(steps.later) ~= "integer" or steps.later < 0 then
      fail("%s.later: must be whole seconds", where)
    end
    return { later = steps.later }
  end
  if steps.held ~= nil then
    if type(steps.held) ~= "string" or steps.held == "" then
      fail("%s.held: must say why, a string", where)
    end
    return { held = steps.held }
  end
  check_list(steps, where)
  local states = predict(steps, state, after, where)
  for i, step in ipairs(steps) do
    out[i] = read_step(step, ("%s[%d]"):format(where, i), states[i])
  end
  core.bounded(core.box(show_steps(out, false), "steps"), where)
  return { steps = out, after = states[#steps] }
end

drivers.read_steps, drivers.show_steps = read_steps, show_steps
