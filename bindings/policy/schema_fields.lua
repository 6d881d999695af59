-- What the loader's other files (schema_*.lua) check fields with. `schema` is theirs in common:
-- each adds to it what the later ones call; schema.file is the name of the file being loaded.
local core, schema = ...

-- What was found wrong: { line =, text = }. A mistyped field is not missed as well: `meant` holds
-- the paths that they were taken for.
local found, meant = {}, {}

-- Most files have nothing wrong with them: their text is read where it is asked for.
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

-- Fields that do not hang on each other are looked at apart, so that all that is wrong is told.
local function attempt(fn, ...) return settle(pcall(fn, ...)) end

-- All that was found, in the order of its lines: nil where there is nothing.
local function problems()
  table.sort(found, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.text < b.text
  end)
  return found[1] and found or nil
end

local function join(parent, key) return parent == "" and tostring(key) or parent .. "." .. key end

-- Positions first, in their order; then names.
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

local function quote(value)
  if type(value) == "table" then return "a list or an object" end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
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
  for key in next, value do
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
schema.refuse, schema.join, schema.quote, schema.sorted_keys = refuse, join, quote, sorted_keys
schema.check_fields, schema.expect, schema.optional = check_fields, expect, optional
schema.text, schema.list, schema.texts = text, list, texts
