# Stores what was notified, counts of changes and of repairs that something undoes, and the list of the
# organization's accounts. Only the remediator may use it. Source: docs/notifications.md, "The table".
resource "aws_dynamodb_table" "state" {
  name         = "${local.head}remediator-state"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  # The engine can rebuild its content: without the table, each open finding is notified again, and
  # the count of the day starts at 0. So `deploy.sh PREFIX destroy` deletes it, like everything
  # else.
  deletion_protection_enabled = false

  attribute {
    name = "pk"
    type = "S"
  }
  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }
  server_side_encryption {
    enabled     = true
    kms_key_arn = module.key.arn
  }
  point_in_time_recovery {
    enabled = true
  }
}

# The list of the organization's accounts decides who is trusted. So only the remediator may write
# these items, whoever else may write to the table. Source: Amazon DynamoDB Developer Guide, "Using
# resource-based policies for DynamoDB" and "Using IAM policy conditions for fine-grained access
# control" (dynamodb:LeadingKeys: the partition keys of a request, those of PartiQL included).
resource "aws_dynamodb_resource_policy" "state" {
  resource_arn = aws_dynamodb_table.state.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTheRemediatorListsTheOrganization"
      Effect    = "Deny"
      Principal = "*"
      Action = [
        "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:UpdateItem",
      ]
      Resource = aws_dynamodb_table.state.arn
      Condition = {
        "ForAnyValue:StringLike" = { "dynamodb:LeadingKeys" = ["organization/*"] }
        ArnNotEquals             = { "aws:PrincipalArn" = aws_iam_role.this["remediator"].arn }
      }
    }]
  })
}

# Source of the key's actions: Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest"
# (authorizing use of a customer managed key). kms:CreateGrant is left out: only the creator of the
# table needs it.
resource "aws_iam_role_policy" "state" {
  name = "state"
  role = aws_iam_role.this["remediator"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "KeepWhatWasTold"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
        Resource = aws_dynamodb_table.state.arn
      },
      {
        Sid       = "EncryptIt"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = module.key.arn
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.master_region}.${local.dns_suffix}" } }
      },
    ]
  })
}

locals {
  state_alarms = {
    flip-flops           = ["FlipFlops", "Something undoes repairs: a finding was repaired ${var.repair_rounds} times, is broken again, and is held. The notification [held] names the resource."]
    state-table-failures = ["StateTableFailures", "The table ${aws_dynamodb_table.state.name} cannot be read or written: findings are notified each time, and nothing is changed. The remediator's log says why."]
  }
}

resource "aws_cloudwatch_metric_alarm" "state" {
  for_each            = local.state_alarms
  alarm_name          = "${local.head}remediator-${each.key}"
  alarm_description   = each.value[1]
  namespace           = "engine"
  metric_name         = each.value[0]
  dimensions          = { FunctionName = module.remediator.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
}
