-- Load balancers whose instances another program manages: a target that would come back is kept.
local policies = require "support.policy"

local elb, elbv2 = policies.load "elb", policies.load "elbv2"

local SETTINGS = { dev_accounts = { "111122223333" } }
local HEAD = "arn:aws:elasticloadbalancing:us-east-1:111122223333:"
local BALANCER = HEAD .. "loadbalancer/app/shop/50dc6c495c0c9188"
local GROUP = HEAD .. "targetgroup/web/73e2d6bc24d8a067"
local DENIED = policies.fault("AccessDenied", "no", 403)
local AGAIN = " would register the instances again"

local function tag_list(map)
  local list = {}
  for key, value in pairs(map or {}) do list[#list + 1] = { Key = key, Value = value } end
  return list
end

-- Two instances; tags: the tags of each id.
local function instances_with(tags)
  return function(params)
    local list = {}
    for i, id in ipairs(params.Filters[1].Values) do
      list[i] = { InstanceId = id, Tags = tag_list(tags and tags[id]) }
    end
    return { Reservations = { { Instances = list } } }
  end
end

local function with(replies, more)
  for call, reply in pairs(more or {}) do replies[call] = reply end
  return replies
end

-- box: { tags = of the load balancer, instances = tags by id, replies = }
local function classic(box)
  local ids = { { InstanceId = "i-1" }, { InstanceId = "i-2" } }
  return elb:resource { id = "shop", settings = SETTINGS, spared = box.spared, replies = with({
    ["elb:DescribeLoadBalancers"] = function()
      return { LoadBalancerDescriptions = { { LoadBalancerName = "shop",
        Scheme = "internet-facing", Instances = ids } } }
    end,
    ["elb:DescribeInstanceHealth"] = { InstanceStates = {} },
    ["elb:DescribeTags"] = { TagDescriptions = { { Tags = tag_list(box.tags) } } },
    ["ec2:DescribeInstances"] = instances_with(box.instances),
    ["elb:DeregisterInstancesFromLoadBalancer"] = function(params)
      if #params.Instances == 1 then ids = { ids[2] } else ids = {} end
      return {}
    end,
  }, box.replies) }
end

-- The same, with group_tags.
local function newer(box)
  return elbv2:resource { id = BALANCER, settings = SETTINGS, replies = with({
    ["elbv2:DescribeLoadBalancers"] = { LoadBalancers = { { LoadBalancerArn = BALANCER,
      Scheme = "internet-facing", Type = "application" } } },
    ["elbv2:DescribeTargetGroups"] = { TargetGroups = { { TargetGroupArn = GROUP,
      TargetType = "instance", LoadBalancerArns = { BALANCER } } } },
    ["elbv2:DescribeTargetHealth"] = { TargetHealthDescriptions = {
      { Target = { Id = "i-1", Port = 80 } }, { Target = { Id = "i-2", Port = 80 } } } },
    ["elbv2:DescribeTags"] = function(params)
      local tags = params.ResourceArns[1] == GROUP and box.group_tags or box.tags
      return { TagDescriptions = { { Tags = tag_list(tags) } } }
    end,
    ["ec2:DescribeInstances"] = instances_with(box.instances),
  }, box.replies) }
end

local WORKERS = { ["i-2"] = { ["aws:autoscaling:groupName"] = "workers" } }

local function held(check, resource)
  local results, outcome = resource:repair()
  assert.same({ [check] = "held" }, results)
  assert.same({}, resource:sent())
  return outcome[check].held
end

describe("the repair of a classic load balancer", function()
  it("is held if a cluster or an Auto Scaling group would bring its instances back", function()
    for want, box in pairs {
      ["the cluster of the service web/shop" .. AGAIN] =
        { tags = { ["kubernetes.io/service-name"] = "web/shop" } },
      ["the cluster blue" .. AGAIN] = { tags = { ["kubernetes.io/cluster/blue"] = "owned" } },
      ["the auto scaling group workers would replace the instance (i-2)"] =
        { instances = WORKERS },
    } do
      assert.equal(want, held("elb.dev_public", classic(box)))
    end
  end)

  it("removes what nobody would bring back", function()
    local resource = classic { tags = { ["kubernetes.io/cluster/blue"] = "shared" },
      instances = WORKERS, spared = { "i-2" } }
    assert.same({ ["elb.dev_public"] = "fixed" }, (resource:repair()))
    assert.same({ { InstanceId = "i-1" } }, resource:sent()[1].with.Instances)
  end)
end)

describe("the repair of a newer load balancer", function()
  it("is held if a controller or an Auto Scaling group would bring the targets back", function()
    for want, box in pairs {
      ["the load balancer controller of the cluster blue" .. AGAIN] =
        { group_tags = { ["elbv2.k8s.aws/cluster"] = "blue" } },
      ["EKS Auto Mode of the cluster blue" .. AGAIN] =
        { tags = { ["eks:eks-cluster-name"] = "blue" } },
      ["the auto scaling group workers would replace the instance (i-2)"] =
        { instances = WORKERS },
    } do
      assert.equal(want, held("elbv2.dev_public", newer(box)))
    end
  end)

  it("fails if it cannot be determined who would bring the targets back", function()
    for call, reply in pairs {
      ["ec2:DescribeInstances"] = DENIED,
      ["elbv2:DescribeTags"] = { TagDescriptions = {} },
    } do
      local resource = newer { replies = { [call] = reply } }
      assert.same({ ["elbv2.dev_public"] = "failed" }, (resource:repair()), call)
      assert.same({}, resource:sent())
    end
  end)
end)
