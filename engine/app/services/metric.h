/* Metrics of the Lambda functions: log lines that CloudWatch turns into metrics, in the namespace
 * "engine", with the function's name as their only dimension, so that two deployments in one
 * account have separate metrics. Serves the handlers. Source: Amazon CloudWatch User Guide,
 * "Specification: Embedded metric format"
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
 * CloudWatch_Embedded_Metric_Format_Specification.html): at most 100 metrics in a directive, 100
 * values in an array, and a timestamp in milliseconds. */
#ifndef APP_SERVICES_METRIC_H
#define APP_SERVICES_METRIC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts what an alarm watches, in a line of its own. Does nothing if count is 0. `more` (takes
 * ownership; may be NULL) is added to the line but is not part of the metric. */
void metric_count(const char *name, size_t count, json_t *more);

/* The metrics of one invocation, which become one line. Each metric costs money in the months in
 * which it has a value, so a count of 0 is left out. */
struct metric_line {
    json_t *names;   /* definitions for the directive */
    json_t *members; /* of the line */
};
void metric_line_open(struct metric_line *line);
void metric_line_count(struct metric_line *line, const char *name, uint64_t count);
/* One value of a metric with several; after 100 values, the rest is left out. */
void metric_line_time(struct metric_line *line, const char *name, int64_t ms);
/* A member that is not a metric. Takes ownership of value. */
void metric_line_member(struct metric_line *line, const char *name, json_t *value);
/* Writes the line, unless there is no metric, and frees. With publish unset, CloudWatch finds no
 * metrics in it, but a query of the log finds the numbers. */
void metric_line_close(struct metric_line *line, bool publish);

#endif
