-- policies/rds.lua, by the real engine.
local ID, NOW = "shop", 1795000000
local PUBLIC, UNENCRYPTED, TAGS = "rds.public", "rds.unencrypted", "rds.tags"

local function merged(made, changes)
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

-- The replies about a good database with these changes, and about its cluster.
local function replies(changes, of_cluster)
  local instance = merged({
    DBInstanceIdentifier = ID, Engine = "mysql", DBInstanceStatus = "available",
    StorageEncrypted = true, PubliclyAccessible = false, MultiAZ = false,
    InstanceCreateTime = NOW - 86400, TagList = { { Key = "owner", Value = "me" } },
  }, changes)
  local cluster = { DBClusterIdentifier = "main", Engine = "aurora-mysql", Status = "available" }
  return {
    ["rds:DescribeDBInstances"] = { DBInstances = { instance } },
    ["rds:DescribeDBClusters"] = instance.DBClusterIdentifier and {
      DBClusters = { merged(cluster, of_cluster) },
    } or nil,
  }
end

local function database(name, changes, expect, of_cluster)
  local case = { name = name, id = ID, expect = expect, replies = replies(changes, of_cluster) }
  case.settings = { REQUIRED_TAGS = "Owner" }
  return case
end

-- A call, its inverse, and the replies after the call.
local function change(call, undo, with, left, back)
  return {
    call = "rds:" .. call, with = with, replies = left,
    undo = { call = "rds:" .. undo, with = back or with },
  }
end

local function stopped(changes)
  return change("StopDBInstance", "StartDBInstance", { DBInstanceIdentifier = ID },
    replies(merged({ DBInstanceStatus = "stopping" }, changes)))
end

local bad = database("public and not encrypted",
  { PubliclyAccessible = true, StorageEncrypted = false },
  { [PUBLIC] = "non_compliant", [UNENCRYPTED] = "non_compliant" })
bad.changes = {
  change("ModifyDBInstance", "ModifyDBInstance",
    { DBInstanceIdentifier = ID, PubliclyAccessible = false }, replies { StorageEncrypted = false },
    { DBInstanceIdentifier = ID, PubliclyAccessible = true }),
  stopped { StorageEncrypted = false },
}

local untagged = database("a missing tag", { TagList = {} }, {
  [TAGS] = { status = "non_compliant", summary = "Owner" },
})
untagged.changes = { stopped { TagList = {} } }

local MEMBER = { Engine = "aurora-mysql", DBClusterIdentifier = "main", StorageEncrypted = false }
local member = database("a member of an Aurora cluster that is not encrypted", MEMBER,
  { [UNENCRYPTED] = "non_compliant" })
member.changes = {
  change("StopDBCluster", "StartDBCluster", { DBClusterIdentifier = "main" },
    replies(MEMBER, { Status = "stopping" })),
}

local replica = database("a read replica, which cannot be stopped",
  { StorageEncrypted = false, ReadReplicaSourceDBInstanceIdentifier = "main" },
  { [UNENCRYPTED] = "non_compliant" })
replica.repaired = { [UNENCRYPTED] = "held" }

local optional = database("no tags, and none that is required", { TagList = {} },
  { [TAGS] = "skipped" })
optional.settings = nil

local gone = database("a database that does not exist any more", {}, "gone")
gone.replies["rds:DescribeDBInstances"] = { fault = "DBInstanceNotFound" }

local function listed(name, engine)
  return { DBInstanceIdentifier = name, Engine = engine or "mysql" }
end

return {
  policy = "rds",
  cases = {
    database("a good database", {}, "compliant"),
    database("a stopped one, although it is not encrypted",
      { StorageEncrypted = false, DBInstanceStatus = "stopped" }, "compliant"),
    database("one that is not encrypted, and an hour old",
      { StorageEncrypted = false, InstanceCreateTime = NOW - 3600 }, "compliant"),
    database("one that is being made", { DBInstanceStatus = "creating" }, "pending"),
    database("a member of a Neptune cluster", { Engine = "neptune", StorageEncrypted = false },
      { [PUBLIC] = "skipped", [UNENCRYPTED] = "skipped", [TAGS] = "skipped" }),
    optional, bad, untagged, member, replica, gone,
  },
  listings = {
    {
      name = "databases of RDS, page by page",
      replies = {
        ["rds:DescribeDBInstances"] = { pages = {
          { DBInstances = { listed "a", listed("graph", "neptune") } },
          { DBInstances = { listed "b-misconfig-maker" } },
        } },
      },
      ids = { "a", { id = "b-misconfig-maker", test = true } },
    },
  },
  events = {
    {
      event = "rds:CreateDBInstance",
      detail = { requestParameters = { dBInstanceIdentifier = "Shop" } },
      ids = { { id = ID, delay = 900 } },
    },
  },
}
