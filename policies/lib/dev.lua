-- Developer accounts, whose instances must not be reachable from outside.
local dev = {}

local function holds(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

-- Is the resource in one of DEV_ACCOUNTS?
function dev.applies(resource)
  return holds(resource.settings.dev_accounts, resource.account)
end

-- "2 instances (i-1, i-2)"; only the first three are named.
function dev.count(instances)
  local shown = table.concat(instances, ", ", 1, math.min(#instances, 3))
  local noun = #instances == 1 and "instance" or "instances"
  return ("%d %s (%s%s)"):format(#instances, noun, shown, #instances > 3 and ", ..." or "")
end

return dev
