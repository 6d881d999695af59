# A dead-letter queue for events that could not be delivered, encrypted (SSE-SQS) and accessible over TLS
# only, with an alarm. Source: EventBridge User Guide, "Using dead-letter queues to process undelivered
# events" (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html): a standard queue
# in the rule's account and region, whose policy lets the rules send.
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
  description = "Source of the events; the queue is NAME-dead-letter, the alarm NAME-dead-letters."
  type        = string
}

variable "rule_arns" {
  description = "Rules whose events may be sent here."
  type        = list(string)
}

variable "about" {
  description = "Text of the alarm: what failed."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Topic to which the alarm is published."
  type        = string
}

resource "aws_sqs_queue" "this" {
  name                      = "${var.name}-dead-letter"
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "WhatRulesCannotDeliver"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this.arn
        Condition = { ArnEquals = { "aws:SourceArn" = var.rule_arns } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "${var.about} They are in ${aws_sqs_queue.this.name}."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}

output "arn" {
  description = "The queue's ARN."
  value       = aws_sqs_queue.this.arn
}

output "url" {
  description = "The queue's URL."
  value       = aws_sqs_queue.this.url
}

output "name" {
  description = "The queue's name."
  value       = aws_sqs_queue.this.name
}

output "senders" {
  description = "Rules that may send to the queue."
  value       = jsondecode(aws_sqs_queue_policy.this.policy).Statement[1].Condition.ArnEquals["aws:SourceArn"]
}

output "alarm" {
  description = "Metric and topic of the alarm."
  value = {
    name       = aws_cloudwatch_metric_alarm.this.alarm_name
    metric     = "${aws_cloudwatch_metric_alarm.this.namespace}/${aws_cloudwatch_metric_alarm.this.metric_name}"
    dimensions = aws_cloudwatch_metric_alarm.this.dimensions
    missing    = aws_cloudwatch_metric_alarm.this.treat_missing_data
    actions    = aws_cloudwatch_metric_alarm.this.alarm_actions
  }
}
