-- policies/rds.lua with a database that starts, stops and changes as RDS allows.
local policies = require "support.policy"

local rds = policies.load "rds"

local ID = "shop"
local NOW = 1795000000
local OWNER = { { Key = "owner", Value = "me" } }

local function settings(changes)
  local made = { db_check_time = 60, required_tags = {} }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

-- A good database, with changes.
local function instance(changes)
  local made = {
    DBInstanceIdentifier = ID, Engine = "mysql", DBInstanceStatus = "available",
    StorageEncrypted = true, PubliclyAccessible = false, MultiAZ = false, TagList = {},
    InstanceCreateTime = NOW - 86400, ReadReplicaDBInstanceIdentifiers = {},
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function aurora(changes)
  local made = instance { Engine = "aurora-mysql", DBClusterIdentifier = "main" }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function cluster(changes)
  local made = {
    DBClusterIdentifier = "main", Engine = "aurora-mysql", Status = "available",
    EngineMode = "provisioned", ReadReplicaIdentifiers = {},
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

-- box: { instance =, cluster = }. Each change takes the instance through intermediate states.
local function replies_of(box)
  local function check(params) assert.equal(ID, params.DBInstanceIdentifier) end
  local function status(name) return function(params)
    check(params)
    box.instance.DBInstanceStatus = name
    return {}
  end end
  local function cluster_status(name, of_members) return function(params)
    assert.same({ DBClusterIdentifier = "main" }, params)
    box.cluster.Status, box.instance.DBInstanceStatus = name, of_members
    return {}
  end end
  return {
    ["rds:DescribeDBInstances"] = function(params)
      check(params)
      return { DBInstances = { box.instance } }
    end,
    ["rds:DescribeDBClusters"] = function(params)
      assert.same({ DBClusterIdentifier = "main" }, params)
      if not box.cluster then return policies.fault("DBClusterNotFoundFault", "gone", 404) end
      return { DBClusters = { box.cluster } }
    end,
    ["rds:ModifyDBInstance"] = function(params)
      check(params)
      assert.equal("available", box.instance.DBInstanceStatus)
      box.instance.PubliclyAccessible = params.PubliclyAccessible
      box.instance.DBInstanceStatus = box.after_modify or "available"
      return {}
    end,
    ["rds:StopDBInstance"] = status "stopping",
    ["rds:StartDBInstance"] = status(box.after_start or "starting"),
    ["rds:StopDBCluster"] = cluster_status("stopping", "available"),
    ["rds:StartDBCluster"] = cluster_status("starting", "available"),
  }
end

local function database(box, options)
  if box.DBInstanceIdentifier then box = { instance = box } end
  local given = { id = ID, now = NOW, settings = settings(), replies = replies_of(box) }
  for key, value in pairs(options or {}) do given[key] = value end
  return rds:resource(given), box
end

local function statuses(outcome)
  local short = {}
  for _, name in ipairs { "public", "unencrypted", "tags" } do
    short[name] = outcome["rds." .. name].status
  end
  return short
end

local function calls(made)
  local names = {}
  for i, call in ipairs(made) do names[i] = call.call:sub(5) end
  return table.concat(names, " ")
end

local UNENCRYPTED = { StorageEncrypted = false }
local BAD = { StorageEncrypted = false, PubliclyAccessible = true }

describe("a database's audit", function()
  it("passes in one call", function()
    local db = database(instance())
    assert.same({ public = "compliant", unencrypted = "compliant", tags = "skipped" },
      statuses(db:plan()))
    assert.equal("DescribeDBInstances", calls(db.calls))
  end)

  it("finds what is wrong, and reads the tags", function()
    local db = database(instance { StorageEncrypted = false, PubliclyAccessible = true,
      TagList = { { Key = "Team", Value = "shop" } } },
      { settings = settings { required_tags = { "Owner" } } })
    local outcome = db:audit()
    assert.same({ public = "non_compliant", unencrypted = "non_compliant",
      tags = "non_compliant" }, statuses(outcome))
    assert.same({ Team = "shop" }, outcome.tags)
    assert.equal("required tag missing: Owner", outcome["rds.tags"].summary)
    assert.equal("DescribeDBInstances", calls(db.calls))
  end)

  it("passes an unencrypted database for DB_CHECK_TIME minutes", function()
    local function status(age, minutes)
      local db = database(instance { StorageEncrypted = false, InstanceCreateTime = NOW - age },
        { settings = settings { db_check_time = minutes } })
      local found = db:audit()["rds.unencrypted"]
      return found.status, found.later
    end
    assert.same({ "compliant", 1 }, { status(3600, 60) })
    assert.same({ "compliant", 2401 }, { status(1200, 60) })
    assert.same({ "compliant", 2402 }, { status(1199.5, 60) })
    assert.equal("non_compliant", status(3601, 60))
    assert.same({ "compliant", 1 }, { status(300, 5) })
    assert.equal("non_compliant", status(301, 5))
    assert.equal("non_compliant", status(0, 0))
    assert.equal("non_compliant", status(-0.5, 0))
  end)

  it("is unknown if the age of the database is unknown", function()
    local nameless = instance { StorageEncrypted = false }
    nameless.InstanceCreateTime = nil
    assert.equal("unknown", database(nameless):plan()["rds.unencrypted"].status)
    nameless.StorageEncrypted = true
    assert.equal("compliant", database(nameless):plan()["rds.unencrypted"].status)
  end)

  it("compares tags in any letter case", function()
    local with = { settings = settings { required_tags = { "Owner", "STAGE" } } }
    local entry = database(instance { TagList = OWNER }, with):audit()["rds.tags"]
    assert.equal("required tag missing: STAGE", entry.summary)
    local both = { OWNER[1], { Key = "Stage", Value = "" } }
    entry = database(instance { TagList = both }, with):audit()["rds.tags"]
    assert.equal("compliant", entry.status)
    assert.equal("non_compliant", database(instance(), with):audit()["rds.tags"].status)
  end)

  it("waits for one that is being created", function()
    local outcome = database(instance { DBInstanceStatus = "creating" }):plan()
    assert.equal("later", outcome.state)
    assert.equal(300, outcome.delay)
  end)

  it("counts a stopped or stopping database as repaired by stopping", function()
    for _, status in ipairs { "stopped", "stopping", "deleting" } do
      local db = database(instance { StorageEncrypted = false, PubliclyAccessible = true,
        DBInstanceStatus = status }, { settings = settings { required_tags = { "Owner" } } })
      assert.same({ public = "non_compliant", unencrypted = "compliant", tags = "compliant" },
        statuses(db:audit()))
    end
    for _, status in ipairs { "starting", "modifying", "backing-up", "storage-full" } do
      local db = database(instance { StorageEncrypted = false, DBInstanceStatus = status })
      assert.equal("non_compliant", db:audit()["rds.unencrypted"].status)
    end
  end)

  it("ignores Neptune and DocumentDB", function()
    for _, engine in ipairs { "neptune", "docdb" } do
      local db = database(instance { Engine = engine, StorageEncrypted = false,
        PubliclyAccessible = true, DBInstanceStatus = "creating" })
      assert.same({ public = "skipped", unencrypted = "skipped", tags = "skipped" },
        statuses(db:plan()))
    end
  end)

  it("reads the cluster only if its member may have to be stopped", function()
    local db = database { instance = aurora(), cluster = cluster() }
    db:audit()
    assert.equal("DescribeDBInstances", calls(db.calls))
    for status, wanted in pairs { available = "non_compliant", stopping = "compliant",
      stopped = "compliant", starting = "non_compliant" } do
      db = database { instance = aurora(UNENCRYPTED), cluster = cluster { Status = status } }
      assert.equal(wanted, db:audit()["rds.unencrypted"].status)
      assert.equal("DescribeDBInstances DescribeDBClusters", calls(db.calls))
    end
  end)

  it("is gone if the database is", function()
    local missing = policies.fault("DBInstanceNotFound", "gone", 404)
    local db = rds:resource { id = ID, replies = { ["rds:DescribeDBInstances"] = missing } }
    assert.equal("gone", db:plan().state)
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local denied = policies.fault("AccessDenied", "no", 403)
    local function without(field)
      local made = instance(BAD)
      made[field] = nil
      return { DBInstances = { made } }
    end
    for _, reply in ipairs {
      denied, {}, { DBInstances = {} }, without "Engine", without "DBInstanceStatus",
      without "StorageEncrypted", without "PubliclyAccessible", without "TagList",
    } do
      local db = rds:resource { id = ID, now = NOW, settings = settings(),
        replies = { ["rds:DescribeDBInstances"] = reply } }
      local results, outcome = db:repair()
      assert.equal("unknown", outcome["rds.public"].status)
      assert.equal("unknown", outcome["rds.unencrypted"].status)
      assert.same({}, results)
    end
  end)

  it("needs the cluster only for fixes that would stop it", function()
    for _, reply in ipairs {
      policies.fault("AccessDenied", "no", 403), {}, { DBClusters = { {} } },
    } do
      local replies = replies_of { instance = aurora(BAD) }
      replies["rds:DescribeDBClusters"] = reply
      local db = rds:resource { id = ID, now = NOW, replies = replies,
        settings = settings { required_tags = { "Owner" } } }
      local results, outcome = db:repair()
      assert.same({ ["rds.public"] = "fixed" }, results)
      assert.equal("unknown", outcome["rds.unencrypted"].status)
      assert.equal("unknown", outcome["rds.tags"].status)
      assert.equal("ModifyDBInstance", calls(db:sent()))
    end
  end)
end)

describe("a database's repair", function()
  it("makes it private, changes nothing else, then stops it, and can undo both", function()
    local box = { instance = instance(BAD), after_start = "available" }
    local db = database(box, { settings = settings { required_tags = { "Owner" } } })
    local results, outcome = db:repair()
    assert.same({ ["rds.public"] = "fixed", ["rds.unencrypted"] = "fixed",
      ["rds.tags"] = "fixed" }, results)
    assert.equal("rds.unencrypted", outcome["rds.tags"].covered_by)
    assert.same({ DBInstanceIdentifier = ID, PubliclyAccessible = false }, db:sent()[1].with)
    assert.equal("ModifyDBInstance StopDBInstance", calls(db:sent()))
    assert.same({ DBInstanceIdentifier = ID }, db:sent()[2].with)
    db:undo()
    assert.equal("ModifyDBInstance StopDBInstance StartDBInstance ModifyDBInstance",
      calls(db:sent()))
    assert.is_true(box.instance.PubliclyAccessible)
  end)

  it("stops one that lacks a tag", function()
    local db = database(instance(), { settings = settings { required_tags = { "Owner" } } })
    assert.same({ ["rds.tags"] = "fixed" }, (db:repair()))
    assert.equal("StopDBInstance", calls(db:sent()))
  end)

  it("waits with the next change while one is in progress", function()
    local box = { instance = instance(BAD), after_modify = "modifying" }
    local db = database(box)
    assert.same({ ["rds.public"] = "fixed", ["rds.unencrypted"] = "later" }, (db:repair()))
    assert.equal("ModifyDBInstance", calls(db:sent()))
    box.instance.DBInstanceStatus = "available"
    assert.same({ ["rds.unencrypted"] = "fixed" }, (db:repair()))
  end)

  it("waits in temporary states, and is held in permanent ones", function()
    for status, wanted in pairs {
      ["modifying"] = "later", ["backing-up"] = "later", ["rebooting"] = "later",
      ["upgrading"] = "later", ["configuring-enhanced-monitoring"] = "later",
      ["failed"] = "held", ["storage-full"] = "held", ["incompatible-network"] = "held",
      ["inaccessible-encryption-credentials"] = "held",
    } do
      local db = database(instance { StorageEncrypted = false, PubliclyAccessible = true,
        DBInstanceStatus = status })
      local results, outcome = db:repair()
      assert.same({ ["rds.public"] = wanted, ["rds.unencrypted"] = wanted }, results)
      assert.same({}, db:sent())
      assert.equal(wanted == "later" and 300 or nil, outcome["rds.public"].later)
    end
  end)

  it("does not try to modify a stopped one", function()
    local db = database(instance { PubliclyAccessible = true, DBInstanceStatus = "stopped" })
    local results, outcome = db:repair()
    assert.same({ ["rds.public"] = "held" }, results)
    assert.equal("the instance is stopped", outcome["rds.public"].held)
  end)

  it("is held for databases that RDS does not stop", function()
    for why, changes in pairs {
      ["is a read replica"] = { ReadReplicaSourceDBInstanceIdentifier = "origin" },
      ["is a read replica,"] = { ReadReplicaSourceDBClusterIdentifier = "origin" },
      ["has read replicas"] = { ReadReplicaDBInstanceIdentifiers = { "copy" } },
      ["has read replicas,"] = { ReadReplicaDBClusterIdentifiers = { "copy" } },
      ["RDS Custom"] = { Engine = "custom-oracle-ee" },
      ["SQL Server"] = { Engine = "sqlserver-se", MultiAZ = true },
      ["SQL Server in"] = { Engine = "sqlserver-ee", SecondaryAvailabilityZone = "us-east-1b" },
    } do
      changes.StorageEncrypted = false
      local db = database(instance(changes))
      local results, outcome = db:repair()
      assert.same({ ["rds.unencrypted"] = "held" }, results)
      assert.truthy(outcome["rds.unencrypted"].held:find(why, 1, true))
      assert.same({}, db:sent())
    end
  end)

  it("stops databases that only look like these", function()
    for _, changes in ipairs {
      { Engine = "sqlserver-ex" }, { Engine = "postgres", MultiAZ = true },
      { ReadReplicaSourceDBInstanceIdentifier = "", ReadReplicaDBClusterIdentifiers = {} },
    } do
      changes.StorageEncrypted = false
      assert.equal("fixed", database(instance(changes)):repair()["rds.unencrypted"])
    end
  end)

  it("stops a member with its cluster, and starts it again", function()
    local db, box = database { instance = aurora(BAD), cluster = cluster {
      ReadReplicaIdentifiers = { "near", "arn:aws:rds:us-east-1:111122223333:cluster:near" },
      ReplicationSourceIdentifier = "arn:aws:rds:us-east-1:111122223333:db:origin",
    } }
    assert.same({ ["rds.public"] = "fixed", ["rds.unencrypted"] = "fixed" }, (db:repair()))
    assert.equal("ModifyDBInstance StopDBCluster", calls(db:sent()))
    assert.equal("available", box.instance.DBInstanceStatus)
    db:undo()
    assert.equal("starting", box.cluster.Status)
  end)

  it("is held for clusters that Aurora does not stop", function()
    local far = "arn:aws:rds:eu-west-1:111122223333:cluster:far"
    for why, changes in pairs {
      ["global database"] = { GlobalClusterIdentifier = "world" },
      ["a global database"] = { GlobalWriteForwardingStatus = "disabled" },
      ["mode serverless"] = { EngineMode = "serverless" },
      ["mode parallelquery"] = { EngineMode = "parallelquery" },
      ["replica of one in another region"] = { ReplicationSourceIdentifier = far },
      ["has a replica in another region"] = { ReadReplicaIdentifiers = { "near", far } },
    } do
      local db = database { instance = aurora(UNENCRYPTED), cluster = cluster(changes) }
      local results, outcome = db:repair()
      assert.same({ ["rds.unencrypted"] = "held" }, results)
      assert.truthy(outcome["rds.unencrypted"].held:find(why, 1, true))
    end
  end)

  it("waits for a cluster that is busy or being deleted, and is held for a broken one", function()
    for status, wanted in pairs { ["modifying"] = "later", ["backing-up"] = "later",
      ["inaccessible-encryption-credentials"] = "held" } do
      local db = database { instance = aurora(UNENCRYPTED), cluster = cluster { Status = status } }
      assert.equal(wanted, db:repair()["rds.unencrypted"])
    end
    assert.equal("later", database({ instance = aurora(UNENCRYPTED) }):repair()["rds.unencrypted"])
  end)

  it("does not change members of Multi-AZ clusters, which cannot be changed alone", function()
    local db = database { instance = instance { DBClusterIdentifier = "main",
      StorageEncrypted = false, PubliclyAccessible = true }, cluster = cluster() }
    assert.same({ ["rds.public"] = "held", ["rds.unencrypted"] = "held" }, (db:repair()))
    assert.same({}, db:sent())
  end)
end)

describe("databases", function()
  it("are listed page by page, only those of RDS, with test resources marked", function()
    local mark = { { Key = "made-by", Value = "misconfiguration_maker" } }
    local list, calls_made = rds:discover { replies = {
      ["rds:DescribeDBInstances"] = policies.pages {
        { DBInstances = { instance(), instance { DBInstanceIdentifier = "graph",
          Engine = "neptune" }, instance { DBInstanceIdentifier = "papers", Engine = "docdb" } } },
        { DBInstances = {} },
        { DBInstances = { instance { DBInstanceIdentifier = "misconfig-maker" },
          instance { DBInstanceIdentifier = "b", TagList = mark }, aurora() } },
      },
    } }
    assert.same({
      { id = ID, test = false }, { id = "misconfig-maker", test = true },
      { id = "b", test = true }, { id = ID, test = false },
    }, list)
    assert.same({ MaxRecords = 100 }, calls_made[1].with)
  end)

  it("use every permission that they declare", function()
    assert.same({}, rds:never_called())
  end)
end)
