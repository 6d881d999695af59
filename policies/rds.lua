-- Databases are encrypted, private and tagged, or they are stopped.
local event_ids = require "lib.event_ids"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local unready = require "lib.unready"
local expect = require "lib.expect"

local CLUSTERS = "arn:${partition}:rds:${region}:${account}:cluster:*"
local INSTANCES = "arn:${partition}:rds:${region}:${account}:db:*"
local KEYS = "arn:${partition}:kms:${region}:${account}:key/*"

-- Databases of other services in the same API (RDS API reference, DescribeDBInstances).
local FOREIGN = { neptune = true, docdb = true }

-- States in which nothing runs, or soon will not (RDS user guide, "Viewing Amazon RDS DB instance
-- status").
local STILL = { stopped = true, stopping = true, deleting = true }

-- States that do not end by themselves. All others do, and then the instance is available.
local LASTING = {
  ["failed"] = true, ["inaccessible-encryption-credentials"] = true,
  ["inaccessible-encryption-credentials-recoverable"] = true, ["incompatible-create"] = true,
  ["incompatible-credentials"] = true, ["incompatible-network"] = true,
  ["incompatible-option-group"] = true, ["incompatible-parameters"] = true,
  ["incompatible-restore"] = true, ["insufficient-capacity"] = true, ["restore-error"] = true,
  ["stopped"] = true, ["storage-full"] = true,
}

local SOON = 300 -- seconds

local function is_named(name)
  return name ~= nil and name ~= ""
end

local function described(db)
  local wanted = { DBInstanceIdentifier = db.id }
  local reply = db.aws.rds:try("DescribeDBInstances", wanted, "DBInstanceNotFound")
  if not reply then return nil end
  local instance = expect(reply, "rds:DescribeDBInstances", "DBInstances").DBInstances[1]
  return instance or error("rds:DescribeDBInstances returned no instance", 0)
end

local function instance_of(db)
  local instance = db.listed or described(db)
  return instance and expect(instance, "rds:DescribeDBInstances", "DBInstanceStatus", "Engine")
end

-- The cluster of a member that may have to be stopped; nil for others, and if it does not exist.
local function cluster_of(db, id)
  if not id then return nil end
  local wanted = { DBClusterIdentifier = id }
  local reply = db.aws.rds:try("DescribeDBClusters", wanted, "DBClusterNotFoundFault")
  local cluster = reply and expect(reply, "rds:DescribeDBClusters", "DBClusters").DBClusters[1]
  return cluster and expect(cluster, "rds:DescribeDBClusters", "Status")
end

-- What the checks need, without states that end by themselves. A repair and an undo compare states,
-- and a database may be starting, modifying or backing up at any time. Data that only fixes need is
-- returned by a function, so that states are not compared by it.
local function state_of(instance)
  expect(instance, "rds:DescribeDBInstances", "StorageEncrypted", "PubliclyAccessible", "TagList")
  return {
    encrypted = instance.StorageEncrypted,
    public = instance.PubliclyAccessible,
    created = instance.InstanceCreateTime,
    cluster = is_named(instance.DBClusterIdentifier) and instance.DBClusterIdentifier or nil,
    tags = tags.map(instance.TagList),
    now = function() return instance end,
  }
end

local function is_stray(state, settings)
  return not state.encrypted or not tags.audit(state.tags, settings)
end

-- A function that returns the cluster of a member that may have to be stopped.
local function cluster_now(db, state)
  local cluster = is_stray(state, db.settings) and cluster_of(db, state.cluster) or nil
  return function() return cluster end
end

-- A cluster that was stopped counts as stopping, whatever the states of its members are.
local function is_running(_, state)
  if STILL[state.now().DBInstanceStatus] then return false end
  local cluster = state.cluster and state.cluster_now()
  return not (cluster and STILL[cluster.Status])
end

local function obstacle(what, status) return unready(what, status, LASTING, SOON) end

local function is_aurora(instance)
  return instance.Engine:find("^aurora") ~= nil
end

local function has_any(list)
  return list ~= nil and #list > 0
end

-- Why RDS would not stop this instance, or nil (RDS user guide, "Stopping an Amazon RDS DB instance
-- temporarily", limitations; RDS Custom: API reference, StopDBInstance).
local function instance_refusal(instance)
  if is_named(instance.ReadReplicaSourceDBInstanceIdentifier)
    or is_named(instance.ReadReplicaSourceDBClusterIdentifier) then
    return "it is a read replica, which cannot be stopped"
  elseif has_any(instance.ReadReplicaDBInstanceIdentifiers)
    or has_any(instance.ReadReplicaDBClusterIdentifiers) then
    return "it has read replicas, and cannot be stopped"
  elseif instance.Engine:find("^custom") then
    return "it is an RDS Custom instance, which cannot be stopped"
  elseif instance.Engine:find("^sqlserver")
    and (instance.MultiAZ or is_named(instance.SecondaryAvailabilityZone)) then
    return "it is SQL Server in several zones, which cannot be stopped"
  end
  return nil
end

-- The region of an ARN; nil for a plain name, which means this region.
local function region_of(name)
  return name:match("^arn:[^:]*:[^:]*:([^:]+):")
end

local function is_far(db, name)
  local region = is_named(name) and region_of(name)
  return region and region ~= db.region
end

-- Why Aurora would not stop this cluster, or nil (Aurora user guide, "Stopping and starting an
-- Amazon Aurora DB cluster", limitations).
local function cluster_refusal(db, cluster)
  if is_named(cluster.GlobalClusterIdentifier)
    or is_named(cluster.GlobalWriteForwardingStatus) then
    return "its cluster is part of a global database, and cannot be stopped"
  elseif is_named(cluster.EngineMode) and cluster.EngineMode ~= "provisioned" then
    return ("its cluster is in the mode %s, and cannot be stopped"):format(cluster.EngineMode)
  end
  if is_far(db, cluster.ReplicationSourceIdentifier) then
    return "its cluster is a replica of one in another region, and cannot be stopped"
  end
  for _, replica in ipairs(cluster.ReadReplicaIdentifiers or {}) do
    if is_far(db, replica) then
      return "its cluster has a replica in another region, and cannot be stopped"
    end
  end
  return nil
end

local function pair(call, undo, with)
  return { call = call, with = with, undo = { call = undo, with = with } }
end

local function stop_instance(db, instance)
  local why = instance_refusal(instance)
  if why then return { held = why } end
  local step = pair("rds:StopDBInstance", "rds:StartDBInstance", { DBInstanceIdentifier = db.id })
  return { step }, { running = false }
end

-- A member is only stopped together with its cluster, and not at all if that is not an Aurora
-- cluster (RDS API reference, StopDBCluster).
local function stop_cluster(db, instance, state)
  if not is_aurora(instance) then
    return { held = "its cluster is a Multi-AZ cluster, which cannot be stopped" }
  end
  local cluster = state.cluster_now()
  if not cluster then return { later = SOON } end
  local why = cluster_refusal(db, cluster)
  if why then return { held = why } end
  local wait = obstacle("cluster", cluster.Status)
  if wait then return wait end
  local with = { DBClusterIdentifier = state.cluster }
  local step = pair("rds:StopDBCluster", "rds:StartDBCluster", with)
  return { step }, { running = false }
end

local function stop(db, state)
  local instance = state.now()
  local wait = obstacle("instance", instance.DBInstanceStatus)
  if wait then return wait end
  local stop_it = state.cluster and stop_cluster or stop_instance
  return stop_it(db, instance, state)
end

local function modify(db, public)
  local with = { DBInstanceIdentifier = db.id, PubliclyAccessible = public }
  return { call = "rds:ModifyDBInstance", with = with }
end

-- A new name takes effect at once, or in the maintenance window: the response alone does not say
-- which.
local function renamed(event)
  local new, old = "requestParameters.newDBInstanceIdentifier",
    "requestParameters.dBInstanceIdentifier"
  local answered = "responseElements.dBInstanceIdentifier"
  local wanted = event.requestParameters
  if event_ids.is_cut(wanted) then
    return event_ids.all(event, "responseElements.pendingModifiedValues.dBInstanceIdentifier",
      answered)
  end
  if type(wanted) == "table" and wanted.applyImmediately == false then new, old = old, new end
  return event_ids.first(event, new, old, answered):lower()
end

-- RDS keeps names in lower case (RDS API reference, CreateDBInstance).
local created = event_ids.lower("requestParameters.dBInstanceIdentifier",
  "responseElements.dBInstanceIdentifier")
local restored = event_ids.lower("requestParameters.targetDBInstanceIdentifier",
  "responseElements.dBInstanceIdentifier")

-- A new database is checked when its grace period is over.
local function grace_note(grace, left)
  local summary = "the storage is not encrypted: reported when the database is %d minutes old"
  return { summary = summary:format(grace // 60), later = math.ceil(left) + 1 }
end

local function is_ours(_, state) return not state.foreign end

return policy {
  type = "rds",
  title = "RDS database instance",
  aws_type = "AWS::RDS::DBInstance",
  arn = "arn:${partition}:rds:${region}:${account}:db:${id}",
  id = { canonical = spellings.lower("rds", "db:"), form = "${lower}" },

  permissions = {
    read = {
      ["rds:DescribeDBInstances"] = { on = INSTANCES },
      ["rds:DescribeDBClusters"] = { on = CLUSTERS },
    },
    write = {
      ["rds:ModifyDBInstance"] = { on = INSTANCES },
      ["rds:StopDBInstance"] = { on = INSTANCES },
      ["rds:StartDBInstance"] = { on = INSTANCES },
      ["rds:StopDBCluster"] = { on = CLUSTERS },
      ["rds:StartDBCluster"] = { on = CLUSTERS },
      -- RDS uses a customer managed key on behalf of the caller that starts the database (RDS user
      -- guide, "AWS KMS key management").
      ["kms:CreateGrant"] = { call = false, on = KEYS },
      ["kms:DescribeKey"] = { call = false, on = KEYS },
    },
  },

  events = {
    ["rds:ModifyDBInstance"] = { id = renamed, delay = 120 },
    ["rds:CreateDBInstance"] = { id = created, delay = 900 },
    ["rds:CreateDBInstanceReadReplica"] = { id = created, delay = 900 },
    ["rds:StartDBInstance"] = { id = created, delay = 900 },
    ["rds:RestoreDBInstanceFromDBSnapshot"] = { id = created, delay = 900 },
    ["rds:RestoreDBInstanceToPointInTime"] = { id = restored, delay = 900 },
  },

  discover = function(scope)
    for page in scope.aws.rds:pages("DescribeDBInstances", { MaxRecords = 100 }) do
      expect(page, "rds:DescribeDBInstances", "DBInstances")
      for _, instance in ipairs(page.DBInstances) do
        local name = instance.DBInstanceIdentifier
        local test = test_resources.marked(name, tags.map(instance.TagList))
        if not FOREIGN[instance.Engine] then
          scope:found(name, { test = test, listed = instance })
        end
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  fetch = function(db)
    local instance = instance_of(db)
    if not instance then return nil end
    if FOREIGN[instance.Engine] then return { foreign = true } end
    if instance.DBInstanceStatus == "creating" then return db:later(SOON) end
    return state_of(instance)
  end,

  reads = { running = is_running, cluster_now = cluster_now },

  -- Private first: a stopped instance cannot be modified.
  checks = {
    {
      id = "rds.public",
      title = "Database is publicly accessible",
      severity = "critical",
      controls = { securityhub = { "RDS.2" }, cis = { "2.3.3" } },
      risk = "The database can be reached from the internet: only security groups and passwords "
        .. "protect it.",
      advice = "Turn off public access, and reach the database from within the VPC or through "
        .. "a VPN.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-2",
      impact = "interrupts",
      repair = "Turns off public access: clients outside the VPC lose access to the database; "
        .. "those inside stay connected.",
      when = is_ours,

      audit = function(_, state)
        if not state.public then return true end
        return false, "the database has a public address"
      end,

      -- Takes effect at once. ApplyImmediately is not set, so that other changes keep waiting for
      -- the maintenance window (RDS API reference, ModifyDBInstance).
      fix = function(db, state)
        local instance = state.now()
        local wait = obstacle("instance", instance.DBInstanceStatus)
        if wait then return wait end
        if state.cluster and not is_aurora(instance) then
          return { held = "a member of a Multi-AZ cluster cannot be modified alone" }
        end
        local step = modify(db, false)
        step.undo = modify(db, true)
        return { step }, { public = false }
      end,
    },
    {
      id = "rds.unencrypted",
      title = "Database storage is not encrypted",
      severity = "high",
      -- A stopped database passes, and a cluster is seen only through its instances.
      controls = { securityhub = { "RDS.3 ~", "RDS.27 ~" }, cis = { "2.3.1 ~" } },
      risk = "Anyone with access to the storage, a snapshot or a backup can read all data.",
      advice = "Copy a snapshot of the database with encryption, restore from the copy, and "
        .. "delete the unencrypted database.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3",
      impact = "stops",
      repair = "Stops the database (of an Aurora member, the whole cluster): clients lose "
        .. "access until it is started; AWS starts it automatically after seven days.",
      when = is_ours,

      audit = function(db, state)
        if state.encrypted or not state.running then return true end
        if not state.created then error("rds:DescribeDBInstances returned no creation time", 0) end
        local grace = db.settings.db_check_time * 60 -- 0: no grace, even if the clocks differ
        local left = grace - (db.now - state.created)
        if grace > 0 and left >= 0 then return true, grace_note(grace, left) end
        return false, "the storage of the database is not encrypted"
      end,

      fix = stop,
    },
    {
      id = "rds.tags",
      title = "Database lacks a required tag",
      severity = "low",
      risk = "Without its tags the owner of the database is not known, and budgets and rules "
        .. "by tag miss it.",
      advice = "Add the tags that REQUIRED_TAGS names.",
      url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html",
      impact = "stops",
      repair = "Stops the database (of an Aurora member, the whole cluster): clients lose "
        .. "access until it is started; AWS starts it automatically after seven days.",
      needs = "required_tags",
      when = is_ours,

      audit = function(db, state)
        if not state.running then return true end
        return tags.audit(state.tags, db.settings)
      end,

      fix = stop,
    },
  },
}
