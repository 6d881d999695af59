# One of the three functions, with its logs and the alarms of its errors and throttles. Whatever
# invokes it invokes the alias `live`. Code, layer and variables of $LATEST change by several calls;
# the alias goes to the version that has all of them by one. Source: AWS Lambda Developer Guide,
# "Manage Lambda function versions", "Create an alias for a Lambda function".
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "name" {
  description = "The handler's name, and the function's: poller, event_translator or remediator."
  type        = string
}

variable "role_arn" {
  description = "The role that it runs as."
  type        = string
}

variable "timeout" {
  description = "Seconds that one invocation may take."
  type        = number
}

variable "environment" {
  description = "Its variables; those that are empty are left out."
  type        = map(string)
}

variable "deployment" {
  description = "What all functions of a region share: how their names begin, package, layer (of policies and models), processor, memory, logs."
  type = object({
    head               = string
    bucket             = string
    key                = string
    layers             = list(string)
    exceptions         = string
    architecture       = string
    memory_size        = number
    log_retention_days = number
    log_kms_key_arn    = string
  })
}

variable "alarm_topic_arn" {
  description = "Where alarms are published."
  type        = string
}

locals {
  name = "${var.deployment.head}${var.name}"
  # A layer's files stand in /opt. Without one the package's own policies and models are found.
  from_layer = length(var.deployment.layers) == 0 ? {} : {
    ENGINE_POLICIES = "/opt/policies"
    ENGINE_MODELS   = "/opt/models"
    EXCEPTIONS      = var.deployment.exceptions
  }
  environment = { for name, value in merge(var.environment, local.from_layer) : name => value if value != "" }
  alarms = {
    Errors    = "fails: its log ${aws_cloudwatch_log_group.this.name} says why."
    Throttles = "is throttled: the account's concurrent executions of Lambda do not suffice."
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.deployment.log_retention_days
  kms_key_id        = var.deployment.log_kms_key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:The functions trace nothing, by intent: trace headers would make "look again later" a loop in the eyes of Lambda.
  #checkov:skip=CKV_AWS_115:Event source mappings carry a maximum concurrency. Reserving some would take it from the account's other functions.
  #checkov:skip=CKV_AWS_116:Messages have dead-letter queues. An event or a schedule that fails raises an alarm, and the next polling finds what it would have told.
  #checkov:skip=CKV_AWS_117:They call nothing but public endpoints of AWS, over TLS; a VPC would add a gateway and protect nothing.
  #checkov:skip=CKV_AWS_173:The variables hold account ids and names, no secrets; Lambda encrypts them with its own key.
  #checkov:skip=CKV_AWS_272:The package is built and uploaded by the deployer, to a private bucket, under the hash of its content.
  function_name = local.name
  description   = "engine: ${var.name}"
  role          = var.role_arn
  runtime       = "provided.al2023"
  handler       = var.name
  architectures = [var.deployment.architecture]
  s3_bucket     = var.deployment.bucket
  s3_key        = var.deployment.key
  layers        = var.deployment.layers
  timeout       = var.timeout
  memory_size   = var.deployment.memory_size
  publish       = true
  environment {
    variables = local.environment
  }
  # Otherwise Lambda would make one that is kept for ever.
  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    precondition {
      condition     = var.deployment.exceptions == "" || length(var.deployment.layers) > 0
      error_message = "exceptions come with the package of policies: use deploy.sh, or set policies_key to a package that holds the file."
    }
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that is invoked"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${local.name}-${lower(each.key)}"
  alarm_description   = "${local.name} ${each.value}"
  namespace           = "AWS/Lambda"
  metric_name         = each.key
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}

output "function" {
  description = "What it is made of."
  value = {
    handler            = aws_lambda_function.this.handler
    architectures      = aws_lambda_function.this.architectures
    bucket             = aws_lambda_function.this.s3_bucket
    key                = aws_lambda_function.this.s3_key
    layers             = aws_lambda_function.this.layers
    environment        = local.environment
    published          = aws_lambda_function.this.publish
    log_retention_days = aws_cloudwatch_log_group.this.retention_in_days
    log_kms_key_arn    = aws_cloudwatch_log_group.this.kms_key_id
  }
}

output "arn" {
  description = "What is invoked: the ARN of the function's alias."
  value       = aws_lambda_alias.live.arn
}

output "alias" {
  description = "The alias's name."
  value       = aws_lambda_alias.live.name
}

output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}
