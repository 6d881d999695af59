-- A `t3.nano` in the default VPC with a public address, without required metadata tokens, without
-- tags. It has no key pair, and nothing runs on it.
local NAME = "misconfiguration_maker"
local IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/"
  .. "al2023-ami-minimal-kernel-default-x86_64"
local TAGS = { { Key = "Name", Value = NAME } }

-- The existing instance in any state except terminated.
local function find(aws)
  local wanted = { Filters = {
    { Name = "tag:Name", Values = { NAME } },
    { Name = "instance-state-name", Values = { "pending", "running", "stopping", "stopped" } },
  } }
  local reservation = aws.ec2:DescribeInstances(wanted).Reservations[1]
  return reservation and reservation.Instances[1]
end

local function launch(aws)
  local made = aws.ec2:RunInstances {
    ImageId = IMAGE, InstanceType = "t3.nano", MinCount = 1, MaxCount = 1,
    MetadataOptions = { HttpEndpoint = "enabled", HttpTokens = "optional" },
    TagSpecifications = { { ResourceType = "instance", Tags = TAGS } },
  }
  return made.Instances[1].InstanceId
end

-- Undoes a repair.
local function spoil(aws, instance)
  local id = instance.InstanceId
  aws.ec2:ModifyInstanceMetadataOptions {
    InstanceId = id, HttpEndpoint = "enabled", HttpTokens = "optional",
  }
  if instance.State.Name == "stopped" then aws.ec2:StartInstances { InstanceIds = { id } } end
  return id
end

return {
  make = function(aws)
    local instance = find(aws)
    return { instance and spoil(aws, instance) or launch(aws) }
  end,

  clean = function(aws)
    local instance = find(aws)
    if instance then aws.ec2:TerminateInstances { InstanceIds = { instance.InstanceId } } end
  end,
}
