output "master" {
  description = "This account: the value of the members' variable master."
  value       = local.account
}

output "regions" {
  description = "Regions whose events are received."
  value       = local.module_regions
  precondition {
    condition     = toset(local.module_regions) == toset(local.heard_regions)
    error_message = "regions.tf.json and regions differ: run deploy.sh, or regions.sh and terraform init."
  }
}

output "own_account_writes" {
  description = "Types that the role in this account may write."
  value       = module.own_account.writes
  precondition {
    condition     = !(var.remediate && var.remediate_own_account && local.own_unit_unknown)
    error_message = "repair names units but not this account, and Terraform does not know the unit of this account. So it cannot decide which types the role in this account may write. Name the account in repair, as \"${local.account}\" = [\"sqs\"]: its own list takes precedence over that of its unit."
  }
  precondition {
    condition     = length(local.unknown_repairs) == 0
    error_message = "repair names what is neither a check nor a type: ${join(", ", local.unknown_repairs)}. The remediator would refuse the setting. docs/checks.md lists the checks."
  }
}

output "resource_queue_url" {
  description = "Queue to which resource lines are sent."
  value       = module.resource_queue.url
}

output "resource_dead_letter_url" {
  description = "Dead-letter queue of resource lines that could not be processed."
  value       = module.resource_queue.dead_letter_url
}

output "poll_queue_url" {
  description = "The poller's own queue."
  value       = module.poll_queue.url
}

output "poll_dead_letter_url" {
  description = "Dead-letter queue of the poller's messages that failed each time."
  value       = module.poll_queue.dead_letter_url
}

output "notification_topic_arn" {
  description = "Topic to which findings are published; subscribe to it."
  value       = module.notifications.arn
}

output "alarm_topic_arn" {
  description = "Topic to which alarms are published; subscribe to it. Each region also has a topic remediator_event_translator_alarms."
  value       = module.alarms.arn
}

output "package_key" {
  description = "Key of the functions' package that is deployed; note it for a rollback."
  value       = local.package_key
}

output "policies_key" {
  description = "Key of the package of policies that is deployed; note it for a rollback."
  value       = var.policies_key
}

output "environment_sizes" {
  description = "Sizes of the functions' variables, in bytes."
  value       = local.environment_sizes
  precondition {
    condition     = max([for name, size in local.environment_sizes : size]...) <= 3584
    error_message = "Lambda allows 4096 bytes of variables, of which 512 are for names of queues and topics; these are longer: ${jsonencode(local.environment_sizes)}. Shorten the longest lists. In accounts, use org or units (org:ou-...) for any number of polled accounts, or @NAME for a file of lists. Use org_account to trust all accounts of the organization, units in repair, and a file of exceptions for any number of accounts and resources that are left alone."
  }
  precondition {
    condition     = var.lists == "" || var.policies_key != null
    error_message = "Files of lists are in the package of policies: use deploy.sh, or set policies_key to a package that contains the files."
  }
}
