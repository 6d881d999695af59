# Regions, accounts and names

variable "master_region" {
  description = "Region of the queues, topics, poller and remediator. Global services (IAM, the list of buckets) are polled once, from this region. Choose it before the first deployment: Terraform's state is in this region's bucket. If the region is disabled by default, each account must enable it, because STS there issues the sessions."
  type        = string
  default     = "us-east-1"
  nullable    = false
  validation {
    condition     = can(regex("^(af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov)-[a-z]+-[0-9]+$", var.master_region))
    error_message = "master_region must be a region, such as us-east-1."
  }
  validation {
    condition     = try(regex("^(cn|us-gov)-", var.master_region)[0], "") == try(regex("^(cn|us-gov)-", var.regions[0])[0], "")
    error_message = "master_region is in another partition than regions: set both, such as cn-north-1 and [\"cn-north-1\", \"cn-northwest-1\"]."
  }
}

variable "regions" {
  description = "Regions that are polled and whose events are received. Events of us-east-1 (cn-north-1 in China, us-gov-west-1 in GovCloud) are always received, because IAM sends its events only there. deploy.sh writes regions.tf.json for these regions."
  type        = list(string)
  default     = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]
  nullable    = false
  validation {
    condition = length(var.regions) > 0 && alltrue([
      for region in var.regions : can(regex("^(af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov)-[a-z]+-[0-9]+$", region))
    ])
    error_message = "regions must be a list of at least one region, such as us-east-1."
  }
  validation {
    condition     = length(var.regions) == length(distinct(var.regions))
    error_message = "regions names a region twice."
  }
  validation {
    condition     = length(distinct([for region in var.regions : try(regex("^(cn|us-gov)-", region)[0], "")])) <= 1
    error_message = "regions are in more than one partition: deploy China, GovCloud and the others separately, each in accounts of its own."
  }
}

variable "poll_all_regions" {
  description = "true: the poller lists, in each account, all regions that are enabled there, also those that regions does not name. Their events are not received, so changes there are found by the next round."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  # IAM and other global services send their events to the region of IAM's control plane. Source: IAM User
  # Guide, "Resilience in AWS Identity and Access Management"
  # (https://docs.aws.amazon.com/IAM/latest/UserGuide/disaster-recovery-resiliency.html); Getting Started
  # with Amazon Web Services in China, "Amazon Identity and Access Management"
  # (https://docs.amazonaws.cn/en_us/aws/latest/userguide/iam.html); for GovCloud botocore's endpoints.json,
  # in which requests to IAM are signed for us-gov-west-1.
  home_region   = lookup({ "cn-" = "cn-north-1", "us-gov-" = "us-gov-west-1" }, try(regex("^(?:cn-|us-gov-)", var.regions[0]), ""), "us-east-1")
  heard_regions = distinct(concat(var.regions, [local.home_region]))
}

variable "accounts" {
  description = "Accounts that are polled: ids; \"org\" for all active accounts of org_account's organization; \"org:ou-...\" for those of a unit and of the units within it; \"!111122223333\" to exclude an account. This account is polled as well, unless you exclude it. Empty: only this account. Accounts that are named by their ids may send events to the buses here."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([
      for account in var.accounts :
      can(regex("^(!?[0-9]{12}|@[A-Za-z0-9][A-Za-z0-9._-]*|org|org:(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}))$", account))
    ])
    error_message = "accounts must be a list of account ids of 12 digits (with ! before those to exclude), org, org:ou-... of units, and @NAME of lists."
  }
  validation {
    condition     = length(var.accounts) == length(distinct(var.accounts))
    error_message = "accounts names an account twice."
  }
  validation {
    condition     = length(var.accounts) == 0 || anytrue([for account in var.accounts : !startswith(account, "!")])
    error_message = "accounts only excludes accounts: name some to poll, or org."
  }
  validation {
    condition     = var.org_account != "" || alltrue([for account in var.accounts : !startswith(account, "org")])
    error_message = "accounts names the organization: set org_account, in which its accounts can be listed."
  }
}

variable "organization_id" {
  description = "Id of the organization whose accounts may send events to the buses here, such as o-a1b2c3d4e5. Empty: only the accounts in accounts may."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.organization_id))
    error_message = "organization_id must be empty or an id such as o-a1b2c3d4e5."
  }
}

variable "prefix" {
  description = "Prefix of the names of everything that is created here, and of the state, so that a second deployment can exist beside the first one: second makes second-poller. Give the members the same prefix. Empty: names without a prefix."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{0,18}[a-z0-9])?$", var.prefix))
    error_message = "prefix must be empty or 2 to 20 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "tags" {
  description = "Tags of everything that is created here."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition = length(var.tags) <= 40 && alltrue([
      for name, value in var.tags : length(name) >= 1 && length(name) <= 128 && length(value) <= 256 && !startswith(lower(name), "aws:")
    ])
    error_message = "tags may have at most 40 names of 1 to 128 characters, none of which begins with aws:, and values of at most 256 characters."
  }
}

# The deployed packages

variable "lambda_bucket" {
  description = "Prefix of the buckets that hold the packages: PREFIX-REGION, as setup.sh creates them."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,40}$", var.lambda_bucket))
    error_message = "lambda_bucket must be 2 to 41 lower-case letters, digits and hyphens, so that PREFIX-REGION names a bucket."
  }
}

variable "architecture" {
  description = "Processor of the functions: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false
  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "package_key" {
  description = "Key of the functions' package in each bucket. deploy.sh prints it. If it is set together with policies_key, deploy.sh deploys that package and builds none. Null: the package that deploy.sh builds; without deploy.sh engine-ARCHITECTURE.zip."
  type        = string
  default     = null
  validation {
    condition     = var.package_key == null ? true : can(regex("^[A-Za-z0-9._/-]{1,512}$", var.package_key))
    error_message = "package_key must be the key of an object, of letters, digits and ._/-"
  }
}

variable "policies_key" {
  description = "Key of the package of policies and models in each bucket. deploy.sh prints it. Null: the policies and models in the functions' package are used."
  type        = string
  default     = null
  validation {
    condition     = var.policies_key == null ? true : can(regex("^[A-Za-z0-9._/-]{1,512}$", var.policies_key))
    error_message = "policies_key must be the key of an object, of letters, digits and ._/-"
  }
}

variable "lists" {
  description = "Folder of lists on the machine that deploys, relative to the folder terraform. \"@NAME\" in accounts, known_accounts and dev_accounts stands for the words in the file NAME of that folder, which deploy.sh packs with the policies. So a list may be longer than Lambda's limit for variables. Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = !can(regex("[\"\\n]", var.lists))
    error_message = "lists must be empty or the path of a folder."
  }
  validation {
    condition     = var.lists != "" || !anytrue([for word in concat(var.accounts, var.known_accounts, var.dev_accounts) : startswith(word, "@")])
    error_message = "accounts, known_accounts or dev_accounts names a list (@NAME): set lists to the folder that contains it."
  }
}

variable "exceptions" {
  description = "File of exception rules (.json or .lua) on the machine that deploys, relative to the folder terraform; deploy.sh packs it with the policies. Or rules that can change without a deployment: an object in a bucket of this account (s3://bucket/key), or a parameter of Systems Manager (ssm:/name in the master region, or an ARN). Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^*?$]*[^/*?$]|ssm:/?[a-zA-Z0-9_.-][a-zA-Z0-9_./-]*|arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[a-zA-Z0-9_./-]+)$", var.exceptions)) || (can(regex("^(.+[.](json|lua))?$", var.exceptions)) && !can(regex("^(s3:|ssm:|arn:)", var.exceptions)))
    error_message = "exceptions must be empty, the path of a .json or .lua file, s3://bucket/key, ssm:/name or the ARN of a parameter."
  }
}

# Roles and trust

variable "member_role" {
  description = "Name of the role in every account that the poller and the remediator assume."
  type        = string
  default     = "member_remediator"
  nullable    = false
  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.member_role)) && var.member_role != "none"
    error_message = "member_role must be a role's name of 1 to 64 letters, digits and _+=,.@- (not none)."
  }
  validation {
    condition     = length(var.prefix == "" ? var.member_role : "${var.prefix}-${var.member_role}") <= 64
    error_message = "member_role with prefix before it is longer than the 64 characters of a role's name."
  }
}

variable "external_id" {
  description = "External id that the member roles require. Empty: none is required. It is not a secret, but you should set it."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([A-Za-z0-9_+=,.@:/-]{2,})?$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must be empty or 2 to 1224 letters, digits and _+=,.@:/-"
  }
}

variable "permissions_boundary" {
  description = "Managed policy of this account that is the permissions boundary of each role here: its name, such as boundary or security/boundary. Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*)?$", var.permissions_boundary)) && length(var.permissions_boundary) <= 512
    error_message = "permissions_boundary must be empty or the name of a managed policy, with its path but without a slash before it, such as security/boundary (not an ARN)."
  }
}

variable "org_account" {
  description = "Account in which the organization's accounts can be listed; if it is set, they are all trusted. Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([0-9]{12})?$", var.org_account))
    error_message = "org_account must be empty or an account id of 12 digits."
  }
}

variable "known_accounts" {
  description = "Accounts, organizations (o-...), units (ou-...) and roots (r-...) that are trusted besides the polled accounts, this one and those of org_account."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition = alltrue([
      for id in var.known_accounts :
      can(regex("^([0-9]{12}|@[A-Za-z0-9][A-Za-z0-9._-]*|o-[a-z0-9]{10,32}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$", id))
    ])
    error_message = "known_accounts must be a list of account ids of 12 digits and ids of organizations (o-...), units (ou-...) and roots (r-...)."
  }
}

# Settings of checks

variable "dev_accounts" {
  description = "Accounts of developers, in which instances must not be public."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for account in var.dev_accounts : can(regex("^([0-9]{12}|@[A-Za-z0-9][A-Za-z0-9._-]*)$", account))])
    error_message = "dev_accounts must be a list of account ids of 12 digits, and of @NAME of lists."
  }
}

variable "log_account" {
  description = "Account to whose buckets Config and CloudTrail must deliver. Empty: not checked."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([0-9]{12})?$", var.log_account))
    error_message = "log_account must be empty or an account id of 12 digits."
  }
}

variable "guardduty_master_account" {
  description = "Account that must administer the GuardDuty detectors. Empty: not checked."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([0-9]{12})?$", var.guardduty_master_account))
    error_message = "guardduty_master_account must be empty or an account id of 12 digits."
  }
}

variable "required_tags" {
  description = "Names of the tags that resources must have. Empty: not checked."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for tag in var.required_tags : can(regex("^[^,\\s][^,]{0,127}$", tag))])
    error_message = "required_tags must be a list of tag names of 1 to 128 characters without commas."
  }
}

variable "db_check_time" {
  description = "Minutes to wait before a new database is audited."
  type        = number
  default     = 60
  nullable    = false
  validation {
    condition     = var.db_check_time >= 0 && var.db_check_time <= 527040 && floor(var.db_check_time) == var.db_check_time
    error_message = "db_check_time must be a whole number of minutes from 0 to 527040 (a year)."
  }
}

variable "password_min_length" {
  description = "Minimum length that the accounts' password policies must require. Null: the default of the resource type's policy."
  type        = number
  default     = null
  validation {
    condition     = var.password_min_length == null ? true : (var.password_min_length >= 8 && var.password_min_length <= 128 && floor(var.password_min_length) == var.password_min_length)
    error_message = "password_min_length must be null or a whole number from 8 to 128."
  }
}

# Repairs

variable "remediate" {
  description = "true: misconfigured resources are repaired, in the accounts whose role may write. false: they are only reported."
  type        = bool
  default     = false
  nullable    = false
}

variable "plans" {
  description = "s3://BUCKET/PREFIX in a bucket of this account (PLANS): the remediator writes a plan for each resource that it could repair to this bucket, and changes nothing; a person, or a pipeline, makes its calls with engine apply. Null: no plans. remediate must be false here."
  type        = string
  default     = null
  validation {
    condition     = var.plans == null ? true : can(regex("^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=+-]+)*/?$", var.plans)) && !var.remediate
    error_message = "plans must be null or s3://BUCKET/PREFIX, with letters, digits and ._=+- in the prefix, and remediate must be false: a plan takes the place of the change."
  }
}

variable "bucket_owner" {
  description = "Account that the buckets of plans and exceptions belong to (BUCKET_OWNER): S3 refuses calls for a bucket of another one. Null: only the policies of the functions' roles say so; they allow buckets of this account alone."
  type        = string
  default     = null
  validation {
    condition     = var.bucket_owner == null ? true : can(regex("^[0-9]{12}$", var.bucket_owner))
    error_message = "bucket_owner must be null or an account id of 12 digits."
  }
}

variable "remediate_own_account" {
  description = "true: if remediate is true as well, the role in this account may write the types that repair names for this account. false: it can only read, because this account holds the queues, keys and roles of the functions."
  type        = bool
  default     = false
  nullable    = false
}

variable "sensitive_roles" {
  description = "ARNs, with * and ?, of roles and users in this account that are never repaired: name those of your administrators. The functions' roles and AWS's own are never repaired in any case."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for arn in var.sensitive_roles : can(regex("^arn:aws(-cn|-us-gov)?:iam::([0-9]{12}|[*]):(role|user)/[A-Za-z0-9_+=,.@/*?-]+$", arn))])
    error_message = "sensitive_roles must be a list of ARNs of roles and users, such as arn:aws:iam::*:role/admin-*."
  }
}

variable "repair" {
  description = "What may be repaired (REPAIR): checks and types such as [\"sqs\", \"s3_bucket.tls\"], \"all\", or lists of them by account or unit, { \"*\" = [\"sqs\"], \"111122223333\" = [\"all\"] }. \"\": repairs that at most interrupt (someone loses access or a connection); repairs that stop or delete something must be named. []: nothing."
  type        = any
  default     = ""
  nullable    = false
  validation {
    condition = can(tostring(var.repair)) || can(join(",", var.repair)) || (can(keys(var.repair)) && alltrue([
      for place, names in try({ for place, names in var.repair : place => names }, {}) :
      can(regex("^([*]|[0-9]{12}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$", place)) && can(join(",", names))
    ]))
    error_message = "repair must be a string or a list of checks and types, or an object of such lists by \"*\", account id or organizational unit (ou-...)."
  }
}

variable "operators" {
  description = "ARNs of roles and users that may undo changes in this account: they may assume the member role in it. They must exist when you apply this."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for arn in var.operators : can(regex("^arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$", arn))])
    error_message = "operators must be a list of ARNs of roles and users, such as arn:aws:iam::123456789012:role/operator (of a role itself, not of its sessions)."
  }
}

variable "hold_irreversible" {
  description = "true: steps that cannot be undone are reported and not made."
  type        = bool
  default     = true
  nullable    = false
}

variable "max_changes" {
  description = "Maximum number of changes in one run of the remediator; further ones are held. Null: no limit."
  type        = number
  default     = null
  validation {
    condition     = var.max_changes == null ? true : (var.max_changes >= 0 && var.max_changes <= 1000000 && floor(var.max_changes) == var.max_changes)
    error_message = "max_changes must be null or a whole number from 0 to 1000000."
  }
}

variable "max_changes_per_day" {
  description = "Maximum number of changes in one account on one day (UTC), by all runs together; further ones are held. Null: no limit."
  type        = number
  default     = null
  validation {
    condition     = var.max_changes_per_day == null ? true : (var.max_changes_per_day >= 0 && var.max_changes_per_day <= 1000000 && floor(var.max_changes_per_day) == var.max_changes_per_day)
    error_message = "max_changes_per_day must be null or a whole number from 0 to 1000000."
  }
}

variable "repair_rounds" {
  description = "How often a finding is repaired that is broken again within three days; after that it is held, and an alarm is raised."
  type        = number
  default     = 3
  nullable    = false
  validation {
    condition     = var.repair_rounds >= 1 && var.repair_rounds <= 1000 && floor(var.repair_rounds) == var.repair_rounds
    error_message = "repair_rounds must be a whole number from 1 to 1000."
  }
}

variable "event_bus" {
  description = "ARN of an EventBridge bus that receives an event for each finding that is notified (EVENT_BUS). Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^(arn:aws(-cn|-us-gov)?:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+)?$", var.event_bus))
    error_message = "event_bus must be empty or the ARN of a bus, such as arn:aws:events:us-east-1:123456789012:event-bus/findings."
  }
}

variable "security_hub" {
  description = "true: findings are also sent to Security Hub, in the account and region of their resource (SECURITY_HUB). The setup of each member account has the same variable, which allows it."
  type        = bool
  default     = false
  nullable    = false
}

variable "security_hub_events" {
  description = "Findings of Security Hub whose resources are audited at once: \"imported\", every new open finding; \"action\", those that a person chooses for the custom action 'Repair with engine'. []: none. For this account; a member's setup has the same variable. If a member sends such events, set it here as well."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for kind in var.security_hub_events : contains(["imported", "action"], kind)])
    error_message = "security_hub_events must be a list of \"imported\" and \"action\"."
  }
}

variable "verify_seconds" {
  description = "Seconds for which a change is read back. If it is not visible by then, the resource is audited again later."
  type        = number
  default     = 60
  nullable    = false
  validation {
    condition     = var.verify_seconds >= 0 && var.verify_seconds <= 600 && floor(var.verify_seconds) == var.verify_seconds
    error_message = "verify_seconds must be a whole number from 0 to 600."
  }
}

variable "patience" {
  description = "Seconds that calls wait for a throttled service that lets no call through. Null: as long as the invocation lasts."
  type        = number
  default     = null
  validation {
    condition     = var.patience == null ? true : (var.patience >= 1 && var.patience <= 86400 && floor(var.patience) == var.patience)
    error_message = "patience must be null or a whole number from 1 to 86400."
  }
}

variable "only_use_test_resources" {
  description = "true: the poller lists only resources that are named or tagged as test resources."
  type        = bool
  default     = false
  nullable    = false
}

variable "ec2_ignore_list" {
  description = "Instances that are not repaired."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for id in var.ec2_ignore_list : can(regex("^i-[0-9a-f]{8,17}$", id))])
    error_message = "ec2_ignore_list must be a list of instance ids, such as i-0123456789abcdef0."
  }
}

variable "s3_bucket_ignore_list" {
  description = "Buckets that are not repaired."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for name in var.s3_bucket_ignore_list : can(regex("^[A-Za-z0-9._-]{3,255}$", name))])
    error_message = "s3_bucket_ignore_list must be a list of names of buckets."
  }
}

variable "remediation_module_exception" {
  description = "Resource types that are not repaired in an account: { \"111122223333\" = [\"ami\"] }."
  type        = map(list(string))
  default     = {}
  nullable    = false
  validation {
    condition = alltrue([
      for account, types in var.remediation_module_exception :
      can(regex("^[0-9]{12}$", account)) && alltrue([for type in types : can(regex("^[a-z0-9_]+$", type))])
    ])
    error_message = "remediation_module_exception must contain lists of resource types by account ids of 12 digits."
  }
}

variable "remediation_resource_exception" {
  description = "Resources that are not repaired: \"snap-1,ami-2\" (of any type), or { s3 = [\"bucket\"], ami = \"ami-2\" }."
  type        = any
  default     = ""
  nullable    = false
  validation {
    condition = can(tostring(var.remediation_resource_exception)) || (can(keys(var.remediation_resource_exception)) && alltrue([
      for type, ids in try({ for type, ids in var.remediation_resource_exception : type => ids }, {}) :
      can(regex("^[a-z0-9_]+$", type)) && (can(tostring(ids)) || can(tolist(ids)))
    ]))
    error_message = "remediation_resource_exception must be a string of ids separated by commas, or an object of ids or lists of ids by resource type."
  }
}

# How the functions run

variable "paused" {
  description = "true: nothing is polled, audited or repaired. Events are still received; the resources that they name, and messages that were sent before, wait in the queues for four days."
  type        = bool
  default     = false
  nullable    = false
}

variable "schedule" {
  description = "When everything is polled: an EventBridge schedule, cron (UTC) or rate."
  type        = string
  default     = "cron(0 8 * * ? *)"
  nullable    = false
  validation {
    condition     = can(regex("^(cron\\([^()]+\\)|rate\\([1-9][0-9]* (minutes?|hours?|days?)\\))$", var.schedule))
    error_message = "schedule must be cron(...) or rate(...), such as cron(0 8 * * ? *)."
  }
}

variable "delay_seconds" {
  description = "Seconds to wait before a changed resource is audited, so that the tool that changes it can finish."
  type        = number
  default     = 90
  nullable    = false
  validation {
    condition     = var.delay_seconds >= 0 && var.delay_seconds <= 900 && floor(var.delay_seconds) == var.delay_seconds
    error_message = "delay_seconds must be a whole number from 0 to 900."
  }
}

variable "poller_timeout" {
  description = "Seconds that one invocation of the poller may take."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.poller_timeout >= 30 && var.poller_timeout <= 900 && floor(var.poller_timeout) == var.poller_timeout
    error_message = "poller_timeout must be a whole number from 30 to 900."
  }
}

variable "remediator_timeout" {
  description = "Seconds that one invocation of the remediator may take."
  type        = number
  default     = 300
  nullable    = false
  validation {
    condition     = var.remediator_timeout >= 30 && var.remediator_timeout <= 900 && floor(var.remediator_timeout) == var.remediator_timeout
    error_message = "remediator_timeout must be a whole number from 30 to 900."
  }
}

variable "memory_size" {
  description = "Megabytes of memory of each function."
  type        = number
  default     = 256
  nullable    = false
  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size must be a whole number from 128 to 10240."
  }
}

variable "batch_size" {
  description = "Maximum number of messages in one invocation of the remediator, or of the poller by its own queue."
  type        = number
  default     = 10
  nullable    = false
  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size must be a whole number from 1 to 10."
  }
}

variable "maximum_concurrency" {
  description = "Maximum number of concurrent invocations of the remediator, and of the poller by its own queue."
  type        = number
  default     = 10
  nullable    = false
  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000 && floor(var.maximum_concurrency) == var.maximum_concurrency
    error_message = "maximum_concurrency must be a whole number from 2 to 1000."
  }
}

variable "log_retention_days" {
  description = "Days that the functions' logs are kept."
  type        = number
  default     = 365
  nullable    = false
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the numbers that CloudWatch Logs accepts, such as 30, 90 or 365."
  }
}

variable "encrypt_logs" {
  description = "true: the functions' logs are encrypted with the key of the topics; false: with CloudWatch's own."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_format" {
  description = "Format of the functions' log lines: text, or json (an object per line, for programs that read the logs)."
  type        = string
  default     = "text"
  nullable    = false
  validation {
    condition     = contains(["text", "json"], var.log_format)
    error_message = "log_format must be text or json."
  }
}

variable "metrics" {
  description = "true: the functions publish metrics of findings, repairs, calls and listings; false: only the metrics that an alarm needs, and no alarm about rates."
  type        = bool
  default     = true
  nullable    = false
}

variable "dashboard" {
  description = "true: creates a CloudWatch dashboard of the metrics, if metrics is true."
  type        = bool
  default     = true
  nullable    = false
}

variable "unknown_alarm_percent" {
  description = "An alarm is raised if more than this percentage of the checks of an hour is unknown, two hours in a row."
  type        = number
  default     = 10
  nullable    = false
  validation {
    condition     = var.unknown_alarm_percent >= 1 && var.unknown_alarm_percent <= 100
    error_message = "unknown_alarm_percent must be a number from 1 to 100."
  }
}

variable "held_alarm_count" {
  description = "An alarm is raised if this many repairs are held in an hour, if metrics is true. Null: no alarm; each held repair is notified once."
  type        = number
  default     = null
  validation {
    condition     = var.held_alarm_count == null ? true : var.held_alarm_count >= 1 && floor(var.held_alarm_count) == var.held_alarm_count
    error_message = "held_alarm_count must be null or a whole number from 1."
  }
}

variable "queue_age_alarm_seconds" {
  description = "An alarm is raised if the oldest message in a queue is older than this, in seconds."
  type        = number
  default     = 7200
  nullable    = false
  validation {
    condition     = var.queue_age_alarm_seconds >= 60 && var.queue_age_alarm_seconds <= 345600 && floor(var.queue_age_alarm_seconds) == var.queue_age_alarm_seconds
    error_message = "queue_age_alarm_seconds must be a whole number from 60 to 345600 (four days, as long as messages are kept)."
  }
}

variable "round_alarm_hours" {
  description = "Hours without a polling round after which an alarm is raised: set somewhat more than the time between two rounds of schedule."
  type        = number
  default     = 26
  nullable    = false
  validation {
    condition     = var.round_alarm_hours >= 1 && var.round_alarm_hours <= 168 && floor(var.round_alarm_hours) == var.round_alarm_hours
    error_message = "round_alarm_hours must be a whole number from 1 to 168 (a week, as far as CloudWatch looks back)."
  }
}

variable "round_end_alarm_hours" {
  description = "An alarm is raised if the poller's queue was never empty for this number of hours: a polling round does not end."
  type        = number
  default     = 12
  nullable    = false
  validation {
    condition     = var.round_end_alarm_hours >= 1 && var.round_end_alarm_hours <= 168 && floor(var.round_end_alarm_hours) == var.round_end_alarm_hours
    error_message = "round_end_alarm_hours must be a whole number from 1 to 168 (a week, as far as CloudWatch looks back)."
  }
}

variable "busy_regions" {
  description = "Regions in which watched resources change every day: an alarm is raised if no event came for a day. Null: the master region (or the region of IAM's events, if events of the master region are not received); empty: none."
  type        = list(string)
  default     = null
  validation {
    condition     = alltrue([for region in coalesce(var.busy_regions, []) : contains(local.heard_regions, region)])
    error_message = "busy_regions must be null or a list of regions that are among regions (that of IAM's events always is)."
  }
}
