-- Finds ids in events if a path is not enough, because the id must be rewritten first.
local detail = require "lib.detail"

local event_ids = {}

local function words(path)
  local list = {}
  for word in path:gmatch("[^.]+") do list[#list + 1] = word end
  return list
end

-- The text at a path; nil if there is none.
local function text_at(event, path)
  local value = detail.at(event, table.unpack(words(path)))
  if value == nil or value == "" then return nil end
  if type(value) == "string" then return value end
  error(("detail.%s is no string where an id should be"):format(path), 0)
end

-- Raises the engine's error for a path that leads to no id: the event causes a warning, not a
-- failure.
function event_ids.missing(...)
  local message = "the event has no id at detail." .. table.concat({ ... }, " or detail.")
  error({ code = "MissingId", message = message }, 0)
end

-- The text at the first of these paths ("requestParameters.functionName") that has a value, or the
-- error that it is missing.
function event_ids.first(event, ...)
  for _, path in ipairs { ... } do
    local text = text_at(event, path)
    if text then return text end
  end
  event_ids.missing(...)
end

-- A function of an event: the same in lower case, for services that keep names so, whatever the
-- request says.
function event_ids.lower(...)
  local paths = { ... }
  return function(event) return event_ids.first(event, table.unpack(paths)):lower() end
end

-- The texts at all of them, for events that do not say which of several names is the right one.
function event_ids.all(event, ...)
  local found = {}
  for _, path in ipairs { ... } do found[#found + 1] = text_at(event, path) end
  if #found == 0 then event_ids.missing(...) end
  return found
end

-- Did CloudTrail omit this part of the event because it was too large? (CloudTrail user guide,
-- "CloudTrail record contents": `omitted` is true then.)
function event_ids.is_cut(part)
  return type(part) == "table" and (part.omitted == true or part.omitted == "true")
end

return event_ids
