-- policies/iam_user.lua: cases in which the account's credential report decides.
local policies = require "support.policy"
local users = require "support.iam_users"

local ago, user_with, calls_of = users.ago, users.with, users.calls
local MFA, UNUSED, KEY =
  "iam_user.password_without_mfa", "iam_user.password_unused", "iam_user.access_key_unused"
local DENIED = policies.fault("AccessDenied", "no", 403)

describe("the credential report", function()
  local OLD = { password = ago(200), mfa = 1 }
  local function fault(code) return policies.fault(code, code, 410) end

  local function report_after(code, times)
    local asked = 0
    return function()
      asked = asked + 1
      if asked <= times then return fault(code) end
      return { Content = users.report("anna", ago(200)) }
    end
  end

  it("is requested if there is none, or only an old one", function()
    for _, code in ipairs { "ReportNotPresent", "ReportExpired" } do
      local user = user_with(OLD, {
        ["iam:GetCredentialReport"] = report_after(code, 1),
        ["iam:GenerateCredentialReport"] = { State = "STARTED" },
      })
      assert.equal("non_compliant", user:audit()[UNUSED].status)
      assert.equal("GetUser GetLoginProfile ListMFADevices GetCredentialReport "
        .. "GenerateCredentialReport GetCredentialReport ListAccessKeys", calls_of(user))
    end
  end)

  it("is asked for again after a response from before its request", function()
    local user = user_with(OLD, {
      ["iam:GetCredentialReport"] = report_after("ReportNotPresent", 2),
      ["iam:GenerateCredentialReport"] = { State = "STARTED" },
    })
    assert.equal("non_compliant", user:audit()[UNUSED].status)
  end)

  it("is waited for while it is being made", function()
    local making = { ["iam:GetCredentialReport"] = fault("ReportInProgress") }
    local outcome = user_with(OLD, making):audit()
    assert.equal("pending", outcome[UNUSED].status)
    assert.equal(30, outcome[UNUSED].later)
    assert.equal("compliant", outcome[MFA].status)
    outcome = user_with(OLD, {
      ["iam:GetCredentialReport"] = report_after("ReportNotPresent", 3),
      ["iam:GenerateCredentialReport"] = { State = "STARTED" },
    }):audit()
    assert.equal("pending", outcome[UNUSED].status)
  end)

  it("makes the check that needs it unknown if it is refused or broken", function()
    for _, more in ipairs {
      { ["iam:GetCredentialReport"] = DENIED },
      { ["iam:GetCredentialReport"] = fault("ReportNotPresent"),
        ["iam:GenerateCredentialReport"] = DENIED },
      { ["iam:GetCredentialReport"] = {} },
      { ["iam:GetCredentialReport"] = { Content = "user,arn\n" } },
      { ["iam:GetCredentialReport"] = { Content = users.report("joanna", ago(200)) } },
    } do
      local user = user_with(OLD, more)
      local results, outcome = user:repair()
      assert.equal("unknown", outcome[UNUSED].status)
      for _, check in ipairs { MFA, KEY } do
        assert.equal("compliant", outcome[check].status)
      end
      assert.same({}, results)
      assert.same({}, user:sent())
    end
  end)

  it("may not contain the password yet", function()
    local more = { ["iam:GetCredentialReport"] = { Content = users.report("anna", "N/A") } }
    assert.equal("non_compliant", user_with(OLD, more):audit()[UNUSED].status)
  end)
end)
