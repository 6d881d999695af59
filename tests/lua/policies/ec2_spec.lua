-- policies/ec2.lua against an instance that keeps what it is told.
local policies = require "support.policy"

local ec2 = policies.load "ec2"

local ID = "i-0123456789abcdef0"
local ACCOUNT, DEV = "111122223333", "444455556666"

-- Network interfaces as DescribeInstances shows them. addresses: of each interface, private ->
-- owner of the public address there, or false.
local function interfaces_of(box)
  local list = {}
  for i, addresses in ipairs(box.interfaces or {}) do
    local shown = {}
    for j, pair in ipairs(addresses) do
      shown[j] = { PrivateIpAddress = pair[1], Primary = j == 1 }
      if pair[2] then
        shown[j].Association = { PublicIp = "198.51.100." .. i .. j, IpOwnerId = pair[2] }
      end
    end
    list[i] = {
      NetworkInterfaceId = "eni-" .. i, PrivateIpAddresses = shown,
      Attachment = { DeviceIndex = i - 1, NetworkCardIndex = 0 },
    }
  end
  return list
end

local function instance_of(box)
  local tags = {}
  for key, value in pairs(box.tags or {}) do tags[#tags + 1] = { Key = key, Value = value } end
  return {
    InstanceId = ID, State = { Name = box.state or "running" }, Tags = tags,
    RootDeviceType = box.root or "ebs", InstanceLifecycle = box.lifecycle,
    Operator = box.operator and { Managed = true, Principal = box.operator }
      or { Managed = false },
    MetadataOptions = {
      State = "applied", HttpTokens = box.tokens or "required",
      HttpEndpoint = box.endpoint or "enabled", HttpPutResponseHopLimit = 2,
    },
    NetworkInterfaces = interfaces_of(box),
  }
end

local function place_of(box, params)
  local index = tonumber(params.NetworkInterfaceId:match("^eni%-(%d+)$"))
  for _, pair in ipairs(box.interfaces[index]) do
    if pair[1] == params.PrivateIpAddress then return pair end
  end
  error("no such place")
end

local function only(params)
  assert.same({ ID }, params.InstanceIds)
end

-- Replies of an instance. box: state, tags, root, lifecycle, operator, tokens, endpoint, protected
-- (by attribute), interfaces, elastic (as DescribeAddresses shows them), assigned (by interface).
local function replies_of(box)
  return {
    ["ec2:DescribeInstances"] = function(params)
      only(params)
      return { Reservations = { { Instances = { instance_of(box) } } } }
    end,
    ["ec2:DescribeInstanceAttribute"] = function(params)
      local member = params.Attribute:gsub("^%l", string.upper)
      return { InstanceId = params.InstanceId,
        [member] = { Value = (box.protected or {})[params.Attribute] or false } }
    end,
    ["ec2:DescribeAddresses"] = function(params)
      assert.same({ { Name = "instance-id", Values = { ID } } }, params.Filters)
      return { Addresses = box.elastic or {} }
    end,
    ["ec2:DescribeNetworkInterfaceAttribute"] = function(params)
      assert.equal("associatePublicIpAddress", params.Attribute)
      if not box.assigned then return policies.fault("InvalidParameterValue") end
      return { AssociatePublicIpAddress = box.assigned[params.NetworkInterfaceId] or false }
    end,
    ["ec2:ModifyInstanceMetadataOptions"] = function(params)
      assert.equal(ID, params.InstanceId)
      box.tokens, box.endpoint = params.HttpTokens, params.HttpEndpoint
      return {}
    end,
    ["ec2:StopInstances"] = function(params)
      only(params)
      box.state = "stopping"
      return {}
    end,
    ["ec2:StartInstances"] = function(params)
      only(params)
      box.state = "running"
      return {}
    end,
    ["ec2:TerminateInstances"] = function(params)
      only(params)
      box.state = "shutting-down"
      return {}
    end,
    ["ec2:DisassociateAddress"] = function(params)
      for _, address in ipairs(box.elastic) do
        if address.AssociationId == params.AssociationId then
          place_of(box, address)[2] = false
          return {}
        end
      end
      return policies.fault("InvalidAssociationID.NotFound")
    end,
    ["ec2:AssociateAddress"] = function(params)
      assert.equal("eipalloc-1", params.AllocationId)
      assert.is_false(params.AllowReassociation)
      place_of(box, params)[2] = ACCOUNT
      return { AssociationId = "eipassoc-2" }
    end,
    ["ec2:ModifyNetworkInterfaceAttribute"] = function(params)
      local first = box.interfaces[1][1]
      assert.equal("eni-1", params.NetworkInterfaceId)
      if box.assigned then box.assigned["eni-1"] = params.AssociatePublicIpAddress end
      first[2] = params.AssociatePublicIpAddress and "amazon" or false
      return {}
    end,
  }
end

local SETTINGS = { required_tags = { "Owner" }, dev_accounts = { DEV, ACCOUNT } }

local function instance_with(box, settings)
  box.tags = box.tags or { Owner = "shop" }
  return ec2:resource { id = ID, settings = settings or SETTINGS, replies = replies_of(box) }
end

local function elastic_at(interface, private)
  return { PublicIp = "198.51.100.1", AllocationId = "eipalloc-1", AssociationId = "eipassoc-1",
    NetworkInterfaceId = interface, PrivateIpAddress = private, InstanceId = ID }
end

local function statuses(outcome)
  return { outcome["ec2.imdsv1"].status, outcome["ec2.tags"].status,
    outcome["ec2.dev_public"].status }
end

local BAD = { "non_compliant", "non_compliant", "non_compliant" }
local GOOD = { "compliant", "compliant", "compliant" }

local function bad_box(more)
  local box = { tokens = "optional", tags = {}, interfaces = { { { "10.0.0.5", "amazon" } } } }
  for key, value in pairs(more or {}) do box[key] = value end
  return box
end

describe("an instance's audit", function()
  it("passes what is right, in one call", function()
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
    assert.same({ endpoint = "enabled", tokens = "optional" }, outcome["ec2.imdsv1"].evidence)
    assert.equal("required tag missing: Owner", outcome["ec2.tags"].summary)
    assert.equal("has a public address of its own on eni-1 (10.0.0.5)",
      outcome["ec2.dev_public"].summary)
    assert.equal("eni-1", outcome["ec2.dev_public"].evidence[1].interface)
    assert.equal(1, #instance.calls)
  end)

  it("takes one that is stopped or on its way there for contained", function()
    for _, state in ipairs { "stopping", "stopped", "shutting-down" } do
      local instance = instance_with(bad_box { state = state })
      assert.same(GOOD, statuses(instance:plan()))
    end
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

  it("counts options that are being applied as they will be", function()
    local instance = instance_with {}
    local shown = instance_of { tags = { Owner = "shop" } }
    shown.MetadataOptions.State = "pending"
    instance.world.replies["ec2:DescribeInstances"] = {
      Reservations = { { Instances = { shown } } },
    }
    assert.same(GOOD, statuses(instance:audit()))
    shown.MetadataOptions.HttpTokens = "optional"
    assert.equal("non_compliant", instance:audit()["ec2.imdsv1"].status)
  end)

  it("asks for tags only where some are required, in whatever case", function()
    local function status(settings, tags)
      return instance_with({ tags = tags }, settings):audit()["ec2.tags"].status
    end
    assert.equal("skipped", status({}, {}))
    assert.equal("skipped", status({ required_tags = {} }, {}))
    assert.equal("compliant", status({ required_tags = { "OWNER" } }, { owner = "" }))
    assert.equal("non_compliant", status({ required_tags = { "Owner" } }, { Owners = "x" }))
  end)

  it("asks for privacy only in accounts of developers", function()
    local function status(dev)
      return instance_with(bad_box(), { dev_accounts = dev }):audit()["ec2.dev_public"].status
    end
    assert.equal("skipped", status(nil))
    assert.equal("skipped", status {})
    assert.equal("skipped", status { DEV, "1111222233334" })
    assert.equal("non_compliant", status { DEV, ACCOUNT })
  end)

  it("looks at each address of each interface", function()
    local box = { interfaces = {
      { { "10.0.0.5", false }, { "10.0.0.6", ACCOUNT } }, { { "10.0.1.5", ACCOUNT } },
    } }
    local found = instance_with(box):audit()["ec2.dev_public"]
    assert.equal("has a public address on eni-1 (10.0.0.6), a public address on eni-2 (10.0.1.5)",
      found.summary)
  end)

  it("is gone when the instance is", function()
    local instance = instance_with {}
    instance.world.replies["ec2:DescribeInstances"] = policies.fault("InvalidInstanceID.NotFound")
    assert.equal("gone", instance:audit().state)
    assert.equal("gone", instance_with({ state = "terminated" }):audit().state)
  end)

  it("is unknown, and repairs nothing, when the answer is none or not whole", function()
    local cut, half, other = instance_of {}, instance_of {}, instance_of {}
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

  it("bears ids of any kind", function()
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

describe("the repair of an instance's metadata", function()
  it("asks for tokens, names the endpoint, and can be taken back", function()
    local box = { tokens = "optional" }
    local instance = instance_with(box)
    local results = instance:repair()
    assert.same({ ["ec2.imdsv1"] = "fixed" }, results)
    assert.same({ InstanceId = ID, HttpTokens = "required", HttpEndpoint = "enabled" },
      instance:sent()[1].with)
    instance:undo()
    assert.equal("optional", box.tokens)
    assert.equal("enabled", box.endpoint)
  end)

  it("is held where another service manages the instance", function()
    local instance = instance_with { tokens = "optional", operator = "eks.amazonaws.com" }
    local entry = instance:plan()["ec2.imdsv1"]
    assert.equal("held", entry.fix)
    assert.truthy(entry.held:find("eks.amazonaws.com", 1, true))
  end)
end)

describe("the repair of missing tags", function()
  it("stops the instance, which covers what comes after, and can be taken back", function()
    local box = bad_box()
    local instance = instance_with(box)
    local plan = instance:plan()
    assert.equal("steps", plan["ec2.imdsv1"].fix)
    assert.equal("steps", plan["ec2.tags"].fix)
    assert.equal("ec2.tags", plan["ec2.dev_public"].covered_by)
    local results = instance:repair()
    assert.same({
      ["ec2.imdsv1"] = "fixed", ["ec2.tags"] = "fixed", ["ec2.dev_public"] = "fixed",
    }, results)
    assert.equal("stopping", box.state)
    box.state = "stopped"
    instance:undo()
    assert.equal("running", box.state)
    assert.equal("optional", box.tokens)
  end)

  it("is held where EC2 would refuse, or stopping would be in vain", function()
    for reason, box in pairs {
      ["instance store"] = { root = "instance-store" },
      ["Spot"] = { lifecycle = "spot" },
      ["stop protection"] = { protected = { disableApiStop = true } },
      ["auto scaling group web"] = { tags = { ["aws:autoscaling:groupName"] = "web" } },
      ["batch.amazonaws.com"] = { operator = "batch.amazonaws.com" },
    } do
      box.tags = box.tags or {}
      local instance = instance_with(box)
      local results, outcome = instance:repair()
      assert.same({ ["ec2.tags"] = "held" }, results)
      assert.truthy(outcome["ec2.tags"].held:find(reason, 1, true), outcome["ec2.tags"].held)
      assert.same({}, instance:sent())
    end
  end)

  it("fails where stop protection cannot be read", function()
    for _, reply in ipairs { policies.fault("UnauthorizedOperation", "no", 403), {},
      { DisableApiStop = {} } } do
      local instance = instance_with { tags = {} }
      instance.world.replies["ec2:DescribeInstanceAttribute"] = reply
      local results = instance:repair()
      assert.same({ ["ec2.tags"] = "failed" }, results)
      assert.same({}, instance:sent())
    end
  end)
end)

describe("the repair of public addresses", function()
  local KEEP = { dev_accounts = { ACCOUNT } }

  local function calls(instance)
    local list = {}
    for i, call in ipairs(instance:sent()) do list[i] = call.call:sub(5) end
    return list
  end

  it("disassociates an elastic one, and can associate it again", function()
    local box = {
      interfaces = { { { "10.0.0.5", ACCOUNT } } }, elastic = { elastic_at("eni-1", "10.0.0.5") },
    }
    local instance = instance_with(box, KEEP)
    local results, outcome = instance:repair()
    assert.same({ ["ec2.dev_public"] = "fixed" }, results)
    assert.same({ "DisassociateAddress" }, calls(instance))
    assert.same({ AssociationId = "eipassoc-1" }, instance:sent()[1].with)
    assert.same({
      call = "ec2:AssociateAddress",
      with = { AllocationId = "eipalloc-1", NetworkInterfaceId = "eni-1",
        PrivateIpAddress = "10.0.0.5", AllowReassociation = false },
    }, outcome["ec2.dev_public"].steps[1].undo)
    instance:undo()
    assert.equal(ACCOUNT, box.interfaces[1][1][2])
  end)

  it("sees to it that no address of its own comes in the elastic one's place", function()
    local box = {
      interfaces = { { { "10.0.0.5", ACCOUNT } } }, elastic = { elastic_at("eni-1", "10.0.0.5") },
      assigned = { ["eni-1"] = true },
    }
    local instance = instance_with(box, KEEP)
    instance:repair()
    assert.same({ "DisassociateAddress", "ModifyNetworkInterfaceAttribute" }, calls(instance))
    instance:undo()
    assert.equal(ACCOUNT, box.interfaces[1][1][2])
    assert.is_true(box.assigned["eni-1"])
  end)

  it("takes elastic ones from secondary addresses and interfaces, and nothing else", function()
    local box = {
      interfaces = {
        { { "10.0.0.5", false } }, { { "10.0.1.5", false }, { "10.0.1.6", ACCOUNT } },
      },
      elastic = { elastic_at("eni-2", "10.0.1.6") }, assigned = { ["eni-1"] = true },
    }
    local instance = instance_with(box, KEEP)
    instance:repair()
    assert.same({ "DisassociateAddress" }, calls(instance))
    instance:undo()
    assert.equal(ACCOUNT, box.interfaces[2][2][2])
  end)

  it("takes the instance's own away, and can give it another", function()
    local box = { interfaces = { { { "10.0.0.5", "amazon" } } } }
    local instance = instance_with(box, KEEP)
    local results = instance:repair()
    assert.same({ ["ec2.dev_public"] = "fixed" }, results)
    assert.same({ NetworkInterfaceId = "eni-1", AssociatePublicIpAddress = false },
      instance:sent()[1].with)
    instance:undo()
    assert.equal("amazon", box.interfaces[1][1][2])
  end)

  it("does both where both are there, in the order of the interfaces", function()
    local box = {
      interfaces = { { { "10.0.0.5", "amazon" } }, { { "10.0.1.5", ACCOUNT } } },
      elastic = { elastic_at("eni-2", "10.0.1.5") },
    }
    local instance = instance_with(box, KEEP)
    instance:repair()
    assert.same({ "ModifyNetworkInterfaceAttribute", "DisassociateAddress" }, calls(instance))
    instance:undo()
  end)

  -- Addresses that are neither elastic nor the instance's own main one.
  local function stuck(more)
    local box = { interfaces = { { { "10.0.0.5", false } }, { { "10.0.1.5", "amazon" } } } }
    for key, value in pairs(more or {}) do box[key] = value end
    return box
  end

  it("ends the instance where an address is of neither kind", function()
    for _, box in ipairs {
      stuck(), { interfaces = { { { "10.0.0.5", "amazon-other" } } } },
      stuck { elastic = { { PublicIp = "198.51.100.1", NetworkInterfaceId = "eni-2",
        PrivateIpAddress = "10.0.1.5" } } }, -- without association
    } do
      local instance = instance_with(box, KEEP)
      local results, outcome = instance:repair()
      assert.same({ ["ec2.dev_public"] = "fixed" }, results)
      assert.same({ "TerminateInstances" }, calls(instance))
      assert.truthy(outcome["ec2.dev_public"].steps[1].irreversible)
      assert.equal("shutting-down", box.state)
    end
  end)

  it("is held where the end is not allowed, or in vain", function()
    for reason, box in pairs {
      ["termination protection"] = stuck { protected = { disableApiTermination = true } },
      ["auto scaling group web"] = stuck { tags = { ["aws:autoscaling:groupName"] = "web" } },
      ["eks.amazonaws.com"] = stuck { operator = "eks.amazonaws.com" },
    } do
      local instance = instance_with(box, KEEP)
      local results, outcome = instance:repair()
      assert.same({ ["ec2.dev_public"] = "held" }, results)
      assert.truthy(outcome["ec2.dev_public"].held:find(reason, 1, true))
      assert.same({}, instance:sent())
    end
  end)

  it("fails, without a step, where the addresses cannot be read", function()
    for name, reply in pairs {
      DescribeAddresses = {}, DescribeNetworkInterfaceAttribute = policies.fault("Unauthorized"),
      DescribeInstanceAttribute = policies.fault("Unauthorized"),
    } do
      local box = name == "DescribeInstanceAttribute" and stuck() or {
        interfaces = { { { "10.0.0.5", ACCOUNT } } }, elastic = { elastic_at("eni-1", "10.0.0.5") },
      }
      local instance = instance_with(box, KEEP)
      instance.world.replies["ec2:" .. name] = reply
      local results = instance:repair()
      assert.same({ ["ec2.dev_public"] = "failed" }, results)
      assert.same({}, instance:sent())
    end
  end)
end)

describe("instances", function()
  it("are listed page by page, without those that ended, test resources marked", function()
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

  it("stand in the events that may make them bad", function()
    local set = { instancesSet = { items = { { instanceId = "i-1" }, { instanceId = "i-2" } } } }
    assert.same({ "i-1", "i-2" }, ids("RunInstances", { responseElements = set }))
    assert.same({ "i-1", "i-2" }, ids("StartInstances", { requestParameters = set }))
    assert.same({ "i-3" }, ids("ModifyInstanceMetadataOptions",
      { requestParameters = { ModifyInstanceMetadataOptionsRequest = { InstanceId = "i-3" } } }))
    assert.same({ "i-4" }, ids("AssociateAddress", { requestParameters = { instanceId = "i-4" } }))
    assert.has_error(function() ids("AssociateAddress", { requestParameters = {} }) end)
  end)

  it("are picked from the tagged things of all kinds", function()
    local one, disk, number = { resourceId = "i-1" }, { resourceId = "vol-1" }, { resourceId = 7 }
    local items = { one, disk, number, "i-3", {} }
    local function detail(set) return { requestParameters = { resourcesSet = set } } end
    assert.same({ "i-1" }, ids("DeleteTags", detail { items = items }))
    assert.same({}, ids("DeleteTags", detail { items = { disk } }))
    for _, wrong in ipairs { {}, { requestParameters = {} }, detail "i-1", detail {} } do
      assert.has_error(function() ids("DeleteTags", wrong) end)
    end
  end)

  it("have specs for every read that is declared", function()
    assert.same({}, ec2:never_called())
  end)
end)
