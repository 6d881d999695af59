-- policies/rds_snapshot.lua with snapshots of both kinds that store the values that they are given.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local snapshots = policies.load "rds_snapshot"

local ID = "orders-before-upgrade"
local OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"
local OTHER = "888877776666"

local KINDS = {
  instance = { name = "DBSnapshot", gone = "DBSnapshotNotFound", encrypted = "Encrypted" },
  cluster = {
    name = "DBClusterSnapshot", gone = "DBClusterSnapshotNotFoundFault",
    encrypted = "StorageEncrypted",
  },
}

local function attributes(kind, list)
  return { [kind.name .. "AttributesResult"] = {
    [kind.name .. "Identifier"] = ID, [kind.name .. "Attributes"] = list,
  } }
end

local function apply(values, params)
  assert.is_true((params.ValuesToAdd == nil) ~= (params.ValuesToRemove == nil))
  for _, value in ipairs(params.ValuesToRemove or {}) do
    local at
    for i, one in ipairs(values) do at = one == value and i or at end
    table.remove(values, assert(at, "there is no such value"))
  end
  for _, value in ipairs(params.ValuesToAdd or {}) do table.insert(values, 1, value) end
end

-- box: { values = { … }, snapshot = more fields }; nil if there is no snapshot of that kind
local function add_replies(replies, kind, box)
  local missing = policies.fault(kind.gone, "no", 404)
  replies["rds:Describe" .. kind.name .. "Attributes"] = function(params)
    assert.same({ [kind.name .. "Identifier"] = ID }, params)
    if not box then return missing end
    return attributes(kind, {
      { AttributeName = "other", AttributeValues = { "all" } },
      { AttributeName = "restore", AttributeValues = box.values },
    })
  end
  replies["rds:Describe" .. kind.name .. "s"] = function(params)
    assert.same({ [kind.name .. "Identifier"] = ID }, params)
    if not box then return missing end
    local shown = { Status = "available", SnapshotType = "manual", [kind.encrypted] = false,
      TagList = { { Key = kind.name, Value = "yes" } } }
    for key, value in pairs(box.snapshot or {}) do shown[key] = value end
    return { [kind.name .. "s"] = { shown } }
  end
  replies["rds:Modify" .. kind.name .. "Attribute"] = function(params)
    assert.equal(ID, params[kind.name .. "Identifier"])
    assert.equal("restore", params.AttributeName)
    apply(box.values, params)
    return {}
  end
end

-- boxes: { instance = box, cluster = box }
local function snapshot_with(boxes, options)
  options = options or {}
  local replies = {}
  for name, kind in pairs(KINDS) do add_replies(replies, kind, boxes[name]) end
  for name, reply in pairs(options.replies or {}) do replies[name] = reply end
  return snapshots:resource {
    id = ID, replies = replies, trusted = options.trusted or { FRIEND }, listed = options.listed,
    settings = options.settings or { known_accounts = { FRIEND } },
  }
end

local function each_kind(test)
  for name, kind in pairs(KINDS) do
    test(kind, function(values, more, options)
      local box = { values = values, snapshot = more }
      return snapshot_with({ [name] = box }, options), box
    end)
  end
end

local function statuses(outcome)
  return { outcome["rds_snapshot.public"].status, outcome["rds_snapshot.shared"].status }
end

local BOTH_FIXED = { ["rds_snapshot.public"] = "fixed", ["rds_snapshot.shared"] = "fixed" }

describe("a database snapshot's audit", function()
  it("passes if nobody has access, in one call for each kind", function()
    each_kind(function(_, make)
      local snapshot = make {}
      assert.same({ "compliant", "compliant" }, statuses(snapshot:plan()))
      assert.equal(2, #snapshot.calls)
    end)
  end)

  it("passes for known accounts and for its own account", function()
    each_kind(function(kind, make)
      local outcome = make({ FRIEND, OWN }):plan()
      assert.same({ "compliant", "compliant" }, statuses(outcome))
      assert.same({ [kind.name] = "yes" }, outcome.tags)
    end)
  end)

  it("distinguishes everyone from named accounts", function()
    each_kind(function(kind, make)
      local outcome = make({ STRANGER, "all", FRIEND, OTHER }):audit()
      assert.same({ "non_compliant", "non_compliant" }, statuses(outcome))
      local public, shared = outcome["rds_snapshot.public"], outcome["rds_snapshot.shared"]
      assert.equal("anyone may restore it", public.summary)
      assert.same({ { kind = "Group", value = "all", of = kind.name } }, public.evidence)
      assert.equal("888877776666, 999988887777 may restore it", shared.summary)
      assert.same({ "non_compliant", "compliant" }, statuses(make({ "all" }):audit()))
      assert.same({ "compliant", "non_compliant" }, statuses(make({ STRANGER }):audit()))
    end)
  end)

  it("asks only for the kinds that were listed", function()
    each_kind(function(kind, make)
      local snapshot = make({ "all" }, nil, { listed = { [kind.name] = true } })
      assert.same({ "non_compliant", "compliant" }, statuses(snapshot:audit()))
      assert.equal(2, #snapshot.calls) -- the attributes, and the snapshot because it is shared
    end)
    local boxes = { instance = { values = {} }, cluster = { values = { "all" } } }
    local listed = { DBSnapshot = true, DBClusterSnapshot = true }
    local snapshot = snapshot_with(boxes, { listed = listed })
    assert.same({ "non_compliant", "compliant" }, statuses(snapshot:audit()))
  end)

  it("audits both if an instance's and a cluster's snapshot have the same id", function()
    local snapshot = snapshot_with { instance = { values = {} }, cluster = { values = { "all" } } }
    assert.same({ "non_compliant", "compliant" }, statuses(snapshot:audit()))
    local outcome = snapshot_with {
      instance = { values = { STRANGER } }, cluster = { values = { FRIEND } },
    }:audit()
    assert.same({ "compliant", "non_compliant" }, statuses(outcome))
    assert.same({ DBSnapshot = "yes", DBClusterSnapshot = "yes" }, outcome.tags)
  end)

  it("is unknown if it cannot tell who is trusted", function()
    each_kind(function(_, make)
      local untold = { trusted = function() return nil end }
      local outcome = make({ "all", STRANGER }, nil, untold):audit()
      assert.same({ "non_compliant", "unknown" }, statuses(outcome))
    end)
  end)

  it("waits for a snapshot that is being created, unless nobody has access", function()
    each_kind(function(_, make)
      for _, status in ipairs { "creating", "copying", "pending" } do
        local outcome = make({ STRANGER }, { Status = status }):audit()
        assert.equal("later", outcome.state)
        assert.equal(300, outcome.delay)
        assert.same({ "compliant", "compliant" }, statuses(make({}, { Status = status }):audit()))
      end
    end)
  end)

  it("is gone if there is none of either kind, at any call", function()
    assert.equal("gone", snapshot_with({}):audit().state)
    local replies = {}
    for _, kind in pairs(KINDS) do
      local fault = kind.name .. "NotFoundFault"
      replies["rds:Describe" .. kind.name .. "Attributes"] = policies.fault(fault, "no", 404)
    end
    assert.equal("gone", snapshot_with({}, { replies = replies }):audit().state)
    each_kind(function(kind, make)
      local name = "rds:Describe" .. kind.name .. "s"
      for _, reply in ipairs { policies.fault(kind.gone), { [kind.name .. "s"] = {} } } do
        local snapshot = make({ "all" }, nil, { replies = { [name] = reply } })
        assert.equal("gone", snapshot:audit().state)
      end
    end)
  end)

  it("still audits one kind if the other disappears", function()
    local replies = { ["rds:DescribeDBSnapshots"] = { DBSnapshots = {} } }
    local boxes = { instance = { values = { STRANGER } }, cluster = { values = { "all" } } }
    local outcome = snapshot_with(boxes, { replies = replies }):audit()
    assert.same({ "non_compliant", "compliant" }, statuses(outcome))
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    each_kind(function(kind, make)
      local result = kind.name .. "AttributesResult"
      local first, second = "rds:Describe" .. kind.name .. "Attributes",
        "rds:Describe" .. kind.name .. "s"
      local denied = policies.fault("AccessDenied", "no", 403)
      for _, replies in ipairs {
        { [first] = denied }, { [first] = {} }, { [first] = { [result] = {} } },
        { [first] = attributes(kind, {}) },
        { [first] = attributes(kind, { { AttributeName = "restore" } }) },
        { [first] = attributes(kind, { { AttributeName = "x", AttributeValues = {} } }) },
        { [second] = denied }, { [second] = {} },
      } do
        local snapshot = make({ "all", STRANGER }, nil, { replies = replies })
        local results, outcome = snapshot:repair()
        assert.same({ "unknown", "unknown" }, statuses(outcome))
        assert.same({}, results)
        assert.same({}, snapshot:sent())
      end
    end)
  end)
end)

describe("a database snapshot's repair", function()
  it("removes everyone, then untrusted accounts, one step each; can restore both", function()
    each_kind(function(kind, make)
      local snapshot, box = make { STRANGER, "all", FRIEND, OTHER }
      local results, outcome = snapshot:repair()
      assert.same(BOTH_FIXED, results)
      assert.same({ FRIEND }, box.values)
      local function step(name, values)
        return { call = "rds:Modify" .. kind.name .. "Attribute", with = {
          [kind.name .. "Identifier"] = ID, AttributeName = "restore", [name] = values,
        } }
      end
      local public, shared = step("ValuesToRemove", { "all" }),
        step("ValuesToRemove", { OTHER, STRANGER })
      public.undo = step("ValuesToAdd", { "all" })
      shared.undo = step("ValuesToAdd", { OTHER, STRANGER })
      assert.same({ public }, outcome["rds_snapshot.public"].steps)
      assert.same({ shared }, outcome["rds_snapshot.shared"].steps)
      snapshot:undo()
      assert.equal(4, #box.values)
    end)
  end)

  it("predicts the state in which nobody is left", function()
    each_kind(function(_, make)
      local snapshot, box = make { STRANGER, "all" }
      assert.same(BOTH_FIXED, (snapshot:repair()))
      assert.same({}, box.values)
      snapshot:undo()
      assert.equal(2, #box.values)
    end)
  end)

  it("repairs both kinds with one id, each by its own call", function()
    local boxes = {
      instance = { values = { "all", STRANGER } },
      cluster = { values = { "all", FRIEND, STRANGER } },
    }
    local snapshot = snapshot_with(boxes)
    assert.same(BOTH_FIXED, (snapshot:repair()))
    assert.same({ {}, { FRIEND } }, { boxes.instance.values, boxes.cluster.values })
    assert.equal(4, #snapshot:sent())
    snapshot:undo()
    assert.same({ 2, 3 }, { #boxes.instance.values, #boxes.cluster.values })
  end)

  it("is irreversible for an encrypted snapshot, which cannot be made public again", function()
    each_kind(function(kind, make)
      local outcome = make({ "all", STRANGER }, { [kind.encrypted] = true }):plan()
      local public, shared = outcome["rds_snapshot.public"], outcome["rds_snapshot.shared"]
      assert.equal("an encrypted snapshot cannot be made public again",
        public.steps[1].irreversible)
      assert.truthy(shared.steps[1].undo)
    end)
  end)

  it("is held if the snapshot is not a manual one", function()
    each_kind(function(_, make)
      local snapshot = make({ "all", STRANGER }, { SnapshotType = "automated" })
      local results, outcome = snapshot:repair()
      assert.same({ ["rds_snapshot.public"] = "held", ["rds_snapshot.shared"] = "held" }, results)
      assert.truthy(outcome["rds_snapshot.public"].held:find("only manual snapshots", 1, true))
      assert.same({}, snapshot:sent())
    end)
  end)

  it("is held for named accounts if no trusted accounts are set", function()
    each_kind(function(_, make)
      local snapshot, box = make({ "all", STRANGER }, nil, { settings = {}, trusted = {} })
      local results, outcome = snapshot:repair()
      assert.same({ ["rds_snapshot.public"] = "fixed", ["rds_snapshot.shared"] = "held" },
        results)
      assert.truthy(outcome["rds_snapshot.shared"].held:find("KNOWN_ACCOUNTS", 1, true))
      assert.same({ STRANGER }, box.values)
      local organization = { settings = { organization_account = FRIEND } }
      assert.same({ ["rds_snapshot.shared"] = "fixed" },
        (make({ STRANGER }, nil, organization):repair()))
    end)
  end)

  it("makes the same plan again, whatever the order of the values", function()
    each_kind(function(_, make)
      assert.same(make({ STRANGER, "all", OTHER }):plan(), make({ OTHER, STRANGER, "all" }):plan())
    end)
  end)

  it("passes hostile ids on unchanged", function()
    local id = 'x-"\n\\\u{1F4A3}' .. ("x"):rep(200)
    local asked
    local snapshot = snapshots:resource { id = id, replies = {
      ["rds:DescribeDBSnapshotAttributes"] = function(params)
        asked = params.DBSnapshotIdentifier
        return policies.fault("InvalidParameterValue", "Invalid snapshot identifier")
      end,
    } }
    assert.equal("unknown", snapshot:audit()["rds_snapshot.public"].status)
    assert.equal(id, asked)
  end)
end)

describe("accounts of AWS at a database snapshot", function()
  it("count as trusted, and keep their permission", function()
    each_kind(function(_, make)
      local values = aws_ids.list()
      values[#values + 1], values[#values + 2] = STRANGER, "all"
      local snapshot, box = make(values)
      assert.same(BOTH_FIXED, (snapshot:repair()))
      assert.same(aws_ids.list(), box.values)
    end)
  end)
end)

describe("database snapshots", function()
  local function snapshot(kind, id, more)
    local made = { [kind .. "Identifier"] = id, SnapshotType = "manual", TagList = {} }
    for key, value in pairs(more or {}) do made[key] = value end
    return made
  end

  local function replies_with(instances, clusters)
    return {
      ["rds:DescribeDBSnapshots"] = policies.pages(instances),
      ["rds:DescribeDBClusterSnapshots"] = policies.pages(clusters),
    }
  end

  it("are listed page by page, both kinds, only manual ones, with test snapshots marked", function()
    local mark = { TagList = { { Key = "misconfiguration_maker", Value = "" } } }
    local found, calls, listed = snapshots:discover { replies = replies_with(
      {
        { DBSnapshots = { snapshot("DBSnapshot", "one"), snapshot("DBSnapshot", "two", mark) } },
        { DBSnapshots = {} },
        { DBSnapshots = { snapshot("DBSnapshot", "rds:x", { SnapshotType = "automated" }) } },
      },
      { { DBClusterSnapshots = {
        snapshot("DBClusterSnapshot", "one"), snapshot("DBClusterSnapshot", "misconfig-maker-3"),
      } } }) }
    assert.same({
      { id = "one", test = false }, { id = "two", test = true },
      { id = "misconfig-maker-3", test = true },
    }, found)
    assert.same({
      one = { DBSnapshot = true, DBClusterSnapshot = true }, two = { DBSnapshot = true },
      ["misconfig-maker-3"] = { DBClusterSnapshot = true },
    }, listed)
    local wanted = { SnapshotType = "manual", MaxRecords = 100 }
    assert.same({ wanted, wanted }, { calls[1].with, calls[2].with })
  end)

  it("are not listed from an incomplete response", function()
    local whole = { { DBSnapshots = {} } }
    assert.has_error(function() snapshots:discover { replies = replies_with(whole, { {} }) } end,
      "rds:DescribeDBClusterSnapshots returned no DBClusterSnapshots")
  end)

  it("are audited when their attributes change", function()
    local by_instance = { requestParameters = { dBSnapshotIdentifier = ID } }
    local by_cluster = { requestParameters = { dBClusterSnapshotIdentifier = ID } }
    assert.same({ { id = ID, delay = 0 } },
      snapshots:event("rds:ModifyDBSnapshotAttribute", by_instance))
    assert.same({ { id = ID, delay = 0 } },
      snapshots:event("rds:ModifyDBClusterSnapshotAttribute", by_cluster))
    assert.has_error(function()
      snapshots:event("rds:ModifyDBSnapshotAttribute", by_cluster)
    end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, snapshots:never_called())
  end)
end)
