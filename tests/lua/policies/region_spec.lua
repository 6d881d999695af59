-- policies/region.lua: the monitoring of a region, except for its logs, and what an account has
-- once.
local policies = require "support.policy"
local watched = require "support.watched"

local region = policies.load "region"
local passes, fails, unknown = watched.expectations(region)
local ACCOUNT, MASTER, LOGS = watched.ACCOUNT, watched.MASTER, watched.LOGS
local operations = watched.operations

local function audit(check, ...) return watched.audit(region, check, ...) end

local CHECKS = {
  "guardduty", "config", "cloudtrail", "vpc_flow_logs", "root_mfa", "password_policy",
}

describe("a region's audit", function()
  it("passes a monitored region, in ten calls", function()
    local one = watched.region(region)
    local outcome = one:audit()
    for _, check in ipairs(CHECKS) do
      assert.equal("compliant", outcome["region." .. check].status, check)
    end
    assert.equal(10, #one.calls)
  end)

  it("checks what an account has once only in the master region", function()
    local one = watched.region(region, nil, nil, "eu-west-1")
    local outcome = one:audit()
    assert.equal("skipped", outcome["region.root_mfa"].status)
    assert.equal("skipped", outcome["region.password_policy"].status)
    assert.same({}, operations(one, "iam"))
    for _, call in ipairs(one.calls) do assert.equal("eu-west-1", call.region) end
  end)

  it("keeps the other verdicts if one service refuses", function()
    for name, check in pairs {
      ["guardduty:ListDetectors"] = "guardduty", ["guardduty:GetDetector"] = "guardduty",
      ["config:DescribeConfigurationRecorderStatus"] = "config",
      ["config:DescribeDeliveryChannels"] = "config",
      ["cloudtrail:DescribeTrails"] = "cloudtrail", ["cloudtrail:GetTrailStatus"] = "cloudtrail",
      ["ec2:DescribeVpcs"] = "vpc_flow_logs", ["ec2:DescribeFlowLogs"] = "vpc_flow_logs",
      ["iam:GetAccountSummary"] = "root_mfa", ["iam:GetAccountPasswordPolicy"] = "password_policy",
    } do
      for _, reply in ipairs { policies.fault("AccessDenied", "no", 403), {} } do
        local outcome = watched.region(region, { [name] = reply }):audit()
        for _, other in ipairs(CHECKS) do
          local wanted = other == check and "unknown" or "compliant"
          assert.equal(wanted, outcome["region." .. other].status, name .. " " .. other)
        end
      end
    end
  end)

  it("makes no call for an id that is not a region", function()
    for _, id in ipairs { "", "us-east", "us-east-1\n", 'a"b', "r\u{e9}gion-1", ("x"):rep(200),
      "us-east-1.evil.example" } do
      local one = watched.region(region, nil, nil, id)
      assert.equal("unknown", one:audit()["region.config"].status, id)
      assert.same({}, one.calls)
    end
    for _, id in ipairs { "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1" } do
      local found = audit("guardduty", nil, nil, id)
      assert.equal("compliant", found.status, id)
    end
  end)
end)

describe("GuardDuty", function()
  it("must have a detector that is on", function()
    fails("no detector", "guardduty", { ["guardduty:ListDetectors"] = { DetectorIds = {} } })
    fails("suspended", "guardduty", { ["guardduty:GetDetector"] = { Status = "DISABLED" } })
  end)

  it("must be a member of the master account, if there is one", function()
    local settings = { guardduty_master_account = MASTER }
    local function administrator(account, status)
      return { ["guardduty:GetAdministratorAccount"] = {
        Administrator = { AccountId = account, RelationshipStatus = status },
      } }
    end
    passes("guardduty", nil, settings)
    passes("guardduty", administrator(MASTER, "ENABLED"), settings)
    fails("not a member of " .. MASTER, "guardduty", administrator(LOGS, "Enabled"), settings)
    fails("is Paused", "guardduty", administrator(MASTER, "Paused"), settings)
    fails("is unknown", "guardduty", administrator(MASTER, nil), settings)
    fails("not a member", "guardduty", { ["guardduty:GetAdministratorAccount"] = {} }, settings)
    local refused = policies.fault("AccessDeniedException", "no", 403)
    unknown("guardduty", { ["guardduty:GetAdministratorAccount"] = refused }, settings)
  end)

  it("needs no master if none is set, or if it is this account", function()
    for _, settings in ipairs {
      {}, { guardduty_master_account = "" }, { guardduty_master_account = ACCOUNT },
    } do
      local found, one = audit("guardduty", nil, settings)
      assert.equal("compliant", found.status)
      assert.same({ "ListDetectors", "GetDetector" }, operations(one, "guardduty"))
    end
  end)
end)

describe("flow logs", function()
  local function of(...)
    local vpcs = {}
    for i, id in ipairs { ... } do vpcs[i] = { VpcId = id, OwnerId = ACCOUNT } end
    return vpcs
  end

  it("must be on for each VPC, on all pages", function()
    local found = audit("vpc_flow_logs", {
      ["ec2:DescribeVpcs"] = policies.pages {
        { Vpcs = of("vpc-3", "vpc-2") }, { Vpcs = of("vpc-1") },
      },
      ["ec2:DescribeFlowLogs"] = policies.pages {
        { FlowLogs = { { ResourceId = "subnet-1", FlowLogStatus = "ACTIVE" },
          { ResourceId = "vpc-1", FlowLogStatus = "INACTIVE" } } },
        { FlowLogs = { { ResourceId = "vpc-2", FlowLogStatus = "ACTIVE" } } },
      },
    })
    assert.equal("non_compliant", found.status)
    assert.equal("no active flow log: vpc-1, vpc-3", found.summary)
    assert.same({ "vpc-1", "vpc-3" }, found.evidence)
  end)

  it("are not required without a VPC, nor for VPCs that others share", function()
    local shared = { { VpcId = "vpc-9", OwnerId = MASTER } }
    for _, vpcs in ipairs { {}, shared } do
      local found, one = audit("vpc_flow_logs", { ["ec2:DescribeVpcs"] = { Vpcs = vpcs } })
      assert.equal("compliant", found.status)
      assert.same({ "DescribeVpcs" }, operations(one, "ec2"))
    end
    fails("vpc-8", "vpc_flow_logs", { ["ec2:DescribeVpcs"] = { Vpcs = { { VpcId = "vpc-8" } } } })
  end)
end)

describe("the root user", function()
  local function summary(mfa, password)
    return { ["iam:GetAccountSummary"] = {
      SummaryMap = { AccountMFAEnabled = mfa, AccountPasswordPresent = password },
    } }
  end

  it("must have MFA if it has a password", function()
    passes("root_mfa", summary(1, 1))
    fails("no MFA", "root_mfa", summary(0, 1))
    passes("root_mfa", summary(0, 0))
    fails("no MFA", "root_mfa", summary(0, nil))
    unknown("root_mfa", summary(nil, 1))
  end)
end)

describe("the password policy", function()
  it("must exist, and be strong", function()
    local none = policies.fault("NoSuchEntity", "none", 404)
    fails("no password policy", "password_policy", { ["iam:GetAccountPasswordPolicy"] = none })
    fails("at least 14 characters", "password_policy", nil, { password_min_length = "14" })
    unknown("password_policy", nil, { password_min_length = "many" })
    local weak = { PasswordPolicy = { MinimumPasswordLength = 6, RequireNumbers = true } }
    local found = audit("password_policy", { ["iam:GetAccountPasswordPolicy"] = weak })
    assert.same({ "at least 8 characters", "upper-case letters", "lower-case letters", "symbols" },
      found.evidence)
  end)
end)

describe("regions", function()
  it("list themselves, without a call", function()
    local found, calls = region:discover { region = "eu-west-1" }
    assert.same({ { id = "eu-west-1", test = false } }, found)
    assert.same({}, calls)
  end)

  it("are test resources if one was created in them", function()
    local function found(...)
      return region:discover {
        settings = { only_use_test_resources = true },
        replies = { ["ec2:DescribeVpcs"] = policies.pages { ... } },
      }
    end
    local tag = { Key = "Name", Value = "misconfiguration_maker" }
    assert.same({ { id = "us-east-1", test = true } },
      found({ Vpcs = { { VpcId = "vpc-1" } } }, { Vpcs = { { VpcId = "vpc-2", Tags = { tag } } } }))
    assert.same({ { id = "us-east-1", test = false } }, found { Vpcs = { { VpcId = "vpc-1" } } })
    assert.has_error(function() found {} end)
  end)

  it("are found in the events that end the monitoring", function()
    local names = {
      "ec2:CreateVpc", "ec2:DeleteFlowLogs", "iam:UpdateAccountPasswordPolicy",
      "iam:DeleteAccountPasswordPolicy", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail",
      "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "config:StopConfigurationRecorder",
      "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
      "guardduty:DeleteDetector", "guardduty:UpdateDetector",
      "guardduty:DisassociateFromAdministratorAccount",
    }
    for _, name in ipairs(names) do
      assert.same("eu-west-1", region:event(name, { awsRegion = "eu-west-1" })[1].id)
      assert.has_error(function() region:event(name, {}) end)
    end
    -- IAM sends its events only to us-east-1; what an account has once is audited in another
    -- region.
    local detail, settings = { awsRegion = "us-east-1" }, { master_region = "eu-west-1" }
    assert.same({ { id = "eu-west-1", region = "eu-west-1" } },
      region:event("iam:DeleteAccountPasswordPolicy", detail, settings))
    assert.same("us-east-1", region:event("ec2:CreateVpc", detail, settings)[1].id)
    for _, root in ipairs {
      { requestParameters = { userName = "AWS ROOT USER" } },
      { requestParameters = { serialNumber = "arn:aws:iam::1:mfa/root-account-mfa-device" } },
      { userIdentity = { type = "Root" } },
    } do
      root.awsRegion = "us-east-1"
      assert.same({ { id = "eu-west-1", region = "eu-west-1" } },
        region:event("iam:DeactivateMFADevice", root, settings))
    end
    local user = { userIdentity = { type = "Root" }, requestParameters = { userName = "bob" } }
    assert.same({}, region:event("iam:DeactivateMFADevice", user, settings))
  end)
end)
