-- The drivers' part for states: a table of parts by name. `fetch` returns some of them; the parts
-- of `reads` are read on first use. Policies see only read-only views.
local core, drivers = ...
local fail, run_apart = drivers.fail, core.run_apart

local function check_name(name, where)
  if type(name) == "string" then return end
  fail("%s: the names of the parts of the state must be strings, and one is a %s", where,
    type(name))
end

local function check_parts(parts, where)
  if type(parts) == "table" then return parts end
  fail("%s must be a table: the parts of the state by their names", where)
end

----------------------------------------------------------------------------------------------------
-- parts that are read on first use

-- The records of a state of which no part was read on first use: most states need no more.
local unread = {}

-- Does the first part, as far as is known, need the other one?
local function needs(state, one, other)
  if one == other then return true end
  for name in next, state.needs[one] or {} do
    if needs(state, name, other) then return true end
  end
  return false
end

-- Parts that wait for each other would wait forever.
local function check_circle(state, name)
  local reader = state.readers[core.unit()]
  if not reader then return end
  if needs(state, name, reader) then
    local where = core.where(state.file.reads[reader])
    local why = ("%s: the part %s of the state needs itself"):format(where, reader)
    core.taint(why)
    error(why, 0)
  end
  state.needs[reader] = state.needs[reader] or {}
  state.needs[reader][name] = true
end

local function read_part(state, name)
  local record = { reader = core.me() }
  if state.records == unread then state.records, state.readers, state.needs = {}, {}, {} end
  state.records[name] = record
  local problem, tolerated, value = run_apart(function()
    state.readers[core.unit()] = name
    return state.file.reads[name](state.resource, state.view)
  end)
  record.later = problem ~= nil and core.delay() or nil
  record.problem, record.tolerated, record.done = problem, tolerated, true
  if problem == nil then record.value = core.wrap(value) end
  if problem == nil and not tolerated then state.values[name] = record.value end
  core.wake()
  return record
end

-- The record of a part, after it was read by this coroutine or by the one that started first. If
-- that one gave up, the part is read again.
local function record_of(state, name)
  local record = state.records[name]
  while record and not record.done do
    if not core.wait_for(record.reader) then state.records[name] = nil end
    record = state.records[name]
  end
  return record or read_part(state, name)
end

-- A name that is not among the values of a state: a part to read, a refused part, or nothing.
local function look(state, name)
  if not state.file.reads[name] then return nil end
  check_circle(state, name)
  local record = record_of(state, name)
  if record.later then core.later(record.later) end
  if record.problem ~= nil then
    core.taint(record.problem)
    error(record.problem, 0)
  end
  if record.tolerated then core.tolerate(record.tolerated) end
  return record.value
end

----------------------------------------------------------------------------------------------------
-- states

-- The state of a resource: what `fetch` returned, and the parts that are read later. `values` are
-- the parts that may be accessed without a check.
-- If `trace` is set, every access asks for the part, so that the driver sees it.
local function new_state(file, resource, fetched, trace)
  local state = {
    file = file, resource = resource, values = {}, records = unread, readers = unread,
    needs = unread,
  }
  local values, reads = state.values, file.reads
  if type(fetched) ~= "table" then
    check_parts(fetched, core.where(file.fetch) .. ": what fetch returns")
  end
  for name, part in pairs(fetched) do
    if type(name) ~= "string" or reads[name] then
      check_name(name, core.where(file.fetch) .. ": what fetch returns")
      fail("%s: fetch returns the part %s, which is declared under reads", core.where(file.fetch),
        name)
    end
    values[name] = core.wrap(part)
  end
  state.view = core.state(state, trace and {} or values)
  return state
end

-- The state with the changed parts of `after`; lib.none stands for a part that no longer exists.
-- All other parts are read from the original state.
local function merge(state, after, where)
  local merged = { base = state.base or state, values = {}, changed = {} }
  for name, part in next, state.values do merged.values[name] = part end
  for name in next, state.changed or {} do merged.changed[name] = true end
  for name, part in pairs(check_parts(after, where)) do
    check_name(name, where)
    if part == core.none then part = nil end
    core.box(part, ("%s.%s"):format(where, name), "lenient")
    merged.values[name], merged.changed[name] = core.wrap(part), true
  end
  merged.view = core.state(merged, merged.values)
  return merged
end

-- The value of a name that a view does not have among its values.
local function find_part(state, name)
  if state.looked then state.looked[name] = true end
  if not state.base then
    local value = state.values[name]
    if value == nil then return look(state, name) end
    return value
  end
  if state.changed[name] then return nil end
  local value = state.base.values[name]
  if value == nil then return look(state.base, name) end
  return value
end

-- All parts read so far; for a merged state, as they will be.
local function all(state)
  local parts, base = {}, state.base or state
  for name, part in next, base.values do parts[name] = part end
  for name, record in next, base.records do parts[name] = record.value end
  for name in next, state.changed or {} do parts[name] = state.values[name] end
  return parts
end

-- A loop over all parts reads each of them.
local function each(state)
  for name in pairs((state.base or state).file.reads) do find_part(state, name) end
  return pairs(all(state))
end

local function digests(state, where) return core.digests(all(state), where) end

core.set_state_functions(find_part, each)
drivers.new_state, drivers.merge, drivers.digests = new_state, merge, digests
drivers.look = find_part
