# What a region of an account has: a rule for each pattern of watched events, which sends them to the
# master account's bus in the same region.
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

variable "events" {
  description = "What is sent, where to, by which role."
  type = object({
    patterns       = any
    master         = string
    event_role_arn = string
    head           = string
    bus            = string
  })
}

locals {
  sources = [for pattern in var.events.patterns : trimprefix(pattern.source[0], "aws.")]
  # "sqs-1"; "sqs-2" where one service's events do not fit into one pattern.
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
  arn       = "arn:aws:events:${var.region}:${var.events.master}:event-bus/${var.events.bus}"
  role_arn  = var.events.event_role_arn
}

output "targets" {
  description = "Where each rule sends its events, by the rule's name."
  value       = { for target in aws_cloudwatch_event_target.master : target.rule => target.arn }
}
