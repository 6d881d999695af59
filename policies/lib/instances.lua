-- The tags of instances that belong to another resource.
local batches = require "lib.batches"
local tags = require "lib.tags"
local expect = require "lib.expect"

local instances = {}

local FILTERED_AT_ONCE = 200 -- values of a filter (EC2 API reference, DescribeInstances)

local function add_all(page, found)
  local call = "ec2:DescribeInstances"
  for _, reservation in ipairs(expect(page, call, "Reservations").Reservations) do
    for _, one in ipairs(expect(reservation, call, "Instances").Instances) do
      local id = expect(one, call, "InstanceId").InstanceId
      found[#found + 1] = { id = id, tags = tags.map(one.Tags) }
    end
  end
end

-- A list of { id =, tags = }, sorted. Uses a filter, because a list of ids fails as a whole if one
-- instance no longer exists.
function instances.of(resource, ids)
  local found = {}
  for _, batch in ipairs(batches.of(ids, FILTERED_AT_ONCE)) do
    local wanted = { Filters = { { Name = "instance-id", Values = batch } } }
    for page in resource.aws.ec2:pages("DescribeInstances", wanted) do add_all(page, found) end
  end
  table.sort(found, function(a, b) return a.id < b.id end)
  return found
end

return instances
