# ecs_service: it gives its tasks public addresses, but runs none.

locals {
  task_set = "${local.name}_task_set"
  clusters = { ecs_service = local.name, ecs_task_set = local.task_set }
}

resource "aws_ecs_cluster" "bad" {
  for_each = { for type, name in local.clusters : type => name if local.make[type] == 1 }
  name     = each.value
}

# A task would sleep for an hour.
resource "aws_ecs_task_definition" "sleep" {
  count                    = max(local.make["ecs_service"], local.make["ecs_task_set"])
  family                   = local.parts
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  requires_compatibilities = ["FARGATE"]

  container_definitions = jsonencode([{
    name      = "sleep"
    image     = "public.ecr.aws/docker/library/busybox:latest"
    command   = ["sleep", "3600"]
    essential = true
  }])
}

resource "aws_ecs_service" "bad" {
  count           = local.make["ecs_service"]
  name            = local.name
  cluster         = aws_ecs_cluster.bad["ecs_service"].arn
  task_definition = aws_ecs_task_definition.sleep[0].arn
  launch_type     = "FARGATE"
  desired_count   = 0
  force_delete    = true

  network_configuration {
    subnets          = [local.subnets[0]]
    security_groups  = [aws_security_group.closed[0].id]
    assign_public_ip = true
  }

  lifecycle {
    ignore_changes = [availability_zone_rebalancing] # AWS's default
  }
}

# ecs_task_set: it gives its tasks public addresses, but runs none. Its service leaves the tasks to
# task sets.
resource "aws_ecs_service" "outer" {
  count         = local.make["ecs_task_set"]
  name          = local.task_set
  cluster       = aws_ecs_cluster.bad["ecs_task_set"].arn
  desired_count = 0
  force_delete  = true

  deployment_controller {
    type = "EXTERNAL"
  }

  lifecycle {
    ignore_changes = [availability_zone_rebalancing]
  }
}

resource "aws_ecs_task_set" "bad" {
  count           = local.make["ecs_task_set"]
  service         = aws_ecs_service.outer[0].id
  cluster         = aws_ecs_cluster.bad["ecs_task_set"].arn
  task_definition = aws_ecs_task_definition.sleep[0].arn
  launch_type     = "FARGATE"
  force_delete    = true

  scale {
    value = 0
    unit  = "PERCENT"
  }

  network_configuration {
    subnets          = [local.subnets[0]]
    security_groups  = [aws_security_group.closed[0].id]
    assign_public_ip = true
  }
}
