-- policies/region.lua, by the real engine.
local REGION, MASTER, LOGS = "us-east-1", "444455556666", "777788889999"
local SETTINGS = {
  MASTER_REGION = REGION, GUARDDUTY_MASTER_ACCOUNT = MASTER, LOG_ACCOUNT = LOGS,
}
local TRAIL = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"
local CONFIG = "config:DescribeConfigurationRecorderStatus"

-- The replies about a monitored region, with some replaced.
local function replies(changes)
  local made = {
    ["guardduty:ListDetectors"] = { DetectorIds = { "d1" } },
    ["guardduty:GetDetector"] = { Status = "ENABLED" },
    ["guardduty:GetAdministratorAccount"] = {
      Administrator = { AccountId = MASTER, RelationshipStatus = "Enabled" },
    },
    [CONFIG] = { ConfigurationRecordersStatus = { { name = "default", recording = true } } },
    ["config:DescribeDeliveryChannels"] = { DeliveryChannels = { { s3BucketName = "logs" } } },
    ["cloudtrail:DescribeTrails"] = { trailList = { {
      TrailARN = TRAIL, S3BucketName = "logs", HomeRegion = REGION, IsMultiRegionTrail = true,
      HasCustomEventSelectors = true,
    } } },
    ["cloudtrail:GetTrailStatus"] = { IsLogging = true },
    ["cloudtrail:GetEventSelectors"] = { EventSelectors = { { ReadWriteType = "All" } } },
    ["ec2:DescribeVpcs"] = { Vpcs = { { VpcId = "vpc-1", OwnerId = "111122223333" } } },
    ["ec2:DescribeFlowLogs"] = {
      FlowLogs = { { ResourceId = "vpc-1", FlowLogStatus = "ACTIVE" } },
    },
    ["iam:GetAccountSummary"] = {
      SummaryMap = { AccountMFAEnabled = 1, AccountPasswordPresent = 1 },
    },
    ["iam:GetAccountPasswordPolicy"] = { PasswordPolicy = {
      MinimumPasswordLength = 8, RequireSymbols = true, RequireNumbers = true,
      RequireUppercaseCharacters = true, RequireLowercaseCharacters = true,
    } },
    ["s3:ListBuckets"] = { Buckets = {} },
    ["s3:GetBucketLocation"] = { LocationConstraint = "eu-west-1" },
  }
  for operation, reply in pairs(changes) do made[operation] = reply end
  return made
end

local function region(name, changes, expect)
  return {
    name = name, id = REGION, settings = SETTINGS, replies = replies(changes), expect = expect,
  }
end

-- A region in which one check fails. There are no fixes.
local function bad(name, check, summary, changes)
  return region(name, changes, {
    ["region." .. check] = { status = "non_compliant", summary = summary },
  })
end

local other = region("another region than the master's", {}, {
  ["region.root_mfa"] = "skipped", ["region.password_policy"] = "skipped",
})
other.id, other.region = "eu-west-1", "eu-west-1"

local elsewhere = bad("logs that go to another account", "config", "not of account", {
  ["s3:GetBucketLocation"] = {
    { with = { ExpectedBucketOwner = LOGS }, reply = { fault = "AccessDenied" } },
    { with = {}, reply = { LocationConstraint = "eu-west-1" } },
  },
})
elsewhere.expect["region.cloudtrail"] = { status = "non_compliant", summary = "not of account" }

local unknown = region("not a region", {}, "unknown")
unknown.id = "us-east"

local function vpcs(tag)
  return { ["ec2:DescribeVpcs"] = { Vpcs = {
    { VpcId = "vpc-1", Tags = { { Key = "Name", Value = tag } } },
  } } }
end

return {
  policy = "region",
  cases = {
    region("a monitored region", {}, "compliant"),
    bad("no detector", "guardduty", "there is no detector", {
      ["guardduty:ListDetectors"] = { DetectorIds = {} },
    }),
    bad("another administrator", "guardduty", MASTER, {
      ["guardduty:GetAdministratorAccount"] = {
        Administrator = { AccountId = LOGS, RelationshipStatus = "Enabled" },
      },
    }),
    bad("a recorder that does not run", "config", "is not running", {
      [CONFIG] = { ConfigurationRecordersStatus = { { name = "default", recording = false } } },
    }),
    bad("a trail that does not log", "cloudtrail", "is not logging", {
      ["cloudtrail:GetTrailStatus"] = { IsLogging = false },
    }),
    bad("a trail that leaves out changes", "cloudtrail", "leaves out changes", {
      ["cloudtrail:GetEventSelectors"] = { EventSelectors = { { ReadWriteType = "ReadOnly" } } },
    }),
    bad("a VPC without a flow log", "vpc_flow_logs", "vpc-1", {
      ["ec2:DescribeFlowLogs"] = { FlowLogs = {} },
    }),
    bad("a root user without MFA", "root_mfa", "no MFA device", {
      ["iam:GetAccountSummary"] = {
        SummaryMap = { AccountMFAEnabled = 0, AccountPasswordPresent = 1 },
      },
    }),
    bad("no password policy", "password_policy", "no password policy", {
      ["iam:GetAccountPasswordPolicy"] = { fault = "NoSuchEntity" },
    }),
    bad("a weak password policy", "password_policy", "at least 8 characters", {
      ["iam:GetAccountPasswordPolicy"] = { PasswordPolicy = { MinimumPasswordLength = 6 } },
    }),
    other, elsewhere, unknown,
  },
  listings = {
    { name = "the region itself", replies = {}, region = "eu-west-1", ids = { "eu-west-1" } },
    {
      name = "a test resource, by the tag of a VPC",
      settings = { ONLY_USE_TEST_RESOURCES = "true" },
      replies = vpcs "misconfiguration_maker", ids = { { id = REGION, test = true } },
    },
  },
  events = {
    { event = "ec2:CreateVpc", detail = { awsRegion = "eu-west-1" }, ids = { "eu-west-1" } },
  },
}
