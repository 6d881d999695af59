-- policies/elbv2.lua: the load balancer or target group that an event is about.
local policies = require "support.policy"

local elbv2 = policies.load "elbv2"

local HEAD = "arn:aws:elasticloadbalancing:us-east-1:111122223333:"
local BALANCER = HEAD .. "loadbalancer/app/shop/50dc6c495c0c9188"
local OTHER = HEAD .. "loadbalancer/net/inner/60dc6c495c0c9188"
local GROUP = HEAD .. "targetgroup/web/73e2d6bc24d8a067"

describe("load balancers and target groups", function()
  it("are found in their events", function()
    local function ids(name, event)
      return elbv2:event("elasticloadbalancing:" .. name, event)
    end
    assert.same({ { id = GROUP, delay = 0 } },
      ids("RegisterTargets", { requestParameters = { targetGroupArn = GROUP } }))
    assert.same({ { id = BALANCER, delay = 0 } },
      ids("CreateListener", { requestParameters = { loadBalancerArn = BALANCER } }))
    local listener = BALANCER:gsub(":loadbalancer/", ":listener/") .. "/0467ef3c8400ae65"
    local changed = { requestParameters = { listenerArn = listener },
      responseElements = { listeners = { { loadBalancerArn = BALANCER } } } }
    assert.same({ { id = BALANCER } }, ids("ModifyListener", changed))
    changed.responseElements = { omitted = true }
    assert.same({ { id = BALANCER } }, ids("ModifyListener", changed))
    changed.requestParameters.listenerArn = BALANCER
    assert.has_error(function() ids("ModifyListener", changed) end)
    assert.has_error(function() ids("ModifyListener", {}) end)
    local created = { apiVersion = "2015-12-01", responseElements = { loadBalancers = {
      { loadBalancerArn = BALANCER }, { odd = 1 }, { loadBalancerArn = OTHER },
    } } }
    assert.same({ { id = BALANCER }, { id = OTHER } }, ids("CreateLoadBalancer", created))
    created.apiVersion = "2012-06-01"
    assert.same({}, ids("CreateLoadBalancer", created))
    local odd = { apiVersion = "2015-12-01", responseElements = "odd" }
    assert.has_error(function() ids("CreateLoadBalancer", odd) end, {
      code = "MissingId",
      message = "the event has no id at detail.responseElements.loadBalancers[*].loadBalancerArn",
    })
  end)
end)
