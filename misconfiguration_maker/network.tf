# region, security_group, and the network of the others: subnets of the default VPC and a security
# group without ingress rules.

resource "aws_vpc" "bad" {
  count      = local.make["region"]
  cidr_block = "192.168.255.0/28" # without a flow log, and without a connection to other networks
  tags       = { Name = local.name }
}

resource "aws_security_group" "bad" {
  count       = local.make["security_group"]
  name        = local.name
  description = "Open on purpose, not used by anything"
  vpc_id      = data.aws_vpc.default[0].id

  ingress {
    description      = "One range of IPv4, and two halves of IPv6"
    protocol         = "tcp"
    from_port        = 22
    to_port          = 22
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/1", "8000::/1"]
  }
}

locals {
  closed_types = ["ec2", "ecs_service", "ecs_task_set", "elb", "elbv2", "rds", "rds_snapshot", "redshift"]
  closed       = anytrue([for type in local.closed_types : local.make[type] == 1])
  subnets      = try(slice(sort(data.aws_subnets.default[0].ids), 0, 2), [])
}

data "aws_vpc" "default" {
  count   = local.closed || local.make["security_group"] == 1 ? 1 : 0
  default = true
}

data "aws_subnets" "default" {
  count = local.closed ? 1 : 0

  filter {
    name   = "default-for-az"
    values = ["true"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) >= 2
      error_message = "There is no default VPC with two subnets in this region."
    }
  }
}

resource "aws_security_group" "closed" {
  count       = local.closed ? 1 : 0
  name        = local.parts
  description = "Closed: for resources that only look reachable"
  vpc_id      = data.aws_vpc.default[0].id
}
