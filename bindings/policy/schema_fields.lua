-- Helpers that the loader's other files (schema_*.lua) use to check fields. They share `schema`:
-- each file adds functions for the later ones; schema.file is the name of the file being loaded.
local core, schema = ...

-- The problems found: { line =, text = }. A mistyped field is not also reported as missing: `meant`
-- holds the paths that such fields were probably meant to be.
local found, meant = {}, {}

-- Most files have no problems, so their lines are only determined when needed.
local line_of

local function problem(path, format, ...)
  line_of = line_of or core.lines()
  local line, field = line_of(path), path ~= "" and path .. ": " or ""
  local text = field .. format:format(...)
  return { line = line, text = ("%s:%d: %s"):format(schema.file, line, text) }
end

local function refuse(path, format, ...) error(problem(path, format, ...), 0) end

local function note(wrong)
  if type(wrong) ~= "table" then wrong = { line = 0, text = wrong } end
  if wrong.text then found[#found + 1] = wrong end
end

local function settle(ok, ...)
  if ok then return ... end
  note(...)
end

-- Fields that do not depend on each other are checked separately, so that all problems are
-- reported.
local function attempt(fn, ...) return settle(pcall(fn, ...)) end

-- All problems in the order of their lines; nil if there are none.
local function problems()
  table.sort(found, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.text < b.text
  end)
  return found[1] and found or nil
end

local function join(parent, key) return parent == "" and tostring(key) or parent .. "." .. key end

-- Positions first, in order; then names.
local function precedes(a, b)
  local one, two = math.type(a) == "integer", math.type(b) == "integer"
  if one ~= two then return one end
  if one then return a < b end
  return tostring(a) < tostring(b)
end

local function sorted_keys(map)
  local keys = {}
  for key in next, map do keys[#keys + 1] = key end
  table.sort(keys, precedes)
  return keys
end

local function check_fields(value, path, fields)
  local names = sorted_keys(fields)
  for _, key in ipairs(sorted_keys(value)) do
    if not fields[key] then
      local near = type(key) == "string" and core.suggest(key, names) or ""
      note(problem(join(path, key), "no such field%s", near))
      meant[join(path, near:match('"(.-)"') or "")] = true
    end
  end
end

local function expect(value, kind, path)
  if type(value) == kind then return value end
  if value == nil and meant[path] then error({}, 0) end
  if value == nil then refuse(path, "is missing; it must be a %s", kind) end
  refuse(path, "must be a %s, not a %s", kind, type(value))
end

local function text(value, path)
  if expect(value, "string", path) == "" then refuse(path, "must not be empty") end
  return value
end

local function optional(value, kind, path)
  return value ~= nil and expect(value, kind, path) or nil
end

local function list(value, path)
  expect(value, "table", path)
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      refuse(join(path, key), "%s must be a list", path)
    end
  end
  return value
end

local function texts(value, path)
  local out = core.list({})
  for i, item in ipairs(list(value, path)) do out[i] = text(item, ("%s[%d]"):format(path, i)) end
  return out
end

schema.attempt, schema.problems, schema.meant = attempt, problems, meant
schema.refuse, schema.join, schema.sorted_keys = refuse, join, sorted_keys
schema.quote = schema.collect.shown
schema.check_fields, schema.expect, schema.optional = check_fields, expect, optional
schema.text, schema.list, schema.texts = text, list, texts
