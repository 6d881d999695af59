-- Running ECS tasks have no public addresses.
local detail = require "lib.detail"
local ecs = require "lib.ecs"
local event_ids = require "lib.event_ids"
local expect = require "lib.expect"

local SERVICES = "arn:${partition}:ecs:${region}:${account}:service/*"
local TASKS = "arn:${partition}:ecs:${region}:${account}:task/*"

local LISTED = {
  kind = "task", list = "ListTasks", listed = "taskArns", status = "RUNNING",
  describe = "DescribeTasks", described = "tasks",
  at_once = 100, -- ECS API reference, DescribeTasks
}
local NO_CLUSTER = "ClusterNotFoundException"
local SOON = 60 -- seconds until a starting task has its network interface
local DEPLOYED = 300 -- seconds until a deployment may have ended

-- The states before RUNNING (ECS developer guide, "Task lifecycle").
local STARTING = { PROVISIONING = true, PENDING = true, ACTIVATING = true }

-- The ids of a task's own network interfaces, which only tasks in mode awsvpc have; false if one
-- does not exist yet.
local function interfaces_of(task)
  local ids, complete = {}, true
  for _, attachment in ipairs(task.attachments) do
    if expect(attachment, "ecs:DescribeTasks", "type").type == "ElasticNetworkInterface" then
      local id
      for _, one in ipairs(attachment.details or {}) do
        if one.name == "networkInterfaceId" then id = one.value end
      end
      ids[#ids + 1] = id
      complete = complete and id ~= nil
    end
  end
  table.sort(ids)
  return complete and ids
end

local function addresses_of(interface, found)
  local seen = {}
  local function add(association)
    local address = association and association.PublicIp
    if not address or seen[address] then return end
    seen[address] = true
    found[#found + 1] = { interface = interface.NetworkInterfaceId, address = address }
  end
  add(interface.Association)
  for _, private in ipairs(interface.PrivateIpAddresses or {}) do add(private.Association) end
end

-- nil if an interface no longer exists, as when the task stops meanwhile. The interfaces of many
-- tasks are requested in one call.
local function public_addresses(resource, ids)
  local found, call = {}, "ec2:DescribeNetworkInterfaces"
  for _, id in ipairs(ids) do
    local reply = resource.aws.ec2:one("DescribeNetworkInterfaces", "NetworkInterfaceIds", id,
      "InvalidNetworkInterfaceID.NotFound")
    local interface = reply and expect(reply, call, "NetworkInterfaces").NetworkInterfaces[1]
    if not interface then return nil end
    addresses_of(expect(interface, call, "NetworkInterfaceId"), found)
  end
  table.sort(found, function(a, b)
    return a.interface .. a.address < b.interface .. b.address
  end)
  return found
end

-- Would the service assign an address to the next task again?
local function still_assigns(service)
  if ecs.is_public(service.networkConfiguration) then return true end
  for _, set in ipairs(service.taskSets or {}) do
    if ecs.is_public(set.networkConfiguration) then return true end
  end
  return false
end

-- Is a deployment already replacing the tasks with public addresses?
local function is_replacing(service)
  for _, deployment in ipairs(service.deployments or {}) do
    local old = deployment.status ~= "PRIMARY"
    if old and ecs.is_public(deployment.networkConfiguration) then return true end
  end
  return false
end

-- Why a service's task cannot be stopped, as a fix returns it, or nil.
local function obstacle(resource, name)
  local cluster = ecs.names("task", resource.id)
  local wanted = { cluster = cluster, services = { name } }
  local reply = resource.aws.ecs:try("DescribeServices", wanted, NO_CLUSTER)
  local service = ecs.only(reply, "services", "ecs:DescribeServices")
  if not service or service.status ~= "ACTIVE" then return nil end
  if still_assigns(service) then
    local why = "service %s would start another task with a public address: repair the "
      .. "service first"
    return { held = why:format(name) }
  end
  if is_replacing(service) then return { later = DEPLOYED } end
  return nil
end

local function arns_in(event)
  local found = {}
  for _, task in ipairs(detail.list(event, "responseElements", "tasks")) do
    local id, cluster = detail.at(task, "taskArn"), detail.at(task, "clusterArn")
    found[#found + 1] = ecs.with_cluster("task", id, cluster)
  end
  local failures = detail.list(event, "responseElements", "failures") -- tasks not placed
  if #found + #failures == 0 then event_ids.missing("responseElements.tasks[*].taskArn") end
  return found
end

return policy {
  type = "ecs_task",
  title = "ECS task",
  aws_type = "AWS::ECS::Task",
  arn = "${id}",
  id = {
    canonical = ecs.canonical("task"),
    form = "arn:aws:ecs:${region}:${account}:task/${word}/${word}",
  },

  permissions = {
    read = {
      "ecs:ListClusters", "ecs:ListTasks", "ec2:DescribeNetworkInterfaces",
      ["ecs:DescribeTasks"] = { on = TASKS },
      ["ecs:DescribeServices"] = { on = SERVICES },
    },
    shared = { "ecs:ListClusters" },
    write = { ["ecs:StopTask"] = { on = TASKS } },
  },

  events = {
    ["ecs:RunTask"] = arns_in,
    ["ecs:StartTask"] = arns_in,
  },

  discover = function(scope) ecs.discover(scope, LISTED) end,

  tags = function(_, state) return state.tags end,

  -- For a task that is stopping or stopped, the desired status is STOPPED; its address is released.
  fetch = function(resource)
    local task = ecs.one(resource, LISTED)
    if not task then return nil end
    expect(task, "ecs:DescribeTasks", "desiredStatus", "lastStatus")
    local state = { addresses = {}, group = task.group, tags = ecs.tags(task.tags) }
    if task.desiredStatus == "STOPPED" then return state end
    expect(task, "ecs:DescribeTasks", "attachments")
    local ids = interfaces_of(task)
    if not ids and STARTING[task.lastStatus] then return resource:later(SOON) end
    if not ids then error("ecs:DescribeTasks returned no id of the task's network interface", 0) end
    state.addresses = public_addresses(resource, ids)
    if not state.addresses then return resource:later(SOON) end
    return state
  end,

  checks = {
    {
      id = "ecs_task.public_ip",
      title = "Task has a public address",
      severity = "high",
      risk = "The task can be reached from the internet directly.",
      advice = "Run the task with assignPublicIp DISABLED, in a subnet where a NAT gateway or VPC "
        .. "endpoints let it fetch its image.",
      url = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
        .. "fargate-task-networking.html",
      impact = "stops",
      repair = "Stops the task; a stopped task cannot be started again, only a new one can be run.",

      audit = function(_, state)
        if #state.addresses == 0 then return true end
        local list = {}
        for i, one in ipairs(state.addresses) do list[i] = one.address end
        return false, "reachable at " .. table.concat(list, ", "), state.addresses
      end,

      fix = function(resource, state)
        local cluster, name = ecs.names("task", resource.id)
        local service = (state.group or ""):match("^service:(.+)$")
        local unready = service and obstacle(resource, service)
        if unready then return unready end
        return { {
          call = "ecs:StopTask",
          with = { cluster = cluster, task = name, reason = "it has a public address" },
          irreversible = "a stopped task cannot be started again",
        } }, { addresses = {} }
      end,
    },
  },
}
