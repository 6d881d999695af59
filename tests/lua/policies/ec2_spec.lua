-- policies/ec2.lua: what is found about an instance that stores what it is given.
local policies = require "support.policy"
local instances = require "support.instance"

local ec2 = policies.load "ec2"
local ACCOUNT, bad_box = instances.ACCOUNT, instances.bad_box

local function instance_with(box, settings) return instances.with(ec2, box, settings) end

local function statuses(outcome)
  return { outcome["ec2.imdsv1"].status, outcome["ec2.tags"].status,
    outcome["ec2.dev_public"].status }
end

local BAD = { "non_compliant", "non_compliant", "non_compliant" }
local GOOD = { "compliant", "compliant", "compliant" }

describe("an instance's audit", function()
  it("passes a correct instance, in one call", function()
    local instance = instance_with { interfaces = { { { "10.0.0.5", false } } } }
    local outcome = instance:plan()
    assert.same(GOOD, statuses(outcome))
    assert.same({ Owner = "shop" }, outcome.tags)
    assert.equal(1, #instance.calls)
  end)

  it("finds everything that is wrong, in one call", function()
    local instance = instance_with(bad_box())
    local outcome = instance:audit()
    assert.same(BAD, statuses(outcome))
    assert.same({ endpoint = "enabled", tokens = "optional", hops = 2 },
      outcome["ec2.imdsv1"].evidence)
    assert.equal("required tag missing: Owner", outcome["ec2.tags"].summary)
    assert.equal("has a public address of its own on eni-1 (10.0.0.5)",
      outcome["ec2.dev_public"].summary)
    assert.equal("eni-1", outcome["ec2.dev_public"].evidence[1].interface)
    assert.equal(1, #instance.calls)
  end)

  it("counts a stopped or stopping instance as contained", function()
    for _, state in ipairs { "stopping", "stopped", "shutting-down" } do
      local instance = instance_with(bad_box { state = state })
      assert.same(GOOD, statuses(instance:plan()))
    end
  end)

  -- If tokens are required, software in containers that requests them would be cut off.
  it("says that tokens do not reach containers behind a hop limit of 1", function()
    local found = instance_with(bad_box { hops = 1 }):audit()["ec2.imdsv1"]
    assert.equal("the metadata endpoint is on and answers without a token; tokens do not reach "
      .. "containers: its hop limit is 1", found.summary)
    assert.equal(1, found.evidence.hops)
  end)

  it("says why an instance is stopped, in EC2's words", function()
    local failed = {
      Code = "Client.InternalError", Message = "Client.InternalError: Client error on launch",
    }
    local function reason_of(box)
      return ec2.definition.fetch(instance_with(bad_box(box)).door).reason()
    end
    assert.equal(failed.Message, reason_of { state = "stopped", reason = failed })
    local code = { Code = failed.Code }
    assert.equal(failed.Code, reason_of { state = "stopped", reason = code })
    assert.equal("User initiated", reason_of { state = "stopped", transition = "User initiated" })
    assert.is_nil(reason_of { state = "stopped", transition = "" })
  end)

  it("waits for one that is being launched", function()
    local outcome = instance_with(bad_box { state = "pending" }):audit()
    assert.equal("later", outcome.state)
    assert.equal(30, outcome.delay)
  end)

  it("passes a metadata endpoint that is off", function()
    local outcome = instance_with(bad_box { endpoint = "disabled" }):audit()
    assert.equal("compliant", outcome["ec2.imdsv1"].status)
  end)

  it("counts options that are being applied as applied", function()
    local instance = instance_with {}
    local shown = instances.shown { tags = { Owner = "shop" } }
    shown.MetadataOptions.State = "pending"
    instance.world.replies["ec2:DescribeInstances"] = {
      Reservations = { { Instances = { shown } } },
    }
    assert.same(GOOD, statuses(instance:audit()))
    shown.MetadataOptions.HttpTokens = "optional"
    assert.equal("non_compliant", instance:audit()["ec2.imdsv1"].status)
  end)

  it("reads tags only if some are required, in any letter case", function()
    local function status(settings, tags)
      return instance_with({ tags = tags }, settings):audit()["ec2.tags"].status
    end
    assert.equal("skipped", status({}, {}))
    assert.equal("skipped", status({ required_tags = {} }, {}))
    assert.equal("compliant", status({ required_tags = { "OWNER" } }, { owner = "" }))
    assert.equal("non_compliant", status({ required_tags = { "Owner" } }, { Owners = "x" }))
  end)

  it("requires private addresses only in development accounts", function()
    local function status(dev)
      return instance_with(bad_box(), { dev_accounts = dev }):audit()["ec2.dev_public"].status
    end
    assert.equal("skipped", status(nil))
    assert.equal("skipped", status {})
    assert.equal("skipped", status { "444455556666", "1111222233334" })
    assert.equal("non_compliant", status { "444455556666", ACCOUNT })
  end)

  it("examines each address of each interface", function()
    local box = { interfaces = {
      { { "10.0.0.5", false }, { "10.0.0.6", ACCOUNT } }, { { "10.0.1.5", ACCOUNT } },
    } }
    local found = instance_with(box):audit()["ec2.dev_public"]
    assert.equal("has a public address on eni-1 (10.0.0.6), a public address on eni-2 (10.0.1.5)",
      found.summary)
  end)

  it("does not count carrier addresses or addresses that the customer owns", function()
    local instance = instance_with { interfaces = { { { "10.0.0.5", "x" }, { "10.0.0.6", "x" } } } }
    local found = instances.shown { interfaces = { { { "10.0.0.5", "x" }, { "10.0.0.6", "x" } } } }
    local addresses = found.NetworkInterfaces[1].PrivateIpAddresses
    addresses[1].Association = { CarrierIp = "198.51.100.1" }
    addresses[2].Association = { CustomerOwnedIp = "198.51.100.1", PublicIp = "" }
    instance.world.replies["ec2:DescribeInstances"] = {
      Reservations = { { Instances = { found } } },
    }
    assert.equal("compliant", instance:audit()["ec2.dev_public"].status)
  end)

  it("is gone if the instance is", function()
    local instance = instance_with {}
    instance.world.replies["ec2:DescribeInstances"] = policies.fault("InvalidInstanceID.NotFound")
    assert.equal("gone", instance:audit().state)
    assert.equal("gone", instance_with({ state = "terminated" }):audit().state)
  end)

  it("is unknown, and repairs nothing, if the response is empty or incomplete", function()
    local cut, half, other = instances.shown {}, instances.shown {}, instances.shown {}
    cut.MetadataOptions, half.MetadataOptions.HttpTokens = nil, nil
    other.PublicIpAddress = "198.51.100.1"
    for _, reply in ipairs {
      policies.fault("UnauthorizedOperation", "no", 403),
      policies.fault("InvalidInstanceID.Malformed"), {}, { Reservations = {} },
      { Reservations = { { Instances = {} } } }, { Reservations = { { Instances = { {} } } } },
      { Reservations = { { Instances = { cut } } } },
      { Reservations = { { Instances = { half } } } },
      { Reservations = { { Instances = { other } } } },
    } do
      local instance = instance_with(bad_box())
      instance.world.replies["ec2:DescribeInstances"] = reply
      local results, outcome = instance:repair()
      assert.same({ "unknown", "unknown", "unknown" }, statuses(outcome))
      assert.same({}, results)
      assert.same({}, instance:sent())
    end
  end)

  it("is unknown, and not stopped, in a state or with options that EC2 does not have", function()
    for _, spoil in ipairs {
      function(shown) shown.State.Name = "" end,
      function(shown) shown.State = { Code = 16 } end,
      function(shown) shown.State.Name = "resting" end,
      function(shown) shown.MetadataOptions.HttpTokens = "" end,
      function(shown) shown.MetadataOptions.HttpEndpoint = "" end,
    } do
      local shown = instances.shown(bad_box())
      spoil(shown)
      local instance = instance_with(bad_box())
      instance.world.replies["ec2:DescribeInstances"] = { Reservations = { { Instances = {
        shown,
      } } } }
      local results, outcome = instance:repair()
      assert.same({ "unknown", "unknown", "unknown" }, statuses(outcome))
      assert.same({}, results)
    end
  end)

  it("accepts ids of any form", function()
    for _, id in ipairs { 'i-"\n', "i-gr\u{fc}n", "i-" .. ("x"):rep(200) } do
      local instance = ec2:resource { id = id, replies = {
        ["ec2:DescribeInstances"] = function(params)
          assert.same({ id }, params.InstanceIds)
          return policies.fault("InvalidInstanceID.NotFound")
        end,
      } }
      assert.equal("gone", instance:audit().state)
    end
  end)
end)

describe("instances", function()
  it("are listed page by page, without terminated ones, with test resources marked", function()
    local function one(id, state, tag)
      return { InstanceId = id, State = { Name = state },
        Tags = tag and { { Key = "Name", Value = tag } } or nil }
    end
    local found = ec2:discover { replies = {
      ["ec2:DescribeInstances"] = policies.pages {
        { Reservations = { { Instances = { one("i-1", "running"), one("i-2", "terminated") } } } },
        { Reservations = {} },
        { Reservations = { { Instances = { one("i-3", "stopped", "misconfiguration_maker") } },
          { Instances = { one("i-4", "pending") } } } },
      },
    } }
    assert.same({
      { id = "i-1", test = false }, { id = "i-3", test = true }, { id = "i-4", test = false },
    }, found)
    assert.has_error(function() ec2:discover { replies = { ["ec2:DescribeInstances"] = {} } } end)
  end)

  local function ids(name, detail)
    local list = {}
    for i, one in ipairs(ec2:event("ec2:" .. name, detail)) do list[i] = one.id end
    return list
  end

  it("are found in the events that may make them non-compliant", function()
    local set = { instancesSet = { items = { { instanceId = "i-1" }, { instanceId = "i-2" } } } }
    assert.same({ "i-1", "i-2" }, ids("RunInstances", { responseElements = set }))
    assert.same({ "i-1", "i-2" }, ids("StartInstances", { requestParameters = set }))
    assert.same({ "i-1", "i-2" }, ids("StartInstances", { responseElements = set }))
    assert.same({ "i-3" }, ids("ModifyInstanceMetadataOptions",
      { requestParameters = { ModifyInstanceMetadataOptionsRequest = { InstanceId = "i-3" } } }))
    assert.same({ "i-4" }, ids("AssociateAddress", { requestParameters = { instanceId = "i-4" } }))
    assert.has_error(function() ids("AssociateAddress", { requestParameters = {} }) end)
    assert.same({}, ids("AssociateAddress", { requestParameters = { networkInterfaceId = "e" } }))
  end)

  it("are selected from tagged resources of all kinds", function()
    local one, disk, number = { resourceId = "i-1" }, { resourceId = "vol-1" }, { resourceId = 7 }
    local items = { one, disk, number, "i-3", {} }
    local function detail(set) return { requestParameters = { resourcesSet = set } } end
    assert.same({ "i-1" }, ids("DeleteTags", detail { items = items }))
    assert.same({}, ids("DeleteTags", detail { items = { disk } }))
    for _, wrong in ipairs { {}, { requestParameters = {} }, detail "i-1", detail {} } do
      assert.has_error(function() ids("DeleteTags", wrong) end)
    end
  end)
end)
