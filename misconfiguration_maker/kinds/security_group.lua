-- A group open to the world, by IPv4 and by two halves of IPv6, that nothing uses.
local NAME = "misconfiguration_maker"

local function find(aws)
  local wanted = { Filters = { { Name = "group-name", Values = { NAME } } } }
  local group = aws.ec2:DescribeSecurityGroups(wanted).SecurityGroups[1]
  return group and group.GroupId
end

local function is_made(vpc)
  for _, tag in ipairs(vpc.Tags or {}) do
    if tag.Value == NAME then return true end
  end
  return false
end

-- The first VPC by id: any will do, since nothing is put into the group; but not the one that is
-- taken away with the region's own.
local function some_vpc(aws)
  local ids = {}
  for page in aws.ec2:pages("DescribeVpcs", {}) do
    for _, vpc in ipairs(page.Vpcs or {}) do
      if not is_made(vpc) then ids[#ids + 1] = vpc.VpcId end
    end
  end
  table.sort(ids)
  return ids[1] or error("there is no VPC to make a security group in", 0)
end

local RULES = { {
  IpProtocol = "tcp", FromPort = 22, ToPort = 22,
  IpRanges = { { CidrIp = "0.0.0.0/0" } },
  Ipv6Ranges = { { CidrIpv6 = "::/1" }, { CidrIpv6 = "8000::/1" } },
} }

return {
  make = function(aws)
    local id = find(aws) or aws.ec2:CreateSecurityGroup({
      GroupName = NAME, Description = "Open on purpose, used by nothing", VpcId = some_vpc(aws),
    }).GroupId
    local wanted = { GroupId = id, IpPermissions = RULES }
    aws.ec2:try("AuthorizeSecurityGroupIngress", wanted, "InvalidPermission.Duplicate")
    return { id }
  end,

  clean = function(aws)
    local id = find(aws)
    if id then aws.ec2:DeleteSecurityGroup { GroupId = id } end
  end,
}
