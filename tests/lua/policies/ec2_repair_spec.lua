-- policies/ec2.lua: how an instance is repaired, and which repairs are held.
local policies = require "support.policy"
local instances = require "support.instance"

local ec2 = policies.load "ec2"
local ACCOUNT, ID, bad_box = instances.ACCOUNT, instances.ID, instances.bad_box

local function instance_with(box, settings) return instances.with(ec2, box, settings) end

local function elastic_at(interface, private)
  return { PublicIp = "198.51.100.1", AllocationId = "eipalloc-1", AssociationId = "eipassoc-1",
    NetworkInterfaceId = interface, PrivateIpAddress = private, InstanceId = ID }
end

describe("the repair of an instance's metadata", function()
  it("requires tokens, names the endpoint, and can be undone", function()
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

  it("is held if another service manages the instance", function()
    local instance = instance_with { tokens = "optional", operator = "eks.amazonaws.com" }
    local entry = instance:plan()["ec2.imdsv1"]
    assert.equal("held", entry.fix)
    assert.truthy(entry.held:find("eks.amazonaws.com", 1, true))
  end)
end)

describe("the repair of missing tags", function()
  it("stops the instance, which covers later fixes, and can be undone", function()
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

  it("is held if EC2 would refuse, or if stopping would have no effect", function()
    for reason, box in pairs {
      ["instance store"] = { root = "instance-store" },
      ["a Spot instance: its request"] = { lifecycle = "spot" },
      ["its request decides"] = { request = "sir-12345678" },
      ["fleet fleet-1"] = { tags = { ["aws:ec2:fleet-id"] = "fleet-1" } },
      ["Karpenter"] = { tags = { ["karpenter.sh/nodepool"] = "default" } },
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

  it("fails if stop protection cannot be read", function()
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

  it("prevents a new address in place of the elastic one", function()
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

  it("disassociates elastic ones of secondary addresses and interfaces only", function()
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

  it("removes the instance's own address, and can assign another", function()
    local box = { interfaces = { { { "10.0.0.5", "amazon" } } } }
    local instance = instance_with(box, KEEP)
    local results = instance:repair()
    assert.same({ ["ec2.dev_public"] = "fixed" }, results)
    assert.same({ NetworkInterfaceId = "eni-1", AssociatePublicIpAddress = false },
      instance:sent()[1].with)
    instance:undo()
    assert.equal("amazon", box.interfaces[1][1][2])
  end)

  it("does both if there are both, in the order of the interfaces", function()
    local box = {
      interfaces = { { { "10.0.0.5", "amazon" } }, { { "10.0.1.5", ACCOUNT } } },
      elastic = { elastic_at("eni-2", "10.0.1.5") },
    }
    local instance = instance_with(box, KEEP)
    instance:repair()
    assert.same({ "ModifyNetworkInterfaceAttribute", "DisassociateAddress" }, calls(instance))
    instance:undo()
  end)

  -- Addresses that are neither elastic nor the instance's own primary one.
  local function stuck(more)
    local box = { interfaces = { { { "10.0.0.5", false } }, { { "10.0.1.5", "amazon" } } } }
    for key, value in pairs(more or {}) do box[key] = value end
    return box
  end

  it("terminates the instance if an address is of neither kind", function()
    for _, box in ipairs {
      stuck(), { interfaces = { { { "10.0.0.5", "amazon-other" } } } },
      { interfaces = { { { "10.0.0.5", "999988887777" } } } },
      stuck { elastic = { { PublicIp = "198.51.100.1", AllocationId = "eipalloc-1" } } }, -- unused
    } do
      local instance = instance_with(box, KEEP)
      local results, outcome = instance:repair()
      assert.same({ ["ec2.dev_public"] = "fixed" }, results)
      assert.same({ "TerminateInstances" }, calls(instance))
      assert.truthy(outcome["ec2.dev_public"].steps[1].irreversible)
      assert.equal("shutting-down", box.state)
    end
  end)

  it("is held if termination is not allowed, or would have no effect", function()
    for reason, box in pairs {
      ["termination protection"] = stuck { protected = { disableApiTermination = true } },
      ["auto scaling group web"] = stuck { tags = { ["aws:autoscaling:groupName"] = "web" } },
      ["a Spot instance"] = stuck { lifecycle = "spot" },
      ["Spot Fleet sfr-1"] = stuck { tags = { ["aws:ec2spot:fleet-request-id"] = "sfr-1" } },
      ["eks.amazonaws.com"] = stuck { operator = "eks.amazonaws.com" },
    } do
      local instance = instance_with(box, KEEP)
      local results, outcome = instance:repair()
      assert.same({ ["ec2.dev_public"] = "held" }, results)
      assert.truthy(outcome["ec2.dev_public"].held:find(reason, 1, true))
      assert.same({}, instance:sent())
    end
  end)

  it("does not terminate the instance if a response is incomplete", function()
    local second = { { { "10.0.0.5", false } }, { { "10.0.1.5", ACCOUNT } } }
    for why, box in pairs {
      ["does not return the elastic address"] = { interfaces = second },
      ["returned no association"] = stuck { elastic = { { PublicIp = "198.51.100.1",
        NetworkInterfaceId = "eni-2", PrivateIpAddress = "10.0.1.5" } } },
      ["returned no IpOwnerId"] = stuck { nobodys = true },
    } do
      local instance = instance_with(box, KEEP)
      if box.nobodys then
        local found = instances.shown(box)
        found.NetworkInterfaces[2].PrivateIpAddresses[1].Association.IpOwnerId = nil
        instance.world.replies["ec2:DescribeInstances"] = { Reservations = { { Instances = {
          found,
        } } } }
      end
      local results, outcome = instance:repair()
      assert.same({ ["ec2.dev_public"] = "failed" }, results)
      assert.truthy(outcome["ec2.dev_public"].error.message:find(why, 1, true))
      assert.same({}, instance:sent())
    end
  end)

  it("fails, without a step, if the addresses cannot be read", function()
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
  it("have specs that use every declared read", function()
    assert.same({}, ec2:never_called())
  end)
end)
