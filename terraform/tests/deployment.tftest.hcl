# The default deployment, and the effect of each variable.

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

# All that needs no variable: Terraform plans and applies once for each run.
run "defaults" {
  assert {
    condition     = module.remediator.function.environment.REMEDIATE == "false"
    error_message = "Something is repaired by default."
  }
  assert {
    condition     = module.remediator.function.environment.HOLD_IRREVERSIBLE == "true"
    error_message = "Irreversible changes are made by default."
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0
    error_message = "The role in this account can write."
  }
  assert {
    condition     = length(compact(concat([for role in aws_iam_role.this : role.permissions_boundary], module.own_account.boundaries))) == 0
    error_message = "A role has a permissions boundary that nobody asked for."
  }
  assert {
    condition     = module.poller.function.environment.REGIONS == "us-east-1,us-east-2,us-west-1,us-west-2"
    error_message = "The poller does not get the regions."
  }
  assert {
    condition     = !contains(keys(module.poller.function.environment), "ACCOUNTS")
    error_message = "The poller gets accounts, although none are set."
  }
  assert {
    condition     = aws_cloudwatch_event_rule.schedule.schedule_expression == "cron(0 8 * * ? *)"
    error_message = "The schedule is wrong."
  }
  assert {
    condition     = !contains(keys(module.remediator.function.environment), "ENGINE_POLICIES") && length(aws_lambda_layer_version.policies) == 0
    error_message = "There is a layer, although no package of policies is set."
  }
  assert {
    condition     = length(module.translator_us-east-1.bus_policy) == 0
    error_message = "The bus is open, although no senders are set."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.remediator.enabled && aws_lambda_event_source_mapping.poller.enabled && aws_cloudwatch_event_rule.schedule.state == "ENABLED"
    error_message = "The schedule or an event source mapping is off."
  }
  assert {
    condition     = length(output.regions) == 4
    error_message = "The default is not four regions."
  }

  # Each region has its own bucket, translator and bus.
  assert {
    condition = alltrue([
      for region, translator in {
        us-east-1 = module.translator_us-east-1
        us-east-2 = module.translator_us-east-2
        us-west-1 = module.translator_us-west-1
        us-west-2 = module.translator_us-west-2
      } : translator.function.bucket == "acme-${region}" && translator.function.handler == "event_translator"
    ])
    error_message = "A region's translator does not come from its bucket."
  }
  assert {
    condition = alltrue([
      for region, events in {
        us-east-1 = module.events_us-east-1
        us-east-2 = module.events_us-east-2
        us-west-1 = module.events_us-west-1
        us-west-2 = module.events_us-west-2
        } : length(events.targets) == length(local.patterns) && alltrue([
          for target in events.targets : target == "arn:aws:events:${region}:123456789012:event-bus/remediator"
      ])
    ])
    error_message = "A region's events are not sent to its own bus."
  }

  # Events that name no resource go to the poller.
  assert {
    condition = alltrue([
      for translator in [module.translator_us-east-1, module.translator_us-east-2, module.translator_us-west-1, module.translator_us-west-2] :
      translator.function.environment.POLL_QUEUE == module.poll_queue.url && translator.function.environment.MASTER_REGION == var.master_region
    ])
    error_message = "A translator does not get the poller's queue or the master region."
  }
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.event_translator.policy).Statement : statement.Resource if statement.Sid == "SendWhatIsNamed"
    ] == [[module.resource_queue.arn, module.poll_queue.arn]]
    error_message = "A translator may not send to the poller's queue."
  }

  # Each step has a dead-letter queue, and its sender may send there.
  assert {
    condition = alltrue([
      for translator in [module.translator_us-east-1, module.translator_us-east-2, module.translator_us-west-1, module.translator_us-west-2] :
      translator.dead_letter.rule == translator.dead_letter.queue && translator.dead_letter.function == translator.dead_letter.queue && length(translator.dead_letter.senders) == 1
    ])
    error_message = "Events that do not reach the translator, or on which it fails, are lost."
  }
  assert {
    condition     = aws_cloudwatch_event_target.schedule.dead_letter_config[0].arn == module.schedule_dead_letter.arn && module.poller.on_failure == module.schedule_dead_letter.arn && module.schedule_dead_letter.senders == [aws_cloudwatch_event_rule.schedule.arn]
    error_message = "A round that does not begin, or fails, is lost."
  }
  assert {
    condition     = module.remediator.on_failure == null
    error_message = "The remediator, which only its queue invokes, has a destination for events."
  }
  assert {
    condition = alltrue([
      for events in [module.events_us-east-1, module.events_us-east-2, module.events_us-west-1, module.events_us-west-2] :
      length(events.dead_letters) == length(local.patterns) && alltrue([for arn in values(events.dead_letters) : arn == events.dead_letter.arn])
    ])
    error_message = "This account's own events are lost if the bus does not accept them."
  }
  assert {
    condition = [
      for role in [aws_iam_role_policy.poller, aws_iam_role_policy.event_translator] :
      [for statement in jsondecode(role.policy).Statement : statement.Resource if statement.Sid == "KeepWhatItFailedOn"]
    ] == [[module.schedule_dead_letter.arn], ["arn:aws:sqs:*:123456789012:event_translator-dead-letter"]]
    error_message = "A function may not send to its dead-letter queue."
  }
  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_iam_role_policy.remediator.policy).Statement : statement.Action]), "sqs:ChangeMessageVisibility")
    error_message = "The remediator may not change the visibility of messages."
  }

  # Each fault has an alarm.
  # Names and dimensions of AWS's metrics come from its documentation, which the comments of the alarms
  # name; those of the namespace "engine" come from the functions' logs.
  assert {
    condition = { for name, alarm in module.translator_us-west-2.alarms : name => [alarm.metric, alarm.dimensions] } == {
      "event_translator-errors"            = ["AWS/Lambda/Errors", tomap({ FunctionName = "event_translator" })]
      "event_translator-throttles"         = ["AWS/Lambda/Throttles", tomap({ FunctionName = "event_translator" })]
      "event_translator-lost"              = ["AWS/Lambda/DestinationDeliveryFailures", tomap({ FunctionName = "event_translator" })]
      "event_translator-events-without-id" = ["engine/EventsWithoutId", tomap({ FunctionName = "event_translator" })]
      "event_translator-dead-letters"      = ["AWS/SQS/ApproximateNumberOfMessagesVisible", tomap({ QueueName = "event_translator-dead-letter" })]
      "remediator-events-undelivered"      = ["AWS/Events/FailedInvocations", tomap({ EventBusName = "remediator", RuleName = "remediator-events" })]
      "remediator-events-lost"             = ["AWS/Events/InvocationsFailedToBeSentToDlq", tomap({ EventBusName = "remediator", RuleName = "remediator-events" })]
      "remediator-events-throttled"        = ["AWS/Events/ThrottledRules", tomap({ EventBusName = "remediator", RuleName = "remediator-events" })]
    }
    error_message = "A region has other alarms: ${jsonencode(module.translator_us-west-2.alarms)}"
  }
  assert {
    condition = { for name, alarm in merge(module.poller.alarms, module.schedule_alarms.alarms) : name => [alarm.metric, alarm.dimensions] } == {
      "poller-errors"               = ["AWS/Lambda/Errors", tomap({ FunctionName = "poller" })]
      "poller-throttles"            = ["AWS/Lambda/Throttles", tomap({ FunctionName = "poller" })]
      "poller-lost"                 = ["AWS/Lambda/DestinationDeliveryFailures", tomap({ FunctionName = "poller" })]
      "poller-batch-failures"       = ["engine/BatchItemsFailed", tomap({ FunctionName = "poller" })]
      "poller-not-listed"           = ["engine/PlacesNotListed", tomap({ FunctionName = "poller" })]
      "poller-schedule-undelivered" = ["AWS/Events/FailedInvocations", tomap({ RuleName = "poller" })]
      "poller-schedule-lost"        = ["AWS/Events/InvocationsFailedToBeSentToDlq", tomap({ RuleName = "poller" })]
      "poller-schedule-throttled"   = ["AWS/Events/ThrottledRules", tomap({ RuleName = "poller" })]
    }
    error_message = "The poller has other alarms: ${jsonencode(merge(module.poller.alarms, module.schedule_alarms.alarms))}"
  }
  assert {
    condition = { for name, alarm in module.remediator.alarms : name => [alarm.metric, alarm.dimensions] } == {
      "remediator-errors"         = ["AWS/Lambda/Errors", tomap({ FunctionName = "remediator" })]
      "remediator-throttles"      = ["AWS/Lambda/Throttles", tomap({ FunctionName = "remediator" })]
      "remediator-batch-failures" = ["engine/BatchItemsFailed", tomap({ FunctionName = "remediator" })]
      "remediator-not-notified"   = ["engine/NotificationsFailed", tomap({ FunctionName = "remediator" })]
      "remediator-repairs-failed" = ["engine/RepairsFailed", tomap({ FunctionName = "remediator" })]
    }
    error_message = "The remediator has other alarms: ${jsonencode(module.remediator.alarms)}"
  }
  assert {
    condition = alltrue([
      for alarm in concat(values(module.translator_us-west-2.alarms), values(module.poller.alarms), values(module.remediator.alarms), values(module.schedule_alarms.alarms), [module.notifications.alarm, module.alarms.alarm]) :
      length(alarm.actions) == 1 && alarm.missing == "notBreaching"
    ])
    error_message = "An alarm has no topic, or missing data raises it."
  }
  assert {
    condition = [for topic in [module.notifications, module.alarms] : [topic.alarm.name, topic.alarm.metric, topic.alarm.dimensions]] == [
      for name in ["remediator_notifications", "remediator_alarms"] : ["${name}-undelivered", "AWS/SNS/NumberOfNotificationsFailed", tomap({ TopicName = name })]
    ]
    error_message = "There is no alarm for messages that subscribers did not get."
  }

  # Rates and the dashboard.
  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.rate : alarm.alarm_name => {
        for query in alarm.metric_query : query.id => [query.metric[0].namespace, query.metric[0].metric_name, query.metric[0].dimensions.FunctionName, query.metric[0].stat] if query.expression == null
      }
      } == {
      "remediator-unknown"            = { part = ["engine", "Unknown", "remediator", "Sum"], whole = ["engine", "Checks", "remediator", "Sum"] }
      "remediator-throttled-calls"    = { part = ["engine", "ThrottledCalls", "remediator", "Sum"], whole = ["engine", "Calls", "remediator", "Sum"] }
      "remediator-throttled-listings" = { part = ["engine", "ThrottledCalls", "poller", "Sum"], whole = ["engine", "Calls", "poller", "Sum"] }
    }
    error_message = "The alarms about rates are for other metrics."
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.held) == 0
    error_message = "There is an alarm about held repairs that nobody asked for."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.rate : alarm.alarm_actions == toset([module.alarms.arn]) && alarm.treat_missing_data == "notBreaching"]) && aws_cloudwatch_metric_alarm.rate["unknown"].threshold == 10
    error_message = "An alarm about a rate has no topic or another threshold, or missing data raises it."
  }
  assert {
    condition     = aws_cloudwatch_dashboard.this[0].dashboard_name == "remediator" && length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : "${widget.x},${widget.y}"])) == length(local.graphs)
    error_message = "There is no dashboard, or two of its graphs overlap."
  }
  assert {
    condition     = [for name in ["LOG_FORMAT", "METRICS"] : name if contains(concat(keys(module.remediator.function.environment), keys(module.translator_us-east-1.function.environment)), name)] == []
    error_message = "The functions get variables for what is the default."
  }

  # Missing data raises an alarm.
  assert {
    condition = [
      for translator in [module.translator_us-east-1, module.translator_us-east-2, module.translator_us-west-1, module.translator_us-west-2] :
      try([translator.alarms["event_translator-no-event"].metric, translator.alarms["event_translator-no-event"].missing], [])
    ] == [["AWS/Lambda/Invocations", "breaching"], [], [], []]
    error_message = "The alarm for a day without events is missing in the master region, or exists in another region."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.no_round.namespace == "engine" && aws_cloudwatch_metric_alarm.no_round.metric_name == "Rounds" && aws_cloudwatch_metric_alarm.no_round.dimensions == tomap({ FunctionName = "poller" }) && aws_cloudwatch_metric_alarm.no_round.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.no_round.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.no_round.period * aws_cloudwatch_metric_alarm.no_round.evaluation_periods == 26 * 3600
    error_message = "There is no alarm for a round that does not begin."
  }
  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.round_without_end.metric_query : query.id => [query.metric[0].namespace, query.metric[0].metric_name, query.metric[0].dimensions.QueueName, query.metric[0].stat] if query.expression == null
      } == {
      for id, name in { visible = "Visible", hidden = "NotVisible", delayed = "Delayed" } : id => ["AWS/SQS", "ApproximateNumberOfMessages${name}", "remediator-poll-queue", "Minimum"]
    }
    error_message = "There is no alarm for a round that does not end."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.no_round.actions_enabled && aws_cloudwatch_metric_alarm.round_without_end.actions_enabled
    error_message = "The alarms have no actions."
  }

  # Queues.
  assert {
    condition     = module.resource_queue.queue.delay_seconds == 90 && module.poll_queue.queue.delay_seconds == 0
    error_message = "A queue has another delay."
  }
  assert {
    condition     = module.resource_queue.queue.visibility_timeout_seconds >= 6 * var.remediator_timeout && module.poll_queue.queue.visibility_timeout_seconds >= 6 * var.poller_timeout
    error_message = "A message is visible again while its function may still work."
  }
  assert {
    condition     = module.resource_queue.queue.sqs_managed_sse_enabled && module.poll_queue.queue.sqs_managed_sse_enabled
    error_message = "A queue is not encrypted."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.remediator.function_response_types == toset(["ReportBatchItemFailures"]) && aws_lambda_event_source_mapping.poller.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "One failed message makes its whole batch fail."
  }

  # Every caller invokes the alias of a function, so that code and policies change in one step.
  assert {
    condition = alltrue([
      for arn in [
        aws_lambda_event_source_mapping.remediator.function_name,
        aws_lambda_event_source_mapping.poller.function_name,
        aws_cloudwatch_event_target.schedule.arn,
        module.translator_us-west-1.target_arn,
      ] : endswith(arn, ":live")
    ])
    error_message = "A caller invokes a function without its alias."
  }
  assert {
    condition     = aws_lambda_permission.schedule.qualifier == "live" && module.poller.function.published
    error_message = "A caller may not invoke the alias, or the alias has no published version."
  }
}

run "held_repairs" {
  variables {
    held_alarm_count = 5
  }
  assert {
    condition     = [for alarm in aws_cloudwatch_metric_alarm.held : [alarm.alarm_name, alarm.namespace, alarm.metric_name, alarm.dimensions.FunctionName, alarm.statistic, alarm.comparison_operator, alarm.treat_missing_data]] == [["remediator-held", "engine", "RepairsHeld", "remediator", "Sum", "GreaterThanOrEqualToThreshold", "notBreaching"]]
    error_message = "The alarm about held repairs is for another metric."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.held[0].threshold == 5 && aws_cloudwatch_metric_alarm.held[0].alarm_actions == toset([module.alarms.arn])
    error_message = "The alarm about held repairs has another threshold, or no topic."
  }
}

run "no_metrics_and_json" {
  variables {
    metrics          = false
    log_format       = "json"
    held_alarm_count = 5
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.held) == 0 && length(aws_cloudwatch_metric_alarm.rate) == 0 && length(aws_cloudwatch_dashboard.this) == 0 && !contains(keys(module.remediator.alarms), "remediator-repairs-failed")
    error_message = "There are alarms or a dashboard for metrics that no function publishes."
  }
  assert {
    condition     = alltrue([for function in [module.poller.function, module.remediator.function, module.translator_us-west-2.function] : function.environment.METRICS == "false" && function.environment.LOG_FORMAT == "json"])
    error_message = "A function does not get its settings."
  }
}

run "busy_regions" {
  variables {
    busy_regions = ["us-west-2", "us-east-1"]
  }
  assert {
    condition = [
      for translator in [module.translator_us-east-1, module.translator_us-east-2, module.translator_us-west-2] :
      contains(keys(translator.alarms), "event_translator-no-event")
    ] == [true, false, true]
    error_message = "The alarms for a day without events are in other regions."
  }
}

# Alarms of members, about events that were not sent, are published in their region.
run "members_may_raise_alarms" {
  variables {
    organization_id = "o-a1b2c3d4e5"
    accounts        = ["444455556666", "123456789012"]
  }
  assert {
    condition = alltrue([
      for policy in [module.translator_us-west-1.alarm_policy, module.translator_us-west-1.key_policy] : [
        for statement in policy : statement.Condition.StringEquals if try(statement.Principal.Service, "") == "cloudwatch.amazonaws.com"
      ] == [for equal in [{ "aws:SourceAccount" = ["123456789012", "444455556666"] }, { "aws:SourceOrgID" = "o-a1b2c3d4e5" }] : equal]
    ])
    error_message = "The members may not publish alarms, or other accounts may."
  }
  assert {
    condition = [
      for statement in module.alarms.policy : statement.Condition.StringEquals if try(statement.Principal.Service, "") == "cloudwatch.amazonaws.com"
    ] == [{ "aws:SourceAccount" = ["123456789012"] }]
    error_message = "Others may raise alarms in the topic of this account."
  }
}

run "visibility_follows_the_timeout" {
  variables {
    remediator_timeout = 900
  }
  assert {
    condition     = module.resource_queue.queue.visibility_timeout_seconds == 5400
    error_message = "A message is visible again while its function may still work."
  }
}

run "repairs_if_enabled" {
  variables {
    remediate         = true
    repair            = ["sqs", "ec2.tags"]
    operators         = ["arn:aws:iam::123456789012:role/operator"]
    hold_irreversible = false
    max_changes       = 5
    external_id       = "acme-2026"

    permissions_boundary = "boundary"
  }
  assert {
    condition = toset(concat([for role in aws_iam_role.this : role.permissions_boundary], module.own_account.boundaries)) == toset([
      "arn:aws:iam::123456789012:policy/boundary"
    ])
    error_message = "A role does not have the permissions boundary."
  }
  assert {
    condition     = module.remediator.function.environment.REMEDIATE == "true" && module.remediator.function.environment.HOLD_IRREVERSIBLE == "false" && module.remediator.function.environment.MAX_CHANGES == "5"
    error_message = "The remediator does not get REMEDIATE, HOLD_IRREVERSIBLE or MAX_CHANGES."
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0
    error_message = "The role in this account can write, although that was not enabled."
  }
  assert {
    condition     = module.remediator.function.environment.REPAIR == "sqs,ec2.tags" && !can(module.poller.function.environment.REPAIR)
    error_message = "The remediator does not get REPAIR."
  }
  assert {
    condition     = module.own_account.trust[1].Sid == "Operators" && module.own_account.trust[1].Principal.AWS == ["arn:aws:iam::123456789012:role/operator"]
    error_message = "The operators cannot undo what was repaired in this account."
  }
  assert {
    condition     = module.own_account.trust[0].Condition.StringEquals["sts:ExternalId"] == "acme-2026" && module.poller.function.environment.EXTERNAL_ID == "acme-2026"
    error_message = "The role does not require the external id, or the functions do not get it."
  }
}

# Repairs in the account of the functions are enabled separately.
run "repairs_in_its_own_account" {
  variables {
    remediate             = true
    remediate_own_account = true
    repair                = ["sqs", "ec2.tags", "s3"]
  }
  assert {
    condition = [for statement in jsondecode(module.own_account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == flatten([
      for type in ["ec2", "s3_bucket", "sqs"] : jsondecode(file("../member_account_setup/permissions_write/${type}.json")).Statement
    ])
    error_message = "The role in this account may write other types."
  }
}

run "repairs_by_default_in_its_own_account" {
  variables {
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition = strcontains(module.own_account.write_policy[0], "sqs:SetQueueAttributes") && !strcontains(module.own_account.write_policy[0], "ecs:StopTask") && length(setsubtract(
      [for name in ["poller", "remediator", "event_translator", "member_remediator"] : "arn:aws:iam::123456789012:role/${name}"],
      flatten([for statement in jsondecode(module.own_account.write_policy[0]).Statement : statement.Resource if statement.Effect == "Deny"]),
    )) == 0
    error_message = "The role in this account may write other types, or the functions' own roles."
  }
}

run "only_reads_its_own_account_if_nothing_is_repaired" {
  variables {
    remediate_own_account = true
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0
    error_message = "The role can write although nothing is to be repaired."
  }
}

run "repair_as_a_text" {
  variables {
    repair                = "all"
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition = [for statement in jsondecode(module.own_account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == flatten([
      for name in sort(fileset("../member_account_setup/permissions_write", "*.json")) : jsondecode(file("../member_account_setup/permissions_write/${name}")).Statement
    ])
    error_message = "The role in this account may write other types."
  }
  assert {
    condition     = module.remediator.function.environment.REPAIR == "all"
    error_message = "The remediator does not get REPAIR."
  }
}

run "repair_by_account" {
  variables {
    repair                = { "*" = ["sqs"], "111122223333" = ["all"] }
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = output.own_account_writes == tolist(["sqs"]) && [for statement in jsondecode(module.own_account.write_policy[0]).Statement : statement if statement.Effect == "Allow"] == jsondecode(file("../member_account_setup/permissions_write/sqs.json")).Statement
    error_message = "The role in this account may write types that are repaired in other accounts only."
  }
  assert {
    condition     = jsondecode(module.remediator.function.environment.REPAIR) == { "*" = ["sqs"], "111122223333" = ["all"] }
    error_message = "The remediator does not get the lists of REPAIR."
  }
}

# The account's own list takes precedence over that of its unit, and that over "*".
run "repair_by_unit" {
  variables {
    repair                = { "*" = ["sqs"], "ou-ab12-34567890" = ["all"], "123456789012" = ["s3_bucket.tls"] }
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = output.own_account_writes == tolist(["s3_bucket"])
    error_message = "The role in this account may write types that are repaired in other accounts only."
  }
}

run "repair_by_a_unit_that_this_account_may_be_in" {
  command = plan
  variables {
    repair                = { "*" = ["sqs"], "ou-ab12-34567890" = ["all"] }
    remediate             = true
    remediate_own_account = true
  }
  expect_failures = [output.own_account_writes]
}

run "repair_of_an_unknown_check" {
  command = plan
  variables {
    repair = { "*" = ["sqs", "s3.tls"], "ou-ab12-34567890" = ["sqs.pubic"] }
  }
  expect_failures = [output.own_account_writes]
}

run "repair_by_unit_where_this_account_is_only_read" {
  command = plan
  variables {
    repair    = { "*" = ["sqs"], "ou-ab12-34567890" = ["all"] }
    remediate = true
  }
  assert {
    condition     = length(output.own_account_writes) == 0
    error_message = "The role in this account can write."
  }
}

# The same object as a text, in which a list may be a text as well.
run "repair_by_account_as_a_text" {
  variables {
    repair                = "{\"*\": [\"all\"], \"123456789012\": \"ami.public, s3\"}"
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = output.own_account_writes == tolist(["ami", "s3_bucket"])
    error_message = "The role in this account may write other types."
  }
}

run "repair_nothing_here" {
  variables {
    repair                = { "*" = ["sqs"], "123456789012" = [] }
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0
    error_message = "The role in this account can write."
  }
}

run "repair_only_elsewhere" {
  variables {
    repair                = { "111122223333" = ["all"] }
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0
    error_message = "The role in this account can write."
  }
}

run "repair_nothing_at_all" {
  variables {
    repair                = []
    remediate             = true
    remediate_own_account = true
  }
  assert {
    condition     = length(module.own_account.write_policy) == 0 && jsondecode(module.remediator.function.environment.REPAIR) == { "*" = [] }
    error_message = "The role in this account can write, or the remediator repairs by default."
  }
}

run "repair_except_in_this_account" {
  variables {
    repair                       = ["sqs", "ec2.tags", "s3"]
    remediation_module_exception = { "123456789012" = ["ec2", "s3"], "111122223333" = ["sqs"] }
    remediate                    = true
    remediate_own_account        = true
  }
  assert {
    condition     = output.own_account_writes == tolist(["sqs"])
    error_message = "The role in this account writes types that are never repaired there."
  }
}

run "an_organization" {
  variables {
    organization_id = "o-a1b2c3d4e5"
    org_account     = "111122223333"
    accounts        = ["111122223333", "444455556666"]
  }
  assert {
    condition = [for one in jsondecode(module.translator_us-west-1.bus_policy[0]).Statement : one.Condition] == [
      for equal in [
        { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" },
        { "aws:PrincipalAccount" = ["111122223333", "444455556666"] },
        ] : {
        ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::*:role/event_forward" }
        StringEquals = equal
      }
    ]
    error_message = "The bus is not open to the organization and the named accounts, or is open to others."
  }
  assert {
    condition     = module.poller.function.environment.ACCOUNTS == "111122223333,444455556666,123456789012" && module.remediator.function.environment.ACCOUNTS == "111122223333,444455556666,123456789012" && module.remediator.function.environment.ORGANIZATION_ACCOUNT == "111122223333"
    error_message = "The functions do not get ACCOUNTS or ORGANIZATION_ACCOUNT."
  }
}

# The poller lists the organization's accounts. Accounts that are named by their ids may send events.
run "accounts_by_words" {
  variables {
    organization_id = "o-a1b2c3d4e5"
    org_account     = "111122223333"
    accounts        = ["org:ou-ab12-34567890", "444455556666", "!777788889999"]
  }
  assert {
    condition     = module.poller.function.environment.ACCOUNTS == "org:ou-ab12-34567890,444455556666,!777788889999,123456789012"
    error_message = "The poller gets other accounts, or not this account."
  }
  assert {
    condition     = local.senders == ["444455556666"]
    error_message = "A word counts as an account id, or an excluded account may send events."
  }
}

# Lists that are longer than Lambda's limit for variables are files in the layer.
run "accounts_of_a_file" {
  variables {
    organization_id = "o-a1b2c3d4e5"
    lists           = "../lists"
    policies_key    = "engine/2/policies.zip"
    accounts        = ["@all.txt", "444455556666"]
    known_accounts  = ["@known.txt"]
    dev_accounts    = ["@devs.txt", "777788889999"]
  }
  assert {
    condition = {
      for name, value in module.remediator.function.environment : name => value
      if contains(["ACCOUNTS", "KNOWN_ACCOUNTS", "DEV_ACCOUNTS"], name)
      } == {
      ACCOUNTS       = "@/opt/lists/all.txt,444455556666,123456789012"
      KNOWN_ACCOUNTS = "@/opt/lists/known.txt"
      DEV_ACCOUNTS   = "@/opt/lists/devs.txt,777788889999"
    }
    error_message = "The functions get other lists."
  }
  assert {
    condition     = local.senders == ["444455556666"]
    error_message = "The name of a file counts as an account id."
  }
}

run "a_file_without_a_layer" {
  command = plan
  variables {
    lists           = "../lists"
    accounts        = ["@all.txt"]
    organization_id = "o-a1b2c3d4e5"
  }
  expect_failures = [output.environment_sizes]
}

run "without_this_account" {
  variables {
    org_account     = "111122223333"
    organization_id = "o-a1b2c3d4e5"
    accounts        = ["org", "!123456789012"]
  }
  assert {
    condition     = module.poller.function.environment.ACCOUNTS == "org,!123456789012"
    error_message = "This account is polled, although it is excluded."
  }
}

# The bus's own account needs no statement in its policy.
run "accounts_without_an_organization" {
  variables {
    accounts = ["444455556666", "123456789012", "111122223333"]
  }
  assert {
    condition = alltrue([
      for policy in [module.translator_us-east-1.bus_policy, module.translator_us-west-2.bus_policy] :
      jsondecode(policy[0]).Statement == [{
        Sid       = "AccountsOnly"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "events:PutEvents"
        Resource  = "arn:aws:events:us-east-1:123456789012:event-bus/remediator"
        Condition = {
          ArnLike      = { "aws:PrincipalArn" = "arn:aws:iam::*:role/event_forward" }
          StringEquals = { "aws:PrincipalAccount" = ["111122223333", "444455556666"] }
        }
      }]
    ])
    error_message = "The bus is not open to the named accounts, or is open to others."
  }
}

# Accounts of an organization whose events no bus accepts.
run "an_organization_that_cannot_send_events" {
  command = plan
  variables {
    org_account = "111122223333"
    accounts    = ["111122223333"]
  }
  expect_failures = [check.members_are_heard]
}

# The buses' policies cannot contain the accounts of a file.
run "a_file_of_accounts_that_cannot_send_events" {
  command = plan
  variables {
    lists        = "../lists"
    policies_key = "engine/2/policies.zip"
    accounts     = ["@all.txt"]
  }
  expect_failures = [check.members_are_heard]
}

run "paused" {
  variables {
    paused = true
  }
  assert {
    condition     = !aws_lambda_event_source_mapping.remediator.enabled && !aws_lambda_event_source_mapping.poller.enabled && aws_cloudwatch_event_rule.schedule.state == "DISABLED"
    error_message = "Something still runs."
  }
  assert {
    condition     = !aws_cloudwatch_metric_alarm.no_round.actions_enabled && !aws_cloudwatch_metric_alarm.round_without_end.actions_enabled
    error_message = "An alarm is raised because nothing is polled."
  }
  assert {
    condition     = module.resource_queue.queue.message_retention_seconds == 4 * 24 * 60 * 60 && module.poll_queue.queue.message_retention_seconds == 4 * 24 * 60 * 60
    error_message = "Messages are not kept for four days."
  }
}

run "every_choice_reaches_the_functions" {
  variables {
    known_accounts                 = ["111122223333", "o-a1b2c3d4e5", "ou-ab12-34567890", "r-ab12"]
    dev_accounts                   = ["777788889999"]
    log_account                    = "111122223333"
    guardduty_master_account       = "444455556666"
    required_tags                  = ["owner", "cost center"]
    db_check_time                  = 5
    password_min_length            = 14
    verify_seconds                 = 30
    patience                       = 300
    only_use_test_resources        = true
    poll_all_regions               = true
    ec2_ignore_list                = ["i-0123456789abcdef0", "i-11111111"]
    s3_bucket_ignore_list          = ["web", "downloads"]
    remediation_module_exception   = { "111122223333" = ["ami", "sqs"] }
    remediation_resource_exception = { s3 = ["bucket"], ami = "ami-2" }
    member_role                    = "auditor"
    security_hub                   = true
    event_bus                      = "arn:aws:events:us-east-1:111122223333:event-bus/findings"
    plans                          = "s3://acme-plans/engine/"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.plans[0].policy).Statement[0].Action == "s3:PutObject" && jsondecode(aws_iam_role_policy.plans[0].policy).Statement[0].Resource == "arn:aws:s3:::acme-plans/engine/*"
    error_message = "The remediator may write something else than plans."
  }
  assert {
    condition = tomap({
      for name, value in module.remediator.function.environment : name => value
      if !contains(["NOTIFICATION_TOPIC", "SQS_QUEUE", "STATE_TABLE"], name)
      }) == tomap({
      MASTER_REGION                  = "us-east-1"
      MEMBER_ROLE                    = "auditor"
      KNOWN_ACCOUNTS                 = "111122223333,o-a1b2c3d4e5,ou-ab12-34567890,r-ab12"
      DEV_ACCOUNTS                   = "777788889999"
      LOG_ACCOUNT                    = "111122223333"
      GUARDDUTY_MASTER_ACCOUNT       = "444455556666"
      REQUIRED_TAGS                  = "owner,cost center"
      DB_CHECK_TIME                  = "5"
      PASSWORD_MIN_LENGTH            = "14"
      REMEDIATE                      = "false"
      PLANS                          = "s3://acme-plans/engine/"
      HOLD_IRREVERSIBLE              = "true"
      REPAIR_ROUNDS                  = "3"
      VERIFY_SECONDS                 = "30"
      PATIENCE                       = "300"
      REMEDIATOR_REGION              = "us-east-1"
      SECURITY_HUB                   = "true"
      EVENT_BUS                      = "arn:aws:events:us-east-1:111122223333:event-bus/findings"
      EC2_INSTANCE_IGNORE_LIST       = "i-0123456789abcdef0,i-11111111"
      S3_BUCKET_IGNORE_LIST          = "web,downloads"
      REMEDIATION_MODULE_EXCEPTION   = "{\"111122223333\":[\"ami\",\"sqs\"]}"
      REMEDIATION_RESOURCE_EXCEPTION = "{\"ami\":\"ami-2\",\"s3\":[\"bucket\"]}"
    })
    error_message = "The remediator gets other variables: ${jsonencode(module.remediator.function.environment)}"
  }
  assert {
    condition     = module.poller.function.environment.ONLY_USE_TEST_RESOURCES == "true"
    error_message = "The poller does not get ONLY_USE_TEST_RESOURCES."
  }
  assert {
    condition     = module.poller.function.environment.REGIONS == "all"
    error_message = "The poller does not list all regions."
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.remediator.policy).Statement : statement.Resource if statement.Action == "events:PutEvents"] == [
      "arn:aws:events:us-east-1:111122223333:event-bus/findings",
    ]
    error_message = "The remediator may not put events on the bus, or on another one."
  }
  assert {
    condition = [for policy in module.own_account.security_hub_policy : jsondecode(policy).Statement] == [[{
      Effect   = "Allow"
      Action   = "securityhub:BatchImportFindings"
      Resource = "arn:aws:securityhub:*:${local.account}:product/${local.account}/default"
    }]]
    error_message = "The role in this account may not import findings, or may do more: ${jsonencode(module.own_account.security_hub_policy)}"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.remediator.policy).Statement[1].Resource == "arn:aws:iam::*:role/auditor"
    error_message = "The remediator may not assume the role."
  }
}

run "exceptions_as_a_text" {
  variables {
    remediation_resource_exception = "snap-1,ami-2"
  }
  assert {
    condition     = module.remediator.function.environment.REMEDIATION_RESOURCE_EXCEPTION == "snap-1,ami-2"
    error_message = "The remediator does not get the text."
  }
}

run "exceptions_in_s3" {
  variables {
    exceptions = "s3://rules/team/rules.json"
  }
  assert {
    condition     = module.remediator.function.environment.EXCEPTIONS == "s3://rules/team/rules.json" && !contains(keys(module.poller.function.environment), "EXCEPTIONS")
    error_message = "The remediator does not get the object, or the poller does."
  }
  assert {
    condition = [for one in jsondecode(aws_iam_role_policy.remediator.policy).Statement : one if one.Sid == "ReadTheExceptions"] == [{
      Sid       = "ReadTheExceptions"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::rules/team/rules.json"
      Condition = { StringEquals = { "aws:ResourceAccount" = "123456789012" } }
    }]
    error_message = "The remediator may read something else, or not the object."
  }
}

run "exceptions_in_ssm" {
  variables {
    exceptions = "ssm:/engine/rules"
  }
  assert {
    condition     = module.remediator.function.environment.EXCEPTIONS == "ssm:/engine/rules"
    error_message = "The remediator does not get the parameter."
  }
  assert {
    condition     = [for one in jsondecode(aws_iam_role_policy.remediator.policy).Statement : "${one.Action} ${one.Resource}" if one.Sid == "ReadTheExceptions"] == ["ssm:GetParameter arn:aws:ssm:us-east-1:123456789012:parameter/engine/rules"]
    error_message = "The remediator may read something else, or not the parameter."
  }
}

run "exceptions_of_another_account" {
  variables {
    exceptions = "arn:aws:ssm:eu-west-1:222233334444:parameter/engine/rules"
  }
  assert {
    condition     = [for one in jsondecode(aws_iam_role_policy.remediator.policy).Statement : "${one.Resource} ${one.Condition.StringEquals["aws:ResourceAccount"]}" if one.Sid == "ReadTheExceptions"] == ["arn:aws:ssm:eu-west-1:222233334444:parameter/engine/rules 222233334444"]
    error_message = "The remediator may read something else, or not the parameter."
  }
}

run "packages" {
  variables {
    architecture = "arm64"
    package_key  = "engine/1/function-arm64.zip"
    policies_key = "engine/2/policies.zip"
    exceptions   = "rules/exceptions.lua"
  }
  assert {
    condition     = module.remediator.function.key == "engine/1/function-arm64.zip" && module.remediator.function.architectures == tolist(["arm64"])
    error_message = "The remediator uses another package."
  }
  assert {
    condition     = aws_lambda_layer_version.policies[0].s3_key == "engine/2/policies.zip" && length(module.remediator.function.layers) == 1
    error_message = "The policies are not its layer."
  }
  assert {
    condition     = module.remediator.function.environment.ENGINE_POLICIES == "/opt/policies" && module.remediator.function.environment.EXCEPTIONS == "/opt/exceptions.lua"
    error_message = "The functions do not read policies and models from the layer."
  }
  assert {
    condition     = !contains(keys(module.translator_us-east-1.function.environment), "EXCEPTIONS")
    error_message = "The translator gets exceptions."
  }
}

# All resources of a second deployment have other names.
run "a_prefix" {
  variables {
    prefix      = "second"
    accounts    = ["111122223333"]
    member_role = "auditor"
  }
  assert {
    condition = alltrue([
      for name in concat(
        [for role in aws_iam_role.this : role.name],
        [module.poller.name, module.remediator.name, module.resource_queue.queue.name, module.poll_queue.queue.name],
        [aws_cloudwatch_event_rule.schedule.name, local.bus, local.member_role],
        module.translator_us-west-2.names,
        keys(module.translator_us-east-1.alarms), keys(module.poller.alarms), keys(module.remediator.alarms), keys(module.schedule_alarms.alarms),
        [module.schedule_dead_letter.name, aws_cloudwatch_metric_alarm.no_round.alarm_name, module.notifications.alarm.name],
        [aws_cloudwatch_dashboard.this[0].dashboard_name], [for alarm in aws_cloudwatch_metric_alarm.rate : alarm.alarm_name],
        keys(module.events_us-west-2.targets),
      ) : startswith(name, "second-")
    ])
    error_message = "A name lacks the prefix."
  }
  assert {
    condition     = module.poller.function.handler == "poller" && module.poller.function.environment.MEMBER_ROLE == "second-auditor"
    error_message = "The function has another handler, or assumes another role."
  }
  assert {
    condition     = alltrue([for target in module.events_us-west-2.targets : endswith(target, ":event-bus/second-remediator")])
    error_message = "Events go to the other deployment's bus."
  }
  assert {
    condition     = jsondecode(module.translator_us-west-2.bus_policy[0]).Statement[0].Condition.ArnLike["aws:PrincipalArn"] == "arn:aws:iam::*:role/second-event_forward"
    error_message = "The bus accepts events from another role."
  }
  assert {
    condition     = local.tags["remediator:deployment"] == "acme-us-east-1/terraform/second-master.tfstate"
    error_message = "Resources have the tag of another deployment."
  }
}

run "logs_without_a_key" {
  variables {
    encrypt_logs       = false
    log_retention_days = 30
  }
  assert {
    condition     = module.poller.function.log_kms_key_arn == null && module.poller.function.log_retention_days == 30
    error_message = "The log group has a key, or keeps logs for another time."
  }
}

# Variables that are too long for Lambda: an error before anything is created.
run "too_many_accounts" {
  command = plan
  variables {
    accounts = [for number in range(400) : format("%012d", number)]
  }
  expect_failures = [output.environment_sizes]
}

# A region that regions.tf.json does not have.
run "another_region" {
  command = plan
  variables {
    regions = ["us-east-1", "eu-west-1"]
  }
  expect_failures = [check.regions, output.regions]
}
