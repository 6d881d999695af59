# The table of what was told, who may use it, and what is said when it fails.

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
    error_message = "The remediator is not told of the table."
  }
  assert {
    condition     = !can(module.poller.function.environment.STATE_TABLE) && !can(module.translator_us-east-1.function.environment.STATE_TABLE)
    error_message = "Others are told of the table."
  }
  assert {
    condition     = aws_dynamodb_table.state.hash_key == "pk" && aws_dynamodb_table.state.range_key == null && [for one in aws_dynamodb_table.state.attribute : "${one.name} ${one.type}"] == ["pk S"]
    error_message = "Its key is another."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.ttl).enabled && one(aws_dynamodb_table.state.ttl).attribute_name == "expires_at"
    error_message = "Items do not expire."
  }
  assert {
    condition     = one(aws_dynamodb_table.state.server_side_encryption).enabled && one(aws_dynamodb_table.state.server_side_encryption).kms_key_arn == module.key.arn && one(aws_dynamodb_table.state.point_in_time_recovery).enabled
    error_message = "It is not encrypted by the deployment's key, or cannot be recovered."
  }
}

run "who_may_use_it" {
  assert {
    condition = [for one in jsondecode(aws_iam_role_policy.state.policy).Statement : one.Resource] == [
      aws_dynamodb_table.state.arn, module.key.arn,
    ]
    error_message = "It may use more than this table and this key."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.state.policy).Statement[0].Action == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"]
    error_message = "It may do something else with the table."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.state.policy).Statement[1].Condition.StringEquals["kms:ViaService"] == "dynamodb.us-east-1.amazonaws.com"
    error_message = "It may use the key for something else."
  }
}

run "who_may_write_whom_it_trusts" {
  assert {
    condition     = aws_dynamodb_resource_policy.state.resource_arn == aws_dynamodb_table.state.arn
    error_message = "The policy is another table's."
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
    error_message = "Others may write the list in another way."
  }
}

run "limits" {
  variables {
    max_changes_per_day = 20
    repair_rounds       = 5
  }
  assert {
    condition     = module.remediator.function.environment.MAX_CHANGES_PER_DAY == "20" && module.remediator.function.environment.REPAIR_ROUNDS == "5"
    error_message = "The remediator is not told."
  }
}

run "no_limit_of_a_day" {
  assert {
    condition     = !can(module.remediator.function.environment.MAX_CHANGES_PER_DAY)
    error_message = "There is a limit that nobody asked for."
  }
}

run "somebody_is_told" {
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.state : alarm.alarm_name => "${alarm.namespace}/${alarm.metric_name}" } == {
      remediator-flip-flops           = "engine/FlipFlops"
      remediator-state-table-failures = "engine/StateTableFailures"
    }
    error_message = "The alarms look at other metrics."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.state : alarm.alarm_actions == toset([module.alarms.arn]) && alarm.dimensions == tomap({ FunctionName = "remediator" })])
    error_message = "Nobody is told, or of other dimensions than the engine writes."
  }
}

run "a_second_one" {
  variables {
    prefix = "second"
  }
  assert {
    condition     = aws_dynamodb_table.state.name == "second-remediator-state" && alltrue([for alarm in aws_cloudwatch_metric_alarm.state : startswith(alarm.alarm_name, "second-")])
    error_message = "It has the name that it has without a prefix."
  }
}
