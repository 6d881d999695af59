-- Services and controllers that would undo a repair: they restart or register instances again, so
-- that a stop, a termination or a deregistration has no lasting effect and may do more harm than
-- good. Pure.
local controllers = {}

-- Tags that name the owner of an instance (EC2 Auto Scaling user guide, "Tag Auto Scaling groups
-- and instances"; EC2 user guide, "EC2 Fleet" and "Spot Fleet"; Karpenter, "NodePools").
local OF_INSTANCES = {
  { "aws:autoscaling:groupName", "the auto scaling group %s would replace the instance" },
  { "aws:ec2:fleet-id", "the fleet %s may replace the instance" },
  { "aws:ec2spot:fleet-request-id", "the Spot Fleet %s may replace the instance" },
  { "karpenter.sh/nodepool", "Karpenter would replace the instance (node pool %s)" },
}

-- Tags of resources that a controller created for a cluster (AWS Load Balancer Controller,
-- "Resource Tags"; EKS user guide, "Create a load balancer with EKS Auto Mode"; Kubernetes,
-- cloud-provider-aws).
local OF_BALANCERS = {
  { "elbv2.k8s.aws/cluster", "the load balancer controller of the cluster %s" },
  { "eks:eks-cluster-name", "EKS Auto Mode of the cluster %s" },
  { "kubernetes.io/service-name", "the cluster of the service %s" },
}

local function owner_in(list, tags)
  for _, pair in ipairs(list) do
    local value = tags[pair[1]]
    if value then return pair[2]:format(value) end
  end
  return nil
end

-- Why an instance with these tags would be started or replaced again, or nil.
function controllers.of_instance(tags)
  return owner_in(OF_INSTANCES, tags)
end

-- The cluster that owns a resource, from a tag kubernetes.io/cluster/NAME = owned.
local function owner_of(tags)
  local names = {}
  for name, value in pairs(tags) do
    local cluster = value == "owned" and name:match("^kubernetes%.io/cluster/(.+)$")
    if cluster then names[#names + 1] = cluster end
  end
  table.sort(names)
  return names[1] and ("the cluster %s"):format(names[1])
end

-- What registers the targets of a load balancer or target group with these tags, or nil.
function controllers.of_balancer(tags)
  return owner_in(OF_BALANCERS, tags) or owner_of(tags)
end

-- Why deregistered targets would be registered again, or nil. places: lists of tags of load
-- balancer and target groups; instances: { { id =, tags = } … }.
function controllers.of_targets(places, instances)
  for _, tags in ipairs(places) do
    local controller = controllers.of_balancer(tags)
    if controller then return controller .. " would register the instances again" end
  end
  for _, one in ipairs(instances) do
    local why = controllers.of_instance(one.tags)
    if why then return ("%s (%s)"):format(why, one.id) end
  end
  return nil
end

return controllers
