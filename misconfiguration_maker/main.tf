# One misconfigured resource of each type. They are harmless: empty, closed to the network, or
# denied everything. `name` marks resources that `engine poll --only-use-test-resources` finds;
# resources that they depend on have other names, and are configured correctly.

data "aws_caller_identity" "here" {}
data "aws_region" "here" {}
data "aws_partition" "here" {}

locals {
  name   = "misconfiguration_maker"
  dashed = "misconfig-maker" # if a name may not contain an underscore
  parts  = "misconfigured"

  account         = data.aws_caller_identity.here.account_id
  region          = data.aws_region.here.name
  partition       = data.aws_partition.here.partition
  unknown_account = "arn:${local.partition}:iam::${var.unknown_account}:root"

  all_types = [
    "ami", "ec2", "ecs_service", "ecs_task_set", "elb", "elbv2", "iam_role", "iam_user", "kms_key",
    "lambda_function", "rds", "rds_snapshot", "redshift", "region", "s3_bucket", "security_group",
    "sqs",
  ]
  wanted = var.types == null ? toset(local.all_types) : var.types
  make   = { for type in local.all_types : type => contains(local.wanted, type) ? 1 : 0 }

  deny_everything = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }]
  })
}
