# Each region has the bus that accepts events of the organization, the rule that selects events of AWS,
# and event_translator, which sends the resources that they name to the queue.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "region" {
  description = "The region's name."
  type        = string
}

variable "shared" {
  description = "Settings that are the same in all regions."
  type = object({
    account            = string
    partition          = string
    dns_suffix         = string
    organization_id    = string
    senders            = list(string)
    head               = string
    bus                = string
    busy_regions       = list(string)
    patterns           = any
    role_arn           = string
    environment        = map(string)
    bucket_prefix      = string
    package_key        = string
    policies_key       = string
    architecture       = string
    memory_size        = number
    log_retention_days = number
    encrypt_logs       = bool
  })
}

locals {
  bucket = "${var.shared.bucket_prefix}-${var.region}"
  # Others that may send events here: the event_forward roles of an organization, of the named accounts,
  # or of both. This account's own policies allow it to send.
  send = {
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "events:PutEvents"
    Resource  = aws_cloudwatch_event_bus.this.arn
  }
  by_role = { ArnLike = { "aws:PrincipalArn" = "arn:${var.shared.partition}:iam::*:role/${var.shared.head}event_forward" } }
  entrances = concat(
    [for organization in [var.shared.organization_id] : merge(local.send, {
      Sid       = "OrganizationOnly"
      Condition = merge(local.by_role, { StringEquals = { "aws:PrincipalOrgID" = organization } })
    }) if organization != ""],
    [for accounts in [var.shared.senders] : merge(local.send, {
      Sid       = "AccountsOnly"
      Condition = merge(local.by_role, { StringEquals = { "aws:PrincipalAccount" = accounts } })
    }) if length(accounts) > 0],
  )
  # The same accounts may publish alarms here, about events that were not sent.
  members    = { organization = var.shared.organization_id, accounts = var.shared.senders }
  bus_policy = jsonencode({ Version = "2012-10-17", Statement = local.entrances })
}

resource "aws_cloudwatch_event_bus" "this" {
  name = var.shared.bus
}

resource "aws_cloudwatch_event_bus_policy" "senders" {
  count          = length(local.entrances) == 0 ? 0 : 1
  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy         = local.bus_policy
}

moved {
  from = aws_cloudwatch_event_bus_policy.organization
  to   = aws_cloudwatch_event_bus_policy.senders
}

# Only AWS itself can send events whose source begins with "aws.". The patterns of the members, and the
# translator, decide which calls are watched.
resource "aws_cloudwatch_event_rule" "watched" {
  name           = "${var.shared.head}remediator-events"
  description    = "Calls that may leave a resource misconfigured"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern = jsonencode({
    source        = sort(distinct(flatten(var.shared.patterns[*].source)))
    "detail-type" = sort(distinct(flatten(var.shared.patterns[*]["detail-type"])))
  })
}

resource "aws_cloudwatch_event_target" "translator" {
  rule           = aws_cloudwatch_event_rule.watched.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = "event_translator"
  arn            = module.translator.arn
  dead_letter_config {
    arn = module.dead_letter.arn
  }
}

# Events with which the translator could not be invoked, and events on which it failed each time.
module "dead_letter" {
  source          = "../../member_account_setup/dead_letter"
  name            = "${var.shared.head}event_translator"
  rule_arns       = [aws_cloudwatch_event_rule.watched.arn]
  about           = "Events in ${var.region} could not be translated."
  alarm_topic_arn = module.alarms.arn
}

module "rule_alarms" {
  source          = "../rule_alarms"
  name            = aws_cloudwatch_event_rule.watched.name
  rule            = aws_cloudwatch_event_rule.watched.name
  bus             = aws_cloudwatch_event_bus.this.name
  alarm_topic_arn = module.alarms.arn
}

resource "aws_lambda_permission" "translator" {
  statement_id   = "remediator-events"
  action         = "lambda:InvokeFunction"
  function_name  = module.translator.name
  qualifier      = module.translator.alias
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.watched.arn
  source_account = var.shared.account
}

resource "aws_lambda_layer_version" "policies" {
  count                    = var.shared.policies_key == null ? 0 : 1
  layer_name               = "${var.shared.head}event_translator-policies"
  description              = "Policies and models of event_translator"
  s3_bucket                = local.bucket
  s3_key                   = var.shared.policies_key
  compatible_runtimes      = ["provided.al2023"]
  compatible_architectures = ["x86_64", "arm64"]
  lifecycle {
    create_before_destroy = true
  }
}

module "key" {
  source     = "../key"
  alias      = "${var.shared.head}remediator-event-translator"
  account    = var.shared.account
  partition  = var.shared.partition
  dns_suffix = var.shared.dns_suffix
  region     = var.region
  members    = local.members
}

module "alarms" {
  source      = "../topic"
  name        = "${var.shared.head}remediator_event_translator_alarms"
  account     = var.shared.account
  partition   = var.shared.partition
  kms_key_arn = module.key.arn
  for_alarms  = true
  members     = local.members
}

module "translator" {
  source      = "../function"
  name        = "event_translator"
  role_arn    = var.shared.role_arn
  timeout     = 60
  environment = var.shared.environment
  deployment = {
    head               = var.shared.head
    bucket             = local.bucket
    key                = var.shared.package_key
    layers             = aws_lambda_layer_version.policies[*].arn
    exceptions         = "" # the translator ignores exceptions
    environment        = {}
    architecture       = var.shared.architecture
    memory_size        = var.shared.memory_size
    log_retention_days = var.shared.log_retention_days
    log_kms_key_arn    = var.shared.encrypt_logs ? module.key.arn : null
  }
  alarm_topic_arn = module.alarms.arn
  dead_letter     = module.dead_letter
}

# This metric is in the translator's log (embedded metric format). It counts events from which
# CloudTrail left out the resource because they were too large. The poller lists the type, and the
# alarm reports that someone may have used the size of a request to hide a policy.
resource "aws_cloudwatch_metric_alarm" "without_id" {
  alarm_name          = "${var.shared.head}event_translator-events-without-id"
  alarm_description   = "Events name no resource; the log of ${module.translator.name} in ${var.region} has them. Their type is listed again; find out who caused them."
  namespace           = "engine"
  metric_name         = "EventsWithoutId"
  dimensions          = { FunctionName = module.translator.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
}

# Missing data raises this alarm. Source: AWS Lambda Developer Guide, "Types of metrics for Lambda
# functions" (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html).
resource "aws_cloudwatch_metric_alarm" "silent" {
  count               = contains(var.shared.busy_regions, var.region) ? 1 : 0
  alarm_name          = "${module.translator.name}-no-event"
  alarm_description   = "No event arrived in ${var.region} for a day: check that a trail records write events, and that the members' rules exist."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = module.translator.name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 24
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [module.alarms.arn]
}

output "event_bus_arn" {
  description = "The bus to which members send events."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "alarm_topic_arn" {
  description = "Topic to which alarms of this region are published."
  value       = module.alarms.arn
}

output "alarms" {
  description = "Metrics and topics of the alarms, by the alarms' names."
  value = merge(module.rule_alarms.alarms, module.translator.alarms, { (module.dead_letter.alarm.name) = module.dead_letter.alarm }, {
    for alarm in concat([aws_cloudwatch_metric_alarm.without_id], aws_cloudwatch_metric_alarm.silent) : alarm.alarm_name => {
      metric     = "${alarm.namespace}/${alarm.metric_name}"
      dimensions = alarm.dimensions
      missing    = alarm.treat_missing_data
      actions    = alarm.alarm_actions
    }
  })
}

output "alarm_policy" {
  description = "Statements of the alarm topic's policy: who may publish."
  value       = module.alarms.policy
}

output "key_policy" {
  description = "Statements of the key's policy: who may use it."
  value       = module.key.policy
}

output "dead_letter" {
  description = "Queues of events that could not be translated, by the source of the events."
  value = {
    queue    = module.dead_letter.arn
    rule     = aws_cloudwatch_event_target.translator.dead_letter_config[0].arn
    function = module.translator.on_failure
    senders  = module.dead_letter.senders
  }
}

output "bus_policy" {
  description = "The bus's policy about who else may send events: empty if neither an organization nor accounts are named."
  value       = aws_cloudwatch_event_bus_policy.senders[*].policy
}

output "names" {
  description = "Names of the resources here."
  value       = [aws_cloudwatch_event_bus.this.name, aws_cloudwatch_event_rule.watched.name, module.translator.name]
}

output "target_arn" {
  description = "Target of the rule."
  value       = aws_cloudwatch_event_target.translator.arn
}

output "function" {
  description = "Properties of the translator."
  value       = module.translator.function
}
