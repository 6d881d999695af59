/* Log lines as JSON objects, one per line, on stderr: timestamp, level, message, and what is known
 * of requestId, command, account, region, type and resource. Serves app/cli and app/lambda; the
 * texts are copied. Source of the names and of the levels: AWS Lambda Developer Guide, "Log-level
 * filtering"
 * (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html). */
#ifndef VALUE_LOG_JSON_H
#define VALUE_LOG_JSON_H

#include <jansson.h>

/* From now on, log lines are JSON. `command` may be NULL. */
void log_json_start(const char *command);
/* The invocation that the next lines belong to; NULL or "": none. */
void log_json_request(const char *request_id);

/* Lambda filters the log by level (AWS_LAMBDA_LOG_LEVEL), and takes a JSON line without a level or
 * a timestamp for INFO. A line that the log must have in any case gets the least level that
 * passes. */
void log_json_keep(const char *least_level);
/* Adds that level, and the time, to such a line; nothing if log_json_keep was not called. */
void log_json_mark(json_t *line);

#endif
