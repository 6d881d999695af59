/* STATE_TABLE and Security Hub, and the metrics by which a function reports its failures to an
 * operator. */
#include "app/services/services_state.h"

#include "app/services/metric.h"
#include "app/services/services.h"
#include "publish/security_hub.h"
#include "state/state_table.h"

static void count(const char *metric)
{
    metric_count(metric, 1, NULL);
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
    if (services->hub == NULL) /* a process with several runs keeps it */
        services->hub = security_hub_new(services->message, &services->settings);
    services->context.hub = services->hub;
    return 0;
}
