local ecs = require "lib.ecs"

local HEAD = "arn:aws:ecs:eu-west-1:111122223333:"
local CLUSTER = HEAD .. "cluster/shop"

local function why(...)
  local ok, text = pcall(...)
  assert.is_false(ok)
  return text
end

describe("an ARN of ECS", function()
  it("names the cluster and the rest", function()
    local function names(kind, path) return { ecs.names(kind, HEAD .. path) } end
    assert.same({ "shop", "cart" }, names("service", "service/shop/cart"))
    assert.same({ "shop", "0f1e" }, names("task", "task/shop/0f1e"))
    assert.same({ "shop", "cart" }, names("task-set", "task-set/shop/cart/ecs-svc/123"))
    local odd = "arn:aws-cn:ecs:cn-north-1:111122223333:service/" .. ("c"):rep(255) .. "/s"
    assert.same({ ("c"):rep(255), "s" }, { ecs.names("service", odd) })
  end)

  it("is refused in the old form, with a reason", function()
    assert.equal("the ARN is of the old form, without a cluster: the service cannot be described",
      why(ecs.names, "service", HEAD .. "service/cart"))
    assert.truthy(why(ecs.names, "task", HEAD .. "task/0f1e"):find("the task cannot", 1, true))
    assert.truthy(why(ecs.names, "task-set", HEAD .. "task-set/shop/cart"):find("old", 1, true))
  end)

  it("is not any other text", function()
    for _, id in ipairs {
      "", "cart", "shop/cart", "arn:aws:sqs:eu-west-1:111122223333:service/shop/cart",
      HEAD .. "task/shop/0f1e", HEAD .. "service/", HEAD .. "service//cart", HEAD .. "service",
      HEAD .. "service/shop/", "arn:aws:ecs:\n", '"', ("x"):rep(5000),
    } do
      assert.equal("the id is not the ARN of an ECS service", why(ecs.names, "service", id))
    end
  end)

  it("gets its cluster if that is known", function()
    local long = HEAD .. "service/shop/cart"
    assert.equal(long, ecs.with_cluster("service", HEAD .. "service/cart", CLUSTER))
    assert.equal(long, ecs.with_cluster("service", long, CLUSTER))
    assert.equal(long, ecs.with_cluster("service", long, nil))
    assert.equal("odd", ecs.with_cluster("service", "odd", CLUSTER))
    local old = HEAD .. "task/0f1e"
    assert.equal(old, ecs.with_cluster("task", old, "shop"))
    assert.equal(old, ecs.with_cluster("task", old, 7))
    assert.is_nil(ecs.with_cluster("task", nil, CLUSTER))
  end)
end)

describe("answers of ECS", function()
  it("contain the requested resource", function()
    local function only(reply) return ecs.only(reply, "services", "ecs:DescribeServices") end
    assert.equal(7, only { services = { 7 }, failures = {} })
    assert.is_nil(only { services = {}, failures = { { reason = "MISSING" } } })
    assert.is_nil(only { services = {} })
    assert.is_nil(only(nil))
    assert.equal("ecs:DescribeServices returned no services", why(only, {}))
    assert.equal("ecs:DescribeServices: ACCESS_DENIED",
      why(only, { services = {}, failures = { { reason = "ACCESS_DENIED" } } }))
  end)

  it("contain tags and public addresses", function()
    assert.same({ a = "b", c = "" }, ecs.tags { { key = "a", value = "b" }, { key = "c" } })
    assert.same({}, ecs.tags(nil))
    local function public(word)
      return ecs.is_public { awsvpcConfiguration = { assignPublicIp = word } }
    end
    assert.is_true(public("ENABLED"))
    assert.is_false(public("DISABLED"))
    assert.is_false(public(nil))
    assert.is_false(ecs.is_public {})
    assert.is_false(ecs.is_public(nil))
  end)
end)
