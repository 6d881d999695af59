# Each region of an account has a rule for each pattern of watched events, which sends the events to the
# master account's bus in the same region, and a queue for events that the bus does not accept. The
# queue's alarm is published to the master account's topic, which has subscribers.
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

variable "events" {
  description = "Events that are sent, their destination, and the role that sends them."
  type = object({
    patterns       = any
    account        = string
    partition      = string
    master         = string
    event_role_arn = string
    head           = string
    bus            = string
  })
}

locals {
  sources = [for pattern in var.events.patterns : trimprefix(pattern.source[0], "aws.")]
  # "sqs-1"; also "sqs-2" if one service's events do not fit into one pattern.
  rules = {
    for i, pattern in var.events.patterns :
    "${local.sources[i]}-${1 + length([for earlier in slice(local.sources, 0, i) : earlier if earlier == local.sources[i]])}" => pattern
  }
}

resource "aws_cloudwatch_event_rule" "watched" {
  for_each      = local.rules
  name          = "${var.events.head}remediator-${each.key}"
  description   = "Calls that may leave a resource misconfigured"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "master" {
  for_each  = local.rules
  rule      = aws_cloudwatch_event_rule.watched[each.key].name
  target_id = "master"
  arn       = "arn:${var.events.partition}:events:${var.region}:${var.events.master}:event-bus/${var.events.bus}"
  role_arn  = var.events.event_role_arn
  dead_letter_config {
    arn = module.dead_letter.arn
  }
}

module "dead_letter" {
  source          = "../dead_letter"
  name            = "${var.events.head}event_forward"
  rule_arns       = [for name in sort(keys(local.rules)) : aws_cloudwatch_event_rule.watched[name].arn]
  about           = "The master account's bus did not accept events of account ${var.events.account} in ${var.region}."
  alarm_topic_arn = "arn:${var.events.partition}:sns:${var.region}:${var.events.master}:${var.events.head}remediator_event_translator_alarms"
}

output "targets" {
  description = "Destination of each rule's events, by the rule's name."
  value       = { for target in aws_cloudwatch_event_target.master : target.rule => target.arn }
}

output "dead_letters" {
  description = "Queue of events that were not accepted, by the rule's name."
  value       = { for target in aws_cloudwatch_event_target.master : target.rule => target.dead_letter_config[0].arn }
}

output "dead_letter" {
  description = "The queue of events that were not accepted, and its alarm."
  value       = module.dead_letter
}
