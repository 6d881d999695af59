-- policies/iam_role.lua, by the real engine.
local GITHUB = "token.actions.githubusercontent.com"
local PROVIDER = '{"Federated":"arn:aws:iam::111122223333:oidc-provider/' .. GITHUB .. '"}'

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(sid, principal, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,%s}'
  return form:format(sid, principal, rest or '"Action":"sts:AssumeRole"')
end

local function web(sid, condition)
  local form = '"Action":"sts:AssumeRoleWithWebIdentity","Condition":{%s}'
  return statement(sid, PROVIDER, form:format(condition))
end

local LAMBDA = statement("lambda", '{"Service":"lambda.amazonaws.com"}')
local OWN = statement("own", '{"AWS":"arn:aws:iam::111122223333:root"}')
local OPEN = statement("open", '{"AWS":"*"}')
local STRANGER = statement("partner", '{"AWS":"arn:aws:iam::999988887777:root"}')
local NARROW = web("ci", ('"StringLike":{"%s:sub":"repo:shop/app:*"}'):format(GITHUB))
-- IAM keeps such a statement from earlier, but does not accept it any more.
local WIDE = web("ci", ('"StringEquals":{"%s:aud":"sts.amazonaws.com"}'):format(GITHUB))

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

-- RFC 3986, as IAM encodes documents (IAM API reference, GetRole).
local function encoded(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function replies(text, name, path)
  return { ["iam:GetRole"] = { Role = {
    RoleName = name or "app", Path = path or "/", AssumeRolePolicyDocument = encoded(text),
    Tags = { { Key = "Team", Value = "shop" } },
  } } }
end

local DENIED = document('{"Sid":"DenyAll","Effect":"Deny","Principal":{"AWS":"*"},'
  .. '"Action":"sts:AssumeRole"}')
local PUBLIC = { ["iam_role.public_trust"] = "non_compliant" }

local function role(name, text, expect)
  return { name = name, id = "app", replies = replies(text), expect = expect }
end

local function set(text)
  return {
    call = "iam:UpdateAssumeRolePolicy", with = { RoleName = "app", PolicyDocument = text },
  }
end

-- A role whose repair leaves `after` of the policy `before`.
local function repaired(name, before, after)
  local case = role(name, before, PUBLIC)
  local change = set(after)
  change.undo = set(before)
  change.replies = replies(after)
  case.changes = { change }
  return case
end

local final = repaired("a provider that many tenants share", document(OWN, WIDE), document(OWN))
final.changes[1].undo, final.changes[1].irreversible = nil, true

local function held(name, found, id)
  return {
    name = name, id = id or "app", replies = found, expect = PUBLIC,
    repaired = { ["iam_role.public_trust"] = "held" },
  }
end

-- Known by its setting, or as the caller of the test.
local own = held("the role that MEMBER_ROLE names", replies(document(OPEN), "fixer"), "fixer")
own.settings = { MEMBER_ROLE = "ops/fixer" }
local caller = held("the role that the engine has", replies(document(OPEN), "member_remediator"),
  "member_remediator")
caller.settings = { MEMBER_ROLE = "fixer" }

local trusting = role("an account that is known", document(STRANGER), "compliant")
trusting.settings = { KNOWN_ACCOUNTS = "999988887777" }

local gone = role("a role that does not exist any more", "", "gone")
gone.replies = { ["iam:GetRole"] = { fault = "NoSuchEntity" } }

return {
  policy = "iam_role",
  cases = {
    role("a service, its own account, a limited provider", document(LAMBDA, OWN, NARROW),
      "compliant"),
    trusting,
    role("another account", document(STRANGER), {
      ["iam_role.shared"] = { status = "non_compliant", summary = "999988887777" },
    }),
    role("a policy that cannot be parsed", '{"Version":', "unknown"),
    repaired("an open statement among others", document(LAMBDA, OPEN, NARROW, OWN),
      document(LAMBDA, NARROW, OWN)),
    repaired("nothing but an open statement", document(OPEN), DENIED),
    final,
    held("a role that belongs to AWS",
      replies(document(OPEN), "app", "/aws-reserved/sso.amazonaws.com/")),
    own, caller,
    gone,
  },
  listings = {
    {
      name = "roles, page by page",
      replies = {
        ["iam:ListRoles"] = { pages = {
          { Roles = { { RoleName = "app" } } },
          { Roles = { { RoleName = "misconfiguration_maker" } } },
        } },
      },
      ids = { "app", { id = "misconfiguration_maker", test = true } },
    },
  },
  events = {
    {
      event = "iam:CreateRole",
      detail = { responseElements = { role = { roleName = "app" } } },
      ids = { "app" },
    },
    {
      event = "iam:UpdateAssumeRolePolicy",
      detail = { requestParameters = { roleName = "app" } },
      ids = { "app" },
    },
  },
}
