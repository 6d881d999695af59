# What an account has once: the role that the master account assumes, and the role by which events
# are sent to it. Both permission documents are what `engine generate permissions` prints.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "account" {
  description = "This account."
  type        = string
}

variable "master" {
  description = "The master account."
  type        = string
}

variable "external_id" {
  description = "External id that the role asks for. Empty: none."
  type        = string
}

variable "head" {
  description = "How the names of everything begin; empty, or a prefix and a hyphen."
  type        = string
}

variable "member_role" {
  description = "Name of the role that the master account assumes, with its beginning."
  type        = string
}

variable "remediate" {
  description = "Whether the role may write."
  type        = bool
}

variable "operators" {
  description = "ARNs of roles and users that may assume the role as well, to undo changes."
  type        = list(string)
}

variable "repair" {
  description = "Types that the role may write. Null: all of them."
  type        = list(string)
}

variable "bus" {
  description = "Name of the master account's buses."
  type        = string
}

locals {
  poller     = "arn:aws:iam::${var.master}:role/${var.head}poller"
  remediator = "arn:aws:iam::${var.master}:role/${var.head}remediator"
  condition  = { Condition = { StringEquals = { "sts:ExternalId" = var.external_id } } }
  trust = {
    Sid       = "PollerAndRemediator"
    Effect    = "Allow"
    Principal = { AWS = [local.poller, local.remediator] }
    Action    = "sts:AssumeRole"
  }
  # Whoever runs `engine undo`: what it takes back are writes of this role.
  operators = {
    Sid       = "Operators"
    Effect    = "Allow"
    Principal = { AWS = var.operators }
    Action    = "sts:AssumeRole"
  }
  entrances = concat([local.trust], [for statement in [local.operators] : statement if length(var.operators) > 0])
  # By these names the engine knows the events of its own changes, and leaves them out. Nobody else
  # is to hide behind one.
  session_names = {
    Sid       = "NamesOfChangingSessions"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "sts:AssumeRole"
    Condition = {
      StringLike   = { "sts:RoleSessionName" = "engine-change-*" }
      ArnNotEquals = { "aws:PrincipalArn" = concat([local.remediator], var.operators) }
    }
  }
  # A policy for each type, where not all may be written.
  writes = var.repair == null ? [file("${path.module}/../permissions_write.json")] : [
    for type in sort(var.repair) : file("${path.module}/../permissions_write/${type}.json")
  ]
  write_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = flatten([for text in local.writes : jsondecode(text).Statement])
  })
}

resource "aws_iam_role" "member" {
  name        = var.member_role
  description = "Audits this account's resources for account ${var.master}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for one in local.entrances : merge(one, { for name, value in local.condition : name => value if var.external_id != "" })],
      [local.session_names],
    )
  })
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.member.name
  policy = jsonencode(jsondecode(file("${path.module}/../permissions_read.json")))
}

resource "aws_iam_role_policy" "write" {
  count  = var.remediate && length(local.writes) > 0 ? 1 : 0
  name   = "write"
  role   = aws_iam_role.member.name
  policy = local.write_policy
}

resource "aws_iam_role" "event_forward" {
  name        = "${var.head}event_forward"
  description = "Sends this account's events to account ${var.master}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

resource "aws_iam_role_policy" "event_forward" {
  name = "event_forward"
  role = aws_iam_role.event_forward.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "arn:aws:events:*:${var.master}:event-bus/${var.bus}"
    }]
  })
}

output "role_arn" {
  description = "The role that the master account assumes."
  value       = aws_iam_role.member.arn
}

output "event_role_arn" {
  description = "The role by which events are sent."
  value       = aws_iam_role.event_forward.arn
}

output "names" {
  description = "What the roles are called."
  value       = [aws_iam_role.member.name, aws_iam_role.event_forward.name]
}

output "trust" {
  description = "Who may assume the role: statements of its trust policy."
  value       = jsondecode(aws_iam_role.member.assume_role_policy).Statement
}

output "read_policy" {
  description = "What the role may read."
  value       = aws_iam_role_policy.read.policy
}

output "write_policy" {
  description = "What the role may write: none where it may not."
  value       = aws_iam_role_policy.write[*].policy
}
