-- What repairs remove from documents, and what they leave. The tables of tests/fixtures/access have
-- more cases, with what is left of each (access_spec).
local here = debug.getinfo(1, "S").source:match("^@(.*)lua/lib/[^/]*$") or "tests/"
package.path = here .. "fixtures/access/?.lua;" .. package.path

local access = require "lib.access"
local deleted_principals = require "lib.deleted_principals"
local repairs = require "lib.repairs"
local w = require "words"

local TRUSTED = { [w.friend] = true, [w.member] = true, [w.organization] = true }

local resource = {
  account = w.own,
  region = "us-east-1",
  type = "sqs",
  trusted = function(_, id) return TRUSTED[id] or false end,
}

local function open(document) return access.open_to_anyone(document, resource) end
local function strangers(document) return access.untrusted(document, resource) end

local function mixed()
  return {
    Version = "2012-10-17",
    Id = "mine",
    Statement = {
      w.allow({ AWS = w.own }, nil, { Sid = "own" }),
      w.allow("*", nil, { Sid = "open" }),
      w.deny("*", { Bool = { ["aws:SecureTransport"] = "false" } }, { Sid = "tls" }),
      w.allow({ AWS = { w.friend, w.stranger } }, nil, { Sid = "mixed" }),
    },
  }
end

describe("repairs.closed", function()
  it("removes principals if others remain, and otherwise the statement", function()
    local document = mixed()
    local rest = repairs.closed(document, strangers).document
    local expected = mixed()
    expected.Statement[4].Principal.AWS = w.friend
    table.remove(expected.Statement, 2)
    assert.same(expected, rest)
    assert.same(mixed(), document)
    assert.same({}, strangers(rest))
  end)

  it("removes a named untrusted account with an open value that others do not need", function()
    local function with(names, topics)
      return w.document(w.allow({ AWS = names }, { ArnLike = { ["aws:SourceArn"] = topics } }))
    end
    local kept = { w.bucket, w.topic(w.own) }
    local document = with({ w.stranger, "*" }, { "arn:aws:sns:*:*:news", table.unpack(kept) })
    assert.same(with("*", kept), repairs.closed(document, strangers).document)
  end)

  it("removes only those whom it is for", function()
    local expected = mixed()
    table.remove(expected.Statement, 2)
    assert.same({ document = expected }, repairs.closed(mixed(), open))
  end)

  it("shares unchanged parts with the document", function()
    local document = mixed()
    local rest = repairs.closed(document, strangers).document
    assert.equal(document.Statement[1], rest.Statement[1])
    assert.equal(document.Statement[3], rest.Statement[2])
    assert.equal(document.Statement[4].Resource, rest.Statement[3].Resource)
  end)

  it("leaves nothing if no statement remains", function()
    assert.same({}, repairs.closed({ Statement = w.allow "*" }, open))
    assert.same({}, repairs.closed(w.document(w.allow "*", w.allow { AWS = "*" }), open))
  end)

  it("is not made if it would exclude some who are trusted", function()
    local vpc = { StringLike = { ["aws:SourceVpc"] = { "vpc-1", "*" } } }
    local both = w.document(w.allow({ AWS = { "*", w.own } }, vpc))
    local why = repairs.closed(both, open).held
    assert.truthy(why:find("statement 1: it grants access to some", 1, true))
    local spared = w.document(w.allow "*",
      w.deny("*", { Bool = { ["aws:PrincipalIsAWSService"] = "false" } }))
    why = repairs.closed(spared, open).held
    assert.truthy(why:find("statement 2 denies it to all but", 1, true))
  end)

  it("is not made if a key, an operator or an account is unknown", function()
    local key = w.anyone_if { StringEquals = { ["foo:Bar"] = "x" } }
    assert.equal("statement 1: StringEquals foo:Bar: key is not known",
      repairs.closed(key, open).held)
    local operator = w.anyone_if { StringMatches = { ["aws:SourceVpc"] = "x" } }
    assert.truthy(repairs.closed(operator, open).held:find("operator is not known", 1, true))
    local function judge(document)
      if #strangers(document) > 0 then return strangers(document) end
      error("it is not known whether 1 is trusted", 0)
    end
    assert.same({ held = "it is not known whether 1 is trusted" }, repairs.closed(mixed(), judge))
  end)

  it("removes deleted principals, whatever is unknown beside them", function()
    local key = { StringEquals = { ["foo:Bar"] = "x" } }
    local document = w.document(w.allow({ AWS = { "AROAJQABLZS4A3QDU576Q", w.own } }, key))
    assert.same({ document = w.document(w.allow({ AWS = w.own }, key)) },
      repairs.closed(document, strangers))
  end)

  it("ends for every document", function()
    local condition = {}
    for i = 1, 50 do condition["aws:SourceVpc" .. i] = { "vpc-1", "*" } end
    local document = w.document(w.allow("*", { StringLike = condition }))
    local rounds = 0
    local function judge(other)
      rounds = rounds + 1
      if not other then return {} end
      local values = {}
      for key in pairs(condition) do
        values[#values + 1] = { operator = "StringLike", key = key, values = { "*" } }
      end
      return { { index = 1, statement = other.Statement[1], anyone = false, principals = { "*" },
        values = values } }
    end
    assert.same({}, repairs.closed(document, judge))
    assert.is_true(rounds < 30)
  end)
end)

describe("deleted principals", function()
  it("are removed from documents that cannot be evaluated, or leave them unchanged", function()
    for _, odd in ipairs { 7, true, "x", {}, { Statement = 7 }, { Statement = { 7, "x" } },
      { Statement = { { Principal = 7 }, { NotPrincipal = { AWS = { 7 } } }, { Principal = {} } } },
    } do
      assert.equal(odd, deleted_principals.removed(odd))
    end
    assert.is_nil(deleted_principals.removed(nil))
    local document = { Statement = { 7, { Principal = { AWS = { 7, "AROAJQABLZS4A3QDU576Q" } } } } }
    assert.same({ Statement = { 7, { Principal = { AWS = 7 } } } },
      deleted_principals.removed(document))
  end)
end)
