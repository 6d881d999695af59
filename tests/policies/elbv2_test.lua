-- policies/elbv2.lua, by the real engine.
local HEAD = "arn:aws:elasticloadbalancing:us-east-1:111122223333:"
local BALANCER = HEAD .. "loadbalancer/app/shop/50dc6c495c0c9188"
local TEST = HEAD .. "loadbalancer/net/misconfig-maker/1"
local GROUP = HEAD .. "targetgroup/web/73e2d6bc24d8a067"
local SECOND = HEAD .. "targetgroup/api/83e2d6bc24d8a067"
local SETTINGS = { DEV_ACCOUNTS = "111122223333" }
local FIRST_TARGET, SECOND_TARGET = { Id = "i-1", Port = 80 }, { Id = "i-2", Port = 8080 }

local function exposed(count)
  return { ["elbv2.dev_public"] = { status = "non_compliant", summary = "with " .. count } }
end

local function described(scheme, kind)
  return { LoadBalancers = { {
    LoadBalancerArn = BALANCER, Scheme = scheme, Type = kind or "application",
  } } }
end

local function group(arn, kind)
  return { TargetGroupArn = arn, TargetType = kind or "instance", LoadBalancerArns = { BALANCER } }
end

-- The reply about the targets of both groups, of which these remain.
local function health(first, second)
  local function of(target)
    return { TargetHealthDescriptions = {
      target and { Target = target, TargetHealth = { State = "healthy" } },
    } }
  end
  return {
    { with = { TargetGroupArn = GROUP }, reply = of(first) },
    { with = { TargetGroupArn = SECOND }, reply = of(second) },
  }
end

-- The tags of the load balancer, which has this one, and of the groups.
local function tags(key, group_key)
  return {
    { with = { ResourceArns = { BALANCER } }, reply = { TagDescriptions = {
      { ResourceArn = BALANCER, Tags = { { Key = key, Value = "blue" } } },
    } } },
    { with = { ResourceArns = { SECOND, GROUP } }, reply = { TagDescriptions = {
      { ResourceArn = SECOND, Tags = {} },
      { ResourceArn = GROUP, Tags = { { Key = group_key or key, Value = "blue" } } },
    } } },
    { with = { ResourceArns = { GROUP } }, reply = { TagDescriptions = {
      { ResourceArn = GROUP, Tags = { { Key = group_key or key, Value = "blue" } } },
    } } },
  }
end

local function replies(scheme)
  return {
    ["elbv2:DescribeLoadBalancers"] = described(scheme),
    ["elbv2:DescribeTargetGroups"] = { TargetGroups = { group(GROUP), group(SECOND) } },
    ["elbv2:DescribeTargetHealth"] = health(FIRST_TARGET, SECOND_TARGET),
    ["elbv2:DescribeTags"] = tags "Owner",
    ["ec2:DescribeInstances"] = { Reservations = {} },
  }
end

-- A case with some replies of an internet-facing load balancer replaced.
local function case(name, changes, expect, id)
  local found = replies "internet-facing"
  for call, reply in pairs(changes) do found[call] = reply end
  return { name = name, id = id or BALANCER, settings = SETTINGS, replies = found, expect = expect }
end

local function held(name, changes)
  local found = case(name, changes, exposed "2 instances (i-2, i-1)")
  found.repaired = { ["elbv2.dev_public"] = "held" }
  return found
end

-- The target leaves its group; these targets remain.
local function leaves(arn, target, first, second)
  local with = { TargetGroupArn = arn, Targets = { target } }
  return {
    call = "elbv2:DeregisterTargets", with = with,
    undo = { call = "elbv2:RegisterTargets", with = with },
    replies = { ["elbv2:DescribeTargetHealth"] = health(first, second) },
  }
end

local both = case("instances in two target groups", {}, exposed "2 instances (i-2, i-1)")
both.changes = {
  leaves(SECOND, SECOND_TARGET, FIRST_TARGET, nil), leaves(GROUP, FIRST_TARGET, nil, nil),
}

local alone = case("one target group", {
  ["elbv2:DescribeTargetGroups"] = { TargetGroups = { group(GROUP) } },
}, exposed "1 instance (i-1)", GROUP)
alone.changes = { leaves(GROUP, FIRST_TARGET, nil, nil) }

local off = case("the check without its setting", {}, { ["elbv2.dev_public"] = "skipped" })
off.settings = nil

return {
  policy = "elbv2",
  cases = {
    case("an internal load balancer",
      { ["elbv2:DescribeLoadBalancers"] = described "internal" }, "compliant"),
    case("a gateway load balancer",
      { ["elbv2:DescribeLoadBalancers"] = described(nil, "gateway") }, "compliant"),
    case("addresses as targets", {
      ["elbv2:DescribeTargetGroups"] = { TargetGroups = { group(GROUP, "ip") } },
    }, "compliant"),
    case("no targets", { ["elbv2:DescribeTargetHealth"] = health() }, "compliant"),
    case("targets whose connections drain", {
      ["elbv2:DescribeTargetHealth"] = { TargetHealthDescriptions = {
        { Target = FIRST_TARGET, TargetHealth = { State = "draining" } },
      } },
    }, "compliant"),
    off, both, alone,
    held("a load balancer that a controller made", {
      ["elbv2:DescribeTags"] = tags("elbv2.k8s.aws/cluster", "Owner"),
    }),
    held("a target group that a controller made", {
      ["elbv2:DescribeTags"] = tags("Owner", "elbv2.k8s.aws/cluster"),
    }),
    held("targets of an auto scaling group", {
      ["ec2:DescribeInstances"] = { Reservations = { { Instances = { {
        InstanceId = "i-1", Tags = { { Key = "aws:autoscaling:groupName", Value = "web" } },
      } } } } },
    }),
    case("a load balancer that does not exist any more",
      { ["elbv2:DescribeLoadBalancers"] = { fault = "LoadBalancerNotFound" } }, "gone"),
    case("a target group that does not exist any more",
      { ["elbv2:DescribeTargetGroups"] = { fault = "TargetGroupNotFound" } }, "gone", GROUP),
  },
  listings = {
    {
      name = "load balancers, page by page",
      replies = {
        ["elbv2:DescribeLoadBalancers"] = { pages = {
          { LoadBalancers = { { LoadBalancerArn = BALANCER } } },
          { LoadBalancers = { { LoadBalancerArn = TEST } } },
        } },
      },
      ids = { BALANCER, { id = TEST, test = true } },
    },
  },
  events = {
    {
      event = "elasticloadbalancing:RegisterTargets",
      detail = { requestParameters = { targetGroupArn = GROUP } },
      ids = { GROUP },
    },
    {
      event = "elasticloadbalancing:ModifyListener",
      detail = {
        requestParameters = {
          listenerArn = HEAD .. "listener/app/shop/50dc6c495c0c9188/0467ef3c8400ae65",
        },
        responseElements = { omitted = true },
      },
      ids = { BALANCER },
    },
    {
      event = "elasticloadbalancing:CreateLoadBalancer",
      detail = {
        apiVersion = "2015-12-01",
        responseElements = { loadBalancers = { { loadBalancerArn = BALANCER } } },
      },
      ids = { BALANCER },
    },
  },
}
