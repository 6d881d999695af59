variable "master" {
  description = "Account that polls and repairs: the one in which terraform/ is deployed."
  type        = string
  nullable    = false
  validation {
    condition     = can(regex("^[0-9]{12}$", var.master))
    error_message = "master is an account id of 12 digits."
  }
}

variable "external_id" {
  description = "External id that the role asks for: the one that the master account was given. Empty: none is asked for."
  type        = string
  default     = ""
  nullable    = false
  validation {
    condition     = can(regex("^([A-Za-z0-9_+=,.@:/-]{2,})?$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id is empty or 2 to 1224 letters, digits and _+=,.@:/-"
  }
}

variable "regions" {
  description = "Regions whose events are sent to the master account; it must hear them. Those of us-east-1 are always sent: events of IAM come only there. After a change run regions.sh and terraform init."
  type        = list(string)
  default     = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]
  nullable    = false
  validation {
    condition = length(var.regions) > 0 && alltrue([
      for region in var.regions : can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]+$", region))
    ])
    error_message = "regions is a list of at least one region of the partition aws, as us-east-1."
  }
  validation {
    condition     = length(var.regions) == length(distinct(var.regions))
    error_message = "regions names a region twice."
  }
}

variable "remediate" {
  description = "true: the role may repair. false: it can only read, whatever the master account asks for."
  type        = bool
  default     = false
  nullable    = false
}

variable "member_role" {
  description = "Name of the role: the one that the master account was given."
  type        = string
  default     = "member_remediator"
  nullable    = false
  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.member_role)) && var.member_role != "none"
    error_message = "member_role is a role's name of 1 to 64 letters, digits and _+=,.@- (not none)."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
  nullable    = false
  validation {
    condition = length(var.tags) <= 40 && alltrue([
      for name, value in var.tags : length(name) >= 1 && length(name) <= 128 && length(value) <= 256 && !startswith(lower(name), "aws:")
    ])
    error_message = "tags has at most 40 names of 1 to 128 characters, none of which begins with aws:, and values of at most 256 characters."
  }
}
