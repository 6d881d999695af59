# Each account has one role that the master account assumes, and one role that sends events to the
# master account. `engine generate permissions` prints both permission documents.
terraform {
  required_version = ">= 1.11"
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

variable "partition" {
  description = "The account's partition, such as aws."
  type        = string
}

variable "master" {
  description = "The master account."
  type        = string
}

variable "external_id" {
  description = "External id that the role requires. Empty: none."
  type        = string
}

variable "head" {
  description = "Prefix of all names, with its hyphen; or empty."
  type        = string
}

variable "member_role" {
  description = "Name of the role that the master account assumes, with the prefix."
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
  description = "Checks and types that may be repaired, or all. Null: what the engine repairs by default."
  type        = list(string)
}

variable "spared" {
  description = "Types that are not repaired in this account, whatever repair names."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "sensitive" {
  description = "ARNs, with * and ?, of more roles and users that are never written."
  type        = list(string)
}

variable "sends" {
  description = "Whether the role may import findings into Security Hub."
  type        = bool
}

variable "boundary" {
  description = "ARN of the managed policy that is the roles' permissions boundary. Null: none."
  type        = string
}

variable "bus" {
  description = "Name of the master account's buses."
  type        = string
}

locals {
  poller     = "arn:${var.partition}:iam::${var.master}:role/${var.head}poller"
  remediator = "arn:${var.partition}:iam::${var.master}:role/${var.head}remediator"
  condition  = { Condition = { StringEquals = { "sts:ExternalId" = var.external_id } } }
  trust = {
    Sid       = "PollerAndRemediator"
    Effect    = "Allow"
    Principal = { AWS = [local.poller, local.remediator] }
    Action    = "sts:AssumeRole"
  }
  # Operators run `engine undo`, which needs this role to write.
  operators = {
    Sid       = "Operators"
    Effect    = "Allow"
    Principal = { AWS = var.operators }
    Action    = "sts:AssumeRole"
  }
  entrances = concat([local.trust], [for statement in [local.operators] : statement if length(var.operators) > 0])
  # The engine recognizes the events of its own changes by these session names, and ignores them. So
  # nobody else may use such a name.
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
  # IAM permissions are granted by type, not by check: the role may write each type that has a check
  # to repair. By default, as in the engine, these are checks whose repair at most interrupts.
  checks = [for check in jsondecode(file("${path.module}/../checks.json")) : check if check.fix]
  types = merge([for check in local.checks : merge(
    { (check.type) = check.type, (check.id) = check.type },
    { for alias in check.aliases : alias => check.type },
  )]...)
  asked = coalesce(var.repair, [
    for check in local.checks : check.id if contains(["none", "interrupts"], check.impact)
  ])
  # A check may also be named by another name of its type.
  typed  = { for name in distinct(concat(local.asked, var.spared)) : name => lookup(local.types, name, lookup(local.types, split(".", name)[0], "")) }
  named  = contains(local.asked, "all") ? values(local.types) : [for name in local.asked : local.typed[name]]
  spared = [for name in var.spared : local.typed[name]]
  # A policy for each type.
  repaired = sort(setsubtract(compact(local.named), local.spared))
  writes   = [for type in local.repaired : file("${path.module}/../permissions_write/${type}.json")]
  # `engine generate` writes ARNs of the partition aws only.
  generated        = "\"arn:aws:"
  arn              = "\"arn:${var.partition}:"
  write_statements = flatten([for text in local.writes : jsondecode(replace(text, local.generated, local.arn)).Statement])
  # These roles are never changed: a change of who may assume this role, those of the functions, or a
  # role that administers the account could raise the rights of the functions or of whoever controls
  # them. Source of the names: AWS Organizations User Guide, "Accessing member accounts"
  # (OrganizationAccountAccessRole); CloudFormation User Guide, "Prerequisites for using StackSets" and
  # "Activate trusted access"; AWS Control Tower User Guide, "How AWS Control Tower works with roles";
  # IAM Identity Center User Guide, "Referencing permission sets in resource policies" (aws-reserved).
  sensitive = concat(
    [for name in concat([var.member_role, "${var.head}event_forward"], var.account == var.master ? [
      "${var.head}poller", "${var.head}remediator", "${var.head}event_translator"
    ] : []) : "arn:${var.partition}:iam::${var.account}:role/${name}"],
    [for name in [
      "OrganizationAccountAccessRole", "*AWSControlTower*", "AWSCloudFormationStackSet*", "stacksets-exec-*",
      "aws-reserved/*", "aws-service-role/*"
    ] : "arn:${var.partition}:iam::*:role/${name}"],
    var.operators,
    var.sensitive,
  )
  writes_of_iam = distinct(sort([
    for action in flatten([for statement in jsondecode(file("${path.module}/../permissions_write.json")).Statement : statement.Action]) :
    action if startswith(action, "iam:")
  ]))
  never = {
    Sid      = "NeverTheirOwnRights"
    Effect   = "Deny"
    Action   = local.writes_of_iam
    Resource = local.sensitive
  }
  write_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.write_statements, [local.never])
  })
}

resource "aws_iam_role" "member" {
  name                 = var.member_role
  description          = "Audits this account's resources for account ${var.master}"
  permissions_boundary = var.boundary
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
  policy = jsonencode(jsondecode(replace(file("${path.module}/../permissions_read.json"), local.generated, local.arn)))
}

resource "aws_iam_role_policy" "write" {
  count  = var.remediate && length(local.writes) > 0 ? 1 : 0
  name   = "write"
  role   = aws_iam_role.member.name
  policy = local.write_policy
}

# Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Security
# Hub": the product of the account itself, to which anyone in it may import findings.
resource "aws_iam_role_policy" "security_hub" {
  count = var.sends ? 1 : 0
  name  = "security_hub"
  role  = aws_iam_role.member.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "securityhub:BatchImportFindings"
      Resource = "arn:${var.partition}:securityhub:*:${var.account}:product/${var.account}/default"
    }]
  })
}

resource "aws_iam_role" "event_forward" {
  name                 = "${var.head}event_forward"
  description          = "Sends this account's events to account ${var.master}"
  permissions_boundary = var.boundary
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
      Resource = "arn:${var.partition}:events:*:${var.master}:event-bus/${var.bus}"
    }]
  })
}

output "role_arn" {
  description = "The role that the master account assumes."
  value       = aws_iam_role.member.arn
}

output "event_role_arn" {
  description = "The role that sends events."
  value       = aws_iam_role.event_forward.arn
}

output "names" {
  description = "Names of the roles."
  value       = [aws_iam_role.member.name, aws_iam_role.event_forward.name]
}

output "boundaries" {
  description = "The roles' permissions boundaries; null: none."
  value       = [aws_iam_role.member.permissions_boundary, aws_iam_role.event_forward.permissions_boundary]
}

output "trust" {
  description = "Statements of the role's trust policy: who may assume it."
  value       = jsondecode(aws_iam_role.member.assume_role_policy).Statement
}

output "read_policy" {
  description = "The role's policy about what it may read."
  value       = aws_iam_role_policy.read.policy
}

output "writes" {
  description = "Types that the role may write."
  value       = var.remediate ? local.repaired : []
}

output "security_hub_policy" {
  description = "The role's policy about what it may import: empty if it may not."
  value       = aws_iam_role_policy.security_hub[*].policy
}

output "write_policy" {
  description = "The role's policy about what it may write: empty if it may not write."
  value       = aws_iam_role_policy.write[*].policy
}
