-- What services, tasks and task sets need: a cluster, a task definition, a network configuration.
-- Each kind has its own, with names that contain the kind; the name of the security group does not
-- mark it as a resource to be found.
local closed_network = require "closed_network"
local wait = require "wait"

local ecs_parts = {}

local function group_name(name)
  return (name:gsub("^misconfiguration_maker", "misconfigured_ecs"))
end

-- The task sleeps for an hour, and then ends.
local function definition(name)
  return {
    family = name, networkMode = "awsvpc", cpu = "256", memory = "512",
    requiresCompatibilities = { "FARGATE" },
    containerDefinitions = { {
      name = "sleep", image = "public.ecr.aws/docker/library/busybox:latest",
      command = { "sleep", "3600" }, essential = true, memory = 512,
    } },
  }
end

local function definitions(aws, name)
  local wanted = { familyPrefix = name, status = "ACTIVE" }
  return aws.ecs:ListTaskDefinitions(wanted).taskDefinitionArns
end

-- Creates what does not exist; { cluster =, definition =, network = awsvpcConfiguration }.
function ecs_parts.make(aws, name)
  aws.ecs:CreateCluster { clusterName = name }
  local vpc, subnets = closed_network.find(aws)
  local made = definitions(aws, name)[1]
  return {
    cluster = name,
    definition = made
      or aws.ecs:RegisterTaskDefinition(definition(name)).taskDefinition.taskDefinitionArn,
    network = { awsvpcConfiguration = {
      subnets = { subnets[1] }, assignPublicIp = "ENABLED",
      securityGroups = { closed_network.group(aws, group_name(name), vpc) },
    } },
  }
end

-- The service of that name; nil if it is being deleted.
function ecs_parts.service(aws, name)
  local wanted = { cluster = name, services = { name } }
  local reply = aws.ecs:try("DescribeServices", wanted, "ClusterNotFoundException")
  local service = reply and reply.services[1]
  return service and service.status == "ACTIVE" and service or nil
end

function ecs_parts.delete_service(aws, name)
  if not ecs_parts.service(aws, name) then return end
  aws.ecs:DeleteService { cluster = name, service = name, force = true }
end

local function delete_cluster(aws, name)
  wait("cluster", function()
    local _, code = aws.ecs:try("DeleteCluster", { cluster = name }, "ClusterNotFoundException",
      "ClusterContainsServicesException", "ClusterContainsTasksException")
    return code == nil or code == "ClusterNotFoundException"
  end)
end

function ecs_parts.clean(aws, name)
  for _, arn in ipairs(definitions(aws, name)) do
    aws.ecs:DeregisterTaskDefinition { taskDefinition = arn }
    aws.ecs:DeleteTaskDefinitions { taskDefinitions = { arn } }
  end
  delete_cluster(aws, name)
  closed_network.clean(aws, group_name(name))
end

return ecs_parts
