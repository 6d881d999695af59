-- A snapshot of an empty database that anyone may restore, and an unknown account by its id. It is
-- created from a database instance that cannot be reached, and that is deleted when the snapshot
-- exists.
local wait = require "wait"

local NAME = "misconfig-maker"
local INSTANCE = "misconfig-maker-snapshot"
local UNKNOWN_ACCOUNT = "999988887777"
local NO_SNAPSHOT, NO_INSTANCE = "DBSnapshotNotFound", "DBInstanceNotFound"

local function snapshot_of(aws)
  local wanted = { DBSnapshotIdentifier = NAME }
  local reply = aws.rds:try("DescribeDBSnapshots", wanted, NO_SNAPSHOT, NO_SNAPSHOT .. "Fault")
  return reply and reply.DBSnapshots[1]
end

local function instance_of(aws)
  local wanted = { DBInstanceIdentifier = INSTANCE }
  local reply = aws.rds:try("DescribeDBInstances", wanted, NO_INSTANCE, NO_INSTANCE .. "Fault")
  return reply and reply.DBInstances[1]
end

-- A password that nobody knows; the instance has no public address.
local function password()
  local source = assert(io.open("/dev/urandom", "rb"))
  local bytes = source:read(16)
  source:close()
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- Unencrypted, which is RDS's default: only an unencrypted snapshot can be public.
local function create_instance(aws)
  aws.rds:CreateDBInstance {
    DBInstanceIdentifier = INSTANCE, DBInstanceClass = "db.t3.micro", Engine = "mysql",
    AllocatedStorage = 20, MasterUsername = "maker", MasterUserPassword = password(),
    PubliclyAccessible = false, BackupRetentionPeriod = 0,
  }
end

local function create_snapshot(aws)
  if not instance_of(aws) then create_instance(aws) end
  wait("database", function()
    local instance = instance_of(aws)
    return instance and instance.DBInstanceStatus == "available"
  end)
  aws.rds:CreateDBSnapshot { DBInstanceIdentifier = INSTANCE, DBSnapshotIdentifier = NAME }
end

local function delete_instance(aws)
  if not instance_of(aws) then return end
  local wanted = { DBInstanceIdentifier = INSTANCE, SkipFinalSnapshot = true }
  aws.rds:try("DeleteDBInstance", wanted, NO_INSTANCE, NO_INSTANCE .. "Fault",
    "InvalidDBInstanceState")
end

local function share(aws)
  local wanted = { DBSnapshotIdentifier = NAME }
  local reply = aws.rds:DescribeDBSnapshotAttributes(wanted).DBSnapshotAttributesResult
  local there = {}
  for _, attribute in ipairs(reply.DBSnapshotAttributes) do
    for _, value in ipairs(attribute.AttributeValues) do there[value] = true end
  end
  for _, value in ipairs { "all", UNKNOWN_ACCOUNT } do
    if not there[value] then
      aws.rds:ModifyDBSnapshotAttribute {
        DBSnapshotIdentifier = NAME, AttributeName = "restore", ValuesToAdd = { value },
      }
    end
  end
end

return {
  make = function(aws)
    if not snapshot_of(aws) then create_snapshot(aws) end
    wait("database snapshot", function()
      local snapshot = snapshot_of(aws)
      return snapshot and snapshot.Status == "available"
    end)
    delete_instance(aws)
    share(aws)
    return { NAME }
  end,

  clean = function(aws)
    local wanted = { DBSnapshotIdentifier = NAME }
    aws.rds:try("DeleteDBSnapshot", wanted, NO_SNAPSHOT, NO_SNAPSHOT .. "Fault")
    delete_instance(aws)
  end,
}
