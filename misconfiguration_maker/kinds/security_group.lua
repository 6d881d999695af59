-- An unused group that is open to the whole internet: to all of IPv4, and to IPv6 in two halves.
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

-- The first VPC by id, except the VPC of the kind `region`, which may be deleted. Any VPC will do,
-- since nothing uses the group.
local function some_vpc(aws)
  local ids = {}
  for page in aws.ec2:pages("DescribeVpcs", {}) do
    for _, vpc in ipairs(page.Vpcs or {}) do
      if not is_made(vpc) then ids[#ids + 1] = vpc.VpcId end
    end
  end
  table.sort(ids)
  return ids[1] or error("there is no VPC to create a security group in", 0)
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
