-- What a repair leaves of a key policy, and whether the key can still be managed.
local access = require "lib.access"
local caller = require "lib.caller"
local json = require "support.json"
local key_policy = require "lib.key_policy"

local ACCOUNT, ROOT = "111122223333", "arn:aws:iam::111122223333:root"
local ADMIN = "arn:aws:iam::111122223333:role/admin"
local KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
local ME = caller.parse("arn:aws:sts::111122223333:assumed-role/member_remediator/engine")
local MEMBER = "arn:aws:iam::111122223333:role/member_remediator"

local function allow(principal, action, more)
  local statement = { Effect = "Allow", Principal = principal, Action = action, Resource = "*" }
  for key, value in pairs(more or {}) do statement[key] = value end
  return statement
end

local function deny(principal, action, condition)
  return { Effect = "Deny", Principal = principal, Action = action, Resource = "*",
    Condition = condition }
end

local function document(...)
  return { Version = "2012-10-17", Statement = { ... } }
end

-- The statements that are left.
local function closed(...)
  local given = document(...)
  local resource = { account = ACCOUNT, type = "kms_key", trusted = function() return false end }
  local before = json.canonical(given)
  local left = key_policy.closed(given, function(other)
    return access.open_to_anyone(other, resource)
  end, ACCOUNT, "aws").document
  assert.equal(before, json.canonical(given))
  assert.same({}, access.open_to_anyone(left, resource))
  assert.equal("2012-10-17", left.Version)
  return left.Statement
end

describe("a closed key policy", function()
  it("loses open statements if root has the same access", function()
    local root = allow({ AWS = ROOT }, "kms:*")
    assert.same({ root }, closed(root, allow("*", "kms:Decrypt")))
    assert.same({ root }, closed(allow({ AWS = "*" }, "kms:*"), root))
    local by_number = allow({ AWS = ACCOUNT }, { "kms:*" })
    assert.same({ by_number }, closed(by_number, allow("*", { "kms:Encrypt", "kms:Decrypt" })))
    local narrow = allow({ AWS = ROOT }, { "kms:Get*", "kms:Decrypt" })
    assert.same({ narrow }, closed(narrow, allow("*", "kms:decrypt")))
  end)

  it("keeps an open statement for root if nothing else gives root access", function()
    assert.same({ allow({ AWS = ROOT }, "kms:*") }, closed(allow("*", "kms:*")))
    local condition = { Condition = { StringEquals = { ["kms:ViaService"] = "s3.amazonaws.com" } } }
    assert.same({ allow({ AWS = ROOT }, "kms:*", condition) },
      closed(allow({ AWS = "*" }, "kms:*", condition)))
    local admin = allow({ AWS = ADMIN }, "kms:*")
    assert.same({ admin, allow({ AWS = ROOT }, "kms:Decrypt") },
      closed(admin, allow("*", "kms:Decrypt")))
    local guarded = allow({ AWS = ROOT }, "kms:*", { Condition = { Bool = {
      ["aws:MultiFactorAuthPresent"] = "true" } } })
    assert.same({ guarded, allow({ AWS = ROOT }, "kms:Decrypt") },
      closed(guarded, allow("*", "kms:Decrypt")))
    assert.same({ allow({ AWS = ROOT }, "kms:*", condition) },
      closed(allow({ AWS = { "*", ROOT } }, "kms:*", condition)))
    local denied = deny({ AWS = ROOT }, "kms:ScheduleKeyDeletion")
    assert.same({ denied, allow({ AWS = ROOT }, "kms:Decrypt") },
      closed(denied, allow("*", "kms:Decrypt")))
  end)

  it("keeps the others of an open statement", function()
    assert.same({ allow({ AWS = { ROOT, ADMIN }, Service = "s3.amazonaws.com" }, "kms:*") },
      closed(allow({ AWS = { "*", ADMIN }, Service = "s3.amazonaws.com" }, "kms:*")))
    assert.same({ allow({ AWS = ROOT }, "kms:*") },
      closed(allow({ AWS = { "*", ROOT } }, "kms:*")))
  end)

  it("gives root access in only one of several statements", function()
    assert.same({ allow({ AWS = ROOT }, "kms:*"), allow({ AWS = ROOT }, "kms:*") },
      closed(allow("*", "kms:*"), allow("*", "kms:*")))
    local root = allow({ AWS = ROOT }, "kms:*")
    assert.same({ root }, closed(allow("*", "kms:*"), root, allow("*", "kms:*")))
  end)

  it("gives nobody new access", function()
    local root = allow({ AWS = ROOT }, "kms:CreateGrant")
    local public = allow({ Federated = "accounts.google.com" }, "kms:Decrypt")
    assert.same({ root }, closed(root, public))
    local others = { Effect = "Allow", NotPrincipal = { AWS = ROOT }, Action = "kms:Decrypt",
      Resource = "*" }
    assert.same({ root }, closed(root, others))
    others.NotPrincipal = { AWS = ADMIN }
    assert.same({ root, allow({ AWS = ROOT }, "kms:Decrypt") }, closed(root, others))
  end)
end)

local function lockout(...)
  return key_policy.lockout(document(...), ME, KEY)
end

describe("a key policy", function()
  it("lets the caller change it", function()
    for i, statement in ipairs {
      allow({ AWS = ROOT }, "kms:*"), allow({ AWS = ACCOUNT }, { "kms:Put*" }),
      allow({ AWS = { ADMIN, MEMBER } }, "KMS:PutKeyPolicy"), allow("*", "*"),
      allow({ AWS = ROOT }, "kms:*", { Resource = KEY }),
      allow({ AWS = ROOT }, "kms:*", { Resource = "arn:aws:kms:*:111122223333:key/*" }),
      allow("*", "kms:*", { Condition = { StringEquals = { ["kms:CallerAccount"] = ACCOUNT } } }),
      allow({ AWS = ROOT }, "kms:*", { Condition = { ArnLike = {
        ["aws:PrincipalArn"] = "arn:aws:iam::*:role/member_*" } } }),
    } do
      assert.is_nil(lockout(statement), i)
    end
  end)

  it("does not let the caller change it", function()
    for i, statement in ipairs {
      allow({ AWS = ADMIN }, "kms:*"), allow({ AWS = ROOT }, { "kms:Get*", "kms:Decrypt" }),
      allow({ AWS = "arn:aws:iam::444455556666:root" }, "kms:*"),
      allow({ AWS = ROOT }, "kms:*", { Resource = KEY .. "x" }),
      { Effect = "Allow", Principal = { AWS = ROOT }, Action = "kms:*" },
      { Effect = "Allow", Principal = { AWS = ROOT }, NotAction = "kms:Put*", Resource = "*" },
      allow({ AWS = ROOT }, "kms:*", { Condition = { Bool = {
        ["aws:MultiFactorAuthPresent"] = "true" } } }),
      allow({ AWS = ROOT }, "kms:*", { Condition = { StringEquals = {
        ["aws:PrincipalArn"] = ADMIN } } }),
    } do
      assert.equal(("no remaining statement lets %s change the policy"):format(ME.arn),
        lockout(statement), i)
    end
  end)

  it("denies it to the caller", function()
    local root = allow({ AWS = ROOT }, "kms:*")
    for i, statement in ipairs {
      deny("*", "kms:PutKeyPolicy"), deny({ AWS = ROOT }, "kms:*"), deny({ AWS = MEMBER }, "*"),
      deny("*", "kms:*", { ArnNotLike = { ["aws:PrincipalArn"] = ADMIN } }),
      deny("*", "kms:*", { StringNotEquals = { ["aws:PrincipalArn"] = { ADMIN, ROOT } } }),
      deny("*", "kms:*", { StringEquals = { ["aws:PrincipalAccount"] = ACCOUNT } }),
      { Effect = "Deny", NotPrincipal = { AWS = ADMIN }, Action = "kms:*", Resource = "*" },
      { Effect = "Deny", Principal = "*", NotAction = "kms:Decrypt", Resource = "*" },
    } do
      assert.equal(("statement 2 denies %s to change the policy"):format(ME.arn),
        lockout(root, statement), i)
    end
  end)

  it("denies it to others, or in a way that only KMS can evaluate", function()
    local root = allow({ AWS = ROOT }, "kms:*")
    for i, statement in ipairs {
      deny("*", "kms:Decrypt"), deny({ AWS = ADMIN }, "kms:*"),
      deny("*", "kms:*", { ArnNotLike = { ["aws:PrincipalArn"] = { ADMIN, MEMBER } } }),
      deny("*", "kms:*", { StringNotEquals = { ["kms:CallerAccount"] = ACCOUNT } }),
      deny("*", "kms:*", { Bool = { ["aws:SecureTransport"] = "false" } }),
      deny("*", "kms:*", { StringEqualsIfSomething = { ["aws:PrincipalArn"] = MEMBER } }),
      { Effect = "Deny", NotPrincipal = { AWS = { ROOT, MEMBER } }, Action = "kms:*",
        Resource = "*" },
    } do
      assert.is_nil(lockout(root, statement), i)
    end
  end)
end)
