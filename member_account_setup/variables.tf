variable "master" {
  description = "Account that polls and repairs: the one in which terraform/ is deployed."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[0-9]{12}$", var.master))
    error_message = "master must be an account id of 12 digits."
  }
}

variable "external_id" {
  description = "External id that the role requires: the same as in the master account. Empty: none is required."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([A-Za-z0-9_+=,.@:/-]{2,})?$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must be empty or 2 to 1224 letters, digits and _+=,.@:/-"
  }
}

variable "regions" {
  description = "Regions whose events are sent to the master account, which must receive events of these regions. Events of us-east-1 (cn-north-1 in China, us-gov-west-1 in GovCloud) are always sent, because IAM sends its events only there. member.sh writes regions.tf.json for these regions."
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

variable "remediate" {
  description = "true: the role may repair. false: it can only read, whatever the master account asks for."
  type        = bool
  default     = false
  nullable    = false
}

variable "permissions_boundary" {
  description = "Managed policy of this account that is the permissions boundary of both roles: its name, such as boundary or security/boundary. Empty: none."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*)?$", var.permissions_boundary)) && length(var.permissions_boundary) <= 512
    error_message = "permissions_boundary must be empty or the name of a managed policy, with its path but without a slash before it, such as security/boundary (not an ARN)."
  }
}

variable "security_hub" {
  description = "true: the role may import findings into this account's Security Hub."
  type        = bool
  default     = false
  nullable    = false
}

variable "security_hub_events" {
  description = "Findings of Security Hub whose resources are audited at once: \"imported\", every new open finding; \"action\", those that a person chooses for the custom action 'Repair with engine'. []: none."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for kind in var.security_hub_events : contains(["imported", "action"], kind)])
    error_message = "security_hub_events must be a list of \"imported\" and \"action\"."
  }
}

variable "operators" {
  description = "ARNs of roles and users that may undo changes: they may assume the member role. They must exist when you apply this."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for arn in var.operators : can(regex("^arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$", arn))])
    error_message = "operators must be a list of ARNs of roles and users, such as arn:aws:iam::123456789012:role/operator (of a role itself, not of its sessions)."
  }
}

variable "repair" {
  description = "Checks and types that the role may repair, such as [\"sqs\", \"s3_bucket.tls\"]: it may write only those types. Null: the types that the master account repairs by default, by repairs that at most interrupt (someone loses access or a connection). [\"all\"]: every type."
  type        = list(string)
  default     = null
  validation {
    condition = length(setsubtract(coalesce(var.repair, []), concat(["all"], flatten([
      for check in jsondecode(file("${path.module}/checks.json")) : [check.type, check.id] if check.fix
    ])))) == 0
    error_message = "repair must be null or a list of checks and types (or all) that have a repair: ${join(", ", distinct([for check in jsondecode(file("${path.module}/checks.json")) : check.type if check.fix]))}."
  }
}

variable "sensitive_roles" {
  description = "ARNs, with * and ?, of roles and users that are never repaired, because whoever may use them could raise the rights of the role that repairs: name those of your administrators. This role, those of the master account and AWS's own are never repaired in any case."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for arn in var.sensitive_roles : can(regex("^arn:aws(-cn|-us-gov)?:iam::([0-9]{12}|[*]):(role|user)/[A-Za-z0-9_+=,.@/*?-]+$", arn))])
    error_message = "sensitive_roles must be a list of ARNs of roles and users, such as arn:aws:iam::*:role/admin-*."
  }
}

variable "member_role" {
  description = "Name of the role: the same as in the master account."
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

variable "prefix" {
  description = "Prefix of the names of everything that is created here: the same as in the master account."
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
