-- The evaluator of access policies with hostile documents: long, numerous, or convoluted.
local cjson = require "cjson"

local here = debug.getinfo(1, "S").source:match("^@(.*)lua/lib/[^/]*$") or "tests/"
package.path = here .. "fixtures/access/?.lua;" .. package.path

local access = require "lib.access"
local repairs = require "lib.repairs"
local w = require "words"

local TRUSTED = { [w.friend] = true, [w.member] = true, [w.organization] = true }

local function resource_of()
  return {
    account = w.own,
    region = "us-east-1",
    type = "sqs",
    trusted = function(_, id) return TRUSTED[id] or false end,
  }
end

describe("access: hostile documents", function()
  local resource = resource_of()
  local SECONDS = 4

  local function timed(fn, ...)
    local start = os.clock()
    local found = fn(...)
    local spent = os.clock() - start
    assert.is_true(spent < SECONDS, ("%.2f s"):format(spent))
    return found
  end

  it("evaluates thousands of statements", function()
    local list = {}
    for i = 1, 4000 do
      list[i] = w.allow({ AWS = { "*", w.stranger } },
        { StringEquals = { ["aws:SourceAccount"] = "*" } })
    end
    assert.equal(4000, #timed(access.untrusted, { Statement = list }, resource))
  end)

  it("limits the comparisons of every Allow with every Deny", function()
    local list = {}
    local action = ("a"):rep(100)
    for _ = 1, 2000 do
      list[#list + 1] = w.allow("*", nil, { Action = action .. "b" })
      list[#list + 1] = w.deny("*", nil, { Action = ("*a"):rep(30) .. "c" })
    end
    assert.equal(2000, #timed(access.open_to_anyone, { Statement = list }, resource))
  end)

  it("limits the comparisons of excepted principals", function()
    local names, list = {}, {}
    for i = 1, 200 do names[i] = ("arn:aws:iam::%012d:root"):format(i) end
    for _ = 1, 200 do
      list[#list + 1] = w.allow { AWS = w.stranger }
      list[#list + 1] = w.deny(nil, nil, { NotPrincipal = { AWS = names } })
    end
    timed(access.shared_with_unknown, { Statement = list }, resource)
  end)

  it("limits the comparisons of every Allow with every conditional Deny", function()
    local list, values = {}, {}
    for i = 1, 20 do values[i] = ("o-%010d"):format(i) end
    values[20] = w.organization
    for _ = 1, 700 do
      list[#list + 1] = w.allow "*"
      list[#list + 1] = w.deny("*", { StringNotEquals = { ["aws:PrincipalOrgID"] = values },
        ["ForAnyValue:StringNotLike"] = { ["aws:PrincipalArn"] = values } })
    end
    local found = timed(access.open_to_anyone, { Statement = list }, resource)
    assert.equal(700, #found)
    assert.truthy(found[700].held)
  end)

  it("repairs thousands of statements", function()
    local list = {}
    for i = 1, 1500 do
      list[i] = w.allow({ AWS = { "*", w.stranger, w.own } },
        { StringEquals = { ["aws:SourceAccount"] = { w.own, w.stranger } } })
    end
    local function judge(document) return access.untrusted(document, resource) end
    local rest = timed(repairs.closed, { Statement = list }, judge).document
    assert.equal(1500, #rest.Statement)
    assert.equal(w.own, rest.Statement[1500].Condition.StringEquals["aws:SourceAccount"])
  end)

  it("does not backtrack on patterns", function()
    local text = ("*a"):rep(50000)
    local document = w.document(
      w.allow("*", nil, { Action = ("a"):rep(100000), Resource = ("a"):rep(100000) }),
      w.deny("*", nil, { Action = text .. "b", Resource = text .. "b" }),
      w.deny("*", nil, { Action = false, NotAction = text, Resource = false, NotResource = text }))
    assert.equal(1, #timed(access.open_to_anyone, document, resource))
  end)

  it("accepts long texts anywhere", function()
    local long = (":*/?.-1a"):rep(12500)
    local document = w.document(
      w.allow({ AWS = long }, { StringLike = { ["aws:SourceArn"] = long } }),
      w.allow({ Federated = long }, { ArnLike = { ["aws:PrincipalArn"] = "arn:" .. long } }),
      w.allow({ Service = long }, { IpAddress = { ["aws:SourceIp"] = long } }),
      w.allow({ CanonicalUser = long }, { [long] = { [long] = long } }),
      w.allow("*", { StringEquals = { ["aws:userId"] = long } }, { Sid = long }))
    local found = timed(access.untrusted, document, resource)
    assert.equal(5, #found)
    assert.is_true(#access.describe(found) < 1500)
  end)

  it("accepts thousands of values and keys", function()
    local ranges, keys = {}, {}
    for i = 0, 8000 do
      ranges[#ranges + 1] = ("%d.%d.%d.0/24"):format(i % 200 + 1, i // 200 % 256, i % 256)
      keys["key:" .. i] = "x"
    end
    local document = w.anyone_if {
      IpAddress = { ["aws:SourceIp"] = ranges },
      StringEquals = keys,
    }
    assert.equal(0, #timed(access.open_to_anyone, document, resource))
    ranges[#ranges + 1] = "0.0.0.0/0"
    local found = timed(access.open_to_anyone, document, resource)
    assert.equal(1, #found)
    assert.is_true(#found[1].unlimited_by <= 20)
  end)

  it("handles any value in any place", function()
    local strange = {
      0, -1, 2^63, 0/0, true, false, "", "*", "arn", "::::::", ("x"):rep(3000), {}, { {} },
      { a = 1 }, { { a = {} } }, cjson.null, { cjson.null }, "${", "\0", "\255",
    }
    local elements = {
      "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
      "NotResource", "Condition", "Foo",
    }
    for _, element in ipairs(elements) do
      for _, value in ipairs(strange) do
        local statement = w.allow "*"
        statement[element] = value
        local ok, result = pcall(access.untrusted, { Statement = { statement } }, resource)
        if not ok then
          assert.is_string(result)
          assert.is_truthy(result:find("^policy document: "), result)
        end
      end
    end
    for _, value in ipairs(strange) do
      for _, condition in ipairs {
        { StringEquals = value }, { StringEquals = { ["aws:SourceArn"] = value } },
        { IpAddress = { ["aws:SourceIp"] = { value } } },
      } do
        local ok, result = pcall(access.untrusted, w.anyone_if(condition), resource)
        assert.is_true(ok and #result <= 1 or not ok and result:find("^policy document: ") ~= nil,
          tostring(result))
      end
    end
  end)
end)
