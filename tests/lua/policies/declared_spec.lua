-- Everything that a policy declares is used: a type's spec asserts at its end which operations
-- were never called, reads and changes alike. For a type without one, policy_tests_spec.lua does.
local policies = require "support.policy"

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  return text
end

local function listed(pattern)
  local paths = {}
  for path in io.popen("ls " .. pattern .. " 2>/dev/null"):lines() do paths[#paths + 1] = path end
  return paths
end

-- A type's specs: TYPE_spec.lua, and TYPE_<part>_spec.lua if one file would be too long.
local function specs_of(name, names)
  local texts = {}
  for _, path in ipairs(listed("tests/lua/policies/" .. name .. "*_spec.lua")) do
    local whose = name
    for _, other in ipairs(names) do
      if #other > #whose and path:find("/" .. other, 1, true) then whose = other end
    end
    if whose == name then texts[#texts + 1] = text_of(path) end
  end
  return texts
end

-- The operations that the specs say they never called: none, or ones that another spec calls.
local function asked(texts)
  for i, text in ipairs(texts) do
    local left = text:match("assert%.same%((%b{}), [%w_]+:never_called%(%)%)")
    local others = table.concat(texts, "\n", 1, i - 1) .. table.concat(texts, "\n", i + 1)
    local called = left ~= nil
    for operation in (left or ""):gmatch('"[%w-]+:(%w+)"') do
      called = called and others:find(operation, 1, true) ~= nil
    end
    if called then return true end
  end
  return false
end

describe("what policies declare", function()
  it("is asserted by a spec of each type that has one", function()
    local names = {}
    for _, path in ipairs(listed "policies/*.lua") do
      names[#names + 1] = path:match("([%w_]+)%.lua$")
    end
    assert.is_true(#names > 0)
    for _, name in ipairs(names) do
      local texts = specs_of(name, names)
      assert.is_true(#texts == 0 or asked(texts), "no spec of " .. name .. " asks never_called()")
    end
  end)

  -- A queue whose policy will be deleted.
  local function queue_policy(globals)
    return globals.policy {
      type = "queue", title = "Queue",
      permissions = {
        read = { "sqs:GetQueueAttributes", "sqs:ListQueues" },
        write = { "sqs:SetQueueAttributes", "sqs:TagQueue", ["iam:PassRole"] = false },
      },
      fetch = function(queue) return queue.aws.sqs:GetQueueAttributes { QueueUrl = queue.id } end,
      checks = { {
        id = "queue.policy", title = "Queue has a policy", severity = "low",
        audit = function(_, state)
          if state.Attributes.Policy == "" then return true end
          return false, "there is a policy"
        end,
        fix = function(queue, state)
          local function put(text)
            return { QueueUrl = queue.id, Attributes = { Policy = text } }
          end
          local call, back = "sqs:SetQueueAttributes", put(state.Attributes.Policy)
          return { { call = call, with = put(""), undo = { call = call, with = back } } }
        end,
      } },
    }
  end

  it("counts as called if a read or a repair calls it", function()
    local queues = policies.load(queue_policy)
    local text = "{}"
    local queue = queues:resource {
      id = "q",
      replies = {
        ["sqs:GetQueueAttributes"] = function() return { Attributes = { Policy = text } } end,
        ["sqs:SetQueueAttributes"] = function(with)
          text = with.Attributes.Policy
          return {}
        end,
      },
    }
    local all = { "sqs:GetQueueAttributes", "sqs:ListQueues", "sqs:SetQueueAttributes",
      "sqs:TagQueue" }
    assert.same(all, queues:never_called())
    queue:plan()
    assert.same({ all[2], all[3], all[4] }, queues:never_called())
    queue:repair()
    assert.same({ all[2], all[4] }, queues:never_called())
  end)

  -- bindings/policy/schema.lua validates these texts; here: they exist, as sentences, and describe
  -- a repair exactly if there is one.
  local function tells(check)
    for _, key in ipairs { "risk", "advice" } do
      local text = check[key] or ""
      assert.is_truthy(text:find("^%u.+%.$"), check.id .. "." .. key .. " is no sentence")
    end
    assert.is_truthy((check.url or ""):find("^https://docs%.aws%.amazon%.com/"), check.id)
    assert.equal(check.fix ~= nil, check.impact ~= nil, check.id .. ".impact")
    assert.equal(check.fix ~= nil, check.repair ~= nil, check.id .. ".repair")
    if check.repair then assert.is_truthy(check.repair:find("^%u.+%.$"), check.id) end
  end

  it("say for each check why it matters, what to do by hand, and what its repair does", function()
    local count = 0
    for _, path in ipairs(listed "policies/*.lua") do
      for _, check in ipairs(policies.load(path:match("([%w_]+)%.lua$")).definition.checks) do
        tells(check)
        count = count + 1
      end
    end
    assert.is_true(count >= 47)
  end)
end)
