-- The globals of `engine run` that are built from others: sts, sqs, sns.
local aws = aws -- luacheck: ignore 113

local function check(options, what, names)
  if options ~= nil and type(options) ~= "table" then
    error(("%s: its options must be a table, not a %s"):format(what, type(options)), 3)
  end
  for key in pairs(options or {}) do
    if not names[key] then error(("%s: no such option: %s"):format(what, tostring(key)), 3) end
  end
  return options or {}
end

local function check_text(value, what, name)
  if type(value) == "string" then return end
  error(("%s: %s must be a string, not %s"):format(what, name,
    value == nil and "nil" or "a " .. type(value)), 3)
end

sts = {} -- luacheck: ignore 111

local role_options = {
  role_arn = true, external_id = true, session_policy = true, duration = true, session_name = true,
}

function sts.assume_role(options) -- luacheck: ignore 112
  options = check(options, "sts.assume_role", role_options)
  check_text(options.role_arn, "sts.assume_role", "role_arn")
  local reply = aws.sts:AssumeRole {
    RoleArn = options.role_arn,
    RoleSessionName = options.session_name or ("engine-%x"):format(os.time()),
    ExternalId = options.external_id,
    Policy = options.session_policy,
    DurationSeconds = options.duration,
  }
  local got = reply.Credentials
  return {
    access_key = got.AccessKeyId, secret_key = got.SecretAccessKey,
    session_token = got.SessionToken, expires = got.Expiration,
    arn = reply.AssumedRoleUser and reply.AssumedRoleUser.Arn,
  }
end

function sts.caller() -- luacheck: ignore 112
  local reply = aws.sts:GetCallerIdentity {}
  return { account = reply.Account, arn = reply.Arn, user_id = reply.UserId }
end

-- The region in a queue's URL or a topic's ARN, if there is one.
local function place_of(name)
  local region = name:match("^https?://sqs%.([%w-]+)%.amazonaws%.")
    or name:match("^https?://([%w-]+)%.queue%.") or name:match("^arn:[%w-]+:s[nq]s:([%w-]+):")
  return region and aws:in_region(region) or aws
end

sqs = {} -- luacheck: ignore 111

function sqs.send(url, body, options) -- luacheck: ignore 112
  check_text(url, "sqs.send", "the URL of the queue")
  options = check(options, "sqs.send", { delay = true })
  local reply = place_of(url).sqs:SendMessage {
    QueueUrl = url, MessageBody = body, DelaySeconds = options.delay,
  }
  return reply.MessageId
end

function sqs.receive(url, options) -- luacheck: ignore 112
  check_text(url, "sqs.receive", "the URL of the queue")
  options = check(options, "sqs.receive", { max = true, wait = true, visibility = true })
  local reply = place_of(url).sqs:ReceiveMessage {
    QueueUrl = url, MaxNumberOfMessages = options.max or 10, WaitTimeSeconds = options.wait,
    VisibilityTimeout = options.visibility, AttributeNames = { "All" },
    MessageAttributeNames = { "All" },
  }
  local messages = {}
  for i, message in ipairs(reply.Messages or {}) do
    messages[i] = {
      id = message.MessageId, receipt = message.ReceiptHandle, body = message.Body,
      attributes = message.Attributes or {}, message_attributes = message.MessageAttributes or {},
    }
  end
  return messages
end

-- Takes the receipt, or the message that sqs.receive returned.
function sqs.delete(url, receipt) -- luacheck: ignore 112
  check_text(url, "sqs.delete", "the URL of the queue")
  if type(receipt) == "table" then receipt = receipt.receipt end
  place_of(url).sqs:DeleteMessage { QueueUrl = url, ReceiptHandle = receipt }
  return true
end

sns = {} -- luacheck: ignore 111

function sns.publish(topic_arn, options) -- luacheck: ignore 112
  check_text(topic_arn, "sns.publish", "the ARN of the topic")
  options = check(options, "sns.publish", { subject = true, message = true })
  local reply = place_of(topic_arn).sns:Publish {
    TopicArn = topic_arn, Subject = options.subject, Message = options.message,
  }
  return reply.MessageId
end
