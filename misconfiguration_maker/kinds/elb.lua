-- An internet-facing classic load balancer, closed by its security group. It has a registered
-- instance, and only one tag.
local closed_network = require "closed_network"
local target_instance = require "target_instance"

local NAME = "misconfig-maker"
local PARTS = "misconfigured_elb" -- name of the security group and the instance

local LISTENERS = { {
  Protocol = "HTTP", LoadBalancerPort = 80, InstanceProtocol = "HTTP", InstancePort = 80,
} }

local function is_registered(aws, instance)
  local wanted = { LoadBalancerNames = { NAME } }
  local balancer = aws.elb:DescribeLoadBalancers(wanted).LoadBalancerDescriptions[1]
  for _, one in ipairs(balancer.Instances or {}) do
    if one.InstanceId == instance then return true end
  end
  return false
end

return {
  make = function(aws)
    local vpc, subnets = closed_network.find(aws)
    local group = closed_network.group(aws, PARTS, vpc)
    aws.elb:try("CreateLoadBalancer", {
      LoadBalancerName = NAME, Listeners = LISTENERS, Subnets = { subnets[1] },
      SecurityGroups = { group },
      Tags = { { Key = "Name", Value = "misconfiguration_maker" } },
    }, "DuplicateLoadBalancerName")
    local instance = target_instance.make(aws, PARTS, subnets[1], group)
    if not is_registered(aws, instance) then
      aws.elb:RegisterInstancesWithLoadBalancer {
        LoadBalancerName = NAME, Instances = { { InstanceId = instance } },
      }
    end
    return { NAME }
  end,

  clean = function(aws)
    aws.elb:DeleteLoadBalancer { LoadBalancerName = NAME }
    target_instance.clean(aws, PARTS)
    closed_network.clean(aws, PARTS)
  end,
}
