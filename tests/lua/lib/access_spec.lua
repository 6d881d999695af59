-- The evaluator of access policies with its tables of cases (for hostile ones, see access_hostile).
local cjson = require "cjson"

local here = debug.getinfo(1, "S").source:match("^@(.*)lua/lib/[^/]*$") or "tests/"
package.path = here .. "fixtures/access/?.lua;" .. package.path

local access = require "lib.access"
local repairs = require "lib.repairs"
local w = require "words"

local FEWEST, FEWEST_CLOSED = 1000, 150
local TABLES = {
  "principals", "conditions", "limits", "networks", "denials", "spared", "repaired", "trust",
  "web_identity", "services", "aws_accounts", "broken",
}

local TRUSTED = { [w.friend] = true, [w.member] = true, [w.organization] = true, [w.unit] = true }
local UNDECIDED = { [w.lost] = true, [w.blurred] = true }

local function resource_of(kind)
  return {
    account = w.own,
    region = "us-east-1",
    type = kind or "sqs",
    trusted = function(self, id)
      assert(self.account == w.own)
      if UNDECIDED[id] then return nil end
      return TRUSTED[id] or false
    end,
  }
end

local function document_of(case)
  if type(case[2]) ~= "string" then return case[2] end
  return cjson.decode(case[2])
end

local function places(offenders)
  local list = {}
  for i, offender in ipairs(offenders) do list[i] = offender.index end
  return list
end

local function copy_of(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = copy_of(item) end
  return copy
end

-- A read-only view, itself empty, as the engine may return it.
local function frozen(value)
  if type(value) ~= "table" then return value end
  local inner = {}
  for key, item in pairs(value) do inner[key] = frozen(item) end
  return setmetatable({}, {
    __index = inner,
    __newindex = function() error("this is read-only") end,
    __len = function() return #inner end,
    __pairs = function() return next, inner end,
  })
end

local function union(one, other)
  local seen, list = {}, {}
  for _, places_of in ipairs { one, other } do
    for _, place in ipairs(places_of) do
      if not seen[place] then list[#list + 1] = place end
      seen[place] = true
    end
  end
  table.sort(list)
  return list
end

local function check_error(text, fn, ...)
  local ok, message = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_string(message)
  assert.is_truthy(message:find(text, 1, true), ("%q lacks %q"):format(message, text))
  assert.is_nil(message:find("%.lua:%d"), "names a place in our own code: " .. message)
end

local function check_broken(case, document, resource)
  check_error(case.broken, access.open_to_anyone, frozen(document), resource)
  check_error(case.broken, access.open_to_anyone, document, resource)
  check_error(case.broken, access.shared_with_unknown, document, resource)
  check_error(case.broken, access.untrusted, document, resource)
end

local function check_details(case, offenders)
  local first = offenders[1]
  if case.unknown then
    assert.is_truthy(first.unknown and first.unknown:find(case.unknown, 1, true))
    assert.is_truthy(access.describe(offenders):find(case.unknown, 1, true))
  elseif first then
    assert.is_nil(first.unknown)
  end
  if case.external_id ~= nil then assert.equal(case.external_id, first.external_id) end
end

-- In the tables, `closed` is the document that a repair leaves when it removes all untrusted
-- principals; every repair removes all whom it is for, and has nothing to do when it runs again.
local function check_repair(case, document, resource, find)
  if document == nil then return end
  local function judge(other) return find(other, resource) end
  local repaired = repairs.closed(document, judge)
  local offends = #judge(document) > 0
  local why = case.held or case.unknown
  if repaired.held then
    assert.is_truthy(why and repaired.held:find(why, 1, true), "held: " .. repaired.held)
    return
  end
  assert.is_false(why ~= nil and offends and find == access.untrusted, "is not held")
  assert.same({}, judge(repaired.document))
  if repaired.document then
    assert.same(repaired.document, repairs.closed(repaired.document, judge).document)
  end
  if case.closed ~= nil and find == access.untrusted then
    assert.same(case.closed, repaired.document or false)
  end
end

local function check_case(case)
  local document, resource = document_of(case), resource_of(case.type)
  local before = copy_of(document)
  if case.broken then return check_broken(case, document, resource) end
  local open = access.open_to_anyone(document, resource)
  assert.same(case.public or {}, places(open))
  assert.same(case.public or {}, places(access.open_to_anyone(frozen(document), resource)))
  if case.undecided then
    check_error(case.undecided, access.shared_with_unknown, document, resource)
  else
    local shared = access.shared_with_unknown(document, resource)
    assert.same(case.shared or {}, places(shared))
    if case.accounts then assert.same(case.accounts, shared[1].accounts) end
    local either = access.untrusted(document, resource)
    assert.same(union(case.public or {}, case.shared or {}), places(either))
    check_details(case, either)
  end
  assert.same(before, document)
  check_repair(case, document, resource, access.open_to_anyone)
  if not case.undecided then check_repair(case, document, resource, access.untrusted) end
  assert.same(before, document)
end

local count, count_closed = 0, 0

for _, name in ipairs(TABLES) do
  describe("access: " .. name, function()
    local names = {}
    for _, case in ipairs(require(name)) do
      count = count + 1
      if case.closed ~= nil then count_closed = count_closed + 1 end
      it(case[1], function()
        assert.is_nil(names[case[1]], "each case has a name of its own")
        names[case[1]] = true
        check_case(case)
      end)
    end
  end)
end

describe("access: the tables", function()
  it("hold enough cases", function()
    assert.is_true(count >= FEWEST, ("%d cases"):format(count))
    assert.is_true(count_closed >= FEWEST_CLOSED, ("%d repairs"):format(count_closed))
  end)
end)

describe("access.describe", function()
  local resource = resource_of()

  it("names the statement, the principals and the actions", function()
    local document = w.document(w.allow("*", nil, { Sid = "AllowAll" }))
    local line = access.describe(access.open_to_anyone(document, resource))
    assert.equal("statement 1 (AllowAll) lets anyone use sqs:SendMessage", line)
  end)

  it("names accounts, and abbreviates actions", function()
    local actions = { "sqs:A", "sqs:B", "sqs:C", "sqs:D" }
    local document = w.document(w.allow({ AWS = w.stranger }, nil, { Action = actions }))
    local line = access.describe(access.shared_with_unknown(document, resource))
    assert.equal("statement 1 lets 999999999999 use sqs:A, sqs:B and 2 more", line)
  end)

  it("says \"everything but\" for NotAction", function()
    local document = w.document(w.allow("*", nil, { Action = false, NotAction = "sqs:Purge" }))
    local line = access.describe(access.open_to_anyone(document, resource))
    assert.equal("statement 1 lets anyone use everything except sqs:Purge", line)
  end)

  it("is short, on one line, and valid UTF-8, whatever the document contains", function()
    local sid = "a\nb" .. ("\u{1F512}"):rep(1000)
    local list = {}
    for i = 1, 500 do
      list[i] = w.allow({ AWS = { "*", w.stranger } }, nil, { Sid = sid, Action = sid })
    end
    local line = access.describe(access.untrusted({ Statement = list }, resource))
    assert.is_true(#line < 1000)
    assert.is_nil(line:find("%c"))
    assert.is_truthy(utf8.len(line))
    assert.is_truthy(line:find("497 more statements", 1, true))
  end)

  it("is empty if nobody has access", function()
    assert.equal("", access.describe {})
  end)
end)

describe("access: evidence", function()
  it("says which conditions do not limit, and why", function()
    local document = w.anyone_if {
      StringEquals = { ["foo:Bar"] = "1" },
      StringNotEquals = { ["aws:SourceAccount"] = w.own },
      ArnLike = { ["aws:SourceArn"] = "arn:aws:sns:*:*:*" },
    }
    local found = access.open_to_anyone(document, resource_of())[1]
    assert.same({
      "ArnLike aws:SourceArn: a wildcard in the account",
      "StringEquals foo:Bar: key is not known",
      "StringNotEquals aws:SourceAccount: a negation does not limit",
    }, found.unlimited_by)
    assert.same({ "*" }, found.principals)
    assert.is_true(found.anyone)
    assert.same(document.Statement[1], found.statement)
  end)

  it("says why in a sentence", function()
    local function why(statement, find)
      return find(w.document(statement), resource_of())[1].why
    end
    local ending = "; there is no condition"
    assert.equal("principal * lets in anyone" .. ending, why(w.allow "*", access.open_to_anyone))
    assert.equal("NotPrincipal lets in anyone" .. ending,
      why(w.allow(nil, nil, { NotPrincipal = { AWS = w.own } }), access.open_to_anyone))
    assert.equal("principal 999999999999 lets in 999999999999" .. ending,
      why(w.allow { AWS = w.stranger }, access.shared_with_unknown))
    local guarded = w.allow("*", { StringEquals = { ["aws:SourceAccount"] = w.stranger } })
    assert.equal("principal * lets in 999999999999; the conditions admit what is not trusted",
      why(guarded, access.untrusted))
    assert.equal("principal * lets in anyone; no condition limits it to what is trusted",
      why(w.allow("*", { Bool = { ["aws:SecureTransport"] = "true" } }), access.untrusted))
  end)

  it("names in each list only what was requested", function()
    local document = w.document(w.trust({
      AWS = { "*", w.root(w.stranger) },
      Federated = "arn:aws:iam::999999999999:oidc-provider/example.com",
    }, nil, { Action = "sts:*" }))
    local resource = resource_of "iam_role"
    local open = access.open_to_anyone(document, resource)[1]
    assert.is_true(open.anyone)
    assert.is_nil(open.accounts)
    assert.is_nil(open.unlimited_by)
    local named = access.shared_with_unknown(document, resource)[1]
    assert.is_false(named.anyone)
    assert.same({ w.stranger }, named.accounts)
    local either = access.untrusted(document, resource)[1]
    assert.is_true(either.anyone)
    assert.same({ w.stranger }, either.accounts)
    assert.equal("statement 1 lets anyone, 999999999999 use sts:*", access.describe { either })
  end)

  it("trusts the canonical users that are given as the own ones", function()
    local document = w.document(w.allow { CanonicalUser = { "abc", "def" } })
    local opts = { canonical_users = { "abc" } }
    local found = access.shared_with_unknown(document, resource_of(), opts)
    assert.same({ "def" }, found[1].accounts)
  end)

  it("evaluates any document as a trust policy if told to", function()
    local document = w.document(w.trust({
      Federated = "arn:aws:iam::111122223333:oidc-provider/gitlab.com",
    }, nil, { Action = "sts:AssumeRoleWithWebIdentity" }))
    assert.equal(0, #access.open_to_anyone(document, resource_of()))
    assert.equal(1, #access.open_to_anyone(document, resource_of(), { trust = true }))
    assert.equal(0, #access.open_to_anyone(document, resource_of "iam_role", { trust = false }))
  end)

  it("asks about each id once, and never about texts that are not ids", function()
    local asked, list = {}, {}
    local resource = resource_of()
    function resource.trusted(_, id)
      assert.is_nil(asked[id])
      asked[id] = true
      return false
    end
    for i = 1, 20 do list[i] = w.allow { AWS = { w.stranger, w.own, "AIDAJQABLZS4A3QDU576Q" } } end
    assert.equal(20, #access.untrusted({ Statement = list }, resource))
    assert.same({ [w.stranger] = true }, asked)
  end)

  it("is the same whatever the order of keys", function()
    local texts = {
      '{"Statement":{"Effect":"Allow","Action":"a:b","Principal":{"AWS":"*","Service":"*"},'
        .. '"Condition":{"Bool":{"x:y":"1","x:z":"2"},"Null":{"a:b":"true"}}}}',
      '{"Statement":{"Condition":{"Null":{"a:b":"true"},"Bool":{"x:z":"2","x:y":"1"}},'
        .. '"Principal":{"Service":"*","AWS":"*"},"Action":"a:b","Effect":"Allow"}}',
    }
    local one = access.open_to_anyone(cjson.decode(texts[1]), resource_of())
    local other = access.open_to_anyone(cjson.decode(texts[2]), resource_of())
    assert.same(one, other)
  end)
end)
