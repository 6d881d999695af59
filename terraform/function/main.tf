# One of the three functions, with its logs and the alarms of its errors and throttles. Whatever
# invokes it invokes the alias `live`. Code, layer and variables of $LATEST change by several calls;
# the alias goes to the version that has all of them by one. Source: AWS Lambda Developer Guide,
# "Manage Lambda function versions", "Create an alias for a Lambda function".
terraform {
  required_version = ">= 1.11"
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

variable "dead_letter" {
  description = "Queue that events go to when the function failed on them three times, where EventBridge invokes it. Null: only queues do."
  type        = object({ arn = string })
  default     = null
}

variable "counted" {
  description = "Metrics of its own that an alarm watches: by the end of the alarm's name, the metric, what it means, and for how many periods of five minutes."
  type        = map(object({ metric = string, about = string, periods = number }))
  default     = {}
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
  log         = "its log ${aws_cloudwatch_log_group.this.name} says why."
  # Source of Lambda's metrics: AWS Lambda Developer Guide, "Types of metrics for Lambda functions"
  # (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html).
  alarms = merge({
    errors    = { from = "AWS/Lambda", metric = "Errors", about = "fails: ${local.log}", periods = 1 }
    throttles = { from = "AWS/Lambda", metric = "Throttles", about = "is throttled: the account's concurrent executions of Lambda do not suffice.", periods = 1 }
    }, {
    for metric in ["DestinationDeliveryFailures"] : "lost" => {
      from = "AWS/Lambda", metric = metric, about = "failed on events, and its dead-letter queue did not take them: they are lost.", periods = 1
    } if var.dead_letter != null
    }, {
    for name, one in var.counted : name => { from = "engine", metric = one.metric, about = "${one.about} ${local.log}", periods = one.periods }
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.deployment.log_retention_days
  kms_key_id        = var.deployment.log_kms_key_arn
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:The functions trace nothing, by intent: trace headers would make "look again later" a loop in the eyes of Lambda.
  #checkov:skip=CKV_AWS_115:Event source mappings carry a maximum concurrency. Reserving some would take it from the account's other functions.
  #checkov:skip=CKV_AWS_116:Messages have dead-letter queues, and events the destination of aws_lambda_function_event_invoke_config.
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

# EventBridge invokes asynchronously: Lambda tries three times, and would drop the event then.
# Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations"
# (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
resource "aws_lambda_function_event_invoke_config" "this" {
  count                        = var.dead_letter == null ? 0 : 1
  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 6 * 60 * 60
  destination_config {
    on_failure {
      destination = var.dead_letter.arn
    }
  }
}

# Each is sent under the function's name, so that two deployments do not share it.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.alarms
  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${local.name} ${each.value.about}"
  namespace           = each.value.from
  metric_name         = each.value.metric
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
}

# The same names: what is made anew under another address would be deleted with the old one.
moved {
  from = aws_cloudwatch_metric_alarm.this["Errors"]
  to   = aws_cloudwatch_metric_alarm.this["errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.this["Throttles"]
  to   = aws_cloudwatch_metric_alarm.this["throttles"]
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

output "alarms" {
  description = "What is watched, and who is told, by the alarms' names."
  value = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => {
    metric     = "${alarm.namespace}/${alarm.metric_name}"
    dimensions = alarm.dimensions
    missing    = alarm.treat_missing_data
    actions    = alarm.alarm_actions
  } }
}

output "on_failure" {
  description = "Where events go that it failed on; null: nowhere."
  value       = try(aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination, null)
}
