-- Principals whose user or role was deleted: AWS returns their unique ids instead of names, gives
-- them no access, and refuses to store them again (IAM user guide, "AWS JSON policy elements:
-- Principal"). Pure. Anything that cannot be parsed is left unchanged.
local copy_of = require "lib.copy_of"
local principals = require "lib.principals"
local statements = require "lib.statements"

local deleted_principals = {}

-- A single remaining name is not in a list, because AWS returns it so (github.com/ansible/ansible
-- issue 42532, S3), and what is read back must equal what was written. nil if no name remains.
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

-- The element without its deleted principals: the same table if it has none, nil if nobody remains.
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

local function with(statement, name, value)
  local copy = copy_of(statement)
  copy[name] = value
  return copy
end

-- The statement without its deleted principals: the same table, a copy, or nil if nobody remains. A
-- NotPrincipal that would become empty is not changed: without it the statement would mean
-- everyone.
local function statement_less(statement)
  if type(statement) ~= "table" then return statement end
  local written, negated = statement.Principal, statement.NotPrincipal
  local left = element(written)
  if left == nil and written ~= nil then return nil end
  if left ~= written then return with(statement, "Principal", left) end
  local left_negated = element(negated)
  if left_negated == nil or left_negated == negated then return statement end
  return with(statement, "NotPrincipal", left_negated)
end

-- The same for a document, which need not be complete: the given one, a copy, or nil if no
-- statement remains.
function deleted_principals.removed(document)
  local ok, list = pcall(statements.raw, document)
  if not ok then return document end
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

-- The position and the text of the first deleted principal, or nil.
function deleted_principals.first(document)
  for _, statement in ipairs(statements.parse(document)) do
    for _, principal in ipairs(statement.principals.list) do
      if principal.kind == "deleted" then return statement.index, principal.text end
    end
  end
  return nil
end

return deleted_principals
