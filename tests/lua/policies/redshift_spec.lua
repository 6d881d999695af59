-- policies/redshift.lua with a cluster that changes as Redshift allows.
local policies = require "support.policy"

local redshift = policies.load "redshift"

local ID = "sales"
local OWNER = { { Key = "owner", Value = "me" } }

-- A good cluster, with changes.
local function cluster(changes)
  local made = {
    ClusterIdentifier = ID, ClusterStatus = "available", Encrypted = true,
    PubliclyAccessible = false, PendingModifiedValues = {}, Tags = {},
    ClusterParameterGroups = { { ParameterGroupName = "strict" } },
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function parameters(value)
  return policies.pages {
    { Parameters = { { ParameterName = "datestyle", ParameterValue = "ISO, MDY" } } },
    { Parameters = { { ParameterName = "require_ssl", ParameterValue = value },
      { ParameterName = "wlm_json_configuration" } } },
  }
end

-- box: { cluster =, groups = { name = value of require_ssl }, after = status after a change,
-- encryption = "migrates" if encryption takes some time }
local function replies_of(box)
  return {
    ["redshift:DescribeClusters"] = function(params)
      assert.same({ ClusterIdentifier = ID }, params)
      return { Clusters = { box.cluster } }
    end,
    ["redshift:DescribeClusterParameters"] = function(params)
      assert.equal(100, params.MaxRecords)
      return parameters((box.groups or { strict = "true" })[params.ParameterGroupName])
    end,
    ["redshift:ModifyCluster"] = function(params)
      assert.equal(ID, params.ClusterIdentifier)
      assert.equal("available", box.cluster.ClusterStatus)
      local pending = box.cluster.PendingModifiedValues
      if params.PubliclyAccessible ~= nil then
        if box.slow then pending.PubliclyAccessible = params.PubliclyAccessible end
        if not box.slow then box.cluster.PubliclyAccessible = params.PubliclyAccessible end
      else
        if box.slow then pending.EncryptionType = params.Encrypted and "KMS" or "None" end
        if not box.slow then box.cluster.Encrypted = params.Encrypted end
      end
      box.cluster.ClusterStatus = box.after or "available"
      return {}
    end,
  }
end

local function cluster_with(box, options)
  if box.ClusterIdentifier then box = { cluster = box } end
  local given = { id = ID, replies = replies_of(box) }
  for key, value in pairs(options or {}) do given[key] = value end
  return redshift:resource(given), box
end

local function statuses(outcome)
  local short = {}
  for _, name in ipairs { "public", "unencrypted", "tags", "tls" } do
    short[name] = outcome["redshift." .. name].status
  end
  return short
end

local BAD = { Encrypted = false, PubliclyAccessible = true }

describe("a cluster's audit", function()
  it("passes in two calls", function()
    local resource = cluster_with(cluster())
    assert.same({ public = "compliant", unencrypted = "compliant", tags = "skipped",
      tls = "compliant" }, statuses(resource:plan()))
    assert.equal(2, #resource.calls)
    assert.equal("redshift:DescribeClusterParameters", resource.calls[2].call)
  end)

  it("finds what is wrong, and reads the tags", function()
    local resource = cluster_with({ groups = {}, cluster = cluster { Encrypted = false,
      PubliclyAccessible = true, Tags = { { Key = "Team", Value = "x" } } } },
      { settings = { required_tags = { "Owner" } } })
    local outcome = resource:audit()
    assert.same({ public = "non_compliant", unencrypted = "non_compliant",
      tags = "non_compliant", tls = "non_compliant" }, statuses(outcome))
    assert.same({ Team = "x" }, outcome.tags)
    assert.equal("require_ssl is not on in strict", outcome["redshift.tls"].summary)
  end)

  it("compares tags in any letter case", function()
    local resource = cluster_with(cluster { Tags = OWNER },
      { settings = { required_tags = { "Owner" } } })
    assert.equal("compliant", resource:audit()["redshift.tags"].status)
  end)

  it("requires TLS in each parameter group, in any notation", function()
    local function outcome(values)
      local groups = {}
      for i = 1, #values do groups[i] = { ParameterGroupName = "g" .. i } end
      local named = {}
      for i, value in ipairs(values) do named["g" .. i] = value end
      return cluster_with({ groups = named, cluster = cluster { ClusterParameterGroups = groups } })
        :audit()["redshift.tls"]
    end
    assert.equal("compliant", outcome({ "true" }).status)
    assert.equal("compliant", outcome({ "TRUE" }).status)
    assert.equal("compliant", outcome({ "true", "true" }).status)
    assert.same({ "g1", "g3" }, outcome({ "false", "true", "" }).evidence)
  end)

  it("waits for one that is being created", function()
    local outcome = cluster_with(cluster { ClusterStatus = "creating" }):plan()
    assert.equal("later", outcome.state)
    assert.equal(300, outcome.delay)
  end)

  it("counts a change in progress as made", function()
    local function outcome(changes, pending)
      changes.PendingModifiedValues = pending
      return statuses(cluster_with(cluster(changes)):audit())
    end
    assert.equal("compliant", outcome({ PubliclyAccessible = true },
      { PubliclyAccessible = false }).public)
    assert.equal("non_compliant", outcome({}, { PubliclyAccessible = true }).public)
    assert.equal("compliant", outcome({ Encrypted = false }, { EncryptionType = "KMS" })
      .unencrypted)
    assert.equal("non_compliant", outcome({}, { EncryptionType = "None" }).unencrypted)
    assert.equal("non_compliant", outcome({ Encrypted = false }, { NodeType = "ra3.large",
      EncryptionType = "" }).unencrypted)
    assert.equal("non_compliant", outcome({ Encrypted = false }, nil).unencrypted)
  end)

  it("is gone if the cluster is", function()
    local missing = policies.fault("ClusterNotFound", "gone", 404)
    local resource = redshift:resource { id = ID,
      replies = { ["redshift:DescribeClusters"] = missing } }
    assert.equal("gone", resource:plan().state)
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local denied = policies.fault("AccessDenied", "no", 403)
    local function without(field)
      local made = cluster(BAD)
      made[field] = nil
      return { Clusters = { made } }
    end
    local name = "redshift:DescribeClusters"
    for _, case in ipairs {
      { name, denied }, { name, {} }, { name, { Clusters = {} } }, { name, without "Encrypted" },
      { name, without "PubliclyAccessible" }, { name, without "ClusterStatus" },
      { name, without "ClusterParameterGroups" },
    } do
      local replies = replies_of { cluster = cluster(BAD) }
      replies[case[1]] = case[2]
      local resource = redshift:resource { id = ID, replies = replies }
      local results, outcome = resource:repair()
      assert.equal("unknown", outcome["redshift.public"].status)
      assert.equal("unknown", outcome["redshift.tls"].status)
      assert.same({}, results)
      assert.same({}, resource:sent())
    end
  end)

  it("needs its parameter groups only for TLS", function()
    local function bad(groups)
      local made = cluster(BAD)
      made.ClusterParameterGroups = groups
      return { Clusters = { made } }
    end
    local name, groups = "redshift:DescribeClusters", "redshift:DescribeClusterParameters"
    for _, case in ipairs {
      { name, bad { {} } }, { name, bad {} },
      { groups, policies.fault("AccessDenied", "no", 403) }, { groups, {} },
      { groups, { Parameters = {} } },
      { groups, policies.fault("ClusterParameterGroupNotFound", "gone", 404) },
    } do
      local replies = replies_of { cluster = cluster(BAD) }
      replies[case[1]] = case[2]
      local outcome = redshift:resource({ id = ID, replies = replies }):audit()
      assert.equal("unknown", outcome["redshift.tls"].status)
      assert.equal("non_compliant", outcome["redshift.public"].status)
      assert.equal("non_compliant", outcome["redshift.unencrypted"].status)
    end
  end)
end)

describe("a cluster's repair", function()
  it("makes it private, encrypts it, and can undo both", function()
    local resource, box = cluster_with { groups = {}, cluster = cluster(BAD) }
    assert.same({ ["redshift.public"] = "fixed", ["redshift.unencrypted"] = "fixed",
      ["redshift.tls"] = "none" }, (resource:repair()))
    local sent = resource:sent()
    assert.same({ ClusterIdentifier = ID, PubliclyAccessible = false }, sent[1].with)
    assert.same({ ClusterIdentifier = ID, Encrypted = true }, sent[2].with)
    assert.equal(2, #sent)
    resource:undo()
    assert.is_true(box.cluster.PubliclyAccessible)
    assert.is_false(box.cluster.Encrypted)
  end)

  it("makes one change at a time, and counts each as made while it is in progress", function()
    local resource, box = cluster_with { cluster = cluster(BAD), after = "modifying", slow = true }
    assert.same({ ["redshift.public"] = "fixed", ["redshift.unencrypted"] = "later" },
      (resource:repair()))
    box.cluster.ClusterStatus, box.cluster.PubliclyAccessible = "available", false
    box.cluster.PendingModifiedValues, box.after = {}, "resizing"
    assert.same({ ["redshift.unencrypted"] = "fixed" }, (resource:repair()))
    assert.equal("KMS", box.cluster.PendingModifiedValues.EncryptionType)
    assert.equal("compliant", resource:plan()["redshift.unencrypted"].status)
  end)

  it("waits in temporary states, and is held in permanent ones", function()
    for status, wanted in pairs {
      ["modifying"] = "later", ["resizing"] = "later", ["rebooting"] = "later",
      ["available, prep-for-resize"] = "later", ["deleting"] = "later",
      ["paused"] = "held", ["hardware-failure"] = "held", ["incompatible-network"] = "held",
    } do
      local resource = cluster_with(cluster { Encrypted = false, PubliclyAccessible = true,
        ClusterStatus = status })
      local results, outcome = resource:repair()
      assert.same({ ["redshift.public"] = wanted, ["redshift.unencrypted"] = wanted }, results)
      assert.same({}, resource:sent())
      assert.equal(wanted == "later" and 300 or nil, outcome["redshift.public"].later)
    end
  end)

  it("is not encrypted while its snapshots go to another region", function()
    local resource = cluster_with(cluster { Encrypted = false, PubliclyAccessible = true,
      ClusterSnapshotCopyStatus = { DestinationRegion = "us-west-2" } })
    local results, outcome = resource:repair()
    assert.same({ ["redshift.public"] = "fixed", ["redshift.unencrypted"] = "held" }, results)
    assert.truthy(outcome["redshift.unencrypted"].held:find("another region", 1, true))
    resource = cluster_with(cluster { Encrypted = false, ClusterSnapshotCopyStatus = {} })
    assert.equal("fixed", resource:repair()["redshift.unencrypted"])
  end)

  it("can restore the elastic IP", function()
    local function undo(status)
      local made = cluster { PubliclyAccessible = true, ElasticIpStatus = status }
      return cluster_with(made):plan()["redshift.public"].steps[1].undo.with
    end
    assert.equal("192.0.2.7", undo({ ElasticIp = "192.0.2.7", Status = "active" }).ElasticIp)
    assert.is_nil(undo({ ElasticIp = "" }).ElasticIp)
    assert.same({ ClusterIdentifier = ID, PubliclyAccessible = true }, undo(nil))
  end)
end)

describe("clusters", function()
  it("are listed page by page, with test resources marked", function()
    local mark = { { Key = "misconfiguration_maker", Value = "" } }
    local list, calls = redshift:discover { replies = {
      ["redshift:DescribeClusters"] = policies.pages {
        { Clusters = { cluster(), cluster { ClusterIdentifier = "misconfig-maker" } } },
        { Clusters = {} },
        { Clusters = { cluster { ClusterIdentifier = "b", Tags = mark } } },
      },
    } }
    assert.same({
      { id = ID, test = false }, { id = "misconfig-maker", test = true },
      { id = "b", test = true },
    }, list)
    assert.same({ MaxRecords = 100 }, calls[1].with)
    assert.has_error(function()
      redshift:discover { replies = { ["redshift:DescribeClusters"] = {} } }
    end)
  end)

  it("are found in their events, in lower case", function()
    for _, name in ipairs { "CreateCluster", "ModifyCluster", "RestoreFromClusterSnapshot" } do
      local detail = { requestParameters = { clusterIdentifier = "Sales" } }
      assert.same({ { id = ID, delay = 900 } }, redshift:event("redshift:" .. name, detail))
      for _, bad in ipairs { {}, { requestParameters = { clusterIdentifier = { 1 } } } } do
        assert.has_error(function() redshift:event("redshift:" .. name, bad) end)
      end
    end
    local renamed = { requestParameters = { clusterIdentifier = "old",
      newClusterIdentifier = "New" } }
    assert.same({ { id = "new", delay = 900 } }, redshift:event("redshift:ModifyCluster", renamed))
    renamed = { requestParameters = { omitted = true }, responseElements = {
      clusterIdentifier = "old", pendingModifiedValues = { clusterIdentifier = "new" } } }
    assert.same({ { id = "new", delay = 900 } }, redshift:event("redshift:ModifyCluster", renamed))
  end)

  it("use every permission that they declare", function()
    assert.same({}, redshift:never_called())
  end)
end)
