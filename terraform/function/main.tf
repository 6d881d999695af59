# One of the three functions, with its logs and the alarms of its errors and throttles. Every caller
# invokes the alias `live`. Several calls change code, layer and variables of $LATEST; one call moves
# the alias to the version that has all of them. Source: AWS Lambda Developer Guide, "Manage Lambda
# function versions", "Create an alias for a Lambda function".
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
  description = "Name of the handler and of the function: poller, event_translator or remediator."
  type        = string
}

variable "role_arn" {
  description = "The role with which it runs."
  type        = string
}

variable "timeout" {
  description = "Seconds that one invocation may take."
  type        = number
}

variable "environment" {
  description = "Its environment variables; empty ones are left out."
  type        = map(string)
}

variable "deployment" {
  description = "Settings that all functions of a region share: prefix of the names, package, layer (of policies and models), variables, processor, memory, logs."
  type = object({
    head               = string
    bucket             = string
    key                = string
    layers             = list(string)
    exceptions         = string
    environment        = map(string)
    architecture       = string
    memory_size        = number
    log_retention_days = number
    log_kms_key_arn    = string
  })
}

variable "alarm_topic_arn" {
  description = "Topic to which alarms are published."
  type        = string
}

variable "dead_letter" {
  description = "Queue for events on which the function failed three times, if EventBridge invokes it. Null: only queues invoke it."
  type        = object({ arn = string })
  default     = null
}

variable "counted" {
  description = "The function's own metrics that have an alarm: by the end of the alarm's name, the metric, its meaning, and the number of periods of five minutes."
  type        = map(object({ metric = string, about = string, periods = number }))
  default     = {}
}

locals {
  name = "${var.deployment.head}${var.name}"
  # A layer's files are in /opt. Without a layer, the engine finds the package's own policies and models.
  from_layer = length(var.deployment.layers) == 0 ? {} : {
    ENGINE_POLICIES = "/opt/policies"
    ENGINE_MODELS   = "/opt/models"
    EXCEPTIONS      = var.deployment.exceptions
  }
  environment = { for name, value in merge(var.deployment.environment, local.from_layer, var.environment) : name => value if value != "" }
  log         = "its log ${aws_cloudwatch_log_group.this.name} says why."
  # Source of Lambda's metrics: AWS Lambda Developer Guide, "Types of metrics for Lambda functions"
  # (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html).
  alarms = merge({
    errors    = { from = "AWS/Lambda", metric = "Errors", about = "fails: ${local.log}", periods = 1 }
    throttles = { from = "AWS/Lambda", metric = "Throttles", about = "is throttled: the account's concurrent executions of Lambda are not enough.", periods = 1 }
    }, {
    for metric in ["DestinationDeliveryFailures"] : "lost" => {
      from = "AWS/Lambda", metric = metric, about = "failed on events, and its dead-letter queue did not accept them: they are lost.", periods = 1
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
  #checkov:skip=CKV_AWS_50:The functions record no traces of their own: their metrics and logs say where the time goes. They pass on the trace of an event that has one.
  #checkov:skip=CKV_AWS_115:Event source mappings have a maximum concurrency. Reserved concurrency would take it from the account's other functions.
  #checkov:skip=CKV_AWS_116:Messages have dead-letter queues, and events have the destination of aws_lambda_function_event_invoke_config.
  #checkov:skip=CKV_AWS_117:They call only public endpoints of AWS, over TLS; a VPC would add a gateway and protect nothing.
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
  # Otherwise Lambda would create a log group that is kept forever.
  depends_on = [aws_cloudwatch_log_group.this]

  lifecycle {
    precondition {
      condition     = var.deployment.exceptions == "" || length(var.deployment.layers) > 0
      error_message = "exceptions come with the package of policies: use deploy.sh, or set policies_key to a package that contains the file."
    }
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that is invoked"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

# EventBridge invokes asynchronously: Lambda tries three times, and would then drop the event.
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

# Each metric has the function's name as dimension, so that two deployments do not share it.
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

# The alarms keep their names: without these blocks, Terraform would destroy the old address, and with it
# the alarm that it has just created under the new one.
moved {
  from = aws_cloudwatch_metric_alarm.this["Errors"]
  to   = aws_cloudwatch_metric_alarm.this["errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.this["Throttles"]
  to   = aws_cloudwatch_metric_alarm.this["throttles"]
}

output "function" {
  description = "Properties of the function."
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
  description = "ARN of the function's alias, which callers invoke."
  value       = aws_lambda_alias.live.arn
}

output "alias" {
  description = "Name of the alias."
  value       = aws_lambda_alias.live.name
}

output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "alarms" {
  description = "Metrics and topics of the alarms, by the alarms' names."
  value = { for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => {
    metric     = "${alarm.namespace}/${alarm.metric_name}"
    dimensions = alarm.dimensions
    missing    = alarm.treat_missing_data
    actions    = alarm.alarm_actions
  } }
}

output "on_failure" {
  description = "Destination of events on which it failed; null: none."
  value       = try(aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination, null)
}
