# iam_user and iam_role: whoever gets in is denied everything.

resource "aws_iam_user" "bad" {
  count = local.make["iam_user"]
  name  = local.name
}

resource "aws_iam_user_policy" "nothing" {
  count  = local.make["iam_user"]
  name   = "DenyEverything"
  user   = aws_iam_user.bad[0].name
  policy = local.deny_everything
}

# No second factor: bad when a day old. After 100 days so are the unused password and key.
resource "aws_iam_user_login_profile" "bad" {
  count                   = local.make["iam_user"]
  user                    = aws_iam_user.bad[0].name
  password_length         = 32
  password_reset_required = true
  depends_on              = [aws_iam_user_policy.nothing]
}

resource "aws_iam_access_key" "bad" {
  count      = local.make["iam_user"]
  user       = aws_iam_user.bad[0].name
  depends_on = [aws_iam_user_policy.nothing]
}

# A policy of the role's own cannot come before the role, so the role has a boundary from the start.
resource "aws_iam_policy" "nothing" {
  count  = local.make["iam_role"]
  name   = local.parts
  policy = local.deny_everything
}

resource "aws_iam_role" "bad" {
  count                = local.make["iam_role"]
  name                 = local.name
  permissions_boundary = aws_iam_policy.nothing[0].arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AnyoneTakes", Effect = "Allow", Action = "sts:AssumeRole"
        Principal = { AWS = "*" }
      },
      {
        Sid       = "StrangerTakes", Effect = "Allow", Action = "sts:AssumeRole"
        Principal = { AWS = local.stranger }
      },
    ]
  })
}

resource "aws_iam_role_policy" "nothing" {
  count  = local.make["iam_role"]
  name   = "DenyEverything"
  role   = aws_iam_role.bad[0].name
  policy = local.deny_everything
}
