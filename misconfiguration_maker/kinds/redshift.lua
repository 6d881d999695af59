-- The smallest cluster, empty, unencrypted, with a public address, closed by its security group.
-- Redshift manages its password, and its parameters do not require TLS.
local closed_network = require "closed_network"
local wait = require "wait"

local NAME = "misconfig-maker"
local GROUP = "misconfigured_cluster"
local GONE = "ClusterNotFound"

local function find(aws)
  local reply = aws.redshift:try("DescribeClusters", { ClusterIdentifier = NAME }, GONE)
  return reply and reply.Clusters[1]
end

local function create(aws)
  local vpc = closed_network.find(aws)
  aws.redshift:try("CreateClusterParameterGroup", {
    ParameterGroupName = NAME, ParameterGroupFamily = "redshift-1.0",
    Description = "Default values: TLS is not required",
  }, "ClusterParameterGroupAlreadyExists")
  aws.redshift:CreateCluster {
    ClusterIdentifier = NAME, ClusterType = "single-node", NodeType = "ra3.large",
    MasterUsername = "maker", ManageMasterPassword = true, PubliclyAccessible = true,
    Encrypted = false, AutomatedSnapshotRetentionPeriod = 1, ClusterParameterGroupName = NAME,
    VpcSecurityGroupIds = { closed_network.group(aws, GROUP, vpc) },
  }
end

local function is_ready(cluster)
  return cluster ~= nil and cluster.ClusterStatus == "available"
end

-- Undoes a repair. A cluster accepts one change at a time, so the next run makes the other changes.
local function spoil(aws, cluster)
  if is_ready(cluster) and not cluster.PubliclyAccessible then
    aws.redshift:ModifyCluster { ClusterIdentifier = NAME, PubliclyAccessible = true }
    cluster = find(aws)
  end
  if is_ready(cluster) and cluster.Encrypted then
    aws.redshift:ModifyCluster { ClusterIdentifier = NAME, Encrypted = false }
  end
end

return {
  make = function(aws)
    local cluster = find(aws)
    if cluster then spoil(aws, cluster) else create(aws) end
    return { NAME }
  end,

  clean = function(aws)
    aws.redshift:try("DeleteCluster", {
      ClusterIdentifier = NAME, SkipFinalClusterSnapshot = true,
    }, GONE, "InvalidClusterState")
    wait("cluster's end", function() return not find(aws) end)
    aws.redshift:try("DeleteClusterParameterGroup", { ParameterGroupName = NAME },
      "ClusterParameterGroupNotFound")
    closed_network.clean(aws, GROUP)
  end,
}
