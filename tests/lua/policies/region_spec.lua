-- policies/region.lua against a region that is watched well, and what goes wrong with it.
local policies = require "support.policy"

local region = policies.load "region"

local ACCOUNT, MASTER, LOGS = "111122223333", "444455556666", "777788889999"
local TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"
local STRONG = {
  MinimumPasswordLength = 8, RequireSymbols = true, RequireNumbers = true,
  RequireUppercaseCharacters = true, RequireLowercaseCharacters = true,
}

local function trail(more)
  local one = {
    TrailARN = TRAIL, S3BucketName = "logs", HomeRegion = "us-east-1", IsMultiRegionTrail = true,
    HasCustomEventSelectors = false,
  }
  for key, value in pairs(more or {}) do one[key] = value end
  return one
end

local DENIED = policies.fault("AccessDenied", "no", 403)
local NO_BUCKET = policies.fault("NoSuchBucket", "no", 404)

-- How a bucket of `owner` answers that does (`open`) or does not say where it is.
local function location(owner, open)
  return function(params)
    if not owner then return NO_BUCKET end
    local expected = params.ExpectedBucketOwner
    local seen = open and (expected == nil or expected == owner)
    return seen and { LocationConstraint = "eu-west-1" } or DENIED
  end
end

local function replies_of()
  return {
    ["guardduty:ListDetectors"] = { DetectorIds = { "d1" } },
    ["guardduty:GetDetector"] = function(params)
      assert.equal("d1", params.DetectorId)
      return { Status = "ENABLED", ServiceRole = "r" }
    end,
    ["guardduty:GetAdministratorAccount"] = {
      Administrator = { AccountId = MASTER, RelationshipStatus = "Enabled" },
    },
    ["config:DescribeConfigurationRecorderStatus"] = {
      ConfigurationRecordersStatus = {
        { name = "default", recording = true, lastStatus = "Success" },
      },
    },
    ["config:DescribeDeliveryChannels"] = {
      DeliveryChannels = { { name = "default", s3BucketName = "logs" } },
    },
    ["cloudtrail:DescribeTrails"] = { trailList = { trail() } },
    ["cloudtrail:GetTrailStatus"] = { IsLogging = true },
    ["cloudtrail:GetEventSelectors"] = { EventSelectors = { {} } },
    ["ec2:DescribeVpcs"] = { Vpcs = { { VpcId = "vpc-1", OwnerId = ACCOUNT } } },
    ["ec2:DescribeFlowLogs"] = {
      FlowLogs = { { ResourceId = "vpc-1", FlowLogStatus = "ACTIVE" } },
    },
    ["iam:GetAccountSummary"] = {
      SummaryMap = { AccountMFAEnabled = 1, AccountPasswordPresent = 1 },
    },
    ["iam:GetAccountPasswordPolicy"] = { PasswordPolicy = STRONG },
    ["s3:ListBuckets"] = { Buckets = {} },
    ["s3:GetBucketLocation"] = location(LOGS, true),
  }
end

-- A well watched region with other replies in places.
local function region_with(replies, settings, id)
  local all = replies_of()
  for name, reply in pairs(replies or {}) do all[name] = reply end
  local given = { master_region = "us-east-1" }
  for key, value in pairs(settings or {}) do given[key] = value end
  return region:resource { id = id or "us-east-1", replies = all, settings = given }
end

local function audit(check, ...)
  local one = region_with(...)
  return one:audit()["region." .. check], one
end

local function says(status, text, check, ...)
  local found = audit(check, ...)
  assert.equal(status, found.status, found.error and found.error.message)
  local said = found.summary or found.error and found.error.message or ""
  assert.truthy(said:find(text, 1, true), said)
end

local function passes(...) says("compliant", "", ...) end
local function fails(text, ...) says("non_compliant", text, ...) end
local function unknown(...) says("unknown", "", ...) end

local function operations(resource, service)
  local list = {}
  for _, call in ipairs(resource.calls) do
    local name = call.call:match("^" .. service .. ":(.*)$")
    if name then list[#list + 1] = name end
  end
  return list
end

local CHECKS = {
  "guardduty", "config", "cloudtrail", "vpc_flow_logs", "root_mfa", "password_policy",
}

describe("a region's audit", function()
  it("passes what is watched, in ten calls", function()
    local one = region_with()
    local outcome = one:audit()
    for _, check in ipairs(CHECKS) do
      assert.equal("compliant", outcome["region." .. check].status, check)
    end
    assert.equal(10, #one.calls)
  end)

  it("asks what an account has once in the master region only", function()
    local one = region_with(nil, nil, "eu-west-1")
    local outcome = one:audit()
    assert.equal("skipped", outcome["region.root_mfa"].status)
    assert.equal("skipped", outcome["region.password_policy"].status)
    assert.same({}, operations(one, "iam"))
    for _, call in ipairs(one.calls) do assert.equal("eu-west-1", call.region) end
  end)

  it("keeps the other verdicts when one service refuses", function()
    for name, check in pairs {
      ["guardduty:ListDetectors"] = "guardduty", ["guardduty:GetDetector"] = "guardduty",
      ["config:DescribeConfigurationRecorderStatus"] = "config",
      ["config:DescribeDeliveryChannels"] = "config",
      ["cloudtrail:DescribeTrails"] = "cloudtrail", ["cloudtrail:GetTrailStatus"] = "cloudtrail",
      ["ec2:DescribeVpcs"] = "vpc_flow_logs", ["ec2:DescribeFlowLogs"] = "vpc_flow_logs",
      ["iam:GetAccountSummary"] = "root_mfa", ["iam:GetAccountPasswordPolicy"] = "password_policy",
    } do
      for _, reply in ipairs { policies.fault("AccessDenied", "no", 403), {} } do
        local outcome = region_with({ [name] = reply }):audit()
        for _, other in ipairs(CHECKS) do
          local wanted = other == check and "unknown" or "compliant"
          assert.equal(wanted, outcome["region." .. other].status, name .. " " .. other)
        end
      end
    end
  end)

  it("does not ask anywhere for what is no region", function()
    for _, id in ipairs { "", "us-east", "us-east-1\n", 'a"b', "r\u{e9}gion-1", ("x"):rep(200),
      "us-east-1.evil.example" } do
      local one = region_with(nil, nil, id)
      assert.equal("unknown", one:audit()["region.config"].status, id)
      assert.same({}, one.calls)
    end
    for _, id in ipairs { "us-gov-west-1", "ap-southeast-12", "eusc-de-east-1" } do
      assert.equal("compliant", region_with(nil, nil, id):audit()["region.guardduty"].status, id)
    end
  end)
end)

describe("GuardDuty", function()
  it("must have a detector that is on", function()
    fails("no detector", "guardduty", { ["guardduty:ListDetectors"] = { DetectorIds = {} } })
    fails("suspended", "guardduty", { ["guardduty:GetDetector"] = { Status = "DISABLED" } })
  end)

  it("must be a member of the master account, where there is one", function()
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

  it("is not asked for its master where there is none, or it is this account", function()
    for _, settings in ipairs {
      {}, { guardduty_master_account = "" }, { guardduty_master_account = ACCOUNT },
    } do
      local found, one = audit("guardduty", nil, settings)
      assert.equal("compliant", found.status)
      assert.same({ "ListDetectors", "GetDetector" }, operations(one, "guardduty"))
    end
  end)
end)

describe("Config", function()
  local function recorders(...)
    return { ["config:DescribeConfigurationRecorderStatus"] = {
      ConfigurationRecordersStatus = { ... },
    } }
  end

  it("must have a recorder of the account's own that runs and delivers", function()
    fails("no recorder", "config", recorders())
    fails("no recorder", "config",
      recorders { name = "x", recording = true, servicePrincipal = "x.amazonaws.com" })
    fails("does not run", "config", recorders { name = "default", recording = false })
    passes("config", recorders { name = "default", recording = true, lastStatus = "Pending" })
    passes("config", recorders { name = "default", recording = true })
    fails("fails: NoSuchBucket", "config", recorders {
      name = "default", recording = true, lastStatus = "FAILURE", lastErrorCode = "NoSuchBucket",
    })
    fails("fails: no reason", "config",
      recorders { name = "default", recording = true, lastStatus = "Failure" })
    fails("no delivery channel", "config",
      { ["config:DescribeDeliveryChannels"] = { DeliveryChannels = {} } })
    unknown("config", { ["config:DescribeDeliveryChannels"] = { DeliveryChannels = { {} } } },
      { log_account = LOGS })
  end)

  it("does not ask whose bucket it is where no account is set", function()
    for _, settings in ipairs { {}, { log_account = "" } } do
      local _, one = audit("config", nil, settings)
      assert.same({}, operations(one, "s3"))
    end
  end)

  it("must deliver into a bucket of the log account", function()
    local settings = { log_account = LOGS }
    local found, one = audit("config", nil, settings)
    assert.equal("compliant", found.status)
    assert.same({ Prefix = "logs", MaxBuckets = 1000 }, one.calls[5].with)
    assert.same({ Bucket = "logs", ExpectedBucketOwner = LOGS }, one.calls[6].with)
    local function asked(reply) return { ["s3:GetBucketLocation"] = reply } end
    fails("not of account " .. LOGS, "config", asked(location(MASTER, true)), settings)
    fails("not of account " .. LOGS, "config", asked(location(nil)), settings)
    says("unknown", "must allow this account s3:GetBucketLocation", "config",
      asked(location(LOGS, false)), settings)
    unknown("config", asked(policies.fault("InternalError", "no", 500)), settings)
    unknown("config", { ["s3:ListBuckets"] = DENIED }, settings)
    unknown("config", { ["s3:ListBuckets"] = {} }, settings)
  end)

  it("knows a bucket of the account's own from the list, without asking anybody else", function()
    local mine = { ["s3:ListBuckets"] = policies.pages {
      { Buckets = { { Name = "logs-old" } } }, { Buckets = { { Name = "logs" } } },
    } }
    fails("not of account " .. LOGS, "config", mine, { log_account = LOGS })
    local found, one = audit("config", mine, { log_account = ACCOUNT })
    assert.equal("compliant", found.status)
    assert.same({ "ListBuckets", "ListBuckets" }, operations(one, "s3"))
    fails("not of account " .. ACCOUNT, "config", nil, { log_account = ACCOUNT })
  end)

  it("vanishes between two questions without harm", function()
    local asked = 0
    local reply = function()
      asked = asked + 1
      return asked == 1 and DENIED or NO_BUCKET
    end
    fails("not of account", "config", { ["s3:GetBucketLocation"] = reply }, { log_account = LOGS })
  end)
end)

describe("CloudTrail", function()
  local function list(...) return { ["cloudtrail:DescribeTrails"] = { trailList = { ... } } } end

  it("must have a trail that covers the region", function()
    fails("no trail covers", "cloudtrail", list())
    passes("cloudtrail", list(trail { IsMultiRegionTrail = false }))
    local abroad = trail { IsMultiRegionTrail = false, HomeRegion = "eu-west-1" }
    fails("no trail covers", "cloudtrail", list(abroad))
    passes("cloudtrail", list(abroad), nil, "eu-west-1")
    passes("cloudtrail", list(trail { HomeRegion = "eu-west-1", IsOrganizationTrail = true,
      TrailARN = TRAIL:gsub(ACCOUNT, MASTER) .. "" }))
  end)

  it("must have one that is logging, of as many as there are", function()
    local replies = list(trail { TrailARN = TRAIL .. "1" }, trail { TrailARN = TRAIL .. "2" })
    replies["cloudtrail:GetTrailStatus"] = function(params)
      return { IsLogging = params.Name == TRAIL .. "2" }
    end
    passes("cloudtrail", replies)
    replies["cloudtrail:GetTrailStatus"] = { IsLogging = false }
    local found = audit("cloudtrail", replies)
    assert.equal(("no trail logs the region: %s1 is not logging; %s2 is not logging"):format(TRAIL,
      TRAIL), found.summary)
    assert.equal(2, #found.evidence)
  end)

  it("counts a trail that cannot be read only where none is good", function()
    local replies = list(trail { TrailARN = TRAIL .. "1" }, trail { TrailARN = TRAIL .. "2" })
    local second = { IsLogging = true }
    replies["cloudtrail:GetTrailStatus"] = function(params)
      if params.Name == TRAIL .. "2" then return second end
      return policies.fault("AccessDeniedException", "no", 403)
    end
    passes("cloudtrail", replies)
    second.IsLogging = false
    local found = audit("cloudtrail", replies)
    assert.equal("unknown", found.status)
    assert.equal("AccessDeniedException", found.error.code)
  end)

  it("must write changes down, which is only asked where selectors are set", function()
    local replies = list(trail { HasCustomEventSelectors = true })
    passes("cloudtrail", replies)
    replies["cloudtrail:GetEventSelectors"] = {
      EventSelectors = { { ReadWriteType = "ReadOnly" } },
    }
    fails("leaves out changes", "cloudtrail", replies)
    replies["cloudtrail:GetEventSelectors"] = {}
    unknown("cloudtrail", replies)
    local _, one = audit("cloudtrail", list(trail()))
    assert.same({ "DescribeTrails", "GetTrailStatus" }, operations(one, "cloudtrail"))
  end)

  it("must deliver into a bucket of the log account", function()
    passes("cloudtrail", nil, { log_account = LOGS })
    fails("delivers elsewhere: bucket logs is not of account " .. LOGS, "cloudtrail",
      { ["s3:ListBuckets"] = { Buckets = { { Name = "logs" } } } }, { log_account = LOGS })
    local hidden = { ["s3:GetBucketLocation"] = location(LOGS, false) }
    unknown("cloudtrail", hidden, { log_account = LOGS })
    local both = list(trail { S3BucketName = "mine" }, trail { TrailARN = TRAIL .. "2" })
    both["s3:ListBuckets"] = function(params)
      return { Buckets = params.Prefix == "mine" and { { Name = "mine" } } or {} }
    end
    passes("cloudtrail", both, { log_account = LOGS })
  end)
end)

describe("flow logs", function()
  local function of(...)
    local vpcs = {}
    for i, id in ipairs { ... } do vpcs[i] = { VpcId = id, OwnerId = ACCOUNT } end
    return vpcs
  end

  it("must be on for each VPC, over all pages", function()
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

  it("are not asked for where there is no VPC, and not of VPCs that others share", function()
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

  it("must have MFA when it has a password", function()
    passes("root_mfa", summary(1, 1))
    fails("no MFA", "root_mfa", summary(0, 1))
    passes("root_mfa", summary(0, 0))
    fails("no MFA", "root_mfa", summary(0, nil))
    unknown("root_mfa", summary(nil, 1))
  end)
end)

describe("the password policy", function()
  it("must be there, and strong", function()
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

  it("are test resources where one was made in them", function()
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

  it("stand in the events that end the watch", function()
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
  end)

  it("have specs for every read that is declared", function()
    assert.same({}, region:never_called())
  end)
end)
