-- policies/elbv2.lua with load balancers and target groups that store what they are given.
local policies = require "support.policy"

local elbv2 = policies.load "elbv2"

local HEAD = "arn:aws:elasticloadbalancing:us-east-1:111122223333:"
local BALANCER = HEAD .. "loadbalancer/app/shop/50dc6c495c0c9188"
local OTHER = HEAD .. "loadbalancer/net/inner/60dc6c495c0c9188"
local GROUP = HEAD .. "targetgroup/web/73e2d6bc24d8a067"
local SECOND = HEAD .. "targetgroup/api/83e2d6bc24d8a067"
local DEV = { dev_accounts = { "111122223333" } }
local NO_BALANCER = policies.fault("LoadBalancerNotFound")
local NO_GROUP = policies.fault("TargetGroupNotFound")
local DENIED = policies.fault("AccessDenied", "no", 403)
local CHECK = "elbv2.dev_public"

local function target(id, port, zone)
  return { Id = id, Port = port, AvailabilityZone = zone }
end

local function described(arns, tags)
  local list = {}
  for i, arn in ipairs(arns) do list[i] = { ResourceArn = arn, Tags = tags } end
  return list
end

local function same_target(a, b)
  return a.Id == b.Id and a.Port == b.Port and a.AvailabilityZone == b.AvailabilityZone
end

local function descriptions(group)
  local list = {}
  for i, one in ipairs(group.targets) do
    list[i] = { Target = one, TargetHealth = group.health[one.Id] or { State = "healthy" } }
  end
  return list
end

local function group_list(box, wanted)
  local list = {}
  for arn, group in pairs(box.groups) do
    if wanted(arn, group) then
      list[#list + 1] = { TargetGroupArn = arn, TargetType = group.type,
        LoadBalancerArns = group.balancers }
    end
  end
  return list
end

local function listed(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

-- box: { balancers = ARN -> { scheme =, type = }, groups = ARN -> { type =, balancers =, targets =,
-- health = id -> TargetHealth }, tags = list }
local function replies_of(box)
  return {
    ["elbv2:DescribeLoadBalancers"] = function(params)
      local list = {}
      for i, arn in ipairs(params.LoadBalancerArns) do
        local one = box.balancers[arn]
        if not one then return NO_BALANCER end
        list[i] = { LoadBalancerArn = arn, Scheme = one.scheme, Type = one.type or "application" }
      end
      return { LoadBalancers = list }
    end,
    ["elbv2:DescribeTargetGroups"] = function(params)
      local list = group_list(box, function(arn, group)
        return listed(params.TargetGroupArns, arn)
          or listed(group.balancers, params.LoadBalancerArn)
      end)
      return params.TargetGroupArns and #list == 0 and NO_GROUP or { TargetGroups = list }
    end,
    ["elbv2:DescribeTargetHealth"] = function(params)
      return { TargetHealthDescriptions = descriptions(box.groups[params.TargetGroupArn]) }
    end,
    ["elbv2:DescribeTags"] = function(params)
      return { TagDescriptions = described(params.ResourceArns, box.tags) }
    end,
    ["ec2:DescribeInstances"] = { Reservations = {} },
    ["elbv2:DeregisterTargets"] = function(params)
      local group, rest = box.groups[params.TargetGroupArn], {}
      for _, one in ipairs(group.targets) do
        local leaves = false
        for _, other in ipairs(params.Targets) do leaves = leaves or same_target(one, other) end
        if not leaves then rest[#rest + 1] = one end
      end
      group.targets = rest
      return {}
    end,
    ["elbv2:RegisterTargets"] = function(params)
      local group = box.groups[params.TargetGroupArn]
      for _, one in ipairs(params.Targets) do table.insert(group.targets, 1, one) end
      return {}
    end,
  }
end

local function box_with(targets, more)
  local box = {
    balancers = { [BALANCER] = { scheme = "internet-facing" } },
    groups = { [GROUP] = { type = "instance", balancers = { BALANCER }, targets = targets,
      health = {} } },
    tags = { { Key = "Owner", Value = "a" } },
  }
  for key, value in pairs(more or {}) do box[key] = value end
  return box
end

local function resource_with(box, options)
  options = options or {}
  local replies = replies_of(box)
  for call, reply in pairs(options.replies or {}) do replies[call] = reply end
  return elbv2:resource {
    id = options.id or BALANCER, settings = options.settings or DEV, replies = replies,
    spared = options.spared,
  }
end

local function called(resource)
  local names = {}
  for i, call in ipairs(resource.calls) do names[i] = call.call:match(":(.*)$") end
  return names
end

local function audited(box, options)
  local resource = resource_with(box, options)
  local outcome = resource:audit()
  return outcome[CHECK], called(resource), outcome
end

describe("a load balancer of a dev account", function()
  it("is found with its instances, in few calls", function()
    local entry, calls, outcome = audited(box_with { target("i-2", 80), target("i-1", 80) })
    assert.equal("non_compliant", entry.status)
    assert.equal("internet-facing, with 2 instances (i-1, i-2)", entry.summary)
    local groups = { { target_group = GROUP, targets = { target("i-1", 80), target("i-2", 80) } } }
    assert.same({ ids = { "i-1", "i-2" }, target_groups = groups }, entry.evidence)
    assert.same({ Owner = "a" }, outcome.tags)
    assert.same({ "DescribeLoadBalancers", "DescribeTargetGroups", "DescribeTargetHealth",
      "DescribeTags" }, calls)
  end)

  it("is found by its target group as well", function()
    local entry, calls = audited(box_with { target("i-1", 80) }, { id = GROUP })
    assert.equal("non_compliant", entry.status)
    assert.same({ "DescribeTargetGroups", "DescribeLoadBalancers", "DescribeTargetHealth",
      "DescribeTags" }, calls)
  end)

  it("passes if it is internal, a gateway, or empty", function()
    local function passes(box, id, expected)
      local entry, calls = audited(box, { id = id })
      assert.equal("compliant", entry.status)
      assert.same(expected, calls)
    end
    local inner = { [BALANCER] = { scheme = "internal" } }
    local gateway = { [BALANCER] = { type = "gateway" } }
    local box = box_with({ target("i-1", 80) }, { balancers = inner })
    passes(box, BALANCER, { "DescribeLoadBalancers" })
    passes(box, GROUP, { "DescribeTargetGroups", "DescribeLoadBalancers" })
    passes(box_with({ target("i-1", 80) }, { balancers = gateway }), BALANCER,
      { "DescribeLoadBalancers" })
    local empty = { "DescribeLoadBalancers", "DescribeTargetGroups", "DescribeTargetHealth" }
    passes(box_with {}, BALANCER, empty)
    local none = box_with({}, { groups = {} })
    passes(none, BALANCER, { "DescribeLoadBalancers", "DescribeTargetGroups" })
  end)

  it("passes with targets that are not instances", function()
    for _, kind in ipairs { "ip", "lambda", "alb" } do
      local box = box_with { target("x", 80) }
      box.groups[GROUP].type = kind
      local entry, calls = audited(box)
      assert.equal("compliant", entry.status)
      assert.same({ "DescribeLoadBalancers", "DescribeTargetGroups" }, calls)
      entry, calls = audited(box, { id = GROUP })
      assert.equal("compliant", entry.status)
      assert.same({ "DescribeTargetGroups" }, calls)
    end
  end)

  it("passes as a target group without a load balancer", function()
    local box = box_with { target("i-1", 80) }
    box.groups[GROUP].balancers = {}
    assert.equal("compliant", audited(box, { id = GROUP }).status)
    box.groups[GROUP].balancers, box.balancers = { BALANCER }, {}
    assert.equal("compliant", audited(box, { id = GROUP }).status)
  end)

  it("is found if only one of a group's load balancers is public", function()
    local box = box_with { target("i-1", 80) }
    box.balancers[OTHER] = { scheme = "internal", type = "network" }
    box.groups[GROUP].balancers = { OTHER, BALANCER }
    assert.equal("non_compliant", audited(box, { id = GROUP }).status)
    assert.equal("compliant", audited(box, { id = OTHER }).status)
  end)

  it("passes in other accounts", function()
    for _, id in ipairs { BALANCER, GROUP } do
      local settings = { dev_accounts = { "444455556666" } }
      local entry, calls = audited(box_with { target("i-1", 80) }, { id = id, settings = settings })
      assert.equal("skipped", entry.status)
      assert.equal(1, #calls)
    end
  end)

  it("passes while its targets are draining or not registered", function()
    local box = box_with { target("i-1", 80), target("i-2", 80), target("i-3", 80) }
    local health = box.groups[GROUP].health
    health["i-1"] = { State = "draining", Reason = "Target.DeregistrationInProgress" }
    health["i-2"] = { State = "unused", Reason = "Target.NotRegistered" }
    health["i-3"] = { State = "unused", Reason = "Target.NotInUse" }
    assert.same({ target("i-3", 80) }, audited(box).evidence.target_groups[1].targets)
    health["i-3"] = { State = "draining" }
    assert.equal("compliant", audited(box).status)
  end)

  it("reads all pages of target groups, without those that disappear", function()
    local function page(arn)
      return { TargetGroups = { { TargetGroupArn = arn, TargetType = "instance" } } }
    end
    local entry = audited(box_with {}, { replies = {
      ["elbv2:DescribeTargetGroups"] = policies.pages { page(GROUP), page("g"), page(SECOND) },
      ["elbv2:DescribeTargetHealth"] = function(params)
        if params.TargetGroupArn == "g" then return NO_GROUP end
        return { TargetHealthDescriptions = { { Target = target("i-1", 80) } } }
      end,
    } })
    assert.equal(2, #entry.evidence.target_groups)
    assert.equal(SECOND, entry.evidence.target_groups[1].target_group)
    assert.equal("internet-facing, with 1 instance (i-1)", entry.summary)
  end)

  it("is gone if either call says so", function()
    local box = box_with { target("i-1", 80) }
    for call, id in pairs { DescribeLoadBalancers = BALANCER, DescribeTargetGroups = GROUP } do
      local code = call == "DescribeLoadBalancers" and NO_BALANCER or NO_GROUP
      local resource = resource_with(box, { id = id, replies = { ["elbv2:" .. call] = code } })
      assert.equal("gone", resource:audit().state, call)
    end
    local none = { ["elbv2:DescribeTargetGroups"] = { TargetGroups = {} } }
    assert.equal("gone", resource_with(box, { id = GROUP, replies = none }):audit().state)
  end)

  it("needs no tags", function()
    for _, reply in ipairs { DENIED, NO_GROUP, {}, { TagDescriptions = {} } } do
      local replies = { ["elbv2:DescribeTags"] = reply }
      local found = audited(box_with { target("i-1", 80) }, { replies = replies })
      assert.equal("non_compliant", found.status)
    end
  end)

  it("is unknown, and not repaired, if a read is refused or a response is incomplete", function()
    for _, call in ipairs {
      "DescribeLoadBalancers", "DescribeTargetGroups", "DescribeTargetHealth",
    } do
      for _, id in ipairs { BALANCER, GROUP } do
        for _, reply in ipairs { DENIED, {} } do
          local resource = resource_with(box_with { target("i-1", 80) },
            { id = id, replies = { ["elbv2:" .. call] = reply } })
          local results, outcome = resource:repair()
          assert.equal("unknown", outcome[CHECK].status, call)
          assert.same({}, results)
          assert.same({}, resource:sent())
        end
      end
    end
    for _, cut in ipairs { target("", 80), target "i-1" } do
      assert.equal("unknown", audited(box_with { cut }).status)
    end
    local box = box_with({}, { balancers = { [BALANCER] = {} } })
    assert.equal("elbv2:DescribeLoadBalancers returned no Scheme", audited(box).error.message)
  end)

  it("is identified only by an ARN", function()
    for _, id in ipairs {
      "shop", "", '"\n', ("x"):rep(200), HEAD .. "listener/app/shop/1/2",
      "arn:aws:sqs:us-east-1:111122223333:targetgroup/web/1",
    } do
      local resource = resource_with(box_with {}, { id = id })
      local entry = resource:plan()[CHECK]
      assert.equal("the id is not the ARN of a load balancer or target group", entry.error.message)
      assert.same({}, resource.calls)
    end
  end)
end)

describe("the repair of a load balancer", function()
  it("deregisters each target as it was registered, and can register it again", function()
    local targets = {
      target("i-2", 80), target("i-1", 8080), target("i-1", 80), target("i-3", 80, "us-east-1a"),
    }
    local box = box_with(targets)
    box.groups[SECOND] = { type = "instance", balancers = { BALANCER }, health = {},
      targets = { target("i-1", 443) } }
    box.groups["ip"] = { type = "ip", balancers = { BALANCER }, health = {},
      targets = { target("10.0.0.1", 80) } }
    local resource = resource_with(box)
    assert.same({ [CHECK] = "fixed" }, (resource:repair()))
    local sent = resource:sent()
    assert.equal(2, #sent)
    assert.same({ TargetGroupArn = SECOND, Targets = { target("i-1", 443) } }, sent[1].with)
    assert.same({ TargetGroupArn = GROUP, Targets = {
      target("i-1", 80), target("i-1", 8080), target("i-2", 80), target("i-3", 80, "us-east-1a"),
    } }, sent[2].with)
    assert.same({}, box.groups[GROUP].targets)
    assert.equal(1, #box.groups["ip"].targets)
    resource:undo()
    assert.equal(4, #box.groups[GROUP].targets)
    assert.equal(1, #box.groups[SECOND].targets)
  end)

  it("of a target group does not change the other groups", function()
    local box = box_with { target("i-1", 80) }
    box.groups[SECOND] = { type = "instance", balancers = { BALANCER }, health = {},
      targets = { target("i-1", 443) } }
    assert.same({ [CHECK] = "fixed" }, (resource_with(box, { id = GROUP }):repair()))
    assert.same({}, box.groups[GROUP].targets)
    assert.equal(1, #box.groups[SECOND].targets)
  end)

  it("keeps ignored instances", function()
    local box = box_with { target("i-1", 80), target("i-2", 80) }
    local resource = resource_with(box, { spared = { "i-1" } })
    assert.same({ [CHECK] = "fixed" }, (resource:repair()))
    assert.same({ target("i-1", 80) }, box.groups[GROUP].targets)
    resource:undo()
  end)

  it("has steps of two hundred targets", function()
    local targets = {}
    for i = 1, 401 do targets[i] = target(("i-%03d"):format(i), 80) end
    local box = box_with(targets)
    local resource = resource_with(box)
    assert.same({ [CHECK] = "fixed" }, (resource:repair()))
    local sizes = {}
    for i, call in ipairs(resource:sent()) do sizes[i] = #call.with.Targets end
    assert.same({ 200, 200, 1 }, sizes)
    resource:undo()
  end)
end)

describe("load balancers", function()
  local function page(...)
    local list = {}
    for i, arn in ipairs { ... } do list[i] = { LoadBalancerArn = arn } end
    return { LoadBalancers = list }
  end

  it("are listed page by page, with test resources marked by name", function()
    local test = HEAD .. "loadbalancer/app/misconfig-maker/1"
    local list, calls = elbv2:discover { replies = {
      ["elbv2:DescribeLoadBalancers"] = policies.pages { page(BALANCER), page(), page(test) },
    } }
    assert.same({ { id = BALANCER, test = false }, { id = test, test = true } }, list)
    assert.equal(1, #calls)
    assert.same({ PageSize = 400 }, calls[1].with)
  end)

  it("are marked by tags if needed", function()
    local function discover(reply)
      return elbv2:discover { settings = { only_use_test_resources = true }, replies = {
        ["elbv2:DescribeLoadBalancers"] = page(BALANCER, OTHER),
        ["elbv2:DescribeTags"] = reply,
      } }
    end
    local list = discover { TagDescriptions = {
      { ResourceArn = OTHER, Tags = { { Key = "Name", Value = "misconfiguration_maker" } } },
      { ResourceArn = BALANCER, Tags = {} },
    } }
    assert.same({ { id = BALANCER, test = false }, { id = OTHER, test = true } }, list)
    assert.is_false(discover(NO_BALANCER)[2].test)
    assert.has_error(function() discover(DENIED) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, elbv2:never_called())
  end)
end)
