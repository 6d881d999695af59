/* The scheduled poller with its own queue: every account, region and type becomes a message, so
 * that as many pollers as there are messages share the work. */
#include "app/lambda/lambda_fan_out.h"

#include "app/lambda/lambda_spread.h"
#include "app/services/metric.h"
#include "base/mem.h"

struct fan_out {
    struct spread *spread;
    struct err err;
};

static void on_done(void *arg, const struct err *err)
{
    struct fan_out *job = arg;
    if (err != NULL)
        job->err = *err;
}

static void start(struct invocation *invocation)
{
    struct fan_out *job = mem_alloc(sizeof *job);
    job->spread = spread_new(invocation->services, NULL, &invocation->err, on_done, job);
    if (job->spread == NULL) {
        mem_free(job);
        return;
    }
    invocation->own = job;
    spread_start(job->spread);
}

static void stop(struct invocation *invocation)
{
    const struct fan_out *job = invocation->own;
    spread_stop(job->spread);
}

static void cut(struct invocation *invocation)
{
    err_set(&invocation->err, ERR_TIMEOUT,
            "the time is over: what was to be polled is not handed on for certain");
}

static void finish(struct invocation *invocation)
{
    struct fan_out *job = invocation->own;
    if (job->err.kind != ERR_NONE)
        invocation->err = job->err;
    else
        invocation->reply = spread_tally(job->spread);
    metric_count("Rounds", invocation->reply != NULL, NULL);
    spread_free(job->spread);
    mem_free(job);
}

const struct lambda_handler lambda_poll_fan_out = {
    .start = start, .stop = stop, .cut = cut, .finish = finish};
