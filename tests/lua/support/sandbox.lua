-- Loads policy files as the engine does: with the globals that a policy sees, `require` only for
-- lib.*, and validation of `policy { … }`. Nothing else of Lua's library is accessible, and no
-- global can be set.
local json = require "support.json"

local sandbox = {
  none = setmetatable({}, { __name = "lib.none" }), -- policies see this as `lib.none`
}

local POLICIES = os.getenv("ENGINE_POLICIES") or "policies"
local GLOBALS = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawlen", "rawset", "select", "tonumber", "tostring", "type", "xpcall", "coroutine", "math",
  "string", "table", "utf8",
}
local FIELDS = {
  type = "string", title = "string", aliases = "table", scope = "string", permissions = "table",
  reads = "table", tolerates = "table", events = "table", discover = "function",
  tags = "function", fetch = "function", checks = "table", id = "table",
  arn = "string or function", aws_type = "string", asff = "string", region = "function",
}
local CHECK_FIELDS = {
  id = "string", title = "string", severity = "string", controls = "table", audit = "function",
  fix = "function", when = "function",
  needs = "string", risk = "string", advice = "string", url = "string",
  impact = "string", repair = "string", tolerant = "boolean",
}
local SEVERITIES = { critical = true, high = true, medium = true, low = true }

-- A read-only view of a table.
function sandbox.frozen(value)
  if type(value) ~= "table" then return value end
  return setmetatable({}, {
    __metatable = false,
    __index = function(_, key) return sandbox.frozen(value[key]) end,
    __newindex = function(_, key)
      error(('"%s" cannot be set: this is read-only'):format(tostring(key)), 2)
    end,
    __len = function() return #value end,
    __pairs = function()
      return function(_, key)
        local at, item = next(value, key)
        return at, sandbox.frozen(item)
      end
    end,
  })
end

local function check_fields(given, known, required, where)
  for name, value in pairs(given) do
    if not known[name] then error(("%s: unknown field %s"):format(where, name), 0) end
    if not known[name]:find(type(value), 1, true) then
      error(("%s: %s must be a %s"):format(where, name, known[name]), 0)
    end
  end
  for _, name in ipairs(required) do
    if given[name] == nil then error(("%s: %s is missing"):format(where, name), 0) end
  end
end

local function check_policy(given)
  check_fields(given, FIELDS, { "type", "title", "permissions", "fetch", "checks" }, "policy")
  for i, check in ipairs(given.checks) do
    local where = ("policy: checks[%d]"):format(i)
    check_fields(check, CHECK_FIELDS, { "id", "title", "severity", "audit" }, where)
    if not SEVERITIES[check.severity] then error(where .. ": unknown severity", 0) end
    if check.id:sub(1, #given.type + 1) ~= given.type .. "." then
      error(("%s: the id must begin with %s."):format(where, given.type), 0)
    end
  end
  return given
end

local function decode_uri(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function environment()
  local env, loaded = {}, { ["lib.none"] = sandbox.none }
  for _, name in ipairs(GLOBALS) do env[name] = _G[name] end
  env._G = env
  env.policy = check_policy
  env.json = {
    decode = json.decode, encode = json.encode, null = json.null, list = json.list,
  }
  env.uri = { decode = decode_uri }
  local shut = setmetatable({}, {
    __index = env,
    __newindex = function(_, name) error("a policy sets no global: " .. tostring(name), 2) end,
  })
  function env.require(name)
    local short = name:match("^lib%.([%w_]+)$")
    if not short then error("a policy requires only lib.*: " .. name, 2) end
    if loaded[name] == nil then
      loaded[name] = assert(loadfile(("%s/lib/%s.lua"):format(POLICIES, short), "t", shut))()
    end
    return loaded[name]
  end
  return shut
end

-- "sqs" -> the table of policies/sqs.lua; a function is the body of a policy file and gets its
-- globals.
function sandbox.load(name)
  local env, file = environment(), ("%s/%s.lua"):format(POLICIES, tostring(name))
  local body = type(name) == "function" and name or assert(loadfile(file, "t", env))
  local found = body(env)
  assert(type(found) == "table", file .. " returns no policy")
  return found
end

-- permissions.read or .write -> set of operations ("s3:ListBuckets").
function sandbox.operations(declared)
  local set = {}
  for key, value in pairs(declared or {}) do
    if type(value) == "table" and #value == 0 then
      value = value.call == nil and key or value.call
    end
    for _, operation in ipairs(type(value) == "table" and value or { value }) do
      if operation then set[operation] = type(key) == "string" and key or operation end
    end
  end
  return set
end

return sandbox
