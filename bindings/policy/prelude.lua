-- The drivers of a policy: they call its functions, check the results, and pass the outcome to the
-- job. They run outside of the policies' environment. `core` comes from bindings/policy/core.c;
-- this file and those after it (prelude_*.lua) fill `drivers`.
local core, drivers = ...

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
-- discover, event rules

local function discover(file, scope)
  local problem = core.run(file.discover, scope)
  if problem then core.fail(problem, file.discover) end
end

-- An id, or { id =, region =, delay = }.
local function read_id(item)
  if type(item) ~= "table" then item = { id = item } end
  for key in pairs(item) do
    if key ~= "id" and key ~= "region" and key ~= "delay" then
      fail("an id has no \"%s\"", tostring(key))
    end
  end
  if type(item.id) ~= "string" or item.id == "" then fail("an id must be a string") end
  if item.region ~= nil and not core.is_region(item.region) then
    fail('a region is a name such as "us-east-1"')
  end
  if item.delay ~= nil and math.type(item.delay) ~= "integer" then fail("a delay is in seconds") end
  return { id = item.id, region = item.region, delay = item.delay }
end

local function event_ids(rule, detail, settings)
  local found = rule.ids(detail, settings)
  local out = core.list({})
  if found == nil then return out end
  if type(found) ~= "table" or found.id ~= nil then found = { found } end
  for i, item in ipairs(found) do
    out[i] = read_id(item)
    out[i].delay = out[i].delay or rule.delay
  end
  return out
end

local function event(file, name, detail, settings)
  local ok, out = pcall(event_ids, file.events[name], detail, settings or {})
  if not ok then return core.fail(out, name) end
  core.finish(out)
end

----------------------------------------------------------------------------------------------------
-- a file that returns data: the tests of a policy

local function data(file)
  local value = file()
  if type(value) ~= "table" then fail("must end in: return { … }") end
  core.finish(value)
end

drivers.data = data
drivers.fail = fail
drivers.discover, drivers.event, drivers.methods = discover, event, { map = map }
