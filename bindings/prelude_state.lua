-- The drivers' part for states: a table of parts by name, which digests and `after` speak of.
local core, drivers = ...
local fail = drivers.fail

local function check_state(state, where)
  if type(state) ~= "table" then
    fail("%s must be a table: the parts of the state by their names", where)
  end
  for name in next, state do
    if type(name) ~= "string" then
      fail("%s: parts of the state have names, and one is a %s", where, type(name))
    end
  end
  return state
end

-- The state with the parts that differ in `after`; lib.none stands for one that is not there.
local function merge(state, after, where)
  check_state(after, where)
  local merged = {}
  for name, part in next, state do merged[name] = part end
  for name, part in next, after do
    if part == core.none then part = nil end
    merged[name] = part
  end
  return merged
end

drivers.check_state, drivers.merge = check_state, merge
