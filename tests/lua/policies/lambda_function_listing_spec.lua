-- What a listing says about the versions of functions, and what an audit makes of it.
local policies = require "support.policy"

local lambda = policies.load "lambda_function"

local NONE = policies.fault("ResourceNotFoundException", "none", 404)
local PUBLIC = "lambda_function.public"
local OPEN = '{"Version":"2012-10-17","Statement":[{"Sid":"open","Effect":"Allow","Principal":"*",'
  .. '"Action":"lambda:InvokeFunction","Resource":'
  .. '"arn:aws:lambda:us-east-1:111122223333:function:a:7"}]}'

local function version(name, number)
  return { FunctionName = name, Version = number, RevisionId = "r1" }
end

-- By name, what the listing hands on.
local function handed_on(pages)
  local _, calls, about = lambda:discover {
    wants_listed = true, replies = { ["lambda:ListFunctions"] = policies.pages(pages) },
  }
  assert.same({ MaxItems = 50, FunctionVersion = "ALL" }, calls[1].with)
  return about
end

-- An audit of function `a`, whose version 7 has an open policy.
local function audited(listed, aliases)
  local versions = { version("a", "$LATEST"), version("a", "7") }
  return lambda:resource { id = "a", listed = listed, replies = {
    ["lambda:GetPolicy"] = function(with)
      return with.Qualifier == "7" and { Policy = OPEN, RevisionId = "r1" } or NONE
    end,
    ["lambda:ListAliases"] = aliases or { Aliases = {} },
    ["lambda:ListVersionsByFunction"] = { Versions = versions },
    ["lambda:ListTags"] = { Tags = {} },
  } }
end

local function calls_of(fn)
  local names = {}
  for i, call in ipairs(fn.calls) do names[i] = call.call end
  return table.concat(names, " ")
end

describe("a listing of functions", function()
  it("hands on their versions, in whatever order these come", function()
    local about = handed_on {
      { Functions = { version("a", "1"), version("b", "$LATEST") } },
      { Functions = { version("a", "$LATEST") } },
      { Functions = { version("a", "2") } },
    }
    local names = {}
    for i, one in ipairs(about.a.versions) do names[i] = one.Version end
    assert.same({ "1", "$LATEST", "2" }, names)
    assert.same({ { Version = "$LATEST", RevisionId = "r1" } }, about.b.versions)
  end)

  it("hands on no list that cannot be complete", function()
    local about = handed_on { { Functions = { version("a", "1"), version("b", "$LATEST") } } }
    assert.is_nil(about.a)
    assert.is_table(about.b)
    assert.has_error(function() handed_on { { Functions = { version "a" } } } end,
      "lambda:ListFunctions returned no Version")
    assert.has_error(function()
      handed_on { { Functions = { version("a", "$LATEST") } }, policies.fault "ServiceException" }
    end)
  end)

  it("hands on nothing if there are too many to keep", function()
    local many = { version("a", "$LATEST") }
    for i = 1, 20000 do many[i + 1] = version("b", tostring(i)) end
    assert.same({}, handed_on { { Functions = many } })
  end)
end)

describe("an audit of a function", function()
  local listed = { versions = { version("a", "$LATEST"), version("a", "7") } }

  it("reads the policy of each version that the listing named, and lists none", function()
    local fn = audited(listed)
    assert.equal("non_compliant", fn:audit()[PUBLIC].status)
    assert.equal("lambda:GetPolicy lambda:ListAliases lambda:GetPolicy lambda:ListTags",
      calls_of(fn))
  end)

  it("lists the versions itself if the listing says nothing", function()
    local fn = audited(nil)
    assert.equal("non_compliant", fn:audit()[PUBLIC].status)
    assert.truthy(calls_of(fn):find("lambda:ListVersionsByFunction", 1, true))
  end)

  it("finds that it is gone since", function()
    assert.equal("gone", audited(listed, NONE):audit().state)
  end)
end)
