-- policies/iam_role.lua and web identity, with an IAM that refuses what AWS's IAM refuses.
local policies = require "support.policy"

local iam_role = policies.load "iam_role"
local json = policies.json

local PUBLIC, SHARED = "iam_role.public_trust", "iam_role.shared"
local ME = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine-1"
local GITHUB = "token.actions.githubusercontent.com"
local SENTINEL = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"
local COGNITO = "cognito-identity.amazonaws.com"
local POOL = "us-east-1:11111111-2222-3333-4444-555555555555"

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(principal, rest)
  return ('{"Effect":"Allow","Principal":%s,%s}'):format(principal, rest)
end

local OWN = statement('{"AWS":"arn:aws:iam::111122223333:root"}', '"Action":"sts:AssumeRole"')
local OPEN = statement('{"AWS":"*"}', '"Action":"sts:AssumeRole"')

local function web(host, condition)
  local principal = host:find("^cognito") and host
    or "arn:aws:iam::111122223333:oidc-provider/" .. host
  local rest = '"Action":"sts:AssumeRoleWithWebIdentity"'
  if condition then rest = rest .. ',"Condition":' .. condition end
  return statement(('{"Federated":"%s"}'):format(principal), rest)
end

local function where(host, claim, value, operator)
  return web(host, ('{"%s":{"%s:%s":"%s"}}'):format(operator or "StringEquals", host, claim, value))
end

local AUD = where(GITHUB, "aud", "sts.amazonaws.com")
local NARROW = where(GITHUB, "sub", "repo:shop/app:*", "StringLike")
local GUESTS = web(COGNITO, ('{"StringEquals":{"%s:aud":"%s"},"ForAnyValue:StringLike":'
  .. '{"%s:amr":"unauthenticated"}}'):format(COGNITO, POOL, COGNITO))

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

-- RFC 3986, as IAM encodes documents (IAM API reference, GetRole).
local function encoded(text)
  return (text:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- IAM's rule for GitHub, written without the code under test: the whole text of the condition.
local function iam_refuses(text)
  for _, one in ipairs(json.decode(text).Statement) do
    local federated = one.Principal.Federated
    if one.Effect == "Allow" and federated and federated:find(GITHUB, 1, true) then
      local condition = json.encode(one.Condition or {})
      if not condition:find(GITHUB .. ":sub", 1, true) then return true end
    end
  end
  return false
end

local function role_with(text)
  local box = { text = text }
  return iam_role:resource {
    id = "app",
    settings = { member_role = "member_remediator" },
    replies = {
      ["iam:GetRole"] = function()
        return { Role = {
          RoleName = "app", Path = "/", AssumeRolePolicyDocument = encoded(box.text),
        } }
      end,
      ["iam:UpdateAssumeRolePolicy"] = function(params)
        assert.is_false(iam_refuses(params.PolicyDocument), params.PolicyDocument)
        box.text = params.PolicyDocument
        return {}
      end,
      ["sts:GetCallerIdentity"] = { Account = "111122223333", Arn = ME },
    },
  }, box
end

describe("a role's audit of web identity", function()
  local function status(...)
    return role_with(document(...)):audit()[PUBLIC].status
  end

  it("requires a condition on the tenant for shared issuers", function()
    assert.equal("non_compliant", status(AUD))
    assert.equal("non_compliant", status(where("gitlab.com", "aud", "https://gitlab.com")))
    assert.equal("non_compliant", status(where("agent.buildkite.com", "aud", "sts.amazonaws.com")))
    assert.equal("non_compliant", status(where(GITHUB, "sub", "workflow:deploy:*", "StringLike")))
    assert.equal("non_compliant", status(where(GITHUB, "sub", "ref:refs/heads/main")))
    assert.equal("non_compliant", status(where(SENTINEL, "aud",
      "api://1462b192-27f7-4cb9-8523-0f4ecb54b47e")))
    assert.equal("compliant", status(NARROW))
    assert.equal("compliant", status(where(GITHUB, "repository_id", "123456789")))
    assert.equal("compliant", status(where(GITHUB, "enterprise_id", "12345")))
  end)

  it("accepts own issuers without conditions", function()
    local org = "oidc.circleci.com/org/11111111-2222-3333-4444-555555555555"
    assert.equal("compliant", status(where(org, "sub", "org/1/project/2/user/*", "StringLike")))
    assert.equal("compliant", status(where("oidc.spire.example.com", "sub",
      "spiffe://prod.example.com/ns/*", "StringLike")))
    assert.equal("compliant", status(web "oidc.eks.us-east-1.amazonaws.com/id/X"))
  end)

  it("recognizes Cognito's hosts and its guests", function()
    local china = "cognito-identity.cn-north-1.amazonaws.com.cn"
    local outcome = role_with(document(where(china, "aud", "cn-north-1:1-2"))):audit()
    assert.equal("compliant", outcome[PUBLIC].status)
    assert.equal("compliant", outcome[SHARED].status)
    assert.equal("non_compliant", status(GUESTS))
  end)

  it("recognizes services of every partition", function()
    local service = statement('{"Service":"ec2.csp.hci.ic.gov"}', '"Action":"sts:AssumeRole"')
    local outcome = role_with(document(service)):audit()
    assert.equal("compliant", outcome[PUBLIC].status)
    assert.equal("compliant", outcome[SHARED].status)
  end)
end)

describe("a role's repair of web identity", function()
  it("is irreversible if IAM would no longer accept the former policy", function()
    for _, former in ipairs { document(OWN, web(GITHUB)), document(OWN, AUD) } do
      local role, box = role_with(former)
      local results, outcome = role:repair()
      assert.equal("fixed", results[PUBLIC])
      assert.equal(document(OWN), box.text)
      local step = outcome[PUBLIC].steps[1]
      assert.is_nil(step.undo)
      assert.equal("the earlier policy cannot be stored again: IAM no longer accepts trust in "
        .. GITHUB
        .. " without a condition on " .. GITHUB .. ":sub or " .. GITHUB
        .. ":job_workflow_ref (statement 2)", step.irreversible)
    end
  end)

  it("denies everything, irreversibly, if nothing else is left", function()
    local role, box = role_with(document(web(GITHUB)))
    local results, outcome = role:repair()
    assert.equal("fixed", results[PUBLIC])
    assert.equal("Deny", json.decode(box.text).Statement[1].Effect)
    assert.truthy(outcome[PUBLIC].steps[1].irreversible)
  end)

  it("can be undone if IAM would accept the former policy", function()
    local former = document(OWN, where(GITHUB, "sub", "ref:refs/heads/main"), NARROW, OPEN)
    local role, box = role_with(former)
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.equal(document(OWN, NARROW), box.text)
    role:undo()
    assert.equal(former, box.text)
  end)

  it("removes a statement that IAM would refuse together with the open one", function()
    local role, box = role_with(document(OPEN, AUD, OWN))
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.equal(document(OWN), box.text)
  end)

  it("is held if the remaining policy could not be stored", function()
    local network = web(GITHUB, '{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}')
    for _, stays in ipairs { network, where(GITHUB, "repository_id", "123456789") } do
      local role = role_with(document(OPEN, stays))
      local results, outcome = role:repair()
      assert.equal("held", results[PUBLIC])
      assert.equal("the remaining policy cannot be stored: IAM no longer accepts trust in "
        .. GITHUB .. " "
        .. "without a condition on " .. GITHUB .. ":sub or " .. GITHUB
        .. ":job_workflow_ref (statement 1)", outcome[PUBLIC].held)
      assert.same({}, role:sent())
    end
  end)

  it("is held for guests of Cognito", function()
    for _, text in ipairs { document(GUESTS), document(OWN, OPEN, GUESTS) } do
      local role = role_with(text)
      local results, outcome = role:repair()
      assert.equal("held", results[PUBLIC])
      assert.truthy(outcome[PUBLIC].held:find("guests of a Cognito identity pool", 1, true))
      assert.same({}, role:sent())
    end
  end)

  it("is made for guests whom a condition excludes anyway", function()
    local near = GUESTS:gsub('"Condition":{',
      '"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"},', 1)
    local role, box = role_with(document(near, OPEN))
    assert.equal("fixed", role:repair()[PUBLIC])
    assert.equal(document(near), box.text)
  end)
end)
