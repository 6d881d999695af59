/* STATE_TABLE, and the metrics by which a function tells that somebody should look at it. */
#include <stdio.h>

#include "app/services.h"
#include "base/clock.h"
#include "work/state_table.h"

/* Amazon CloudWatch User Guide, "Embedded metric format": a line of the log that becomes a
 * metric. */
static void count(const char *metric)
{
    fprintf(stderr,
            "{\"_aws\":{\"Timestamp\":%lld,\"CloudWatchMetrics\":[{\"Namespace\":\"engine\","
            "\"Dimensions\":[[]],\"Metrics\":[{\"Name\":\"%s\",\"Unit\":\"Count\"}]}]},\"%s\":1}\n",
            (long long)clock_wall_ms(), metric, metric);
}

int services_state(struct services *services, struct err *err)
{
    if (state_table_check(&services->settings, err) != 0)
        return -1;
    state_table_free(services->state);
    services->context.state = services->state =
        state_table_new(services->message, &services->settings);
    if (services->state != NULL && services->in_function)
        state_table_on_count(services->state, count);
    return 0;
}
