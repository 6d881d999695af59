output "master" {
  description = "This account: what members are told as master."
  value       = local.account
}

output "regions" {
  description = "Regions whose events are heard."
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
    error_message = "repair names units and not this account, of which Terraform does not know the unit: so it cannot say what the role in this account is to write. Name it in repair, as \"${local.account}\" = [\"sqs\"]: its own list counts before that of its unit."
  }
}

output "resource_queue_url" {
  description = "Where resource lines are sent to."
  value       = module.resource_queue.url
}

output "resource_dead_letter_url" {
  description = "Where resource lines end that nobody could read."
  value       = module.resource_queue.dead_letter_url
}

output "poll_queue_url" {
  description = "The poller's own queue."
  value       = module.poll_queue.url
}

output "poll_dead_letter_url" {
  description = "Where units of polling end that failed each time."
  value       = module.poll_queue.dead_letter_url
}

output "notification_topic_arn" {
  description = "Where findings are published; subscribe to it."
  value       = module.notifications.arn
}

output "alarm_topic_arn" {
  description = "Where alarms are published; subscribe to it. Each region has remediator_event_translator_alarms besides."
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
  description = "Bytes of the functions' variables."
  value       = local.environment_sizes
  precondition {
    condition     = max([for name, size in local.environment_sizes : size]...) <= 3584
    error_message = "Lambda takes 4096 bytes of variables, of which 512 are names of queues and topics; these are longer: ${jsonencode(local.environment_sizes)}. Shorten the longest lists: of accounts, org or units (org:ou-...) stand for any number that is polled, and @NAME for any file of lists; org_account for all that are known; repair takes units as well; a file of exceptions leaves any number of accounts and resources alone."
  }
  precondition {
    condition     = var.lists == "" || var.policies_key != null
    error_message = "lists come with the package of policies: use deploy.sh, or set policies_key to a package that holds the files."
  }
}
