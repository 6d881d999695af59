locals {
  made = {
    ami             = one(aws_ami.bad[*].id)
    ec2             = one(aws_instance.bad[*].id)
    ecs_service     = one(aws_ecs_service.bad[*].id)
    ecs_task_set    = one(aws_ecs_task_set.bad[*].arn)
    elb             = one(aws_elb.bad[*].name)
    elbv2           = one(aws_lb.bad[*].arn)
    iam_role        = one(aws_iam_role.bad[*].name)
    iam_user        = one(aws_iam_user.bad[*].name)
    kms_key         = one(aws_kms_key.bad[*].key_id)
    lambda_function = one(aws_lambda_function.bad[*].function_name)
    rds             = local.make["rds"] == 1 ? one(aws_db_instance.bad[*].identifier) : null
    rds_snapshot    = one(aws_db_snapshot.bad[*].db_snapshot_identifier)
    redshift        = one(aws_redshift_cluster.bad[*].cluster_identifier)
    region          = length(aws_vpc.bad) == 1 ? local.region : null
    s3_bucket       = one(aws_s3_bucket.bad[*].id)
    security_group  = one(aws_security_group.bad[*].id)
    sqs             = one(aws_sqs_queue.bad[*].url)
  }
}

output "lines" {
  description = "A resource line for each: terraform output -raw lines | engine remediate"
  value = join("", [
    for type, id in local.made :
    "${jsonencode({ account = local.account, region = local.region, type = type, id = id })}\n"
    if id != null
  ])
}
