-- policies/iam_user.lua, by the real engine.
local NOW, DAY = 1795000000, 86400
local NAME, ARN = "anna", "arn:aws:iam::111122223333:user/anna"
local MFA, PASSWORD, KEY =
  "iam_user.password_without_mfa", "iam_user.password_unused", "iam_user.access_key_unused"

local function ago(days) return NOW - days * DAY end

local REPORT = "user,arn,user_creation_time,password_enabled,password_last_used,"
  .. "password_last_changed,password_next_rotation\n" .. NAME .. "," .. ARN
  .. ",2025-01-01T00:00:00+00:00,true,no_information,%s,N/A\n"

-- with: { password = when it was set, login = when it was last used, mfa = true, keys = { { id,
-- created, last used } … }, all in days ago; changed = as the credential report says }
local function replies(with)
  local keys, uses = {}, {}
  for i, key in ipairs(with.keys or {}) do
    keys[i] = { UserName = NAME, AccessKeyId = key[1], CreateDate = ago(key[2]), Status = "Active" }
    uses[i] = { with = { AccessKeyId = key[1] }, reply = { AccessKeyLastUsed = {
      LastUsedDate = key[3] and ago(key[3]), ServiceName = "N/A", Region = "N/A",
    } } }
  end
  local made = with.password and ago(with.password)
  local profile = { LoginProfile = { UserName = NAME, CreateDate = made } }
  local devices = with.mfa and { { UserName = NAME, SerialNumber = "phone" } } or {}
  return {
    ["iam:GetUser"] = { User = {
      UserName = NAME, Path = "/", Arn = ARN, CreateDate = ago(365), Tags = {},
      PasswordLastUsed = with.login and ago(with.login),
    } },
    ["iam:GetLoginProfile"] = made and profile or { fault = "NoSuchEntity" },
    ["iam:ListMFADevices"] = { MFADevices = devices, IsTruncated = false },
    ["iam:ListAccessKeys"] = { AccessKeyMetadata = keys, IsTruncated = false },
    ["iam:GetAccessKeyLastUsed"] = uses[1] and uses or nil,
    ["iam:GetCredentialReport"] = { Content = REPORT:format(with.changed or "N/A") },
  }
end

local function user(name, with, expect)
  return { name = name, id = NAME, replies = replies(with), expect = expect }
end

local function deleted(call, with, left)
  with.UserName = NAME
  return { call = call, with = with, irreversible = true, replies = left }
end

-- A user whose password is deleted.
local function repaired(name, with, expect)
  local case = user(name, with, expect)
  local left = { ["iam:GetLoginProfile"] = { fault = "NoSuchEntity" } }
  case.changes = { deleted("iam:DeleteLoginProfile", {}, left) }
  return case
end

local USED, IDLE, NEVER = { "AKIAUSED", 300, 1 }, { "AKIAIDLE", 300, 101 }, { "AKIANEVER", 101 }
local keys = user("two unused access keys beside a used one", { keys = { USED, IDLE, NEVER } }, {
  [KEY] = { status = "non_compliant", summary = "AKIANEVER (last used: never)" },
})
keys.changes = {
  deleted("iam:DeleteAccessKey", { AccessKeyId = "AKIAIDLE" }, replies { keys = { USED, NEVER } }),
  deleted("iam:DeleteAccessKey", { AccessKeyId = "AKIANEVER" }, replies { keys = { USED } }),
}

local new = user("a password without MFA that was set minutes ago", { password = 0 },
  { [MFA] = "non_compliant" })
new.repaired = { [MFA] = "held" }

local gone = user("a user who does not exist any more", {}, "gone")
gone.replies["iam:GetUser"] = { fault = "NoSuchEntity" }

local function listed(name) return { UserName = name, CreateDate = ago(30) } end

return {
  policy = "iam_user",
  cases = {
    user("no credentials", {}, "compliant"),
    user("a password with MFA, and a key, both used",
      { password = 300, login = 1, mfa = true, keys = { USED } }, "compliant"),
    user("a password that was changed lately",
      { password = 300, mfa = true, changed = "2026-11-01T00:00:00+00:00" }, "compliant"),
    repaired("a password without MFA", { password = 200, login = 1 }, { [MFA] = "non_compliant" }),
    repaired("a password that was never used",
      { password = 200, mfa = true, changed = "2026-01-01T00:00:00+00:00" }, {
        [PASSWORD] = { status = "non_compliant", summary = "never used" },
      }),
    keys, new, gone,
  },
  listings = {
    {
      name = "users, page by page",
      replies = {
        ["iam:ListUsers"] = { pages = {
          { Users = { listed "anna", listed "misconfiguration_maker" } },
          { Users = { listed "bob" } },
        } },
      },
      ids = { "anna", { id = "misconfiguration_maker", test = true }, "bob" },
    },
  },
  events = {
    {
      event = "iam:DeactivateMFADevice",
      detail = { requestParameters = { userName = NAME, serialNumber = "phone" } },
      ids = { NAME },
    },
  },
}
