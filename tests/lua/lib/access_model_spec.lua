-- Compares the evaluator and its repairs with a model of AWS, for random documents and every
-- request that matters: a stranger gets no access after a clean verdict or a repair; whoever is
-- trusted keeps all access that was given by name; and a second repair has nothing to do.
local here = debug.getinfo(1, "S").source:match("^@(.*)lua/lib/[^/]*$") or "tests/"
package.path = here .. "fixtures/access/?.lua;" .. package.path

local access = require "lib.access"
local aws = require "support.aws_evaluation"
local repairs = require "lib.repairs"
local w = require "words"

-- Few rounds while someone is working on it, more in the test's own run, which counts lines.
local ROUNDS = os.getenv("ENGINE_TEST_LONG") and 30000
  or os.getenv("ENGINE_LUA_COVERAGE") and 1500 or 500
local SEED = tonumber(os.getenv("ENGINE_TEST_SEED") or "") or os.time()

local OWN = { account = w.own, organization = w.organization }
local TRUSTED = { [w.friend] = true, [w.member] = true, [w.organization] = true }

local resource = {
  account = w.own, region = "us-east-1", type = "sqs",
  trusted = function(_, id) return TRUSTED[id] or false end,
}

----------------------------------------------------------------------------------------------------
-- requests

local AROA = "AROAKNOWNKNOWNKNOWN12"

local PARTIES = {
  { name = "own", account = w.own, organization = w.organization, id = AROA, trusted = true },
  { name = "friend", account = w.friend, id = "AROAFRIENDFRIENDFRIE1", trusted = true },
  { name = "member", account = w.member, organization = w.organization,
    id = "AROAMEMBERMEMBERMEMB1", trusted = true },
  { name = "stranger", account = w.stranger, organization = w.foreign,
    id = "AROASTRANGERSTRANGE1" },
  { name = "other", account = w.other, id = "AROAOTHEROTHEROTHER1" },
  { name = "anonymous" },
  { name = "sns of own", service = "sns.amazonaws.com", of = w.own, organization = w.organization,
    trusted = true },
  { name = "sns of a stranger", service = "sns.amazonaws.com", of = w.stranger,
    organization = w.foreign },
}

local PLACES = {
  { ["aws:sourceip"] = { "203.0.113.7" }, ours = true },
  { ["aws:sourceip"] = { "198.51.100.9" } },
  { ["aws:sourcevpc"] = { "vpc-1" }, ours = true },
  { ["aws:sourcevpc"] = { "vpc-9" } },
}

local function add_party(context, party)
  local service = party.service ~= nil
  if party.account or service then
    context["aws:principalisawsservice"] = { tostring(service) }
  end
  if service then
    context["aws:principalservicename"] = { party.service }
    context["aws:sourceaccount"] = { party.of }
    context["aws:sourcearn"] = { w.topic(party.of) }
    context["aws:sourceorgid"] = { party.organization }
  elseif party.account then
    context["aws:principalaccount"] = { party.account }
    context["aws:principalarn"] = { w.role(party.account) }
    context["aws:userid"] = { party.id .. ":s" }
    context["aws:principalorgid"] = party.organization and { party.organization }
    context["aws:principalorgpaths"] = party.organization
      and { party.organization .. "/r-1/ou-1/" }
  end
end

local function request_of(party, place, tls, action, on)
  local context = { ["aws:securetransport"] = { tls } }
  for key, values in pairs(place) do context[key] = key ~= "ours" and values or nil end
  add_party(context, party)
  return {
    party = party, account = party.account, arn = party.account and w.role(party.account),
    service = party.service, action = action, resource = on, context = context,
    stranger = not party.trusted and not place.ours,
  }
end

local REQUESTS = {}
for _, party in ipairs(PARTIES) do
  for _, place in ipairs(PLACES) do
    for _, tls in ipairs { "true", "false" } do
      for _, action in ipairs { "sqs:SendMessage", "sqs:ReceiveMessage" } do
        REQUESTS[#REQUESTS + 1] = request_of(party, place, tls, action, w.queue)
      end
    end
  end
end

----------------------------------------------------------------------------------------------------
-- random documents

local function pick(list) return list[math.random(#list)] end
local function chance(percent) return math.random(100) <= percent end

-- Values that are trusted, that name a stranger, that give everyone access, or that are bounded.
local KEYS = {
  { "StringLike", "StringNotLike", "aws:PrincipalAccount", { w.own, w.friend, w.member,
    "${aws:ResourceAccount}" }, { w.stranger, w.other }, { "*" } },
  { "StringLike", "StringNotLike", "aws:PrincipalOrgID", { w.organization,
    "${aws:ResourceOrgID}" }, { w.foreign }, { "*", "o-*" } },
  { "StringLike", "StringNotLike", "aws:PrincipalOrgPaths", { w.organization .. "/r-1/*",
    "${aws:ResourceOrgID}/*" }, { w.foreign .. "/*" }, { "*" } },
  { "ArnLike", "ArnNotLike", "aws:PrincipalArn", { w.role(w.own),
    "arn:aws:iam::222233334444:role/*" }, { w.role(w.stranger) },
    { "arn:aws:iam::*:role/worker" } },
  { "StringLike", "StringNotLike", "aws:SourceVpc", { "vpc-1" }, nil, { "*", "vpc-*" } },
  { "IpAddress", "NotIpAddress", "aws:SourceIp", { "203.0.113.0/24" }, nil, { "0.0.0.0/0" } },
  { "StringLike", "StringNotLike", "aws:SourceAccount", { w.own }, { w.stranger }, { "*" } },
  { "ArnLike", "ArnNotLike", "aws:SourceArn", { w.topic(w.own) }, { w.topic(w.stranger) },
    { "arn:aws:sns:*:*:news" }, { w.bucket } },
  { "StringLike", "StringNotLike", "aws:SourceOrgID", { w.organization }, { w.foreign }, { "*" } },
  { "StringLike", "StringNotLike", "aws:userId", nil, nil, { "*:s" }, { AROA .. ":*" } },
}

local GOOD = {}
for _, row in ipairs(KEYS) do
  GOOD[row[3]] = {}
  for _, value in ipairs(row[4] or {}) do GOOD[row[3]][value] = true end
end

local function some_values(row)
  local pool, values = {}, {}
  for place, weight in pairs { [4] = 4, [5] = 2, [6] = 2, [7] = 1 } do
    for _ = 1, row[place] and weight or 0 do pool[#pool + 1] = pick(row[place]) end
  end
  for _ = 1, pick { 1, 1, 2, 2, 3 } do values[#values + 1] = pick(pool) end
  return #values == 1 and values[1] or values
end

local function some_operator(name)
  if chance(75) then return name end
  return pick { "ForAnyValue:", "ForAllValues:", "" } .. name .. pick { "IfExists", "" }
end

local function put(condition, operator, key, values)
  condition[operator] = condition[operator] or {}
  condition[operator][key] = values
end

local function some_condition(negated)
  local condition = {}
  for _ = 1, pick { 1, 1, 2 } do
    local row, kind = pick(KEYS), math.random(100)
    if kind <= 75 then
      local name = negated and row[2] or row[1]
      put(condition, some_operator(name), row[3], some_values(row))
    elseif kind <= 85 then
      put(condition, "Bool", "aws:SecureTransport", pick { "true", "false" })
    elseif kind <= 90 then
      put(condition, "Null", row[3], pick { "true", "false" })
    elseif kind <= 95 then
      put(condition, negated and "BoolIfExists" or "Bool", "aws:PrincipalIsAWSService",
        negated and "false" or "true")
    else
      put(condition, some_operator(negated and row[1] or row[2]), row[3], some_values(row))
    end
  end
  return condition
end

local NAMES = {
  w.own, w.root(w.own), w.role(w.own), w.friend, w.role(w.friend), w.member, w.stranger,
  w.role(w.stranger), w.other, "AROAJQABLZS4A3QDU576Q", "AIDAJQABLZS4A3QDU576Q",
}

local function some_names(anyone)
  local names = {}
  for _ = 1, pick { 1, 1, 2, 3 } do names[#names + 1] = chance(anyone) and "*" or pick(NAMES) end
  return #names == 1 and names[1] or names
end

local function some_principal()
  if chance(35) then return "*" end
  local principal = { AWS = some_names(30) }
  if chance(15) then principal.Service = "sns.amazonaws.com" end
  return principal
end

local ACTIONS = {
  "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:*", { "sqs:SendMessage", "sqs:ReceiveMessage" },
}

local function some_statement()
  local denies = chance(30)
  local statement = {
    Effect = denies and "Deny" or "Allow", Action = pick(ACTIONS), Resource = pick { w.queue, "*" },
  }
  if chance(denies and 25 or 8) then
    statement.NotPrincipal = { AWS = some_names(5) }
  else
    statement.Principal = denies and chance(70) and pick { "*", { AWS = "*" } } or some_principal()
  end
  if chance(denies and 80 or 65) then statement.Condition = some_condition(denies) end
  return statement
end

local function some_document()
  local document = { Version = "2012-10-17", Statement = {} }
  for i = 1, pick { 1, 2, 2, 3, 4 } do document.Statement[i] = some_statement() end
  return document
end

----------------------------------------------------------------------------------------------------
-- what must hold

-- A service is not a stranger, whoever it acts for, unless everyone has access: if a statement
-- names a service, or is bounded to some, it may act.
local function services_may(document)
  for _, statement in ipairs(document.Statement) do
    local principal = statement.Principal
    if type(principal) == "table" and principal.Service then return true end
    for _, block in pairs(statement.Condition or {}) do
      for key, values in pairs(block) do
        if key == "aws:PrincipalIsAWSService" or key == "aws:userId" then return true end
        for _, value in ipairs(type(values) == "table" and values or { values }) do
          if value == w.bucket then return true end
        end
      end
    end
  end
  return false
end

local function stranger_among(document, services)
  for _, request in ipairs(REQUESTS) do
    if request.stranger and not (services and request.service)
      and aws.allowed(document, request, OWN) then
      return request
    end
  end
  return nil
end

local LIMITING = { StringLike = true, ArnLike = true, IpAddress = true }
local NEGATED = { StringNotLike = true, ArnNotLike = true, NotIpAddress = true }

local function limits(operator) return LIMITING[(operator:gsub("^ForAnyValue:", ""))] end

local function negates(operator)
  return NEGATED[(operator:gsub("^For%a+:", ""):gsub("IfExists$", ""))]
end

-- Does a condition with such an operator match the request by a trusted value?
local function by_value(statement, request, is_such)
  for operator, block in pairs(statement.Condition or {}) do
    if is_such(operator) then
      for key, values in pairs(block) do
        for _, value in ipairs(type(values) == "table" and values or { values }) do
          if GOOD[key] and GOOD[key][value]
            and aws.matches(operator, key, value, request, OWN) then
            return true
          end
        end
      end
    end
  end
  return false
end

local function is_for_everyone(deny)
  local anyone = { action = "", resource = "", context = {} }
  return deny.NotPrincipal ~= nil or aws.meant(deny.Principal, anyone) == "everyone"
end

-- Is it exempt, by its name or by a trusted value, when others are denied?
local function is_spared(document, request)
  for _, statement in ipairs(document.Statement) do
    if statement.Effect == "Deny" and aws.covers(statement, request) and is_for_everyone(statement)
    then
      local named = statement.NotPrincipal
        and aws.meant(statement.NotPrincipal, request) == "name"
      if named or by_value(statement, request, negates) then return true end
    end
  end
  return false
end

-- Does it have access by its name, by a trusted value, or because a Deny exempts it?
local function by_name(document, request)
  if aws.denied(document, request, OWN) then return false end
  local spared = is_spared(document, request)
  for _, statement in ipairs(document.Statement) do
    local how = statement.Effect == "Allow" and aws.speaks(statement, request, OWN)
    if how == "name" or how and (spared or by_value(statement, request, limits)) then
      return true
    end
  end
  return false
end

local function lost(before, after)
  for _, request in ipairs(REQUESTS) do
    if request.party.trusted and by_name(before, request) and not aws.allowed(after, request, OWN)
    then
      return request
    end
  end
  return nil
end

local function shown(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts, keys = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    parts[#parts + 1] = (type(key) == "number" and "" or key .. "=") .. shown(value[key])
  end
  return "{" .. table.concat(parts, " ") .. "}"
end

local function report(what, request, ...)
  local lines = { ("%s (seed %d)"):format(what, SEED), request and request.party.name or "",
    request and shown(request.context) or "" }
  for _, document in ipairs { ... } do lines[#lines + 1] = shown(document) end
  return table.concat(lines, "\n")
end

local function strangers(document) return access.untrusted(document, resource) end

local function check(document, seen)
  local found, services = strangers(document), services_may(document)
  if #found == 0 then
    local request = stranger_among(document, services)
    local why = "a stranger behind a clean verdict"
    assert.is_nil(request, request and report(why, request, document))
    seen.clean = seen.clean + 1
  end
  local repaired = repairs.closed(document, strangers)
  if repaired.held then
    seen.held = seen.held + 1
    return
  end
  local rest = repaired.document
  local request = stranger_among(rest, services)
  assert.is_nil(request, request and report("a stranger behind a repair", request, document, rest))
  request = lost(document, rest)
  assert.is_nil(request, request and report("shut out by a repair", request, document, rest))
  if rest then
    local again = repairs.closed(rest, strangers).document
    assert.same(rest, again, report("a second repair does more", nil, document, rest, again))
  end
  if #found > 0 then seen.repaired = seen.repaired + 1 end
end

-- A statement in which every finding is about a stranger: without conditions that contradict each
-- other, or that no request can meet.
local function is_plain(statement)
  local count = 0
  for operator, block in pairs(statement.Condition or {}) do
    local plain = limits(operator) or operator == "Bool"
    for _ in pairs(block) do count = count + (plain and 1 or 2) end
  end
  return statement.Effect == "Allow" and not statement.NotPrincipal and count <= 1
end

-- The findings in such statements are real: some request of a stranger is allowed.
local function check_found(document, seen)
  for _, statement in ipairs(document.Statement) do
    if not is_plain(statement) then return end
  end
  if #access.open_to_anyone(document, resource) == 0 then return end
  assert.truthy(stranger_among(document, false), report("nobody gets in", nil, document))
  seen.open = seen.open + 1
end

-- Questions about one reading are answered as if each were the only one, in any order.
local function check_reading(document)
  local reading, all, first = { document = document }, access.untrusted(document, resource),
    math.random(2)
  for place = first, first + 2 do
    local named = place % 2 == 1
    local alone = named and access.shared_with_unknown or access.open_to_anyone
    local asked = { (named and access.audit_shared or access.audit_open)(reading, resource) }
    assert.same({ access.verdict(alone(document, resource)) }, asked)
    assert.equal(#all == 0, access.is_closed(reading, resource))
  end
end

describe("access policies, as AWS evaluates them", function()
  it("are evaluated and repaired as the model requires", function()
    math.randomseed(SEED)
    local seen = { clean = 0, held = 0, repaired = 0, open = 0 }
    for _ = 1, ROUNDS do
      local document = some_document()
      check(document, seen)
      check_found(document, seen)
      check_reading(document)
    end
    for name, times in pairs(seen) do
      assert.is_true(times * 50 >= ROUNDS, ("%s: only %d of %d"):format(name, times, ROUNDS))
    end
  end)
end)
