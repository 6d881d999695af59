-- policies/ami.lua with an image that stores the permissions that it is given.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local ami = policies.load "ami"

local ID = "ami-0123456789abcdef0"
local OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"
local ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-abcdef1234"
local UNIT = "arn:aws:organizations::444455556666:ou/o-abcdef1234/ou-ab12-cdefgh34"
local ALL = { Group = "all" }

local function same(a, b)
  return policies.json.canonical(a) == policies.json.canonical(b)
end

local function take(list, permission)
  for i, one in ipairs(list) do
    if same(one, permission) then return table.remove(list, i) end
  end
  error("there is no such permission: " .. policies.json.encode(permission))
end

local function replies_of(box)
  return {
    ["ec2:DescribeImages"] = function(params)
      assert.same({ ImageIds = { ID }, IncludeDisabled = true }, params)
      return { Images = { box.image } }
    end,
    ["ec2:DescribeImageAttribute"] = function(params)
      assert.same({ ImageId = ID, Attribute = "launchPermission" }, params)
      return { ImageId = ID, LaunchPermissions = box.permissions }
    end,
    ["ec2:GetImageBlockPublicAccessState"] = function(params)
      assert.same({}, params)
      return { ImageBlockPublicAccessState = box.block or "unblocked" }
    end,
    ["ec2:ModifyImageAttribute"] = function(params)
      assert.equal(ID, params.ImageId)
      local change = params.LaunchPermission
      for _, one in ipairs(box.block and change.Add or {}) do
        if one.Group then return policies.fault("OperationNotPermitted", "blocked") end
      end
      assert.is_true((change.Add == nil) ~= (change.Remove == nil))
      for _, one in ipairs(change.Remove or {}) do take(box.permissions, one) end
      for _, one in ipairs(change.Add or {}) do table.insert(box.permissions, 1, one) end
      return {}
    end,
  }
end

local function image_with(permissions, options)
  options = options or {}
  local image = { ImageId = ID, State = "available", OwnerId = OWN, Tags = {} }
  for key, value in pairs(options.image or {}) do image[key] = value end
  local box = { permissions = permissions, image = image, block = options.block }
  local replies = replies_of(box)
  for name, reply in pairs(options.replies or {}) do replies[name] = reply end
  return ami:resource {
    id = ID, replies = replies, trusted = options.trusted,
    settings = options.settings or { known_accounts = { FRIEND } },
  }, box
end

local function statuses(outcome)
  return { outcome["ami.public"].status, outcome["ami.shared"].status }
end

describe("an image's audit", function()
  it("passes if only its own account may launch it", function()
    for _, permissions in ipairs { {}, { { UserId = OWN } } } do
      local image = image_with(permissions)
      assert.same({ "compliant", "compliant" }, statuses(image:plan()))
      assert.equal(2, #image.calls)
    end
  end)

  it("passes for known accounts, a known organization and its units", function()
    local trusted = { FRIEND, "o-abcdef1234" }
    local permissions = { { UserId = FRIEND }, { OrganizationArn = ORGANIZATION },
      { OrganizationalUnitArn = UNIT } }
    local outcome = image_with(permissions, { trusted = trusted }):audit()
    assert.same({ "compliant", "compliant" }, statuses(outcome))
  end)

  it("distinguishes the group and named accounts", function()
    local outcome = image_with({ { UserId = STRANGER }, ALL }):audit()
    assert.same({ "non_compliant", "non_compliant" }, statuses(outcome))
    assert.equal("anyone may launch it", outcome["ami.public"].summary)
    assert.same({ { kind = "Group", value = "all" } }, outcome["ami.public"].evidence)
    assert.equal(STRANGER .. " may launch it", outcome["ami.shared"].summary)
    assert.same({ { kind = "UserId", value = STRANGER } }, outcome["ami.shared"].evidence)
    assert.same({ "non_compliant", "compliant" }, statuses(image_with({ ALL }):audit()))
    local shared = image_with({ { UserId = STRANGER } }):audit()
    assert.same({ "compliant", "non_compliant" }, statuses(shared))
  end)

  it("finds unknown organizations and units", function()
    for _, permission in ipairs { { OrganizationArn = ORGANIZATION },
      { OrganizationalUnitArn = UNIT } } do
      local outcome = image_with({ permission }, { trusted = { FRIEND } }):audit()
      assert.same({ "compliant", "non_compliant" }, statuses(outcome))
    end
  end)

  it("is unknown if it cannot tell who is trusted", function()
    local function untold() return nil end
    local image = image_with({ ALL, { UserId = STRANGER } }, { trusted = untold })
    assert.same({ "non_compliant", "unknown" }, statuses(image:audit()))
  end)

  it("returns the tags", function()
    local image = { Tags = { { Key = "Team", Value = "shop" } } }
    assert.same({ Team = "shop" }, image_with({}, { image = image }):audit().tags)
  end)

  it("audits a disabled image like any other", function()
    local outcome = image_with({ ALL }, { image = { State = "disabled" } }):audit()
    assert.equal("non_compliant", outcome["ami.public"].status)
  end)

  it("waits for a pending image, unless nobody may launch it", function()
    local pending = { image = { State = "pending" } }
    local outcome = image_with({ ALL }, pending):audit()
    assert.equal("later", outcome.state)
    assert.equal(300, outcome.delay)
    assert.same({ "compliant", "compliant" }, statuses(image_with({}, pending):audit()))
  end)

  it("is gone if the image is, at any call", function()
    local gone = {
      { ["ec2:DescribeImages"] = policies.fault "InvalidAMIID.NotFound" },
      { ["ec2:DescribeImages"] = policies.fault "InvalidAMIID.Unavailable" },
      { ["ec2:DescribeImages"] = { Images = {} } },
      { ["ec2:DescribeImages"] = { Images = { { ImageId = ID, State = "deregistered" } } } },
      { ["ec2:DescribeImageAttribute"] = policies.fault "InvalidAMIID.NotFound" },
      { ["ec2:DescribeImageAttribute"] = policies.fault "InvalidAMIID.Unavailable" },
    }
    for _, replies in ipairs(gone) do
      assert.equal("gone", image_with({ ALL }, { replies = replies }):audit().state)
    end
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local odd = { ImageId = ID, LaunchPermissions = { {} } }
    for _, replies in ipairs {
      { ["ec2:DescribeImages"] = policies.fault("UnauthorizedOperation", "no", 403) },
      { ["ec2:DescribeImages"] = policies.fault "InvalidAMIID.Malformed" },
      { ["ec2:DescribeImages"] = {} },
      { ["ec2:DescribeImageAttribute"] = policies.fault("AuthFailure", "no", 403) },
      { ["ec2:DescribeImageAttribute"] = { ImageId = ID } },
      { ["ec2:DescribeImageAttribute"] = odd },
    } do
      local image = image_with({ ALL }, { replies = replies })
      local results, outcome = image:repair()
      assert.same({ "unknown", "unknown" }, statuses(outcome))
      assert.truthy(outcome["ami.public"].error)
      assert.same({}, results)
      assert.same({}, image:sent())
    end
  end)
end)

describe("an image's repair", function()
  it("removes the group and untrusted accounts, in two steps; can restore both", function()
    local image, box = image_with({
      { UserId = STRANGER }, ALL, { UserId = FRIEND }, { OrganizationalUnitArn = UNIT },
      { OrganizationArn = ORGANIZATION },
    }, { trusted = { FRIEND }, settings = { organization_account = FRIEND } })
    local results, outcome = image:repair()
    assert.same({ ["ami.public"] = "fixed", ["ami.shared"] = "fixed" }, results)
    assert.same({ { UserId = FRIEND } }, box.permissions)
    local function step(operation, list)
      return { call = "ec2:ModifyImageAttribute",
        with = { ImageId = ID, LaunchPermission = { [operation] = list } } }
    end
    local named = { { OrganizationArn = ORGANIZATION }, { OrganizationalUnitArn = UNIT },
      { UserId = STRANGER } }
    local public, shared = step("Remove", { ALL }), step("Remove", named)
    public.undo, shared.undo = step("Add", { ALL }), step("Add", named)
    assert.same({ public }, outcome["ami.public"].steps)
    assert.same({ shared }, outcome["ami.shared"].steps)
    assert.equal(2, #image:sent())
    image:undo()
    assert.equal(5, #box.permissions)
  end)

  it("keeps a known organization", function()
    local kept = { { OrganizationArn = ORGANIZATION }, { OrganizationalUnitArn = UNIT } }
    local image, box = image_with({ ALL, kept[1], { UserId = STRANGER }, kept[2] },
      { trusted = { "o-abcdef1234" } })
    image:repair()
    assert.same(kept, box.permissions)
  end)

  it("keeps a known unit, and removes the rest of its organization", function()
    local image, box = image_with({ { OrganizationArn = ORGANIZATION },
      { OrganizationalUnitArn = UNIT } },
      { trusted = { "ou-ab12-cdefgh34" }, settings = { known_accounts = { "o-own1234567" } } })
    assert.same({ ["ami.shared"] = "fixed" }, image:repair())
    assert.same({ { OrganizationalUnitArn = UNIT } }, box.permissions)
  end)

  it("is held for organizations if only accounts are known", function()
    for _, grant in ipairs { { OrganizationArn = ORGANIZATION },
      { OrganizationalUnitArn = UNIT } } do
      local image, box = image_with { ALL, grant, { UserId = STRANGER } }
      local results, outcome = image:repair()
      assert.same({ ["ami.public"] = "fixed", ["ami.shared"] = "held" }, results)
      local held = outcome["ami.shared"].held
      assert.truthy(held:find("o-abcdef1234", 1, true))
      assert.truthy(held:find("KNOWN_ACCOUNTS names no organization", 1, true))
      assert.same({ grant, { UserId = STRANGER } }, box.permissions)
    end
  end)

  it("is held for named accounts if no trusted accounts are set", function()
    local image, box = image_with({ ALL, { UserId = STRANGER } }, { settings = {} })
    local results, outcome = image:repair()
    assert.same({ ["ami.public"] = "fixed", ["ami.shared"] = "held" }, results)
    assert.truthy(outcome["ami.shared"].held:find("KNOWN_ACCOUNTS", 1, true))
    assert.same({ { UserId = STRANGER } }, box.permissions)
    local organization = { settings = { organization_account = FRIEND } }
    results = image_with({ { UserId = STRANGER } }, organization):repair()
    assert.same({ ["ami.shared"] = "fixed" }, results)
  end)

  it("is irreversible if the region's block refuses to make the image public again", function()
    local image, box = image_with({ ALL, { UserId = STRANGER } }, { block = "block-new-sharing" })
    local results, plan = image:repair()
    assert.same({ ["ami.public"] = "fixed", ["ami.shared"] = "fixed" }, results)
    assert.same({}, box.permissions)
    local step = plan["ami.public"].steps[1]
    assert.is_nil(step.undo)
    assert.equal("block public access for AMIs is on in us-east-1: it refuses to make the image "
      .. "public again", step.irreversible)
    assert.truthy(plan["ami.shared"].steps[1].undo)
  end)

  it("reads the block only if a fix removes the group", function()
    local function asked(image, what)
      image[what](image)
      for _, call in ipairs(image.calls) do
        if call.call == "ec2:GetImageBlockPublicAccessState" then return true end
      end
      return false
    end
    assert.is_false(asked(image_with { ALL }, "audit"))
    assert.is_true(asked(image_with { ALL }, "plan"))
    assert.is_false(asked(image_with { { UserId = STRANGER } }, "plan"))
  end)

  it("fails if the block cannot be read", function()
    for _, reply in ipairs { policies.fault("UnauthorizedOperation", "no", 403), {} } do
      local replies = { ["ec2:GetImageBlockPublicAccessState"] = reply }
      local found = image_with({ ALL }, { replies = replies }):plan()["ami.public"]
      assert.same({ "non_compliant", "failed" }, { found.status, found.fix })
    end
  end)

  it("is irreversible if the image cannot be made public again", function()
    local function why(image)
      local step = image_with({ ALL }, { image = image }):plan()["ami.public"].steps[1]
      return step.irreversible
    end
    local function disk(encrypted)
      return { DeviceName = "/dev/xvda", Ebs = { SnapshotId = "snap-1", Encrypted = encrypted } }
    end
    local codes = { { ProductCodeId = "abc", ProductCodeType = "marketplace" } }
    assert.equal("an image with a product code cannot be made public again",
      why { ProductCodes = codes })
    local devices = { { DeviceName = "/dev/sdb", VirtualName = "ephemeral0" }, disk(true) }
    assert.equal("an image with an encrypted volume cannot be made public again",
      why { BlockDeviceMappings = devices })
    devices[2] = disk(false)
    assert.is_nil(why { BlockDeviceMappings = devices, ProductCodes = {} })
    local shared = image_with({ { UserId = STRANGER } }, { image = { ProductCodes = codes } })
    assert.truthy(shared:plan()["ami.shared"].steps[1].undo)
  end)

  it("makes the same plan again, whatever the order of the permissions", function()
    local one = { { UserId = "1" }, { UserId = "2" }, { OrganizationArn = ORGANIZATION } }
    local other = { one[3], one[2], one[1] }
    assert.same(image_with(one):plan(), image_with(other):plan())
  end)

  it("passes hostile ids on unchanged", function()
    local id = 'ami-"\n\\\u{1F4A3}' .. ("x"):rep(200)
    local asked
    local image = ami:resource { id = id, replies = {
      ["ec2:DescribeImages"] = function(params)
        asked = params.ImageIds[1]
        return policies.fault("InvalidAMIID.Malformed", "Invalid id")
      end,
    } }
    assert.equal("unknown", image:audit()["ami.public"].status)
    assert.equal(id, asked)
  end)
end)

describe("accounts of AWS at an image", function()
  it("count as trusted, and keep their permission", function()
    local theirs, permissions = {}, { ALL, { UserId = STRANGER } }
    for i, id in ipairs(aws_ids.list()) do
      theirs[i], permissions[i + 2] = { UserId = id }, { UserId = id }
    end
    local image, box = image_with(permissions)
    assert.same({ ["ami.public"] = "fixed", ["ami.shared"] = "fixed" }, (image:repair()))
    assert.same(theirs, box.permissions)
  end)

  it("are accounts of their partition only", function()
    assert.same({ "compliant", "non_compliant" },
      statuses(image_with({ { UserId = aws_ids.list("aws-cn")[1] } }):audit()))
  end)
end)

describe("images", function()
  it("are listed page by page, only those of the account, with test images marked", function()
    local function image(id, more)
      local made = { ImageId = id, OwnerId = OWN, Name = id, Tags = {} }
      for key, value in pairs(more or {}) do made[key] = value end
      return made
    end
    local nameless = image "ami-5"
    nameless.Name, nameless.Tags = nil, nil
    local found, calls = ami:discover { replies = {
      ["ec2:DescribeImages"] = policies.pages {
        { Images = { image "ami-1", image("ami-2", { Name = "a misconfiguration_maker b" }) } },
        { Images = {} },
        { Images = { image("ami-3", { Tags = { { Key = "misconfiguration_maker", Value = "" } } }),
          image("ami-4", { OwnerId = STRANGER }), nameless } },
      },
    } }
    assert.same({
      { id = "ami-1", test = false }, { id = "ami-2", test = true }, { id = "ami-3", test = true },
      { id = "ami-5", test = false },
    }, found)
    assert.same({ Owners = { "self" }, IncludeDisabled = true, MaxResults = 1000 }, calls[1].with)
  end)

  it("are not listed from an incomplete response", function()
    assert.has_error(function()
      ami:discover { replies = { ["ec2:DescribeImages"] = policies.pages { {} } } }
    end, "ec2:DescribeImages returned no Images")
  end)

  it("are audited when their permissions change", function()
    local detail = { requestParameters = { imageId = ID, attributeType = "launchPermission" } }
    assert.same({ { id = ID, delay = 0 } }, ami:event("ec2:ModifyImageAttribute", detail))
    assert.has_error(function()
      ami:event("ec2:ModifyImageAttribute", { requestParameters = {} })
    end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, ami:never_called())
  end)
end)
