# A queue with its dead-letter queue, both encrypted (SSE-SQS) and accessible over TLS only, and alarms
# for messages that wait too long or failed too often.
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
  description = "The queue's name; its dead-letter queue is NAME-dead-letter."
  type        = string
}

variable "delay_seconds" {
  description = "Seconds before a message can be received."
  type        = number
  default     = 0
}

variable "function_timeout" {
  description = "Timeout of the function that reads the queue."
  type        = number
}

variable "age_alarm_seconds" {
  description = "An alarm is raised if the oldest message is older than this, in seconds."
  type        = number
}

variable "alarm_topic_arn" {
  description = "Topic to which alarms are published."
  type        = string
}

locals {
  days   = 24 * 60 * 60
  queues = { queue = aws_sqs_queue.this, dead_letter = aws_sqs_queue.dead_letter }
}

# Visibility and receive count: AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS
# event source mapping" (six times the function's timeout; at least five).
resource "aws_sqs_queue" "this" {
  name                       = var.name
  delay_seconds              = var.delay_seconds
  visibility_timeout_seconds = 6 * var.function_timeout
  message_retention_seconds  = 4 * local.days
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${var.name}-dead-letter"
  message_retention_seconds = 14 * local.days
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each  = local.queues
  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "${var.name}-age"
  alarm_description   = "Messages in ${var.name} wait longer than ${var.age_alarm_seconds} seconds: its function is too slow, or does not run."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.age_alarm_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "Messages from ${var.name} failed too often; they are in ${aws_sqs_queue.dead_letter.name}."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letter.name }
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

output "dead_letter_url" {
  description = "The dead-letter queue's URL."
  value       = aws_sqs_queue.dead_letter.url
}

output "queue" {
  description = "Settings of the queue."
  value       = aws_sqs_queue.this
}
