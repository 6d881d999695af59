-- What an event says, whatever its author put in the place.
local detail = {}

-- at(event, "responseElements", "service") -> the value there, or nil.
function detail.at(value, ...)
  for _, key in ipairs { ... } do
    if type(value) ~= "table" then return nil end
    value = value[key]
  end
  return value
end

-- The list there; empty where there is none.
function detail.list(...)
  local value = detail.at(...)
  return type(value) == "table" and value or {}
end

return detail
