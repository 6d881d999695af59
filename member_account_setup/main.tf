# A member account: the role that audits (and repairs, if allowed), and the rules that send events to
# the master account. Use the account's own credentials. regions.tf.json calls region/, which has the
# rules, once for each region.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# IAM is the same in all regions of a partition.
provider "aws" {
  region = local.home_region
  default_tags {
    tags = local.tags
  }
}

locals {
  # Prefix of each name.
  head = var.prefix == "" ? "" : "${var.prefix}-"
  bus  = "${local.head}remediator"
  # IAM User Guide, "Permissions boundaries for IAM entities": a managed policy of the same account.
  boundary = var.permissions_boundary == "" ? null : "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:policy/${var.permissions_boundary}"
  # The owner of each resource: member.sh refuses resources of another owner.
  tags = merge(var.tags, { "remediator:deployment" = "${var.master}/${local.head}member" })
  # Events of Security Hub, by what they are about.
  security_hub = [
    for pattern in jsondecode(file("${path.module}/security_hub_events.json")) : pattern
    if contains(var.security_hub_events, can(pattern.detail.actionName) ? "action" : "imported")
  ]
  events = {
    patterns       = concat(jsondecode(file("${path.module}/events_to_watch.json")), local.security_hub)
    account        = data.aws_caller_identity.current.account_id
    partition      = data.aws_partition.current.partition
    master         = var.master
    event_role_arn = module.account.event_role_arn
    head           = local.head
    bus            = local.bus
  }
}

check "regions" {
  assert {
    condition     = toset(local.module_regions) == toset(local.heard_regions)
    error_message = "regions.tf.json is for ${join(", ", local.module_regions)}, but regions requires ${join(", ", local.heard_regions)}: run member.sh, or regions.sh and terraform init."
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

module "account" {
  source      = "./account"
  account     = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  master      = var.master
  external_id = var.external_id
  head        = local.head
  member_role = "${local.head}${var.member_role}"
  remediate   = var.remediate
  operators   = var.operators
  repair      = var.repair
  sensitive   = var.sensitive_roles
  sends       = var.security_hub
  bus         = local.bus
  boundary    = local.boundary
}

output "role_arn" {
  description = "The role that the master account assumes."
  value       = module.account.role_arn
}

output "regions" {
  description = "Regions whose events are sent."
  value       = local.module_regions
  precondition {
    condition     = toset(local.module_regions) == toset(local.heard_regions)
    error_message = "regions.tf.json and regions differ: run regions.sh and terraform init."
  }
}
