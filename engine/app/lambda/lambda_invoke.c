#include "app/lambda/lambda_invoke.h"

#include <limits.h>

#include "app/lambda/lambda_metrics.h"
#include "app/services/metric.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "aws/retry/retry.h"
#include "base/clock.h"
#include "base/log.h"
#include "notify/message_visibility.h"
#include "value/json.h"

#define LONGEST_STOP_MS 15000
#define LONGEST_CUT_MS 2000
/* A fault that lasts must not use up the receives of a message (maxReceiveCount) in minutes. */
#define SOON_RECEIVES 2
#define LONGEST_MS (15 * 60 * 1000) /* AWS Lambda Developer Guide, quotas: timeout */

void lambda_reserves(int64_t left_ms, int64_t *stop_ms, int64_t *cut_ms)
{
    *stop_ms = left_ms / 4 < LONGEST_STOP_MS ? left_ms / 4 : LONGEST_STOP_MS;
    *cut_ms = left_ms / 10 < LONGEST_CUT_MS ? left_ms / 10 : LONGEST_CUT_MS;
}

/* Items that are not done become visible soon after the time is up. The visibility timeout of the
 * queue is longer, because it is meant for invocations that do not respond. */
static void show_later(const struct invocation *invocation, const struct batch *batch,
                       int64_t left_ms)
{
    message_show_later(invocation->services->message, batch->queue, batch_later(batch, left_ms));
}

static int64_t left_ms_of(const struct invocation *invocation)
{
    return invocation->cut_ms - clock_mono_ms();
}

/* Makes the messages of a batch that was not started visible again, except those that were received
 * more than `most` times: these wait for the queue's own time-out. */
static void show_not_started(struct invocation *invocation, int64_t left_ms, int most)
{
    struct batch batch;
    struct err err = {0};
    if (invocation->shown || !batch_is(invocation->input) ||
        batch_read(invocation->input, &batch, &err) != 0)
        return;
    invocation->shown = true;
    for (size_t i = 0; i < batch.count; i++)
        batch.items[i].done |= batch.items[i].received > most;
    show_later(invocation, &batch, left_ms);
    batch_clear(&batch);
}

void lambda_start(struct invocation *invocation)
{
    if (invocation->handler->mode != NULL)
        invocation->handler = invocation->handler->mode(invocation);
    if (invocation->handler->takes_batch &&
        batch_read(invocation->input, &invocation->batch, &invocation->err) != 0)
        return;
    lambda_metrics_begin(invocation);
    invocation->handler->start(invocation);
    invocation->started = invocation->own != NULL;
}

void lambda_stop(struct invocation *invocation)
{
    if (invocation->handler->stop != NULL)
        invocation->handler->stop(invocation);
    if (invocation->handler->takes_batch)
        show_later(invocation, &invocation->batch, left_ms_of(invocation));
}

/* Work that waits for a throttled service ends now, and another invocation does it again. */
static void stop_work(void *arg)
{
    struct invocation *invocation = arg;
    client_hurry(invocation->services->client);
    if (invocation->started) {
        lambda_stop(invocation);
    } else {
        services_stop_listing(invocation->services);
        show_not_started(invocation, left_ms_of(invocation), INT_MAX);
    }
}

static void on_stop(void *arg)
{
    struct invocation *invocation = arg;
    invocation->stop_timer = NULL;
    stop_work(invocation);
}

static void on_cut(void *arg)
{
    struct invocation *invocation = arg;
    invocation->cut_timer = NULL;
    invocation->cut = true;
    loop_stop(invocation->services->loop);
}

static struct loop_timer *arm(struct loop *loop, int64_t at_ms, loop_fn fn, void *arg)
{
    struct loop_timer *timer = loop_after(loop, at_ms - clock_mono_ms(), fn, arg);
    loop_timer_background(loop, timer);
    return timer;
}

/* Neither timer keeps the loop running: the invocation ends when its work does. */
static void watch_time(struct invocation *invocation)
{
    struct services *services = invocation->services;
    int64_t now = clock_mono_ms();
    int64_t deadline = invocation->event->deadline_ms;
    int64_t left = deadline > 0 ? deadline - clock_wall_ms() : LONGEST_MS;
    int64_t stop, cut;
    const char *arn = invocation->event->function_arn;
    if (left > LONGEST_MS)
        left = LONGEST_MS;
    if (left < 0)
        left = 0;
    lambda_reserves(left, &stop, &cut);
    log_debug("invoked as %s, with %lld ms left", arn != NULL ? arn : invocation->handler->name,
              (long long)left);
    services->context.stop_ms = now + left - stop;
    services->creds_env.stop_ms = services->context.stop_ms;
    services->chain_env.stop_ms = services->context.stop_ms;
    invocation->cut_ms = now + left - cut;
    invocation->stop_timer = arm(services->loop, services->context.stop_ms, on_stop, invocation);
    invocation->cut_timer = arm(services->loop, invocation->cut_ms, on_cut, invocation);
}

static void unwatch_time(struct invocation *invocation)
{
    loop_cancel(invocation->services->loop, invocation->stop_timer);
    loop_cancel(invocation->services->loop, invocation->cut_timer);
}

static void on_ready(void *arg)
{
    struct invocation *invocation = arg;
    const struct err *untrusted = &invocation->services->untrusted;
    /* Checks that depend on it would be reported as "unknown", and the messages would count as
     * done. */
    if (untrusted->kind != ERR_NONE && retry_is_transient(untrusted)) {
        invocation->err = *untrusted;
        show_not_started(invocation, 0, untrusted->kind == ERR_TIMEOUT ? INT_MAX : SOON_RECEIVES);
        return;
    }
    lambda_start(invocation);
    if (invocation->started && context_is_late(&invocation->services->context))
        lambda_stop(invocation);
}

/* If loading failed, every invocation tries again. */
static int load(struct invocation *invocation)
{
    struct services *services = invocation->services;
    if (services->loaded) {
        services_renew(services);
        return 0;
    }
    services->language->host_free(services->host);
    services->host = NULL;
    services->loaded = invocation->handler->load(services, &invocation->err) == 0;
    return services->loaded ? 0 : -1;
}

static void run(struct invocation *invocation)
{
    struct services *services = invocation->services;
    const struct lambda_handler *handler = invocation->handler;
    if (handler->runs_plainly)
        services_run_plainly(services, &invocation->err, on_ready, invocation);
    else
        services_run(services, handler->needs_caller(&services->settings), &invocation->err,
                     on_ready, invocation);
}

/* The invocation has not failed, so no Lambda metric counts these messages. */
static void reply_batch(struct invocation *invocation)
{
    invocation->reply = batch_reply(&invocation->batch);
    size_t again = json_array_size(json_object_get(invocation->reply, "batchItemFailures"));
    log_info("%zu of %zu messages are done", invocation->batch.count - again,
             invocation->batch.count);
    metric_count("BatchItemsFailed", again, NULL);
}

static void report_late(struct invocation *invocation)
{
    if (invocation->handler->takes_batch)
        log_error("the time is up: the messages of unfinished work will be delivered again");
    else if (invocation->handler->late != NULL && invocation->err.kind == ERR_NONE)
        err_set(&invocation->err, ERR_TIMEOUT, "%s", invocation->handler->late);
}

void lambda_finish(struct invocation *invocation)
{
    const struct lambda_handler *handler = invocation->handler;
    if (invocation->cut)
        report_late(invocation);
    handler->reply(invocation);
    if (handler->takes_batch)
        reply_batch(invocation);
    lambda_metrics_write(invocation);
    if (invocation->cut)
        return; /* the process ends, with all that it has */
    handler->free(invocation);
    batch_clear(&invocation->batch);
}

static void conclude(struct invocation *invocation)
{
    if (invocation->started) {
        lambda_finish(invocation);
        return;
    }
    batch_clear(&invocation->batch);
    if (invocation->err.kind == ERR_NONE)
        err_set(&invocation->err, invocation->cut ? ERR_TIMEOUT : ERR_CANCELLED,
                "there was not enough time to start");
}

void lambda_invoke(struct invocation *invocation)
{
    struct services *services = invocation->services;
    const struct lambda_event *event = invocation->event;
    invocation->input = json_parse(event->body, event->length, &invocation->err);
    if (invocation->input == NULL) {
        err_prefix(&invocation->err, "the event");
        return;
    }
    if (load(invocation) != 0)
        return;
    watch_time(invocation);
    void (*stop)(void *arg) = services->stop;
    void *stop_arg = services->stop_arg;
    services_on_stop(services, stop_work, invocation);
    run(invocation);
    services_on_stop(services, stop, stop_arg);
    unwatch_time(invocation);
    conclude(invocation);
}
