-- A snapshot of an empty volume that anyone may use, and an unknown account by its id. If the
-- account blocks public snapshots (OperationNotPermitted), only the unknown account may.
local empty_snapshot = require "empty_snapshot"

local NAME = "misconfiguration_maker"
local UNKNOWN_ACCOUNT = "999988887777"

local function add(aws, id, more)
  local wanted = { SnapshotId = id, Attribute = "createVolumePermission", OperationType = "add" }
  for key, value in pairs(more) do wanted[key] = value end
  aws.ec2:try("ModifySnapshotAttribute", wanted, "OperationNotPermitted")
end

return {
  make = function(aws)
    local id = empty_snapshot.make(aws, NAME)
    add(aws, id, { UserIds = { UNKNOWN_ACCOUNT } })
    add(aws, id, { GroupNames = { "all" } })
    return { id }
  end,

  clean = function(aws) empty_snapshot.clean(aws, NAME) end,
}
