# The regions' own providers stand in regions.tf.json; where the state is, in backend.tf.json, which
# deploy.sh writes. Its lock is a file in the bucket, which older versions do not know.
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.master_region
  default_tags {
    tags = local.tags
  }
}
