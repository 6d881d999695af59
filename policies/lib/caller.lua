-- The identity that AWS sees for us: the ARN of resource:caller(), and whether names in policies
-- mean it.
local arn = require "lib.arn"
local glob = require "lib.glob"

local caller = {}

local function last_part(path)
  return path:match("([^/]*)$")
end

-- The ARN -> { arn =, account =, kind = "role" | "user" | "root" | "other", name = of the role or
-- user, or "" }. The ARN of a session does not contain its role's path (IAM user guide, "IAM
-- identifiers").
function caller.parse(text)
  local name = arn.parse(text)
  if not name then error("the caller has no ARN: " .. text, 0) end
  local me = { arn = text, account = name.account, kind = "other", name = "" }
  local kind, rest = name.resource:match("^([^/]*)/?(.*)$")
  if kind == "assumed-role" then
    me.kind, me.name = "role", rest:match("^[^/]*")
  elseif kind == "user" then
    me.kind, me.name = "user", last_part(rest)
  elseif kind == "root" then
    me.kind = "root"
  end
  return me
end

-- Names of roles and users are unique regardless of letter case (IAM API reference, CreateRole).
local function same(one, other)
  return one:lower() == other:lower()
end

-- Is it the role of this name in the caller's own account?
function caller.is_role(me, account, role)
  return me.kind == "role" and me.account == account and same(me.name, role)
end

local function is_written(me, text)
  local name = arn.parse(text)
  if not name or name.account ~= me.account or me.name == "" then return false end
  local kind, rest = name.resource:match("^([^/]*)/(.*)$")
  return kind == me.kind and same(last_part(rest), me.name)
end

-- Does the text of a principal (an ARN, an account's id or `*`) name the caller, or its whole
-- account?
function caller.is_named(me, text)
  if text == "*" or text == me.account or text == me.arn then return true end
  if is_written(me, text) then return true end
  local name = arn.parse(text)
  return name ~= nil and name.account == me.account and name.resource == "root"
end

-- Does a pattern of aws:PrincipalArn match the caller? For a session the key holds its role's ARN
-- (IAM user guide, "aws:PrincipalArn"), whose path is unknown: a pattern counts if it matches the
-- role without a path, or names the role after a path.
function caller.matches(me, pattern)
  local plain = me.arn
  if me.kind == "role" then
    local name = arn.parse(me.arn)
    plain = ("arn:%s:iam::%s:role/%s"):format(name.partition, me.account, me.name)
  end
  return glob.covers(pattern, plain) or is_written(me, pattern)
end

return caller
