-- Principals whose user or role was deleted: AWS tells their unique ids instead of names, lets
-- nobody in by them, and refuses to store them again (IAM user guide, "AWS JSON policy elements:
-- Principal"). Pure; what cannot be read is left as it is.
local copy_of = require "lib.copy_of"
local principals = require "lib.principals"
local statements = require "lib.statements"

local deleted_principals = {}

-- One name that is left stands alone: so AWS would tell it (github.com/ansible/ansible issue 42532,
-- S3), and what is read again is what was written. nil when none is.
local function less(names)
  if type(names) == "string" then return not principals.is_deleted(names) and names or nil end
  if type(names) ~= "table" then return names end
  local kept, gone = {}, false
  for _, name in ipairs(names) do
    local deleted = type(name) == "string" and principals.is_deleted(name)
    gone = gone or deleted
    if not deleted then kept[#kept + 1] = name end
  end
  if not gone then return names end
  if #kept <= 1 then return kept[1] end
  return kept
end

-- The element less its deleted principals: itself where there are none, nil where nobody is left.
local function element(written)
  if type(written) == "string" then return less(written) end
  if type(written) ~= "table" then return written end
  local left = less(written.AWS)
  if left == written.AWS then return written end
  local copy = {}
  for kind, names in pairs(written) do copy[kind] = names end
  copy.AWS = left
  return next(copy) ~= nil and copy or nil
end

-- The statement less its deleted principals: itself, a copy, or nil where nobody is left. A
-- NotPrincipal that would be left empty stays as it is: without it everyone would be meant.
local function statement_less(statement)
  if type(statement) ~= "table" then return statement end
  for _, name in ipairs { "Principal", "NotPrincipal" } do
    local written = statement[name]
    local left = element(written)
    if left == nil and written ~= nil and name == "Principal" then return nil end
    if left ~= nil and left ~= written then
      local copy = copy_of(statement)
      copy[name] = left
      return copy
    end
  end
  return statement
end

-- The same of a document that need not be whole: the one given, a copy, or nil where no statement
-- is left.
function deleted_principals.removed(document)
  local told, list = pcall(statements.raw, document)
  if not told then return document end
  local kept, changed = {}, false
  for _, statement in ipairs(list) do
    local left = statement_less(statement)
    changed = changed or left ~= statement
    kept[#kept + 1] = left
  end
  if not changed then return document end
  if #kept == 0 then return nil end
  local copy = copy_of(document)
  copy.Statement = kept
  return copy
end

deleted_principals.of_statement = statement_less

-- The place and the text of the first deleted principal, or nil.
function deleted_principals.first(document)
  for _, statement in ipairs(statements.parse(document)) do
    for _, principal in ipairs(statement.principals.list) do
      if principal.kind == "deleted" then return statement.index, principal.text end
    end
  end
  return nil
end

return deleted_principals
