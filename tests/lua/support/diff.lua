-- The differences of two values, one field per line: "policy.text: expected \"a\", found \"b\"".
local json = require "support.json"

local function shown(value)
  if value == nil then return "nothing" end
  local text = json.canonical(value)
  return #text <= 200 and text or text:sub(1, 200) .. "…"
end

local function names(one, other)
  local list, seen = {}, {}
  for _, map in ipairs { one, other } do
    for name in pairs(map) do
      if not seen[name] then list[#list + 1], seen[name] = name, true end
    end
  end
  table.sort(list, function(a, b) return tostring(a) < tostring(b) end)
  return list
end

local function compare(one, other, place, lines)
  if type(one) == "function" and type(other) == "function" then return end
  if type(one) == "table" and type(other) == "table" then
    for _, name in ipairs(names(one, other)) do
      local inner = math.type(name) and ("%s[%d]"):format(place, name)
        or (place == "" and name or place .. "." .. name)
      compare(one[name], other[name], inner, lines)
    end
  elseif shown(one) ~= shown(other) then
    lines[#lines + 1] = ("%s: expected %s, found %s"):format(place, shown(one), shown(other))
  end
end

return function(expected, found)
  local lines = {}
  compare(expected, found, "", lines)
  return #lines > 0 and table.concat(lines, "\n")
    or ("expected %s, found %s"):format(shown(expected), shown(found))
end
