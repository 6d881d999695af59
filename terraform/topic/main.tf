# An encrypted topic that is reached over TLS only, and published to by this account and, where it
# is for alarms, by its alarms.
terraform {
  required_version = ">= 1.9"
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

variable "kms_key_arn" {
  description = "The key that encrypts messages."
  type        = string
}

variable "for_alarms" {
  description = "Whether CloudWatch's alarms publish to it."
  type        = bool
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
  # A topic's policy replaces the default one, which lets the owner in.
  owner = {
    Sid       = "ThisAccountByItsOwnPolicies"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account}:root" }
    Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:SetTopicAttributes", "sns:Subscribe"]
    Resource  = aws_sns_topic.this.arn
  }
  alarms = {
    Sid       = "Alarms"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = "sns:Publish"
    Resource  = aws_sns_topic.this.arn
    Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
  }
}

resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.tls_only, local.owner], [for statement in [local.alarms] : statement if var.for_alarms])
  })
}

output "arn" {
  description = "The topic's ARN."
  value       = aws_sns_topic.this.arn
}
