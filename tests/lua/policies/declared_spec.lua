-- What a policy declares is used: the spec of each type ends by asking which of its operations were
-- never called, reads and changes alike.
local policies = require "support.policy"

local function text_of(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  return text
end

local function types()
  local names = {}
  for path in io.popen("ls policies/*.lua"):lines() do
    names[#names + 1] = path:match("([%w_]+)%.lua$")
  end
  return names
end

describe("what policies declare", function()
  it("is asked for by the spec of each type", function()
    local names = types()
    assert.is_true(#names > 0)
    for _, name in ipairs(names) do
      local spec = text_of("tests/lua/policies/" .. name .. "_spec.lua")
      local loaded = spec:match("local ([%w_]+) = policies%.load \"" .. name .. "\"")
      assert.is_string(loaded, name .. "_spec.lua loads its policy")
      assert.is_truthy(spec:find("assert.same({}, " .. loaded .. ":never_called())", 1, true),
        name .. "_spec.lua asserts that nothing was never called")
    end
  end)

  -- A queue whose policy is to be empty.
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

  it("counts as called when it is read, or sent by a repair", function()
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
end)
