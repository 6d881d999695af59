variable "region" {
  description = "Region in which the resources are created. Default: the region of AWS_REGION or the profile."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the name of a region, such as us-east-1."
  }
}

variable "types" {
  description = "Types of which one misconfigured resource each is created. Default: all types that Terraform creates."
  type        = set(string)
  default     = null

  validation {
    condition     = length(setsubtract(coalesce(var.types, []), local.all_types)) == 0
    error_message = "Terraform creates ${join(", ", local.all_types)}; make.lua creates the others."
  }
}

variable "unknown_account" {
  description = "Unknown account that gets access by its id; AWS requires that it exists."
  type        = string
  default     = "999988887777"

  validation {
    condition     = can(regex("^[0-9]{12}$", var.unknown_account))
    error_message = "unknown_account must be an account id of twelve digits."
  }
}

variable "tags" {
  description = "Tags of everything that is created. With the tags that REQUIRED_TAGS names, the checks of required tags pass."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.tags) <= 40 && !contains(keys(var.tags), "Name")
    error_message = "tags may have at most 40 tags, but not Name, which marks the resources that the engine is to find."
  }
}
