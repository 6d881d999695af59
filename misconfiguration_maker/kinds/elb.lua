-- An internet-facing classic load balancer with an instance behind it and no tag but one. Its
-- security group lets nobody in.
local closed_network = require "closed_network"
local target_instance = require "target_instance"

local NAME = "misconfig-maker"
local PARTS = "misconfiguration_maker_elb" -- name of the security group and the instance

local LISTENERS = { {
  Protocol = "HTTP", LoadBalancerPort = 80, InstanceProtocol = "HTTP", InstancePort = 80,
} }

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
    aws.elb:RegisterInstancesWithLoadBalancer {
      LoadBalancerName = NAME, Instances = { { InstanceId = instance } },
    }
    return { NAME }
  end,

  clean = function(aws)
    aws.elb:DeleteLoadBalancer { LoadBalancerName = NAME }
    target_instance.clean(aws, PARTS)
    closed_network.clean(aws, PARTS)
  end,
}
