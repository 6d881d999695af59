-- Only known accounts may create volumes from snapshots.
local listing = require "lib.listing"
local none = require "lib.none"
local sharing = require "lib.sharing"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local SNAPSHOTS = "arn:${partition}:ec2:${region}::snapshot/*"

local GONE = "InvalidSnapshot.NotFound"
local LATER = 300 -- seconds

-- (EC2 API reference, ModifySnapshotAttribute: encrypted snapshots cannot be made public.)
local ENCRYPTED = "an encrypted snapshot cannot be made public again"

-- The alias of the key that AWS manages; AWS reserves the prefix (KMS developer guide, "Create
-- aliases"). DescribeKey is not used: of such an alias without a key, it associates it with one
-- (KMS API reference).
local AWS_KEY = "alias/aws/ebs"

-- The ARN of the key that AWS manages, or nil: there is none yet.
local function aws_key(snapshot)
  local call, found = "ListAliases", nil
  listing(snapshot.aws.kms, call, { Limit = 100 }, "Marker", "NextMarker", function(page)
    for _, alias in ipairs(expect(page, "kms:" .. call, "Aliases").Aliases) do
      if alias.AliasName == AWS_KEY and alias.TargetKeyId then
        local arn = expect(alias, "kms:" .. call, "AliasArn").AliasArn
        found = arn:sub(1, -#AWS_KEY - 1) .. "key/" .. alias.TargetKeyId
      end
    end
  end)
  return found
end

-- Was the snapshot listed as encrypted with the key that AWS manages? It cannot be shared, and its
-- key never changes (EBS user guide, "Share an Amazon EBS snapshot").
local function is_unshareable(snapshot)
  local listed = snapshot.listed
  if not (listed and listed.Encrypted and listed.KmsKeyId) then return false end
  return listed.KmsKeyId == aws_key(snapshot)
end

-- The snapshot, or nil.
local function describe(snapshot)
  if snapshot.listed then return snapshot.listed end
  local reply = snapshot.aws.ec2:try("DescribeSnapshots", { SnapshotIds = { snapshot.id } }, GONE)
  return reply and expect(reply, "ec2:DescribeSnapshots", "Snapshots").Snapshots[1]
end

-- Why AWS would refuse to share the snapshot with everyone again, or nil. The block applies to a
-- whole region, and refuses new sharing in both of its modes (EBS user guide, "Block public access
-- for Amazon EBS snapshots").
local function never_again(snapshot, state, gone)
  if #sharing.public(gone) == 0 then return nil end
  if state.never_public then return state.never_public end
  local call = "ec2:GetSnapshotBlockPublicAccessState"
  local reply = expect(snapshot.aws.ec2:GetSnapshotBlockPublicAccessState {}, call, "State")
  if reply.State == "unblocked" then return nil end
  return ("block public access for snapshots (%s) is on in %s: it refuses to make the snapshot "
    .. "public again"):format(reply.State, snapshot.region)
end

local PARAMETERS = { Group = "GroupNames", UserId = "UserIds" }

-- The state without these grants. If nothing is shared any more, nothing else is read.
local function without(state, taken)
  local rest = sharing.without(state.grants, taken)
  if #rest > 0 then return { grants = rest } end
  return { grants = rest, tags = none, never_public = none }
end

-- One call adds or removes, either for the group or for accounts; the grants of one check are of
-- one kind.
local function remove(snapshot, state, gone)
  local never = never_again(snapshot, state, gone)
  local steps = sharing.removal(gone, never, function(operation, grants)
    local with = {
      SnapshotId = snapshot.id, Attribute = "createVolumePermission", OperationType = operation,
    }
    with[PARAMETERS[grants[1].kind]] = sharing.values(grants)
    return { call = "ec2:ModifySnapshotAttribute", with = with }
  end, function(taken) return without(state, taken) end)
  return steps
end

return policy {
  type = "ebs_snapshot",
  title = "EBS snapshot",
  aws_type = "AWS::EC2::Snapshot",
  asff = "Other",
  arn = "arn:${partition}:ec2:${region}::snapshot/${id}",
  id = { canonical = spellings.named("ec2", "snapshot/"), form = "${word}" },

  permissions = {
    read = {
      "ec2:DescribeSnapshots", "ec2:GetSnapshotBlockPublicAccessState", "kms:ListAliases",
      ["ec2:DescribeSnapshotAttribute"] = { on = SNAPSHOTS },
    },
    shared = { "ec2:GetSnapshotBlockPublicAccessState", "kms:ListAliases" },
    write = { ["ec2:ModifySnapshotAttribute"] = { on = SNAPSHOTS } },
  },

  events = {
    ["ec2:ModifySnapshotAttribute"] = "requestParameters.snapshotId",
  },

  discover = function(scope)
    local wanted = { OwnerIds = { "self" }, MaxResults = 1000 }
    for page in scope.aws.ec2:pages("DescribeSnapshots", wanted) do
      for _, snapshot in ipairs(expect(page, "ec2:DescribeSnapshots", "Snapshots").Snapshots) do
        local test = test_resources.tagged(tags.map(snapshot.Tags))
        if snapshot.OwnerId == scope.account then
          scope:found(snapshot.SnapshotId, { test = test, listed = snapshot })
        end
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  -- A snapshot that is not shared passes every check, so nothing else is read. No list call says
  -- with which accounts snapshots are shared.
  fetch = function(snapshot)
    if is_unshareable(snapshot) then return { grants = {} } end
    local wanted = { SnapshotId = snapshot.id, Attribute = "createVolumePermission" }
    local reply = snapshot.aws.ec2:try("DescribeSnapshotAttribute", wanted, GONE)
    if not reply then return nil end
    expect(reply, "ec2:DescribeSnapshotAttribute", "CreateVolumePermissions")
    local grants = sharing.of_permissions(reply.CreateVolumePermissions)
    if #grants == 0 then return { grants = grants } end
    local found = describe(snapshot)
    if not found then return nil end
    if found.State == "pending" then snapshot:later(LATER) end
    return {
      grants = grants,
      tags = tags.map(found.Tags),
      never_public = found.Encrypted and ENCRYPTED or nil,
    }
  end,

  checks = {
    {
      id = "ebs_snapshot.public",
      title = "Anyone may create a volume from the snapshot",
      severity = "critical",
      controls = { securityhub = { "EC2.1" } },
      risk = "Anyone with an AWS account can create a volume from the snapshot and read all "
        .. "data on it.",
      advice = "Make the snapshot private, and turn on block public access for snapshots in the "
        .. "region.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-1",
      impact = "none",
      repair = "Removes the volume permission of everyone; named accounts keep theirs, and "
        .. "volumes that were created stay.",

      audit = sharing.audit_public "may create a volume from it",
      fix = remove,
    },
    {
      id = "ebs_snapshot.shared",
      title = "An unknown account may create a volume from the snapshot",
      severity = "high",
      risk = "An account that you do not know can create a volume from the snapshot and read "
        .. "all data on it.",
      advice = "Remove the volume permission, or add the account to KNOWN_ACCOUNTS if it is meant "
        .. "to have it.",
      url = "https://docs.aws.amazon.com/ebs/latest/userguide/"
        .. "ebs-modifying-snapshot-permissions.html",
      impact = "none",
      repair = "Removes the volume permissions of unknown accounts; all others stay, and "
        .. "volumes that were created stay.",

      audit = sharing.audit_untrusted "may create a volume from it",
      fix = sharing.fix_untrusted(remove),
    },
  },
}
