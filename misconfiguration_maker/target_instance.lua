-- An instance to register with a load balancer: the smallest, without a public address, with
-- required metadata tokens. Nothing runs on it. Its tag Name identifies it; its tag Owner differs
-- from that of its load balancer.
local wait = require "wait"

local target_instance = {}

local IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/"
  .. "al2023-ami-minimal-kernel-default-x86_64"

local function find(aws, name)
  local wanted = { Filters = {
    { Name = "tag:Name", Values = { name } },
    { Name = "instance-state-name", Values = { "pending", "running", "stopping", "stopped" } },
  } }
  local reservation = aws.ec2:DescribeInstances(wanted).Reservations[1]
  return reservation and reservation.Instances[1]
end

local function launch(aws, name, subnet, group)
  aws.ec2:RunInstances {
    ImageId = IMAGE, InstanceType = "t3.nano", MinCount = 1, MaxCount = 1,
    MetadataOptions = { HttpEndpoint = "enabled", HttpTokens = "required" },
    NetworkInterfaces = { {
      DeviceIndex = 0, SubnetId = subnet, Groups = { group }, AssociatePublicIpAddress = false,
    } },
    TagSpecifications = { { ResourceType = "instance", Tags = {
      { Key = "Name", Value = name }, { Key = "Owner", Value = "misconfigured" },
    } } },
  }
end

-- The id of the running instance of that name, which is created if there is none.
function target_instance.make(aws, name, subnet, group)
  local there = find(aws, name)
  if not there then
    launch(aws, name, subnet, group)
  elseif there.State.Name == "stopped" then
    aws.ec2:StartInstances { InstanceIds = { there.InstanceId } }
  end
  return wait("instance", function()
    local found = find(aws, name)
    return found and found.State.Name == "running" and found.InstanceId
  end)
end

function target_instance.clean(aws, name)
  local found = find(aws, name)
  if found then aws.ec2:TerminateInstances { InstanceIds = { found.InstanceId } } end
end

return target_instance
