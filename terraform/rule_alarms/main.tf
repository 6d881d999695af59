# Alarms of one EventBridge rule: events that it could not deliver, events that it could not even send
# to the dead-letter queue, and throttling. Source: EventBridge User Guide, "Monitoring Amazon
# EventBridge" (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html): RuleName
# alone means the default bus, EventBusName and RuleName another bus; zero values are not sent.
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
  description = "Prefix of the alarms' names."
  type        = string
}

variable "rule" {
  description = "The rule's name."
  type        = string
}

variable "bus" {
  description = "Name of its bus. Empty: the default one."
  type        = string
  default     = ""
}

variable "alarm_topic_arn" {
  description = "Topic to which alarms are published."
  type        = string
}

locals {
  dimensions = merge({ RuleName = var.rule }, { for name in [var.bus] : "EventBusName" => name if name != "" })
  alarms = {
    undelivered = { metric = "FailedInvocations", about = "could not deliver events to its target; they are in its dead-letter queue" }
    lost        = { metric = "InvocationsFailedToBeSentToDlq", about = "lost events: neither its target nor its dead-letter queue accepted them" }
    throttled   = { metric = "ThrottledRules", about = "is throttled by EventBridge: events are late" }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "The rule ${var.rule} ${each.value.about}."
  namespace           = "AWS/Events"
  metric_name         = each.value.metric
  dimensions          = local.dimensions
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}

output "alarms" {
  description = "Metrics and topics of the alarms, by the alarms' names."
  value = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => {
    metric     = "${alarm.namespace}/${alarm.metric_name}"
    dimensions = alarm.dimensions
    missing    = alarm.treat_missing_data
    actions    = alarm.alarm_actions
  } }
}
