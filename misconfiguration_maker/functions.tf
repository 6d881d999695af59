# lambda_function: a function that does nothing, whose settings anyone may read, and an unknown
# account by its id. Its role has no permissions.

resource "aws_iam_role" "of_function" {
  count = local.make["lambda_function"]
  name  = "misconfigured_function_${local.region}" # roles are global

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow", Action = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_lambda_function" "bad" {
  count         = local.make["lambda_function"]
  function_name = local.name
  role          = aws_iam_role.of_function[0].arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "${path.module}/function.zip"
}

resource "aws_lambda_permission" "bad" {
  for_each = {
    for sid, principal in { AnyoneReads = "*", UnknownAccountReads = local.unknown_account } :
    sid => principal if local.make["lambda_function"] == 1
  }
  statement_id  = each.key
  function_name = aws_lambda_function.bad[0].function_name
  action        = "lambda:GetFunctionConfiguration"
  principal     = each.value
}
