/* What the functions count: lines of their log that CloudWatch makes metrics of. Serves the
 * handlers. Source: Amazon CloudWatch User Guide, "Specification: CloudWatch embedded metric
 * format" (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
 * CloudWatch_Embedded_Metric_Format_Specification.html). */
#ifndef APP_SERVICES_METRIC_H
#define APP_SERVICES_METRIC_H

#include <jansson.h>
#include <stddef.h>

/* In the namespace "engine", under the function's name, so that two deployments in one account do
 * not share it; nothing where count is 0. `more` (taken over, may be NULL) stands in the line and
 * is not part of the metric. */
void metric_count(const char *name, size_t count, json_t *more);

#endif
