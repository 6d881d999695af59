-- An internet-facing application load balancer, closed by its security group. It has a registered
-- instance.
local closed_network = require "closed_network"
local target_instance = require "target_instance"
local wait = require "wait"

local NAME = "misconfig-maker"
local PARTS = "misconfigured_elbv2" -- name of the security group and the instance

local function find_balancer(aws)
  local wanted = { Names = { NAME } }
  local reply = aws.elbv2:try("DescribeLoadBalancers", wanted, "LoadBalancerNotFound")
  return reply and reply.LoadBalancers[1] and reply.LoadBalancers[1].LoadBalancerArn
end

local function find_group(aws)
  local reply = aws.elbv2:try("DescribeTargetGroups", { Names = { NAME } }, "TargetGroupNotFound")
  return reply and reply.TargetGroups[1] and reply.TargetGroups[1].TargetGroupArn
end

local function create_balancer(aws, subnets, group)
  return aws.elbv2:CreateLoadBalancer({
    Name = NAME, Type = "application", Scheme = "internet-facing",
    Subnets = { subnets[1], subnets[2] }, SecurityGroups = { group },
  }).LoadBalancers[1].LoadBalancerArn
end

local function create_group(aws, vpc)
  return aws.elbv2:CreateTargetGroup({
    Name = NAME, Protocol = "HTTP", Port = 80, VpcId = vpc, TargetType = "instance",
  }).TargetGroups[1].TargetGroupArn
end

local function join(aws, balancer, group)
  if aws.elbv2:DescribeListeners({ LoadBalancerArn = balancer }).Listeners[1] then return end
  aws.elbv2:CreateListener {
    LoadBalancerArn = balancer, Protocol = "HTTP", Port = 80,
    DefaultActions = { { Type = "forward", TargetGroupArn = group } },
  }
end

local function delete_group(aws)
  local group = find_group(aws)
  if not group then return end
  wait("target group", function()
    local wanted = { TargetGroupArn = group }
    local _, code = aws.elbv2:try("DeleteTargetGroup", wanted, "ResourceInUse")
    return code == nil
  end)
end

return {
  make = function(aws)
    local vpc, subnets = closed_network.find(aws)
    local closed = closed_network.group(aws, PARTS, vpc)
    local balancer = find_balancer(aws) or create_balancer(aws, subnets, closed)
    local group = find_group(aws) or create_group(aws, vpc)
    join(aws, balancer, group)
    local instance = target_instance.make(aws, PARTS, subnets[1], closed)
    aws.elbv2:RegisterTargets { TargetGroupArn = group, Targets = { { Id = instance } } }
    return { balancer }
  end,

  clean = function(aws)
    local balancer = find_balancer(aws)
    if balancer then aws.elbv2:DeleteLoadBalancer { LoadBalancerArn = balancer } end
    delete_group(aws)
    target_instance.clean(aws, PARTS)
    closed_network.clean(aws, PARTS)
  end,
}
