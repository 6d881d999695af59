# deploy.sh writes regions.tf.json, which has the providers of the regions, and backend.tf.json, which
# says where the state is. The state's lock is a file in the bucket, which older versions of Terraform
# do not support.
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
