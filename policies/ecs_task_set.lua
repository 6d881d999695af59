-- Task sets (of services that are deployed from outside ECS) assign no public addresses.
local batches = require "lib.batches"
local ecs = require "lib.ecs"
local event_ids = require "lib.event_ids"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local SERVICES = "arn:${partition}:ecs:${region}:${account}:service/*"
local TASK_SETS = "arn:${partition}:ecs:${region}:${account}:task-set/*"

local DESCRIBED_AT_ONCE = 10 -- ECS API reference, DescribeServices
local NO_CLUSTER = "ClusterNotFoundException"

-- There is no list call for task sets: their service names them.
local function found_in(scope, service)
  local controller = service.deploymentController and service.deploymentController.type
  if controller ~= "EXTERNAL" then return end
  local map = ecs.tags(service.tags)
  for _, set in ipairs(service.taskSets or {}) do
    scope:found(set.taskSetArn, { test = test_resources.marked(set.taskSetArn, map) })
  end
end

local function describe(scope, cluster, services)
  local wanted = { cluster = cluster, services = services, include = { "TAGS" } }
  local reply = scope.aws.ecs:try("DescribeServices", wanted, NO_CLUSTER)
  if not reply then return end
  local list = expect(reply, "ecs:DescribeServices", "services").services
  for _, service in ipairs(list) do found_in(scope, service) end
end

-- Why the task set must not be deleted, or nil.
local function refusal(state)
  if state.started_by == "CODE_DEPLOY" then
    return "CodeDeploy made this task set, and only a deployment there replaces it"
  end
  if state.status == "PRIMARY" then
    return "the task set is the PRIMARY one, which carries production"
  end
  return nil
end

-- cluster/service/ecs-svc/id, from the names in the request if the response was omitted.
local function changed(member)
  return function(event)
    local asked = event.requestParameters
    local service = event_ids.is_cut(event.responseElements) and ecs.asked(asked, "service")
    local id = service and ecs.asked(asked, member)
    if id then return service .. "/ecs-svc" .. id:match("/[^/]+$") end
    return event_ids.first(event, "responseElements.taskSet.taskSetArn")
  end
end

return policy {
  type = "ecs_task_set",
  title = "ECS task set",
  aws_type = "AWS::ECS::TaskSet",
  asff = "Other",
  arn = "${id}",
  id = {
    canonical = ecs.canonical("task-set"),
    form = "arn:aws:ecs:${region}:${account}:task-set/${word}/${word}/${word}",
  },

  permissions = {
    read = {
      "ecs:ListClusters", "ecs:ListServices",
      ["ecs:DescribeServices"] = { on = SERVICES },
      ["ecs:DescribeTaskSets"] = { on = TASK_SETS },
    },
    shared = { "ecs:ListClusters" },
    write = { ["ecs:DeleteTaskSet"] = { on = TASK_SETS } },
  },

  events = {
    ["ecs:CreateTaskSet"] = "responseElements.taskSet.taskSetArn",
    ["ecs:UpdateTaskSet"] = changed "taskSet",
    ["ecs:UpdateServicePrimaryTaskSet"] = changed "primaryTaskSet",
  },

  discover = function(scope)
    ecs.each_cluster(scope, function(cluster)
      local wanted = { cluster = cluster, maxResults = 100 }
      ecs.each_page(scope, "ListServices", wanted, "serviceArns", function(arns)
        for _, batch in ipairs(batches.of(arns, DESCRIBED_AT_ONCE)) do
          describe(scope, cluster, batch)
        end
      end)
    end)
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(resource)
    local cluster, service = ecs.names("task-set", resource.id)
    local wanted = {
      cluster = cluster, service = service, taskSets = { resource.id }, include = { "TAGS" },
    }
    local reply = resource.aws.ecs:try("DescribeTaskSets", wanted, NO_CLUSTER,
      "ServiceNotFoundException", "ServiceNotActiveException")
    local set = ecs.only(reply, "taskSets", "ecs:DescribeTaskSets")
    if not set then return nil end
    return {
      status = expect(set, "ecs:DescribeTaskSets", "status").status,
      started_by = set.startedBy,
      vpc = (set.networkConfiguration or {}).awsvpcConfiguration,
      tags = ecs.tags(set.tags),
    }
  end,

  checks = {
    {
      id = "ecs_task_set.public_ip",
      title = "Task set gives its tasks public addresses",
      severity = "high",
      controls = { securityhub = { "ECS.16" } },
      risk = "Tasks of the task set can be reached from the internet directly.",
      advice = "Replace the task set with one that has assignPublicIp DISABLED.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-16",
      impact = "destroys",
      repair = "Deletes the task set and stops its tasks, permanently; the primary task set "
        .. "is never deleted.",

      -- The tasks of a draining task set are being stopped.
      audit = function(_, state)
        local public = ecs.is_public { awsvpcConfiguration = state.vpc }
        if state.status == "DRAINING" or not public then return true end
        return false, "tasks are given public addresses (assignPublicIp is ENABLED)", state.vpc
      end,

      -- Without force AWS refuses unless it was scaled to zero before (ECS API reference,
      -- DeleteTaskSet). Afterwards it is deleted or draining, and it is not known which.
      fix = function(resource, state)
        local why = refusal(state)
        if why then return { held = why } end
        local cluster, service = ecs.names("task-set", resource.id)
        return { {
          call = "ecs:DeleteTaskSet",
          with = { cluster = cluster, service = service, taskSet = resource.id, force = true },
          irreversible = "a deleted task set cannot be brought back",
        } }
      end,
    },
  },
}
