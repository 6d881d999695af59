-- policies/ecs_task_set.lua with the task sets of a service.
local policies = require "support.policy"

local ecs_task_set = policies.load "ecs_task_set"

local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "task-set/shop/cart/ecs-svc/1234567890123456789"
local CLUSTER = HEAD .. "cluster/shop"
local CHECK = "ecs_task_set.public_ip"
local DENIED = policies.fault("AccessDeniedException", "no", 400)

local function network(public)
  return { awsvpcConfiguration = { assignPublicIp = public, subnets = { "subnet-1" } } }
end

local function set_with(box, options)
  options = options or {}
  box.status = box.status or "ACTIVE"
  local replies = {
    ["ecs:DescribeTaskSets"] = function(params)
      assert.same({ cluster = "shop", service = "cart", taskSets = { ID }, include = { "TAGS" } },
        params)
      local set = { taskSetArn = ID, tags = { { key = "a", value = "b" } } }
      for key, value in pairs(box) do set[key] = value end
      return { taskSets = { set }, failures = {} }
    end,
    ["ecs:DeleteTaskSet"] = function(params)
      assert.same({ cluster = "shop", service = "cart", taskSet = ID, force = true }, params)
      box.status = "DRAINING"
      return {}
    end,
  }
  return ecs_task_set:resource { id = options.id or ID, replies = options.replies or replies }
end

describe("a task set", function()
  it("passes without public addresses, in one call", function()
    for _, box in ipairs {
      { networkConfiguration = network("DISABLED") }, { networkConfiguration = network(nil) }, {},
      { networkConfiguration = network("ENABLED"), status = "DRAINING" },
    } do
      local set = set_with(box)
      local outcome = set:plan()
      assert.equal("compliant", outcome[CHECK].status)
      assert.same({ a = "b" }, outcome.tags)
      assert.equal(1, #set.calls)
    end
  end)

  it("is deleted with them, irreversibly", function()
    local set = set_with { networkConfiguration = network("ENABLED") }
    local results, outcome = set:repair()
    assert.same({ [CHECK] = "fixed" }, results)
    local entry = outcome[CHECK]
    assert.equal("tasks are given public addresses (assignPublicIp is ENABLED)", entry.summary)
    assert.same(network("ENABLED").awsvpcConfiguration, entry.evidence)
    assert.equal("a deleted task set cannot be brought back", entry.steps[1].irreversible)
    assert.equal(1, #set:sent())
  end)

  it("is held if it carries production traffic, or if CodeDeploy created it", function()
    for word, box in pairs {
      PRIMARY = { status = "PRIMARY" },
      CodeDeploy = { status = "ACTIVE", startedBy = "CODE_DEPLOY" },
    } do
      box.networkConfiguration = network("ENABLED")
      local set = set_with(box)
      local results, outcome = set:repair()
      assert.same({ [CHECK] = "held" }, results)
      assert.truthy(outcome[CHECK].held:find(word, 1, true))
      assert.same({}, set:sent())
    end
  end)

  it("is gone if it, its service or its cluster is", function()
    local missing = { taskSets = {}, failures = { { arn = ID, reason = "MISSING" } } }
    for _, reply in ipairs {
      missing, { taskSets = {} }, policies.fault("ClusterNotFoundException"),
      policies.fault("ServiceNotFoundException"), policies.fault("ServiceNotActiveException"),
    } do
      local set = set_with({}, { replies = { ["ecs:DescribeTaskSets"] = reply } })
      assert.equal("gone", set:audit().state)
    end
  end)

  it("is unknown, and not deleted, if it cannot be read", function()
    for _, reply in ipairs { DENIED, {}, { taskSets = { {} } } } do
      local set = set_with({}, { replies = { ["ecs:DescribeTaskSets"] = reply } })
      local results, outcome = set:repair()
      assert.equal("unknown", outcome[CHECK].status)
      assert.same({}, results)
    end
  end)

  it("requires an ARN of a task set", function()
    for _, id in ipairs { HEAD .. "task-set/shop", HEAD .. "service/shop/cart", 'a"\n', "1" } do
      local set = set_with({}, { id = id })
      assert.truthy(set:plan()[CHECK].error.message:find("ARN", 1, true))
      assert.same({}, set.calls)
    end
  end)
end)

describe("task sets", function()
  it("are listed in services with an external deployment, ten at a time", function()
    local arns, sizes = {}, {}
    for i = 1, 11 do arns[i] = HEAD .. "service/shop/" .. i end
    local test = HEAD .. "task-set/misconfiguration_maker/cart/ecs-svc/1"
    local function service(kind, sets, tags)
      local list = {}
      for i, arn in ipairs(sets) do list[i] = { taskSetArn = arn } end
      local controller = kind and { type = kind }
      return { deploymentController = controller, taskSets = list, tags = tags }
    end
    local list = ecs_task_set:discover { replies = {
      ["ecs:ListClusters"] = { clusterArns = { CLUSTER, "empty" } },
      ["ecs:ListServices"] = function(params)
        return { serviceArns = params.cluster == CLUSTER and arns or {} }
      end,
      ["ecs:DescribeServices"] = function(params)
        sizes[#sizes + 1] = #params.services
        if #params.services == 1 then return policies.fault("ClusterNotFoundException") end
        return { services = {
          service("EXTERNAL", { ID, test }), service("CODE_DEPLOY", { "x" }), service(nil, { "y" }),
          service("EXTERNAL", { "z" }, { { key = "misconfiguration_maker", value = "" } }),
          { deploymentController = { type = "EXTERNAL" } },
        } }
      end,
    } }
    assert.same({ 10, 1 }, sizes)
    assert.same({ { id = ID, test = false }, { id = test, test = true },
      { id = "z", test = true } }, list)
  end)

  it("are not listed if a response is refused or incomplete", function()
    for _, reply in ipairs { DENIED, {} } do
      assert.has_error(function()
        ecs_task_set:discover { replies = {
          ["ecs:ListClusters"] = { clusterArns = { CLUSTER } },
          ["ecs:ListServices"] = { serviceArns = { "s" } },
          ["ecs:DescribeServices"] = reply,
        } }
      end)
    end
  end)

  it("are found in their events", function()
    local event = { responseElements = { taskSet = { taskSetArn = ID } } }
    for _, name in ipairs { "CreateTaskSet", "UpdateTaskSet", "UpdateServicePrimaryTaskSet" } do
      assert.equal(ID, ecs_task_set:event("ecs:" .. name, event)[1].id)
      assert.has_error(function() ecs_task_set:event("ecs:" .. name, {}) end)
    end
    local cut = { responseElements = { omitted = true },
      requestParameters = { cluster = "c", service = "s", taskSet = "1", primaryTaskSet = ID } }
    assert.same({ { id = "c/s/ecs-svc/1" } }, ecs_task_set:event("ecs:UpdateTaskSet", cut))
    assert.same({ { id = "c/s/ecs-svc/" .. ID:match("[^/]+$") } },
      ecs_task_set:event("ecs:UpdateServicePrimaryTaskSet", cut))
    cut.requestParameters.service = nil
    assert.has_error(function() ecs_task_set:event("ecs:UpdateTaskSet", cut) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, ecs_task_set:never_called())
  end)
end)
