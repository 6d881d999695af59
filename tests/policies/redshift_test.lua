-- policies/redshift.lua, by the real engine.
local ID = "sales"

-- The replies about a good cluster with these changes, and a parameter group with this value.
local function replies(changes, tls)
  local cluster = {
    ClusterIdentifier = ID, ClusterStatus = "available", Encrypted = true,
    PubliclyAccessible = false, Tags = { { Key = "Owner", Value = "me" } },
    ClusterParameterGroups = { { ParameterGroupName = "strict" } },
  }
  for key, value in pairs(changes) do cluster[key] = value end
  return {
    ["redshift:DescribeClusters"] = { Clusters = { cluster } },
    ["redshift:DescribeClusterParameters"] = {
      {
        with = { ParameterGroupName = "strict" },
        reply = { pages = {
          { Parameters = { { ParameterName = "datestyle", ParameterValue = "ISO, MDY" } } },
          { Parameters = { { ParameterName = "require_ssl", ParameterValue = tls or "true" } } },
        } },
      },
    },
  }
end

local function cluster(name, changes, expect)
  return { name = name, id = ID, replies = replies(changes), expect = expect }
end

local function modify(with, undo, left)
  with.ClusterIdentifier, undo.ClusterIdentifier = ID, ID
  return {
    call = "redshift:ModifyCluster", with = with, replies = replies(left),
    undo = { call = "redshift:ModifyCluster", with = undo },
  }
end

local tagged = cluster("a required tag", {}, {})
tagged.settings = { REQUIRED_TAGS = "Owner" }

local untagged = cluster("a missing tag", { Tags = {} }, { ["redshift.tags"] = "non_compliant" })
untagged.settings = { REQUIRED_TAGS = "Owner" }

local plain = cluster("connections without TLS", {}, {
  ["redshift.tls"] = { status = "non_compliant", summary = "strict" },
  ["redshift.tags"] = "skipped",
})
plain.replies = replies({}, "false")

local bad = cluster("public and not encrypted", { Encrypted = false, PubliclyAccessible = true }, {
  ["redshift.public"] = "non_compliant",
  ["redshift.unencrypted"] = "non_compliant",
  ["redshift.tags"] = "skipped",
})
bad.changes = {
  modify({ PubliclyAccessible = false }, { PubliclyAccessible = true }, { Encrypted = false }),
  modify({ Encrypted = true }, { Encrypted = false }, {}),
}

local copied = cluster("not encrypted, and copied to another region", {
  Encrypted = false, ClusterSnapshotCopyStatus = { DestinationRegion = "eu-west-1" },
}, { ["redshift.unencrypted"] = "non_compliant", ["redshift.tags"] = "skipped" })
copied.repaired = { ["redshift.unencrypted"] = "held" }

local gone = cluster("a cluster that does not exist any more", {}, "gone")
gone.replies = { ["redshift:DescribeClusters"] = { fault = "ClusterNotFound" } }

return {
  policy = "redshift",
  cases = {
    cluster("a good cluster", {}, { ["redshift.tags"] = "skipped" }),
    cluster("a cluster that is being made", { ClusterStatus = "creating" }, "pending"),
    tagged, untagged, plain, bad, copied, gone,
  },
  listings = {
    {
      name = "clusters, page by page",
      replies = {
        ["redshift:DescribeClusters"] = { pages = {
          { Clusters = { { ClusterIdentifier = "a" } } },
          { Clusters = { { ClusterIdentifier = "b-misconfig-maker" } } },
        } },
      },
      ids = { "a", { id = "b-misconfig-maker", test = true } },
    },
  },
  events = {
    {
      event = "redshift:ModifyCluster",
      detail = { requestParameters = { clusterIdentifier = "Sales" } },
      ids = { { id = ID, delay = 900 } },
    },
  },
}
