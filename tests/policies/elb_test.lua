-- policies/elb.lua, by the real engine.
local NAME = "shop"
local SETTINGS = { REQUIRED_TAGS = "Owner", DEV_ACCOUNTS = "111122223333" }
local DEV = { DEV_ACCOUNTS = "111122223333" }
local CLUSTER = "kubernetes.io/cluster/blue"

local function tags(map)
  local list = {}
  for key, value in pairs(map) do list[#list + 1] = { Key = key, Value = value } end
  return list
end

local function described(scheme, ids)
  local list = {}
  for i, id in ipairs(ids) do list[i] = { InstanceId = id } end
  return { LoadBalancerDescriptions = { {
    LoadBalancerName = NAME, Scheme = scheme, Instances = list,
  } } }
end

-- The replies about a load balancer with i-1 and i-2. own, theirs: its tags, and those of i-2.
local function replies(scheme, own, theirs)
  return {
    ["elb:DescribeLoadBalancers"] = described(scheme, { "i-2", "i-1" }),
    ["elb:DescribeInstanceHealth"] = { InstanceStates = {
      { InstanceId = "i-1", Description = "N/A" }, { InstanceId = "i-2", Description = "N/A" },
    } },
    ["elb:DescribeTags"] = { TagDescriptions = { {
      LoadBalancerName = NAME, Tags = tags(own or { Owner = "me" }),
    } } },
    ["ec2:DescribeInstances"] = { Reservations = { { Instances = {
      { InstanceId = "i-1", Tags = tags(own or { Owner = "me" }) },
      { InstanceId = "i-2", Tags = tags(theirs or own or { owner = "me" }) },
    } } } },
  }
end

local function balancer(name, found, expect, settings)
  return { name = name, id = NAME, replies = found, expect = expect,
    settings = settings or SETTINGS }
end

local function step(verb)
  return {
    call = "elb:" .. verb,
    with = {
      LoadBalancerName = NAME, Instances = { { InstanceId = "i-1" }, { InstanceId = "i-2" } },
    },
  }
end

local OUT = "i-2: Instance deregistration currently in progress."
local PUBLIC = { status = "non_compliant", summary = "2 instances (i-1, i-2)" }
local EXPOSED = { ["elb.dev_public"] = PUBLIC }
local ONLY_EXPOSED = {
  ["elb.dev_public"] = PUBLIC, ["elb.tags"] = "skipped", ["elb.instance_tags"] = "skipped",
}

-- The load balancer loses its instances.
local function emptied(case)
  local change = step "DeregisterInstancesFromLoadBalancer"
  change.undo = step "RegisterInstancesWithLoadBalancer"
  change.replies = { ["elb:DescribeLoadBalancers"] = described("internet-facing", {}) }
  case.changes = { change }
  return case
end

local function held(name, own)
  local case = balancer(name, replies("internet-facing", own), ONLY_EXPOSED, DEV)
  case.repaired = { ["elb.dev_public"] = "held" }
  return case
end

local draining = replies "internet-facing"
draining["elb:DescribeInstanceHealth"] = { InstanceStates = {
  { InstanceId = "i-1", Description = OUT }, { InstanceId = "i-2", Description = OUT },
} }

return {
  policy = "elb",
  cases = {
    balancer("an internal load balancer with its tags", replies "internal", "compliant"),
    balancer("an internet-facing load balancer without instances", {
      ["elb:DescribeLoadBalancers"] = described("internet-facing", {}),
      ["elb:DescribeTags"] = replies("internet-facing")["elb:DescribeTags"],
    }, "compliant"),
    balancer("instances whose connections drain", draining, "compliant"),
    balancer("checks without their settings", replies "internet-facing", {
      ["elb.tags"] = "skipped", ["elb.instance_tags"] = "skipped", ["elb.dev_public"] = "skipped",
    }, {}),
    balancer("a missing tag", replies("internal", {}), {
      ["elb.tags"] = { status = "non_compliant", summary = "Owner" },
    }),
    balancer("an instance with another owner", replies("internal", nil, { Owner = "you" }), {
      ["elb.instance_tags"] = { status = "non_compliant", summary = "tag Owner differs" },
    }),
    emptied(balancer("instances in view of the internet", replies "internet-facing", EXPOSED)),
    emptied(balancer("instances in view of the internet, and no required tags",
      replies "internet-facing", ONLY_EXPOSED, DEV)),
    held("instances that a cluster would register again", { [CLUSTER] = "owned" }),
    held("instances of an auto scaling group", { ["aws:autoscaling:groupName"] = "web" }),
    balancer("a load balancer that does not exist any more",
      { ["elb:DescribeLoadBalancers"] = { fault = "LoadBalancerNotFound" } }, "gone"),
  },
  listings = {
    {
      name = "load balancers, page by page",
      replies = {
        ["elb:DescribeLoadBalancers"] = { pages = {
          { LoadBalancerDescriptions = { { LoadBalancerName = "a" } } },
          { LoadBalancerDescriptions = { { LoadBalancerName = "misconfig-maker" } } },
        } },
      },
      ids = { "a", { id = "misconfig-maker", test = true } },
    },
  },
  events = {
    {
      event = "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
      detail = { requestParameters = { loadBalancerName = NAME } },
      ids = { NAME },
    },
    {
      event = "elasticloadbalancing:CreateLoadBalancer",
      detail = { apiVersion = "2012-06-01", requestParameters = { loadBalancerName = NAME } },
      ids = { NAME },
    },
    {
      event = "elasticloadbalancing:CreateLoadBalancer",
      detail = { apiVersion = "2015-12-01", requestParameters = { name = NAME } },
      ids = {},
    },
  },
}
