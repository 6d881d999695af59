locals {
  # Folder of the layer that has the files of lists.
  lists = "@/opt/lists/"
  # Lists are passed as text separated by commas; empty variables are left out.
  policy_environment = {
    MASTER_REGION            = var.master_region
    MEMBER_ROLE              = local.member_role
    EXTERNAL_ID              = var.external_id
    ACCOUNTS                 = join(",", [for word in local.polled : replace(word, "/^@/", local.lists)]) # polled accounts are trusted, too
    KNOWN_ACCOUNTS           = join(",", [for word in var.known_accounts : replace(word, "/^@/", local.lists)])
    ORGANIZATION_ACCOUNT     = var.org_account
    DEV_ACCOUNTS             = join(",", [for word in var.dev_accounts : replace(word, "/^@/", local.lists)])
    LOG_ACCOUNT              = var.log_account
    GUARDDUTY_MASTER_ACCOUNT = var.guardduty_master_account
    REQUIRED_TAGS            = join(",", var.required_tags)
    DB_CHECK_TIME            = tostring(var.db_check_time)
    PASSWORD_MIN_LENGTH      = var.password_min_length == null ? "" : tostring(var.password_min_length)
    PATIENCE                 = var.patience == null ? "" : tostring(var.patience)
  }
  poller_environment = merge(local.policy_environment, {
    REGIONS                 = var.poll_all_regions ? "all" : join(",", var.regions)
    ONLY_USE_TEST_RESOURCES = tostring(var.only_use_test_resources)
  })
  remediator_environment = merge(local.policy_environment, {
    REMEDIATE                      = tostring(var.remediate)
    PLANS                          = var.plans == null ? "" : var.plans
    BUCKET_OWNER                   = var.bucket_owner == null ? "" : var.bucket_owner
    REPAIR                         = try(tostring(var.repair), length(var.repair) == 0 ? jsonencode({ "*" = [] }) : join(",", var.repair), jsonencode(var.repair))
    HOLD_IRREVERSIBLE              = tostring(var.hold_irreversible)
    MAX_CHANGES                    = var.max_changes == null ? "" : tostring(var.max_changes)
    MAX_CHANGES_PER_DAY            = var.max_changes_per_day == null ? "" : tostring(var.max_changes_per_day)
    REPAIR_ROUNDS                  = tostring(var.repair_rounds)
    VERIFY_SECONDS                 = tostring(var.verify_seconds)
    REMEDIATOR_REGION              = var.master_region
    EVENT_BUS                      = var.event_bus
    SECURITY_HUB                   = tostring(var.security_hub)
    EC2_INSTANCE_IGNORE_LIST       = join(",", var.ec2_ignore_list)
    S3_BUCKET_IGNORE_LIST          = join(",", var.s3_bucket_ignore_list)
    REMEDIATION_MODULE_EXCEPTION   = length(var.remediation_module_exception) == 0 ? "" : jsonencode(var.remediation_module_exception)
    REMEDIATION_RESOURCE_EXCEPTION = try(tostring(var.remediation_resource_exception), jsonencode(var.remediation_resource_exception))
  }, local.remote_rules == null ? {} : { EXCEPTIONS = var.exceptions })
  # Counts messages of a batch that failed although the invocation succeeded. A few of them succeed
  # soon, for example those for which there was not enough time.
  counted = {
    batch-failures = { metric = "BatchItemsFailed", about = "repeatedly returns messages to its queue:", periods = 3 }
  }
  counted_repairs = !var.metrics ? {} : {
    repairs-failed = { metric = "RepairsFailed", about = "could not repair what it was allowed to repair: the notification [failed] names the resource, and", periods = 1 }
  }
  environment_sizes = {
    poller     = length(jsonencode(local.poller_environment))
    remediator = length(jsonencode(local.remediator_environment))
  }
}

resource "aws_lambda_layer_version" "policies" {
  count                    = var.policies_key == null ? 0 : 1
  layer_name               = "${local.head}remediator-policies"
  description              = "Policies, models and exceptions of poller and remediator"
  s3_bucket                = local.master_bucket
  s3_key                   = var.policies_key
  compatible_runtimes      = ["provided.al2023"]
  compatible_architectures = ["x86_64", "arm64"]
  lifecycle {
    create_before_destroy = true
  }
}

module "poller" {
  source   = "./function"
  name     = "poller"
  role_arn = aws_iam_role.this["poller"].arn
  timeout  = var.poller_timeout
  environment = merge(local.poller_environment, {
    POLLER_SQS = module.resource_queue.url
    POLL_QUEUE = module.poll_queue.url
  })
  deployment      = local.deployment
  alarm_topic_arn = module.alarms.arn
  dead_letter     = module.schedule_dead_letter
  counted = merge(local.counted, {
    not-listed = { metric = "PlacesNotListed", about = "could not list the resources of a type in an account and region, which are not audited:", periods = 1 }
  })
  # Lambda accepts a destination only if the role may already send to it. Source: the AWS provider's
  # page of aws_lambda_function_event_invoke_config, "Destination Configuration".
  depends_on = [aws_iam_role_policy.poller]
}

module "remediator" {
  source   = "./function"
  name     = "remediator"
  role_arn = aws_iam_role.this["remediator"].arn
  timeout  = var.remediator_timeout
  environment = merge(local.remediator_environment, {
    NOTIFICATION_TOPIC = module.notifications.arn
    SQS_QUEUE          = module.resource_queue.url
    STATE_TABLE        = aws_dynamodb_table.state.name
  })
  deployment      = local.deployment
  alarm_topic_arn = module.alarms.arn
  counted = merge(local.counted, local.counted_repairs, {
    not-notified = { metric = "NotificationsFailed", about = "could not notify findings; it retries until SNS accepts them:", periods = 1 }
  })
}

resource "aws_lambda_event_source_mapping" "remediator" {
  enabled                 = !var.paused
  event_source_arn        = module.resource_queue.arn
  function_name           = module.remediator.arn
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
  depends_on = [aws_iam_role_policy.remediator, aws_iam_role_policy.state]
}

# Each message names one account, region and type.
resource "aws_lambda_event_source_mapping" "poller" {
  enabled                 = !var.paused
  event_source_arn        = module.poll_queue.arn
  function_name           = module.poller.arn
  batch_size              = var.batch_size
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
  depends_on = [aws_iam_role_policy.poller]
}

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "${local.head}poller"
  description         = "Polls all accounts"
  state               = var.paused ? "DISABLED" : "ENABLED"
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "schedule" {
  rule      = aws_cloudwatch_event_rule.schedule.name
  target_id = "poller"
  arn       = module.poller.arn
  dead_letter_config {
    arn = module.schedule_dead_letter.arn
  }
}

# Polling rounds that did not begin, or did not queue all accounts, regions and types.
module "schedule_dead_letter" {
  source          = "../member_account_setup/dead_letter"
  name            = "${local.head}poller-schedule"
  rule_arns       = [aws_cloudwatch_event_rule.schedule.arn]
  about           = "A polling round did not begin, or did not queue all accounts, regions and types."
  alarm_topic_arn = module.alarms.arn
}

module "schedule_alarms" {
  source          = "./rule_alarms"
  name            = "${aws_cloudwatch_event_rule.schedule.name}-schedule"
  rule            = aws_cloudwatch_event_rule.schedule.name
  alarm_topic_arn = module.alarms.arn
}

# Missing data raises this alarm: the poller counts a round when all of its accounts, regions and
# types are queued. CloudWatch evaluates seven days at most. Source: Amazon CloudWatch API
# Reference, PutMetricAlarm
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
resource "aws_cloudwatch_metric_alarm" "no_round" {
  alarm_name          = "${module.poller.name}-no-round"
  alarm_description   = "No polling round was queued for ${var.round_alarm_hours} hours: the schedule ${aws_cloudwatch_event_rule.schedule.name} did not invoke the poller, or it failed."
  actions_enabled     = !var.paused
  namespace           = "engine"
  metric_name         = "Rounds"
  dimensions          = { FunctionName = module.poller.name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.round_alarm_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [module.alarms.arn]
}

# A round has ended when its queue is empty: no message waits, is delayed, or is being processed. The
# minimum of an hour is above zero only if the queue was never empty in that hour. Source: Amazon SQS
# Developer Guide, "Available CloudWatch metrics for Amazon SQS"
# (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
resource "aws_cloudwatch_metric_alarm" "round_without_end" {
  alarm_name          = "${module.poller.name}-round-without-end"
  alarm_description   = "For ${var.round_end_alarm_hours} hours ${module.poll_queue.queue.name} was never empty: the polling round does not end."
  actions_enabled     = !var.paused
  evaluation_periods  = var.round_end_alarm_hours
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
  metric_query {
    id          = "left"
    expression  = "visible + hidden + delayed"
    label       = "Places left"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { visible = "Visible", hidden = "NotVisible", delayed = "Delayed" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/SQS"
        metric_name = "ApproximateNumberOfMessages${metric_query.value}"
        dimensions  = { QueueName = module.poll_queue.queue.name }
        period      = 3600
        stat        = "Minimum"
      }
    }
  }
}

resource "aws_lambda_permission" "schedule" {
  statement_id   = "poller-schedule"
  action         = "lambda:InvokeFunction"
  function_name  = module.poller.name
  qualifier      = module.poller.alias
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.schedule.arn
  source_account = local.account
}
