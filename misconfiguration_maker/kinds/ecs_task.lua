-- A task with a public address that sleeps for an hour. Its security group lets nobody in.
local ecs_parts = require "ecs_parts"

local NAME = "misconfiguration_maker_task"

local function running(aws)
  local wanted = { cluster = NAME, desiredStatus = "RUNNING" }
  local reply = aws.ecs:try("ListTasks", wanted, "ClusterNotFoundException")
  return reply and reply.taskArns or {}
end

local function run(aws, parts)
  local reply = aws.ecs:RunTask {
    cluster = NAME, taskDefinition = parts.definition, launchType = "FARGATE", count = 1,
    networkConfiguration = parts.network,
  }
  local task = reply.tasks[1]
  return task and task.taskArn or error("no task was started", 0)
end

local function interface_of(aws, id)
  local task = aws.ecs:DescribeTasks({ cluster = NAME, tasks = { id } }).tasks[1]
  for _, attachment in ipairs(task and task.attachments or {}) do
    for _, one in ipairs(attachment.details or {}) do
      if one.name == "networkInterfaceId" then return one.value end
    end
  end
  return nil
end

-- AWS assigns a public address with the network interface. Emulators do not, so this adds one.
local function give_address(aws, interface)
  local wanted = { NetworkInterfaceIds = { interface } }
  local found = aws.ec2:DescribeNetworkInterfaces(wanted).NetworkInterfaces[1]
  if not found or found.Association and found.Association.PublicIp then return end
  local address = aws.ec2:AllocateAddress {
    Domain = "vpc",
    TagSpecifications = { {
      ResourceType = "elastic-ip", Tags = { { Key = "Name", Value = NAME } },
    } },
  }
  aws.ec2:AssociateAddress {
    AllocationId = address.AllocationId, NetworkInterfaceId = interface,
  }
end

local function release_addresses(aws)
  local wanted = { Filters = { { Name = "tag:Name", Values = { NAME } } } }
  for _, address in ipairs(aws.ec2:DescribeAddresses(wanted).Addresses) do
    if address.AssociationId then
      aws.ec2:DisassociateAddress { AssociationId = address.AssociationId }
    end
    aws.ec2:ReleaseAddress { AllocationId = address.AllocationId }
  end
end

return {
  make = function(aws)
    local parts = ecs_parts.make(aws, NAME)
    local id = running(aws)[1] or run(aws, parts)
    local interface = interface_of(aws, id)
    if interface then give_address(aws, interface) end
    return { id }
  end,

  clean = function(aws)
    for _, id in ipairs(running(aws)) do aws.ecs:StopTask { cluster = NAME, task = id } end
    release_addresses(aws)
    ecs_parts.clean(aws, NAME)
  end,
}
