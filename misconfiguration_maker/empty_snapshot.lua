-- A snapshot of an empty volume of 1 GiB, identified by its tag Name. The volume exists only until
-- the snapshot is complete.
local wait = require "wait"

local empty_snapshot = {}

local function named(name)
  return { { Name = "tag:Name", Values = { name } } }
end

local function tagged(kind, name)
  return { { ResourceType = kind, Tags = { { Key = "Name", Value = name } } } }
end

local function snapshots(aws, name)
  return aws.ec2:DescribeSnapshots { OwnerIds = { "self" }, Filters = named(name) }.Snapshots
end

local function volumes(aws, name)
  return aws.ec2:DescribeVolumes { Filters = named(name) }.Volumes
end

local function create_volume(aws, name)
  local zone = aws.ec2:DescribeAvailabilityZones {}.AvailabilityZones[1].ZoneName
  aws.ec2:CreateVolume {
    AvailabilityZone = zone, Size = 1, VolumeType = "gp3",
    TagSpecifications = tagged("volume", name),
  }
  return wait("volume", function()
    local volume = volumes(aws, name)[1]
    return volume and volume.State == "available" and volume
  end)
end

local function delete_volumes(aws, name)
  for _, volume in ipairs(volumes(aws, name)) do
    aws.ec2:try("DeleteVolume", { VolumeId = volume.VolumeId }, "InvalidVolume.NotFound")
  end
end

-- The id of the snapshot of that name, which is created if there is none.
function empty_snapshot.make(aws, name)
  if not snapshots(aws, name)[1] then
    local volume = volumes(aws, name)[1] or create_volume(aws, name)
    aws.ec2:CreateSnapshot {
      VolumeId = volume.VolumeId, Description = "empty",
      TagSpecifications = tagged("snapshot", name),
    }
  end
  local found = wait("snapshot", function()
    local snapshot = snapshots(aws, name)[1]
    return snapshot and snapshot.State == "completed" and snapshot
  end)
  delete_volumes(aws, name)
  return found.SnapshotId
end

function empty_snapshot.clean(aws, name)
  for _, snapshot in ipairs(snapshots(aws, name)) do
    aws.ec2:try("DeleteSnapshot", { SnapshotId = snapshot.SnapshotId }, "InvalidSnapshot.NotFound")
  end
  delete_volumes(aws, name)
end

return empty_snapshot
