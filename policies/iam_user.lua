-- Users have no unused credentials, and no password without MFA.
local credential_report = require "lib.credential_report"
local dates = require "lib.dates"
local event_ids = require "lib.event_ids"
local none = require "lib.none"
local root_user = require "lib.root_user"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"

local USERS = "arn:${partition}:iam::${account}:user/*"

local GRACE, PASSWORD, KEY = 1, 90, 100 -- days
-- "Several minutes" must pass before a new entity can be changed (IAM API reference,
-- DeleteLoginProfile: EntityTemporarilyUnmodifiable).
local UNMODIFIABLE = 5 * 60
local GONE = "NoSuchEntity"

-- The credential report would answer for all users at once, but it may be four hours old, and IAM
-- makes no newer one (IAM user guide, "Getting credential reports"): a password or a key that was
-- set since would pass. So each user's credentials are read.

-- IAM always returns these; without them the user would seem to have no credentials.
local function part(reply, operation, name)
  if reply[name] == nil or reply[name] == "" then
    error(("iam:%s returned no %s"):format(operation, name), 0)
  end
  return reply[name]
end

-- All items of the user, from all pages; nil if the user no longer exists.
local function list_of(user, operation, name)
  local items, marker = {}, nil
  repeat
    local wanted = { UserName = user.id, Marker = marker }
    local page = user.aws.iam:try(operation, wanted, GONE)
    if not page then return nil end
    for _, item in ipairs(part(page, operation, name)) do items[#items + 1] = item end
    marker = page.IsTruncated and part(page, operation, "Marker") or nil
  until not marker
  return items
end

-- The errors of GetCredentialReport while IAM has no report (IAM API reference).
local NO_REPORT = { "ReportNotPresent", "ReportExpired", "ReportInProgress" }

local function ready_report(iam)
  return iam:try("GetCredentialReport", {}, table.unpack(NO_REPORT))
end

-- The credential report of the account, which all users share.
local function report_of(user)
  local iam = user.aws.iam
  local found, why = ready_report(iam)
  if not found and why ~= "ReportInProgress" then
    iam:GenerateCredentialReport {}
    found, why = ready_report(iam)
    -- This may be the response to a user who asked before the report was requested.
    if why == "ReportNotPresent" or why == "ReportExpired" then found = ready_report(iam) end
  end
  if not found then user:later(30) end
  return part(found, "GetCredentialReport", "Content")
end

-- nil: the user no longer exists.
local function user_of(user)
  local reply = user.aws.iam:try("GetUser", { UserName = user.id }, GONE)
  return reply and part(reply, "GetUser", "User")
end

-- { made =, last_used = }, or nil.
local function password_of(user, state)
  local reply = user.aws.iam:try("GetLoginProfile", { UserName = user.id }, GONE)
  if not reply then return nil end
  local profile = part(reply, "GetLoginProfile", "LoginProfile")
  local made = part(profile, "GetLoginProfile", "CreateDate")
  return { made = made, last_used = state.found().PasswordLastUsed }
end

-- ListUsers does not return the tags (IAM API reference, ListUsers).
local function tags_of(user, state)
  local found = state.found()
  if user.listed then found = user_of(user) end
  return found and tags.map(found.Tags)
end

-- Does a user with a password have MFA? nil if the password is too new to be checked.
local function mfa_of(user, state)
  if not state.password or not dates.is_past(state.created, GRACE, user.now) then return nil end
  local devices = list_of(user, "ListMFADevices", "MFADevices")
  return devices ~= nil and #devices > 0
end

-- The login profile has the time when the first password was created (IAM API reference,
-- GetLoginProfile). Only the credential report has the time of the last change; it is read if the
-- result depends on it. A password newer than the report is not in it.
local function password_changed(user, state)
  local password, now = state.password, user.now
  if not password then return nil end
  if not dates.is_past(password.made, PASSWORD, now) then return password.made end
  if not dates.is_past(password.last_used, PASSWORD, now) then return password.made end
  local changed = credential_report.password_changed(report_of(user), state.found())
  return math.max(password.made, changed or password.made)
end

-- The last use of a key is only read if the result depends on it. A key that was deleted meanwhile
-- is left out.
local function key_of(user, listed)
  local key = { id = listed.AccessKeyId, created = listed.CreateDate }
  if not dates.is_past(key.created, KEY, user.now) then return key end
  local reply = user.aws.iam:try("GetAccessKeyLastUsed", { AccessKeyId = key.id }, GONE)
  if not reply then return nil end
  local used = part(reply, "GetAccessKeyLastUsed", "AccessKeyLastUsed")
  part(used, "GetAccessKeyLastUsed", "ServiceName") -- "N/A" for an unused key
  key.is_old, key.last_used = true, used.LastUsedDate
  return key
end

local function active_keys(user)
  local listed, keys = list_of(user, "ListAccessKeys", "AccessKeyMetadata") or {}, {}
  for _, one in ipairs(listed) do
    if part(one, "ListAccessKeys", "Status") == "Active" then
      part(one, "ListAccessKeys", "CreateDate")
      keys[#keys + 1] = key_of(user, one)
    end
  end
  table.sort(keys, function(one, other) return one.id < other.id end)
  return keys
end

local function keys_without(keys, gone)
  local rest = {}
  for _, key in ipairs(keys) do
    if not gone[key.id] then rest[#rest + 1] = key end
  end
  return rest
end

local function when(time)
  return time and dates.text(time) or "never"
end

-- The fix of both password checks: it repairs the second check too.
local function delete_password(user, state)
  if user.now - state.password.made < UNMODIFIABLE then
    return { held = "the password was created minutes ago: IAM refuses to change it so soon" }
  end
  local step = {
    call = "iam:DeleteLoginProfile", with = { UserName = user.id },
    irreversible = "a deleted password cannot be restored: only a new one can be set",
  }
  return { step }, { password = none, has_mfa = none, password_changed = none }
end

-- The path is known after the user was read.
local function arn_of(_, state)
  local path = state and state.path or "/"
  return "arn:${partition}:iam::${account}:user" .. path .. "${id}"
end

-- A request without a name turns off the user's own device. The root user is checked with the
-- region.
local function deprived(event)
  if root_user.is_deprived(event) then return {} end
  if event_ids.is_cut(event.requestParameters) then
    event_ids.missing("requestParameters.userName")
  end
  return event_ids.first(event, "requestParameters.userName", "userIdentity.userName")
end

return policy {
  type = "iam_user",
  title = "IAM user",
  scope = "global",
  aws_type = "AWS::IAM::User",
  arn = arn_of,
  id = { canonical = spellings.after_path("iam", "user/"), form = "${word}" },

  permissions = {
    read = {
      "iam:ListUsers", "iam:GenerateCredentialReport", "iam:GetCredentialReport",
      ["iam:GetUser"] = { on = USERS },
      ["iam:GetLoginProfile"] = { on = USERS },
      ["iam:ListMFADevices"] = { on = USERS },
      ["iam:ListAccessKeys"] = { on = USERS },
      ["iam:GetAccessKeyLastUsed"] = { on = USERS },
    },
    shared = {
      "iam:GenerateCredentialReport", ["iam:GetCredentialReport"] = { not_yet = NO_REPORT },
    },
    write = {
      ["iam:DeleteLoginProfile"] = { on = USERS },
      ["iam:DeleteAccessKey"] = { on = USERS },
    },
  },

  events = { ["iam:DeactivateMFADevice"] = deprived },

  discover = function(scope)
    for page in scope.aws.iam:pages("ListUsers", { MaxItems = 1000 }) do
      for _, user in ipairs(part(page, "ListUsers", "Users")) do
        local test = test_resources.named(user.UserName)
        scope:found(user.UserName, { test = test, listed = user })
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(user)
    local found = user.listed or user_of(user)
    if not found then return nil end
    return {
      created = part(found, "GetUser", "CreateDate"), path = found.Path,
      found = function() return found end,
    }
  end,

  -- If the user was deleted meanwhile, there is nothing to find.
  reads = {
    tags = tags_of, password = password_of, has_mfa = mfa_of, password_changed = password_changed,
    keys = active_keys,
  },

  checks = {
    {
      id = "iam_user.password_without_mfa",
      title = "User has a password and no MFA device",
      severity = "high",
      controls = { securityhub = { "IAM.5" }, cis = { "1.10" } },
      risk = "Anyone who learns the password can sign in as the user, because no second "
        .. "factor is required.",
      advice = "Have the user register an MFA device, or delete the password.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-5",
      impact = "destroys",
      repair = "Deletes the password permanently: the user cannot sign in to the console "
        .. "until a new one is set; access keys stay.",

      audit = function(user, state)
        local password = state.password
        if not password or not dates.is_past(state.created, GRACE, user.now) then return true end
        if state.has_mfa then return true end
        local evidence = { created = when(state.created), password_made = when(password.made) }
        return false, "the user has a password and no MFA device", evidence
      end,

      fix = delete_password,
    },
    {
      id = "iam_user.password_unused",
      title = "User has a password that was not used for 90 days",
      severity = "medium",
      controls = { securityhub = { "IAM.8 ~" }, cis = { "1.12 ~" } }, -- these include access keys
      risk = "Nobody notices when a password that nobody uses is stolen.",
      advice = "Delete the password, or have its user change it and sign in.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-8",
      impact = "destroys",
      repair = "Deletes the password permanently: the user cannot sign in to the console "
        .. "until a new one is set; access keys stay.",

      audit = function(user, state)
        local password = state.password
        if not password then return true end
        if not dates.is_past(password.last_used, PASSWORD, user.now) then return true end
        local changed = state.password_changed
        if not dates.is_past(changed, PASSWORD, user.now) then return true end
        local evidence = {
          password_changed = when(changed), password_last_used = when(password.last_used),
        }
        local summary = "the password of %s was last used %s, more than 90 days ago"
        if not password.last_used then summary = "the password of %s was %s used" end
        return false, summary:format(when(changed), evidence.password_last_used), evidence
      end,

      fix = delete_password,
    },
    {
      id = "iam_user.access_key_unused",
      title = "User has an access key that was not used for 100 days",
      severity = "medium",
      controls = { securityhub = { "IAM.8 ~" }, cis = { "1.12 ~" } },
      risk = "Nobody notices when an access key that nobody uses is stolen.",
      advice = "Deactivate the key, and delete it if nothing has failed for some time.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-8",
      impact = "destroys",
      repair = "Deletes the access key permanently: software that still uses it is refused; "
        .. "other keys and the password stay.",

      audit = function(user, state)
        local unused, names = {}, {}
        for _, key in ipairs(state.keys) do
          if key.is_old and dates.is_past(key.last_used, KEY, user.now) then
            local used = when(key.last_used)
            unused[#unused + 1] = { id = key.id, created = when(key.created), last_used = used }
            names[#names + 1] = ("%s (last used: %s)"):format(key.id, used)
          end
        end
        if #unused == 0 then return true end
        local summary = "active and not used for more than 100 days: " .. table.concat(names, ", ")
        return false, summary, unused
      end,

      fix = function(user, state, unused)
        local gone, steps = {}, {}
        for i, key in ipairs(unused) do
          gone[key.id] = true
          steps[i] = {
            call = "iam:DeleteAccessKey", with = { UserName = user.id, AccessKeyId = key.id },
            irreversible = "a deleted access key cannot be restored: only a new one can be "
              .. "created",
            after = { keys = keys_without(state.keys, gone) },
          }
        end
        return steps
      end,
    },
  },
}
