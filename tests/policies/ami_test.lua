-- policies/ami.lua, by the real engine.
local ID = "ami-0123456789abcdef0"
local OWNER, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"
local ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-abcdef1234"
local UNIT = "arn:aws:organizations::444455556666:ou/o-abcdef1234/ou-ab12-cdefgh34"
local ALL = { Group = "all" }
local PUBLIC = { ["ami.public"] = "non_compliant" }
local SHARED = { ["ami.shared"] = "non_compliant" }

-- The replies about an image that is shared in this way. `more` are members of the image.
local function replies(permissions, more)
  local image = { ImageId = ID, OwnerId = OWNER, State = "available", Tags = {} }
  for key, value in pairs(more or {}) do image[key] = value end
  return {
    ["ec2:DescribeImages"] = { Images = { image } },
    ["ec2:DescribeImageAttribute"] = { ImageId = ID, LaunchPermissions = permissions },
    ["ec2:GetImageBlockPublicAccessState"] = { ImageBlockPublicAccessState = "unblocked" },
  }
end

local function image(name, permissions, expect, known)
  return {
    name = name, id = ID, replies = replies(permissions), expect = expect,
    settings = known and { KNOWN_ACCOUNTS = known },
  }
end

local function modify(operation, permissions)
  return {
    call = "ec2:ModifyImageAttribute",
    with = { ImageId = ID, LaunchPermission = { [operation] = permissions } },
  }
end

-- The removal of permissions, and what is left.
local function removed(permissions, left)
  local change = modify("Remove", permissions)
  change.undo = modify("Add", permissions)
  change.replies = replies(left)
  return change
end

local mixed = image("everyone, and unknown ones beside a known one",
  { { UserId = STRANGER }, ALL, { UserId = FRIEND }, { OrganizationalUnitArn = UNIT } },
  {
    ["ami.public"] = "non_compliant",
    ["ami.shared"] = { status = "non_compliant", summary = STRANGER },
  }, FRIEND .. ",o-own1234567")
mixed.changes = {
  removed({ ALL },
    { { UserId = FRIEND }, { OrganizationalUnitArn = UNIT }, { UserId = STRANGER } }),
  removed({ { OrganizationalUnitArn = UNIT }, { UserId = STRANGER } }, { { UserId = FRIEND } }),
}

-- Not removed: nothing says which organizations are known.
local doubted = image("an organization, if only accounts are known",
  { { OrganizationArn = ORGANIZATION } }, SHARED, FRIEND)
doubted.repaired = { ["ami.shared"] = "held" }

-- A public image that cannot be made public again, with these members or replies.
local function final(name, members, more)
  local case = image(name, { ALL }, PUBLIC)
  case.replies = replies({ ALL }, members)
  for call, reply in pairs(more or {}) do case.replies[call] = reply end
  local change = modify("Remove", { ALL })
  change.irreversible = true
  change.replies = { ["ec2:DescribeImageAttribute"] = { ImageId = ID, LaunchPermissions = {} } }
  case.changes = { change }
  return case
end

local pending = image("an image that is being made", {}, "pending")
pending.replies = replies({ ALL }, { State = "pending" })

local gone = image("a deregistered image", {}, "gone")
gone.replies = replies({ ALL }, { State = "deregistered" })

return {
  policy = "ami",
  cases = {
    image("a private image", {}, "compliant"),
    image("a known account and a known organization",
      { { UserId = FRIEND }, { OrganizationArn = ORGANIZATION } }, "compliant",
      FRIEND .. ",o-abcdef1234"),
    mixed, doubted,
    final("everyone, in a region that blocks public images", {}, {
      ["ec2:GetImageBlockPublicAccessState"] = {
        ImageBlockPublicAccessState = "block-new-sharing",
      },
    }),
    final("everyone, and a product code", {
      ProductCodes = { { ProductCodeId = "abc", ProductCodeType = "marketplace" } },
    }),
    final("everyone, and an encrypted volume", {
      BlockDeviceMappings = { { DeviceName = "/dev/xvda", Ebs = { Encrypted = true } } },
    }),
    pending, gone,
  },
  listings = {
    {
      name = "the account's own images, page by page",
      replies = {
        ["ec2:DescribeImages"] = { pages = {
          { Images = { { ImageId = "ami-1", OwnerId = OWNER } } },
          { Images = {
            { ImageId = "ami-2", OwnerId = STRANGER },
            { ImageId = "ami-3", OwnerId = OWNER, Name = "misconfiguration_maker" },
          } },
        } },
      },
      ids = { "ami-1", { id = "ami-3", test = true } },
    },
  },
  events = {
    {
      event = "ec2:ModifyImageAttribute",
      detail = { requestParameters = { imageId = ID } },
      ids = { ID },
    },
  },
}
