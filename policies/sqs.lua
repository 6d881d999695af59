-- Only known principals may use queues.
local access = require "lib.access"
local documents = require "lib.documents"
local none = require "lib.none"
local queue_urls = require "lib.queue_urls"
local repairs = require "lib.repairs"
local test_resources = require "lib.test_resources"

local QUEUES = "arn:${partition}:sqs:${region}:${account}:*"

-- An empty text deletes the policy (SQS API reference, SetQueueAttributes).
local function set_policy(queue, text)
  local with = { QueueUrl = queue.id, Attributes = { Policy = text or "" } }
  return { call = "sqs:SetQueueAttributes", with = with }
end

return policy {
  type = "sqs",
  title = "SQS queue",
  aws_type = "AWS::SQS::Queue",
  arn = "arn:${partition}:sqs:${region}:${account}:${name}",
  id = {
    canonical = queue_urls.canonical,
    form = "https://sqs.${region}.amazonaws.com/${account}/${word}",
  },

  permissions = {
    read = {
      "sqs:ListQueues",
      ["sqs:GetQueueAttributes"] = { on = QUEUES },
      ["sqs:ListQueueTags"] = { on = QUEUES },
    },
    write = { ["sqs:SetQueueAttributes"] = { on = QUEUES } },
  },

  events = { -- the path to the queue's URL in the event's detail
    ["sqs:CreateQueue"] = { id = { "responseElements.queueUrl", "resources[*].ARN" } },
    ["sqs:SetQueueAttributes"] = { id = { "requestParameters.queueUrl", "resources[*].ARN" } },
    ["sqs:AddPermission"] = { id = { "requestParameters.queueUrl", "resources[*].ARN" } },
  },

  discover = function(scope)
    for page in scope.aws.sqs:pages("ListQueues", { MaxResults = 1000 }) do
      for _, url in ipairs(page.QueueUrls or {}) do
        scope:found(url, { test = test_resources.named(url) })
      end
    end
  end,

  tags = function(_, state) return state.tags end,

  -- Every queue has an ARN: a result without it is incomplete, and would look like a queue without
  -- a policy.
  fetch = function(queue)
    local wanted = { QueueUrl = queue.id, AttributeNames = { "Policy", "QueueArn" } }
    local reply = queue.aws.sqs:try("GetQueueAttributes", wanted, "QueueDoesNotExist")
    if not reply then return nil end
    local attributes = reply.Attributes or {}
    if not attributes.QueueArn then error("sqs:GetQueueAttributes returned no QueueArn", 0) end
    return { policy = documents.keep(attributes.Policy) }
  end,

  -- A queue without a policy passes every check, so its tags are not read.
  reads = {
    tags = function(queue, state)
      if not documents.raw(state.policy) then return nil end
      return queue.aws.sqs:ListQueueTags({ QueueUrl = queue.id }).Tags or {}
    end,
  },

  checks = {
    {
      id = "sqs.public",
      title = "Queue policy grants access to anyone",
      severity = "critical",
      controls = { securityhub = { "SQS.3" } },
      risk = "Anyone on the internet can send to, read from or empty the queue, as the statement "
        .. "says.",
      advice = "Name the accounts or services that need the queue, or limit the statement "
        .. "with aws:SourceArn.",
      url = "https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-3",
      impact = "interrupts",
      repair = "Removes the condition values, principals or statements that grant access to "
        .. "anyone, and principals that were deleted; all else stays, and senders and readers "
        .. "that relied on what is removed are refused.",

      audit = function(queue, state)
        return documents.ask(state.policy, access.audit_open, queue)
      end,

      fix = function(queue, state)
        local former = state.policy
        local repaired = repairs.closed(documents.of(former), function(document)
          return access.open_to_anyone(document, queue)
        end)
        if repaired.held then return repaired end
        local rest = repaired.document
        local text = rest and documents.text(former, rest)
        local step = set_policy(queue, text)
        step.undo = set_policy(queue, documents.former(former))
        return { step }, { policy = documents.keep(text), tags = not text and none or nil }
      end,
    },
    {
      id = "sqs.shared",
      title = "Queue policy grants access to an unknown account",
      severity = "high",
      risk = "An account that you do not know can send to, read from or empty the queue, as the "
        .. "statement says.",
      advice = "Remove the account from the policy, or add it to KNOWN_ACCOUNTS.",
      url = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
        .. "sqs-basic-examples-of-sqs-policies.html",

      audit = function(queue, state)
        return documents.ask(state.policy, access.audit_shared, queue)
      end,
    },
  },
}
