# An encrypted topic that is accessible over TLS only. This account may publish to it. If the topic is
# for alarms, this account's alarms and those of members in the same region may too. Source: Amazon SNS
# Developer Guide, "Example cases for Amazon SNS access control", on alarms of another account
# (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "name" {
  description = "The topic's name."
  type        = string
}

variable "account" {
  description = "The account that the topic is in."
  type        = string
}

variable "partition" {
  description = "The account's partition, such as aws."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts messages."
  type        = string
}

variable "for_alarms" {
  description = "Whether CloudWatch's alarms publish to it."
  type        = bool
}

variable "members" {
  description = "Other accounts whose alarms publish to it: those of an organization, or named ones. Empty: none."
  type        = object({ organization = string, accounts = list(string) })
  default     = { organization = "", accounts = [] }
  nullable    = false
}

variable "failure_topic_arn" {
  description = "Topic for the alarm that a subscriber did not get a message. Null: this topic, for its other subscribers."
  type        = string
  default     = null
}

locals {
  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "sns:Publish"
    Resource  = aws_sns_topic.this.arn
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
  # A topic's policy replaces the default one, which gives the owner access.
  owner = {
    Sid       = "ThisAccountByItsOwnPolicies"
    Effect    = "Allow"
    Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
    Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:SetTopicAttributes", "sns:Subscribe"]
    Resource  = aws_sns_topic.this.arn
  }
  alarms = {
    Sid       = "Alarms"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = aws_sns_topic.this.arn
    Condition = { StringEquals = { "aws:SourceAccount" = concat([var.account], var.members.accounts) } }
  }
  organization = merge(local.alarms, {
    Sid       = "AlarmsOfTheOrganization"
    Condition = { StringEquals = { "aws:SourceOrgID" = var.members.organization } }
  })
}

resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.tls_only, local.owner], [for statement in [local.alarms] : statement if var.for_alarms],
    [for statement in [local.organization] : statement if var.for_alarms && var.members.organization != ""])
  })
}

# Source: Amazon SNS Developer Guide, "Monitoring Amazon SNS topics using CloudWatch"
# (https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html).
resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name          = "${var.name}-undelivered"
  alarm_description   = "A subscriber of ${var.name} did not get a message: SNS gave up, and keeps it nowhere unless the subscription has a dead-letter queue."
  namespace           = "AWS/SNS"
  metric_name         = "NumberOfNotificationsFailed"
  dimensions          = { TopicName = aws_sns_topic.this.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [coalesce(var.failure_topic_arn, aws_sns_topic.this.arn)]
}

output "arn" {
  description = "The topic's ARN."
  value       = aws_sns_topic.this.arn
}

output "policy" {
  description = "Statements of its policy: who may publish to it."
  value       = jsondecode(aws_sns_topic_policy.this.policy).Statement
}

output "alarm" {
  description = "Metric and topic of the alarm."
  value = {
    name       = aws_cloudwatch_metric_alarm.undelivered.alarm_name
    metric     = "${aws_cloudwatch_metric_alarm.undelivered.namespace}/${aws_cloudwatch_metric_alarm.undelivered.metric_name}"
    dimensions = aws_cloudwatch_metric_alarm.undelivered.dimensions
    missing    = aws_cloudwatch_metric_alarm.undelivered.treat_missing_data
    actions    = aws_cloudwatch_metric_alarm.undelivered.alarm_actions
  }
}
