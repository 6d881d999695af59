-- Ids out of events, where a path does not do: what stands there must be rewritten first.
local detail = require "lib.detail"

local event_ids = {}

local function words(path)
  local list = {}
  for word in path:gmatch("[^.]+") do list[#list + 1] = word end
  return list
end

-- Raises what the engine raises where a path leads to no id: the event is warned of, not failed.
function event_ids.missing(...)
  local message = "the event has no id at detail." .. table.concat({ ... }, " or detail.")
  error({ code = "MissingId", message = message }, 0)
end

-- The text at the first of these paths ("requestParameters.functionName") where anything stands,
-- or the complaint that it is missing.
function event_ids.first(event, ...)
  for _, path in ipairs { ... } do
    local value = detail.at(event, table.unpack(words(path)))
    if value ~= nil and value ~= "" then
      if type(value) == "string" then return value end
      error(("detail.%s holds something that is no text where an id should be"):format(path), 0)
    end
  end
  event_ids.missing(...)
end

return event_ids
