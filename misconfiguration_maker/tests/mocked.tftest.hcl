# The types that the emulator of the other tests cannot create, or not twice.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-2", "subnet-1"] }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b"] }
  }
  mock_resource "aws_ecs_task_set" {
    defaults = { arn = "arn:aws:ecs:us-east-1:123456789012:task-set/c/s/ecs-svc/1" }
  }
}

variables {
  region = "us-east-1"
  types  = ["ami", "ecs_task_set", "redshift"]
}

run "creates_them" {
  assert {
    condition = (
      aws_ami_launch_permission.anyone[0].group == "all" &&
      aws_ami_launch_permission.unknown_account[0].account_id == "999988887777" &&
      [for disk in aws_ami.bad[0].ebs_block_device : disk.snapshot_id] == [aws_ebs_snapshot.disk[0].id]
    )
    error_message = "The image is not open to anyone and the unknown account, or has another disk."
  }
  assert {
    condition     = aws_ebs_snapshot.disk[0].tags.Name != local.name
    error_message = "The disk's snapshot counts as a misconfigured one."
  }
  assert {
    condition = (
      tostring(aws_redshift_cluster.bad[0].publicly_accessible) == "true" &&
      tostring(aws_redshift_cluster.bad[0].encrypted) == "false" &&
      length(aws_redshift_parameter_group.bad[0].parameter) == 0 &&
      aws_redshift_cluster.bad[0].vpc_security_group_ids == toset([aws_security_group.closed[0].id])
    )
    error_message = "The cluster is not public, unencrypted, without TLS, and closed by its group."
  }
  assert {
    condition = (
      aws_ecs_task_set.bad[0].network_configuration[0].assign_public_ip &&
      aws_ecs_task_set.bad[0].scale[0].value == 0 &&
      aws_ecs_service.outer[0].deployment_controller[0].type == "EXTERNAL"
    )
    error_message = "The task set gives no public addresses, or runs tasks."
  }
  assert {
    condition = (
      length(aws_security_group.closed) == 1 && length(aws_security_group.closed[0].ingress) == 0 &&
      keys(aws_ecs_cluster.bad) == ["ecs_task_set"] && length(aws_instance.bad) == 0
    )
    error_message = "The network is open, or other types were created."
  }
  assert {
    condition     = toset([for line in compact(split("\n", output.lines)) : jsondecode(line).type]) == var.types
    error_message = "Not each of the types has a resource line."
  }
}
