# iam_user and iam_role: both are denied everything.

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

# Without MFA, the user is non-compliant after a day; after 100 days, the unused password and key
# are, too.
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

# An inline policy can only be added after the role was created, so the role has a permissions
# boundary from the start.
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
        Sid       = "UnknownAccountTakes", Effect = "Allow", Action = "sts:AssumeRole"
        Principal = { AWS = local.unknown_account }
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
