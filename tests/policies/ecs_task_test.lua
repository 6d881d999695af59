-- policies/ecs_task.lua, by the real engine.
local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "task/shop/0f1e2d3c"
local BAD = {
  ["ecs_task.public_ip"] = { status = "non_compliant", summary = "reachable at 198.51.100.7" },
}

local function attached(id)
  local details = { { name = "subnetId", value = "subnet-1" } }
  if id then details[2] = { name = "networkInterfaceId", value = id } end
  return { { type = "ElasticNetworkInterface", details = details } }
end

local function network(public)
  return { awsvpcConfiguration = { assignPublicIp = public, subnets = { "subnet-1" } } }
end

local function task(members)
  local found = {
    taskArn = ID, desiredStatus = "RUNNING", lastStatus = "RUNNING", group = "family:web",
    attachments = attached "eni-1", tags = { { key = "Owner", value = "me" } },
  }
  for key, value in pairs(members or {}) do found[key] = value end
  return { ["ecs:DescribeTasks"] = { tasks = { found } } }
end

-- A task with these members, whose interface has this public address, or none.
local function case(name, members, address, expect)
  local replies = task(members)
  replies["ec2:DescribeNetworkInterfaces"] = { NetworkInterfaces = { {
    NetworkInterfaceId = "eni-1", Association = address and { PublicIp = address },
  } } }
  return { name = name, id = ID, replies = replies, expect = expect }
end

local function public(name, members)
  return case(name, members, "198.51.100.7", BAD)
end

local function stopped(found, group)
  found.changes = { {
    call = "ecs:StopTask",
    with = { cluster = "shop", task = "0f1e2d3c", reason = "it has a public address" },
    irreversible = true,
    replies = task { desiredStatus = "STOPPED", lastStatus = "DEACTIVATING", group = group },
  } }
  return found
end

-- A task of a service with these members; nil: the service does not exist.
local function of_service(name, members)
  local found = public(name, { group = "service:cart" })
  found.replies["ecs:DescribeServices"] = members and { services = { members } }
    or { services = {}, failures = { { reason = "MISSING" } } }
  return found
end

local again = of_service("a public address that the service would assign again", {
  status = "ACTIVE", networkConfiguration = network "ENABLED",
})
again.repaired = { ["ecs_task.public_ip"] = "held" }

local repaired = of_service("a public address, after its service was repaired", {
  status = "ACTIVE", networkConfiguration = network "DISABLED",
})
local orphan = of_service("a public address, and no service any more", nil)

local missing = case("a task that does not exist any more", {}, nil, "gone")
missing.replies = { ["ecs:DescribeTasks"] = {
  tasks = {}, failures = { { arn = ID, reason = "MISSING" } },
} }

local cut = case("a running task without the id of its interface",
  { attachments = attached() }, nil, "unknown")

return {
  policy = "ecs_task",
  cases = {
    case("no public address", {}, nil, "compliant"),
    case("no interface of its own", { attachments = {} }, nil, "compliant"),
    case("a task that is being stopped", { desiredStatus = "STOPPED" }, "198.51.100.7",
      "compliant"),
    case("a task that is starting", { lastStatus = "PENDING", attachments = attached() }, nil,
      "pending"),
    stopped(public "a public address"),
    again, stopped(repaired, "service:cart"), stopped(orphan, "service:cart"), cut, missing,
  },
  listings = {
    {
      name = "running tasks of each cluster, page by page",
      replies = {
        ["ecs:ListClusters"] = { pages = {
          { clusterArns = { HEAD .. "cluster/shop" } },
          { clusterArns = { HEAD .. "cluster/misconfiguration_maker" } },
        } },
        ["ecs:ListTasks"] = {
          {
            with = { cluster = HEAD .. "cluster/shop", desiredStatus = "RUNNING" },
            reply = { pages = { { taskArns = { ID } }, { taskArns = { HEAD .. "task/old" } } } },
          },
          {
            with = { desiredStatus = "RUNNING" },
            reply = { taskArns = { HEAD .. "task/misconfiguration_maker/1" } },
          },
        },
      },
      ids = {
        ID, HEAD .. "task/shop/old",
        { id = HEAD .. "task/misconfiguration_maker/1", test = true },
      },
    },
  },
  events = {
    {
      event = "ecs:RunTask",
      detail = { responseElements = { tasks = {
        { taskArn = ID, clusterArn = HEAD .. "cluster/shop" },
      } } },
      ids = { ID },
    },
    {
      event = "ecs:StartTask",
      detail = { responseElements = {
        tasks = {}, failures = { { reason = "RESOURCE:MEMORY" } },
      } },
      ids = {},
    },
  },
}
