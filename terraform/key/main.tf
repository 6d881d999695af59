# A key with which CloudWatch alarms can publish to encrypted topics (they cannot with AWS's own key
# for SNS), and with which CloudWatch Logs can encrypt the functions' logs. Source: Amazon SNS
# Developer Guide, "Key management" (event sources); CloudWatch Logs User Guide, "Encrypt log data";
# for its principal: AWS provider for Terraform, data source aws_service_principal.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "alias" {
  description = "Name of the key, without alias/."
  type        = string
}

variable "account" {
  description = "The account that the key is in."
  type        = string
}

variable "partition" {
  description = "The account's partition, such as aws."
  type        = string
}

variable "dns_suffix" {
  description = "End of the names of the partition's endpoints, such as amazonaws.com."
  type        = string
}

variable "region" {
  description = "The region that the key is in."
  type        = string
}

variable "members" {
  description = "Other accounts whose alarms use the key: those of an organization, or named ones. Empty: none."
  type        = object({ organization = string, accounts = list(string) })
  default     = { organization = "", accounts = [] }
  nullable    = false
}

locals {
  alarms = {
    Sid       = "Alarms"
    Effect    = "Allow"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
    Resource  = "*"
    Condition = { StringEquals = { "aws:SourceAccount" = concat([var.account], var.members.accounts) } }
  }
  organization = merge(local.alarms, {
    Sid       = "AlarmsOfTheOrganization"
    Condition = { StringEquals = { "aws:SourceOrgID" = var.members.organization } }
  })
}

resource "aws_kms_key" "this" {
  description             = "Topics and logs of ${var.alias}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "ThisAccountByItsOwnPolicies"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.partition}:iam::${var.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      local.alarms,
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.${var.dns_suffix}" }
        Action    = ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${var.partition}:logs:${var.region}:${var.account}:log-group:/aws/lambda/*"
          }
        }
      },
    ], [for statement in [local.organization] : statement if var.members.organization != ""])
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.alias}"
  target_key_id = aws_kms_key.this.key_id
}

output "arn" {
  description = "The key's ARN."
  value       = aws_kms_key.this.arn
}

output "policy" {
  description = "Statements of its policy: who may use it."
  value       = jsondecode(aws_kms_key.this.policy).Statement
}
