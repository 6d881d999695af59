-- policies/rds.lua: the database that an event is about.
local policies = require "support.policy"

local rds = policies.load "rds"

local ID = "shop"

describe("databases", function()
  it("are found in their events, in lower case", function()
    for name, delay in pairs {
      ModifyDBInstance = 120, CreateDBInstance = 900, CreateDBInstanceReadReplica = 900,
      StartDBInstance = 900, RestoreDBInstanceFromDBSnapshot = 900,
    } do
      local detail = { requestParameters = { dBInstanceIdentifier = "Shop",
        sourceDBInstanceIdentifier = "other" } }
      assert.same({ { id = ID, delay = delay } }, rds:event("rds:" .. name, detail))
      assert.has_error(function() rds:event("rds:" .. name, { requestParameters = {} }) end)
      assert.has_error(function()
        rds:event("rds:" .. name, { requestParameters = { dBInstanceIdentifier = 7 } })
      end)
    end
    local restore = { requestParameters = { targetDBInstanceIdentifier = "Shop",
      sourceDBInstanceIdentifier = "other" } }
    assert.same({ { id = ID, delay = 900 } }, rds:event("rds:RestoreDBInstanceToPointInTime",
      restore))
  end)

  it("have the new name after a rename, unless the rename is pending", function()
    local function id(immediately)
      return rds:event("rds:ModifyDBInstance", { requestParameters = {
        dBInstanceIdentifier = "old", newDBInstanceIdentifier = "new",
        applyImmediately = immediately } })[1].id
    end
    assert.equal("new", id(true))
    assert.equal("new", id(nil))
    assert.equal("old", id(false))
    assert.has_error(function() rds:event("rds:ModifyDBInstance", { requestParameters = "x" }) end)
    -- The response alone does not say when the new name takes effect.
    local answer = { dBInstanceIdentifier = "old",
      pendingModifiedValues = { dBInstanceIdentifier = "new" } }
    local cut = { requestParameters = { omitted = true }, responseElements = answer }
    assert.same({ { id = "new", delay = 120 }, { id = "old", delay = 120 } },
      rds:event("rds:ModifyDBInstance", cut))
    answer.pendingModifiedValues = {}
    assert.same({ { id = "old", delay = 120 } }, rds:event("rds:ModifyDBInstance", cut))
    cut.responseElements = { omitted = true }
    assert.has_error(function() rds:event("rds:ModifyDBInstance", cut) end)
  end)
end)
