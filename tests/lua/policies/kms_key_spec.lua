-- policies/kms_key.lua with a key that stores what it is given.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local kms_key = policies.load "kms_key"
local json = policies.json

local ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
local PUBLIC, SHARED = "kms_key.public", "kms_key.shared"
local ME = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine-1"
local DENIED = policies.fault("AccessDeniedException", "no", 400)
local MISSING = policies.fault("NotFoundException", "none", 400)

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(sid, principal, action, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Action":"%s","Resource":"*"%s}'
  return form:format(sid, principal, action, rest or "")
end

local ROOT = statement("root", '{"AWS":"arn:aws:iam::111122223333:root"}', "kms:*")
local ADMIN = statement("admin", '{"AWS":"arn:aws:iam::111122223333:role/admin"}', "kms:*")
local OPEN = statement("open", '{"AWS":"*"}', "kms:Decrypt")
local ALL = statement("all", '"*"', "kms:*")
local STRANGER = statement("partner", '{"AWS":"arn:aws:iam::999988887777:root"}', "kms:Encrypt")
local DELETED = statement("left", '{"AWS":"AROAABCDEFGHIJKLMNOPQ"}', "kms:Encrypt")
-- In the form in which KMS writes them for its own keys (KMS developer guide, "AWS managed keys").
local SERVICE = statement("service", '{"AWS":"*"}', "kms:Decrypt", ',"Condition":{"StringEquals":'
  .. '{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.us-east-1.amazonaws.com"}}')

local function document(...)
  return '{"Version":"2012-10-17","Id":"key-1","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function key_with(text, options)
  options = options or {}
  local id = options.id or ID
  options.id = id
  local arn = "arn:aws:kms:us-east-1:111122223333:key/" .. id
  local box = { text = text }
  local replies = {
    ["kms:GetKeyPolicy"] = function(params)
      assert.same({ KeyId = id, PolicyName = "default" }, params)
      return { Policy = box.text, PolicyName = "default" }
    end,
    ["kms:DescribeKey"] = function(params)
      assert.same({ KeyId = id }, params)
      return { KeyMetadata = {
        KeyId = id, Arn = arn, KeyManager = options.manager or "CUSTOMER",
        KeyState = options.state or "Enabled", MultiRegion = false,
      } }
    end,
    ["kms:ListResourceTags"] = function(params)
      assert.equal(id, params.KeyId)
      return { Tags = { { TagKey = "Team", TagValue = "shop" } }, Truncated = false }
    end,
    ["kms:PutKeyPolicy"] = function(params)
      assert.equal(id, params.KeyId)
      assert.equal("default", params.PolicyName)
      assert.is_nil(params.BypassPolicyLockoutSafetyCheck)
      box.text = params.Policy
      return {}
    end,
    ["sts:GetCallerIdentity"] = { Account = "111122223333", Arn = options.me or ME },
  }
  for name, reply in pairs(options.replies or {}) do replies[name] = reply end
  options.replies = replies
  return kms_key:resource(options), box
end

local function calls_of(key)
  local names = {}
  for i, call in ipairs(key.calls) do names[i] = call.call end
  return table.concat(names, " ")
end

describe("a key's audit", function()
  it("passes for its own account, in one call", function()
    for _, text in ipairs { document(ROOT), document(ROOT, ADMIN), document(SERVICE) } do
      local key = key_with(text)
      local outcome = key:plan()
      assert.equal("compliant", outcome[PUBLIC].status)
      assert.equal("compliant", outcome[SHARED].status)
      assert.equal("kms:GetKeyPolicy", calls_of(key))
    end
  end)

  it("finds who has access", function()
    local key = key_with(document(ROOT, OPEN, STRANGER))
    local outcome = key:audit()
    assert.truthy(outcome[PUBLIC].summary:find("statement 2 (open) lets anyone", 1, true))
    assert.equal(1, #outcome[PUBLIC].evidence)
    assert.same({ "999988887777" }, outcome[SHARED].evidence[1].accounts)
    assert.same({ Team = "shop" }, outcome.tags)
    assert.equal("kms:GetKeyPolicy kms:DescribeKey kms:ListResourceTags", calls_of(key))
  end)

  it("is not misled by a service's name, or by an account that does not limit access", function()
    local function public(condition)
      local text = statement("s", '"*"', "kms:Decrypt", ',"Condition":{' .. condition .. "}")
      return key_with(document(ROOT, text)):audit()[PUBLIC].status
    end
    assert.equal("non_compliant",
      public '"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}')
    assert.equal("non_compliant", public '"StringNotEquals":{"kms:CallerAccount":"111122223333"}')
    assert.equal("compliant", public '"StringEquals":{"KMS:callerAccount":"111122223333"}')
  end)

  it("trusts exactly those whom the settings trust, and is unknown if it cannot tell", function()
    local key = key_with(document(ROOT, STRANGER), { trusted = { "999988887777" } })
    assert.equal("compliant", key:audit()[SHARED].status)
    assert.equal("kms:GetKeyPolicy", calls_of(key))
    local outcome = key_with(document(STRANGER), { trusted = function() return nil end }):plan()
    assert.equal("unknown", outcome[SHARED].status)
    assert.equal("compliant", outcome[PUBLIC].status)
  end)

  it("passes AWS's own keys and keys that will be deleted", function()
    for _, options in ipairs { { manager = "AWS" }, { state = "PendingDeletion" },
      { state = "PendingReplicaDeletion" } } do
      local key = key_with(document(ALL, STRANGER), options)
      local results, outcome = key:repair()
      assert.equal("compliant", outcome[PUBLIC].status)
      assert.equal("compliant", outcome[SHARED].status)
      assert.same({}, results)
      assert.is_nil(calls_of(key):find("ListResourceTags", 1, true))
    end
    for _, state in ipairs { "Enabled", "Disabled", "PendingImport", "Unavailable" } do
      assert.equal("non_compliant",
        key_with(document(ALL), { state = state }):audit()[PUBLIC].status)
    end
  end)

  it("waits for a key that is being created", function()
    for _, state in ipairs { "Creating", "Updating" } do
      local outcome = key_with(document(ALL), { state = state }):audit()
      assert.equal("later", outcome.state)
      assert.equal(60, outcome.delay)
    end
  end)

  it("does not evaluate what it cannot read", function()
    local hostile = { '{"Version":', "null", "[]", "7", '{"Statement":[{}]}', ("["):rep(10000),
      '{"Statement":[],"Statement":[]}' }
    for _, text in ipairs(hostile) do
      local key = key_with(text)
      local results, outcome = key:repair()
      assert.equal("unknown", outcome[PUBLIC].status, text:sub(1, 40))
      assert.equal("unknown", outcome[SHARED].status)
      assert.same({}, results)
    end
  end)

  it("is gone if the key is, at any call", function()
    for _, operation in ipairs { "GetKeyPolicy", "DescribeKey" } do
      local replies = { ["kms:" .. operation] = MISSING }
      assert.equal("gone", key_with(document(OPEN), { replies = replies }):audit().state)
    end
  end)

  it("needs no tags", function()
    for _, reply in ipairs { DENIED, MISSING, {} } do
      local replies = { ["kms:ListResourceTags"] = reply }
      local outcome = key_with(document(OPEN, STRANGER), { replies = replies }):audit()
      assert.equal("non_compliant", outcome[PUBLIC].status)
      assert.equal("non_compliant", outcome[SHARED].status)
      assert.is_nil(outcome.tags)
    end
  end)

  it("is unknown, and repairs nothing, if a read is refused or incomplete", function()
    local whole = { KeyId = ID, Arn = "arn", KeyManager = "CUSTOMER", KeyState = "Enabled" }
    local replies = { { "GetKeyPolicy", {} }, { "GetKeyPolicy", { Policy = "" } },
      { "DescribeKey", {} } }
    for name in pairs(whole) do
      if name ~= "KeyId" then
        local less = json.copy(whole)
        less[name] = nil
        replies[#replies + 1] = { "DescribeKey", { KeyMetadata = less } }
      end
    end
    for _, operation in ipairs { "GetKeyPolicy", "DescribeKey" } do
      replies[#replies + 1] = { operation, DENIED }
    end
    for _, reply in ipairs(replies) do
      local key = key_with(document(OPEN), { replies = { ["kms:" .. reply[1]] = reply[2] } })
      local results, outcome = key:repair()
      assert.equal("unknown", outcome[PUBLIC].status, reply[1])
      assert.equal("unknown", outcome[SHARED].status)
      assert.same({}, results)
      assert.same({}, key:sent())
    end
  end)
end)

describe("a key's repair", function()
  it("removes exactly the open statement, and restores it byte for byte", function()
    local before = document(ROOT, OPEN, STRANGER, ADMIN)
    local key, box = key_with(before)
    local results, outcome = key:repair()
    assert.same({ [PUBLIC] = "fixed", [SHARED] = "none" }, results)
    assert.equal(document(ROOT, STRANGER, ADMIN), box.text)
    assert.equal(1, #key:sent())
    assert.equal("kms:PutKeyPolicy", outcome[PUBLIC].steps[1].undo.call)
    key:undo()
    assert.equal(before, box.text)
  end)

  it("predicts a compliant key", function()
    local key, box = key_with(document(ROOT, OPEN))
    assert.same({ [PUBLIC] = "fixed" }, (key:repair()))
    assert.equal(document(ROOT), box.text)
    key:undo()
    assert.equal(document(ROOT, OPEN), box.text)
  end)

  it("does not lock the account out of its key", function()
    local key, box = key_with(document(ALL))
    assert.same({ [PUBLIC] = "fixed" }, (key:repair()))
    assert.same({ { Sid = "all", Effect = "Allow", Action = "kms:*", Resource = "*",
      Principal = { AWS = "arn:aws:iam::111122223333:root" } } },
      json.decode(box.text).Statement)
    key:undo()
    assert.equal(document(ALL), box.text)
  end)

  it("is the same each time, although KMS returns names in another order", function()
    local names, asked = { "role/a", "role/b", "role/c" }, 0
    local three = statement("three", '{"AWS":[ "1", "2", "3" ]}', "kms:*")
    local key, box = key_with(document(ALL, three))
    local get = key.world.replies["kms:GetKeyPolicy"]
    key.world.replies["kms:GetKeyPolicy"] = function(params)
      asked = asked + 1
      local reply, at = get(params), asked
      reply.Policy = reply.Policy:gsub('%[ "[^%]]*%]', function()
        local list = {}
        for i = 1, 3 do
          list[i] = ('"arn:aws:iam::111122223333:%s"'):format(names[(at + i) % 3 + 1])
        end
        return "[ " .. table.concat(list, ", ") .. " ]"
      end)
      return reply
    end
    local first, second = key:plan(), key:plan()
    assert.equal(json.canonical(first), json.canonical(second))
    assert.same({ [PUBLIC] = "fixed" }, (key:repair()))
    key:undo()
    assert.truthy(box.text:find('[ "arn:aws:iam::111122223333:role/a", "arn', 1, true))
  end)

  it("names root with the region's partition", function()
    local key, box = key_with(document(ALL), { region = "cn-north-1" })
    assert.equal("fixed", key:repair()[PUBLIC])
    assert.same({ AWS = "arn:aws-cn:iam::111122223333:root" },
      json.decode(box.text).Statement[1].Principal)
  end)

  local function held(text, options)
    local key = key_with(text, options)
    local results, outcome = key:repair()
    assert.equal("held", results[PUBLIC])
    assert.same({}, key:sent())
    return outcome[PUBLIC].held
  end

  it("is held if the policy could not be changed again", function()
    local deny = '{"Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*",'
      .. '"Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}}'
    assert.truthy(held(document(ROOT, OPEN, deny)):find("statement 2 denies", 1, true))
    assert.truthy(held(document(ADMIN, OPEN)):find("no remaining statement lets", 1, true))
    local me = "arn:aws:sts::111122223333:assumed-role/admin/engine-1"
    assert.equal("fixed", key_with(document(ADMIN, OPEN), { me = me }):repair()[PUBLIC])
  end)

  it("is held if KMS would refuse the remaining policy", function()
    local long = statement("long", '{"AWS":"111122223333"}', "kms:" .. ("x"):rep(33000))
    assert.truthy(held(document(ROOT, OPEN, long)):find("more than the 32 KB", 1, true))
  end)

  it("also removes deleted principals, and never restores them", function()
    local key, box = key_with(document(ROOT, OPEN, DELETED))
    assert.equal("fixed", key:repair()[PUBLIC])
    assert.same(json.decode(document(ROOT)), json.decode(box.text))
    key:undo()
    assert.same(json.decode(document(ROOT, OPEN)), json.decode(box.text))
  end)

  it("is not planned if the caller is unknown", function()
    for _, reply in ipairs { policies.fault("AccessDenied"), { Account = "111122223333" } } do
      local replies = { ["sts:GetCallerIdentity"] = reply }
      local key = key_with(document(ROOT, OPEN), { replies = replies })
      local outcome = key:plan()
      assert.equal("failed", outcome[PUBLIC].fix)
      assert.same({}, key:sent())
    end
  end)

  it("writes the remaining policy in plain ASCII", function()
    local odd = ROOT:gsub('"root"', '"caf\u{e9} \u{1F600}"', 1)
    local key, box = key_with(document(odd, OPEN))
    key:repair()
    assert.equal("caf\u{e9} \u{1F600}", json.decode(box.text).Statement[1].Sid)
    assert.is_nil(box.text:find("[\x80-\xFF]"))
  end)

  it("passes ids on unchanged", function()
    for _, id in ipairs { "mrk-1234abcd12ab34cd56ef1234567890ab", "k'e\"y\n", ("x"):rep(200) } do
      local key, box = key_with(document(ROOT, OPEN), { id = id })
      assert.equal("fixed", key:repair()[PUBLIC])
      assert.equal(document(ROOT), box.text)
    end
  end)
end)

describe("accounts of AWS at a key", function()
  it("count as trusted, and keep their access in a repair", function()
    local theirs = statement("aws", ('{"AWS":%s}'):format(aws_ids.json()), "kms:Decrypt")
    local key, box = key_with(document(ROOT, theirs, OPEN))
    local results, outcome = key:repair()
    assert.equal("fixed", results[PUBLIC])
    assert.equal("compliant", outcome[SHARED].status)
    assert.equal(document(ROOT, theirs), box.text)
  end)
end)

describe("keys", function()
  local function keys(...)
    local list = {}
    for i, id in ipairs { ... } do list[i] = { KeyId = id, KeyArn = "arn" } end
    return { Keys = list }
  end

  it("are listed page by page", function()
    local list, calls = kms_key:discover { replies = { ["kms:ListKeys"] = policies.pages {
      keys("a", "b"), { Keys = json.decode("[]") }, keys("c"),
    } } }
    assert.same({ { id = "a", test = false }, { id = "b", test = false },
      { id = "c", test = false } }, list)
    assert.same({ Limit = 1000 }, calls[1].with)
    assert.equal(1, #calls)
    assert.has_error(function() kms_key:discover { replies = { ["kms:ListKeys"] = {} } } end)
  end)

  it("for tests are marked by a tag", function()
    local function tagged(key, value)
      return { Tags = { { TagKey = key, TagValue = value } }, Truncated = false }
    end
    local replies = {
      a = tagged("Name", "shop"), b = tagged("misconfiguration_maker", "true"),
      c = tagged("Name", "misconfig-maker-1"), d = DENIED, e = MISSING,
    }
    local list = kms_key:discover {
      settings = { only_use_test_resources = true },
      replies = {
        ["kms:ListKeys"] = keys("a", "b", "c", "d", "e"),
        ["kms:ListResourceTags"] = function(params) return replies[params.KeyId] end,
      },
    }
    local marked = {}
    for _, found in ipairs(list) do marked[found.id] = found.test end
    assert.same({ a = false, b = true, c = true, d = false, e = false }, marked)
  end)

  it("are found in their events", function()
    local arn = "arn:aws:kms:us-east-1:111122223333:key/" .. ID
    local created = { responseElements = { keyMetadata = { keyId = ID, arn = arn } } }
    assert.same({ { id = ID, delay = 0 } }, kms_key:event("kms:CreateKey", created))
    for _, name in ipairs { ID, arn } do -- made canonical when the line is written
      local put = { requestParameters = { keyId = name, policyName = "default" } }
      assert.same({ { id = name, delay = 0 } }, kms_key:event("kms:PutKeyPolicy", put))
    end
    local listed = { requestParameters = { omitted = true }, resources = { { ARN = arn } } }
    assert.same({ { id = arn, delay = 0 } }, kms_key:event("kms:PutKeyPolicy", listed))
    local replicated = {
      requestParameters = { keyId = ID, replicaRegion = "eu-west-1" },
      responseElements = { replicaKeyMetadata = { keyId = "mrk-1" } },
    }
    assert.same({ { id = "mrk-1", region = "eu-west-1" } },
      kms_key:event("kms:ReplicateKey", replicated))
    replicated.requestParameters = { omitted = true }
    replicated.responseElements.replicaKeyMetadata.arn = "arn:aws:kms:eu-west-2:1:key/mrk-1"
    assert.same({ { id = "mrk-1", region = "eu-west-2" } },
      kms_key:event("kms:ReplicateKey", replicated))
  end)

  it("are not derived from other events", function()
    for _, detail in ipairs { {}, { requestParameters = "x" }, { requestParameters = {} },
      { requestParameters = { keyId = "" } } } do
      assert.has_error(function() kms_key:event("kms:PutKeyPolicy", detail) end)
      assert.has_error(function() kms_key:event("kms:ReplicateKey", detail) end)
      assert.has_error(function() kms_key:event("kms:CreateKey", detail) end)
    end
    local replica = { responseElements = { replicaKeyMetadata = { keyId = "mrk-1" } } }
    assert.has_error(function() kms_key:event("kms:ReplicateKey", replica) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, kms_key:never_called())
  end)
end)
