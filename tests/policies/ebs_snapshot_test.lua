-- policies/ebs_snapshot.lua, by the real engine.
local ID = "snap-0123456789abcdef0"
local FRIEND, STRANGER = "222233334444", "999988887777"
local ALL = { Group = "all" }

-- The replies about a snapshot that is shared in this way. `more` are members of the snapshot.
local function replies(permissions, more)
  local snapshot = { SnapshotId = ID, OwnerId = "111122223333", State = "completed", Tags = {} }
  for key, value in pairs(more or {}) do snapshot[key] = value end
  return {
    ["ec2:DescribeSnapshotAttribute"] = { SnapshotId = ID, CreateVolumePermissions = permissions },
    ["ec2:DescribeSnapshots"] = { Snapshots = { snapshot } },
    ["ec2:GetSnapshotBlockPublicAccessState"] = { State = "unblocked" },
  }
end

local function modify(operation, key, values)
  return {
    call = "ec2:ModifySnapshotAttribute",
    with = {
      SnapshotId = ID, Attribute = "createVolumePermission", OperationType = operation,
      [key] = values,
    },
  }
end

-- The removal of a permission, and what is left.
local function removed(key, values, left)
  local change = modify("remove", key, values)
  change.undo = modify("add", key, values)
  change.replies = replies(left)
  return change
end

local PUBLIC = { ["ebs_snapshot.public"] = "non_compliant" }
local SHARED = { ["ebs_snapshot.shared"] = "non_compliant" }

return {
  policy = "ebs_snapshot",
  cases = {
    { name = "a private snapshot", id = ID, replies = replies {}, expect = "compliant" },
    {
      name = "an account that is known",
      id = ID,
      settings = { KNOWN_ACCOUNTS = FRIEND },
      replies = replies { { UserId = FRIEND } },
      expect = "compliant",
    },
    {
      name = "everyone",
      id = ID,
      replies = replies { ALL },
      expect = PUBLIC,
      changes = { removed("GroupNames", { "all" }, {}) },
    },
    {
      name = "everyone, and an unknown account beside a known one",
      id = ID,
      settings = { KNOWN_ACCOUNTS = FRIEND },
      replies = replies { { UserId = FRIEND }, { UserId = STRANGER }, ALL },
      expect = {
        ["ebs_snapshot.public"] = "non_compliant",
        ["ebs_snapshot.shared"] = { status = "non_compliant", summary = STRANGER },
      },
      changes = {
        removed("GroupNames", { "all" }, { { UserId = FRIEND }, { UserId = STRANGER } }),
        removed("UserIds", { STRANGER }, { { UserId = FRIEND } }),
      },
    },
    {
      name = "an unknown account, if no account is known",
      id = ID,
      replies = replies { { UserId = STRANGER } },
      expect = SHARED,
      repaired = { ["ebs_snapshot.shared"] = "held" },
    },
    {
      name = "everyone, on a snapshot that cannot be made public again",
      id = ID,
      replies = replies({ ALL }, { Encrypted = true }),
      expect = PUBLIC,
      changes = {
        {
          call = "ec2:ModifySnapshotAttribute",
          with = modify("remove", "GroupNames", { "all" }).with,
          irreversible = true,
          replies = replies({}, { Encrypted = true }),
        },
      },
    },
    {
      name = "a snapshot that is being made",
      id = ID,
      replies = replies({ ALL }, { State = "pending" }),
      expect = "pending",
    },
    {
      name = "a snapshot that does not exist any more",
      id = ID,
      replies = { ["ec2:DescribeSnapshotAttribute"] = { fault = "InvalidSnapshot.NotFound" } },
      expect = "gone",
    },
  },
  listings = {
    {
      name = "the account's own snapshots, page by page",
      replies = {
        ["ec2:DescribeSnapshots"] = { pages = {
          { Snapshots = { { SnapshotId = "snap-1", OwnerId = "111122223333" } } },
          { Snapshots = { { SnapshotId = "snap-2", OwnerId = STRANGER } } },
        } },
      },
      ids = { "snap-1" },
    },
  },
  events = {
    {
      event = "ec2:ModifySnapshotAttribute",
      detail = { requestParameters = { snapshotId = ID } },
      ids = { ID },
    },
  },
}
