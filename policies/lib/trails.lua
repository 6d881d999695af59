-- What CloudTrail's trails record, from the results of DescribeTrails and GetEventSelectors.
local arn = require "lib.arn"

local trails = {}

-- Does the trail record the events of this region? A multi-region trail is returned in each region,
-- an organization trail in each account (CloudTrail API reference, DescribeTrails: shadow trails).
function trails.covers(trail, region)
  return trail.IsMultiRegionTrail == true or trail.HomeRegion == region
end

-- Basic selectors: all management events by default (CloudTrail API reference, EventSelector).
local function basic_writes(selector)
  local kind = selector.ReadWriteType or "All"
  return selector.IncludeManagementEvents ~= false and (kind == "All" or kind == "WriteOnly")
end

local function has(list, item)
  for _, one in ipairs(list or {}) do
    if one == item then return true end
  end
  return false
end

-- An advanced selector is a list of fields that must all match. `readOnly` is optional, and is
-- "true" or "false", with Equals only (CloudTrail API reference, AdvancedFieldSelector).
local function advanced_writes(selector)
  local management, writes = false, true
  for _, field in ipairs(selector.FieldSelectors or {}) do
    if field.Field == "eventCategory" then management = has(field.Equals, "Management") end
    if field.Field == "readOnly" then writes = has(field.Equals, "false") end
  end
  return management and writes
end

local function any(list, test)
  for _, item in ipairs(list or {}) do
    if test(item) then return true end
  end
  return false
end

-- Are changes recorded, that is, write management events?
function trails.log_changes(selectors)
  if not selectors.EventSelectors and not selectors.AdvancedEventSelectors then
    error("cloudtrail:GetEventSelectors returned no selectors", 0)
  end
  return any(selectors.EventSelectors, basic_writes)
    or any(selectors.AdvancedEventSelectors, advanced_writes)
end

-- Does it have selectors that this account cannot see? GetTrailStatus answers members of an
-- organization by the trail's ARN (CloudTrail API reference). GetEventSelectors returns
-- TrailNotFoundException or CloudTrailARNInvalidException to them, which the reference does not
-- document.
function trails.hides_selectors(trail, account)
  local owner = trail.IsOrganizationTrail and arn.parse(trail.TrailARN)
  return trail.HasCustomEventSelectors == true and owner and owner.account ~= account or false
end

-- What the result for a good trail does not cover, or nil.
function trails.note(trail, account)
  if not trails.hides_selectors(trail, account) then return nil end
  local text = "%s logs; which events, only its own account can see"
  return { summary = text:format(trail.TrailARN) }
end

-- The trails that cover the region. Those with their own selectors (which cost a call) are last.
function trails.covering(list, region)
  local found = {}
  for _, trail in ipairs(list) do
    if trails.covers(trail, region) then found[#found + 1] = trail end
  end
  table.sort(found, function(one, other)
    local special = one.HasCustomEventSelectors == true
    if special ~= (other.HasCustomEventSelectors == true) then return not special end
    return one.TrailARN < other.TrailARN
  end)
  return found
end

return trails
