-- Test resources, created to be found: their name or a tag says so. The second form is for names
-- that may not contain an underscore.
local test_resources = {}

local MARKS = { "misconfiguration_maker", "misconfig-maker" }

-- Does the name, URL or ARN say so?
function test_resources.named(name)
  for _, mark in ipairs(MARKS) do
    if name:find(mark, 1, true) then return true end
  end
  return false
end

-- Does a key or a value in this map of tags say so?
function test_resources.tagged(tags)
  for key, value in pairs(tags) do
    if test_resources.named(key) or test_resources.named(value) then return true end
  end
  return false
end

return test_resources
