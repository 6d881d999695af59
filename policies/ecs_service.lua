-- ECS services do not assign public addresses to their tasks.
local copy_of = require "lib.copy_of"
local detail = require "lib.detail"
local ecs = require "lib.ecs"
local event_ids = require "lib.event_ids"
local expect = require "lib.expect"

local SERVICES = "arn:${partition}:ecs:${region}:${account}:service/*"
local ROLES = "arn:${partition}:iam::${account}:role/*"

local LISTED = {
  kind = "service", list = "ListServices", listed = "serviceArns",
  describe = "DescribeServices", described = "services",
  at_once = 10, -- ECS API reference, DescribeServices
}

-- Deployment controllers whose network configuration UpdateService cannot change (ECS API
-- reference, UpdateService).
local REFUSED = {
  CODE_DEPLOY = "CodeDeploy deploys this service: its network configuration changes only with a "
    .. "deployment made there",
  EXTERNAL = "the service is deployed from outside of ECS: its task sets hold the network "
    .. "configuration",
}

-- CodeDeploy's task sets have their own network configurations; the task sets of EXTERNAL services
-- are a separate resource type.
local function public_sets(service, controller)
  local found = {}
  for _, set in ipairs(controller == "CODE_DEPLOY" and service.taskSets or {}) do
    if set.status ~= "DRAINING" and ecs.is_public(set.networkConfiguration) then
      found[#found + 1] = set.taskSetArn
    end
  end
  table.sort(found)
  return found
end

local function sorted(list)
  local copy = table.move(list or {}, 1, #(list or {}), 1, {})
  table.sort(copy)
  return copy
end

-- A copy whose lists are sorted, because their order may differ between calls.
local function ordered(vpc)
  if not vpc then return nil end
  local copy = {}
  for key, value in pairs(vpc) do copy[key] = type(value) == "table" and sorted(value) or value end
  return copy
end

local function is_public(state)
  return state.vpc ~= nil and state.vpc.assignPublicIp == "ENABLED" or #state.public_sets > 0
end

local function private(vpc)
  local copy = copy_of(vpc)
  copy.assignPublicIp = "DISABLED"
  return copy
end

local function update(service, vpc)
  local cluster, name = ecs.names("service", service.id)
  local network = { awsvpcConfiguration = vpc }
  local with = { cluster = cluster, service = name, networkConfiguration = network }
  return { call = "ecs:UpdateService", with = with }
end

-- The response holds the last hundred messages of the service, and can be omitted from the event.
local function arn_in(event)
  local asked = event.requestParameters
  if event_ids.is_cut(event.responseElements) then
    local id = ecs.asked(asked, "service") or ecs.asked(asked, "serviceName")
    if id then return id end
  end
  local id = event_ids.first(event, "responseElements.service.serviceArn")
  local cluster = detail.at(event, "responseElements", "service", "clusterArn")
  return ecs.with_cluster("service", id, cluster)
end

return policy {
  type = "ecs_service",
  title = "ECS service",
  aws_type = "AWS::ECS::Service",
  arn = "${id}",
  id = {
    canonical = ecs.canonical("service"),
    form = "arn:aws:ecs:${region}:${account}:service/${word}/${word}",
  },

  permissions = {
    read = {
      "ecs:ListClusters", "ecs:ListServices", ["ecs:DescribeServices"] = { on = SERVICES },
    },
    shared = { "ecs:ListClusters" },
    write = {
      ["ecs:UpdateService"] = { on = SERVICES },
      -- Updating a service whose tasks have roles passes these roles again.
      ["iam:PassRole"] = { call = false, on = ROLES },
    },
  },

  events = {
    ["ecs:CreateService"] = arn_in,
    ["ecs:UpdateService"] = arn_in,
  },

  discover = function(scope) ecs.discover(scope, LISTED) end,

  tags = function(_, state) return state.tags end,

  -- A deleted service is still returned for a while, as INACTIVE.
  fetch = function(service)
    local found = ecs.one(service, LISTED)
    if not found then return nil end
    if expect(found, "ecs:DescribeServices", "status").status == "INACTIVE" then return nil end
    local controller = found.deploymentController and found.deploymentController.type or "ECS"
    return {
      draining = found.status == "DRAINING",
      controller = controller,
      vpc = ordered((found.networkConfiguration or {}).awsvpcConfiguration),
      public_sets = public_sets(found, controller),
      tags = ecs.tags(found.tags),
    }
  end,

  checks = {
    {
      id = "ecs_service.public_ip",
      title = "Service gives its tasks public addresses",
      severity = "high",
      controls = { securityhub = { "ECS.2" } },
      risk = "Tasks of the service can be reached from the internet directly, past any load "
        .. "balancer.",
      advice = "Set assignPublicIp to DISABLED, in subnets where a NAT gateway or VPC endpoints "
        .. "let tasks fetch their images.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-2",
      impact = "interrupts",
      repair = "Sets assignPublicIp to DISABLED, which starts a deployment that replaces the "
        .. "tasks; without a NAT gateway or VPC endpoints new tasks cannot start.",

      -- A draining service is being deleted and starts no more tasks.
      audit = function(_, state)
        if state.draining or not is_public(state) then return true end
        local evidence = { awsvpcConfiguration = state.vpc, task_sets = state.public_sets }
        return false, "tasks are given public addresses (assignPublicIp is ENABLED)", evidence
      end,

      -- The configuration is replaced as a whole. A deployment starts: tasks with public addresses
      -- run until it ends.
      fix = function(service, state)
        local why = REFUSED[state.controller]
        if why then return { held = why } end
        local vpc = private(state.vpc)
        local step = update(service, vpc)
        step.undo = update(service, state.vpc)
        return { step }, { vpc = vpc }
      end,
    },
  },
}
