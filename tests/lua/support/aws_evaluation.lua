-- How AWS decides about one request by a resource's policy alone (IAM user guide, "Policy
-- evaluation logic", "Condition operators", "Creating a condition with multiple keys or values"): a
-- model with which the evaluator of access policies is compared. It shares no code with it.
--
-- A request: { account =, arn =, service =, (none: anonymous) action =, resource =, context = {
-- [key in lower case] = list of values } }
local evaluation = {}

local function pattern_of(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

local patterns = {}

local function like(text, glob)
  patterns[glob] = patterns[glob] or pattern_of(glob)
  return text:find(patterns[glob]) ~= nil
end

local function parts_of(arn)
  local parts, rest = {}, arn
  for i = 1, 5 do
    local head, tail = rest:match("^([^:]*):(.*)$")
    if not head then return nil end
    parts[i], rest = head, tail
  end
  parts[6] = rest
  return parts
end

-- Each of the six parts by itself: no wildcard matches a colon before the last one.
local function arn_like(text, glob)
  local one, other = parts_of(text), parts_of(glob)
  if not one or not other then return false end
  for i = 1, 6 do
    if not like(one[i], other[i]) then return false end
  end
  return true
end

local function address(text)
  local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function within(text, range)
  local base, bits = range:match("^(.*)/(%d+)$")
  local size = 2 ^ (32 - tonumber(bits))
  return address(text) // size == address(base) // size
end

local MATCH = {
  StringEquals = function(one, other) return one == other end,
  StringEqualsIgnoreCase = function(one, other) return one:lower() == other:lower() end,
  StringLike = like,
  ArnLike = arn_like,
  ArnEquals = arn_like,
  IpAddress = within,
  Bool = function(one, other) return one:lower() == other:lower() end,
}

local NEGATED = {
  StringNotEquals = "StringEquals", StringNotEqualsIgnoreCase = "StringEqualsIgnoreCase",
  StringNotLike = "StringLike", ArnNotLike = "ArnLike", ArnNotEquals = "ArnEquals",
  NotIpAddress = "IpAddress",
}

local VARIABLES = {
  ["${aws:resourceaccount}"] = "account", ["${aws:resourceorgid}"] = "organization",
}

local function resolved(value, own)
  return (tostring(value):gsub("%${[^}]*}", function(name) return own[VARIABLES[name:lower()]] end))
end

local function list_of(value)
  return type(value) == "table" and value or { value }
end

local function any(list, test)
  for _, item in ipairs(list) do
    if test(item) then return true end
  end
  return false
end

local function holds(operator, key, wanted, request, own)
  local have = request.context[key:lower()]
  if operator == "Null" then return (have == nil) == (wanted == "true") end
  local set, name = operator:match("^(For%a+Values?):(.*)$")
  name = name or operator
  local bare = name:gsub("IfExists$", "")
  if not have then
    if bare ~= name or set == "ForAllValues" then return true end
    return not set and NEGATED[bare] ~= nil
  end
  local match = MATCH[NEGATED[bare] or bare]
  local function satisfied(value)
    local found = any(list_of(wanted), function(other)
      return match(value, resolved(other, own))
    end)
    return found ~= (NEGATED[bare] ~= nil)
  end
  if set == "ForAllValues" then
    return not any(have, function(value) return not satisfied(value) end)
  end
  return any(have, satisfied)
end

local function conditions_hold(statement, request, own)
  for operator, block in pairs(statement.Condition or {}) do
    for key, wanted in pairs(block) do
      if not holds(operator, key, wanted, request, own) then return false end
    end
  end
  return true
end

-- How the principal is matched: "name", "everyone", or nil.
local function meant(element, request)
  if element == "*" then return "everyone" end
  local how
  for kind, names in pairs(element) do
    for _, name in ipairs(list_of(names)) do
      if name == "*" then
        how = how or "everyone"
      elseif kind == "Service" then
        how = request.service == name and "name" or how
      elseif request.account and (name == request.account or name == request.arn
        or name == ("arn:aws:iam::%s:root"):format(request.account)) then
        how = "name"
      end
    end
  end
  return how
end

local function names(statement, field, text)
  return any(list_of(statement[field]), function(glob) return like(text:lower(), glob:lower()) end)
end

local function in_set(statement, field, text)
  if statement["Not" .. field] ~= nil then return not names(statement, "Not" .. field, text) end
  return statement[field] == nil or names(statement, field, text)
end

-- Does the statement apply to the request's action and resource?
function evaluation.covers(statement, request)
  return in_set(statement, "Action", request.action)
    and in_set(statement, "Resource", request.resource)
end

evaluation.meant = meant

-- How the statement matches the request: "name", "everyone", or nil if it does not.
function evaluation.speaks(statement, request, own)
  local how
  if statement.NotPrincipal ~= nil then
    how = not meant(statement.NotPrincipal, request) and "everyone" or nil
  else
    how = meant(statement.Principal, request)
  end
  local all = how and evaluation.covers(statement, request)
    and conditions_hold(statement, request, own)
  return all and how or nil
end

-- Does a statement of the document deny the request?
function evaluation.denied(document, request, own)
  for _, statement in ipairs(document and document.Statement or {}) do
    if statement.Effect == "Deny" and evaluation.speaks(statement, request, own) then
      return true
    end
  end
  return false
end

-- Is the request allowed, and not denied?
function evaluation.allowed(document, request, own)
  for _, statement in ipairs(document and document.Statement or {}) do
    if statement.Effect == "Allow" and evaluation.speaks(statement, request, own) then
      return not evaluation.denied(document, request, own)
    end
  end
  return false
end

-- Does the value match the request's key, by the operator without its modifiers and negation?
function evaluation.matches(operator, key, value, request, own)
  local bare = operator:gsub("^For%a+:", ""):gsub("IfExists$", "")
  return any(request.context[key:lower()] or {}, function(have)
    return MATCH[NEGATED[bare] or bare](have, resolved(value, own))
  end)
end

return evaluation
