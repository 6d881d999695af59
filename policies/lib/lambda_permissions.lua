-- Converts statements of a function's policy to parameters of AddPermission, and decides whether a
-- removed statement can be restored exactly.
local arn = require "lib.arn"

local lambda_permissions = {}

-- How Lambda writes AddPermission's parameters as a condition (Lambda developer guide, "Viewing
-- resource-based IAM policies"; "Controlling access to function URLs").
local CONDITIONS = {
  ["ArnLike AWS:SourceArn"] = "SourceArn",
  ["StringEquals AWS:SourceAccount"] = "SourceAccount",
  ["StringEquals aws:PrincipalOrgID"] = "PrincipalOrgID",
  ["StringEquals lambda:EventSourceToken"] = "EventSourceToken",
  ["StringEquals lambda:FunctionUrlAuthType"] = "FunctionUrlAuthType",
  ["Bool lambda:InvokedViaFunctionUrl"] = "InvokedViaFunctionUrl",
}

local TRUTH = { [true] = true, ["true"] = true, [false] = false, ["false"] = false }

local FIELDS = {
  Sid = true, Effect = true, Principal = true, Action = true, Resource = true, Condition = true,
}

-- "*", a service or an account's root, which Lambda stores as given; nil for others.
local function principal_of(value)
  if value == "*" then return value end
  if type(value) ~= "table" then return nil end
  local kind, name
  for key, item in pairs(value) do
    if kind or type(item) ~= "string" then return nil end
    kind, name = key, item
  end
  if kind == "Service" then return name end
  local is_root = kind == "AWS" and name:find("^arn:[^:]+:iam::%d+:root$") ~= nil
  return is_root and name or nil
end

-- Adds the parameter for one key of a condition; returns the reason if there is none.
local function add_condition(with, operator, key, value)
  local name = CONDITIONS[operator .. " " .. key]
  if name == "InvokedViaFunctionUrl" then value = TRUTH[value] end
  if not name or value == nil or type(value) == "table" then
    return ("AddPermission cannot write the condition %s %s"):format(operator, key)
  end
  with[name] = value
  return nil
end

-- The names in order, so that each run reports the same of several oddities: the same state must
-- give the same steps.
local function names_of(members)
  local names = {}
  for name in pairs(members) do names[#names + 1] = tostring(name) end
  table.sort(names)
  return names
end

local function add_conditions(with, conditions)
  if type(conditions) ~= "table" then return "its Condition is not an object" end
  for _, operator in ipairs(names_of(conditions)) do
    local block = conditions[operator]
    if type(block) ~= "table" then return "its Condition is not an object" end
    for _, key in ipairs(names_of(block)) do
      local why = add_condition(with, operator, key, block[key])
      if why then return why end
    end
  end
  return nil
end

local function strange_field(statement)
  for _, name in ipairs(names_of(statement)) do
    if not FIELDS[name] then return name end
  end
  return nil
end

-- Why AddPermission would not write exactly this statement, apart from conditions.
local function oddity(statement, principal, resource)
  local strange = strange_field(statement)
  if strange then return "AddPermission cannot write " .. strange end
  if statement.Effect ~= "Allow" then return "AddPermission only allows" end
  if not principal then return "AddPermission cannot write its Principal" end
  if type(statement.Action) ~= "string" then return "AddPermission accepts only one action" end
  if statement.Resource ~= resource then return "its Resource is not the function" end
  if type(statement.Sid) ~= "string" or #statement.Sid > 100
    or not statement.Sid:find("^[%w_-]+$") then
    return "AddPermission does not accept its Sid"
  end
  return nil
end

-- The ARN of a function, or of one of its versions or aliases.
function lambda_permissions.resource(fn, qualifier)
  local text = ("arn:%s:lambda:%s:%s:function:%s"):format(arn.partition(fn.region), fn.region,
    fn.account, fn.id)
  return qualifier and text .. ":" .. qualifier or text
end

-- The parameters of AddPermission that write exactly this statement; nil and the reason if there
-- are none. fn: anything with `id`, `region`, `account`.
function lambda_permissions.rebuilt(fn, qualifier, statement)
  local principal = principal_of(statement.Principal)
  local why = oddity(statement, principal, lambda_permissions.resource(fn, qualifier))
  if why then return nil, why end
  local with = {
    FunctionName = fn.id, Qualifier = qualifier, StatementId = statement.Sid,
    Action = statement.Action, Principal = principal,
  }
  if statement.Condition ~= nil then why = add_conditions(with, statement.Condition) end
  if why then return nil, why end
  return with
end

return lambda_permissions
