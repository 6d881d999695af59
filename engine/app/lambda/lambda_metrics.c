#include "app/lambda/lambda_metrics.h"

#include "app/services/scope_record.h"
#include "base/clock.h"

void lambda_metrics_begin(struct invocation *invocation)
{
    invocation->began_ms = clock_mono_ms();
    client_stats(invocation->services->client, &invocation->before);
}

/* How long the invocation took is no metric: Lambda's own metric Duration is free of charge. */
void lambda_metrics_write(const struct invocation *invocation)
{
    struct metric_line line;
    struct client_stats now;
    const struct client_stats *before = &invocation->before;
    client_stats(invocation->services->client, &now);
    metric_line_open(&line);
    if (invocation->event != NULL)
        metric_line_member(&line, "requestId", json_string_nocheck(invocation->event->request_id));
    metric_line_member(&line, "milliseconds",
                       json_integer((json_int_t)(clock_mono_ms() - invocation->began_ms)));
    const char *policies = scope_policies(invocation->services);
    if (policies != NULL)
        metric_line_member(&line, "policies", json_string(policies));
    if (invocation->handler->measure != NULL)
        invocation->handler->measure(invocation, &line);
    metric_line_count(&line, "Calls", now.calls - before->calls);
    metric_line_count(&line, "ThrottledCalls", now.throttled - before->throttled);
    metric_line_close(&line, invocation->services->settings.metrics);
}
