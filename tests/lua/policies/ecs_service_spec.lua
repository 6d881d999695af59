-- policies/ecs_service.lua with a service that stores what it is given.
local policies = require "support.policy"

local ecs_service = policies.load "ecs_service"

local HEAD = "arn:aws:ecs:us-east-1:111122223333:"
local ID = HEAD .. "service/shop/cart"
local CLUSTER = HEAD .. "cluster/shop"
local CHECK = "ecs_service.public_ip"
local NO_CLUSTER = policies.fault("ClusterNotFoundException")
local DENIED = policies.fault("AccessDeniedException", "no", 400)

local function network(public, subnets, groups)
  return { awsvpcConfiguration = {
    subnets = subnets or { "subnet-b", "subnet-a" }, securityGroups = groups or { "sg-b", "sg-a" },
    assignPublicIp = public,
  } }
end

local function service_with(box, options)
  options = options or {}
  local described = 0
  options.id = options.id or ID
  options.replies = options.replies or {
    ["ecs:DescribeServices"] = function(params)
      assert.same({ cluster = "shop", services = { "cart" }, include = { "TAGS" } }, params)
      described = described + 1
      local service = { serviceArn = ID, status = "ACTIVE", tags = { { key = "a", value = "b" } } }
      for key, value in pairs(box) do service[key] = value end
      local vpc = (service.networkConfiguration or {}).awsvpcConfiguration
      if vpc and described % 2 == 0 then -- AWS does not guarantee an order
        table.sort(vpc.subnets)
        table.sort(vpc.securityGroups)
      end
      return { services = { service }, failures = {} }
    end,
    ["ecs:UpdateService"] = function(params)
      assert.equal("shop", params.cluster)
      assert.equal("cart", params.service)
      box.networkConfiguration = params.networkConfiguration
      return {}
    end,
  }
  return ecs_service:resource(options), box
end

local function status(box)
  return service_with(box):plan()[CHECK].status
end

describe("a service", function()
  it("passes without public addresses, in one call", function()
    local service = service_with { networkConfiguration = network("DISABLED") }
    local outcome = service:plan()
    assert.equal("compliant", outcome[CHECK].status)
    assert.same({ a = "b" }, outcome.tags)
    assert.equal(1, #service.calls)
    assert.equal("compliant", status { networkConfiguration = network(nil) })
    assert.equal("compliant", status {})
    assert.equal("compliant", status { networkConfiguration = {} })
  end)

  it("is found with them, and a repair keeps the rest of its network settings", function()
    local service, box = service_with { networkConfiguration = network("ENABLED"),
      deploymentController = { type = "ECS" } }
    local results, outcome = service:repair()
    assert.same({ [CHECK] = "fixed" }, results)
    assert.equal("tasks are given public addresses (assignPublicIp is ENABLED)",
      outcome[CHECK].summary)
    assert.equal("ENABLED", outcome[CHECK].evidence.awsvpcConfiguration.assignPublicIp)
    local sent = service:sent()
    assert.equal(1, #sent)
    assert.same({ cluster = "shop", service = "cart",
      networkConfiguration = network("DISABLED", { "subnet-a", "subnet-b" }, { "sg-a", "sg-b" }),
    }, sent[1].with)
    assert.equal("DISABLED", box.networkConfiguration.awsvpcConfiguration.assignPublicIp)
    service:undo()
    assert.equal("ENABLED", box.networkConfiguration.awsvpcConfiguration.assignPublicIp)
    assert.same({ "sg-a", "sg-b" }, box.networkConfiguration.awsvpcConfiguration.securityGroups)
  end)

  it("passes while it is being deleted, and is gone afterwards", function()
    local box = { networkConfiguration = network("ENABLED"), status = "DRAINING" }
    assert.equal("compliant", status(box))
    box.status = "INACTIVE"
    assert.equal("gone", service_with(box):audit().state)
    local missing = { services = {}, failures = { { arn = ID, reason = "MISSING" } } }
    for _, reply in ipairs { missing, NO_CLUSTER } do
      local service = service_with({}, { replies = { ["ecs:DescribeServices"] = reply } })
      assert.equal("gone", service:audit().state)
    end
  end)

  it("is held if another service deploys it", function()
    for kind, word in pairs { CODE_DEPLOY = "CodeDeploy", EXTERNAL = "task sets" } do
      local service = service_with { networkConfiguration = network("ENABLED"),
        deploymentController = { type = kind } }
      local results, outcome = service:repair()
      assert.same({ [CHECK] = "held" }, results)
      assert.truthy(outcome[CHECK].held:find(word, 1, true))
      assert.same({}, service:sent())
    end
  end)

  it("is found by the task sets that CodeDeploy created", function()
    local sets = {
      { taskSetArn = "b", status = "PRIMARY", networkConfiguration = network("ENABLED") },
      { taskSetArn = "a", status = "ACTIVE", networkConfiguration = network("ENABLED") },
      { taskSetArn = "c", status = "DRAINING", networkConfiguration = network("ENABLED") },
      { taskSetArn = "d", status = "PRIMARY", networkConfiguration = network("DISABLED") },
    }
    local box = { deploymentController = { type = "CODE_DEPLOY" }, taskSets = sets }
    local service = service_with(box)
    local _, outcome = service:repair()
    assert.same({ "a", "b" }, outcome[CHECK].evidence.task_sets)
    assert.equal("held", outcome[CHECK].fix)
    box.deploymentController.type = "EXTERNAL"
    assert.equal("compliant", status(box))
  end)

  it("is unknown, and not repaired, if it cannot be read", function()
    local refused = { services = {}, failures = { { arn = ID, reason = "ACCESS_DENIED" } } }
    for _, reply in ipairs { DENIED, refused, {}, { services = { {} } } } do
      local service = service_with({}, { replies = { ["ecs:DescribeServices"] = reply } })
      local results, outcome = service:repair()
      assert.equal("unknown", outcome[CHECK].status)
      assert.same({}, results)
      assert.same({}, service:sent())
    end
  end)

  it("requires an ARN with its cluster", function()
    for _, id in ipairs { HEAD .. "service/cart", "cart", 'a"\n', ("\u{e9}"):rep(100) } do
      local service = service_with({}, { id = id })
      local message = service:plan()[CHECK].error.message
      assert.truthy(message:find("ARN", 1, true))
      assert.same({}, service.calls)
    end
  end)
end)

describe("services", function()
  local function discover(replies, settings)
    return ecs_service:discover { replies = replies, settings = settings }
  end

  it("are listed in each cluster, page by page", function()
    local other, old = HEAD .. "cluster/other", HEAD .. "service/old"
    local list, calls = discover {
      ["ecs:ListClusters"] = policies.pages {
        { clusterArns = { CLUSTER, "vanished" } }, { clusterArns = { other } },
      },
      ["ecs:ListServices"] = function(params)
        assert.equal(100, params.maxResults)
        if params.cluster == "vanished" then return NO_CLUSTER end
        if params.cluster == other then return { serviceArns = { old } } end
        return policies.pages {
          { serviceArns = { ID } }, { serviceArns = {} }, { serviceArns = { ID .. "2" } },
        }
      end,
    }
    assert.same({
      { id = ID, test = false }, { id = ID .. "2", test = false },
      { id = HEAD .. "service/other/old", test = false },
    }, list)
    assert.equal(4, #calls)
  end)

  it("for tests are marked by their name or the cluster's", function()
    local one = HEAD .. "service/misconfiguration_maker/x"
    local list = discover {
      ["ecs:ListClusters"] = { clusterArns = { CLUSTER } },
      ["ecs:ListServices"] = { serviceArns = { one } },
    }
    assert.same({ { id = one, test = true } }, list)
  end)

  it("for tests are marked by tags if needed, ten at a time", function()
    local arns, sizes = {}, {}
    for i = 1, 12 do arns[i] = ID .. i end
    local list = discover({
      ["ecs:ListClusters"] = { clusterArns = { CLUSTER } },
      ["ecs:ListServices"] = { serviceArns = arns },
      ["ecs:DescribeServices"] = function(params)
        sizes[#sizes + 1] = #params.services
        if #params.services == 10 then return NO_CLUSTER end
        return { services = {
          { serviceArn = ID .. 11, tags = { { key = "misconfiguration_maker" } } },
          { serviceArn = ID .. 12 },
        } }
      end,
    }, { only_use_test_resources = true })
    assert.same({ 10, 2 }, sizes)
    for i, one in ipairs(list) do assert.equal(i == 11, one.test) end
  end)

  it("are not listed if a response is refused or incomplete", function()
    for _, reply in ipairs { DENIED, {} } do
      assert.has_error(function() discover { ["ecs:ListClusters"] = reply } end)
      assert.has_error(function()
        discover {
          ["ecs:ListClusters"] = { clusterArns = { CLUSTER } }, ["ecs:ListServices"] = reply,
        }
      end)
    end
  end)

  it("are found in their events, with their cluster", function()
    for _, name in ipairs { "ecs:CreateService", "ecs:UpdateService" } do
      local function ids(arn)
        local service = { serviceArn = arn, clusterArn = CLUSTER }
        return ecs_service:event(name, { responseElements = { service = service } })
      end
      assert.same({ { id = ID } }, ids(ID))
      assert.same({ { id = ID } }, ids(HEAD .. "service/cart"))
      assert.has_error(function() ecs_service:event(name, { responseElements = "odd" }) end, {
        code = "MissingId",
        message = "the event has no id at detail.responseElements.service.serviceArn",
      })
      local cut = { responseElements = { omitted = true },
        requestParameters = { cluster = CLUSTER, service = ID } }
      assert.same({ { id = "shop/cart" } }, ecs_service:event(name, cut))
      cut.requestParameters = { serviceName = "cart" }
      assert.same({ { id = "default/cart" } }, ecs_service:event(name, cut))
      cut.requestParameters = { omitted = true }
      assert.has_error(function() ecs_service:event(name, cut) end)
    end
  end)

  it("use every permission that they declare", function()
    assert.same({}, ecs_service:never_called())
  end)
end)
