-- policies/ecs_service.lua, by the real engine.
local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "service/shop/cart"
local BAD = {
  ["ecs_service.public_ip"] = { status = "non_compliant", summary = "assignPublicIp is ENABLED" },
}
local HELD = { ["ecs_service.public_ip"] = "held" }

local function network(public)
  return { awsvpcConfiguration = {
    subnets = { "subnet-a", "subnet-b" }, securityGroups = { "sg-a" }, assignPublicIp = public,
  } }
end

-- The reply about a service with this network configuration. `more` are members of the service.
local function replies(public, more)
  local service = {
    serviceArn = ID, status = "ACTIVE", networkConfiguration = network(public),
    tags = { { key = "Owner", value = "me" } },
  }
  for key, value in pairs(more or {}) do service[key] = value end
  return { ["ecs:DescribeServices"] = { services = { service } } }
end

local function service(name, public, expect, more)
  return { name = name, id = ID, replies = replies(public, more), expect = expect }
end

local function update(public)
  return {
    call = "ecs:UpdateService",
    with = { cluster = "shop", service = "cart", networkConfiguration = network(public) },
  }
end

local open = service("public addresses", "ENABLED", BAD)
local change = update "DISABLED"
change.undo = update "ENABLED"
change.replies = replies "DISABLED"
open.changes = { change }

local function held(name, public, more)
  local case = service(name, public, BAD, more)
  case.repaired = HELD
  return case
end

local function set(status)
  return { taskSetArn = "set-1", status = status, networkConfiguration = network "ENABLED" }
end

local CODE_DEPLOY, EXTERNAL = { type = "CODE_DEPLOY" }, { type = "EXTERNAL" }

local missing = service("a service that does not exist any more", "ENABLED", "gone")
missing.replies = { ["ecs:DescribeServices"] = {
  services = {}, failures = { { arn = ID, reason = "MISSING" } },
} }

local failed = service("a failure that is not about a missing service", "ENABLED", "unknown")
failed.replies = { ["ecs:DescribeServices"] = {
  services = {}, failures = { { arn = ID, reason = "ACCESS_DENIED" } },
} }

return {
  policy = "ecs_service",
  cases = {
    service("no public addresses", "DISABLED", "compliant"),
    service("nothing said about addresses", nil, "compliant"),
    service("a service that is being deleted", "ENABLED", "compliant", { status = "DRAINING" }),
    service("a deleted service", "ENABLED", "gone", { status = "INACTIVE" }),
    open,
    held("a service that CodeDeploy deploys", "ENABLED", { deploymentController = CODE_DEPLOY }),
    held("a task set that CodeDeploy made", "DISABLED", {
      deploymentController = CODE_DEPLOY, taskSets = { set "PRIMARY" },
    }),
    service("a draining task set that CodeDeploy made", "DISABLED", "compliant", {
      deploymentController = CODE_DEPLOY, taskSets = { set "DRAINING" },
    }),
    held("a service deployed from outside", "ENABLED", { deploymentController = EXTERNAL }),
    missing, failed,
  },
  listings = {
    {
      name = "services of each cluster, page by page",
      replies = {
        ["ecs:ListClusters"] = { clusterArns = { HEAD .. "cluster/shop", HEAD .. "cluster/x" } },
        ["ecs:ListServices"] = {
          {
            with = { cluster = HEAD .. "cluster/shop" },
            reply = { pages = {
              { serviceArns = { ID } }, { serviceArns = { HEAD .. "service/misconfig-maker" } },
            } },
          },
          { with = {}, reply = { fault = "ClusterNotFoundException" } },
        },
      },
      ids = { ID, { id = HEAD .. "service/shop/misconfig-maker", test = true } },
    },
  },
  events = {
    {
      event = "ecs:CreateService",
      detail = { responseElements = { service = {
        serviceArn = HEAD .. "service/cart", clusterArn = HEAD .. "cluster/shop",
      } } },
      ids = { ID },
    },
    {
      event = "ecs:UpdateService",
      detail = {
        requestParameters = { cluster = "shop", service = "cart" },
        responseElements = { omitted = true },
      },
      ids = { "shop/cart" },
    },
  },
}
