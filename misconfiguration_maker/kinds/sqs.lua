-- An empty queue whose attributes anyone may read, and to which an unknown account may send.
local NAME = "misconfiguration_maker"
local UNKNOWN_ACCOUNT = "999988887777"

local function policy_of(arn)
  local function statement(sid, principal, action)
    return { Sid = sid, Effect = "Allow", Principal = principal, Action = action, Resource = arn }
  end
  return json.encode {
    Version = "2012-10-17",
    Statement = {
      statement("AnyoneReads", "*", "sqs:GetQueueAttributes"),
      statement("UnknownAccountSends", { AWS = "arn:aws:iam::" .. UNKNOWN_ACCOUNT .. ":root" },
        "sqs:SendMessage"),
    },
  }
end

return {
  make = function(aws)
    local url = aws.sqs:CreateQueue { QueueName = NAME }.QueueUrl
    local wanted = { QueueUrl = url, AttributeNames = { "QueueArn" } }
    local arn = aws.sqs:GetQueueAttributes(wanted).Attributes.QueueArn
    aws.sqs:SetQueueAttributes { QueueUrl = url, Attributes = { Policy = policy_of(arn) } }
    return { url }
  end,

  clean = function(aws)
    local found = aws.sqs:try("GetQueueUrl", { QueueName = NAME }, "QueueDoesNotExist")
    if found then aws.sqs:DeleteQueue { QueueUrl = found.QueueUrl } end
  end,
}
