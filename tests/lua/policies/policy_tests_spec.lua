-- tests/policies: each type has tests for `engine test`, which show each verdict and each repair.
-- The harness of the specs finds in them what the engine finds.
local policies = require "support.policy"
local policy_tests = require "support.policy_tests"

local function types()
  local names = {}
  for path in io.popen("ls policies/*.lua"):lines() do
    names[#names + 1] = path:match("([%w_]+)%.lua$")
  end
  assert(#names > 0, "there are no policies")
  return names
end

local function path_of(name) return ("tests/policies/%s_test.lua"):format(name) end

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

local function each(list, test)
  for _, item in ipairs(list or {}) do test(item) end
end

local function passes(name, what, fault)
  assert.is_nil(fault, ("%s: %s: %s"):format(path_of(name), what, tostring(fault)))
end

local function run(name, policy, file)
  each(file.cases, function(case)
    passes(name, case.name, policy_tests.case_fault(policy, case))
  end)
  each(file.listings, function(listing)
    passes(name, listing.name, policy_tests.listing_fault(policy, listing))
  end)
  each(file.events, function(event)
    passes(name, event.event, policy_tests.event_fault(policy, event))
  end)
end

-- A queue that must have a name.
local function queue_policy(globals)
  return globals.policy {
    type = "queue", title = "Queue",
    permissions = { read = { "sqs:ListQueueTags" }, write = { "sqs:TagQueue", "sqs:UntagQueue" } },
    events = { ["sqs:CreateQueue"] = "responseElements.queueUrl" },
    fetch = function(queue)
      return { tags = queue.aws.sqs:ListQueueTags({ QueueUrl = queue.id }).Tags }
    end,
    checks = { {
      id = "queue.name", title = "Queue has no name", severity = "low",
      audit = function(_, state)
        if state.tags.Name then return true end
        return false, "there is no name"
      end,
      fix = function(queue)
        return { {
          call = "sqs:TagQueue", with = { QueueUrl = queue.id, Tags = { Name = "q" } },
          undo = { call = "sqs:UntagQueue", with = { QueueUrl = queue.id, TagKeys = { "Name" } } },
        } }, { tags = { Name = "q" } }
      end,
    } },
  }
end

describe("the tests of a policy", function()
  local queues = policies.load(queue_policy)
  local BAD = { ["queue.name"] = { status = "non_compliant", summary = "no name" } }

  local function case(expect, name, change)
    local function tagged(text) return { ["sqs:ListQueueTags"] = { Tags = { Name = text } } } end
    local made = { id = "q", expect = expect, replies = tagged(name), changes = { change } }
    if change then change.replies = tagged "q" end
    return made
  end

  local function tag(text, key)
    return {
      call = "sqs:TagQueue", with = { QueueUrl = "q", Tags = { Name = text } },
      undo = { call = "sqs:UntagQueue", with = { QueueUrl = "q", TagKeys = { key } } },
    }
  end

  it("lack each verdict, repair, listing and event that they do not show", function()
    local event = { event = "sqs:CreateQueue", detail = {}, ids = {} }
    assert.same({ "queue.name: non_compliant", "queue.name: a repair", "a listing", "an event" },
      policy_tests.lacks(queues, { cases = { case("compliant", "q") } }))
    assert.same({ "queue.name: compliant" }, policy_tests.lacks(queues, {
      cases = { case(BAD, nil, tag("q", "Name")) }, listings = { {} }, events = { event },
    }))
  end)

  it("pass if the harness finds the same", function()
    assert.is_nil(policy_tests.case_fault(queues, case("compliant", "q")))
    assert.is_nil(policy_tests.case_fault(queues, case(BAD, nil, tag("q", "Name"))))
    assert.is_nil(policy_tests.event_fault(queues, {
      event = "sqs:CreateQueue", detail = { responseElements = { queueUrl = "q" } }, ids = { "q" },
    }))
  end)

  it("fail if the harness finds something else", function()
    for _, expect in ipairs { "unknown", "gone", "pending", BAD } do
      assert.is_string(policy_tests.case_fault(queues, case(expect, "q")))
    end
    for _, change in ipairs { tag("other", "Name"), tag("q", "other") } do
      assert.has_error(function() policy_tests.case_fault(queues, case(BAD, nil, change)) end)
    end
    assert.is_string(policy_tests.event_fault(queues, {
      event = "sqs:CreateQueue", detail = { responseElements = { queueUrl = "q" } }, ids = { "r" },
    }))
  end)
end)

describe("the tests of policies", function()
  for _, name in ipairs(types()) do
    it("show all of " .. name, function()
      assert.is_true(exists(path_of(name)), path_of(name) .. " is missing (docs/policy-authors.md)")
      local policy, file = policies.load(name), policy_tests.load(path_of(name))
      assert.same({}, policy_tests.lacks(policy, file))
      run(name, policy, file)
      if not exists(("tests/lua/policies/%s_spec.lua"):format(name)) then
        assert.same({}, policy:never_called())
      end
    end)
  end
end)
