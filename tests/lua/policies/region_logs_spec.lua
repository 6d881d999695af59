-- policies/region.lua: Config and CloudTrail, and who owns the buckets to which they deliver.
local policies = require "support.policy"
local watched = require "support.watched"

local region = policies.load "region"
local passes, fails, unknown, says = watched.expectations(region)
local ACCOUNT, MASTER, LOGS = watched.ACCOUNT, watched.MASTER, watched.LOGS
local TRAIL, DENIED, NO_BUCKET = watched.TRAIL, watched.DENIED, watched.NO_BUCKET
local operations, trail, location = watched.operations, watched.trail, watched.location

local function audit(check, ...) return watched.audit(region, check, ...) end

describe("Config", function()
  local function recorders(...)
    return { ["config:DescribeConfigurationRecorderStatus"] = {
      ConfigurationRecordersStatus = { ... },
    } }
  end

  it("must have a recorder of its own account that records and delivers", function()
    fails("no recorder", "config", recorders())
    fails("no recorder", "config",
      recorders { name = "x", recording = true, servicePrincipal = "x.amazonaws.com" })
    fails("is not running", "config", recorders { name = "default", recording = false })
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

  it("does not check the bucket's owner if no account is set", function()
    for _, settings in ipairs { {}, { log_account = "" } } do
      local _, one = audit("config", nil, settings)
      assert.same({}, operations(one, "s3"))
    end
  end)

  it("must deliver to a bucket of the log account", function()
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

  it("recognizes a bucket of its own account from the list, without another call", function()
    local mine = { ["s3:ListBuckets"] = policies.chain("ContinuationToken", {
      { Buckets = { { Name = "logs-old" } }, ContinuationToken = "second" },
      second = { Buckets = { { Name = "logs" } } },
    }) }
    fails("not of account " .. LOGS, "config", mine, { log_account = LOGS })
    local found, one = audit("config", mine, { log_account = ACCOUNT })
    assert.equal("compliant", found.status)
    -- two pages for each of two checks, which the engine reads once
    assert.equal(("ListBuckets "):rep(4), table.concat(operations(one, "s3"), " ") .. " ")
    fails("not of account " .. ACCOUNT, "config", nil, { log_account = ACCOUNT })
  end)

  it("may disappear between two calls", function()
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

  it("must have one that is logging, of several", function()
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

  it("counts a trail that cannot be read only if none is good", function()
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
    assert.matches("^AccessDeniedException: cloudtrail:GetTrailStatus", found.error.message)
  end)

  it("must log changes, which is checked only if selectors are set", function()
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

  it("is audited without selectors that a member cannot read", function()
    local organization = trail {
      IsOrganizationTrail = true, HasCustomEventSelectors = true,
      TrailARN = TRAIL:gsub(ACCOUNT, MASTER) .. "",
    }
    local replies = list(organization)
    for _, code in ipairs { "TrailNotFoundException", "CloudTrailARNInvalidException" } do
      replies["cloudtrail:GetEventSelectors"] = policies.fault(code, "no", 400)
      local found, one = audit("cloudtrail", replies)
      assert.equal("compliant", found.status)
      assert.matches("only its own account can see", found.summary)
      assert.same({ "DescribeTrails", "GetTrailStatus" }, operations(one, "cloudtrail"))
      for _, call in ipairs(one.calls) do
        local name = call.call == "cloudtrail:GetTrailStatus" and call.with.Name
        assert.is_true(not name or name == organization.TrailARN)
      end
    end
    replies["cloudtrail:GetTrailStatus"] = { IsLogging = false }
    fails("is not logging", "cloudtrail", replies)
    -- In the management account it is a trail like any other.
    organization.TrailARN = TRAIL
    replies = list(organization)
    replies["cloudtrail:GetEventSelectors"] = { EventSelectors = {}, AdvancedEventSelectors = {} }
    fails("leaves out changes", "cloudtrail", replies)
  end)

  it("must deliver to a bucket of the log account", function()
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

describe("regions", function()
  it("have specs that use every declared read", function() -- that one has tests of its own
    assert.same({ "guardduty:GetAdministratorAccount" }, region:never_called())
  end)
end)
