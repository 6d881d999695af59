-- policies/elb.lua with a classic load balancer that stores what it is given.
local policies = require "support.policy"

local elb = policies.load "elb"

local NAME = "shop"
local DEV = { dev_accounts = { "111122223333" } }
local TAGS = { required_tags = { "Owner", "Team" } }
local GONE = policies.fault("LoadBalancerNotFound")
local DENIED = policies.fault("AccessDenied", "no", 403)
local DRAINING = "Instance deregistration currently in progress."

local function tag_list(map)
  local list = {}
  for key, value in pairs(map or {}) do list[#list + 1] = { Key = key, Value = value } end
  return list
end

local function instance_list(ids)
  local list = {}
  for i, id in ipairs(ids) do list[i] = { InstanceId = id } end
  return list
end

-- box: { scheme =, ids = list, tags = map, instances = id -> tags, draining = id -> true }
local function replies_of(box, name)
  return {
    ["elb:DescribeLoadBalancers"] = function(params)
      assert.same({ LoadBalancerNames = { name } }, params)
      return { LoadBalancerDescriptions = { {
        LoadBalancerName = name, Scheme = box.scheme, Instances = instance_list(box.ids),
      } } }
    end,
    ["elb:DescribeInstanceHealth"] = function(params)
      assert.same({ LoadBalancerName = name }, params)
      local list = {}
      for i, id in ipairs(box.ids) do
        list[i] = { InstanceId = id, State = "InService",
          Description = box.draining[id] and DRAINING or "N/A" }
      end
      return { InstanceStates = list }
    end,
    ["elb:DescribeTags"] = function(params)
      assert.same({ LoadBalancerNames = { name } }, params)
      local one = { LoadBalancerName = name, Tags = tag_list(box.tags) }
      return { TagDescriptions = { one } }
    end,
    ["ec2:DescribeInstances"] = function(params)
      local list = {}
      for _, id in ipairs(params.Filters[1].Values) do
        if box.instances[id] then
          list[#list + 1] = { Instances = {
            { InstanceId = id, Tags = tag_list(box.instances[id]) },
          } }
        end
      end
      return { Reservations = list }
    end,
    ["elb:DeregisterInstancesFromLoadBalancer"] = function(params)
      assert.equal(name, params.LoadBalancerName)
      local leaving, rest = {}, {}
      for _, one in ipairs(params.Instances) do leaving[one.InstanceId] = true end
      for _, id in ipairs(box.ids) do
        if not leaving[id] then rest[#rest + 1] = id end
      end
      box.ids = rest
      return {}
    end,
    ["elb:RegisterInstancesWithLoadBalancer"] = function(params)
      assert.equal(name, params.LoadBalancerName)
      for _, one in ipairs(params.Instances) do table.insert(box.ids, 1, one.InstanceId) end
      return {}
    end,
  }
end

local function balancer_with(box, settings, options)
  options = options or {}
  box.scheme = box.scheme or "internet-facing"
  box.ids, box.instances, box.draining = box.ids or {}, box.instances or {}, box.draining or {}
  options.id, options.settings = options.id or NAME, settings
  local replies = replies_of(box, options.id)
  for call, reply in pairs(options.replies or {}) do replies[call] = reply end
  options.replies = replies
  return elb:resource(options), box
end

local function both()
  return { dev_accounts = DEV.dev_accounts, required_tags = TAGS.required_tags }
end

local function called(balancer)
  local names = {}
  for i, call in ipairs(balancer.calls) do names[i] = call.call end
  return names
end

describe("a classic load balancer", function()
  it("needs one call if no check applies", function()
    local balancer = balancer_with({ ids = { "i-1" } }, {})
    local outcome = balancer:plan()
    for _, check in ipairs { "tags", "instance_tags", "dev_public" } do
      assert.equal("skipped", outcome["elb." .. check].status)
    end
    assert.same({ "elb:DescribeLoadBalancers" }, called(balancer))
  end)

  it("is gone if it is not described, and has no findings if it disappears meanwhile", function()
    local none = { ["elb:DescribeLoadBalancers"] = GONE }
    assert.equal("gone", balancer_with({}, both(), { replies = none }):audit().state)
    none = { ["elb:DescribeLoadBalancers"] = { LoadBalancerDescriptions = {} } }
    assert.equal("gone", balancer_with({}, both(), { replies = none }):audit().state)
    local more = { replies = { ["elb:DescribeInstanceHealth"] = GONE } }
    local balancer = balancer_with({ ids = { "i-1" } }, DEV, more)
    assert.equal("compliant", balancer:audit()["elb.dev_public"].status)
  end)

  it("is unknown, and not repaired, if a read that decides is refused or incomplete", function()
    for call, unknown in pairs {
      ["elb:DescribeLoadBalancers"] = { tags = true, instance_tags = true, dev_public = true },
      ["elb:DescribeInstanceHealth"] = { instance_tags = true, dev_public = true },
      ["ec2:DescribeInstances"] = { instance_tags = true },
    } do
      for _, reply in ipairs { DENIED, {} } do
        local more = { replies = { [call] = reply } }
        local balancer = balancer_with({ ids = { "i-1" } }, both(), more)
        local results, outcome = balancer:repair()
        for _, check in ipairs { "tags", "instance_tags", "dev_public" } do
          local entry = outcome["elb." .. check]
          assert.equal(unknown[check] == true, entry.status == "unknown", call .. " " .. check)
          if unknown[check] then
            assert.equal(reply == DENIED and "AccessDenied" or nil, entry.error.code)
          end
        end
        -- the fix needs the instances' tags
        assert.equal(not unknown.dev_public and "failed" or nil, results["elb.dev_public"])
        assert.same({}, balancer:sent())
      end
    end
  end)

  it("needs tags only for the checks of tags", function()
    for _, reply in ipairs { DENIED, GONE, {}, { TagDescriptions = {} } } do
      local replies = { ["elb:DescribeTags"] = reply }
      local box = { ids = { "i-1" }, instances = { ["i-1"] = {} } }
      local outcome = balancer_with(box, both(), { replies = replies }):audit()
      assert.equal("unknown", outcome["elb.tags"].status)
      assert.equal("unknown", outcome["elb.instance_tags"].status)
      assert.equal("non_compliant", outcome["elb.dev_public"].status)
    end
  end)

  it("is unknown if a response is incomplete", function()
    local one = { LoadBalancerName = NAME, Scheme = "internal" }
    for call, reply in pairs {
      ["elb:DescribeLoadBalancers"] = { LoadBalancerDescriptions = { {
        LoadBalancerName = NAME, Scheme = "internal", Instances = { {} } } } },
      ["ec2:DescribeInstances"] = { Reservations = { { Instances = { {} } } } },
    } do
      local balancer = balancer_with({ ids = { "i-1" } }, both(), { replies = { [call] = reply } })
      assert.equal("unknown", balancer:audit()["elb.instance_tags"].status, call)
    end
    local cut = { ["elb:DescribeLoadBalancers"] = { LoadBalancerDescriptions = { one } } }
    local entry = balancer_with({}, DEV, { replies = cut }):audit()["elb.dev_public"]
    assert.equal("elb:DescribeLoadBalancers returned no Instances", entry.error.message)
  end)

  it("may have any name", function()
    for _, id in ipairs { 'a"b', "a\nb", "caf\u{e9}", ("n"):rep(200) } do
      local results = balancer_with({ ids = { "i-1" } }, DEV, { id = id }):repair()
      assert.equal("fixed", results["elb.dev_public"])
    end
  end)
end)

describe("required tags of a classic load balancer", function()
  it("are found in any letter case", function()
    local outcome = balancer_with({ tags = { OWNER = "a", team = "b" } }, TAGS):plan()
    assert.equal("compliant", outcome["elb.tags"].status)
    assert.equal("compliant", outcome["elb.instance_tags"].status)
    assert.equal("skipped", outcome["elb.dev_public"].status)
    assert.same({ OWNER = "a", team = "b" }, outcome.tags)
  end)

  it("are reported if they are missing, and not repaired", function()
    local results, outcome = balancer_with({ tags = { Owner = "a" } }, TAGS):repair()
    assert.equal("non_compliant", outcome["elb.tags"].status)
    assert.equal("required tag missing: Team", outcome["elb.tags"].summary)
    assert.same({ ["elb.tags"] = "none" }, results)
    local none = balancer_with({}, TAGS, { replies = {
      ["elb:DescribeTags"] = { TagDescriptions = { { LoadBalancerName = NAME } } },
    } })
    assert.same({ "Owner", "Team" }, none:audit()["elb.tags"].evidence)
  end)

  it("are read even without any instance", function()
    local balancer = balancer_with({ tags = {} }, TAGS)
    balancer:audit()
    assert.same({ "elb:DescribeLoadBalancers", "elb:DescribeTags" }, called(balancer))
  end)

  local function compared(own, other)
    local instances = { ["i-1"] = own, ["i-2"] = other }
    local box = { ids = { "i-2", "i-1" }, tags = own, instances = instances }
    local balancer = balancer_with(box, TAGS)
    return balancer:plan()["elb.instance_tags"], balancer
  end

  it("must be the same on each instance", function()
    local entry, balancer = compared({ Owner = "a", Team = "b", x = "1" },
      { owner = "a", TEAM = "b", x = "2" })
    assert.equal("compliant", entry.status)
    assert.same({ "elb:DescribeLoadBalancers", "elb:DescribeTags", "ec2:DescribeInstances" },
      called(balancer))
    assert.equal("compliant", compared({ Team = "b" }, { Team = "b" }).status)
  end)

  it("are reported if their values differ, or if only one side has them", function()
    local entry = compared({ Owner = "a", Team = "b" }, { Owner = "A", Team = "b" })
    assert.equal("non_compliant", entry.status)
    assert.equal("tag Owner differs from that of instance i-2", entry.summary)
    assert.same({ { instance = "i-2", tag = "Owner", load_balancer_has = "a",
      instance_has = "A" } }, entry.evidence)
    assert.equal("none", entry.fix)
    entry = compared({ Team = "b" }, { Owner = "a", Team = "" })
    assert.equal("tag Owner differs from that of instance i-2, and 1 more", entry.summary)
    assert.is_nil(entry.evidence[1].load_balancer_has)
    entry = compared({ Owner = "a" }, {})
    assert.equal("non_compliant", entry.status)
    entry = compared({ Owner = "a", owner = "b" }, { Owner = "b", OWNER = "a" })
    assert.equal("compliant", entry.status)
  end)

  it("are not compared with instances that no longer exist", function()
    local box = { ids = { "i-9" }, tags = { Owner = "a", Team = "b" } }
    assert.equal("compliant", balancer_with(box, TAGS):audit()["elb.instance_tags"].status)
  end)
end)

describe("a classic load balancer of a dev account", function()
  it("passes if it is internal, empty, or in another account", function()
    local function status(box, settings)
      return balancer_with(box, settings):plan()["elb.dev_public"].status
    end
    assert.equal("compliant", status({ scheme = "internal", ids = { "i-1" } }, DEV))
    assert.equal("compliant", status({}, DEV))
    local others = { dev_accounts = { "444455556666" } }
    assert.equal("skipped", status({ ids = { "i-1" } }, others))
    local balancer = balancer_with({}, DEV)
    balancer:audit()
    assert.same({ "elb:DescribeLoadBalancers" }, called(balancer))
  end)

  it("loses its instances, and gets them back by undo", function()
    local box = { ids = { "i-2", "i-1" }, tags = { a = "b" } }
    local balancer = balancer_with(box, DEV)
    local results, outcome = balancer:repair()
    assert.same({ ["elb.dev_public"] = "fixed" }, results)
    local entry = outcome["elb.dev_public"]
    assert.equal("internet-facing, with 2 instances (i-1, i-2)", entry.summary)
    assert.same({ ids = { "i-1", "i-2" } }, entry.evidence)
    assert.same({ a = "b" }, outcome.tags)
    assert.same({}, box.ids)
    local sent = balancer:sent()
    assert.equal(1, #sent)
    assert.equal("elb:DeregisterInstancesFromLoadBalancer", sent[1].call)
    assert.same({ LoadBalancerName = NAME,
      Instances = { { InstanceId = "i-1" }, { InstanceId = "i-2" } } }, sent[1].with)
    balancer:undo()
    table.sort(box.ids)
    assert.same({ "i-1", "i-2" }, box.ids)
  end)

  it("keeps ignored instances, whose tags are compared", function()
    local settings = both()
    local instances = { ["i-1"] = { Owner = "x" }, ["i-2"] = {} }
    local box = { ids = { "i-1", "i-2" }, tags = { Owner = "a", Team = "b" } }
    box.instances = instances
    local balancer = balancer_with(box, settings, { spared = { "i-1" } })
    local results = balancer:repair()
    assert.equal("fixed", results["elb.dev_public"])
    assert.equal("none", results["elb.instance_tags"])
    assert.same({ "i-1" }, box.ids)
    assert.equal("compliant", balancer:audit()["elb.dev_public"].status)
    balancer:undo()
    assert.equal(2, #box.ids)
  end)

  it("passes while its connections drain", function()
    local box = { ids = { "i-1", "i-2" }, draining = { ["i-1"] = true } }
    local balancer = balancer_with(box, DEV)
    assert.same({ ids = { "i-2" } }, balancer:audit()["elb.dev_public"].evidence)
    box.draining["i-2"] = true
    local outcome = balancer:plan()
    assert.equal("compliant", outcome["elb.dev_public"].status)
  end)

  it("has the predicted state as soon as its connections drain", function()
    local instances = { ["i-1"] = { Owner = "a" }, ["i-2"] = { Owner = "a" } }
    local box = { ids = { "i-1", "i-2" }, tags = { Owner = "a", Team = "b" } }
    box.instances = instances
    local balancer = balancer_with(box, both(), { replies = {
      ["elb:DeregisterInstancesFromLoadBalancer"] = function(params)
        for _, one in ipairs(params.Instances) do box.draining[one.InstanceId] = true end
        return {}
      end,
      ["elb:RegisterInstancesWithLoadBalancer"] = function()
        box.draining = {}
        return {}
      end,
    } })
    assert.equal("fixed", balancer:repair()["elb.dev_public"])
    box.ids = {} -- the connections have drained
    assert.equal("compliant", balancer:audit()["elb.instance_tags"].status)
    box.ids = { "i-1", "i-2" }
    balancer:undo()
  end)
end)

describe("classic load balancers", function()
  local function listed(names)
    local list = {}
    for i, name in ipairs(names) do list[i] = { LoadBalancerName = name } end
    return { LoadBalancerDescriptions = list }
  end

  it("are listed page by page, with test resources marked by name", function()
    local list, calls = elb:discover { replies = {
      ["elb:DescribeLoadBalancers"] = policies.pages {
        listed { "a", "misconfig-maker" }, listed {}, listed { "z" },
      },
    } }
    assert.same({
      { id = "a", test = false }, { id = "misconfig-maker", test = true },
      { id = "z", test = false },
    }, list)
    assert.equal(1, #calls)
    assert.same({ PageSize = 400 }, calls[1].with)
  end)

  it("are marked by tags if needed, twenty at a time", function()
    local names, sizes = {}, {}
    for i = 1, 45 do names[i] = ("n%d"):format(i) end
    local list = elb:discover { settings = { only_use_test_resources = true }, replies = {
      ["elb:DescribeLoadBalancers"] = listed(names),
      ["elb:DescribeTags"] = function(params)
        sizes[#sizes + 1] = #params.LoadBalancerNames
        if #sizes == 2 then return GONE end
        local found = {}
        for i, name in ipairs(params.LoadBalancerNames) do
          local value = name == "n41" and "misconfiguration_maker" or "x"
          found[i] = { LoadBalancerName = name, Tags = { { Key = "for", Value = value } } }
        end
        return { TagDescriptions = found }
      end,
    } }
    assert.same({ 20, 20, 5 }, sizes)
    assert.equal(45, #list)
    for _, one in ipairs(list) do assert.equal(one.id == "n41", one.test) end
  end)

  it("are not listed from an incomplete response", function()
    assert.has_error(function()
      elb:discover { replies = { ["elb:DescribeLoadBalancers"] = {} } }
    end)
  end)

  it("are found in their events of each version", function()
    local event = { apiVersion = "2012-06-01", requestParameters = { loadBalancerName = NAME } }
    local register = "elasticloadbalancing:RegisterInstancesWithLoadBalancer"
    local create = "elasticloadbalancing:CreateLoadBalancer"
    assert.same({ { id = NAME, delay = 0 } }, elb:event(register, event))
    assert.same({ { id = NAME } }, elb:event(create, event))
    event.apiVersion = "2015-12-01"
    assert.same({}, elb:event(create, event))
    local odd = { apiVersion = "2012-06-01", requestParameters = "odd" }
    assert.has_error(function() elb:event(create, odd) end, {
      code = "MissingId",
      message = "the event has no id at detail.requestParameters.loadBalancerName",
    })
    assert.has_error(function() elb:event(register, {}) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, elb:never_called())
  end)
end)
