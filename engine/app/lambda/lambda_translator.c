/* event_translator: converts one CloudTrail event, delivered by EventBridge, to resource lines in
 * the queue. */
#include "app/lambda/lambda_translator.h"

#include "app/services/listing_requests.h"
#include "app/services/metric.h"
#include "app/services/services_policies.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/line_sink.h"
#include "intake/translate.h"

struct translator {
    struct invocation *invocation; /* its error is the first one */
    struct line_sink *lines;       /* while the event is processed */
    struct line_sink *listings;    /* to the poller's queue; NULL: not needed */
    size_t count;
};

static int check(const struct settings *settings, struct err *err)
{
    if (settings_queue(settings, false) != NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   "SQS is not set: set it to the URL or ARN of the queue for resource lines");
}

static void note(struct translator *job, const struct err *err)
{
    if (job->invocation->err.kind == ERR_NONE)
        job->invocation->err = *err;
    else
        log_error("%s", err->message);
}

static void count_without_id(bool is_listed)
{
    metric_count("EventsWithoutId", 1, json_pack("{s:b}", "listed", is_listed));
}

static void on_problem(void *arg, enum translate_problem problem, const struct err *err)
{
    if (problem == TRANSLATE_FAILED) {
        note(arg, err);
        return;
    }
    log_warn("%s", err->message);
    if (problem == TRANSLATE_LACKS_ID)
        count_without_id(false);
}

static bool on_listing(void *arg, const json_t *message)
{
    struct translator *job = arg;
    struct err err = {0};
    bool listed = listing_requests_add(job->invocation->services, &job->listings, message, &err);
    if (err.kind != ERR_NONE)
        note(job, &err);
    if (listed)
        count_without_id(true);
    return listed;
}

static void on_resource(void *arg, const struct resource *resource)
{
    const struct translator *job = arg;
    line_sink_put(job->lines, resource);
}

static void on_sent(void *arg, const struct err *err)
{
    struct translator *job = arg;
    if (err == NULL)
        return;
    note(job, err);
    listing_requests_forget(job->invocation->services);
}

static void start(struct invocation *invocation)
{
    struct services *services = invocation->services;
    struct line_sink *lines = line_sink_open(
        services->message, settings_queue(&services->settings, false), &invocation->err);
    if (lines == NULL)
        return;
    struct translator *job = mem_alloc(sizeof *job);
    const struct translate_target target = {
        .resource = on_resource, .problem = on_problem, .listing = on_listing, .arg = job};
    job->invocation = invocation;
    job->lines = lines;
    invocation->own = job;
    translate_event(&services->context, invocation->input, &target);
    job->count = line_sink_count(lines);
    line_sink_close(lines, services->loop, on_sent, job);
    if (job->listings != NULL)
        line_sink_close(job->listings, services->loop, on_sent, job);
}

static void reply(struct invocation *invocation)
{
    const struct translator *job = invocation->own;
    if (invocation->err.kind == ERR_NONE)
        invocation->reply = json_pack("{s:I}", "resources", (json_int_t)job->count);
}

static void measure(const struct invocation *invocation, struct metric_line *line)
{
    const struct translator *job = invocation->own;
    metric_line_count(line, "Events", 1);
    metric_line_count(line, "Lines", job->count);
}

static void free_job(struct invocation *invocation)
{
    mem_free(invocation->own);
}

/* Sent messages cannot be taken back, so nothing can be stopped. */
const struct lambda_handler lambda_translator = {.name = "event_translator",
                                                 .check = check,
                                                 .load = services_events,
                                                 .runs_plainly = true,
                                                 .late =
                                                     "the queue did not accept the lines in time",
                                                 .start = start,
                                                 .reply = reply,
                                                 .measure = measure,
                                                 .free = free_job};
