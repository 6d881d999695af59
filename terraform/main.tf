# The master account: schedule → poller → queue, events → translators → queue, queue → remediator →
# notifications. This folder has what exists once; regions.tf.json calls region/, which has what each
# region needs, once for each region.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  # Some services have the name of an endpoint as principal.
  dns_suffix = data.aws_partition.current.dns_suffix
  # Prefix of each name.
  head        = var.prefix == "" ? "" : "${var.prefix}-"
  bus         = "${local.head}remediator"
  member_role = "${local.head}${var.member_role}"
  # IAM User Guide, "Permissions boundaries for IAM entities": a managed policy of the same account.
  boundary = var.permissions_boundary == "" ? null : "arn:${local.partition}:iam::${local.account}:policy/${var.permissions_boundary}"
  patterns = concat(jsondecode(file("${path.module}/../member_account_setup/events_to_watch.json")), local.security_hub)
  # Events of Security Hub, by what they are about.
  security_hub = [
    for pattern in jsondecode(file("${path.module}/../member_account_setup/security_hub_events.json")) : pattern
    if contains(var.security_hub_events, can(pattern.detail.actionName) ? "action" : "imported")
  ]
  package_key   = coalesce(var.package_key, "engine-${var.architecture}.zip")
  master_bucket = "${var.lambda_bucket}-${var.master_region}"
  # The owner of each resource: deploy.sh refuses resources of another deployment or another owner.
  tags = merge(var.tags, { "remediator:deployment" = "${local.master_bucket}/terraform/${local.head}master.tfstate" })
  # This account is polled like the others.
  polled = concat(var.accounts, [
    for account in [local.account] : account
    if length(var.accounts) > 0 && !contains(var.accounts, account) && !contains(var.accounts, "!${account}")
  ])
  # Accounts that are named by their ids, which may send events.
  senders = [for account in sort(var.accounts) : account if can(regex("^[0-9]{12}$", account)) && account != local.account]

  # What may be repaired in this account, as the engine reads REPAIR: a text or a list of names for
  # every account; or an object of such lists (also as a text), in which the list of this account takes
  # precedence over that of its unit, and that over "*". Null: repair is not set.
  repair     = try(jsondecode(var.repair), var.repair)
  by_account = can(keys(local.repair))
  of_account = try(local.repair[local.account], local.repair["*"], slice(keys(local.repair), 0, 0), local.repair)
  own_names  = compact(split(",", replace(try(join(",", local.of_account), tostring(local.of_account)), "/\\s/", "")))
  own_repair = try(tostring(local.repair), "-") == "" ? null : local.own_names
  # Names in repair, of any account and unit, that the engine would refuse.
  all_checks      = jsondecode(file("${path.module}/../member_account_setup/checks.json"))
  all_names       = flatten([for names in try(values(local.repair), [local.repair]) : split(",", replace(try(join(",", names), tostring(names)), "/\\s/", ""))])
  known_repairs   = concat(["all"], flatten([for check in local.all_checks : [for type in concat([check.type], check.aliases) : [type, replace(check.id, "/^[^.]+/", type)]]]))
  unknown_repairs = sort(setsubtract(compact(local.all_names), local.known_repairs))
  # Only AWS Organizations knows the unit of this account.
  own_unit_unknown = local.by_account && !can(local.repair[local.account]) && can(regex("(^|,)ou-", join(",", keys(local.repair))))

  # Variables that all functions have.
  reports = {
    LOG_FORMAT = var.log_format == "json" ? "json" : ""
    METRICS    = var.metrics ? "" : "false"
  }

  # The object or parameter with the exception rules, which the remediator reads again and again. Null:
  # the rules are packed with the policies.
  rules_parameter = startswith(var.exceptions, "arn:") ? var.exceptions : "arn:${local.partition}:ssm:${var.master_region}:${local.account}:parameter/${trimprefix(trimprefix(var.exceptions, "ssm:"), "/")}"
  remote_rules = startswith(var.exceptions, "s3://") ? {
    Sid       = "ReadTheExceptions"
    Effect    = "Allow"
    Action    = "s3:GetObject"
    Resource  = "arn:${local.partition}:s3:::${trimprefix(var.exceptions, "s3://")}"
    Condition = { StringEquals = { "aws:ResourceAccount" = local.account } }
    } : can(regex("^(ssm|arn):", var.exceptions)) ? {
    Sid       = "ReadTheExceptions"
    Effect    = "Allow"
    Action    = "ssm:GetParameter"
    Resource  = local.rules_parameter
    Condition = { StringEquals = { "aws:ResourceAccount" = element(split(":", local.rules_parameter), 4) } }
  } : null

  deployment = {
    environment        = local.reports
    head               = local.head
    bucket             = local.master_bucket
    key                = local.package_key
    layers             = aws_lambda_layer_version.policies[*].arn
    exceptions         = var.exceptions == "" || local.remote_rules != null ? "" : "/opt/exceptions.${regex("[a-z]+$", var.exceptions)}"
    architecture       = var.architecture
    memory_size        = var.memory_size
    log_retention_days = var.log_retention_days
    log_kms_key_arn    = var.encrypt_logs ? module.key.arn : null
  }

  # Arguments of the modules in regions.tf.json.
  shared = {
    account         = local.account
    partition       = local.partition
    dns_suffix      = local.dns_suffix
    organization_id = var.organization_id
    senders         = local.senders
    head            = local.head
    bus             = local.bus
    busy_regions    = coalesce(var.busy_regions, [contains(local.heard_regions, var.master_region) ? var.master_region : local.home_region])
    patterns        = local.patterns
    role_arn        = aws_iam_role.this["event_translator"].arn
    environment = merge(local.reports, {
      SQS           = module.resource_queue.url
      POLL_QUEUE    = module.poll_queue.url
      MASTER_REGION = var.master_region
      MEMBER_ROLE   = local.member_role
    })
    bucket_prefix      = var.lambda_bucket
    package_key        = local.package_key
    policies_key       = var.policies_key
    architecture       = var.architecture
    memory_size        = var.memory_size
    log_retention_days = var.log_retention_days
    encrypt_logs       = var.encrypt_logs
  }
  events = {
    patterns       = local.patterns
    account        = local.account
    partition      = local.partition
    master         = local.account
    event_role_arn = module.own_account.event_role_arn
    head           = local.head
    bus            = local.bus
  }
}

check "regions" {
  assert {
    condition     = toset(local.module_regions) == toset(local.heard_regions)
    error_message = "regions.tf.json is for ${join(", ", local.module_regions)}, but regions requires ${join(", ", local.heard_regions)}: run deploy.sh, or regions.sh and terraform init."
  }
}

check "members_are_heard" {
  assert {
    condition     = var.organization_id != "" || (var.org_account == "" && !anytrue([for word in var.accounts : startswith(word, "@")]))
    error_message = "Accounts are named by org_account or by a file, but organization_id is not set: only accounts that accounts names by their ids can send their events, and alarms about events, to this account (${length(local.senders)} besides this one). Changes in the others are found only by polling. Set organization_id to receive events from all of them."
  }
}

module "key" {
  source     = "./key"
  alias      = "${local.head}remediator"
  account    = local.account
  partition  = local.partition
  dns_suffix = local.dns_suffix
  region     = var.master_region
}

module "notifications" {
  source      = "./topic"
  name        = "${local.head}remediator_notifications"
  account     = local.account
  partition   = local.partition
  kms_key_arn = module.key.arn
  for_alarms  = false
  # An alarm reports findings that could not be delivered.
  failure_topic_arn = module.alarms.arn
}

module "alarms" {
  source      = "./topic"
  name        = "${local.head}remediator_alarms"
  account     = local.account
  partition   = local.partition
  kms_key_arn = module.key.arn
  for_alarms  = true
}

module "resource_queue" {
  source            = "./queue"
  name              = "${local.head}remediator-resource-queue"
  delay_seconds     = var.delay_seconds
  function_timeout  = var.remediator_timeout
  age_alarm_seconds = var.queue_age_alarm_seconds
  alarm_topic_arn   = module.alarms.arn
}

module "poll_queue" {
  source            = "./queue"
  name              = "${local.head}remediator-poll-queue"
  function_timeout  = var.poller_timeout
  age_alarm_seconds = var.queue_age_alarm_seconds
  alarm_topic_arn   = module.alarms.arn
}

# This account is a member as well.
module "own_account" {
  source      = "../member_account_setup/account"
  account     = local.account
  partition   = local.partition
  master      = local.account
  external_id = var.external_id
  head        = local.head
  member_role = local.member_role
  remediate   = var.remediate && var.remediate_own_account
  operators   = var.operators
  repair      = local.own_repair
  spared      = lookup(var.remediation_module_exception, local.account, [])
  sensitive   = var.sensitive_roles
  sends       = var.security_hub
  bus         = local.bus
  boundary    = local.boundary
  # Its trust policy names these roles, which must exist.
  depends_on = [aws_iam_role.this]
}
