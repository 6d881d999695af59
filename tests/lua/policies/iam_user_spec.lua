-- policies/iam_user.lua with a user whose credentials have the ages that a test sets.
local policies = require "support.policy"
local users = require "support.iam_users"

local ago, user_with, calls_of = users.ago, users.with, users.calls
local iam_user, arn_of = users.policy, users.arn
local MFA, UNUSED, KEY =
  "iam_user.password_without_mfa", "iam_user.password_unused", "iam_user.access_key_unused"
local MISSING = policies.fault("NoSuchEntity", "there is none", 404)
local DENIED = policies.fault("AccessDenied", "no", 403)

local function status(given, check, more)
  return user_with(given, more):audit()[check].status
end

describe("a user's audit", function()
  it("passes without credentials, in three calls", function()
    local user = user_with {}
    local outcome = user:plan()
    for _, check in ipairs { MFA, UNUSED, KEY } do
      assert.equal("compliant", outcome[check].status)
    end
    assert.equal("GetUser GetLoginProfile ListAccessKeys", calls_of(user))
    assert.same({ Team = "shop" }, outcome.tags)
  end)

  it("makes only the calls that the ages of the credentials require", function()
    local young = user_with { created = ago(0, 5), password = ago(0, 5),
      keys = { { "AKIAYOUNG", ago(0, 5) } } }
    young:audit()
    assert.equal("GetUser GetLoginProfile ListAccessKeys", calls_of(young))
    local busy = user_with { password = ago(300), last_login = ago(3), mfa = 1,
      keys = { { "AKIAOLD", ago(300), ago(3) }, { "AKIAOFF", ago(300), nil, "Inactive" } } }
    busy:audit()
    assert.equal("GetUser GetLoginProfile ListMFADevices ListAccessKeys GetAccessKeyLastUsed",
      calls_of(busy))
    local idle = user_with { password = ago(300), mfa = 1 }
    idle:audit()
    assert.equal("GetUser GetLoginProfile ListMFADevices GetCredentialReport ListAccessKeys",
      calls_of(idle))
  end)

  it("requires a second factor after a day, not before", function()
    local function at(created, mfa)
      return status({ created = created, password = created, mfa = mfa }, MFA)
    end
    assert.equal("compliant", at(ago(1), 0))
    assert.equal("non_compliant", at(ago(1, 1), 0))
    assert.equal("compliant", at(ago(1, 1), 1))
    assert.equal("compliant", at(ago(400), 8))
    assert.equal("compliant", status({ created = ago(30) }, MFA))
  end)

  it("finds an old and unused password, tested on both sides of 90 days", function()
    local function at(password, last_login, changed)
      return status({ password = password, last_login = last_login, changed = changed, mfa = 1 },
        UNUSED)
    end
    assert.equal("compliant", at(ago(90), nil))
    assert.equal("non_compliant", at(ago(90, 1), nil))
    assert.equal("compliant", at(ago(200), ago(90)))
    assert.equal("non_compliant", at(ago(200), ago(90, 1)))
    assert.equal("compliant", at(ago(89), ago(300)))
    assert.equal("compliant", at(ago(200), nil, ago(90)))
    assert.equal("non_compliant", at(ago(200), nil, ago(90, 1)))
  end)

  it("says since when a password has not been used", function()
    local given = { password = 1700000000, last_login = 1700000001, mfa = 1 }
    local entry = user_with(given):audit()[UNUSED]
    assert.equal("the password of 2023-11-14T22:13:20Z was last used 2023-11-14T22:13:21Z, "
      .. "more than 90 days ago", entry.summary)
    assert.same({ password_changed = "2023-11-14T22:13:20Z",
      password_last_used = "2023-11-14T22:13:21Z" }, entry.evidence)
    given.last_login = nil
    assert.equal("the password of 2023-11-14T22:13:20Z was never used",
      user_with(given):audit()[UNUSED].summary)
  end)

  it("finds active keys that are old and unused, tested on both sides of 100 days", function()
    local function at(created, used, state)
      return status({ keys = { { "AKIAONE", created, used, state } } }, KEY)
    end
    assert.equal("compliant", at(ago(100), nil))
    assert.equal("non_compliant", at(ago(100, 1), nil))
    assert.equal("compliant", at(ago(300), ago(100)))
    assert.equal("non_compliant", at(ago(300), ago(100, 1)))
    assert.equal("compliant", at(ago(300), nil, "Inactive"))
    assert.equal("compliant", at(ago(99), ago(300)))
  end)

  it("names the keys in a fixed order", function()
    local one, two = { "AKIAONE", ago(200), ago(150) }, { "AKIATWO", ago(200) }
    local entry = user_with({ keys = { two, one } }):audit()[KEY]
    assert.same(entry, user_with({ keys = { one, two } }):audit()[KEY])
    assert.equal("AKIAONE", entry.evidence[1].id)
    assert.equal("never", entry.evidence[2].last_used)
    assert.truthy(entry.summary:find("AKIATWO (last used: never)", 1, true))
  end)

  it("does not wait for a report that it does not need", function()
    local given = { password = ago(200), last_login = ago(5), mfa = 1 }
    assert.equal("compliant", status(given, UNUSED, { ["iam:GetCredentialReport"] = DENIED }))
  end)
end)

describe("a user's audit of what it cannot read", function()
  local FULL = { password = ago(200), last_login = ago(3), keys = { { "AKIAONE", ago(200) } } }
  -- The reads, and the checks that need each.
  local READERS = {
    GetUser = { MFA, UNUSED, KEY }, GetLoginProfile = { MFA, UNUSED }, ListMFADevices = { MFA },
    ListAccessKeys = { KEY }, GetAccessKeyLastUsed = { KEY },
  }

  it("is unknown, and repairs nothing, if a read that a check needs is refused", function()
    for operation, readers in pairs(READERS) do
      local user = user_with(FULL, { ["iam:" .. operation] = DENIED })
      local results, outcome = user:repair()
      local unknown = {}
      for _, check in ipairs(readers) do
        unknown[check] = true
        assert.equal("AccessDenied", outcome[check].error.code)
        assert.is_nil(results[check])
      end
      for _, check in ipairs { MFA, UNUSED, KEY } do
        assert.equal(unknown[check] == true, outcome[check].status == "unknown", operation)
      end
    end
  end)

  it("is unknown if a response is incomplete", function()
    local whole = { UserName = "anna", Arn = arn_of("anna"), CreateDate = ago(200) }
    local replies = {
      { "GetUser", {} }, { "GetUser", { User = { UserName = "anna" } } },
      { "GetLoginProfile", {} }, { "GetLoginProfile", { LoginProfile = { UserName = "anna" } } },
      { "ListMFADevices", { IsTruncated = false } },
      { "ListMFADevices", { MFADevices = {}, IsTruncated = true } },
      { "ListAccessKeys", {} },
      { "ListAccessKeys", { AccessKeyMetadata = { { AccessKeyId = "A", CreateDate = 1 } } } },
      { "ListAccessKeys", { AccessKeyMetadata = { { AccessKeyId = "A", Status = "Active" } } } },
      { "ListAccessKeys", { AccessKeyMetadata = { { AccessKeyId = "A", CreateDate = 1,
        Status = "" } } } },
      { "GetAccessKeyLastUsed", { UserName = "anna" } },
      { "GetAccessKeyLastUsed", { UserName = "anna", AccessKeyLastUsed = {} } },
    }
    for _, reply in ipairs(replies) do
      local outcome = user_with(FULL, { ["iam:" .. reply[1]] = reply[2] }):audit()
      for _, check in ipairs(READERS[reply[1]]) do
        assert.equal("unknown", outcome[check].status, reply[1])
      end
    end
    assert.equal("non_compliant", status(FULL, KEY, { ["iam:GetUser"] = { User = whole } }))
  end)

  it("is gone if the user is, and has no findings about a user who disappears meanwhile", function()
    assert.equal("gone", user_with(FULL, { ["iam:GetUser"] = MISSING }):audit().state)
    local outcome = user_with(FULL, { ["iam:GetLoginProfile"] = MISSING,
      ["iam:ListMFADevices"] = MISSING, ["iam:ListAccessKeys"] = MISSING }):audit()
    for _, check in ipairs { MFA, UNUSED, KEY } do
      assert.equal("compliant", outcome[check].status)
    end
  end)

  it("leaves out a key that no longer exists", function()
    local outcome = user_with(FULL, { ["iam:GetAccessKeyLastUsed"] = MISSING }):plan()
    assert.equal("compliant", outcome[KEY].status)
    assert.equal("non_compliant", outcome[MFA].status)
  end)

  it("reads all pages", function()
    local function by_marker(name, pages)
      return function(params)
        local at = tonumber(params.Marker or 1)
        local more = pages[at + 1] ~= nil
        return { [name] = pages[at], IsTruncated = more, Marker = more and tostring(at + 1) or nil }
      end
    end
    local key = { UserName = "anna", AccessKeyId = "AKIALAST", CreateDate = ago(200),
      Status = "Active" }
    local more = {
      ["iam:ListMFADevices"] = by_marker("MFADevices",
        { policies.json.decode("[]"), { { SerialNumber = "s" } } }),
      ["iam:ListAccessKeys"] = by_marker("AccessKeyMetadata",
        { policies.json.decode("[]"), { key } }),
      ["iam:GetAccessKeyLastUsed"] = { AccessKeyLastUsed = { ServiceName = "N/A" } },
    }
    local outcome = user_with(FULL, more):audit()
    assert.equal("compliant", outcome[MFA].status)
    assert.equal("AKIALAST", outcome[KEY].evidence[1].id)
  end)
end)

describe("a user's repair", function()
  it("deletes a password without a second factor, and nothing else", function()
    local user, box = user_with { password = ago(200), last_login = ago(1),
      keys = { { "AKIABUSY", ago(200), ago(1) } } }
    local results, outcome = user:repair()
    assert.same({ [MFA] = "fixed" }, results)
    assert.is_nil(box.password)
    assert.equal(1, #box.keys)
    assert.same({ { call = "iam:DeleteLoginProfile", region = "us-east-1",
      with = { UserName = "anna" } } }, user:sent())
    assert.truthy(outcome[MFA].steps[1].irreversible)
  end)

  it("deletes an unused password once, whichever check comes first", function()
    local user = user_with { password = ago(200) }
    local results, outcome = user:repair()
    assert.same({ [MFA] = "fixed", [UNUSED] = "fixed" }, results)
    assert.equal("covered", outcome[UNUSED].fix)
    assert.equal(MFA, outcome[UNUSED].covered_by)
    assert.equal(1, #user:sent())
    user = user_with { password = ago(200), mfa = 1 }
    assert.same({ [UNUSED] = "fixed" }, (user:repair()))
    assert.equal(1, #user:sent())
  end)

  it("deletes exactly the unused keys", function()
    local user, box = user_with { keys = {
      { "AKIAUSED", ago(200), ago(1) }, { "AKIAIDLE", ago(200), ago(101) },
      { "AKIAOFF", ago(200), nil, "Inactive" }, { "AKIANEVER", ago(101) },
    } }
    local results, outcome = user:repair()
    assert.same({ [KEY] = "fixed" }, results)
    assert.equal(2, #box.keys)
    assert.equal("AKIAUSED", box.keys[1].AccessKeyId)
    assert.equal("AKIAOFF", box.keys[2].AccessKeyId)
    local sent = user:sent()
    assert.equal(2, #sent)
    assert.same({ UserName = "anna", AccessKeyId = "AKIAIDLE" }, sent[1].with)
    assert.same({ UserName = "anna", AccessKeyId = "AKIANEVER" }, sent[2].with)
    for _, step in ipairs(outcome[KEY].steps) do assert.truthy(step.irreversible) end
  end)

  it("repairs password and keys together", function()
    local user, box = user_with { password = ago(200), keys = { { "AKIAIDLE", ago(200) } } }
    assert.same({ [MFA] = "fixed", [UNUSED] = "fixed", [KEY] = "fixed" }, (user:repair()))
    assert.is_nil(box.password)
    assert.equal(0, #box.keys)
    assert.equal(2, #user:sent())
  end)

  it("waits while IAM refuses to change a new password", function()
    local user = user_with { password = ago(0, 299) }
    local results, outcome = user:repair()
    assert.same({ [MFA] = "held" }, results)
    assert.truthy(outcome[MFA].held:find("created minutes ago", 1, true))
    assert.same({}, user:sent())
    assert.same({ [MFA] = "fixed" }, (user_with { password = ago(0, 300) }:repair()))
  end)

  it("passes names on unchanged", function()
    for _, id in ipairs { "o'brien \"x\"\n", "m\u{fc}ller", ("x"):rep(200), "a,b+c=d@e.f-g" } do
      local user, box = user_with { id = id, password = ago(200), keys = { { "AKIA", ago(200) } } }
      assert.equal("fixed", user:repair()[MFA])
      assert.is_nil(box.password)
    end
  end)
end)

describe("users", function()
  it("are listed page by page, with test resources marked", function()
    local function named(name) return { UserName = name, CreateDate = 1 } end
    local list, calls = iam_user:discover { replies = { ["iam:ListUsers"] = policies.pages {
      { Users = { named("anna"), named("misconfiguration_maker") }, IsTruncated = true },
      { Users = policies.json.decode("[]") },
      { Users = { named("x-misconfig-maker") } },
    } } }
    assert.same({
      { id = "anna", test = false },
      { id = "misconfiguration_maker", test = true },
      { id = "x-misconfig-maker", test = true },
    }, list)
    assert.same({ MaxItems = 1000 }, calls[1].with)
    assert.has_error(function()
      iam_user:discover { replies = { ["iam:ListUsers"] = {} } }
    end)
  end)

  it("are found in their event", function()
    local detail = { requestParameters = { userName = "anna", serialNumber = "arn" } }
    assert.same({ { id = "anna" } }, iam_user:event("iam:DeactivateMFADevice", detail))
    local own = { requestParameters = { serialNumber = "a" }, userIdentity = { userName = "bob" } }
    assert.same({ { id = "bob" } }, iam_user:event("iam:DeactivateMFADevice", own))
    own.requestParameters = { omitted = true }
    assert.has_error(function() iam_user:event("iam:DeactivateMFADevice", own) end)
    local root = { requestParameters = { userName = "AWS ROOT USER" } }
    assert.same({}, iam_user:event("iam:DeactivateMFADevice", root))
    assert.has_error(function() iam_user:event("iam:DeactivateMFADevice", {}) end)
  end)

  it("use every permission that they declare, except those of the report", function()
    assert.same({ "iam:GenerateCredentialReport" }, iam_user:never_called())
  end)
end)
