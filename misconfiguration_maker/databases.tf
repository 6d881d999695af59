# rds and rds_snapshot: the smallest database, empty, unencrypted, with a public address and a
# security group without ingress rules. RDS manages its password.

locals {
  database = local.make["rds"] == 1 || local.make["rds_snapshot"] == 1
}

resource "aws_db_instance" "bad" {
  count                       = local.database ? 1 : 0
  identifier                  = local.make["rds"] == 1 ? local.dashed : local.parts
  instance_class              = "db.t3.micro"
  engine                      = "mysql"
  allocated_storage           = 20
  username                    = "maker"
  manage_master_user_password = true
  publicly_accessible         = local.make["rds"] == 1
  storage_encrypted           = false # only an unencrypted snapshot can be public
  backup_retention_period     = 0
  skip_final_snapshot         = true
  apply_immediately           = true
  vpc_security_group_ids      = [aws_security_group.closed[0].id]
}

# A snapshot of the empty database that anyone may restore, and an unknown account by its id.
resource "aws_db_snapshot" "bad" {
  count                  = local.make["rds_snapshot"]
  db_instance_identifier = aws_db_instance.bad[0].identifier
  db_snapshot_identifier = local.dashed
  shared_accounts        = ["all", var.unknown_account]
}

# redshift: the smallest cluster, in the same way. Its parameters do not require TLS.
resource "aws_redshift_parameter_group" "bad" {
  count       = local.make["redshift"]
  name        = local.dashed
  family      = "redshift-1.0"
  description = "Default values: TLS is not required"
}

resource "aws_redshift_cluster" "bad" {
  count                               = local.make["redshift"]
  cluster_identifier                  = local.dashed
  cluster_type                        = "single-node"
  node_type                           = "ra3.large"
  master_username                     = "maker"
  manage_master_password              = true
  publicly_accessible                 = true
  encrypted                           = false
  automated_snapshot_retention_period = 1
  skip_final_snapshot                 = true
  apply_immediately                   = true
  cluster_parameter_group_name        = aws_redshift_parameter_group.bad[0].name
  vpc_security_group_ids              = [aws_security_group.closed[0].id]
}
