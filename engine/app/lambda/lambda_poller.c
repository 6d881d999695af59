/* poller: lists resources into the queue of resource lines. A scheduled event means all accounts,
 * regions and types: with POLL_QUEUE they go to the poller's own queue, one message per target;
 * without it they are listed at once. A batch from that queue contains such targets. */
#include "app/lambda/lambda_poller.h"

#include "app/lambda/lambda_batch.h"
#include "app/lambda/lambda_fan_out.h"
#include "app/lambda/lambda_units.h"
#include "app/lambda/lambda_unlisted.h"
#include "app/services/metric.h"
#include "app/services/services_policies.h"
#include "app/services/services_start.h"
#include "base/log.h"
#include "base/mem.h"

static int check(const struct settings *settings, struct err *err)
{
    if (settings_queue(settings, true) == NULL)
        return err_set(
            err, ERR_USAGE,
            "POLLER_SQS is not set: set it to the URL or ARN of the queue for resource lines");
    return 0;
}

static bool needs_caller(const struct settings *settings)
{
    return settings->accounts.count == 0;
}

/* The resources are audited elsewhere, so this function need not know who is trusted in an
 * organization that may be large. */
static int load(struct services *services, struct err *err)
{
    if (services_policies(services, err) != 0)
        return -1;
    services_without_trust(services);
    return 0;
}

static const struct lambda_handler *mode(const struct invocation *invocation)
{
    if (batch_is(invocation->input))
        return &lambda_poll_units;
    if (invocation->services->settings.poll_queue != NULL)
        return &lambda_poll_fan_out;
    return &lambda_poll_all;
}

const struct lambda_handler lambda_poller = {
    .name = "poller", .check = check, .load = load, .needs_caller = needs_caller, .mode = mode};

/* ---- all targets at once ---- */

struct poll_all {
    struct invocation *invocation;
    struct poll *poll;
    struct line_sink *lines;
    size_t found;
    bool stopped;
};

static void on_sent(void *arg, const struct err *err)
{
    struct invocation *invocation = arg;
    if (err != NULL)
        invocation->err = *err;
}

static void on_listed(void *arg)
{
    struct poll_all *job = arg;
    job->found = line_sink_count(job->lines);
    if (job->poll != NULL)
        lambda_put_unlisted(job->poll, job->lines);
    line_sink_close(job->lines, job->invocation->services->loop, on_sent, job->invocation);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct invocation *invocation = arg;
    struct poll_all *job = invocation->own;
    struct services *services = invocation->services;
    if (err != NULL)
        invocation->err = *err;
    else
        job->poll = poll_new(&services->context, services->caller, job->lines, &invocation->err);
    if (job->poll == NULL) {
        on_listed(job);
        return;
    }
    poll_start(job->poll, on_listed, job);
    if (job->stopped)
        poll_stop(job->poll);
}

static void start_all(struct invocation *invocation)
{
    struct services *services = invocation->services;
    struct line_sink *lines = line_sink_open(
        services->message, settings_queue(&services->settings, true), &invocation->err);
    if (lines == NULL)
        return;
    struct poll_all *job = mem_alloc(sizeof *job);
    *job = (struct poll_all){.invocation = invocation, .lines = lines};
    invocation->own = job;
    services_list_accounts(services, on_accounts, invocation);
}

static void stop_all(struct invocation *invocation)
{
    struct poll_all *job = invocation->own;
    job->stopped = true;
    if (job->poll != NULL)
        poll_stop(job->poll);
}

static void report_cut(const struct poll_all *job, struct err *err)
{
    if (job->poll == NULL)
        err_set(err, ERR_TIMEOUT, "the time is up: the accounts to poll have not been listed yet");
    else
        err_set(err, ERR_TIMEOUT,
                "the time is up: %zu of %zu places were not started, and others not finished; "
                "set POLL_QUEUE, so that the poller requeues what it cannot list",
                poll_left(job->poll), poll_targets(job->poll));
}

/* If only some accounts refuse, findings report that. If nothing at all could be listed, or
 * something was not even tried, the invocation has failed. */
static void judge(const struct poll_all *job, struct err *err)
{
    struct err first;
    size_t failed = job->poll != NULL ? poll_failed(job->poll, &first) : 0;
    if (job->poll == NULL)
        err_set(err, ERR_CANCELLED, "the accounts to poll were not listed");
    else if (poll_left(job->poll) > 0)
        err_set(err, ERR_TIMEOUT,
                "there was not enough time: %zu of %zu places were not listed; set POLL_QUEUE, so "
                "that the poller requeues them",
                poll_left(job->poll), poll_targets(job->poll));
    else if (failed > 0 && failed == poll_targets(job->poll))
        *err = first;
}

static void reply_all(struct invocation *invocation)
{
    const struct poll_all *job = invocation->own;
    struct err *err = &invocation->err;
    struct err first;
    if (err->kind == ERR_NONE) /* else it already has the reason */
        (invocation->cut ? report_cut : judge)(job, err);
    if (invocation->cut)
        return;
    size_t failed = job->poll != NULL ? poll_failed(job->poll, &first) : 0;
    if (job->poll != NULL)
        metric_count("PlacesNotListed", failed + poll_left(job->poll), NULL);
    if (err->kind == ERR_NONE)
        invocation->reply =
            json_pack("{s:I, s:I, s:I}", "resources", (json_int_t)job->found, "places",
                      (json_int_t)poll_targets(job->poll), "failed", (json_int_t)failed);
    metric_count("Rounds", invocation->reply != NULL, NULL);
}

static void measure_all(const struct invocation *invocation, struct metric_line *line)
{
    struct err first;
    const struct poll_all *job = invocation->own;
    size_t missing = job->poll != NULL ? poll_failed(job->poll, &first) + poll_left(job->poll) : 0;
    metric_line_count(line, "ResourcesListed", job->found);
    if (job->poll != NULL && !invocation->cut)
        metric_line_count(line, "PlacesListed", poll_targets(job->poll) - missing);
}

static void free_all(struct invocation *invocation)
{
    struct poll_all *job = invocation->own;
    poll_free(job->poll);
    mem_free(job);
}

const struct lambda_handler lambda_poll_all = {.start = start_all,
                                               .stop = stop_all,
                                               .reply = reply_all,
                                               .measure = measure_all,
                                               .free = free_all};
