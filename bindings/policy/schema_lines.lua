-- Finds the line of each field of policy {…} in the file's text, for messages only. Runs only if a
-- file has a problem, after lint_parse.lua.
local core, schema = ...

-- The last policy {…} in the file.
local function find_call(node, found)
  local table_of = node.t == "call" and node.callee.name == "policy" and node.args[1]
  if table_of and table_of.t == "table" and not (found and found.line > node.line) then
    found = node
  end
  for _, inner in next, node do
    if type(inner) == "table" then found = find_call(inner, found) end
  end
  return found
end

local function key_of(item)
  return item.key and item.key.t == "string" and item.key.value
end

-- The path of each entry with its line: "checks[1].severity", "events.sqs:CreateQueue".
local function note_lines(constructor, parent, lines)
  local position = 0
  for _, item in ipairs(constructor.items) do
    local key = key_of(item)
    if not key then position = position + 1 end
    local path = key and (parent == "" and key or parent .. "." .. key)
      or ("%s[%d]"):format(parent, position)
    lines[path] = lines[path] or item.line
    if item.value.t == "table" then note_lines(item.value, path, lines) end
  end
  return lines
end

local parsed, tree = pcall(schema.parse, core.text())
local call = parsed and find_call(tree)
local lines = call and note_lines(call.args[1], "", {}) or {}

-- The line of a field, else of the nearest enclosing field that is in the file, else of policy
-- itself; 1 if there is none.
function schema.line(path)
  while path and not lines[path] do path = path:match("^(.*)[.%[]") end
  return path and lines[path] or call and call.callee.line or 1
end
