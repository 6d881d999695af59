# elb and elbv2: internet-facing, with a registered instance and a security group without ingress
# rules.

resource "aws_elb" "bad" {
  count           = local.make["elb"]
  name            = local.dashed
  subnets         = [local.subnets[0]]
  security_groups = [aws_security_group.closed[0].id]
  instances       = [aws_instance.target[0].id]

  listener {
    lb_protocol       = "http"
    lb_port           = 80
    instance_protocol = "http"
    instance_port     = 80
  }

  health_check {
    target              = "TCP:80" # fails: nothing listens there
    interval            = 300
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  tags = { Name = local.name }
}

resource "aws_lb" "bad" {
  count              = local.make["elbv2"]
  name               = local.dashed
  load_balancer_type = "application"
  internal           = false
  subnets            = local.subnets
  security_groups    = [aws_security_group.closed[0].id]
}

# The engine finds it by its load balancer, so its name need not mark it.
resource "aws_lb_target_group" "bad" {
  count    = local.make["elbv2"]
  name     = local.parts
  protocol = "HTTP"
  port     = 80
  vpc_id   = data.aws_vpc.default[0].id
}

resource "aws_lb_listener" "bad" {
  count             = local.make["elbv2"]
  load_balancer_arn = aws_lb.bad[0].arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.bad[0].arn
  }
}

resource "aws_lb_target_group_attachment" "bad" {
  count            = local.make["elbv2"]
  target_group_arn = aws_lb_target_group.bad[0].arn
  target_id        = aws_instance.target[0].id
}
