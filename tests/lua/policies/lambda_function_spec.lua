-- policies/lambda_function.lua with a function that stores what it is given, as Lambda does.
local policies = require "support.policy"

local lambda = policies.load "lambda_function"
local json = policies.json

local NAME = "orders"
local ARN = "arn:aws:lambda:us-east-1:111122223333:function:" .. NAME
local NONE = "ResourceNotFoundException"
local CALL = "lambda:InvokeFunction"

local function resource_of(qualifier)
  return qualifier ~= "" and ARN .. ":" .. qualifier or ARN
end

-- A statement in the form that Lambda writes.
local function allow(sid, principal, condition, qualifier, action)
  return {
    Sid = sid, Effect = "Allow", Principal = principal, Action = action or CALL,
    Resource = resource_of(qualifier or ""), Condition = condition,
  }
end

local function url_of(auth)
  return { StringEquals = { ["lambda:FunctionUrlAuthType"] = auth } }
end

local OWN = allow("own", { AWS = "arn:aws:iam::111122223333:root" })
local TOPIC = allow("topic", { Service = "sns.amazonaws.com" },
  { ArnLike = { ["AWS:SourceArn"] = "arn:aws:sns:us-east-1:111122223333:t" } })
local STRANGER = allow("partner", { AWS = "arn:aws:iam::999988887777:root" })
local PUBLIC = allow("open", "*")
local URL = allow("url", "*", url_of("NONE"), nil, "lambda:InvokeFunctionUrl")

-- The statement that AddPermission makes of its parameters.
local function statement_of(with)
  local service = with.Principal:find("%.amazonaws%.com$")
  local principal = with.Principal
  if principal ~= "*" then principal = { [service and "Service" or "AWS"] = principal } end
  local conditions, equals = {}, {}
  if with.SourceArn then conditions.ArnLike = { ["AWS:SourceArn"] = with.SourceArn } end
  equals["AWS:SourceAccount"] = with.SourceAccount
  equals["aws:PrincipalOrgID"] = with.PrincipalOrgID
  equals["lambda:EventSourceToken"] = with.EventSourceToken
  equals["lambda:FunctionUrlAuthType"] = with.FunctionUrlAuthType
  if next(equals) then conditions.StringEquals = equals end
  if with.InvokedViaFunctionUrl ~= nil then
    local truth = tostring(with.InvokedViaFunctionUrl)
    conditions.Bool = { ["lambda:InvokedViaFunctionUrl"] = truth }
  end
  return allow(with.StatementId, principal, next(conditions) and conditions or nil,
    with.Qualifier, with.Action)
end

-- box: { policies = { [qualifier or ""] = list of statements, or a text }, aliases =, versions = }
local function replies_of(box)
  box.revision = 1
  local function revision() return "r" .. box.revision end
  local function at(params)
    assert.equal(NAME, params.FunctionName)
    if params.RevisionId and params.RevisionId ~= revision() then
      error("PreconditionFailedException: " .. params.RevisionId)
    end
    local list = box.policies[params.Qualifier or ""]
    return list ~= nil and #list > 0 and list or nil
  end
  return {
    ["lambda:GetPolicy"] = function(params)
      local found = at(params)
      if not found then return policies.fault(NONE, NONE, 404) end
      if type(found) == "table" then
        found = json.encode { Version = "2012-10-17", Id = "default", Statement = found }
      end
      return { Policy = found, RevisionId = revision() }
    end,
    ["lambda:ListAliases"] = function()
      local list = {}
      for i, name in ipairs(box.aliases or {}) do
        list[i] = { Name = name, RevisionId = revision() }
      end
      return policies.pages { { Aliases = {} }, { Aliases = list } }
    end,
    ["lambda:ListVersionsByFunction"] = function()
      local list = {}
      for i, name in ipairs(box.versions or {}) do
        list[i] = { Version = name, RevisionId = revision() }
      end
      local latest = { Version = "$LATEST", RevisionId = box.foreign and "other" or revision() }
      return policies.pages { { Versions = { latest } }, { Versions = list } }
    end,
    ["lambda:ListTags"] = function(params)
      assert.equal(ARN, params.Resource)
      return { Tags = { Team = "shop" } }
    end,
    ["lambda:RemovePermission"] = function(params)
      local list = at(params)
      box.revision = box.revision + 1
      for i, statement in ipairs(list) do
        if statement.Sid == params.StatementId then
          table.remove(list, i)
          return {}
        end
      end
      error "no such statement"
    end,
    ["lambda:AddPermission"] = function(params)
      local list = box.policies[params.Qualifier or ""]
      list[#list + 1] = statement_of(params)
      box.revision = box.revision + 1
      return { Statement = "{}" }
    end,
  }
end

local function function_with(box, options)
  if not box.policies then box = { policies = { [""] = box } } end
  local given = { id = NAME, replies = replies_of(box) }
  for key, value in pairs(options or {}) do given[key] = value end
  return lambda:resource(given), box
end

local function with_reply(name, reply, box)
  local replies = replies_of { policies = box or { [""] = { PUBLIC } } }
  replies[name] = reply
  return lambda:resource { id = NAME, replies = replies }
end

local function made(calls)
  local list = {}
  for i, call in ipairs(calls) do list[i] = call.call:match(":(.*)") end
  return table.concat(list, " ")
end

local function sids(list)
  local names = {}
  for i, statement in ipairs(list) do names[i] = statement.Sid end
  return names
end

describe("a function's audit", function()
  it("passes without any policy, in three calls", function()
    local fn = function_with {}
    local outcome = fn:plan()
    assert.equal("compliant", outcome["lambda_function.public"].status)
    assert.equal("compliant", outcome["lambda_function.shared"].status)
    assert.is_nil(outcome.tags)
    assert.equal("GetPolicy ListAliases ListVersionsByFunction", made(fn.calls))
    assert.same({ FunctionName = NAME }, fn.calls[1].with)
  end)

  it("passes with statements for its own account and limited ones, and reads its tags", function()
    local fn = function_with { OWN, TOPIC }
    local outcome = fn:plan()
    assert.equal("compliant", outcome["lambda_function.public"].status)
    assert.equal("compliant", outcome["lambda_function.shared"].status)
    assert.same({ Team = "shop" }, outcome.tags)
    assert.equal("GetPolicy ListAliases ListVersionsByFunction ListTags", made(fn.calls))
  end)

  it("finds who has access, by the function, a version or an alias", function()
    local fn = function_with {
      aliases = { "live" }, versions = { "1", "2" },
      policies = {
        [""] = { OWN, PUBLIC }, ["1"] = { allow("one", "*", nil, "1") },
        live = { allow("x", { AWS = "arn:aws:iam::999988887777:root" }, nil, "live") },
      },
    }
    local outcome = fn:audit()
    local public, shared = outcome["lambda_function.public"], outcome["lambda_function.shared"]
    assert.equal("non_compliant", public.status)
    assert.equal("statement 1 (open) lets anyone use lambda:InvokeFunction; version 1: "
      .. "statement 1 (one) lets anyone use lambda:InvokeFunction", public.summary)
    assert.is_nil(public.evidence[1].qualifier)
    assert.equal("1", public.evidence[2].qualifier)
    assert.equal("live", shared.evidence[1].qualifier)
    assert.truthy(shared.summary:find("alias live: statement 1 (x)", 1, true))
  end)

  it("finds function URLs without authentication, and with any identity's", function()
    for _, auth in ipairs { "NONE", "AWS_IAM" } do
      local statement = allow("url", "*", url_of(auth), nil, "lambda:InvokeFunctionUrl")
      local entry = function_with({ statement }):audit()["lambda_function.public"]
      assert.equal("non_compliant", entry.status)
      assert.truthy(entry.evidence[1].unlimited_by[1]:find("lambda:FunctionUrlAuthType", 1, true))
    end
  end)

  it("describes three policies and counts the others", function()
    local box = { versions = {}, policies = { [""] = {} } }
    for i = 1, 9 do
      box.versions[i] = tostring(i)
      box.policies[tostring(i)] = { allow("v", "*", nil, tostring(i)) }
    end
    local entry = function_with(box):audit()["lambda_function.public"]
    assert.equal(9, #entry.evidence)
    assert.truthy(entry.summary:find("version 3: .*; and 6 more versions and aliases$"))
  end)

  it("trusts exactly those whom the settings trust, and is unknown if it cannot tell", function()
    local check = "lambda_function.shared"
    local function outcome(trusted, list)
      return function_with(list or { STRANGER }, { trusted = trusted }):audit()
    end
    assert.equal("non_compliant", outcome({})[check].status)
    assert.equal("compliant", outcome({ "999988887777" })[check].status)
    local none = outcome(function() return nil end)
    assert.equal("unknown", none[check].status)
    assert.equal("compliant", none["lambda_function.public"].status)
  end)

  it("finds an untrusted account even if trust in another policy's principal is unknown", function()
    local fn = function_with({ aliases = { "a" }, policies = {
      [""] = { allow("x", { AWS = "444455556666" }) },
      a = { allow("y", { AWS = "999988887777" }, nil, "a") },
    } }, { trusted = function(id) if id == "444455556666" then return nil end return false end })
    local entry = fn:audit()["lambda_function.shared"]
    assert.equal("non_compliant", entry.status)
    assert.equal("a", entry.evidence[1].qualifier)
  end)

  it("does not evaluate what it cannot read", function()
    local deep = ("["):rep(600) .. ("]"):rep(600)
    for _, text in ipairs {
      '{"Version":', '{"Statement":[{"Effect":"Allow"}]}', "7", '{"Statement":[7]}', "{}", deep,
      '{"Statement":[],"Statement":[]}',
    } do
      local fn = function_with { policies = { [""] = text } }
      local results, outcome = fn:repair()
      assert.equal("unknown", outcome["lambda_function.public"].status)
      assert.equal("unknown", outcome["lambda_function.shared"].status)
      assert.same({}, results)
    end
  end)

  it("repairs nothing while one of its policies cannot be read", function()
    local box = { aliases = { "a" }, policies = { [""] = { PUBLIC }, a = "{" } }
    local fn = function_with(box)
    assert.same({}, (fn:repair()))
    assert.equal(1, #box.policies[""])
  end)

  it("treats one object as a list of one, and an empty list as none", function()
    local single = json.encode { Version = "2012-10-17", Statement = PUBLIC }
    local fn = function_with { policies = { [""] = single } }
    assert.equal("non_compliant", fn:audit()["lambda_function.public"].status)
    fn = function_with { policies = { [""] = '{"Version":"2012-10-17","Statement":[]}' } }
    assert.equal("compliant", fn:audit()["lambda_function.public"].status)
  end)

  it("is gone if the function is, whichever list says so", function()
    local missing = policies.fault(NONE, NONE, 404)
    for _, name in ipairs { "lambda:ListAliases", "lambda:ListVersionsByFunction" } do
      assert.equal("gone", with_reply(name, missing):audit().state)
    end
    local late = policies.pages { { Aliases = {} }, missing }
    assert.equal("gone", with_reply("lambda:ListAliases", late):audit().state)
  end)

  it("needs no tags", function()
    local outcome = with_reply("lambda:ListTags",
      policies.fault("AccessDeniedException", "no", 403)):audit()
    assert.equal("non_compliant", outcome["lambda_function.public"].status)
    assert.is_nil(outcome.tags)
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local denied = policies.fault("AccessDeniedException", "no", 403)
    for name, reply in pairs {
      ["lambda:GetPolicy"] = denied, ["lambda:ListAliases"] = denied,
      ["lambda:ListVersionsByFunction"] = denied,
    } do
      for i, one in ipairs { reply, {}, { Policy = "" } } do
        local fn = with_reply(name, one)
        local results, outcome = fn:repair()
        local entry = outcome["lambda_function.public"]
        assert.equal("unknown", entry.status)
        assert.equal(i == 1 and "AccessDeniedException" or nil, entry.error.code)
        assert.same({}, results)
        assert.same({}, fn:sent())
      end
    end
  end)
end)

describe("a function's repair", function()
  it("removes exactly the open statements, and restores them", function()
    local fn, box = function_with { OWN, URL, TOPIC, PUBLIC, STRANGER }
    local results, outcome = fn:repair()
    assert.equal("fixed", results["lambda_function.public"])
    assert.equal("none", results["lambda_function.shared"])
    assert.same({ "own", "topic", "partner" }, sids(box.policies[""]))
    local steps = outcome["lambda_function.public"].steps
    assert.same({ FunctionName = NAME, StatementId = "open", RevisionId = "r1" }, steps[1].with)
    assert.same({ FunctionName = NAME, StatementId = "url" }, steps[2].with)
    assert.equal("lambda:AddPermission", steps[2].undo.call)
    assert.equal("NONE", steps[2].undo.with.FunctionUrlAuthType)
    fn:undo()
    assert.same({ "own", "topic", "partner", "url", "open" }, sids(box.policies[""]))
    assert.same(URL, box.policies[""][4])
  end)

  it("repairs versions and aliases, each with its own revision", function()
    local box = { aliases = { "live" }, versions = { "7" }, policies = {
      [""] = { OWN }, live = { allow("a", "*", nil, "live") }, ["7"] = {
        allow("b", "*", nil, "7"), allow("own7", { AWS = "arn:aws:iam::111122223333:root" },
          nil, "7"),
      },
    } }
    local fn = function_with(box)
    local steps = fn:plan()["lambda_function.public"].steps
    assert.same({ FunctionName = NAME, Qualifier = "7", StatementId = "b", RevisionId = "r1" },
      steps[1].with)
    assert.equal("7", steps[1].undo.with.Qualifier)
    assert.same({ FunctionName = NAME, Qualifier = "live", StatementId = "a", RevisionId = "r1" },
      steps[2].with)
    assert.equal(2, #steps)
  end)

  it("counts a version's statements only there, not in the function's policy", function()
    local repeated = allow("b", "*", nil, "7")
    local box = { versions = { "7" }, policies = { [""] = { repeated }, ["7"] = { repeated } } }
    local steps = function_with(box):plan()["lambda_function.public"].steps
    assert.equal("7", steps[1].with.Qualifier)
    assert.equal(1, #steps)
    box.policies[""] = { OWN, repeated, PUBLIC }
    assert.equal(2, #function_with(box):plan()["lambda_function.public"].steps)
  end)

  it("deletes a policy without remaining statements, and can restore it", function()
    local fn, box = function_with { PUBLIC }
    assert.equal("fixed", fn:repair()["lambda_function.public"])
    assert.same({}, box.policies[""])
    fn:undo()
    assert.same({ PUBLIC }, box.policies[""])
  end)

  it("says what cannot be restored", function()
    local odd = allow("odd", { AWS = "*" })
    local entry = function_with({ odd }):plan()["lambda_function.public"]
    assert.equal("the statement cannot be restored as it was: AddPermission cannot write its "
      .. "Principal", entry.steps[1].irreversible)
    assert.is_nil(entry.steps[1].undo)
  end)

  it("is held if Lambda could not remove the statement, or not without others", function()
    local nameless = allow(nil, "*")
    local mixed = allow("mixed", { AWS = { "*", "arn:aws:iam::111122223333:root" } })
    local refused = { ["has no Sid"] = nameless, ["grants access to others"] = mixed }
    for why, statement in pairs(refused) do
      local fn = function_with { PUBLIC, statement }
      local results, outcome = fn:repair()
      assert.equal("held", results["lambda_function.public"])
      assert.truthy(outcome["lambda_function.public"].held:find(why, 1, true))
      assert.same({}, fn:sent())
    end
  end)

  it("names no revision but the function's own", function()
    local box = { policies = { [""] = { PUBLIC } }, foreign = true }
    local steps = function_with(box):plan()["lambda_function.public"].steps
    assert.same({ FunctionName = NAME, StatementId = "open" }, steps[1].with)
  end)
end)

describe("functions", function()
  it("are listed page by page, with test resources marked", function()
    local long = ("f"):rep(64)
    local list, calls = lambda:discover { replies = {
      ["lambda:ListFunctions"] = policies.pages {
        { Functions = { { FunctionName = "a" }, { FunctionName = "x-misconfiguration_maker" } } },
        { Functions = {} },
        { Functions = { { FunctionName = long } } },
      },
    } }
    assert.same({
      { id = "a", test = false }, { id = "x-misconfiguration_maker", test = true },
      { id = long, test = false },
    }, list)
    assert.same({ MaxItems = 50 }, calls[1].with)
    assert.has_error(function()
      lambda:discover { replies = { ["lambda:ListFunctions"] = {} } }
    end, "lambda:ListFunctions returned no Functions")
  end)

  it("use every permission that they declare", function()
    assert.same({}, lambda:never_called())
  end)
end)
