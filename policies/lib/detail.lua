-- Reads an event's detail, which may hold values of any type.
local detail = {}

-- at(event, "responseElements", "service") -> the value at this path, or nil.
function detail.at(value, ...)
  for _, key in ipairs { ... } do
    if type(value) ~= "table" then return nil end
    value = value[key]
  end
  return value
end

-- The list at this path; empty if there is none.
function detail.list(...)
  local value = detail.at(...)
  return type(value) == "table" and value or {}
end

return detail
