-- Application and network load balancers in developer accounts do not expose instances to the
-- internet. The id is a load balancer's ARN, or that of one target group.
local arn = require "lib.arn"
local batches = require "lib.batches"
local detail = require "lib.detail"
local dev = require "lib.dev"
local event_ids = require "lib.event_ids"
local instances = require "lib.instances"
local controllers = require "lib.controllers"
local none = require "lib.none"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local TARGET_GROUPS = "arn:${partition}:elasticloadbalancing:${region}:${account}:targetgroup/*"

local NO_BALANCER, NO_GROUP = "LoadBalancerNotFound", "TargetGroupNotFound"
local TAGGED_AT_ONCE = 20 -- ELBv2 API reference, DescribeTags
local DESCRIBED_AT_ONCE = 20 -- the same, DescribeLoadBalancers: LoadBalancerArns
local TARGETS_AT_ONCE = 200 -- no limit is documented; the AWS Load Balancer Controller uses this

local KINDS = { app = true, net = true, gwy = true }

-- CloudWatch and access logs name a load balancer by the end of its ARN.
local function path_of(text)
  if text:find("^loadbalancer/") or text:find("^targetgroup/") then return text end
  return KINDS[text:match("^(%l+)/[^/]+/[^/]+$")] and "loadbalancer/" .. text or nil
end

local function tags_by_arn(scope, arns)
  local reply = scope.aws.elbv2:try("DescribeTags", { ResourceArns = arns }, NO_BALANCER)
  local found = {}
  for _, one in ipairs(reply and reply.TagDescriptions or {}) do
    found[one.ResourceArn] = tags.map(one.Tags)
  end
  return found
end

-- Gateway load balancers have no scheme: they are reached by routes, not by DNS.
local function is_public(balancer)
  if balancer.Type == "gateway" then return false end
  return expect(balancer, "elbv2:DescribeLoadBalancers", "Scheme").Scheme == "internet-facing"
end

local function balancers_of(resource, arns)
  local wanted = { LoadBalancerArns = arns }
  local reply = resource.aws.elbv2:try("DescribeLoadBalancers", wanted, NO_BALANCER)
  return reply and expect(reply, "elbv2:DescribeLoadBalancers", "LoadBalancers").LoadBalancers or {}
end

local function balancer_of(resource)
  local reply = resource.aws.elbv2:one("DescribeLoadBalancers", "LoadBalancerArns", resource.id,
    { most = DESCRIBED_AT_ONCE }, NO_BALANCER)
  return reply and expect(reply, "elbv2:DescribeLoadBalancers", "LoadBalancers").LoadBalancers[1]
end

-- The target groups of a load balancer if the internet reaches it; nil if it no longer exists.
local function groups_of_balancer(resource)
  local balancer = resource.listed or balancer_of(resource)
  if not balancer then return nil end
  local groups = {}
  if not dev.applies(resource) or not is_public(balancer) then return groups end
  local wanted = { LoadBalancerArn = resource.id, PageSize = 400 }
  for page in resource.aws.elbv2:pages("DescribeTargetGroups", wanted) do
    local list = expect(page, "elbv2:DescribeTargetGroups", "TargetGroups").TargetGroups
    table.move(list, 1, #list, #groups + 1, groups)
  end
  return groups
end

-- This target group if the internet reaches it, else none; nil if it no longer exists.
local function group_alone(resource)
  local wanted = { TargetGroupArns = { resource.id } }
  local reply = resource.aws.elbv2:try("DescribeTargetGroups", wanted, NO_GROUP)
  local call = "elbv2:DescribeTargetGroups"
  local group = reply and expect(reply, call, "TargetGroups").TargetGroups[1]
  if not group then return nil end
  local before = expect(group, call, "TargetType", "LoadBalancerArns").LoadBalancerArns
  if group.TargetType ~= "instance" or #before == 0 or not dev.applies(resource) then return {} end
  for _, balancer in ipairs(balancers_of(resource, before)) do
    if is_public(balancer) then return { group } end
  end
  return {}
end

local function groups_of(resource)
  local found = arn.parse(resource.id)
  local path = found and found.service == "elasticloadbalancing" and found.resource or ""
  if path:find("loadbalancer/", 1, true) == 1 then return groups_of_balancer(resource) end
  if path:find("targetgroup/", 1, true) == 1 then return group_alone(resource) end
  return error("the id is not the ARN of a load balancer or target group", 0)
end

-- Draining targets get no new connections. An unregistered one may still be listed.
local function is_exposed(description)
  local health = description.TargetHealth or {}
  return health.State ~= "draining" and health.Reason ~= "Target.NotRegistered"
end

local function precedes(a, b)
  if a.Id ~= b.Id then return a.Id < b.Id end
  return (a.Port or 0) < (b.Port or 0)
end

-- The instances of the group as they were registered, sorted: the API's order may change.
local function exposed_by(resource, group)
  local wanted = { TargetGroupArn = group.TargetGroupArn }
  local reply = resource.aws.elbv2:try("DescribeTargetHealth", wanted, NO_GROUP)
  local list, targets = {}, {}
  if reply then
    local call = "elbv2:DescribeTargetHealth"
    list = expect(reply, call, "TargetHealthDescriptions").TargetHealthDescriptions
  end
  for _, one in ipairs(list) do
    expect(expect(one, "elbv2:DescribeTargetHealth", "Target").Target, "elbv2:DescribeTargetHealth",
      "Id", "Port")
    if is_exposed(one) then targets[#targets + 1] = one.Target end
  end
  table.sort(targets, precedes)
  return targets
end

local function exposed(resource, groups)
  local found = {}
  for _, group in ipairs(groups) do
    expect(group, "elbv2:DescribeTargetGroups", "TargetGroupArn", "TargetType")
    local targets = group.TargetType == "instance" and exposed_by(resource, group) or {}
    if #targets > 0 then
      found[#found + 1] = { target_group = group.TargetGroupArn, targets = targets }
    end
  end
  table.sort(found, function(a, b) return a.target_group < b.target_group end)
  return found
end

local function tags_of(resource)
  local reply = resource.aws.elbv2:one("DescribeTags", "ResourceArns", resource.id,
    { most = TAGGED_AT_ONCE })
  local found = expect(reply, "elbv2:DescribeTags", "TagDescriptions").TagDescriptions[1]
  if not found then error("elbv2:DescribeTags returned no requested tags", 0) end
  return tags.map(found.Tags)
end

-- The tags of each target group.
local function tags_of_groups(resource, groups)
  local arns, found = {}, {}
  for i, group in ipairs(groups) do arns[i] = group.target_group end
  for _, batch in ipairs(batches.of(arns, TAGGED_AT_ONCE)) do
    local reply = resource.aws.elbv2:DescribeTags { ResourceArns = batch }
    for _, one in ipairs(expect(reply, "elbv2:DescribeTags", "TagDescriptions").TagDescriptions) do
      found[#found + 1] = tags.map(one.Tags)
    end
  end
  if #found < #arns then error("elbv2:DescribeTags returned no requested tags", 0) end
  return found
end

-- Why the targets would be registered again, or nil.
local function come_back(resource, state, ids)
  local places = tags_of_groups(resource, state.exposed)
  places[#places + 1] = state.tags
  return controllers.of_targets(places, instances.of(resource, ids))
end

-- Each instance once, even if it is registered with several ports and groups.
local function instances_in(groups)
  local ids, seen = {}, {}
  for _, group in ipairs(groups) do
    for _, target in ipairs(group.targets) do
      if not seen[target.Id] then ids[#ids + 1], seen[target.Id] = target.Id, true end
    end
  end
  return ids
end

local function of_instances(targets, ids)
  local wanted, found = {}, {}
  for _, id in ipairs(ids) do wanted[id] = true end
  for _, target in ipairs(targets) do
    if wanted[target.Id] then found[#found + 1] = target end
  end
  return found
end

local function key(group, target)
  return ("%s %s %s"):format(group.target_group, target.Id, target.Port)
end

local function step(group, targets)
  local with = { TargetGroupArn = group, Targets = targets }
  return {
    call = "elbv2:DeregisterTargets", with = with,
    undo = { call = "elbv2:RegisterTargets", with = with },
  }
end

-- The state without these targets. If none is exposed, the tags are not read.
local function without(groups, gone)
  local rest = {}
  for _, group in ipairs(groups) do
    local targets = {}
    for _, target in ipairs(group.targets) do
      if not gone[key(group, target)] then targets[#targets + 1] = target end
    end
    if #targets > 0 then
      rest[#rest + 1] = { target_group = group.target_group, targets = targets }
    end
  end
  if #rest > 0 then return { exposed = rest } end
  return { exposed = rest, tags = none }
end

local function arns_in(event)
  local arns = {}
  for _, one in ipairs(detail.list(event, "responseElements", "loadBalancers")) do
    arns[#arns + 1] = detail.at(one, "loadBalancerArn")
  end
  if #arns == 0 then event_ids.missing("responseElements.loadBalancers[*].loadBalancerArn") end
  return arns
end

-- The ARN of a listener is that of its load balancer with an id after it (Service Authorization
-- Reference).
local function balancers_of_listener(event)
  local arns = {}
  for _, one in ipairs(detail.list(event, "responseElements", "listeners")) do
    arns[#arns + 1] = detail.at(one, "loadBalancerArn")
  end
  if #arns > 0 then return arns end
  local listener = event_ids.first(event, "requestParameters.listenerArn")
  local balancer, found = listener:gsub(":listener/(.+)/[^/]+$", ":loadbalancer/%1")
  if found == 0 then error(listener .. " is not the ARN of a listener", 0) end
  return balancer
end

return policy {
  type = "elbv2",
  title = "Load balancer or target group",
  aws_type = "AWS::ElasticLoadBalancingV2::LoadBalancer",
  asff = "AwsElbv2LoadBalancer",
  arn = "${id}",
  id = {
    canonical = spellings.full_arn("elasticloadbalancing", path_of),
    form = "arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${word}/${word}/${word}",
  },

  permissions = {
    read = {
      ["elasticloadbalancing:DescribeLoadBalancers"] = "elbv2:DescribeLoadBalancers",
      ["elasticloadbalancing:DescribeTargetGroups"] = "elbv2:DescribeTargetGroups",
      ["elasticloadbalancing:DescribeTargetHealth"] = "elbv2:DescribeTargetHealth",
      ["elasticloadbalancing:DescribeTags"] = "elbv2:DescribeTags",
      "ec2:DescribeInstances",
    },
    write = {
      ["elasticloadbalancing:DeregisterTargets"] = {
        call = "elbv2:DeregisterTargets", on = TARGET_GROUPS,
      },
      ["elasticloadbalancing:RegisterTargets"] = {
        call = "elbv2:RegisterTargets", on = TARGET_GROUPS,
      },
    },
  },

  events = {
    ["elasticloadbalancing:RegisterTargets"] = "requestParameters.targetGroupArn",
    ["elasticloadbalancing:CreateListener"] = { id = {
      "requestParameters.loadBalancerArn", "responseElements.listeners[*].loadBalancerArn",
    } },
    ["elasticloadbalancing:ModifyListener"] = balancers_of_listener,
    -- Classic load balancers have the same event; the API version tells them apart.
    ["elasticloadbalancing:CreateLoadBalancer"] = function(event)
      if event.apiVersion ~= "2015-12-01" then return {} end
      return arns_in(event)
    end,
  },

  -- Target groups are audited with their load balancer: without one, nothing reaches them.
  discover = function(scope)
    for page in scope.aws.elbv2:pages("DescribeLoadBalancers", { PageSize = 400 }) do
      local list, arns = expect(page, "elbv2:DescribeLoadBalancers", "LoadBalancers"), {}
      for i, one in ipairs(list.LoadBalancers) do arns[i] = one.LoadBalancerArn end
      test_resources.found(scope, arns, {
        at_once = TAGGED_AT_ONCE, tags_of = tags_by_arn, listed = list.LoadBalancers,
      })
    end
  end,

  tags = function(_, state) return state.tags end,

  -- The instances of a developer account that the internet reaches, by target group.
  fetch = function(resource)
    local groups = groups_of(resource)
    return groups and { exposed = exposed(resource, groups) }
  end,

  -- If no instance is exposed the check passes, so the tags are not read.
  reads = {
    tags = function(resource, state)
      return #state.exposed > 0 and tags_of(resource) or nil
    end,
  },

  checks = {
    {
      id = "elbv2.dev_public",
      title = "Load balancer of a development account exposes instances to the internet",
      severity = "high",
      risk = "Instances of a development account can be reached from the internet through the "
        .. "load balancer.",
      advice = "Make the load balancer internal, or deregister its instances from the target "
        .. "groups.",
      url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/"
        .. "how-elastic-load-balancing-works.html",
      impact = "interrupts",
      repair = "Deregisters the targets that are instances: requests to the load balancer no "
        .. "longer reach them; the instances and all other targets stay. Held if a load "
        .. "balancer controller or an auto scaling group would register instances again.",
      needs = "dev_accounts",
      when = dev.applies,

      audit = function(_, state)
        if #state.exposed == 0 then return true end
        local ids = instances_in(state.exposed)
        local evidence = { ids = ids, target_groups = state.exposed }
        return false, "internet-facing, with " .. dev.count(ids), evidence
      end,

      -- Targets of other types (addresses, functions, load balancers) stay registered, and so do
      -- instances that an exception matches, which the evidence lacks.
      fix = function(resource, state, evidence)
        local why = come_back(resource, state, evidence.ids)
        if why then return { held = why } end
        local steps, gone = {}, {}
        for _, group in ipairs(state.exposed) do
          local leaving = of_instances(group.targets, evidence.ids)
          for _, targets in ipairs(batches.of(leaving, TARGETS_AT_ONCE)) do
            local one = step(group.target_group, targets)
            for _, target in ipairs(targets) do gone[key(group, target)] = true end
            one.after = without(state.exposed, gone)
            steps[#steps + 1] = one
          end
        end
        return steps
      end,
    },
  },
}
