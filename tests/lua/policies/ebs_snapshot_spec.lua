-- policies/ebs_snapshot.lua with a snapshot that stores the permissions that it is given.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local snapshots = policies.load "ebs_snapshot"

local ID = "snap-0123456789abcdef0"
local OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"
local OTHER = "888877776666"
local ALL = { Group = "all" }

local function permissions_of(box)
  local list = {}
  for i, id in ipairs(box.users) do list[i] = { UserId = id } end
  if box.public then list[#list + 1] = ALL end
  return list
end

local function change_users(box, operation, ids)
  for _, id in ipairs(ids) do
    if operation == "add" then
      table.insert(box.users, 1, id)
    else
      local at
      for i, one in ipairs(box.users) do at = one == id and i or at end
      table.remove(box.users, assert(at, "there is no such permission"))
    end
  end
end

-- Like EC2: one call adds or removes permissions, of groups or of accounts.
local function modify(box, params)
  assert.equal(ID, params.SnapshotId)
  assert.equal("createVolumePermission", params.Attribute)
  assert.truthy(params.OperationType == "add" or params.OperationType == "remove")
  assert.is_nil(params.CreateVolumePermission)
  assert.is_true((params.GroupNames == nil) ~= (params.UserIds == nil))
  assert.is_true(#(params.UserIds or {}) <= 500)
  if params.GroupNames then
    assert.same({ "all" }, params.GroupNames)
    box.public = params.OperationType == "add"
  end
  change_users(box, params.OperationType, params.UserIds or {})
  return {}
end

local function replies_of(box)
  return {
    ["ec2:DescribeSnapshotAttribute"] = function(params)
      assert.same({ SnapshotId = ID, Attribute = "createVolumePermission" }, params)
      return { SnapshotId = ID, CreateVolumePermissions = permissions_of(box) }
    end,
    ["ec2:DescribeSnapshots"] = function(params)
      assert.same({ SnapshotIds = { ID } }, params)
      return { Snapshots = { box.snapshot } }
    end,
    ["ec2:GetSnapshotBlockPublicAccessState"] = function(params)
      assert.same({}, params)
      return { State = box.block or "unblocked", ManagedBy = "account" }
    end,
    ["ec2:ModifySnapshotAttribute"] = function(params)
      if box.block and params.GroupNames and params.OperationType == "add" then
        return policies.fault("OperationNotPermitted", "blocked")
      end
      return modify(box, params)
    end,
  }
end

local function snapshot_with(public, users, options)
  options = options or {}
  local box = { public = public, users = users, block = options.block, snapshot = {
    SnapshotId = ID, State = "completed", OwnerId = OWN, Encrypted = false,
    Tags = { { Key = "Team", Value = "shop" } },
  } }
  for key, value in pairs(options.snapshot or {}) do box.snapshot[key] = value end
  local replies = replies_of(box)
  for name, reply in pairs(options.replies or {}) do replies[name] = reply end
  return snapshots:resource {
    id = ID, replies = replies, trusted = options.trusted or { FRIEND }, listed = options.listed,
    settings = options.settings or { known_accounts = { FRIEND } },
  }, box
end

local function statuses(outcome)
  return { outcome["ebs_snapshot.public"].status, outcome["ebs_snapshot.shared"].status }
end

describe("a snapshot's audit", function()
  it("passes if nobody has access, in one call", function()
    local snapshot = snapshot_with(false, {})
    assert.same({ "compliant", "compliant" }, statuses(snapshot:plan()))
    assert.equal(1, #snapshot.calls)
  end)

  it("passes for known accounts and for its own account", function()
    local outcome = snapshot_with(false, { FRIEND, OWN }):plan()
    assert.same({ "compliant", "compliant" }, statuses(outcome))
    assert.same({ Team = "shop" }, outcome.tags)
  end)

  it("distinguishes everyone from named accounts", function()
    local outcome = snapshot_with(true, { OTHER, STRANGER, FRIEND }):audit()
    assert.same({ "non_compliant", "non_compliant" }, statuses(outcome))
    assert.equal("anyone may create a volume from it", outcome["ebs_snapshot.public"].summary)
    assert.equal("888877776666, 999988887777 may create a volume from it",
      outcome["ebs_snapshot.shared"].summary)
    assert.same({ "non_compliant", "compliant" }, statuses(snapshot_with(true, {}):audit()))
    assert.same({ "compliant", "non_compliant" },
      statuses(snapshot_with(false, { STRANGER }):audit()))
  end)

  it("asks for nothing again that the listing said", function()
    local listed = { State = "completed", Encrypted = false, Tags = {} }
    local snapshot = snapshot_with(true, {}, { listed = listed })
    assert.same({ "non_compliant", "compliant" }, statuses(snapshot:audit()))
    assert.equal(1, #snapshot.calls)
  end)

  local KEYS = "arn:aws:kms:us-east-1:111122223333:key/"
  local ALIASES = "arn:aws:kms:us-east-1:111122223333:alias/"

  local function alias(name, target)
    return { AliasName = "alias/" .. name, AliasArn = ALIASES .. name, TargetKeyId = target }
  end

  -- The key with which it is encrypted, the aliases that KMS lists, and the calls.
  local function encrypted(key, replies)
    local listed = { State = "completed", Encrypted = true, KmsKeyId = key, Tags = {} }
    local snapshot = snapshot_with(false, { STRANGER }, {
      listed = listed, replies = { ["kms:ListAliases"] = replies },
    })
    local outcome, names = snapshot:audit(), {}
    for i, call in ipairs(snapshot.calls) do names[i] = call.call end
    return outcome["ebs_snapshot.shared"].status, table.concat(names, " ")
  end

  it("reads nothing of a snapshot that cannot be shared", function()
    local aliases = { Aliases = { alias("mine", "2"), alias("aws/ebs", "1") } }
    assert.same({ "compliant", "kms:ListAliases" }, { encrypted(KEYS .. "1", aliases) })
    assert.equal("compliant", (encrypted(KEYS .. "1", function(params)
      if params.Marker == "m" then return aliases end
      return { Aliases = {}, Truncated = true, NextMarker = "m" }
    end)))
  end)

  it("reads who has access if any other key encrypts the snapshot", function()
    local both = "kms:ListAliases ec2:DescribeSnapshotAttribute"
    local function audited(key, ...) return { encrypted(key, { Aliases = { ... } }) } end
    assert.same({ "non_compliant", both }, audited(KEYS .. "1", alias("aws/ebs", "2")))
    assert.same({ "non_compliant", both }, audited(KEYS .. "1", alias("aws/ebs")))
    assert.same({ "non_compliant", both }, audited(KEYS .. "1", alias("aws/rds", "1")))
    assert.same({ "non_compliant", both }, audited(KEYS .. "1", alias("my/alias/aws/ebs", "1")))
    assert.same({ "non_compliant", both }, audited(KEYS .. "1"))
    local elsewhere = KEYS:gsub("111122223333", OTHER) .. "1"
    assert.same({ "non_compliant", both }, audited(elsewhere, alias("aws/ebs", "1")))
    assert.same({ "non_compliant", "ec2:DescribeSnapshotAttribute" }, audited(nil))
  end)

  it("is unknown if the aliases of keys cannot be read", function()
    assert.equal("unknown", (encrypted(KEYS .. "1", {})))
    assert.equal("unknown", (encrypted(KEYS .. "1", policies.fault("AccessDeniedException", "no"))))
  end)

  it("is unknown if it cannot tell who is trusted", function()
    local snapshot = snapshot_with(true, { STRANGER }, { trusted = function() return nil end })
    assert.same({ "non_compliant", "unknown" }, statuses(snapshot:audit()))
  end)

  it("waits for a pending snapshot, unless nobody has access", function()
    local pending = { snapshot = { State = "pending" } }
    local outcome = snapshot_with(true, {}, pending):audit()
    assert.equal("later", outcome.state)
    assert.equal(300, outcome.delay)
    assert.same({ "compliant", "compliant" }, statuses(snapshot_with(false, {}, pending):audit()))
  end)

  it("is gone if the snapshot is, at any call", function()
    local missing = policies.fault "InvalidSnapshot.NotFound"
    for _, replies in ipairs {
      { ["ec2:DescribeSnapshotAttribute"] = missing },
      { ["ec2:DescribeSnapshots"] = missing },
      { ["ec2:DescribeSnapshots"] = { Snapshots = {} } },
    } do
      assert.equal("gone", snapshot_with(true, {}, { replies = replies }):audit().state)
    end
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local refused = policies.fault("UnauthorizedOperation", "no", 403)
    for _, replies in ipairs {
      { ["ec2:DescribeSnapshotAttribute"] = refused },
      { ["ec2:DescribeSnapshotAttribute"] = policies.fault "InvalidSnapshotID.Malformed" },
      { ["ec2:DescribeSnapshotAttribute"] = { SnapshotId = ID } },
      { ["ec2:DescribeSnapshotAttribute"] = { CreateVolumePermissions = { { Group = "x" } } } },
      { ["ec2:DescribeSnapshots"] = refused },
      { ["ec2:DescribeSnapshots"] = {} },
    } do
      local snapshot = snapshot_with(true, { STRANGER }, { replies = replies })
      local results, outcome = snapshot:repair()
      assert.same({ "unknown", "unknown" }, statuses(outcome))
      assert.same({}, results)
      assert.same({}, snapshot:sent())
    end
  end)
end)

describe("a snapshot's repair", function()
  it("removes the group, then untrusted accounts, one step each; can restore both", function()
    local snapshot, box = snapshot_with(true, { STRANGER, FRIEND, OTHER })
    local results, outcome = snapshot:repair()
    assert.same({ ["ebs_snapshot.public"] = "fixed", ["ebs_snapshot.shared"] = "fixed" }, results)
    assert.same({ FRIEND }, box.users)
    assert.is_false(box.public)
    local function step(operation, name, values)
      return { call = "ec2:ModifySnapshotAttribute", with = {
        SnapshotId = ID, Attribute = "createVolumePermission", OperationType = operation,
        [name] = values,
      } }
    end
    local public = step("remove", "GroupNames", { "all" })
    public.undo = step("add", "GroupNames", { "all" })
    local shared = step("remove", "UserIds", { OTHER, STRANGER })
    shared.undo = step("add", "UserIds", { OTHER, STRANGER })
    assert.same({ public }, outcome["ebs_snapshot.public"].steps)
    assert.same({ shared }, outcome["ebs_snapshot.shared"].steps)
    snapshot:undo()
    assert.is_true(box.public)
    assert.equal(3, #box.users)
  end)

  it("predicts the state in which nobody is left", function()
    local snapshot, box = snapshot_with(true, { STRANGER })
    assert.same({ ["ebs_snapshot.public"] = "fixed", ["ebs_snapshot.shared"] = "fixed" },
      (snapshot:repair()))
    assert.same({}, permissions_of(box))
    snapshot:undo()
    assert.equal(2, #permissions_of(box))
  end)

  it("removes more than 500 untrusted accounts in several calls", function()
    local users = {}
    for i = 1, 501 do users[i] = ("9%011d"):format(i) end
    local snapshot, box = snapshot_with(false, users)
    snapshot:repair()
    assert.equal(2, #snapshot:sent())
    assert.same({}, box.users)
    snapshot:undo()
    assert.equal(501, #box.users)
  end)

  it("is held for named accounts if no trusted accounts are set", function()
    local snapshot, box = snapshot_with(true, { STRANGER }, { settings = {}, trusted = {} })
    local results, outcome = snapshot:repair()
    assert.same({ ["ebs_snapshot.public"] = "fixed", ["ebs_snapshot.shared"] = "held" }, results)
    assert.truthy(outcome["ebs_snapshot.shared"].held:find("ORGANIZATION_ACCOUNT", 1, true))
    assert.same({ STRANGER }, box.users)
    local organization = { settings = { organization_account = FRIEND } }
    assert.same({ ["ebs_snapshot.shared"] = "fixed" },
      (snapshot_with(false, { STRANGER }, organization):repair()))
  end)

  it("is irreversible if the region's block refuses to make the snapshot public again", function()
    for _, mode in ipairs { "block-new-sharing", "block-all-sharing" } do
      local snapshot, box = snapshot_with(true, { STRANGER }, { block = mode })
      local results, plan = snapshot:repair()
      assert.same({
        ["ebs_snapshot.public"] = "fixed", ["ebs_snapshot.shared"] = "fixed",
      }, results)
      assert.is_false(box.public)
      local step = plan["ebs_snapshot.public"].steps[1]
      assert.is_nil(step.undo)
      assert.equal(("block public access for snapshots (%s) is on in us-east-1: it refuses to make "
        .. "the snapshot public again"):format(mode), step.irreversible)
      assert.truthy(plan["ebs_snapshot.shared"].steps[1].undo)
    end
  end)

  it("is irreversible for an encrypted snapshot, which cannot be made public again", function()
    local encrypted = { snapshot = { Encrypted = true } }
    local outcome = snapshot_with(true, { STRANGER }, encrypted):plan()
    local public, shared = outcome["ebs_snapshot.public"], outcome["ebs_snapshot.shared"]
    assert.equal("an encrypted snapshot cannot be made public again",
      public.steps[1].irreversible)
    assert.truthy(shared.steps[1].undo)
  end)

  it("makes the same plan again, whatever the order of the permissions", function()
    assert.same(snapshot_with(true, { STRANGER, OTHER }):plan(),
      snapshot_with(true, { OTHER, STRANGER }):plan())
  end)

  it("passes hostile ids on unchanged", function()
    local id = 'snap-"\n\\\u{1F4A3}' .. ("x"):rep(200)
    local asked
    local snapshot = snapshots:resource { id = id, replies = {
      ["ec2:DescribeSnapshotAttribute"] = function(params)
        asked = params.SnapshotId
        return policies.fault("InvalidSnapshotID.Malformed", "Invalid id")
      end,
    } }
    assert.equal("unknown", snapshot:audit()["ebs_snapshot.public"].status)
    assert.equal(id, asked)
  end)
end)

describe("accounts of AWS at a snapshot", function()
  it("count as trusted, and keep their permission", function()
    local users = aws_ids.list()
    users[#users + 1] = STRANGER
    local snapshot, box = snapshot_with(true, users)
    assert.same({ ["ebs_snapshot.public"] = "fixed", ["ebs_snapshot.shared"] = "fixed" },
      (snapshot:repair()))
    assert.same(aws_ids.list(), box.users)
  end)
end)

describe("snapshots", function()
  it("are listed page by page, only those of the account, with test snapshots marked", function()
    local function snapshot(id, owner, tags)
      return { SnapshotId = id, OwnerId = owner, Tags = tags }
    end
    local mark = { { Key = "Name", Value = "misconfiguration_maker" } }
    local found, calls = snapshots:discover { replies = {
      ["ec2:DescribeSnapshots"] = policies.pages {
        { Snapshots = { snapshot("snap-1", OWN, {}), snapshot("snap-2", OWN, mark) } },
        { Snapshots = {} },
        { Snapshots = { snapshot("snap-3", STRANGER, mark), snapshot("snap-4", OWN) } },
      },
    } }
    assert.same({
      { id = "snap-1", test = false }, { id = "snap-2", test = true },
      { id = "snap-4", test = false },
    }, found)
    assert.same({ OwnerIds = { "self" }, MaxResults = 1000 }, calls[1].with)
  end)

  it("are not listed from an incomplete response", function()
    assert.has_error(function()
      snapshots:discover { replies = { ["ec2:DescribeSnapshots"] = policies.pages { {} } } }
    end, "ec2:DescribeSnapshots returned no Snapshots")
  end)

  it("are audited when their permissions change", function()
    local detail = { requestParameters = { snapshotId = ID } }
    assert.same({ { id = ID, delay = 0 } },
      snapshots:event("ec2:ModifySnapshotAttribute", detail))
    assert.has_error(function() snapshots:event("ec2:ModifySnapshotAttribute", {}) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, snapshots:never_called())
  end)
end)
