-- policies/iam_role.lua with a role that stores what it is given, encoded as IAM sends it.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local iam_role = policies.load "iam_role"
local json = policies.json

local PUBLIC, SHARED = "iam_role.public_trust", "iam_role.shared"
local ME = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine-1"

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(sid, principal, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,%s}'
  return form:format(sid, principal, rest or '"Action":"sts:AssumeRole"')
end

local LAMBDA = statement("lambda", '{"Service":"lambda.amazonaws.com"}')
local OWN = statement("own", '{"AWS":"arn:aws:iam::111122223333:root"}',
  '"Action":["sts:AssumeRole","sts:TagSession"]')
local OPEN = statement("open", '{"AWS":"*"}')
local STRANGER = statement("partner", '{"AWS":"arn:aws:iam::999988887777:root"}')
local VENDOR = statement("vendor", '{"AWS":"arn:aws:iam::999988887777:root"}',
  '"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"a+b%c"}}')
local DELETED = statement("left", '{"AWS":"AROAABCDEFGHIJKLMNOPQ"}')

local function oidc(sid, claim, value)
  local provider = "token.actions.githubusercontent.com"
  local rest = '"Action":"sts:AssumeRoleWithWebIdentity"'
  if claim then
    rest = ('%s,"Condition":{"StringLike":{"%s:%s":"%s"}}'):format(rest, provider, claim, value)
  end
  local name = '{"Federated":"arn:aws:iam::111122223333:oidc-provider/%s"}'
  return statement(sid, name:format(provider), rest)
end

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

-- RFC 3986, as IAM encodes documents (IAM API reference, GetRole).
local function encoded(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

local function role_with(text, options)
  options = options or {}
  local id = options.id or "app"
  options.id = id
  options.settings = options.settings or { member_role = "member_remediator" }
  local box = { text = text }
  local replies = {
    ["iam:GetRole"] = function(params)
      assert.equal(id, params.RoleName)
      return { Role = {
        RoleName = id, Path = options.path or "/", AssumeRolePolicyDocument = encoded(box.text),
        Tags = { { Key = "Team", Value = "shop" } },
      } }
    end,
    ["iam:UpdateAssumeRolePolicy"] = function(params)
      assert.equal(id, params.RoleName)
      box.text = params.PolicyDocument
      return {}
    end,
    ["sts:GetCallerIdentity"] = { Account = "111122223333", Arn = options.me or ME },
  }
  for name, reply in pairs(options.replies or {}) do replies[name] = reply end
  options.replies = replies
  return iam_role:resource(options), box
end

describe("a role's audit", function()
  it("passes for services, its own account and limited providers, in one call", function()
    local narrow = oidc("ci", "sub", "repo:shop/app:*")
    local role = role_with(document(LAMBDA, OWN, narrow))
    local outcome = role:plan()
    assert.equal("compliant", outcome[PUBLIC].status)
    assert.equal("compliant", outcome[SHARED].status)
    assert.same({ { call = "iam:GetRole", region = "us-east-1", with = { RoleName = "app" } } },
      role.calls)
    assert.same({ Team = "shop" }, outcome.tags)
  end)

  it("finds who has access, and says whether an external id is required", function()
    local outcome = role_with(document(OWN, OPEN, STRANGER, VENDOR)):audit()
    local public, shared = outcome[PUBLIC], outcome[SHARED]
    assert.truthy(public.summary:find("statement 2 (open) lets anyone", 1, true))
    assert.equal(1, #public.evidence)
    assert.equal("non_compliant", shared.status)
    assert.same({ "999988887777" }, shared.evidence[1].accounts)
    assert.is_false(shared.evidence[1].external_id)
    assert.is_true(shared.evidence[2].external_id)
  end)

  it("does not count an external id as a limit", function()
    local text = OPEN:gsub('}$', ',"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}')
    local entry = role_with(document(text)):audit()[PUBLIC]
    assert.equal("non_compliant", entry.status)
    assert.is_true(entry.evidence[1].external_id)
  end)

  it("requires limits for web identity, and providers of known accounts", function()
    local function audit(...) return role_with(document(...)):audit() end
    assert.equal("non_compliant", audit(oidc("ci"))[PUBLIC].status)
    assert.equal("non_compliant", audit(oidc("ci", "sub", "*"))[PUBLIC].status)
    assert.equal("non_compliant", audit(oidc("ci", "aud", "sts.amazonaws.com"))[PUBLIC].status)
    local google = '{"Federated":"accounts.google.com"}'
    local action = '"Action":"sts:AssumeRoleWithWebIdentity"'
    assert.equal("non_compliant", audit(statement("g", google, action))[PUBLIC].status)
    local saml = '{"Federated":"arn:aws:iam::%s:saml-provider/okta"}'
    action = '"Action":"sts:AssumeRoleWithSAML"'
    local own = audit(statement("s", saml:format("111122223333"), action))
    assert.equal("compliant", own[PUBLIC].status)
    assert.equal("compliant", own[SHARED].status)
    local other = audit(statement("s", saml:format("999988887777"), action))
    assert.equal("non_compliant", other[SHARED].status)
  end)

  it("trusts exactly those whom the settings trust, and is unknown if it cannot tell", function()
    local outcome = role_with(document(STRANGER), { trusted = { "999988887777" } }):audit()
    assert.equal("compliant", outcome[SHARED].status)
    outcome = role_with(document(STRANGER), { trusted = function() return nil end }):plan()
    assert.equal("unknown", outcome[SHARED].status)
    assert.equal("compliant", outcome[PUBLIC].status)
  end)

  it("does not evaluate what it cannot read", function()
    local deep = ("["):rep(10000)
    for _, text in ipairs { '{"Version":', "", "null", "[]", '{"Statement":[{}]}', deep,
      '{"Statement":[],"Statement":[]}' } do
      local role = role_with(text)
      local results, outcome = role:repair()
      assert.equal("unknown", outcome[PUBLIC].status, text:sub(1, 40))
      assert.equal("unknown", outcome[SHARED].status)
      assert.same({}, results)
    end
  end)

  it("is gone if the role is, and unknown if a read is refused or incomplete", function()
    local function outcome(reply)
      return role_with(document(OPEN), { replies = { ["iam:GetRole"] = reply } }):plan()
    end
    assert.equal("gone", outcome(policies.fault("NoSuchEntity", "none", 404)).state)
    local denied = outcome(policies.fault("AccessDenied", "no", 403))
    assert.equal("AccessDenied", denied[PUBLIC].error.code)
    for _, reply in ipairs { {}, { Role = { RoleName = "app", Path = "/" } },
      { Role = { RoleName = "app", AssumeRolePolicyDocument = encoded(document(OPEN)) } } } do
      assert.equal("unknown", outcome(reply)[PUBLIC].status)
      assert.equal("unknown", outcome(reply)[SHARED].status)
    end
  end)
end)

describe("a role's repair", function()
  it("removes exactly the open statement, and restores it byte for byte", function()
    local before = document(LAMBDA, OPEN, VENDOR, OWN)
    local role, box = role_with(before)
    local results, outcome = role:repair()
    assert.same({ [PUBLIC] = "fixed", [SHARED] = "none" }, results)
    assert.equal(document(LAMBDA, VENDOR, OWN), box.text)
    assert.equal(1, #role:sent())
    assert.equal("iam:UpdateAssumeRolePolicy", outcome[PUBLIC].steps[1].undo.call)
    role:undo()
    assert.equal(before, box.text)
  end)

  it("denies everything if no statement is left", function()
    local role, box = role_with(document(OPEN))
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.same({ Version = "2012-10-17", Statement = { {
      Sid = "DenyAll", Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole",
    } } }, json.decode(box.text))
    role:undo()
    assert.equal(document(OPEN), box.text)
  end)

  it("keeps trusted principals in the statement", function()
    local mixed = OPEN:gsub('"%*"', '["*","111122223333","999988887777"]', 1)
    local role, box = role_with(document(mixed))
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.same({ AWS = { "111122223333", "999988887777" } },
      json.decode(box.text).Statement[1].Principal)
  end)

  it("writes the remaining policy in plain ASCII", function()
    local odd = LAMBDA:gsub("lambda", "caf\u{e9} \u{1F600}", 1)
    local role, box = role_with(document(odd, OPEN))
    role:repair()
    assert.equal("caf\u{e9} \u{1F600}", json.decode(box.text).Statement[1].Sid)
    assert.is_nil(box.text:find("[\x80-\xFF]"))
    role:undo()
    assert.equal(document(odd, OPEN), box.text)
  end)

  it("passes names on unchanged", function()
    for _, id in ipairs { "o'brien \"x\"\n", "r\u{f4}le", ("x"):rep(200), "a+b=c,d.e@f-g" } do
      local role, box = role_with(document(OWN, OPEN), { id = id })
      assert.equal("fixed", role:repair()[PUBLIC])
      assert.equal(document(OWN), box.text)
    end
  end)

  local function held(text, options)
    local role = role_with(text, options)
    local results, outcome = role:repair()
    assert.equal("held", results[PUBLIC])
    assert.same({}, role:sent())
    return outcome[PUBLIC].held
  end

  it("is held for roles that belong to AWS", function()
    for _, path in ipairs { "/aws-service-role/x.amazonaws.com/",
      "/aws-reserved/sso.amazonaws.com/" } do
      assert.truthy(held(document(OPEN), { path = path }):find("belong to AWS", 1, true))
    end
    local role = role_with(document(OPEN), { path = "/team/aws-service-role/" })
    assert.equal("fixed", role:repair()[PUBLIC])
  end)

  it("is held for the role that repairs, known by its setting or as the caller", function()
    local why = "the engine repairs resources with this role"
    local function settings(name) return { member_role = name } end
    assert.equal(why, held(document(OPEN), { id = "Member_Remediator" }))
    assert.equal(why, held(document(OPEN), { id = "fixer", settings = settings "ops/fixer" }))
    local me = "arn:aws:sts::111122223333:assumed-role/remediator/lambda"
    assert.equal(why, held(document(OPEN), { id = "remediator", settings = settings "none",
      me = me }))
    assert.equal(why, held(document(OPEN), { id = "remediator", settings = {}, me = me }))
    me = "arn:aws:iam::111122223333:user/app"
    local role = role_with(document(OPEN), { me = me })
    assert.equal("fixed", role:repair()[PUBLIC])
  end)

  it("is not planned if the caller is unknown", function()
    for _, reply in ipairs { policies.fault("AccessDenied"), { Account = "111122223333" } } do
      local role = role_with(document(OPEN), { replies = { ["sts:GetCallerIdentity"] = reply } })
      local outcome = role:plan()
      assert.equal("failed", outcome[PUBLIC].fix)
      assert.same({}, role:sent())
    end
  end)

  it("also removes deleted principals, and never restores them", function()
    local role, box = role_with(document(OWN, OPEN, DELETED))
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.same(json.decode(document(OWN)), json.decode(box.text))
    role:undo()
    assert.same(json.decode(document(OWN, OPEN)), json.decode(box.text))
  end)
end)

describe("accounts of AWS in a trust policy", function()
  it("count as trusted, and keep their access in a repair", function()
    local theirs = statement("aws", ('{"AWS":%s}'):format(aws_ids.json()))
    local role, box = role_with(document(theirs, OPEN))
    local results, outcome = role:repair()
    assert.equal("fixed", results[PUBLIC])
    assert.equal("compliant", outcome[SHARED].status)
    assert.equal(document(theirs), box.text)
  end)
end)

describe("roles", function()
  it("are listed page by page, with test resources marked", function()
    local list, calls = iam_role:discover { replies = { ["iam:ListRoles"] = policies.pages {
      { Roles = { { RoleName = "app" }, { RoleName = "misconfiguration_maker" } } },
      { Roles = json.decode("[]") },
      { Roles = { { RoleName = "a-misconfig-maker" } } },
    } } }
    assert.same({
      { id = "app", test = false },
      { id = "misconfiguration_maker", test = true },
      { id = "a-misconfig-maker", test = true },
    }, list)
    assert.same({ MaxItems = 1000 }, calls[1].with)
  end)

  it("are found in their events", function()
    local detail = { requestParameters = { roleName = "app" } }
    for _, name in ipairs { "iam:CreateRole", "iam:UpdateAssumeRolePolicy" } do
      assert.same({ { id = "app", delay = 0 } }, iam_role:event(name, detail))
      assert.has_error(function() iam_role:event(name, { responseElements = {} }) end)
    end
  end)

  it("use every permission that they declare", function()
    assert.same({}, iam_role:never_called())
  end)
end)
