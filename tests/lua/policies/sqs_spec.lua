-- policies/sqs.lua with a queue that stores what it is given.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local sqs = policies.load "sqs"
local json = policies.json

local URL = "https://sqs.us-east-1.amazonaws.com/111122223333/orders"
local ARN = "arn:aws:sqs:us-east-1:111122223333:orders"

-- In the form in which an author writes it, so that what remains can be compared byte for byte.
local function statement(sid, effect, principal, rest)
  local form = '{"Sid":"%s","Effect":"%s","Principal":%s,"Resource":"%s",%s}'
  return form:format(sid, effect, principal, ARN, rest)
end

local OWN = statement("own", "Allow", '{"AWS":"arn:aws:iam::111122223333:role/app"}',
  '"Action":["sqs:SendMessage","sqs:ReceiveMessage"]')
local TOPIC = statement("topic", "Allow", '"*"', '"Action":"sqs:SendMessage","Condition":'
  .. '{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}')
local DENY = statement("tls", "Deny", '"*"',
  '"Action":"sqs:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}')
local PUBLIC = statement("open", "Allow", '"*"', '"Action":"sqs:*"')
local STRANGER = statement("partner", "Allow", '{"AWS":"999988887777"}', '"Action":"sqs:*"')
local DELETED = statement("left", "Allow", '{"AWS":"AIDAABCDEFGHIJKLMNOPQ"}', '"Action":"sqs:*"')

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function queue_with(text, options)
  options = options or {}
  local box = { text = text }
  options.id = URL
  options.replies = options.replies or {
    ["sqs:GetQueueAttributes"] = function(params)
      assert.equal(URL, params.QueueUrl)
      return { Attributes = { Policy = box.text ~= "" and box.text or nil, QueueArn = ARN } }
    end,
    ["sqs:ListQueueTags"] = function(params)
      assert.equal(URL, params.QueueUrl)
      return { Tags = { Team = "shop" } }
    end,
    ["sqs:SetQueueAttributes"] = function(params)
      assert.equal(URL, params.QueueUrl)
      box.text = params.Attributes.Policy
      return {}
    end,
  }
  return sqs:resource(options), box
end

describe("a queue's audit", function()
  it("passes without a policy, in one call", function()
    local queue = queue_with("")
    local outcome = queue:plan()
    assert.equal("compliant", outcome["sqs.public"].status)
    assert.equal("compliant", outcome["sqs.shared"].status)
    assert.equal(1, #queue.calls)
    assert.equal("sqs:GetQueueAttributes", queue.calls[1].call)
    assert.equal(URL, queue.calls[1].with.QueueUrl)
  end)

  it("passes with statements that are for its own account, limited, or denials", function()
    local outcome = queue_with(document(OWN, TOPIC, DENY)):plan()
    assert.equal("compliant", outcome["sqs.public"].status)
    assert.equal("compliant", outcome["sqs.shared"].status)
    assert.same({ Team = "shop" }, outcome.tags)
  end)

  it("finds who has access, and names the statement", function()
    local outcome = queue_with(document(OWN, PUBLIC, STRANGER)):audit()
    local public, shared = outcome["sqs.public"], outcome["sqs.shared"]
    assert.equal("non_compliant", public.status)
    assert.truthy(public.summary:find("statement 2 (open) lets anyone", 1, true))
    assert.equal("open", public.evidence[1].sid)
    assert.equal(1, #public.evidence)
    assert.equal("non_compliant", shared.status)
    assert.same({ "999988887777" }, shared.evidence[1].accounts)
  end)

  it("trusts those whom the settings trust", function()
    local outcome = queue_with(document(STRANGER), { trusted = { "999988887777" } }):audit()
    assert.equal("compliant", outcome["sqs.shared"].status)
  end)

  it("is unknown if it cannot tell who is trusted", function()
    local queue = queue_with(document(STRANGER), { trusted = function() return nil end })
    local outcome = queue:plan()
    assert.equal("unknown", outcome["sqs.shared"].status)
    assert.equal("compliant", outcome["sqs.public"].status)
  end)

  it("does not evaluate what it cannot read", function()
    local outcome = queue_with('{"Version":'):plan()
    local entry = outcome["sqs.public"]
    assert.equal("unknown", entry.status)
    assert.truthy(entry.error.message:find("policy document is not valid JSON", 1, true))
    assert.equal("none", entry.fix)
    assert.equal("unknown", outcome["sqs.shared"].status)
    for _, text in ipairs { '{"Statement":[{"Effect":"Allow"}]}', "null", "[]", "7" } do
      assert.equal("unknown", queue_with(text):audit()["sqs.public"].status)
    end
  end)

  it("is gone if the queue is", function()
    local missing = { ["sqs:GetQueueAttributes"] = policies.fault("QueueDoesNotExist") }
    assert.equal("gone", queue_with("", { replies = missing }):audit().state)
  end)

  it("needs no tags", function()
    for _, text in ipairs { document(PUBLIC, STRANGER), document(OWN) } do
      local queue = queue_with(text)
      local whole = queue:audit()
      queue.world.replies["sqs:ListQueueTags"] = policies.fault("AccessDenied", "no", 403)
      local outcome = queue:audit()
      assert.is_nil(outcome.tags)
      for _, check in ipairs { "sqs.public", "sqs.shared" } do
        assert.same(whole[check], outcome[check])
      end
    end
  end)

  it("is unknown if the response is incomplete", function()
    for _, reply in ipairs { {}, { Attributes = { Policy = document(OWN) } } } do
      local queue = queue_with("", { replies = { ["sqs:GetQueueAttributes"] = reply } })
      local outcome = queue:plan()
      assert.equal("unknown", outcome["sqs.public"].status)
      assert.equal("unknown", outcome["sqs.shared"].status)
    end
  end)

  it("is unknown, and repairs nothing, if a read is refused", function()
    local denied = policies.fault("AccessDenied", "no", 403)
    local queue = queue_with("", { replies = { ["sqs:GetQueueAttributes"] = denied } })
    local results, outcome = queue:repair()
    assert.equal("unknown", outcome["sqs.public"].status)
    assert.equal("AccessDenied", outcome["sqs.public"].error.code)
    assert.same({}, results)
    assert.same({}, queue:sent())
  end)
end)

describe("a queue's repair", function()
  it("removes exactly the open statement, and restores it byte for byte", function()
    local before = document(OWN, PUBLIC, TOPIC, DENY)
    local queue, box = queue_with(before)
    local results, outcome = queue:repair()
    assert.same({ ["sqs.public"] = "fixed" }, results)
    assert.equal(document(OWN, TOPIC, DENY), box.text)
    local steps, sent = outcome["sqs.public"].steps, queue:sent()
    assert.equal(1, #sent)
    assert.same(steps[1].with, sent[1].with)
    assert.equal("sqs:SetQueueAttributes", sent[1].call)
    queue:undo()
    assert.equal(before, box.text)
  end)

  it("writes the remaining policy in plain ASCII", function()
    local odd = OWN:gsub("own", "caf\u{e9} \u{65e5} \u{1F600} \127", 1)
    local queue, box = queue_with(document(odd, PUBLIC))
    queue:repair()
    assert.equal("caf\u{e9} \u{65e5} \u{1F600} \127", json.decode(box.text).Statement[1].Sid)
    assert.truthy(box.text:find([[caf\u00e9 \u65e5 \ud83d\ude00]], 1, true))
    assert.is_nil(box.text:find("[\x80-\xFF]"))
    queue:undo()
    assert.equal(document(odd, PUBLIC), box.text)
  end)

  it("deletes a policy without remaining statements", function()
    local queue, box = queue_with(document(PUBLIC))
    assert.same({ ["sqs.public"] = "fixed" }, (queue:repair()))
    assert.equal("", box.text)
    queue:undo()
    assert.equal(document(PUBLIC), box.text)
  end)

  it("keeps trusted principals in the statement", function()
    local mixed = PUBLIC:gsub('"%*"', '{"AWS":["*","111122223333"]}', 1)
    local queue, box = queue_with(document(mixed))
    assert.equal("fixed", queue:repair()["sqs.public"])
    assert.same({ AWS = "111122223333" }, json.decode(box.text).Statement[1].Principal)
  end)

  it("does not remove a named account", function()
    local queue = queue_with(document(STRANGER))
    assert.same({ ["sqs.shared"] = "none" }, (queue:repair()))
    assert.same({}, queue:sent())
  end)

  it("also removes deleted principals, and never restores them", function()
    local beside = OWN:gsub('"arn:aws:iam::111122223333:role/app"',
      '["AROAABCDEFGHIJKLMNOPQ","arn:aws:iam::111122223333:role/app"]')
    local queue, box = queue_with(document(beside, PUBLIC, DELETED, DENY))
    assert.equal("fixed", queue:repair()["sqs.public"])
    assert.same(json.decode(document(OWN, DENY)), json.decode(box.text))
    queue:undo()
    assert.same(json.decode(document(OWN, PUBLIC, DENY)), json.decode(box.text))
  end)

  it("deletes the policy if only deleted principals would be left", function()
    local queue, box = queue_with(document(PUBLIC, DELETED))
    assert.equal("fixed", queue:repair()["sqs.public"])
    assert.equal("", box.text)
    queue:undo()
    assert.equal(document(PUBLIC), box.text)
  end)

  it("is held if a Deny exempts only deleted principals", function()
    local but = statement("but", "Deny", "0", '"Action":"sqs:Purge*"')
      :gsub('"Principal":0', '"NotPrincipal":{"AWS":"AIDAABCDEFGHIJKLMNOPQ"}')
    local queue = queue_with(document(PUBLIC, but))
    local results, outcome = queue:repair()
    assert.equal("held", results["sqs.public"])
    assert.truthy(outcome["sqs.public"].held:find("AIDAABCDEFGHIJKLMNOPQ", 1, true))
    assert.same({}, queue:sent())
  end)
end)

describe("accounts of AWS at a queue", function()
  it("count as trusted, and keep their access in a repair", function()
    local theirs = statement("aws", "Allow", ('{"AWS":%s}'):format(aws_ids.json()),
      '"Action":"sqs:SendMessage"')
    local queue, box = queue_with(document(theirs, PUBLIC))
    local results, outcome = queue:repair()
    assert.equal("fixed", results["sqs.public"])
    assert.equal("compliant", outcome["sqs.shared"].status)
    assert.equal(document(theirs), box.text)
  end)

  it("count as trusted behind a topic", function()
    for _, id in ipairs(aws_ids.list()) do
      local news = TOPIC:gsub("111122223333:t", id .. ":news", 1)
      assert.equal("compliant", queue_with(document(news)):audit()["sqs.shared"].status)
    end
  end)
end)

describe("queues", function()
  it("are listed page by page, with test resources marked", function()
    local list, calls = sqs:discover { replies = {
      ["sqs:ListQueues"] = policies.pages {
        { QueueUrls = { URL, URL .. "_misconfiguration_maker" }, NextToken = "t" },
        {},
        { QueueUrls = { URL .. "-misconfig-maker" } },
      },
    } }
    assert.same({
      { id = URL, test = false },
      { id = URL .. "_misconfiguration_maker", test = true },
      { id = URL .. "-misconfig-maker", test = true },
    }, list)
    assert.same({ MaxResults = 1000 }, calls[1].with)
  end)

  it("are found in their events", function()
    local created = { responseElements = { queueUrl = URL } }
    local changed = { requestParameters = { queueUrl = URL } }
    assert.same({ { id = URL, delay = 0 } }, sqs:event("sqs:CreateQueue", created))
    assert.same({ { id = URL, delay = 0 } }, sqs:event("sqs:SetQueueAttributes", changed))
    assert.same({ { id = URL, delay = 0 } }, sqs:event("sqs:AddPermission", changed))
    assert.has_error(function() sqs:event("sqs:AddPermission", created) end)
  end)

  it("use every permission that they declare", function()
    assert.same({}, sqs:never_called())
  end)
end)
