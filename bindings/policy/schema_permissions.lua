-- The loader's part for permissions: a policy may only call what it declares.
local core, schema = ...
local refuse, join, sorted_keys = schema.refuse, schema.join, schema.sorted_keys
local expect, text, list = schema.expect, schema.text, schema.list
local check_fields = schema.check_fields

local verdicts = {
  write = "changes things: declare it under permissions.write and return it as a step of fix",
  forbidden = "reveals data or secrets, or grants permissions: no policy may call it",
}

-- Credentials are the engine's own task: policies cannot call their services.
local function check_service(name, path)
  if name:find("^sts:") then
    refuse(path, "%s: no policy may call sts; resource:caller() returns the caller", name)
  end
end

local function check_action(action, path)
  text(action, path)
  check_service(action, path)
  if not action:find("^[%w-]+:%a%w*$") then
    refuse(path, '"%s" is not an action: write service:Action, without wildcards', action)
  end
end

local function unreviewed(operation, action)
  local of = operation == action and "" or ('"%s", '):format(operation)
  return ([[is not among the reviewed reads, so it counts as a write. Where its documentation ]] ..
    [[leaves no doubt that it only reads: ["%s"] = { %sreviewed = "why it only reads" }]]):format(
    action, of)
end

local function check_operation(operation, path, access, given)
  text(operation, path)
  check_service(operation, path)
  local class = core.class(operation)
  if not class or not operation:find("^[%w_-]+:%a%w*$") then
    refuse(path, '"%s" is not an operation: write service:Operation', operation)
  end
  local known, problem = core.known(operation)
  if not known then refuse(path, "%s", problem) end
  if class == "forbidden" then refuse(path, "%s %s", operation, verdicts[class]) end
  if access == "write" or class == "read" then return end
  if class == "write" then refuse(path, "%s %s", operation, verdicts[class]) end
  if not given.reviewed then
    refuse(path, "%s %s", operation, unreviewed(operation, given.action))
  end
  given.needed = true
end

-- A read session's policy lists the actions, so they must be reads too: judged by their name if
-- they differ from the operation, which has been reviewed.
local function check_access(action, path, access, given)
  local class, named_as_read = core.class(action)
  if access == "write" or class == "read" then return end
  if class == "unreviewed" and named_as_read then return end
  given.needed = class == "unreviewed"
  if given.needed and given.reviewed then return end
  refuse(path, "%s %s", action, verdicts[class] or unreviewed(action, action))
end

local function reason_of(value, path, access)
  if access == "write" or type(value) ~= "table" or value.reviewed == nil then return nil end
  local reason = text(value.reviewed, join(path, "reviewed"))
  if not reason:find("%S") then refuse(join(path, "reviewed"), "must say why it only reads") end
  return reason
end

-- Reads the value of an entry: the operations, where they are, and the other fields. The operations
-- are the value itself, the positions of a table, or its `call`; if there are none, the operation
-- has the name of the action.
local function read_value(value, path, access, action)
  if type(value) ~= "table" or next(value) == nil then return value, path, {} end
  local positions, named = {}, {}
  for key, item in next, value do
    local part = math.type(key) == "integer" and positions or named
    part[key] = item
  end
  check_fields(named, path, { call = true, on = true, reviewed = access == "read" or nil })
  if next(positions) == nil then
    if named.call == nil then return action, path, named end
    return named.call, join(path, "call"), named
  end
  if named.call ~= nil then
    refuse(join(path, "call"), "the operations are also given before it")
  end
  return positions, path, named
end

local function operations_of(value, path, access, given)
  local out = core.list({})
  if value == false then return out end
  if type(value) == "string" then value = { value } end
  if type(value) ~= "table" then
    refuse(path, "must be an operation, a list of them, or false where there is none")
  end
  for i, operation in ipairs(list(value, path)) do
    check_operation(operation, path, access, given)
    out[i] = operation
  end
  if #out == 0 then refuse(path, "names no operation; write false where there is none") end
  return out
end

local placeholders = { partition = true, region = true, account = true }

-- IAM replaces other variables when it evaluates a request, by values from that request.
local function check_placeholders(arn, path)
  for part in arn:gmatch("%$({?[^}]*}?)") do
    if not placeholders[part:match("^{(%l+)}$")] then
      refuse(path, '"$%s" is not one of ${partition}, ${region}, ${account}', part)
    end
  end
end

-- The pattern that limits an action (IAM user guide, "Amazon Resource Names" of "IAM identifiers").
local function check_pattern(arn, path)
  check_placeholders(text(arn, path), path)
  local region, account =
    arn:match("^arn:${partition}:[%l%d-]+:([^:]*):([^:]*):[^%s%c\"\\]+$")
  local fits = region and (region == "${region}" or region:find("^[%l%d-]*$"))
    and (account == "${account}" or account == "" or account == "aws")
  if not fits then
    refuse(path, '"%s" is not a pattern of an ARN: write arn:${partition}:service:' ..
      "${region}:${account}:resource, region and account empty where the service's ARNs have none",
      arn)
  end
  return arn
end

-- nil: all resources.
local function read_on(value, path)
  if value == nil then return nil end
  if type(value) == "string" then value = { value } end
  local out = core.list({})
  for i, arn in ipairs(list(value, path)) do
    out[i] = check_pattern(arn, #value > 1 and ("%s[%d]"):format(path, i) or path)
  end
  if #out == 0 then refuse(path, "names nothing; omit it if IAM accepts only *") end
  return out
end

local function read_permission(key, value, path, access)
  local remapped = type(key) == "string"
  local action = remapped and key or value
  local at = remapped and join(path, key) or ("%s[%s]"):format(path, tostring(key))
  check_action(action, at)
  local given = { action = action, reviewed = reason_of(value, at, access) }
  check_access(action, at, access, given)
  local called, where, more = read_value(value, at, access, action)
  local operations = operations_of(called, where, access, given)
  return core.object("action", action, "operations", operations,
    "on", read_on(more.on, join(at, "on")),
    "reviewed", given.needed and given.reviewed or nil), operations, at
end

local function read_entry(key, value, access, seen)
  local path = "permissions." .. access
  if math.type(key) == "integer" and (key < 1 or key > #value) then
    refuse(path, "has a hole before entry %d", key)
  end
  local permission, used, at = read_permission(key, value[key], path, access)
  local action = type(key) == "string" and key or value[key]
  if seen[action] then refuse(at, "%s is declared twice", action) end
  seen[action] = true
  return permission, used
end

local function read_permissions(value, access)
  local path = "permissions." .. access
  local out, seen, called = core.list({}), {}, {}
  if value == nil and access == "write" then return out end
  for _, key in ipairs(sorted_keys(schema.attempt(expect, value, "table", path) or {})) do
    local permission, used = schema.attempt(read_entry, key, value, access, seen)
    for _, operation in ipairs(used or {}) do called[operation:gsub("_", "-")] = true end
    out[#out + 1] = permission
  end
  return out, called
end

local function check_member(name, path, called)
  local operation, member = text(name, path):match("^([%w_-]+:%u%w*)%.([%w._-]*%w)$")
  if not operation then
    refuse(path, '"%s" is not a member: write service:Operation.Path.To.Member', name)
  end
  if not called[operation:gsub("_", "-")] then
    refuse(path, "%s is not declared in permissions.read", operation)
  end
  local redacted = core.redacts(operation, member)
  if redacted == nil then refuse(path, "the response of %s has no member %s", operation, member) end
  if not redacted then refuse(path, "%s is not redacted, so it must not be declared", name) end
end

-- Members of results that the policy needs unredacted: a list of names, or name = why.
local function read_sensitive(value, called)
  local path, shown = "permissions.sensitive", {}
  for _, key in ipairs(sorted_keys(schema.optional(value, "table", path) or {})) do
    local at = join(path, key)
    local named = type(key) == "string"
    local name = named and key or value[key]
    check_member(name, at, called)
    shown[#shown + 1] = name
    shown[#shown + 1] = named and text(value[key], at) or ""
  end
  return core.object(table.unpack(shown))
end

schema.read_permissions = read_permissions
schema.read_sensitive = read_sensitive
