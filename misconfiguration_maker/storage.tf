# s3_bucket, sqs and kms_key: empty, and open to anyone, and to an unknown account by its id.

# Bucket names are unique across all accounts of AWS, so the name contains the account's id.
resource "aws_s3_bucket" "bad" {
  count         = local.make["s3_bucket"]
  bucket        = "${local.dashed}-${local.account}"
  force_destroy = true
}

resource "aws_s3_bucket_ownership_controls" "bad" {
  count  = local.make["s3_bucket"]
  bucket = aws_s3_bucket.bad[0].id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_public_access_block" "bad" {
  count                   = local.make["s3_bucket"]
  bucket                  = aws_s3_bucket.bad[0].id
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_acl" "bad" {
  count  = local.make["s3_bucket"]
  bucket = aws_s3_bucket.bad[0].id
  acl    = "public-read"

  depends_on = [aws_s3_bucket_ownership_controls.bad, aws_s3_bucket_public_access_block.bad]
}

resource "aws_s3_bucket_policy" "bad" {
  count  = local.make["s3_bucket"]
  bucket = aws_s3_bucket.bad[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AnyoneLists", Effect = "Allow", Action = "s3:ListBucket"
        Principal = "*", Resource = aws_s3_bucket.bad[0].arn
      },
      {
        Sid       = "UnknownAccountLists", Effect = "Allow", Action = "s3:ListBucket"
        Principal = { AWS = local.unknown_account }, Resource = aws_s3_bucket.bad[0].arn
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.bad]
}

resource "aws_sqs_queue" "bad" {
  count = local.make["sqs"]
  name  = local.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AnyoneReads", Effect = "Allow", Action = "sqs:GetQueueAttributes"
        Principal = "*", Resource = local.queue
      },
      {
        Sid       = "UnknownAccountSends", Effect = "Allow", Action = "sqs:SendMessage"
        Principal = { AWS = local.unknown_account }, Resource = local.queue
      },
    ]
  })
}

locals {
  queue = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.name}"
}

# A deleted key has the shortest waiting period.
resource "aws_kms_key" "bad" {
  count                   = local.make["kms_key"]
  description             = local.name
  deletion_window_in_days = 7
  tags                    = { (local.name) = "true" }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account", Effect = "Allow", Action = "kms:*", Resource = "*"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      },
      {
        Sid       = "AnyoneAsks", Effect = "Allow", Action = "kms:DescribeKey", Resource = "*"
        Principal = { AWS = "*" }
      },
      {
        Sid       = "UnknownAccountAsks", Effect = "Allow", Action = "kms:DescribeKey", Resource = "*"
        Principal = { AWS = local.unknown_account }
      },
    ]
  })
}
