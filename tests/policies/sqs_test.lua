-- policies/sqs.lua, by the real engine.
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

local function document(...)
  return '{"Version":"2012-10-17","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function attributes(text)
  return {
    ["sqs:GetQueueAttributes"] = { Attributes = { Policy = text, QueueArn = ARN } },
    ["sqs:ListQueueTags"] = { Tags = { Team = "shop" } },
  }
end

local function queue(name, text, expect)
  return { name = name, id = URL, expect = expect, replies = attributes(text) }
end

-- A queue whose repair leaves `after` of the policy `before`.
local function repaired(name, before, after)
  local case = queue(name, before, { ["sqs.public"] = "non_compliant" })
  local function set(text)
    return {
      call = "sqs:SetQueueAttributes",
      with = { QueueUrl = URL, Attributes = { Policy = text } },
    }
  end
  local change = set(after)
  change.undo = set(before)
  change.replies = attributes(after ~= "" and after or nil)
  case.changes = { change }
  return case
end

local trusting = queue("an account that is known", document(STRANGER), {})
trusting.settings = { KNOWN_ACCOUNTS = "999988887777" }

local gone = queue("a queue that does not exist any more", nil, "gone")
gone.replies = { ["sqs:GetQueueAttributes"] = { fault = "QueueDoesNotExist" } }

local refused = queue("a read that is refused", nil, "unknown")
refused.replies = { ["sqs:GetQueueAttributes"] = { fault = "AccessDenied" } }

return {
  policy = "sqs",
  cases = {
    queue("no policy", nil, "compliant"),
    queue("its own account, limited access, denials", document(OWN, TOPIC, DENY), "compliant"),
    queue("a policy that cannot be parsed", '{"Version":', {
      ["sqs.public"] = "unknown", ["sqs.shared"] = "unknown",
    }),
    queue("another account", document(STRANGER), {
      ["sqs.shared"] = { status = "non_compliant", summary = "999988887777" },
    }),
    trusting,
    gone,
    refused,
    repaired("an open statement among others", document(OWN, PUBLIC, TOPIC, DENY),
      document(OWN, TOPIC, DENY)),
    repaired("nothing but an open statement", document(PUBLIC), ""),
  },
  listings = {
    {
      name = "queues, page by page",
      replies = {
        ["sqs:ListQueues"] = { pages = {
          { QueueUrls = { URL, URL .. "_misconfiguration_maker" } },
          {},
          { QueueUrls = { URL .. "-misconfig-maker" } },
        } },
      },
      ids = {
        URL,
        { id = URL .. "_misconfiguration_maker", test = true },
        { id = URL .. "-misconfig-maker", test = true },
      },
    },
  },
  events = {
    {
      event = "sqs:CreateQueue",
      detail = { responseElements = { queueUrl = URL } },
      ids = { URL },
    },
    {
      event = "sqs:AddPermission",
      detail = { requestParameters = { queueUrl = URL } },
      ids = { URL },
    },
  },
}
