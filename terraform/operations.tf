# What operators watch beside the alarms of each function and queue: how much is unknown or throttled,
# and a dashboard. docs/operations.md says what each alarm means, and what to do.
locals {
  # A rate of the sums of an hour, in percent, if at least `least` were counted: without this, a single
  # refused read in a quiet hour would raise the alarm.
  rates = !var.metrics ? {} : {
    unknown = {
      function = module.remediator.name, part = "Unknown", whole = "Checks", least = 20, most = var.unknown_alarm_percent
      about    = "More than ${var.unknown_alarm_percent}% of the checks are unknown: nothing is repaired there. The metrics UnknownRefused, UnknownThrottled, UnknownNoAnswer and UnknownOther say why."
    }
    throttled-calls = {
      function = module.remediator.name, part = "ThrottledCalls", whole = "Calls", least = 100, most = 50
      about    = "AWS throttles the remediator's calls: audits and repairs take longer, and the accounts' own workloads share these limits."
    }
    throttled-listings = {
      function = module.poller.name, part = "ThrottledCalls", whole = "Calls", least = 100, most = 50
      about    = "AWS throttles the poller's calls: a round takes longer, and the accounts' own workloads share these limits."
    }
  }
}

# Off by default: a repair may be held for good, by a limit, an exception or an impact, and each is
# notified once.
resource "aws_cloudwatch_metric_alarm" "held" {
  count               = var.metrics && var.held_alarm_count != null ? 1 : 0
  alarm_name          = "${local.head}remediator-held"
  alarm_description   = "At least ${coalesce(var.held_alarm_count, 1)} repairs were held in an hour. The notifications [held] name the resources, and say why."
  namespace           = "engine"
  metric_name         = "RepairsHeld"
  dimensions          = { FunctionName = module.remediator.name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = coalesce(var.held_alarm_count, 1)
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
}

# The notation is that of CloudWatch's metric math: a metric without data in an hour counts as 0.
# Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics"
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
resource "aws_cloudwatch_metric_alarm" "rate" {
  for_each            = local.rates
  alarm_name          = "${local.head}remediator-${each.key}"
  alarm_description   = each.value.about
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.most
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alarms.arn]
  metric_query {
    id          = "rate"
    expression  = "IF(whole >= ${each.value.least}, 100 * FILL(part, 0) / whole, 0)"
    label       = "${each.value.part} of ${each.value.whole}, in percent"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { part = each.value.part, whole = each.value.whole }
    content {
      id = metric_query.key
      metric {
        namespace   = "engine"
        metric_name = metric_query.value
        dimensions  = { FunctionName = each.value.function }
        period      = 3600
        stat        = "Sum"
      }
    }
  }
}

# The dashboard's graphs: the engine's own metrics, then those of AWS. Source of the form: Amazon
# CloudWatch API Reference, "Dashboard body structure and syntax"
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
locals {
  counts = {
    "Left to repair, by severity"            = { function = module.remediator.name, names = "Critical High Medium Low" }
    "Checks that are not compliant"          = { function = module.remediator.name, names = "NonCompliant Unknown Exempt Pending" }
    "Repairs"                                = { function = module.remediator.name, names = "RepairsFixed RepairsFailed RepairsHeld FlipFlops" }
    "Unknown, by cause"                      = { function = module.remediator.name, names = "UnknownRefused UnknownThrottled UnknownNoAnswer UnknownOther" }
    "Calls of the remediator"                = { function = module.remediator.name, names = "Calls ThrottledCalls" }
    "Calls of the poller"                    = { function = module.poller.name, names = "Calls ThrottledCalls" }
    "Polling: places and resources"          = { function = module.poller.name, names = "PlacesListed PlacesNotListed ResourcesListed Rounds" }
    "Notifications and messages that failed" = { function = module.remediator.name, names = "NotificationsFailed BatchItemsFailed StateTableFailures" }
  }
  queues = [module.resource_queue.queue.name, module.poll_queue.queue.name]
  graphs = concat(
    [for title, graph in local.counts : {
      title   = title
      stat    = "Sum"
      metrics = [for name in split(" ", graph.names) : ["engine", name, "FunctionName", graph.function, {}]]
    }],
    [
      {
        title   = "Time of a resource, in milliseconds"
        stat    = "Average"
        metrics = [for stat in ["p50", "p95", "Maximum"] : ["engine", "ResourceTime", "FunctionName", module.remediator.name, { stat = stat }]]
      },
      {
        title   = "Events and their resource lines"
        stat    = "Sum"
        metrics = concat([for region in local.heard_regions : [for name in ["Events", "Lines"] : ["engine", name, "FunctionName", "${local.head}event_translator", { region = region }]]]...)
      },
      {
        title   = "Messages: age of the oldest, in seconds"
        stat    = "Maximum"
        metrics = [for name in local.queues : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name, {}]]
      },
      {
        title   = "Messages in dead-letter queues"
        stat    = "Maximum"
        metrics = [for name in local.queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${name}-dead-letter", {}]]
      },
      {
        title = "Functions: errors, throttles, time"
        stat  = "Sum"
        metrics = concat([for name in [module.poller.name, module.remediator.name] : [
          ["AWS/Lambda", "Errors", "FunctionName", name, {}],
          ["AWS/Lambda", "Throttles", "FunctionName", name, {}],
          ["AWS/Lambda", "Duration", "FunctionName", name, { stat = "p95", yAxis = "right" }],
        ]]...)
      },
  ])
}

resource "aws_cloudwatch_dashboard" "this" {
  count          = var.metrics && var.dashboard ? 1 : 0
  dashboard_name = "${local.head}remediator"
  dashboard_body = jsonencode({
    widgets = [for place, graph in local.graphs : {
      type   = "metric"
      x      = 12 * (place % 2)
      y      = 6 * floor(place / 2)
      width  = 12
      height = 6
      properties = {
        title   = graph.title
        region  = var.master_region
        stat    = graph.stat
        period  = 3600
        metrics = graph.metrics
      }
    }]
  })
}
