#include "app/services/metric.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/log_json.h"

#define MOST_METRICS 100
#define MOST_VALUES 100

/* AWS Lambda Developer Guide, "Defined runtime environment variables". */
static const char *function_name(void)
{
    const char *name = getenv("AWS_LAMBDA_FUNCTION_NAME");
    return name != NULL && name[0] != '\0' ? name : "engine";
}

void metric_line_open(struct metric_line *line)
{
    *line = (struct metric_line){.names = json_array(), .members = json_object()};
}

/* The specification ignores a directive with more metrics. */
static void define(struct metric_line *line, const char *name, const char *unit)
{
    if (json_object_get(line->members, name) == NULL && json_array_size(line->names) < MOST_METRICS)
        json_array_append_new(line->names, json_pack("{s:s, s:s}", "Name", name, "Unit", unit));
}

void metric_line_count(struct metric_line *line, const char *name, uint64_t count)
{
    if (count == 0)
        return;
    define(line, name, "Count");
    json_object_set_new(line->members, name, json_integer((json_int_t)count));
}

void metric_line_time(struct metric_line *line, const char *name, int64_t ms)
{
    define(line, name, "Milliseconds");
    json_t *values = json_object_get(line->members, name);
    if (values == NULL) {
        values = json_array();
        json_object_set_new(line->members, name, values);
    }
    if (json_array_size(values) < MOST_VALUES)
        json_array_append_new(values, json_integer(ms));
}

void metric_line_member(struct metric_line *line, const char *name, json_t *value)
{
    json_object_set_new(line->members, name, value);
}

static json_t *directive(json_t *names)
{
    return json_pack("{s:I, s:[{s:s, s:[[s]], s:O}]}", "Timestamp", (json_int_t)clock_wall_ms(),
                     "CloudWatchMetrics", "Namespace", "engine", "Dimensions", "FunctionName",
                     "Metrics", names);
}

static void write_line(const struct metric_line *line, bool publish)
{
    json_t *root = json_object();
    if (publish)
        json_object_set_new(root, "_aws", directive(line->names));
    json_object_set_new(root, "FunctionName", json_string(function_name()));
    json_object_update(root, line->members);
    log_json_mark(root);
    char *text = json_text(root);
    fprintf(stderr, "%s\n", text);
    mem_free(text);
    json_decref(root);
}

void metric_line_close(struct metric_line *line, bool publish)
{
    if (json_array_size(line->names) > 0)
        write_line(line, publish);
    json_decref(line->names);
    json_decref(line->members);
    *line = (struct metric_line){0};
}

void metric_count(const char *name, size_t count, json_t *more)
{
    struct metric_line line;
    metric_line_open(&line);
    metric_line_count(&line, name, count);
    json_object_update_missing(line.members, more);
    metric_line_close(&line, true);
    json_decref(more);
}
