# ec2, and the instance that is registered with the load balancers.

locals {
  target = local.make["elb"] == 1 || local.make["elbv2"] == 1
}

data "aws_ssm_parameter" "image" {
  count = local.make["ec2"] == 1 || local.target ? 1 : 0
  name  = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64"
}

# With a public address, which the default VPC assigns, and without required metadata tokens. It has
# no key pair, and nothing runs on it.
resource "aws_instance" "bad" {
  count                  = local.make["ec2"]
  ami                    = data.aws_ssm_parameter.image[0].insecure_value
  instance_type          = "t3.nano"
  subnet_id              = local.subnets[0]
  vpc_security_group_ids = [aws_security_group.closed[0].id]

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }

  tags = { Name = local.name }

  lifecycle {
    ignore_changes = [ami] # a newer image must not replace the instance
  }
}

# With required metadata tokens. Its tag Owner differs from those of its load balancers.
resource "aws_instance" "target" {
  count                  = local.target ? 1 : 0
  ami                    = data.aws_ssm_parameter.image[0].insecure_value
  instance_type          = "t3.nano"
  subnet_id              = local.subnets[0]
  vpc_security_group_ids = [aws_security_group.closed[0].id]

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  tags = { Name = local.parts, Owner = local.parts }

  lifecycle {
    ignore_changes = [ami]
  }
}
