-- Who brings back what a repair takes away.
local controllers = require "lib.controllers"

describe("controllers", function()
  it("recognize by their tags the instances that would be replaced", function()
    assert.is_nil(controllers.of_instance {})
    assert.is_nil(controllers.of_instance { Name = "aws:autoscaling:groupName", eks = "x" })
    assert.equal("the auto scaling group web would replace the instance",
      controllers.of_instance { ["aws:autoscaling:groupName"] = "web", ["aws:ec2:fleet-id"] = "f" })
    assert.equal("Karpenter would replace the instance (node pool default)",
      controllers.of_instance { ["karpenter.sh/nodepool"] = "default" })
  end)

  it("recognize what a cluster's controller made, but not what it only uses", function()
    assert.is_nil(controllers.of_balancer { ["kubernetes.io/cluster/blue"] = "shared" })
    assert.is_nil(controllers.of_balancer { ["elbv2.k8s.aws"] = "blue", Owner = "owned" })
    assert.equal("the cluster blue",
      controllers.of_balancer { ["kubernetes.io/cluster/blue"] = "owned" })
    assert.equal("the load balancer controller of the cluster blue", controllers.of_balancer {
      ["kubernetes.io/cluster/red"] = "owned", ["elbv2.k8s.aws/cluster"] = "blue" })
    local two = { ["kubernetes.io/cluster/b"] = "owned", ["kubernetes.io/cluster/a"] = "owned" }
    assert.equal("the cluster a", controllers.of_balancer(two))
  end)

  it("are searched for at every resource and instance", function()
    local kept = { ["aws:autoscaling:groupName"] = "web" }
    assert.is_nil(controllers.of_targets({}, {}))
    assert.is_nil(controllers.of_targets({ {}, {} }, { { id = "i-1", tags = {} } }))
    assert.equal("the auto scaling group web would replace the instance (i-2)",
      controllers.of_targets({ {} }, { { id = "i-1", tags = {} }, { id = "i-2", tags = kept } }))
    assert.equal("EKS Auto Mode of the cluster blue would register the instances again",
      controllers.of_targets({ {}, { ["eks:eks-cluster-name"] = "blue" } }, {}))
  end)
end)
