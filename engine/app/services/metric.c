#include "app/services/metric.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"

/* AWS Lambda Developer Guide, "Defined runtime environment variables". */
static const char *function_name(void)
{
    const char *name = getenv("AWS_LAMBDA_FUNCTION_NAME");
    return name != NULL && name[0] != '\0' ? name : "engine";
}

static json_t *directive(const char *name)
{
    return json_pack("{s:I, s:[{s:s, s:[[s]], s:[{s:s, s:s}]}]}", "Timestamp",
                     (json_int_t)clock_wall_ms(), "CloudWatchMetrics", "Namespace", "engine",
                     "Dimensions", "FunctionName", "Metrics", "Name", name, "Unit", "Count");
}

void metric_count(const char *name, size_t count, json_t *more)
{
    if (count > 0) {
        json_t *line = json_pack("{s:o, s:s, s:I}", "_aws", directive(name), "FunctionName",
                                 function_name(), name, (json_int_t)count);
        json_object_update_missing(line, more);
        char *text = json_text(line);
        fprintf(stderr, "%s\n", text);
        mem_free(text);
        json_decref(line);
    }
    json_decref(more);
}
