-- The `aws` of a policy, with canned replies: it records every call; a call that the policy does
-- not declare is an error that the policy cannot hide with pcall.
local json = require "support.json"
local sandbox = require "support.sandbox"

local aws = {}

local FAULT, PAGES = {}, {}

-- A reply that is an API error.
function aws.fault(code, message, status)
  return setmetatable({ code = code, message = message or code, status = status or 400 }, FAULT)
end

-- A reply to `pages`: a list of pages.
function aws.pages(list)
  return setmetatable(list, PAGES)
end

-- A reply to calls that name each page by the token that the page before returned: { reply of the
-- first call, token = reply … }. `send` is the parameter with the token.
function aws.chain(send, replies)
  return function(params) return replies[params[send] or 1] end
end

local ERROR = {
  __metatable = false,
  __tostring = function(fault) return ("%s: %s"):format(fault.code, fault.message) end,
}

local function error_of(fault, call)
  return setmetatable({
    code = fault.code, message = fault.message, status = fault.status,
    request_id = "00000000-0000-4000-8000-000000000000", operation = call.call,
  }, ERROR)
end

-- The error counts even if the policy catches it: aws.unit checks for it.
local function raise(world, fault, call)
  local why = error_of(fault, call)
  world.fault = world.fault or why
  error(why, 0)
end

-- Runs a function as a unit: returns true and its results, or false and the error that it or one of
-- its calls raised. A tolerated refusal counts as an error unless the check is tolerant.
function aws.unit(world, tolerant, fn, ...)
  local fault, tolerated = world.fault, world.tolerated
  world.fault, world.tolerated = nil, nil
  local results = table.pack(pcall(fn, ...))
  local why = world.fault or results[1] and not tolerant and world.tolerated
  world.fault, world.tolerated = fault, tolerated or world.tolerated
  if why then return false, why end
  return table.unpack(results, 1, results.n)
end

local REFUSALS = {
  "AccessDenied", "Unauthorized", "NotAuthorized", "AuthFailure", "Forbidden", "Throttling",
  "TooManyRequests", "RequestLimitExceeded", "InternalError", "ServiceUnavailable",
}

local function is_refusal(code)
  for _, part in ipairs(REFUSALS) do
    if code:find(part, 1, true) then return true end
  end
  return false
end

-- Refusals must be declared before `try` may list them.
local function check_codes(world, call, codes)
  for _, code in ipairs(codes) do
    local allowed = false
    for _, one in ipairs(world.tolerates[call.call] or {}) do allowed = allowed or one == code end
    if is_refusal(code) and not allowed then
      error(("try: %s of %s is not declared under tolerates"):format(code, call.call), 0)
    end
  end
end

local function violate(world, text)
  world.violations[#world.violations + 1] = text
  error(text, 0)
end

-- Records the call and finds its reply.
local function answer(world, allowed, call)
  if not allowed[call.call] then violate(world, call.call .. " is called and not declared") end
  -- All pages of a listing count as one call.
  if not call.with.Marker and not call.with.nextToken then world.calls[#world.calls + 1] = call end
  world.used[call.call] = true
  local reply = world.replies[call.call]
  if reply == nil then violate(world, "the spec has no reply for " .. call.call) end
  if type(reply) == "function" then reply = reply(json.copy(call.with), call) end
  if type(reply) ~= "table" then violate(world, "the spec's reply is no table: " .. call.call) end
  return reply
end

-- The page that a call requests; its tokens are page numbers, under the names that the services
-- use.
local function page_of(list, with)
  local at = tonumber(with.Marker or with.nextToken or 1)
  if getmetatable(list[at]) == FAULT then return list[at] end
  local page = json.copy(list[at])
  for _, name in ipairs { "Marker", "NextMarker", "nextToken" } do
    page[name] = list[at + 1] and tostring(at + 1) or nil
  end
  return page
end

-- One call, as a step makes it too. Returns a copy, so that a policy cannot change the reply.
function aws.call(world, allowed, call)
  local reply = answer(world, allowed, call)
  if getmetatable(reply) == PAGES then reply = page_of(reply, call.with) end
  if getmetatable(reply) == FAULT then raise(world, reply, call) end
  return json.copy(reply)
end

local function service_of(world, name, region)
  local service = {}
  local function made(operation, with)
    return { call = name .. ":" .. operation, with = json.copy(with or {}), region = region }
  end
  function service.try(_, operation, with, ...)
    local call, fault = made(operation, with), world.fault
    check_codes(world, call, { ... })
    local ok, reply = pcall(aws.call, world, world.reads, call)
    if ok then return reply end
    for _, code in ipairs { ... } do
      if type(reply) == "table" and reply.code == code then
        world.fault = fault
        if is_refusal(code) then world.tolerated = world.tolerated or reply end
        return nil, code
      end
    end
    error(reply, 0)
  end
  -- No other audit runs here, so nothing is gathered.
  function service.one(_, operation, list, id, options, ...)
    if type(options) == "string" then
      return service.one(_, operation, list, id, {}, options, ...)
    end
    local with = json.copy(options and options.with or {})
    with[list] = { id }
    return service.try(_, operation, with, ...)
  end
  function service.pages(_, operation, with)
    local call = made(operation, with)
    local reply = answer(world, world.reads, call)
    if getmetatable(reply) == FAULT then raise(world, reply, call) end
    local list, at = getmetatable(reply) == PAGES and reply or { reply }, 0
    return function()
      at = at + 1
      if getmetatable(list[at]) == FAULT then raise(world, list[at], call) end
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

-- The engine's reason, by these settings, why no fix may remove an id that is not trusted.
local function doubt(settings, id)
  local known, organization = settings.known_accounts or {}, settings.organization_account
  if organization then return nil end
  if #known == 0 then return "neither KNOWN_ACCOUNTS nor ORGANIZATION_ACCOUNT is set" end
  for _, one in ipairs(known) do
    if one:sub(1, 2) == "o-" then return nil end
  end
  local ours = id:find("^ou?%-") or id:find("^r%-") or id:find(":organizations:", 1, true)
  return ours and "KNOWN_ACCOUNTS names no organization" or nil
end

-- The methods that `scope` and `resource` share, from the spec's options.
function aws.doors(world, options)
  local trusted = options.trusted or {}
  local doors = {
    account = options.account, region = options.region, now = options.now,
    settings = sandbox.frozen(options.settings or {}),
    aws = aws.door(world, options.region),
  }
  local asking = { ["sts:GetCallerIdentity"] = true } -- the engine's own call
  function doors.caller()
    local call = { call = "sts:GetCallerIdentity", with = {}, region = options.region }
    return aws.call(world, asking, call).Arn or error("returned no ARN", 0)
  end
  local function is_trusted(id)
    if type(trusted) == "function" then return trusted(id) end
    for _, known in ipairs(trusted) do
      if known == id then return true end
    end
    return false
  end
  function doors.trusted(_, id)
    local known = is_trusted(id)
    return known, known == false and doubt(options.settings or {}, id) or nil
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

-- scope and resource as a policy gets them: an unknown member is an error, and nothing can be set.
function aws.shut(doors, what)
  return setmetatable({}, {
    __metatable = false,
    __index = function(_, name)
      local value = doors[name]
      if name == "listed" and what == "resource" then return value end
      if value == nil then error(("%s has no \"%s\""):format(what, tostring(name)), 2) end
      return value
    end,
    __newindex = function(_, name)
      error(('"%s" cannot be set: a %s is read-only'):format(tostring(name), what), 2)
    end,
  })
end

return aws
