-- Only known accounts and organizations may launch machine images.
local sharing = require "lib.sharing"
local spellings = require "lib.spellings"
local tags = require "lib.tags"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local IMAGES = "arn:${partition}:ec2:${region}::image/*"

local GONE, DEREGISTERED = "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"
local LATER = 300 -- seconds

-- The image, or nil. EC2 still returns a deregistered image for a while, and a disabled one only on
-- request (EC2 API reference, DescribeImages).
local function describe(image)
  local found = image.listed
  if not found then
    local options = { with = { IncludeDisabled = true } }
    local reply = image.aws.ec2:one("DescribeImages", "ImageIds", image.id, options, GONE,
      DEREGISTERED)
    found = reply and expect(reply, "ec2:DescribeImages", "Images").Images[1]
  end
  return found and found.State ~= "deregistered" and found or nil
end

-- Why AWS would refuse to make the image public, or nil (EC2 user guide, "Make your AMI publicly
-- available": no encrypted volumes, no product codes).
local function never_public(found)
  if #(found.ProductCodes or {}) > 0 then
    return "an image with a product code cannot be made public again"
  end
  for _, mapping in ipairs(found.BlockDeviceMappings or {}) do
    if mapping.Ebs and mapping.Ebs.Encrypted then
      return "an image with an encrypted volume cannot be made public again"
    end
  end
  return nil
end

-- Why AWS would refuse to share the image with everyone again, or nil. The block applies to a whole
-- region; images that are already public stay public (EC2 user guide, "Understand block public
-- access for AMIs").
local function never_again(image, state, gone)
  if #sharing.public(gone) == 0 then return nil end
  if state.never_public then return state.never_public end
  local call, member = "ec2:GetImageBlockPublicAccessState", "ImageBlockPublicAccessState"
  local reply = expect(image.aws.ec2:GetImageBlockPublicAccessState {}, call, member)
  if reply.ImageBlockPublicAccessState == "unblocked" then return nil end
  return ("block public access for AMIs is on in %s: it refuses to make the image public again")
    :format(image.region)
end

local OPERATIONS = { add = "Add", remove = "Remove" }

-- Each permission keeps its kind: one for an organization is removed as an organization.
local function remove(image, state, gone)
  local never = never_again(image, state, gone)
  local steps = sharing.removal(gone, never, function(operation, grants)
    local permissions = {}
    for i, grant in ipairs(grants) do permissions[i] = { [grant.kind] = grant.value } end
    local changes = { [OPERATIONS[operation]] = permissions }
    local with = { ImageId = image.id, LaunchPermission = changes }
    return { call = "ec2:ModifyImageAttribute", with = with }
  end, function(taken) return { grants = sharing.without(state.grants, taken) } end)
  return steps
end

return policy {
  type = "ami",
  title = "Machine image",
  aws_type = "AWS::EC2::Image",
  asff = "Other",
  arn = "arn:${partition}:ec2:${region}::image/${id}",
  id = { canonical = spellings.named("ec2", "image/"), form = "${word}" },

  permissions = {
    read = {
      "ec2:DescribeImages", "ec2:GetImageBlockPublicAccessState",
      ["ec2:DescribeImageAttribute"] = { on = IMAGES },
    },
    shared = { "ec2:GetImageBlockPublicAccessState" },
    write = { ["ec2:ModifyImageAttribute"] = { on = IMAGES } },
  },

  events = {
    ["ec2:ModifyImageAttribute"] = "requestParameters.imageId",
  },

  discover = function(scope)
    local wanted = { Owners = { "self" }, IncludeDisabled = true, MaxResults = 1000 }
    for page in scope.aws.ec2:pages("DescribeImages", wanted) do
      for _, image in ipairs(expect(page, "ec2:DescribeImages", "Images").Images) do
        local test = test_resources.marked(image.Name, tags.map(image.Tags))
        if image.OwnerId == scope.account then
          scope:found(image.ImageId, { test = test, listed = image })
        end
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  -- The image itself is read first: its permissions do not say whether it exists and is available.
  fetch = function(image)
    local found = describe(image)
    if not found then return nil end
    local wanted = { ImageId = image.id, Attribute = "launchPermission" }
    local reply = image.aws.ec2:try("DescribeImageAttribute", wanted, GONE, DEREGISTERED)
    if not reply then return nil end
    expect(reply, "ec2:DescribeImageAttribute", "LaunchPermissions")
    local grants = sharing.of_permissions(reply.LaunchPermissions)
    if #grants > 0 and found.State == "pending" then image:later(LATER) end
    return { grants = grants, tags = tags.map(found.Tags), never_public = never_public(found) }
  end,

  checks = {
    {
      id = "ami.public",
      title = "Anyone may launch the image",
      severity = "critical",
      risk = "Anyone with an AWS account can launch the image and read what is on its "
        .. "volumes, including forgotten keys and passwords.",
      advice = "Remove the group `all` from the launch permissions, and name the accounts or "
        .. "the organization that need the image.",
      url = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-intro.html",
      impact = "none",
      repair = "Removes the launch permission of everyone; named accounts keep theirs, and "
        .. "instances that were launched keep running.",

      audit = sharing.audit_public "may launch it",
      fix = remove,
    },
    {
      id = "ami.shared",
      title = "An unknown account may launch the image",
      severity = "high",
      risk = "An account, organization or unit that you do not know can launch the image and read "
        .. "what is on its volumes.",
      advice = "Remove the launch permission, or add the account to KNOWN_ACCOUNTS if it is meant "
        .. "to have it.",
      url = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html",
      impact = "none",
      repair = "Removes the launch permissions of unknown accounts, organizations and units; "
        .. "all others stay, and instances that were launched keep running.",

      audit = sharing.audit_untrusted "may launch it",
      fix = sharing.fix_untrusted(remove),
    },
  },
}
