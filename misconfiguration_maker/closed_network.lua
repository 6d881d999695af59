-- A network for resources that need a public address but must not be reachable: subnets of the
-- default VPC, and a security group without ingress rules.
local wait = require "wait"

local closed_network = {}

-- The default VPC's id and its subnets, one for each zone, in a fixed order.
function closed_network.find(aws)
  local wanted = { Filters = { { Name = "default-for-az", Values = { "true" } } } }
  local ids, vpc = {}, nil
  for page in aws.ec2:pages("DescribeSubnets", wanted) do
    for _, subnet in ipairs(page.Subnets or {}) do
      ids[#ids + 1], vpc = subnet.SubnetId, subnet.VpcId
    end
  end
  if #ids < 2 then error("there is no default VPC with two subnets", 0) end
  table.sort(ids)
  return vpc, ids
end

local function find_group(aws, name)
  local wanted = { Filters = { { Name = "group-name", Values = { name } } } }
  local group = aws.ec2:DescribeSecurityGroups(wanted).SecurityGroups[1]
  return group and group.GroupId
end

-- The id of the group of that name, which is created if there is none.
function closed_network.group(aws, name, vpc)
  local made = find_group(aws, name)
  return made or aws.ec2:CreateSecurityGroup({
    GroupName = name, Description = "Closed: for resources that only look reachable", VpcId = vpc,
  }).GroupId
end

-- Resources that were deleted may use the group for some more minutes.
function closed_network.clean(aws, name)
  local id = find_group(aws, name)
  if not id then return end
  wait("security group", function()
    local _, code = aws.ec2:try("DeleteSecurityGroup", { GroupId = id }, "DependencyViolation",
      "InvalidGroup.NotFound")
    return code ~= "DependencyViolation"
  end)
end

return closed_network
