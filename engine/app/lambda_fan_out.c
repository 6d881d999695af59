/* The scheduled poller with a queue of its own: every account, region and type becomes a message,
 * so that as many pollers as there are messages share the work. */
#include "app/lambda_poll.h"
#include "base/log.h"
#include "base/mem.h"
#include "work/message.h"
#include "work/poll.h"

#define PAUSE_MS 10 /* until the queue is looked at again, while it is full */

struct fan_out {
    struct services *services;
    struct poll *poll; /* knows the places; lists none */
    struct message_queue *queue;
    size_t next;
    struct loop_timer *pause;
    struct err err;
};

json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i}", "type", "poll", "account", account, "region",
                     region, "resource_type", type, "attempt", attempt);
}

static void on_sent(void *arg, const struct err *err)
{
    struct fan_out *job = arg;
    if (err != NULL)
        job->err = *err;
}

static void close_queue(struct fan_out *job)
{
    struct message_queue *queue = job->queue;
    job->queue = NULL;
    if (queue != NULL)
        message_queue_close(queue, on_sent, job);
}

static void put_next(struct fan_out *job)
{
    const struct poll_place *place = poll_place(job->poll, job->next++);
    json_t *message = lambda_poll_message(place->account, place->region, place->policy->type, 0);
    message_queue_put(job->queue, message, 0);
    json_decref(message);
}

static void put_more(void *arg)
{
    struct fan_out *job = arg;
    job->pause = NULL;
    while (job->next < poll_places(job->poll) && !message_queue_full(job->queue))
        put_next(job);
    if (job->next < poll_places(job->poll))
        job->pause = loop_after(job->services->loop, PAUSE_MS, put_more, job);
    else
        close_queue(job);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct fan_out *job = arg;
    struct services *services = job->services;
    if (err != NULL)
        job->err = *err;
    else
        job->poll = poll_new(&services->context, services->caller, NULL, &job->err);
    if (job->poll != NULL && job->queue != NULL)
        put_more(job);
    else
        close_queue(job);
}

static void start(struct invocation *invocation)
{
    struct services *services = invocation->services;
    struct message_queue *queue =
        message_queue_open(services->message, services->settings.poll_queue, &invocation->err);
    if (queue == NULL)
        return;
    struct fan_out *job = mem_alloc(sizeof *job);
    *job = (struct fan_out){.services = services, .queue = queue};
    invocation->own = job;
    services_list_accounts(services, on_accounts, job);
}

static void stop(struct invocation *invocation)
{
    struct fan_out *job = invocation->own;
    loop_cancel(job->services->loop, job->pause);
    job->pause = NULL;
    close_queue(job);
}

static void tell_left(const struct fan_out *job, struct err *err)
{
    if (job->poll == NULL) {
        err_set(err, ERR_TIMEOUT, "the time did not suffice to list the accounts to poll");
        return;
    }
    err_set(err, ERR_TIMEOUT, "the time did not suffice: %zu of %zu places were not handed on",
            poll_places(job->poll) - job->next, poll_places(job->poll));
}

static void cut(struct invocation *invocation)
{
    tell_left(invocation->own, &invocation->err);
}

static void finish(struct invocation *invocation)
{
    struct fan_out *job = invocation->own;
    if (job->err.kind != ERR_NONE)
        invocation->err = job->err;
    else if (job->poll == NULL || job->next < poll_places(job->poll))
        tell_left(job, &invocation->err);
    else
        invocation->reply = json_pack("{s:I}", "places", (json_int_t)job->next);
    poll_free(job->poll);
    mem_free(job);
}

const struct lambda_handler lambda_poll_fan_out = {
    .start = start, .stop = stop, .cut = cut, .finish = finish};
