-- The functions of a region. ListFunctions returns the published versions of each too if it is
-- asked to, but does not document their order, so that a function is complete only at the end.
local expect = require "lib.expect"
local test_resources = require "lib.test_resources"

local lambda_versions = {}

local CALL = "lambda:ListFunctions"
local MOST = 20000 -- versions that are kept; beyond it, each function is asked for its own

-- Adds a version to the function's list: { { Version =, RevisionId = }, … }.
local function add(functions, item)
  local known = functions.of[item.FunctionName]
  if not known then
    known = {}
    functions.of[item.FunctionName] = known
    functions.names[#functions.names + 1] = item.FunctionName
  end
  functions.count = functions.count + 1
  if functions.count > MOST then return end
  known[#known + 1] = {
    Version = expect(item, CALL, "Version").Version, RevisionId = item.RevisionId,
  }
end

-- What is handed on about a function: nothing if its list cannot be complete. Every function has an
-- unpublished version.
local function listed(functions, name)
  if functions.count > MOST then return nil end
  for _, one in ipairs(functions.of[name]) do
    if one.Version == "$LATEST" then return { versions = functions.of[name] } end
  end
end

-- Passes each function to scope:found, with its versions if the audit can use them.
function lambda_versions.discover(scope)
  local functions = { names = {}, of = {}, count = 0 }
  local wanted = { MaxItems = 50, FunctionVersion = scope.wants_listed and "ALL" or nil }
  local function found(name, about)
    scope:found(name, { test = test_resources.named(name), listed = about })
  end
  for page in scope.aws.lambda:pages("ListFunctions", wanted) do
    for _, item in ipairs(expect(page, CALL, "Functions").Functions) do
      if scope.wants_listed then add(functions, item) else found(item.FunctionName) end
    end
  end
  for _, name in ipairs(functions.names) do found(name, listed(functions, name)) end
end

return lambda_versions
