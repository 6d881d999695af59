# ami: an image with an empty disk, open to anyone, and to an unknown account by its id.

data "aws_availability_zones" "all" {
  count = local.make["ami"]
  state = "available"
}

resource "aws_ebs_volume" "disk" {
  count             = local.make["ami"]
  availability_zone = data.aws_availability_zones.all[0].names[0]
  size              = 1
  type              = "gp3"
  tags              = { Name = local.parts }
}

resource "aws_ebs_snapshot" "disk" {
  count       = local.make["ami"]
  volume_id   = aws_ebs_volume.disk[0].id
  description = "empty"
  tags        = { Name = local.parts }
}

resource "aws_ami" "bad" {
  count               = local.make["ami"]
  name                = local.name
  architecture        = "x86_64"
  virtualization_type = "hvm"
  root_device_name    = "/dev/xvda"

  ebs_block_device {
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.disk[0].id
    volume_size = 1
    volume_type = "gp3"
  }
}

resource "aws_ami_launch_permission" "anyone" {
  count    = local.make["ami"]
  image_id = aws_ami.bad[0].id
  group    = "all"
}

resource "aws_ami_launch_permission" "unknown_account" {
  count      = local.make["ami"]
  image_id   = aws_ami.bad[0].id
  account_id = var.unknown_account
}
