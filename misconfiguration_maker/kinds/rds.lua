-- The smallest database, empty, unencrypted, with a public address, closed by its security group.
-- RDS manages its password. It has no tag.
local closed_network = require "closed_network"

local NAME = "misconfig-maker"
local GROUP = "misconfigured_database"
local GONE = "DBInstanceNotFound"

local function find(aws)
  local reply = aws.rds:try("DescribeDBInstances", { DBInstanceIdentifier = NAME }, GONE)
  return reply and reply.DBInstances[1]
end

local function create(aws)
  local vpc = closed_network.find(aws)
  aws.rds:CreateDBInstance {
    DBInstanceIdentifier = NAME, DBInstanceClass = "db.t3.micro", Engine = "mysql",
    AllocatedStorage = 20, MasterUsername = "maker", ManageMasterUserPassword = true,
    PubliclyAccessible = true, StorageEncrypted = false, BackupRetentionPeriod = 0,
    VpcSecurityGroupIds = { closed_network.group(aws, GROUP, vpc) },
  }
end

-- Undoes a repair; a database that is not available is not changed.
local function spoil(aws, instance)
  local status = instance.DBInstanceStatus
  if status == "stopped" then
    aws.rds:StartDBInstance { DBInstanceIdentifier = NAME }
  elseif status == "available" and not instance.PubliclyAccessible then
    aws.rds:ModifyDBInstance { DBInstanceIdentifier = NAME, PubliclyAccessible = true }
  end
end

return {
  make = function(aws)
    local instance = find(aws)
    if instance then spoil(aws, instance) else create(aws) end
    return { NAME }
  end,

  clean = function(aws)
    aws.rds:try("DeleteDBInstance", { DBInstanceIdentifier = NAME, SkipFinalSnapshot = true }, GONE,
      "InvalidDBInstanceState")
    closed_network.clean(aws, GROUP)
  end,
}
