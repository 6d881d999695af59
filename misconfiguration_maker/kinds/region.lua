-- An empty VPC without a flow log (no monitoring of the account is switched off). The VPC has no
-- connection to other networks.
local NAME = "misconfiguration_maker"
local TAGS = { { Key = "Name", Value = NAME } }

local function find(aws)
  local wanted = { Filters = { { Name = "tag:Name", Values = { NAME } } } }
  local vpc = aws.ec2:DescribeVpcs(wanted).Vpcs[1]
  return vpc and vpc.VpcId
end

return {
  make = function(aws, place)
    if not find(aws) then
      aws.ec2:CreateVpc {
        CidrBlock = "192.168.255.0/28",
        TagSpecifications = { { ResourceType = "vpc", Tags = TAGS } },
      }
    end
    return { place.region }
  end,

  clean = function(aws)
    local id = find(aws)
    if id then aws.ec2:DeleteVpc { VpcId = id } end
  end,
}
