variable "region" {
  description = "Where the resources are made; without it, where AWS_REGION or the profile says."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region's name is meant, as us-east-1."
  }
}

variable "types" {
  description = "The types to make one bad resource of; all that Terraform makes, without it."
  type        = set(string)
  default     = null

  validation {
    condition     = length(setsubtract(coalesce(var.types, []), local.all_types)) == 0
    error_message = "Terraform makes ${join(", ", local.all_types)}; make.lua makes the others."
  }
}

variable "stranger" {
  description = "The account that is let in by name, as an unknown one; AWS wants it to exist."
  type        = string
  default     = "999988887777"

  validation {
    condition     = can(regex("^[0-9]{12}$", var.stranger))
    error_message = "An account's id has twelve digits."
  }
}

variable "tags" {
  description = "Tags of all that is made; those that are in REQUIRED_TAGS let its checks pass."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.tags) <= 40 && !contains(keys(var.tags), "Name")
    error_message = "At most 40 tags, and not Name: that one marks what is to be found."
  }
}
