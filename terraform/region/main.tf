# What each region has: the bus that takes events of the organization, the rule that picks those of
# AWS, and event_translator, which sends the resources that they name to the queue.
terraform {
  required_version = ">= 1.9"
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
  description = "What is the same in all regions."
  type = object({
    account            = string
    organization_id    = string
    senders            = list(string)
    head               = string
    bus                = string
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
  # Who else may send events here: the event_forward roles of an organization, of the accounts that
  # are named, or of both. This account may by its own policies.
  send = {
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = "events:PutEvents"
    Resource  = aws_cloudwatch_event_bus.this.arn
  }
  by_role = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/${var.shared.head}event_forward" } }
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

# Sources that begin with "aws." are AWS's own: nobody else can put such events. Which calls are
# watched is the members' patterns' business, and the translator's.
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
  source  = "../key"
  alias   = "${var.shared.head}remediator-event-translator"
  account = var.shared.account
  region  = var.region
}

module "alarms" {
  source      = "../topic"
  name        = "${var.shared.head}remediator_event_translator_alarms"
  account     = var.shared.account
  kms_key_arn = module.key.arn
  for_alarms  = true
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
    exceptions         = "" # the translator leaves nothing out
    architecture       = var.shared.architecture
    memory_size        = var.shared.memory_size
    log_retention_days = var.shared.log_retention_days
    log_kms_key_arn    = var.shared.encrypt_logs ? module.key.arn : null
  }
  alarm_topic_arn = module.alarms.arn
}

# The translator's log holds this metric (embedded metric format): events of which CloudTrail left
# out the resource, being too large. The poller lists the type; who hides a policy by its size is
# told of here.
resource "aws_cloudwatch_metric_alarm" "without_id" {
  alarm_name          = "${var.shared.head}event_translator-events-without-id"
  alarm_description   = "Events do not say which resource they are about: ${var.region}'s log of ${module.translator.name} says which. Their type is listed again; look at who sent them."
  namespace           = "engine"
  metric_name         = "EventsWithoutId"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
}

output "event_bus_arn" {
  description = "The bus that members send events to."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "alarm_topic_arn" {
  description = "Where alarms of this region are published."
  value       = module.alarms.arn
}

output "without_id_alarm" {
  description = "What counts events that name no resource, and who is told."
  value = {
    metric  = "${aws_cloudwatch_metric_alarm.without_id.namespace}/${aws_cloudwatch_metric_alarm.without_id.metric_name}"
    actions = aws_cloudwatch_metric_alarm.without_id.alarm_actions
  }
}

output "bus_policy" {
  description = "Who else may send events here: none where neither an organization nor accounts are named."
  value       = aws_cloudwatch_event_bus_policy.senders[*].policy
}

output "names" {
  description = "What things here are called."
  value       = [aws_cloudwatch_event_bus.this.name, aws_cloudwatch_event_rule.watched.name, module.translator.name]
}

output "target_arn" {
  description = "What the rule invokes."
  value       = aws_cloudwatch_event_target.translator.arn
}

output "function" {
  description = "What the translator is made of."
  value       = module.translator.function
}
