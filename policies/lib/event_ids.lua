-- Ids out of events, where a path does not do: what stands there must be rewritten first.
local detail = require "lib.detail"

local event_ids = {}

local function words(path)
  local list = {}
  for word in path:gmatch("[^.]+") do list[#list + 1] = word end
  return list
end

-- The text at a path; nil where nothing stands there.
local function text_at(event, path)
  local value = detail.at(event, table.unpack(words(path)))
  if value == nil or value == "" then return nil end
  if type(value) == "string" then return value end
  error(("detail.%s holds something that is no text where an id should be"):format(path), 0)
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
    local text = text_at(event, path)
    if text then return text end
  end
  event_ids.missing(...)
end

-- All of them, where an event does not say which of several names will be the right one.
function event_ids.all(event, ...)
  local found = {}
  for _, path in ipairs { ... } do found[#found + 1] = text_at(event, path) end
  if #found == 0 then event_ids.missing(...) end
  return found
end

-- Did CloudTrail leave this part of the event out, being too large? (CloudTrail user guide,
-- "CloudTrail record contents": `omitted` is true then.)
function event_ids.is_cut(part)
  return type(part) == "table" and (part.omitted == true or part.omitted == "true")
end

return event_ids
