/* The scheduled poller with its own queue: every account, region and type becomes a message, so
 * that as many pollers as there are messages share the work. */
#include "app/lambda/lambda_fan_out.h"

#include "app/lambda/lambda_spread.h"
#include "app/services/metric.h"

static void on_done(void *arg, const struct err *err)
{
    struct invocation *invocation = arg;
    if (err != NULL)
        invocation->err = *err;
}

static void start(struct invocation *invocation)
{
    invocation->own = spread_new(invocation->services, NULL, &invocation->err, on_done, invocation);
    if (invocation->own != NULL)
        spread_start(invocation->own);
}

static void stop(struct invocation *invocation)
{
    spread_stop(invocation->own, invocation->cut_ms);
}

static void reply(struct invocation *invocation)
{
    if (invocation->err.kind == ERR_NONE)
        invocation->reply = spread_tally(invocation->own);
    metric_count("Rounds", invocation->reply != NULL, NULL);
}

static void free_spread(struct invocation *invocation)
{
    spread_free(invocation->own);
}

const struct lambda_handler lambda_poll_fan_out = {
    .late = "the time is up: it is not certain that all messages for the poller were sent",
    .start = start,
    .stop = stop,
    .reply = reply,
    .free = free_spread};
