# Each function may write its own log, read from and send to its queues, and assume the member role,
# which allows everything else.
locals {
  write_logs = { for name in ["poller", "event_translator", "remediator"] : name => {
    Sid      = "WriteItsLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "arn:${local.partition}:logs:${name == "event_translator" ? "*" : var.master_region}:${local.account}:log-group:/aws/lambda/${local.head}${name}:*"
  } }
  assume_members = {
    Sid      = "AssumeTheMembersRole"
    Effect   = "Allow"
    Action   = "sts:AssumeRole"
    Resource = "arn:${local.partition}:iam::*:role/${local.member_role}"
  }
  # An event source mapping needs these. Source: AWS Lambda Developer Guide, "Using Lambda with
  # Amazon SQS".
  receive = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
}

resource "aws_iam_role" "this" {
  for_each             = local.write_logs
  name                 = "${local.head}${each.key}"
  description          = "Role of the function ${each.key}"
  permissions_boundary = local.boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "poller" {
  name = "poller"
  role = aws_iam_role.this["poller"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.write_logs["poller"],
      local.assume_members,
      {
        Sid      = "ReadItsQueue"
        Effect   = "Allow"
        Action   = local.receive
        Resource = module.poll_queue.arn
      },
      {
        Sid      = "SendWhatItFinds"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = [module.poll_queue.arn, module.resource_queue.arn]
      },
      {
        Sid      = "KeepWhatItFailedOn"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = module.schedule_dead_letter.arn
      },
    ]
  })
}

resource "aws_iam_role_policy" "event_translator" {
  name = "event_translator"
  role = aws_iam_role.this["event_translator"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.write_logs["event_translator"],
      {
        Sid      = "SendWhatIsNamed"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = [module.resource_queue.arn, module.poll_queue.arn]
      },
      {
        Sid      = "KeepWhatItFailedOn"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = "arn:${local.partition}:sqs:*:${local.account}:${local.head}event_translator-dead-letter"
      },
    ]
  })
}

# Only new objects, under the prefix, in a bucket of this account: whoever creates a bucket of the
# same name elsewhere gets no plans. Source: Amazon S3 User Guide, "Condition keys for Amazon S3"
# (s3:ResourceAccount); "Enforce conditional writes" (s3:if-none-match).
resource "aws_iam_role_policy" "plans" {
  count = var.plans == null ? 0 : 1
  name  = "plans"
  role  = aws_iam_role.this["remediator"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WritePlans"
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "arn:${local.partition}:s3:::${trimsuffix(trimprefix(var.plans, "s3://"), "/")}/*"
      Condition = {
        StringEquals = { "s3:ResourceAccount" = local.account }
        Null         = { "s3:if-none-match" = "false" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "remediator" {
  name = "remediator"
  role = aws_iam_role.this["remediator"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      local.write_logs["remediator"],
      local.assume_members,
      {
        Sid      = "ReadItsQueueAndLookAgainLater"
        Effect   = "Allow"
        Action   = concat(local.receive, ["sqs:SendMessage"])
        Resource = module.resource_queue.arn
      },
      {
        Sid      = "Notify"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = module.notifications.arn
      },
      {
        Sid       = "EncryptNotifications"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = module.key.arn
        Condition = { StringEquals = { "kms:ViaService" = "sns.${var.master_region}.${local.dns_suffix}" } }
      },
      ], var.event_bus == "" ? [] : [{
        Sid      = "PutEvents"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = var.event_bus
    }], local.remote_rules == null ? [] : [local.remote_rules])
  })
}
