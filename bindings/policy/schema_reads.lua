-- The loader's part for reads besides `fetch`, and for refusals that are tolerated.
local core, schema = ...
local refuse, join, sorted_keys = schema.refuse, schema.join, schema.sorted_keys
local expect, optional, text = schema.expect, schema.optional, schema.text
local check_fields = schema.check_fields

-- The operation as it is declared; `called` holds the reads of the file.
local function declared_read(operation, path, called)
  local name = tostring(operation):gsub("_", "-")
  if called[name] then return name end
  refuse(path, "%s is not declared in permissions.read%s", tostring(operation),
    core.suggest(name, sorted_keys(called)))
end

-- The names of the parts of the state that are read on first use.
local function read_reads(reads)
  local names = core.list({})
  for i, name in ipairs(sorted_keys(optional(reads, "table", "reads") or {})) do
    local path = join("reads", name)
    if type(name) ~= "string" then refuse(path, "parts of the state have names") end
    expect(reads[name], "function", path)
    names[i] = name
  end
  return core.box(names, "reads")
end

-- The codes of errors which say that there is no response yet.
local function read_not_yet(declared, path)
  check_fields(expect(declared, "table", path), path, { not_yet = true })
  local codes = schema.texts(declared.not_yet, join(path, "not_yet"))
  if #codes == 0 then refuse(join(path, "not_yet"), "names no error code") end
  return codes
end

-- Reads that are sent once per run and account: {operation: the codes of its errors that are not
-- kept}.
local function read_shared(shared, called)
  local out = {}
  for _, key in ipairs(sorted_keys(optional(shared, "table", "permissions.shared") or {})) do
    local named = type(key) == "string"
    local path = named and join("permissions.shared", key)
      or ("permissions.shared[%s]"):format(tostring(key))
    local operation = named and key or text(shared[key], path)
    out[#out + 1] = declared_read(operation, path, called)
    out[#out + 1] = named and read_not_yet(shared[key], path) or core.list({})
  end
  return core.object(table.unpack(out))
end

local function read_tolerated(declared, path)
  local codes = core.list({})
  expect(declared, "table", path)
  for _, key in ipairs(sorted_keys(declared)) do
    if key == "why" then
      text(declared.why, join(path, key))
    elseif math.type(key) == "integer" and key >= 1 and key <= #declared then
      codes[#codes + 1] = text(declared[key], ("%s[%d]"):format(path, key))
    else
      refuse(join(path, key), "must be error codes, and why = the reason")
    end
  end
  if #codes == 0 then refuse(path, "names no error code") end
  if declared.why == nil then refuse(path, "must say why the refusal may be ignored: why =") end
  return codes
end

-- Refusals that `try` may list, by operation.
local function read_tolerates(tolerates, called)
  local out = {}
  for _, operation in ipairs(sorted_keys(optional(tolerates, "table", "tolerates") or {})) do
    local path = join("tolerates", operation)
    out[#out + 1] = declared_read(operation, path, called)
    out[#out + 1] = core.box(read_tolerated(tolerates[operation], path), path)
  end
  return core.object(table.unpack(out))
end

local function check_tolerant(checks, tolerates)
  for i, check in ipairs(type(checks) == "table" and checks or {}) do
    if type(check) == "table" and check.tolerant and not tolerates then
      refuse(("checks[%d].tolerant"):format(i), "the file tolerates no refusal")
    end
  end
end

schema.read_reads, schema.read_shared = read_reads, read_shared
schema.read_tolerates, schema.check_tolerant = read_tolerates, check_tolerant
