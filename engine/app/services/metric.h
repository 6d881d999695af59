/* Counters of the Lambda functions: log lines that CloudWatch turns into metrics. Serves the
 * handlers. Source: Amazon CloudWatch User Guide, "Specification: CloudWatch embedded metric
 * format" (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
 * CloudWatch_Embedded_Metric_Format_Specification.html). */
#ifndef APP_SERVICES_METRIC_H
#define APP_SERVICES_METRIC_H

#include <jansson.h>
#include <stddef.h>

/* Counts in the namespace "engine", with the function's name as a dimension, so that two
 * deployments in one account have separate metrics. Does nothing if count is 0. `more` (takes
 * ownership; may be NULL) is added to the line but is not part of the metric. */
void metric_count(const char *name, size_t count, json_t *more);

#endif
