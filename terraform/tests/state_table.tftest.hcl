# The table of notified findings, who may use it, and its alarms.

mock_provider "aws" {
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-east-1"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-east-2"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-west-1"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "us-west-2"
  source = "./tests/mocks"
}

variables {
  lambda_bucket = "acme"
}

run "table" {
  assert {
    condition     = aws_dynamodb_table.state.name == "remediator-state" && module.remediator.function.environment.STATE_TABLE == aws_dynamodb_table.state.name
    error_message = "The remediator does not get STATE_TABLE."
  }
  assert {
    condition     = !can(module.poller.function.environment.STATE_TABLE) && !can(module.translator_us-east-1.function.environment.STATE_TABLE)
    error_message = "Other functions get STATE_TABLE."
  }
  assert {
    condition     = aws_dynamodb_table.state.hash_key == "pk" && aws_dynamodb_table.state.range_key == null && [for one in aws_dynamodb_table.state.attribute : "${one.name} ${one.type}"] == ["pk S"]
    error_message = "The table has another key."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.ttl).enabled && one(aws_dynamodb_table.state.ttl).attribute_name == "expires_at"
    error_message = "Items do not expire."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.server_side_encryption).enabled && one(aws_dynamodb_table.state.server_side_encryption).kms_key_arn == module.key.arn && one(aws_dynamodb_table.state.point_in_time_recovery).enabled
    error_message = "It is not encrypted with the deployment's key, or has no point-in-time recovery."
  }

  # Who may use it.
  assert {
    condition = [for one in jsondecode(aws_iam_role_policy.state.policy).Statement : one.Resource] == [
      aws_dynamodb_table.state.arn, module.key.arn,
    ]
    error_message = "The remediator may use other tables or keys."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.state.policy).Statement[0].Action == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
    error_message = "The remediator may call other operations on the table."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.state.policy).Statement[1].Condition.StringEquals["kms:ViaService"] == "dynamodb.us-east-1.amazonaws.com"
    error_message = "The remediator may use the key for other purposes."
  }

  # Who may write the list of accounts.
  assert {
    condition     = aws_dynamodb_resource_policy.state.resource_arn == aws_dynamodb_table.state.arn
    error_message = "The policy is for another table."
  }
  assert {
    condition = [for one in jsondecode(aws_dynamodb_resource_policy.state.policy).Statement : [one.Effect, one.Principal, one.Condition]] == [["Deny", "*", {
      "ForAnyValue:StringLike" = { "dynamodb:LeadingKeys" = ["organization/*"] }
      ArnNotEquals             = { "aws:PrincipalArn" = aws_iam_role.this["remediator"].arn }
    }]]
    error_message = "Others may write the list of the organization's accounts."
  }
  assert {
    condition = setintersection(jsondecode(aws_dynamodb_resource_policy.state.policy).Statement[0].Action, [
      "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
    ]) == toset(["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"])
    error_message = "Others may write the list with another operation."
  }

  # There is no limit of a day.
  assert {
    condition     = !can(module.remediator.function.environment.MAX_CHANGES_PER_DAY)
    error_message = "There is a limit, although none is set."
  }

  # Alarms.
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.state : alarm.alarm_name => "${alarm.namespace}/${alarm.metric_name}" } == {
      remediator-flip-flops           = "engine/FlipFlops"
      remediator-state-table-failures = "engine/StateTableFailures"
    }
    error_message = "The alarms are for other metrics."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.state : alarm.alarm_actions == toset([module.alarms.arn]) && alarm.dimensions == tomap({ FunctionName = "remediator" })])
    error_message = "The alarms have no topic, or other dimensions than the engine writes."
  }
}

run "limits" {
  variables {
    max_changes_per_day = 20
    repair_rounds       = 5
  }
  assert {
    condition     = module.remediator.function.environment.MAX_CHANGES_PER_DAY == "20" && module.remediator.function.environment.REPAIR_ROUNDS == "5"
    error_message = "The remediator does not get the limits."
  }
}

run "a_second_one" {
  variables {
    prefix = "second"
  }
  assert {
    condition     = aws_dynamodb_table.state.name == "second-remediator-state" && alltrue([for alarm in aws_cloudwatch_metric_alarm.state : startswith(alarm.alarm_name, "second-")])
    error_message = "A name lacks the prefix."
  }
}
