-- Creates one misconfigured resource of each type, or deletes them:
--
--   engine run misconfiguration_maker/make.lua make|clean [--account ID] [--region NAME] [TYPE...]
--
-- `make` prints a resource line for each, ready for `engine remediate`; what is there already is
-- found, not made twice. All of them are named or tagged `misconfiguration_maker`, so that
-- `engine poll --only-use-test-resources` lists only those; what is only needed beside them is
-- named `misconfigured_…`. Without --account: the caller's own account; another one is reached
-- through MEMBER_ROLE, which must be allowed to make things.
-- Exit status: 0, 1 when a type failed (the others are still made), 64 for a usage error.
--
-- A type's own file, kinds/<type>.lua, returns { make = function(aws, place) return { id, … } end,
-- clean = function(aws, place) end }; `aws` calls in the account and region that `place` names.
local USAGE = "usage: engine run make.lua make|clean [--account ID] [--region NAME] [TYPE...]"

local function stop(text)
  io.stderr:write("make.lua: ", text, "\n")
  os.exit(64)
end

local function parse(words)
  local options, types, i = {}, {}, 2
  while words[i] do
    local name = words[i]:match("^%-%-(%l+)$")
    if name == "account" or name == "region" then
      options[name] = words[i + 1] or stop("--" .. name .. " needs a value")
      i = i + 1
    elseif words[i]:match("^[%l%d_]+$") then
      types[#types + 1] = words[i]
    else
      stop(words[i] .. ": unknown option or type\n" .. USAGE)
    end
    i = i + 1
  end
  return options, types
end

-- The types that have a file here, in the order of their names.
local function all_types()
  local directory = arg[0]:match("^(.*)/") or "."
  local listing = assert(io.popen("ls '" .. directory:gsub("'", "'\\''") .. "/kinds'"))
  local types = {}
  for name in listing:lines() do types[#types + 1] = name:match("^(.*)%.lua$") end
  listing:close()
  return types
end

local function load_kind(name)
  if not package.searchpath("kinds." .. name, package.path) then
    stop(("%s: unknown type; the types are %s"):format(name, table.concat(all_types(), ", ")))
  end
  local found, kind = pcall(require, "kinds." .. name)
  if not found then stop(("%s: its file is broken: %s"):format(name, kind)) end
  return kind
end

local function text_of(problem)
  if type(problem) ~= "table" then return tostring(problem) end
  local operation, code = tostring(problem.operation), tostring(problem.code)
  return ("%s: %s: %s"):format(operation, code, tostring(problem.message))
end

local function line(place, kind, id)
  local fields = {}
  for i, value in ipairs { place.account, place.region, kind, id } do
    fields[i] = json.encode(value):gsub("\\/", "/")
  end
  return ('{"account":%s,"region":%s,"type":%s,"id":%s}'):format(table.unpack(fields))
end

local command = arg[1]
if command ~= "make" and command ~= "clean" then stop(USAGE) end
local options, types = parse(arg)
local region = options.region or os.getenv("AWS_REGION") or os.getenv("AWS_DEFAULT_REGION")
if not region then stop("no region: set --region or AWS_REGION") end
if #types == 0 then types = all_types() end

local there = (options.account and aws:in_account(options.account) or aws):in_region(region)
local place = { account = options.account or sts.caller().account, region = region }
local status = 0
for _, name in ipairs(types) do
  local kind = load_kind(name)
  local done, result = pcall(kind[command], there, place)
  if not done then
    io.stderr:write(("make.lua: %s %s: %s\n"):format(command, name, text_of(result)))
    status = 1
  elseif command == "make" then
    for _, id in ipairs(result) do print(line(place, name, id)) end
  end
end
return status
