-- A region with complete monitoring, for the specs of policies/region.lua, and ways to break it.
local assert = require "luassert"

local policies = require "support.policy"

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

-- The reply of a bucket of `owner` that returns (`open`) or does not return its region.
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

local watched = {
  ACCOUNT = ACCOUNT, MASTER = MASTER, LOGS = LOGS, TRAIL = TRAIL, DENIED = DENIED,
  NO_BUCKET = NO_BUCKET, trail = trail, location = location,
}

-- The region as a resource of `policy`, with some replies replaced.
function watched.region(policy, replies, settings, id)
  local all = replies_of()
  for name, reply in pairs(replies or {}) do all[name] = reply end
  local given = { master_region = "us-east-1" }
  for key, value in pairs(settings or {}) do given[key] = value end
  return policy:resource { id = id or "us-east-1", replies = all, settings = given }
end

-- The finding of one check, and the resource.
function watched.audit(policy, check, ...)
  local one = watched.region(policy, ...)
  return one:audit()["region." .. check], one
end

-- Functions that expect the check to pass, to fail with a text, or to be unknown (with a text).
function watched.expectations(policy)
  local function says(status, text, check, ...)
    local found = watched.audit(policy, check, ...)
    assert.equal(status, found.status, found.error and found.error.message)
    local said = found.summary or found.error and found.error.message or ""
    assert.truthy(said:find(text, 1, true), said)
  end
  local function passes(...) says("compliant", "", ...) end
  local function fails(...) says("non_compliant", ...) end
  local function unknown(...) says("unknown", "", ...) end
  return passes, fails, unknown, says
end

-- The operations of one service that were called.
function watched.operations(resource, service)
  local list = {}
  for _, call in ipairs(resource.calls) do
    local name = call.call:match("^" .. service .. ":(.*)$")
    if name then list[#list + 1] = name end
  end
  return list
end

return watched
