-- A service that gives public addresses to its tasks, but runs none.
local ecs_parts = require "ecs_parts"

local NAME = "misconfiguration_maker"

return {
  make = function(aws)
    local parts = ecs_parts.make(aws, NAME)
    if ecs_parts.service(aws, NAME) then -- undoes a repair
      local service = aws.ecs:UpdateService({
        cluster = NAME, service = NAME, networkConfiguration = parts.network,
      }).service
      return { service.serviceArn }
    end
    local service = aws.ecs:CreateService({
      cluster = NAME, serviceName = NAME, taskDefinition = parts.definition, desiredCount = 0,
      launchType = "FARGATE", networkConfiguration = parts.network,
    }).service
    return { service.serviceArn }
  end,

  clean = function(aws)
    ecs_parts.delete_service(aws, NAME)
    ecs_parts.clean(aws, NAME)
  end,
}
