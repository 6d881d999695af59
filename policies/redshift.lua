-- Clusters are encrypted, private and tagged, and require TLS.
local event_ids = require "lib.event_ids"
local listing = require "lib.listing"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local unready = require "lib.unready"
local expect = require "lib.expect"

local CLUSTERS = "arn:${partition}:redshift:${region}:${account}:cluster:*"
local PARAMETER_GROUPS = "arn:${partition}:redshift:${region}:${account}:parametergroup:*"

-- States that do not end by themselves. All others do, and then the cluster is available (Redshift
-- API reference, Cluster).
local LASTING = {
  ["hardware-failure"] = true, ["incompatible-hsm"] = true, ["incompatible-network"] = true,
  ["incompatible-parameters"] = true, ["incompatible-restore"] = true, ["paused"] = true,
  ["storage-full"] = true,
}

local SOON = 300 -- seconds

local function described(resource)
  local wanted = { ClusterIdentifier = resource.id }
  local reply = resource.aws.redshift:try("DescribeClusters", wanted, "ClusterNotFound")
  if not reply then return nil end
  local cluster = expect(reply, "redshift:DescribeClusters", "Clusters").Clusters[1]
  return cluster or error("redshift:DescribeClusters returned no cluster", 0)
end

local function cluster_of(resource)
  local cluster = resource.listed or described(resource)
  return cluster and expect(cluster, "redshift:DescribeClusters", "ClusterStatus")
end

-- Does a parameter group require TLS? The result also holds the default. Clusters with the same
-- group share the read.
local function requires_tls(resource, group)
  local call, value = "DescribeClusterParameters", nil
  local wanted = { ParameterGroupName = group, MaxRecords = 100 }
  listing(resource.aws.redshift, call, wanted, "Marker", "Marker", function(page)
    for _, parameter in ipairs(expect(page, "redshift:" .. call, "Parameters").Parameters) do
      if parameter.ParameterName == "require_ssl" then value = parameter.ParameterValue or "" end
    end
  end)
  return (value or error("redshift:" .. call .. " returned no require_ssl", 0)):lower() == "true"
end

-- The names of the cluster's parameter groups that do not require TLS.
local function without_tls(resource, groups)
  local names = {}
  if #groups == 0 then error("redshift:DescribeClusters returned no parameter group", 0) end
  for _, group in ipairs(groups) do
    local name = expect(group, "redshift:DescribeClusters", "ParameterGroupName").ParameterGroupName
    if not requires_tls(resource, name) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- A change in progress counts as made: until then, Redshift lists it as pending.
local function will_be_public(cluster)
  local pending = cluster.PendingModifiedValues
  if pending and pending.PubliclyAccessible ~= nil then return pending.PubliclyAccessible end
  return cluster.PubliclyAccessible
end

local function will_be_encrypted(cluster)
  local kind = cluster.PendingModifiedValues and cluster.PendingModifiedValues.EncryptionType
  if kind and kind ~= "" then return kind:lower() ~= "none" end
  return cluster.Encrypted
end

-- A cluster accepts one change at a time.
local function obstacle(cluster)
  return unready("cluster", cluster.ClusterStatus, LASTING, SOON)
end

local function modify(resource, with, undo)
  with.ClusterIdentifier, undo.ClusterIdentifier = resource.id, resource.id
  return {
    call = "redshift:ModifyCluster", with = with,
    undo = { call = "redshift:ModifyCluster", with = undo },
  }
end

-- A new name takes effect at once (Redshift API reference, ModifyCluster). Names are in lower case.
local renamed = event_ids.lower("requestParameters.newClusterIdentifier",
  "requestParameters.clusterIdentifier",
  "responseElements.pendingModifiedValues.clusterIdentifier",
  "responseElements.clusterIdentifier")
local named = event_ids.lower("requestParameters.clusterIdentifier",
  "responseElements.clusterIdentifier")

return policy {
  type = "redshift",
  title = "Redshift cluster",
  aws_type = "AWS::Redshift::Cluster",
  arn = "arn:${partition}:redshift:${region}:${account}:cluster:${id}",
  id = { canonical = spellings.lower("redshift", "cluster:"), form = "${lower}" },

  permissions = {
    read = {
      ["redshift:DescribeClusters"] = { on = CLUSTERS },
      ["redshift:DescribeClusterParameters"] = { on = PARAMETER_GROUPS },
    },
    shared = { "redshift:DescribeClusterParameters" },
    write = { ["redshift:ModifyCluster"] = { on = CLUSTERS } },
  },

  events = {
    ["redshift:CreateCluster"] = { id = named, delay = 900 },
    ["redshift:ModifyCluster"] = { id = renamed, delay = 900 },
    ["redshift:RestoreFromClusterSnapshot"] = { id = named, delay = 900 },
  },

  discover = function(scope)
    for page in scope.aws.redshift:pages("DescribeClusters", { MaxRecords = 100 }) do
      for _, cluster in ipairs(expect(page, "redshift:DescribeClusters", "Clusters").Clusters) do
        local name = cluster.ClusterIdentifier
        local test = test_resources.marked(name, tags.map(cluster.Tags))
        scope:found(name, { test = test, listed = cluster })
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  -- Data that only fixes need is returned by a function: it changes by itself, and states must not
  -- be compared by it.
  fetch = function(resource)
    local cluster = cluster_of(resource)
    if not cluster then return nil end
    if cluster.ClusterStatus == "creating" then return resource:later(SOON) end
    expect(cluster, "redshift:DescribeClusters", "Encrypted", "PubliclyAccessible",
      "ClusterParameterGroups")
    return {
      encrypted = will_be_encrypted(cluster),
      public = will_be_public(cluster),
      tags = tags.map(cluster.Tags),
      now = function() return cluster end,
    }
  end,

  reads = {
    without_tls = function(resource, state)
      return without_tls(resource, state.now().ClusterParameterGroups)
    end,
  },

  -- Private first: it takes minutes, encryption takes hours.
  checks = {
    {
      id = "redshift.public",
      title = "Cluster is publicly accessible",
      severity = "critical",
      controls = { securityhub = { "Redshift.1" } },
      risk = "The cluster can be reached from the internet: only security groups and passwords "
        .. "protect it.",
      advice = "Turn off public access, and reach the cluster from within the VPC or through "
        .. "a VPN.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "redshift-controls.html#redshift-1",
      impact = "interrupts",
      repair = "Turns off public access: clients outside the VPC lose access to the cluster, "
        .. "and queries may fail while it is modified.",

      audit = function(_, state)
        if not state.public then return true end
        return false, "the cluster has a public address"
      end,

      -- The undo names the cluster's former elastic IP address, which the account still owns.
      fix = function(resource, state)
        local cluster = state.now()
        local wait = obstacle(cluster)
        if wait then return wait end
        local address = cluster.ElasticIpStatus and cluster.ElasticIpStatus.ElasticIp
        local undo = { PubliclyAccessible = true, ElasticIp = address ~= "" and address or nil }
        return { modify(resource, { PubliclyAccessible = false }, undo) }, { public = false }
      end,
    },
    {
      id = "redshift.unencrypted",
      title = "Cluster is not encrypted",
      severity = "high",
      controls = { securityhub = { "Redshift.10" } },
      risk = "Anyone with access to the storage or a snapshot can read all data.",
      advice = "Turn on encryption at a time when the cluster may be read-only for some hours.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "redshift-controls.html#redshift-10",
      impact = "interrupts",
      repair = "Turns on encryption with the account's default key: the cluster moves its "
        .. "data, and is read-only meanwhile, which can take hours.",

      audit = function(_, state)
        if state.encrypted then return true end
        return false, "the data of the cluster is not encrypted"
      end,

      -- Uses the account's default key. Redshift moves the data to a new, encrypted cluster with
      -- the same endpoint: for hours it is resizing and can only be read. The undo is a migration
      -- of the same kind (Redshift management guide, "Changing cluster encryption").
      fix = function(resource, state)
        local cluster = state.now()
        local copy = cluster.ClusterSnapshotCopyStatus
        if copy and (copy.DestinationRegion or "") ~= "" then
          return { held = "snapshots are copied to another region: encryption cannot be changed "
            .. "until that is turned off" }
        end
        local wait = obstacle(cluster)
        if wait then return wait end
        local step = modify(resource, { Encrypted = true }, { Encrypted = false })
        return { step }, { encrypted = true }
      end,
    },
    {
      id = "redshift.tags",
      title = "Cluster lacks a required tag",
      severity = "low",
      risk = "Without its tags the owner of the cluster is not known, and budgets and rules "
        .. "by tag miss it.",
      advice = "Add the tags that REQUIRED_TAGS names.",
      url = "https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-tagging.html",
      needs = "required_tags",
      audit = function(resource, state) return tags.audit(state.tags, resource.settings) end,
    },
    {
      id = "redshift.tls",
      title = "Cluster accepts connections without TLS",
      severity = "medium",
      controls = { securityhub = { "Redshift.2" } },
      risk = "Clients may connect without TLS, so passwords and data can be read in transit.",
      advice = "Set require_ssl to true in a parameter group of your own, assign it to the "
        .. "cluster, and reboot the cluster.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/"
        .. "redshift-controls.html#redshift-2",

      audit = function(_, state)
        local names = state.without_tls
        if #names == 0 then return true end
        return false, "require_ssl is not on in " .. table.concat(names, ", "), names
      end,
    },
  },
}
