-- policies/rds_snapshot.lua, by the real engine.
local ID = "orders-before-upgrade"
local FRIEND, STRANGER = "222233334444", "999988887777"
local PUBLIC, SHARED = "rds_snapshot.public", "rds_snapshot.shared"

local function missing(kind) return { fault = kind .. "NotFoundFault" } end

-- Adds the replies about a snapshot of the kind that these may restore.
local function add(replies, kind, values, more)
  local snapshot = { [kind .. "Identifier"] = ID, Status = "available", SnapshotType = "manual" }
  for key, value in pairs(more or {}) do snapshot[key] = value end
  replies["rds:Describe" .. kind .. "s"] = { [kind .. "s"] = { snapshot } }
  replies["rds:Describe" .. kind .. "Attributes"] = {
    [kind .. "AttributesResult"] = { [kind .. "Attributes"] = {
      { AttributeName = "restore", AttributeValues = values },
    } },
  }
  return replies
end

-- What RDS returns if there is no snapshot of either kind.
local function none()
  local replies = {}
  for _, kind in ipairs { "DBSnapshot", "DBClusterSnapshot" } do
    replies["rds:Describe" .. kind .. "s"] = missing(kind)
    replies["rds:Describe" .. kind .. "Attributes"] = missing(kind)
  end
  return replies
end

local function instance(values, more) return add(none(), "DBSnapshot", values, more) end
local function cluster(values, more) return add(none(), "DBClusterSnapshot", values, more) end

local function case(name, replies, expect)
  local settings = { KNOWN_ACCOUNTS = FRIEND }
  return { name = name, id = ID, settings = settings, replies = replies, expect = expect }
end

-- The removal of one value from the snapshot of a kind.
local function removed(kind, value, replies)
  local function modify(list)
    return {
      call = "rds:Modify" .. kind .. "Attribute",
      with = { [kind .. "Identifier"] = ID, AttributeName = "restore", [list] = { value } },
    }
  end
  local change = modify "ValuesToRemove"
  change.undo, change.replies = modify "ValuesToAdd", replies
  return change
end

local everyone = case("everyone", instance { "all" }, { [PUBLIC] = "non_compliant" })
everyone.changes = { removed("DBSnapshot", "all", instance {}) }

local both = case("a cluster's, everyone and an unknown account beside a known one",
  cluster { FRIEND, "all", STRANGER }, {
    [PUBLIC] = "non_compliant", [SHARED] = { status = "non_compliant", summary = STRANGER },
  })
both.changes = {
  removed("DBClusterSnapshot", "all", cluster { FRIEND, STRANGER }),
  removed("DBClusterSnapshot", STRANGER, cluster { FRIEND }),
}

local encrypted = case("an encrypted one, which cannot be made public again",
  cluster({ "all" }, { StorageEncrypted = true }), { [PUBLIC] = "non_compliant" })
encrypted.changes = { removed("DBClusterSnapshot", "all", cluster {}) }
encrypted.changes[1].undo, encrypted.changes[1].irreversible = nil, true

local automated = case("an automated one, which RDS does not change",
  instance({ "all" }, { SnapshotType = "automated" }), { [PUBLIC] = "non_compliant" })
automated.repaired = { [PUBLIC] = "held" }

local untrusting = case("an unknown account, if no account is known", instance { STRANGER },
  { [SHARED] = "non_compliant" })
untrusting.settings, untrusting.repaired = nil, { [SHARED] = "held" }

local function named(kind, id, of)
  return { [kind .. "Identifier"] = id, SnapshotType = of or "manual" }
end

return {
  policy = "rds_snapshot",
  cases = {
    case("a private snapshot", instance {}, "compliant"),
    case("a known account, and its own", instance { FRIEND, "111122223333" }, "compliant"),
    case("a snapshot that is being made", instance({ "all" }, { Status = "creating" }), "pending"),
    case("a snapshot that does not exist any more", none(), "gone"),
    everyone, both, encrypted, automated, untrusting,
  },
  listings = {
    {
      name = "both kinds, page by page",
      replies = {
        ["rds:DescribeDBSnapshots"] = { pages = {
          { DBSnapshots = { named("DBSnapshot", "a"), named("DBSnapshot", "b", "automated") } },
          { DBSnapshots = { named("DBSnapshot", "c-misconfig-maker") } },
        } },
        ["rds:DescribeDBClusterSnapshots"] = { DBClusterSnapshots = {
          named("DBClusterSnapshot", "a"), named("DBClusterSnapshot", "d"),
        } },
      },
      ids = { "a", { id = "c-misconfig-maker", test = true }, "d" },
    },
  },
  events = {
    {
      event = "rds:ModifyDBSnapshotAttribute",
      detail = { requestParameters = { dBSnapshotIdentifier = ID } },
      ids = { ID },
    },
    {
      event = "rds:ModifyDBClusterSnapshotAttribute",
      detail = { responseElements = { dBClusterSnapshotIdentifier = ID } },
      ids = { ID },
    },
  },
}
