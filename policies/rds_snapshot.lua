-- Only known accounts may restore databases from snapshots. A snapshot is one of an instance or of
-- a cluster (Aurora and Multi-AZ clusters, Neptune, DocumentDB).
local sharing = require "lib.sharing"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local INSTANCES = "arn:${partition}:rds:${region}:${account}:db:*"
local CLUSTERS = "arn:${partition}:rds:${region}:${account}:cluster:*"
local SNAPSHOTS = "arn:${partition}:rds:${region}:${account}:snapshot:*"
local CLUSTER_SNAPSHOTS = "arn:${partition}:rds:${region}:${account}:cluster-snapshot:*"

local LATER = 300 -- seconds
local UNREADY = { creating = true, copying = true, pending = true }

-- (RDS API reference, ModifyDBSnapshotAttribute.)
local ENCRYPTED = "an encrypted snapshot cannot be made public again"
local NOT_MANUAL = "only manual snapshots can be changed, and this one is not"

-- The two kinds, and how their calls differ. `gone`: RDS's error codes for a missing snapshot (API
-- reference).
local INSTANCE = {
  name = "DBSnapshot", list = "DBSnapshots", encrypted = "Encrypted",
  describe = "DescribeDBSnapshots", attributes = "DescribeDBSnapshotAttributes",
  modify = "rds:ModifyDBSnapshotAttribute",
  gone = { "DBSnapshotNotFound", "DBSnapshotNotFoundFault" },
}
local CLUSTER = {
  name = "DBClusterSnapshot", list = "DBClusterSnapshots", encrypted = "StorageEncrypted",
  describe = "DescribeDBClusterSnapshots", attributes = "DescribeDBClusterSnapshotAttributes",
  modify = "rds:ModifyDBClusterSnapshotAttribute",
  gone = { "DBClusterSnapshotNotFoundFault" },
}
local KINDS = { INSTANCE, CLUSTER }

local function identifier(kind, snapshot)
  return { [kind.name .. "Identifier"] = snapshot.id }
end

-- The grants of the snapshot of this kind, or nil if there is none. RDS always returns the restore
-- attribute (API reference, DescribeDBSnapshotAttributes).
local function grants_of(kind, snapshot)
  local wanted, call = identifier(kind, snapshot), "rds:" .. kind.attributes
  local reply = snapshot.aws.rds:try(kind.attributes, wanted, table.unpack(kind.gone))
  if not reply then return nil end
  local result, list = kind.name .. "AttributesResult", kind.name .. "Attributes"
  local attributes = expect(expect(reply, call, result)[result], call, list)[list]
  for _, attribute in ipairs(attributes) do
    if attribute.AttributeName == "restore" then
      local values = expect(attribute, call, "AttributeValues").AttributeValues
      return sharing.of_values(values, kind.name)
    end
  end
  error(call .. " returned no attribute restore", 0)
end

-- The snapshot of this kind, or nil.
local function describe(kind, snapshot)
  local wanted, call = identifier(kind, snapshot), "rds:" .. kind.describe
  local reply = snapshot.aws.rds:try(kind.describe, wanted, table.unpack(kind.gone))
  return reply and expect(reply, call, kind.list)[kind.list][1]
end

-- Adds the snapshot of this kind to the state; false if there is none. A snapshot that is not
-- shared passes every check, so nothing else is read.
local function look(kind, snapshot, state)
  local grants = grants_of(kind, snapshot)
  if not grants then return false end
  if #grants == 0 then return true end
  local found = describe(kind, snapshot)
  if not found then return false end
  if UNREADY[found.Status] then snapshot:later(LATER) end
  for _, grant in ipairs(grants) do state.grants[#state.grants + 1] = grant end
  state.of[kind.name] = {
    encrypted = found[kind.encrypted] or false,
    manual = found.SnapshotType == "manual",
    tags = tags.map(found.TagList),
  }
  return true
end

local function of_kind(kind, grants)
  local mine = {}
  for _, grant in ipairs(grants) do
    if grant.of == kind.name then mine[#mine + 1] = grant end
  end
  return mine
end

local VALUES = { add = "ValuesToAdd", remove = "ValuesToRemove" }

-- The state without these grants. If a kind is not shared any more, nothing else is read.
local function without(state, taken)
  local after = { grants = sharing.without(state.grants, taken), of = {} }
  for name, known in pairs(state.of) do
    if #of_kind({ name = name }, after.grants) > 0 then after.of[name] = known end
  end
  return after
end

-- Adds the steps for this kind to those for the kinds before, which remove `taken`.
local function remove_of(kind, snapshot, state, gone, steps, taken)
  local known, mine = state.of[kind.name], of_kind(kind, gone)
  local never = #mine > 0 and known.encrypted and ENCRYPTED or nil
  local made = sharing.removal(mine, never, function(operation, grants)
    local with = identifier(kind, snapshot)
    with.AttributeName = "restore"
    with[VALUES[operation]] = sharing.values(grants)
    return { call = kind.modify, with = with }
  end, function(grants)
    local all = table.move(taken, 1, #taken, 1, {})
    return without(state, table.move(grants, 1, #grants, #all + 1, all))
  end)
  table.move(made, 1, #made, #steps + 1, steps)
  table.move(mine, 1, #mine, #taken + 1, taken)
end

local function remove(snapshot, state, gone)
  for _, grant in ipairs(gone) do
    if not state.of[grant.of].manual then return { held = NOT_MANUAL } end
  end
  local steps, taken = {}, {}
  for _, kind in ipairs(KINDS) do remove_of(kind, snapshot, state, gone, steps, taken) end
  return steps
end

return policy {
  type = "rds_snapshot",
  title = "RDS snapshot",
  aws_type = "AWS::RDS::DBSnapshot",
  arn = function(_, state)
    local is_of_cluster = state and state.of[CLUSTER.name] and not state.of[INSTANCE.name]
    local kind = is_of_cluster and "cluster-snapshot" or "snapshot"
    return "arn:${partition}:rds:${region}:${account}:" .. kind .. ":${id}"
  end,
  id = { canonical = spellings.lower("rds", "snapshot:", "cluster-snapshot:"), form = "${lower}" },

  permissions = {
    read = {
      ["rds:DescribeDBSnapshots"] = { on = { SNAPSHOTS, INSTANCES } },
      ["rds:DescribeDBSnapshotAttributes"] = { on = SNAPSHOTS },
      ["rds:DescribeDBClusterSnapshots"] = { on = { CLUSTER_SNAPSHOTS, CLUSTERS } },
      ["rds:DescribeDBClusterSnapshotAttributes"] = { on = CLUSTER_SNAPSHOTS },
    },
    write = {
      ["rds:ModifyDBSnapshotAttribute"] = { on = SNAPSHOTS },
      ["rds:ModifyDBClusterSnapshotAttribute"] = { on = CLUSTER_SNAPSHOTS },
    },
  },

  events = {
    ["rds:ModifyDBSnapshotAttribute"] = { id = {
      "requestParameters.dBSnapshotIdentifier", "responseElements.dBSnapshotIdentifier",
    } },
    ["rds:ModifyDBClusterSnapshotAttribute"] = { id = {
      "requestParameters.dBClusterSnapshotIdentifier",
      "responseElements.dBClusterSnapshotIdentifier",
    } },
  },

  -- Only manual snapshots can be shared. An id that exists in both kinds is one resource.
  discover = function(scope)
    local ids, about = {}, {}
    for _, kind in ipairs(KINDS) do
      local wanted = { SnapshotType = "manual", MaxRecords = 100 }
      for page in scope.aws.rds:pages(kind.describe, wanted) do
        for _, snapshot in ipairs(expect(page, "rds:" .. kind.describe, kind.list)[kind.list]) do
          local id = snapshot[kind.name .. "Identifier"]
          if snapshot.SnapshotType == "manual" then
            if not about[id] then
              local test = test_resources.marked(id, tags.map(snapshot.TagList))
              ids[#ids + 1], about[id] = id, { test = test, listed = {} }
            end
            about[id].listed[kind.name] = true
          end
        end
      end
    end
    for _, id in ipairs(ids) do scope:found(id, about[id]) end
  end,

  tags = function(_, state)
    local map = {}
    for _, kind in ipairs(KINDS) do
      local known = state.of[kind.name]
      for key, value in pairs(known and known.tags or {}) do map[key] = value end
    end
    return map
  end,

  -- Each kind has its own names: an id may be a snapshot of both kinds, so both are read, unless
  -- both were listed and only one has it.
  fetch = function(snapshot)
    local state, there, listed = { grants = {}, of = {} }, false, snapshot.listed
    for _, kind in ipairs(KINDS) do
      if not listed or listed[kind.name] then there = look(kind, snapshot, state) or there end
    end
    return there and state or nil
  end,

  checks = {
    {
      id = "rds_snapshot.public",
      title = "Anyone may restore the snapshot",
      severity = "critical",
      controls = { securityhub = { "RDS.1" } },
      risk = "Anyone with an AWS account can restore the snapshot and read all data in it.",
      advice = "Remove all from the restore attribute, and name the accounts that need the "
        .. "snapshot.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-1",
      impact = "none",
      repair = "Removes the restore permission of everyone; named accounts keep theirs, and "
        .. "databases that were restored stay.",

      audit = sharing.audit_public "may restore it",
      fix = remove,
    },
    {
      id = "rds_snapshot.shared",
      title = "An unknown account may restore the snapshot",
      severity = "high",
      risk = "An account that you do not know can restore the snapshot and read all data in it.",
      advice = "Remove the account from the restore attribute, or add it to KNOWN_ACCOUNTS.",
      url = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
      impact = "none",
      repair = "Removes the restore permissions of unknown accounts; all others stay, and "
        .. "databases that were restored stay.",

      audit = sharing.audit_untrusted "may restore it",
      fix = sharing.fix_untrusted(remove),
    },
  },
}
