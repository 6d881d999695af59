-- policies/ecs_task_set.lua, by the real engine.
local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "task-set/shop/cart/ecs-svc/1234567890123456789"
local BAD = {
  ["ecs_task_set.public_ip"] = { status = "non_compliant", summary = "assignPublicIp is ENABLED" },
}

-- The reply about an active task set. `more` are other members of it.
local function replies(public, more)
  local set = {
    taskSetArn = ID, status = "ACTIVE", tags = { { key = "Owner", value = "me" } },
    networkConfiguration = { awsvpcConfiguration = {
      assignPublicIp = public, subnets = { "subnet-1" },
    } },
  }
  for key, value in pairs(more or {}) do set[key] = value end
  return { ["ecs:DescribeTaskSets"] = { taskSets = { set } } }
end

local function set(name, public, expect, more)
  return { name = name, id = ID, replies = replies(public, more), expect = expect }
end

local open = set("public addresses", "ENABLED", BAD)
open.changes = { {
  call = "ecs:DeleteTaskSet",
  with = { cluster = "shop", service = "cart", taskSet = ID, force = true },
  irreversible = true,
  replies = replies("ENABLED", { status = "DRAINING" }),
} }

local function held(name, more)
  local case = set(name, "ENABLED", BAD, more)
  case.repaired = { ["ecs_task_set.public_ip"] = "held" }
  return case
end

local function gone(name, reply)
  return { name = name, id = ID, replies = { ["ecs:DescribeTaskSets"] = reply }, expect = "gone" }
end

local function service(name, controller, arn, tags)
  return {
    serviceArn = HEAD .. "service/shop/" .. name, deploymentController = { type = controller },
    taskSets = { { taskSetArn = arn } }, tags = tags,
  }
end

return {
  policy = "ecs_task_set",
  cases = {
    set("no public addresses", "DISABLED", "compliant"),
    set("a draining task set", "ENABLED", "compliant", { status = "DRAINING" }),
    open,
    held("public addresses of the primary task set", { status = "PRIMARY" }),
    held("public addresses of a task set that CodeDeploy made", { startedBy = "CODE_DEPLOY" }),
    gone("a task set that does not exist any more", {
      taskSets = {}, failures = { { arn = ID, reason = "MISSING" } },
    }),
    gone("a service that does not exist any more", { fault = "ServiceNotFoundException" }),
  },
  listings = {
    {
      name = "task sets of services that are deployed from outside",
      replies = {
        ["ecs:ListClusters"] = { clusterArns = { HEAD .. "cluster/shop" } },
        ["ecs:ListServices"] = { pages = {
          { serviceArns = { HEAD .. "service/shop/a", HEAD .. "service/shop/b" } },
          { serviceArns = { HEAD .. "service/shop/c" } },
        } },
        ["ecs:DescribeServices"] = {
          {
            with = { services = { HEAD .. "service/shop/a", HEAD .. "service/shop/b" } },
            reply = { services = {
              service("a", "EXTERNAL", ID), service("b", "CODE_DEPLOY", "not listed"),
            } },
          },
          {
            with = { services = { HEAD .. "service/shop/c" } },
            reply = { services = {
              service("c", "EXTERNAL", ID .. "1", { { key = "misconfiguration_maker" } }),
            } },
          },
        },
      },
      ids = { ID, { id = ID .. "1", test = true } },
    },
  },
  events = {
    {
      event = "ecs:CreateTaskSet",
      detail = { responseElements = { taskSet = { taskSetArn = ID } } },
      ids = { ID },
    },
    {
      event = "ecs:UpdateServicePrimaryTaskSet",
      detail = {
        requestParameters = { cluster = "shop", service = "cart", primaryTaskSet = ID },
        responseElements = { omitted = true },
      },
      ids = { "shop/cart/ecs-svc/1234567890123456789" },
    },
  },
}
