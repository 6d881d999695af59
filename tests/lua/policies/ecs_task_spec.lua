-- policies/ecs_task.lua with tasks, their interfaces and their services.
local policies = require "support.policy"

local ecs_task = policies.load "ecs_task"

local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "task/shop/0f1e2d3c"
local CLUSTER = HEAD .. "cluster/shop"
local CHECK = "ecs_task.public_ip"
local NO_CLUSTER = policies.fault("ClusterNotFoundException")
local NO_INTERFACE = policies.fault("InvalidNetworkInterfaceID.NotFound")
local DENIED = policies.fault("AccessDeniedException", "no", 400)

local function attached(id)
  return { type = "ElasticNetworkInterface", status = id and "ATTACHED" or "PRECREATED",
    details = { { name = "subnetId", value = "subnet-1" },
      id and { name = "networkInterfaceId", value = id } or nil } }
end

local function network(public)
  return { awsvpcConfiguration = { assignPublicIp = public, subnets = { "subnet-1" } } }
end

-- box: members of the task, and interfaces = id -> NetworkInterface, service = its description
local function replies_of(box)
  return {
    ["ecs:DescribeTasks"] = function(params)
      assert.same({ cluster = "shop", tasks = { "0f1e2d3c" }, include = { "TAGS" } }, params)
      local task = { taskArn = ID, desiredStatus = "RUNNING", lastStatus = "RUNNING",
        group = "family:web", attachments = { attached "eni-1" },
        tags = { { key = "a", value = "b" } } }
      for key, value in pairs(box.task or {}) do task[key] = value end
      return { tasks = { task }, failures = {} }
    end,
    ["ec2:DescribeNetworkInterfaces"] = function(params)
      local list = {}
      for i, id in ipairs(params.NetworkInterfaceIds) do
        list[i] = box.interfaces and box.interfaces[id]
          or { NetworkInterfaceId = id, Association = { PublicIp = "198.51.100.7" } }
      end
      return { NetworkInterfaces = list }
    end,
    ["ecs:DescribeServices"] = function(params)
      assert.same({ cluster = "shop", services = { "cart" } }, params)
      if box.service then return { services = { box.service }, failures = {} } end
      return { services = {}, failures = { { reason = "MISSING" } } }
    end,
    ["ecs:StopTask"] = function(params)
      assert.equal("shop", params.cluster)
      assert.equal("0f1e2d3c", params.task)
      box.task = box.task or {}
      box.task.desiredStatus, box.task.lastStatus = "STOPPED", "DEACTIVATING"
      return {}
    end,
  }
end

local function task_with(box, options)
  options = options or {}
  local replies = replies_of(box)
  for call, reply in pairs(options.replies or {}) do replies[call] = reply end
  return ecs_task:resource { id = options.id or ID, replies = replies }
end

local function called(resource)
  local names = {}
  for i, call in ipairs(resource.calls) do names[i] = call.call end
  return names
end

describe("a task", function()
  it("is found with its public address, in two calls", function()
    local task = task_with {}
    local outcome = task:audit()
    assert.equal("non_compliant", outcome[CHECK].status)
    assert.equal("reachable at 198.51.100.7", outcome[CHECK].summary)
    assert.same({ { interface = "eni-1", address = "198.51.100.7" } }, outcome[CHECK].evidence)
    assert.same({ a = "b" }, outcome.tags)
    assert.same({ "ecs:DescribeTasks", "ec2:DescribeNetworkInterfaces" }, called(task))
  end)

  it("shows the addresses of all its interfaces, each once", function()
    local first = { NetworkInterfaceId = "eni-2", Association = { PublicIp = "198.51.100.7" },
      PrivateIpAddresses = {
        { Association = { PublicIp = "198.51.100.7" } }, {},
        { Association = { PublicIp = "198.51.100.8" } },
      } }
    local task = task_with {
      task = { attachments = { attached "eni-2", attached "eni-1", { type = "Service Connect" } } },
      interfaces = { ["eni-2"] = first },
    }
    assert.same({
      { interface = "eni-1", address = "198.51.100.7" },
      { interface = "eni-2", address = "198.51.100.7" },
      { interface = "eni-2", address = "198.51.100.8" },
    }, task:audit()[CHECK].evidence)
    assert.same({ "eni-1" }, task.calls[2].with.NetworkInterfaceIds)
    assert.same({ "eni-2" }, task.calls[3].with.NetworkInterfaceIds)
  end)

  it("passes without one", function()
    local inner = { NetworkInterfaceId = "eni-1", PrivateIpAddresses = { {} } }
    local outcome = task_with({ interfaces = { ["eni-1"] = inner } }):plan()
    assert.equal("compliant", outcome[CHECK].status)
    local carrier = { NetworkInterfaceId = "eni-1", Association = { CarrierIp = "198.51.100.7" } }
    outcome = task_with({ interfaces = { ["eni-1"] = carrier } }):plan()
    assert.equal("compliant", outcome[CHECK].status)
  end)

  it("passes in one call if it has no interface of its own, or is stopping", function()
    for _, members in ipairs {
      { attachments = {} }, { attachments = { { type = "AmazonElasticBlockStorage" } } },
      { attachments = {}, lastStatus = "PENDING" },
      { desiredStatus = "STOPPED" }, { desiredStatus = "STOPPED", lastStatus = "STOPPED" },
    } do
      local task = task_with { task = members }
      assert.equal("compliant", task:plan()[CHECK].status)
      assert.equal(1, #task.calls)
    end
  end)

  it("is audited later while its interface does not exist yet, or has just been deleted", function()
    for _, last in ipairs { "PROVISIONING", "PENDING", "ACTIVATING" } do
      local starting = { lastStatus = last, attachments = { attached() } }
      local outcome = task_with({ task = starting }):audit()
      assert.equal("later", outcome.state)
      assert.equal(60, outcome.delay)
    end
    for _, reply in ipairs { NO_INTERFACE, { NetworkInterfaces = {} } } do
      local replies = { ["ec2:DescribeNetworkInterfaces"] = reply }
      assert.equal("later", task_with({}, { replies = replies }):audit().state)
    end
  end)

  it("is gone if it, or its cluster, is missing", function()
    local missing = { tasks = {}, failures = { { arn = ID, reason = "MISSING" } } }
    for _, reply in ipairs { missing, NO_CLUSTER } do
      local task = task_with({}, { replies = { ["ecs:DescribeTasks"] = reply } })
      assert.equal("gone", task:audit().state)
    end
  end)

  it("is unknown, and not stopped, if it cannot be read", function()
    for _, call in ipairs { "ecs:DescribeTasks", "ec2:DescribeNetworkInterfaces" } do
      for _, reply in ipairs { DENIED, {} } do
        local task = task_with({}, { replies = { [call] = reply } })
        local results, outcome = task:repair()
        assert.equal("unknown", outcome[CHECK].status)
        assert.same({}, results)
        assert.same({}, task:sent())
      end
    end
    local unattached = task_with({ task = { attachments = { attached() } } }):audit()
    assert.equal("unknown", unattached[CHECK].status)
    local cut = task_with({}, { replies = { ["ecs:DescribeTasks"] = { tasks = { {} } } } }):audit()
    assert.equal("unknown", cut[CHECK].status)
    local odd = task_with({ task = { attachments = { {} } } }):audit()
    assert.equal("unknown", odd[CHECK].status)
    local nameless = task_with({ interfaces = { ["eni-1"] = {} } }):audit()
    assert.equal("unknown", nameless[CHECK].status)
    local running = { taskArn = ID, desiredStatus = "RUNNING", lastStatus = "RUNNING" }
    cut = task_with({}, { replies = { ["ecs:DescribeTasks"] = { tasks = { running } } } }):audit()
    assert.equal("unknown", cut[CHECK].status)
  end)

  it("requires an ARN with its cluster", function()
    for _, id in ipairs { HEAD .. "task/0f1e", HEAD .. "service/shop/cart", 'a"\n', "" } do
      local task = task_with({}, { id = id })
      assert.truthy(task:plan()[CHECK].error.message:find("ARN", 1, true))
      assert.same({}, task.calls)
    end
  end)
end)

describe("the repair of a task", function()
  it("stops it, irreversibly", function()
    local task = task_with {}
    local results, outcome = task:repair()
    assert.same({ [CHECK] = "fixed" }, results)
    local step = outcome[CHECK].steps[1]
    assert.equal("ecs:StopTask", step.call)
    assert.equal("a stopped task cannot be started again", step.irreversible)
    assert.same({ cluster = "shop", task = "0f1e2d3c", reason = "it has a public address" },
      task:sent()[1].with)
    assert.equal(1, #task:sent())
  end)

  local function of_service(service)
    local task = task_with { task = { group = "service:cart" }, service = service }
    local results, outcome = task:repair()
    return results[CHECK], outcome[CHECK].held, #task:sent()
  end

  it("is held while its service would start another one like it", function()
    local sets = { { networkConfiguration = network("DISABLED") },
      { networkConfiguration = network("ENABLED") } }
    for _, service in ipairs {
      { status = "ACTIVE", networkConfiguration = network("ENABLED") },
      { status = "ACTIVE", taskSets = sets },
    } do
      local result, why, sent = of_service(service)
      assert.equal("held", result)
      assert.equal("service cart would start another task with a public address: "
        .. "repair the service first",
        why)
      assert.equal(0, sent)
    end
  end)

  it("waits while a deployment replaces it", function()
    local service = { status = "ACTIVE", networkConfiguration = network("DISABLED"),
      deployments = {
        { status = "PRIMARY", networkConfiguration = network("DISABLED") },
        { status = "ACTIVE", networkConfiguration = network("ENABLED") },
      } }
    local task = task_with { task = { group = "service:cart" }, service = service }
    local _, outcome = task:repair()
    assert.equal("later", outcome[CHECK].fix)
    assert.equal(300, outcome[CHECK].later)
    assert.same({}, task:sent())
  end)

  it("is made if its service no longer assigns addresses, or no longer exists", function()
    local private = network("DISABLED")
    for _, service in ipairs {
      { status = "ACTIVE", networkConfiguration = private,
        deployments = { { status = "PRIMARY", networkConfiguration = network("ENABLED") } } },
      { status = "ACTIVE", networkConfiguration = private,
        deployments = { { status = "ACTIVE", networkConfiguration = private } } },
      { status = "DRAINING", networkConfiguration = network("ENABLED") },
      { status = "INACTIVE", networkConfiguration = network("ENABLED") },
    } do
      assert.equal("fixed", (of_service(service)))
    end
    assert.equal("fixed", (of_service(nil)))
    local gone = task_with({ task = { group = "service:cart" } },
      { replies = { ["ecs:DescribeServices"] = NO_CLUSTER } })
    assert.equal("fixed", gone:repair()[CHECK])
  end)

  it("is not made if the service cannot be read", function()
    for _, reply in ipairs { DENIED, {}, { services = {}, failures = { { reason = "x" } } } } do
      local task = task_with({ task = { group = "service:cart" } },
        { replies = { ["ecs:DescribeServices"] = reply } })
      assert.same({ [CHECK] = "failed" }, (task:repair()))
      assert.same({}, task:sent())
    end
  end)
end)

describe("tasks", function()
  local function discover(replies, settings)
    return ecs_task:discover { replies = replies, settings = settings }
  end

  it("are listed in each cluster, page by page, only running ones", function()
    local list = discover {
      ["ecs:ListClusters"] = policies.pages {
        { clusterArns = { CLUSTER } }, { clusterArns = { "x" } },
      },
      ["ecs:ListTasks"] = function(params)
        assert.equal("RUNNING", params.desiredStatus)
        if params.cluster == "x" then return NO_CLUSTER end
        return policies.pages {
          { taskArns = { ID } }, { taskArns = {} }, { taskArns = { HEAD .. "task/old" } },
        }
      end,
    }
    assert.same({ { id = ID, test = false }, { id = HEAD .. "task/shop/old", test = false } }, list)
  end)

  it("for tests are marked by cluster or tags", function()
    local one = HEAD .. "task/misconfiguration_maker/1"
    local replies = {
      ["ecs:ListClusters"] = { clusterArns = { CLUSTER } },
      ["ecs:ListTasks"] = { taskArns = { one, ID } },
      ["ecs:DescribeTasks"] = { tasks = {
        { taskArn = ID, tags = { { key = "Name", value = "misconfiguration_maker" } } },
        { taskArn = one },
      } },
    }
    assert.same({ { id = one, test = true }, { id = ID, test = false } }, discover(replies))
    local list = discover(replies, { only_use_test_resources = true })
    assert.same({ { id = one, test = true }, { id = ID, test = true } }, list)
    replies["ecs:DescribeTasks"] = NO_CLUSTER
    assert.is_false(discover(replies, { only_use_test_resources = true })[2].test)
  end)

  it("are found in their events, with their cluster", function()
    for _, name in ipairs { "ecs:RunTask", "ecs:StartTask" } do
      local tasks = { { taskArn = ID, clusterArn = CLUSTER },
        { taskArn = HEAD .. "task/old", clusterArn = CLUSTER } }
      assert.same({ { id = ID }, { id = HEAD .. "task/shop/old" } },
        ecs_task:event(name, { responseElements = { tasks = tasks } }))
      local unplaced = { tasks = {}, failures = { { reason = "RESOURCE:MEMORY" } } }
      assert.same({}, ecs_task:event(name, { responseElements = unplaced }))
      for _, odd in ipairs { {}, { responseElements = { tasks = "odd" } } } do
        assert.has_error(function() ecs_task:event(name, odd) end, {
          code = "MissingId",
          message = "the event has no id at detail.responseElements.tasks[*].taskArn",
        })
      end
    end
  end)

  it("use every permission that they declare", function()
    assert.same({}, ecs_task:never_called())
  end)
end)
