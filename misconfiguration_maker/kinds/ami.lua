-- An image with an empty disk that anyone may launch, and an unknown account by its id. If the
-- account blocks public images (OperationNotPermitted), only the unknown account may.
local empty_snapshot = require "empty_snapshot"
local wait = require "wait"

local NAME = "misconfiguration_maker"
local DISK = "empty disk of the misconfigured image" -- the snapshot itself is configured correctly
local UNKNOWN_ACCOUNT = "999988887777"

local function images(aws)
  local filters = { { Name = "name", Values = { NAME } } }
  return aws.ec2:DescribeImages { Owners = { "self" }, Filters = filters }.Images
end

local function register(aws)
  local disk = { DeviceName = "/dev/xvda", Ebs = { SnapshotId = empty_snapshot.make(aws, DISK) } }
  aws.ec2:RegisterImage {
    Name = NAME, Architecture = "x86_64", VirtualizationType = "hvm",
    RootDeviceName = disk.DeviceName, BlockDeviceMappings = { disk },
  }
end

local function add(aws, id, permission)
  local wanted = { ImageId = id, LaunchPermission = { Add = { permission } } }
  aws.ec2:try("ModifyImageAttribute", wanted, "OperationNotPermitted")
end

return {
  make = function(aws)
    if not images(aws)[1] then register(aws) end
    local id = wait("image", function()
      local image = images(aws)[1]
      return image and image.State == "available" and image.ImageId
    end)
    add(aws, id, { UserId = UNKNOWN_ACCOUNT })
    add(aws, id, { Group = "all" })
    return { id }
  end,

  clean = function(aws)
    for _, image in ipairs(images(aws)) do
      aws.ec2:try("DeregisterImage", { ImageId = image.ImageId }, "InvalidAMIID.NotFound",
        "InvalidAMIID.Unavailable")
    end
    empty_snapshot.clean(aws, DISK)
  end,
}
