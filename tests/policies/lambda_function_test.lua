-- policies/lambda_function.lua, by the real engine.
local NAME = "orders"
local ARN = "arn:aws:lambda:us-east-1:111122223333:function:" .. NAME
local PUBLIC, SHARED = "lambda_function.public", "lambda_function.shared"
local NONE = { fault = "ResourceNotFoundException" }

-- A statement in the form that Lambda writes.
local function allow(sid, principal, rest, of)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Action":"lambda:InvokeFunction",'
    .. '"Resource":"%s"%s}'
  return form:format(sid, principal, ARN .. (of and ":" .. of or ""), rest or "")
end

local OWN = allow("own", '{"AWS":"arn:aws:iam::111122223333:root"}')
local TOPIC = allow("topic", '{"Service":"sns.amazonaws.com"}',
  ',"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}')
local OPEN, OPEN_ALIAS = allow("open", '"*"'), allow("all", '"*"', nil, "live")
local STRANGER = allow("partner", '{"AWS":"arn:aws:iam::999988887777:root"}')

local function policy_of(list)
  if not list[1] then return NONE end
  local text = '{"Version":"2012-10-17","Id":"default","Statement":[' .. table.concat(list, ",")
  return { Policy = text .. "]}", RevisionId = "r1" }
end

-- The function with these statements, and an alias with those.
local function replies(own, alias)
  return {
    ["lambda:GetPolicy"] = {
      { with = { Qualifier = "live" }, reply = policy_of(alias or {}) },
      { with = {}, reply = policy_of(own) },
    },
    ["lambda:ListAliases"] = { Aliases = { { Name = "live", RevisionId = "r1" } } },
    ["lambda:ListVersionsByFunction"] = { pages = {
      { Versions = { { Version = "$LATEST", RevisionId = "r1" } } }, { Versions = {} },
    } },
    ["lambda:ListTags"] = { Tags = { Team = "shop" } },
  }
end

local function fn(name, expect, own, alias)
  return { name = name, id = NAME, replies = replies(own, alias), expect = expect }
end

-- The removal of a statement that grants everyone access.
local function removed(sid, qualifier, left)
  local with = { FunctionName = NAME, Qualifier = qualifier, StatementId = sid }
  local back = {
    FunctionName = NAME, Qualifier = qualifier, StatementId = sid,
    Action = "lambda:InvokeFunction", Principal = "*",
  }
  with.RevisionId = "r1"
  return {
    call = "lambda:RemovePermission", with = with, replies = left,
    undo = { call = "lambda:AddPermission", with = back },
  }
end

local open = fn("an open statement among others", {
  [PUBLIC] = { status = "non_compliant", summary = "statement 1 (open) lets anyone" },
}, { OWN, OPEN, TOPIC })
open.changes = { removed("open", nil, replies { OWN, TOPIC }) }

local alias = fn("an open statement of an alias", {
  [PUBLIC] = { status = "non_compliant", summary = "alias live" },
}, { OWN }, { OPEN_ALIAS })
alias.changes = { removed("all", "live", replies { OWN }) }

local odd = fn("an open statement that Lambda cannot write again", { [PUBLIC] = "non_compliant" },
  { OWN, allow("odd", '{"AWS":"*"}') })
odd.changes = { removed("odd", nil, replies { OWN }) }
odd.changes[1].undo, odd.changes[1].irreversible = nil, true

local mixed = fn("an open statement that also names others", { [PUBLIC] = "non_compliant" },
  { allow("mixed", '{"AWS":["*","arn:aws:iam::111122223333:root"]}') })
mixed.repaired = { [PUBLIC] = "held" }

local shared = fn("an unknown account", {
  [SHARED] = { status = "non_compliant", summary = "999988887777" },
}, { STRANGER })
local trusting = fn("an account that is known", "compliant", { STRANGER })
trusting.settings = { KNOWN_ACCOUNTS = "999988887777" }

local broken = fn("a policy that cannot be parsed", "unknown", {})
broken.replies["lambda:GetPolicy"] = { Policy = '{"Version":', RevisionId = "r1" }

local gone = fn("a function that does not exist any more", "gone", {})
gone.replies["lambda:ListAliases"] = NONE

return {
  policy = "lambda_function",
  cases = {
    fn("no policy", "compliant", {}),
    fn("its own account, and a topic", "compliant", { OWN, TOPIC }),
    open, alias, odd, mixed, shared, trusting, broken, gone,
  },
  listings = {
    {
      name = "functions, page by page",
      replies = {
        ["lambda:ListFunctions"] = { pages = {
          { Functions = { { FunctionName = "a" }, { FunctionName = "x-misconfiguration_maker" } } },
          { Functions = { { FunctionName = "b" } } },
        } },
      },
      ids = { "a", { id = "x-misconfiguration_maker", test = true }, "b" },
    },
  },
  events = {
    {
      event = "lambda:AddPermission20150331v2",
      detail = { requestParameters = { functionName = ARN } },
      ids = { NAME },
    },
  },
}
