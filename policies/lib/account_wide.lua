-- Where to read what an account has once and every region returns: always in the master region, so
-- that resources of all regions make the same request, and share it (permissions.shared).
local arn = require "lib.arn"

-- The `aws` of the master region; that of the resource itself if there is none, or if it is in
-- another partition.
return function(resource)
  local home = resource.settings.master_region
  local near = home and arn.partition(home) == arn.partition(resource.region)
  return near and resource.aws:in_region(home) or resource.aws
end
