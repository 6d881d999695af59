-- Classic load balancers carry the required tags; those in developer accounts do not expose
-- instances to the internet.
local dev = require "lib.dev"
local event_ids = require "lib.event_ids"
local instances = require "lib.instances"
local controllers = require "lib.controllers"
local none = require "lib.none"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local LOAD_BALANCERS = "arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/*"

local GONE = "LoadBalancerNotFound"
local TAGGED_AT_ONCE = 20 -- ELB API reference, DescribeTags

-- DescribeInstanceHealth returns this for an instance with connection draining in progress (user
-- guide for Classic Load Balancers, "Configure connection draining").
local DRAINING = "Instance deregistration currently in progress"

-- The ARN of a newer load balancer has its kind before the name.
local function balancer_name(text)
  local name = spellings.after_prefix(text, "elasticloadbalancing", "loadbalancer/")
  if name:find("/", 1, true) then error(text .. " is not a classic load balancer", 0) end
  return name
end

local function required(resource)
  return tags.are_required(resource.settings)
end

local function tags_by_name(scope, names)
  local reply = scope.aws.elb:try("DescribeTags", { LoadBalancerNames = names }, GONE)
  local found = {}
  for _, one in ipairs(reply and reply.TagDescriptions or {}) do
    found[one.LoadBalancerName] = tags.map(one.Tags)
  end
  return found
end

local function described(balancer)
  local call = "elb:DescribeLoadBalancers"
  local found = balancer.listed
  if not found then
    local reply = balancer.aws.elb:one("DescribeLoadBalancers", "LoadBalancerNames", balancer.id,
      GONE)
    if not reply then return nil end
    found = expect(reply, call, "LoadBalancerDescriptions").LoadBalancerDescriptions[1]
  end
  return found and expect(found, call, "Instances", "Scheme")
end

-- The ids, sorted: the order of the API's list may change.
local function registered(description)
  local ids = {}
  for i, instance in ipairs(description.Instances) do
    ids[i] = expect(instance, "elb:DescribeLoadBalancers", "InstanceId").InstanceId
  end
  table.sort(ids)
  return ids
end

-- The ids without instances that are draining; none if the load balancer no longer exists.
local function without_draining(balancer, ids)
  if #ids == 0 then return ids end
  local wanted = { LoadBalancerName = balancer.id }
  local reply = balancer.aws.elb:try("DescribeInstanceHealth", wanted, GONE)
  if not reply then return {} end
  local leaving, kept = {}, {}
  expect(reply, "elb:DescribeInstanceHealth", "InstanceStates")
  for _, one in ipairs(reply.InstanceStates) do
    leaving[one.InstanceId] = (one.Description or ""):find(DRAINING, 1, true) ~= nil
  end
  for _, id in ipairs(ids) do
    if not leaving[id] then kept[#kept + 1] = id end
  end
  return kept
end

local function tags_of(balancer)
  local reply = balancer.aws.elb:one("DescribeTags", "LoadBalancerNames", balancer.id,
    { most = TAGGED_AT_ONCE })
  local found = expect(reply, "elb:DescribeTags", "TagDescriptions").TagDescriptions[1]
  if not found then error("elb:DescribeTags returned no requested tags", 0) end
  return tags.map(found.Tags)
end

-- Does it expose instances of a developer account to the internet?
local function is_shown(balancer, state)
  return dev.applies(balancer) and state.is_public()
end

-- The values of a tag as one text, whatever the letter case of its key; nil if it is missing.
local function value_of(map, key)
  local values = {}
  for name, value in pairs(map) do
    if name:lower() == key:lower() then values[#values + 1] = value end
  end
  table.sort(values)
  return values[1] and table.concat(values, ", ")
end

local function differing(balancer, state)
  local found = {}
  for _, instance in ipairs(state.instances) do
    for _, key in ipairs(balancer.settings.required_tags) do
      local own, other = value_of(state.tags, key), value_of(instance.tags, key)
      if own ~= other then
        found[#found + 1] = { instance = instance.id, tag = key, load_balancer_has = own,
          instance_has = other }
      end
    end
  end
  return found
end

local function step(balancer, ids)
  local list = {}
  for i, id in ipairs(ids) do list[i] = { InstanceId = id } end
  local with = { LoadBalancerName = balancer.id, Instances = list }
  return {
    call = "elb:DeregisterInstancesFromLoadBalancer", with = with,
    undo = { call = "elb:RegisterInstancesWithLoadBalancer", with = with },
  }
end

-- The state without these instances. If none is exposed, the tags are not read.
local function without(balancer, state, ids)
  local leaving, after, left = {}, { exposed = {} }, {}
  for _, id in ipairs(ids) do leaving[id] = true end
  for _, id in ipairs(state.exposed) do
    if not leaving[id] then after.exposed[#after.exposed + 1] = id end
  end
  if not required(balancer) then
    if #after.exposed == 0 then after.tags = none end
    return after
  end
  for _, instance in ipairs(state.instances) do
    if not leaving[instance.id] then left[#left + 1] = instance end
  end
  after.instances = left
  return after
end

return policy {
  type = "elb",
  title = "Classic load balancer",
  aws_type = "AWS::ElasticLoadBalancing::LoadBalancer",
  asff = "AwsElbLoadBalancer",
  arn = "arn:${partition}:elasticloadbalancing:${region}:${account}:loadbalancer/${id}",
  id = { canonical = balancer_name, form = "${word}" },

  permissions = {
    read = {
      ["elasticloadbalancing:DescribeLoadBalancers"] = "elb:DescribeLoadBalancers",
      ["elasticloadbalancing:DescribeInstanceHealth"] = "elb:DescribeInstanceHealth",
      ["elasticloadbalancing:DescribeTags"] = "elb:DescribeTags",
      "ec2:DescribeInstances",
    },
    write = {
      ["elasticloadbalancing:DeregisterInstancesFromLoadBalancer"] = {
        call = "elb:DeregisterInstancesFromLoadBalancer", on = LOAD_BALANCERS,
      },
      ["elasticloadbalancing:RegisterInstancesWithLoadBalancer"] = {
        call = "elb:RegisterInstancesWithLoadBalancer", on = LOAD_BALANCERS,
      },
    },
  },

  events = {
    ["elasticloadbalancing:RegisterInstancesWithLoadBalancer"] =
      "requestParameters.loadBalancerName",
    -- Newer load balancers have the same event; the API version tells them apart.
    ["elasticloadbalancing:CreateLoadBalancer"] = function(event)
      if event.apiVersion ~= "2012-06-01" then return {} end
      return event_ids.first(event, "requestParameters.loadBalancerName")
    end,
  },

  discover = function(scope)
    for page in scope.aws.elb:pages("DescribeLoadBalancers", { PageSize = 400 }) do
      local list = expect(page, "elb:DescribeLoadBalancers", "LoadBalancerDescriptions")
      local names = {}
      for i, one in ipairs(list.LoadBalancerDescriptions) do names[i] = one.LoadBalancerName end
      test_resources.found(scope, names, {
        at_once = TAGGED_AT_ONCE, tags_of = tags_by_name, listed = list.LoadBalancerDescriptions,
      })
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(balancer)
    local found = described(balancer)
    if not found then return nil end
    local ids, internet = registered(found), found.Scheme == "internet-facing"
    return { registered = function() return ids end, is_public = function() return internet end }
  end,

  -- `exposed`: instances of a developer account that the internet reaches; `instances`: registered
  -- ones with their tags. Neither includes draining instances, so they do not change when draining
  -- ends.
  reads = {
    exposed = function(balancer, state)
      if not is_shown(balancer, state) then return {} end
      return without_draining(balancer, state.registered())
    end,
    instances = function(balancer, state)
      if not required(balancer) then return nil end
      local shown = is_shown(balancer, state)
      return instances.of(balancer, shown and state.exposed or state.registered())
    end,
    tags = function(balancer, state)
      return (required(balancer) or #state.exposed > 0) and tags_of(balancer) or nil
    end,
  },

  checks = {
    {
      id = "elb.tags",
      title = "Classic load balancer lacks a required tag",
      severity = "low",
      risk = "Without its tags the owner of the load balancer is not known, and budgets and "
        .. "rules by tag miss it.",
      advice = "Add the tags that REQUIRED_TAGS names.",
      url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/add-remove-tags.html",
      needs = "required_tags",
      audit = function(balancer, state) return tags.audit(state.tags, balancer.settings) end,
    },
    {
      id = "elb.instance_tags",
      title = "Required tags of a classic load balancer and its instances differ",
      severity = "low",
      risk = "The load balancer and its instances seem to belong to different owners, so "
        .. "costs and alarms reach the wrong people.",
      advice = "Give the load balancer and its instances the same values of the required tags.",
      url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/add-remove-tags.html",
      needs = "required_tags",

      audit = function(balancer, state)
        local found = differing(balancer, state)
        if #found == 0 then return true end
        local first = found[1]
        local more = #found > 1 and (", and %d more"):format(#found - 1) or ""
        return false, ("tag %s differs from that of instance %s%s"):format(first.tag,
          first.instance, more), found
      end,
    },
    {
      id = "elb.dev_public",
      title = "Classic load balancer of a development account exposes instances to the internet",
      severity = "high",
      risk = "Instances of a development account can be reached from the internet through the "
        .. "load balancer.",
      advice = "Make the load balancer internal, or deregister its instances.",
      url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/"
        .. "elb-internet-facing-load-balancers.html",
      impact = "interrupts",
      repair = "Deregisters the instances: requests to the load balancer no longer reach "
        .. "them; the instances keep running. Held if a Kubernetes cluster or an auto scaling "
        .. "group would register instances again.",
      needs = "dev_accounts",
      when = dev.applies,

      audit = function(_, state)
        if #state.exposed == 0 then return true end
        return false, "internet-facing, with " .. dev.count(state.exposed), { ids = state.exposed }
      end,

      -- The evidence lacks the instances that an exception matches.
      fix = function(balancer, state, evidence)
        local leaving = instances.of(balancer, evidence.ids)
        local why = controllers.of_targets({ state.tags }, leaving)
        if why then return { held = why } end
        return { step(balancer, evidence.ids) }, without(balancer, state, evidence.ids)
      end,
    },
  },
}
