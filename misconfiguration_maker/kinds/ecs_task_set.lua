-- A task set that gives public addresses to its tasks, but runs none.
local ecs_parts = require "ecs_parts"

local NAME = "misconfiguration_maker_task_set"

local function sets(aws)
  local service = ecs_parts.service(aws, NAME)
  return service and service.taskSets or {}
end

local function create_service(aws)
  aws.ecs:CreateService {
    cluster = NAME, serviceName = NAME, desiredCount = 0,
    deploymentController = { type = "EXTERNAL" },
  }
end

local function create_set(aws, parts)
  return aws.ecs:CreateTaskSet({
    cluster = NAME, service = NAME, taskDefinition = parts.definition, launchType = "FARGATE",
    networkConfiguration = parts.network, scale = { value = 0, unit = "PERCENT" },
  }).taskSet.taskSetArn
end

return {
  make = function(aws)
    local parts = ecs_parts.make(aws, NAME)
    if not ecs_parts.service(aws, NAME) then create_service(aws) end
    local there = sets(aws)[1]
    return { there and there.taskSetArn or create_set(aws, parts) }
  end,

  clean = function(aws)
    for _, set in ipairs(sets(aws)) do
      aws.ecs:DeleteTaskSet {
        cluster = NAME, service = NAME, taskSet = set.taskSetArn, force = true,
      }
    end
    ecs_parts.delete_service(aws, NAME)
    ecs_parts.clean(aws, NAME)
  end,
}
