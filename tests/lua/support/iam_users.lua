-- A user whose credentials have the ages that a test sets, for the specs of policies/iam_user.lua.
local assert = require "luassert"
local policies = require "support.policy"

local users = { now = 1795000000 }

local DAY = 86400
local MISSING = policies.fault("NoSuchEntity", "there is none", 404)
local HEAD = "user,arn,user_creation_time,password_enabled,password_last_used,"
  .. "password_last_changed,password_next_rotation\n"

users.policy = policies.load "iam_user"

-- The time the given number of days, and seconds, ago.
function users.ago(days, seconds)
  return users.now - days * DAY - (seconds or 0)
end

function users.arn(name)
  return "arn:aws:iam::111122223333:user/" .. name
end

-- The credential report; `changed` is a time or a text.
function users.report(id, changed)
  local text = type(changed) == "string" and changed
    or os.date("!%Y-%m-%dT%H:%M:%S+00:00", changed)
  return HEAD .. ("%s,%s,x,true,x,%s,N/A\n"):format(id, users.arn(id), text)
end

-- given: { created =, password = when it was made, last_login =, mfa = number of devices, changed =
-- as the report says, keys = { { id, created, last used, status } … }, id =, now = }
function users.with(given, more)
  local id = given.id or "anna"
  local box = { password = given.password, keys = {} }
  for i, key in ipairs(given.keys or {}) do
    box.keys[i] = { UserName = id, AccessKeyId = key[1], CreateDate = key[2], used = key[3],
      Status = key[4] or "Active" }
  end
  local function mine(params) assert.equal(id, params.UserName) end
  local replies = {
    ["iam:GetUser"] = function(params)
      mine(params)
      return { User = {
        UserName = id, Path = "/", Arn = users.arn(id), PasswordLastUsed = given.last_login,
        CreateDate = given.created or users.ago(365), Tags = { { Key = "Team", Value = "shop" } },
      } }
    end,
    ["iam:GetLoginProfile"] = function(params)
      mine(params)
      if not box.password then return MISSING end
      return { LoginProfile = { UserName = id, CreateDate = box.password } }
    end,
    ["iam:ListMFADevices"] = function(params)
      mine(params)
      local devices = policies.json.decode("[]")
      for i = 1, given.mfa or 0 do devices[i] = { UserName = id, SerialNumber = "s" .. i } end
      return { MFADevices = devices, IsTruncated = false }
    end,
    ["iam:ListAccessKeys"] = function(params)
      mine(params)
      local list = policies.json.decode("[]")
      for i, key in ipairs(box.keys) do
        list[i] = { UserName = id, AccessKeyId = key.AccessKeyId, CreateDate = key.CreateDate,
          Status = key.Status }
      end
      return { AccessKeyMetadata = list, IsTruncated = false }
    end,
    ["iam:GetAccessKeyLastUsed"] = function(params)
      for _, key in ipairs(box.keys) do
        if key.AccessKeyId == params.AccessKeyId then
          return { UserName = id, AccessKeyLastUsed = {
            LastUsedDate = key.used, ServiceName = "N/A", Region = "N/A",
          } }
        end
      end
      return MISSING
    end,
    ["iam:GetCredentialReport"] = function()
      return { Content = users.report(id, given.changed or box.password) }
    end,
    ["iam:DeleteLoginProfile"] = function(params)
      mine(params)
      box.password = nil
      return {}
    end,
    ["iam:DeleteAccessKey"] = function(params)
      mine(params)
      for i, key in ipairs(box.keys) do
        if key.AccessKeyId == params.AccessKeyId then
          table.remove(box.keys, i)
          return {}
        end
      end
      error("no such key")
    end,
  }
  for name, reply in pairs(more or {}) do replies[name] = reply end
  return users.policy:resource { id = id, now = users.now, replies = replies }, box
end

-- The operations that were called, in order.
function users.calls(user)
  local names = {}
  for i, call in ipairs(user.calls) do names[i] = call.call:sub(5) end
  return table.concat(names, " ")
end

return users
