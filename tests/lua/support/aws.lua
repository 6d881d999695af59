-- The `aws` of a policy over canned replies: every call is recorded, and one that the policy does
-- not declare is an error that the policy cannot hide with pcall.
local json = require "support.json"
local sandbox = require "support.sandbox"

local aws = {}

local FAULT, PAGES = {}, {}

-- A reply that is an error of the API.
function aws.fault(code, message, status)
  return setmetatable({ code = code, message = message or code, status = status or 400 }, FAULT)
end

-- A reply to `pages`: a list of pages.
function aws.pages(list)
  return setmetatable(list, PAGES)
end

local ERROR = {
  __metatable = false,
  __tostring = function(fault) return ("%s: %s"):format(fault.code, fault.message) end,
}

local function raise(fault, call)
  error(setmetatable({
    code = fault.code, message = fault.message, status = fault.status,
    request_id = "00000000-0000-4000-8000-000000000000", operation = call.call,
  }, ERROR), 0)
end

local function violate(world, text)
  world.violations[#world.violations + 1] = text
  error(text, 0)
end

-- Records the call and finds its reply.
local function answer(world, allowed, call)
  if not allowed[call.call] then violate(world, call.call .. " is called and not declared") end
  world.calls[#world.calls + 1] = call
  world.used[call.call] = true
  local reply = world.replies[call.call]
  if reply == nil then violate(world, "the spec has no reply for " .. call.call) end
  if type(reply) == "function" then reply = reply(json.copy(call.with), call) end
  if type(reply) ~= "table" then violate(world, "the spec's reply is no table: " .. call.call) end
  return reply
end

-- One call, as a step makes it too. Returns a copy, so that a policy cannot change the reply.
function aws.call(world, allowed, call)
  local reply = answer(world, allowed, call)
  if getmetatable(reply) == FAULT then raise(reply, call) end
  return json.copy(getmetatable(reply) == PAGES and reply[1] or reply)
end

local function service_of(world, name, region)
  local service = {}
  local function made(operation, with)
    return { call = name .. ":" .. operation, with = json.copy(with or {}), region = region }
  end
  function service.try(_, operation, with, ...)
    local ok, reply = pcall(aws.call, world, world.reads, made(operation, with))
    if ok then return reply end
    for _, code in ipairs { ... } do
      if type(reply) == "table" and reply.code == code then return nil, code end
    end
    error(reply, 0)
  end
  function service.pages(_, operation, with)
    local call = made(operation, with)
    local reply = answer(world, world.reads, call)
    if getmetatable(reply) == FAULT then raise(reply, call) end
    local list, at = getmetatable(reply) == PAGES and reply or { reply }, 0
    return function()
      at = at + 1
      if getmetatable(list[at]) == FAULT then raise(list[at], call) end
      return list[at] and json.copy(list[at])
    end
  end
  return setmetatable({}, { __metatable = false, __index = function(_, operation)
    return service[operation] or function(_, with)
      return aws.call(world, world.reads, made(operation, with))
    end
  end, __newindex = function() error("this is read-only", 2) end })
end

-- The object that policies know as `aws`. world: { replies =, reads = set, calls =, used =,
-- violations = }.
function aws.door(world, region)
  return setmetatable({}, { __metatable = false, __index = function(_, name)
    if name == "in_region" then return function(_, other) return aws.door(world, other) end end
    return service_of(world, name, region)
  end, __newindex = function() error("this is read-only", 2) end })
end

-- The doors that `scope` and `resource` share, by the spec's options.
function aws.doors(world, options)
  local trusted = options.trusted or {}
  local doors = {
    account = options.account, region = options.region, now = options.now,
    settings = sandbox.frozen(options.settings or {}),
    aws = aws.door(world, options.region),
  }
  local asking = { ["sts:GetCallerIdentity"] = true } -- the engine's own question
  function doors.caller()
    local call = { call = "sts:GetCallerIdentity", with = {}, region = options.region }
    return aws.call(world, asking, call).Arn or error("answered without an ARN", 0)
  end
  function doors.trusted(_, id)
    if type(trusted) == "function" then return trusted(id) end
    for _, known in ipairs(trusted) do
      if known == id then return true end
    end
    return false
  end
  function doors.map(_, list, fn)
    local results = {}
    for i, item in ipairs(list) do results[i] = fn(item) end
    return results
  end
  function doors.log(_, ...)
    world.logged[#world.logged + 1] = table.concat({ ... }, " ")
  end
  return doors
end

-- Doors as a policy gets them: what is not there is an error, and nothing can be set.
function aws.shut(doors, what)
  return setmetatable({}, {
    __metatable = false,
    __index = function(_, name)
      local value = doors[name]
      if value == nil then error(("%s has no \"%s\""):format(what, tostring(name)), 2) end
      return value
    end,
    __newindex = function(_, name)
      error(('"%s" cannot be set: a %s is read-only'):format(tostring(name), what), 2)
    end,
  })
end

return aws
