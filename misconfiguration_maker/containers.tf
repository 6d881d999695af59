# ecs_service: it gives its tasks public addresses, but runs none.

resource "aws_ecs_cluster" "bad" {
  count = local.make["ecs_service"]
  name  = local.name
}

# A task would sleep for an hour.
resource "aws_ecs_task_definition" "sleep" {
  count                    = local.make["ecs_service"]
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
  cluster         = aws_ecs_cluster.bad[0].arn
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
