-- What lib.web_identity returns for repairs, and which policies IAM would refuse.
local statements = require "lib.statements"
local web_identity = require "lib.web_identity"

local GITHUB = "token.actions.githubusercontent.com"
local COGNITO = "cognito-identity.amazonaws.com"
local SENTINEL = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"

local function document(...)
  return { Version = "2012-10-17", Statement = { ... } }
end

local function statement(host, condition, more)
  local arn = "arn:aws:iam::111122223333:oidc-provider/" .. host
  local one = {
    Effect = "Allow", Principal = { Federated = host == COGNITO and host or arn },
    Action = "sts:AssumeRoleWithWebIdentity", Condition = condition,
  }
  for key, value in pairs(more or {}) do one[key] = value or nil end
  return one
end

local function judge(host, condition)
  local parsed = statements.parse(document(statement(host, condition)))[1]
  return web_identity.judge(parsed, host)
end

describe("web_identity.judge", function()
  it("names, as they are written, the values without which the rest would limit access", function()
    local found = judge(GITHUB, { ["ForAnyValue:StringLike"] = {
      ["Token.Actions.GithubUserContent.com:Sub"] = { "repo:octo/app:*", "repo:*", "ref:x" },
    } })
    assert.same({ limited = false, offending = {
      operator = "ForAnyValue:StringLike", key = "Token.Actions.GithubUserContent.com:Sub",
      values = { "repo:*", "ref:x" },
    } }, found)
  end)

  it("chooses the condition that loses the fewest values", function()
    local found = judge(GITHUB, {
      StringLike = { [GITHUB .. ":sub"] = { "repo:a/b:*", "repo:*", "*" } },
      StringEquals = { [GITHUB .. ":repository_id"] = { "12", "x" } },
    })
    assert.same({ operator = "StringEquals", key = GITHUB .. ":repository_id", values = { "x" } },
      found.offending)
  end)

  it("names none if nothing would be left, or if nothing limits access", function()
    for _, condition in ipairs {
      { StringLike = { [GITHUB .. ":sub"] = { "repo:*", "*" } } },
      { StringEquals = { [GITHUB .. ":aud"] = { "sts.amazonaws.com", "x" } } },
      { StringLikeIfExists = { [GITHUB .. ":sub"] = { "repo:a/b:*", "repo:*" } } },
      { StringNotLike = { [GITHUB .. ":sub"] = { "repo:a/b:*", "repo:*" } } },
      {},
    } do
      assert.same({ limited = false }, judge(GITHUB, condition))
    end
    assert.same({ limited = true }, judge(GITHUB, {
      StringLike = { [GITHUB .. ":sub"] = { "repo:a/b:*", "repo:*" } },
      StringEquals = { [GITHUB .. ":repository_id"] = "12" },
    }))
  end)

  it("recognizes Cognito's guests", function()
    local guests = { StringEquals = { [COGNITO .. ":aud"] = "us-east-1:1", [COGNITO .. ":amr"] =
      "unauthenticated" } }
    assert.same({ limited = false, guests = true }, judge(COGNITO, guests))
  end)
end)

local function refused(...)
  return web_identity.refusal(document(...))
end

describe("web_identity.refusal", function()
  it("says which claim IAM requires, and where", function()
    local aud = { StringEquals = { [GITHUB .. ":aud"] = "sts.amazonaws.com" } }
    assert.equal("IAM no longer accepts trust in token.actions.githubusercontent.com without a "
      .. "condition on token.actions.githubusercontent.com:sub or "
      .. "token.actions.githubusercontent.com:job_workflow_ref (statement 2)",
      refused(statement "oidc.example.com", statement(GITHUB, aud)))
    assert.truthy(refused(statement(SENTINEL)):find("on sts:RoleSessionName (", 1, true))
    assert.truthy(refused(statement(COGNITO)):find("on " .. COGNITO .. ":aud (", 1, true))
  end)

  -- test_iam_issuers.py's server has IAM's response to each.
  local function takes(condition)
    return refused(statement(GITHUB, condition)) == nil
  end

  it("accepts a policy that evaluates a claim, however wide its values", function()
    for _, value in ipairs { "repo:octo/app:*", "repo:*", "repo:*/*", "ref:refs/heads/main" } do
      assert.is_true(takes { StringLike = { [GITHUB .. ":sub"] = value } }, value)
    end
    assert.is_true(takes { StringEquals = { [GITHUB .. ":job_workflow_ref"] = "a/b/c.yml@x" } })
    assert.is_true(takes { StringEqualsIgnoreCase = { [GITHUB:upper() .. ":SUB"] = "repo:a/b" } })
    assert.is_true(takes { ["ForAllValues:StringLike"] = { [GITHUB .. ":sub"] = "repo:a/b:*" } })
  end)

  it("refuses a policy that evaluates only another claim, or none", function()
    for _, condition in ipairs {
      {}, { StringEquals = { [GITHUB .. ":aud"] = "sts.amazonaws.com" } },
      { StringEquals = { [GITHUB .. ":repository_id"] = "1234" } },
      { StringLike = { [GITHUB .. ":sub"] = "*" } }, { StringLike = { [GITHUB .. ":sub"] = "**" } },
      { StringLike = { [GITHUB .. ":sub"] = "*:octo/app" } },
      { StringEquals = { [GITHUB .. ":sub"] = "" } },
      { StringEquals = { [GITHUB .. ":sub"] = {} } },
      { StringLikeIfExists = { [GITHUB .. ":sub"] = "repo:octo/app:*" } },
      { StringNotLike = { [GITHUB .. ":sub"] = "repo:octo/app:*" } },
      { Null = { [GITHUB .. ":sub"] = "false" } },
      { StringEquals = { ["gitlab.com:sub"] = "project_path:a/b" } },
    } do
      assert.is_false(takes(condition))
    end
  end)

  it("requires nothing of own issuers, of denials and of other actions", function()
    assert.is_nil(refused(
      statement "oidc.eks.us-east-1.amazonaws.com/id/X", statement "oidc.circleci.com/org/1",
      statement "token.actions.githubusercontent.com/acme",
      statement(GITHUB, nil, { Effect = "Deny" }),
      statement(GITHUB, nil, { Action = "sts:TagSession" }),
      statement(GITHUB, nil, { Action = false, NotAction = "sts:Assume*" }),
      statement(GITHUB, nil, { Principal = { AWS = "*" } }),
      statement(GITHUB, nil, { Principal = false, NotPrincipal = { Federated = COGNITO } })))
    assert.truthy(refused(statement(GITHUB, nil, { Action = "*" })))
    assert.truthy(refused(statement(GITHUB, nil, { Action = false, NotAction = "sts:TagSession" })))
    assert.is_nil(web_identity.refusal(nil))
  end)

  it("requires the exact ids of applications for the older providers", function()
    local function asks(host, condition)
      local one = statement(host, condition, { Principal = { Federated = host } })
      return refused(one) ~= nil
    end
    for host, claim in pairs {
      ["accounts.google.com"] = "aud", ["www.amazon.com"] = "app_id",
      ["graph.facebook.com"] = "app_id",
    } do
      assert.is_true(asks(host))
      assert.is_true(asks(host, { StringLike = { [host .. ":" .. claim] = "1" } }))
      assert.is_true(asks(host, { StringEquals = { [host .. ":amr"] = "1" } }))
      assert.is_false(asks(host, { StringEquals = { [host .. ":" .. claim] = "1" } }))
    end
    assert.is_true(asks "cognito-identity.cn-north-1.amazonaws.com.cn")
  end)

  it("covers each shared issuer", function()
    for host, claim in pairs {
      ["gitlab.com"] = "sub", ["app.terraform.io"] = "sub", ["agent.buildkite.com"] = "sub",
      ["oidc.codefresh.io"] = "sub", ["studio.datachain.ai/api"] = "sub", ["scalr.io"] = "sub",
      ["vstoken.actions.githubusercontent.com"] = "sub", ["proidc.upbound.io"] = "sub",
      ["oidc-configuration.audit-log.githubusercontent.com"] = "sub",
      ["tokens.cloud.shisho.dev"] = "sub", ["api.pulumi.com/oidc"] = "aud",
      ["oidc.vercel.com"] = "aud", ["sandboxes.cloud"] = "aud",
      ["oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb"] = "sub",
      ["rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26"] = "sub",
    } do
      assert.truthy(refused(statement(host)), host)
      local condition = { StringLike = { [host .. ":" .. claim] = "anything:*" } }
      assert.is_nil(refused(statement(host, condition)), host)
    end
  end)
end)
