/* engine translate: converts the CloudTrail events on stdin to resource lines. */
#include "app/cli/cmd_translate.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/services/listing_requests.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "base/log.h"
#include "intake/event_source.h"
#include "intake/line_sink.h"
#include "intake/translate_text.h"

#define PAUSE_MS 20 /* until the queue is checked again, while it is full */

struct translation {
    struct services *services;
    struct line_sink *lines;
    struct line_sink *listings; /* to the poller's queue; NULL: not needed yet */
    struct event_source *source;
    bool reading;
    const struct event_text *current;
    struct loop_timer *pause;
    int status;
};

static void on_sent(void *arg, const struct err *err)
{
    struct translation *job = arg;
    bool prints = settings_queue(&job->services->settings, false) == NULL;
    if (err == NULL || (prints && services_reader_left(job->services)))
        return;
    log_error("%s", err->message);
    job->status = 1;
    listing_requests_forget(job->services);
}

static void finish(struct translation *job)
{
    if (!job->reading)
        return;
    job->reading = false;
    loop_cancel(job->services->loop, job->pause);
    event_source_free(job->source);
    line_sink_close(job->lines, job->services->loop, on_sent, job);
    if (job->listings != NULL)
        line_sink_close(job->listings, job->services->loop, on_sent, job);
}

static void stop(void *arg)
{
    finish(arg);
}

/* Nothing is read while the queue has no room, nor when nobody reads the lines. */
static void pull(void *arg)
{
    struct translation *job = arg;
    job->pause = NULL;
    if (line_sink_failed(job->lines))
        finish(job);
    else if (line_sink_full(job->lines))
        job->pause = loop_after(job->services->loop, PAUSE_MS, pull, job);
    else
        event_source_pull(job->source);
}

static void on_resource(void *arg, const struct resource *resource)
{
    const struct translation *job = arg;
    line_sink_put(job->lines, resource);
}

/* If lines go to stdout, the target's line does too; otherwise it goes to the poller's queue. */
static bool on_listing(void *arg, const json_t *message)
{
    struct translation *job = arg;
    struct err err = {0};
    if (settings_queue(&job->services->settings, false) == NULL) {
        line_sink_put_message(job->lines, message, 0);
        return true;
    }
    bool listed = listing_requests_add(job->services, &job->listings, message, &err);
    if (err.kind != ERR_NONE)
        on_sent(job, &err);
    return listed;
}

static void on_problem(void *arg, enum translate_problem problem, const struct err *err)
{
    struct translation *job = arg;
    struct err placed = *err;
    event_text_prefix(job->current, &placed);
    if (problem != TRANSLATE_FAILED) {
        log_warn("%s", placed.message);
        return;
    }
    log_error("%s", placed.message);
    job->status = 1;
}

static void on_text(void *arg, const struct event_text *text)
{
    struct translation *job = arg;
    struct err err = {0};
    const struct translate_target target = {
        .resource = on_resource, .problem = on_problem, .listing = on_listing, .arg = job};
    job->current = text;
    if (text->problem != NULL) {
        err_set(&err, ERR_PARSE, "%s", text->problem);
        on_problem(job, TRANSLATE_FAILED, &err);
    } else {
        translate_text(&job->services->context, text->text, text->length, &target);
    }
    pull(job);
}

static void on_bad(void *arg, const struct err *err)
{
    struct translation *job = arg;
    log_error("%s", err->message);
    job->status = 1;
    pull(job);
}

static void on_end(void *arg)
{
    finish(arg);
}

static void on_ready(void *arg)
{
    struct translation *job = arg;
    struct services *services = job->services;
    const struct event_target target = {.text = on_text, .bad = on_bad, .end = on_end, .arg = job};
    job->lines = line_sink_open(services->message, settings_queue(&services->settings, false),
                                &services->err);
    if (job->lines == NULL)
        return;
    if (settings_queue(&services->settings, false) == NULL)
        services_watch_stdout(services, false);
    job->source = event_source_new(services->loop, STDIN_FILENO, &target);
    job->reading = true;
    services_on_stop(services, stop, job);
    pull(job);
}

/* Lines for stdout need neither credentials nor models. */
static int open_all(struct services *services, struct err *err)
{
    if (settings_queue(&services->settings, false) == NULL)
        services_offline(services);
    else if (services_connect(services, err) != 0)
        return -1;
    if (services_events(services, err) != 0)
        return -1;
    return translate_check_types(&services->context, err);
}

static int run_translate(struct services *services, const struct text_list *words, struct err *err)
{
    struct translation job = {.services = services};
    (void)words;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe must fail the write */
    if (isatty(STDIN_FILENO) && !services->settings.quiet)
        log_note("reading events from the terminal (end with Ctrl-D)");
    if (services_run_plainly(services, err, on_ready, &job) != 0)
        return -1;
    return services->stopped ? 1 : job.status;
}

static const char *const translate_options[] = {"types",     "sqs",         "stdout", "region",
                                                "policies",  "profile",     "models", "quiet",
                                                "log-level", "concurrency", NULL};

const struct command command_translate = {
    .name = "translate",
    .arguments = "",
    .summary = "write resource lines for CloudTrail events",
    .help = "Reads events of CloudTrail from stdin: its log files ({\"Records\":[…]}), also\n"
            "compressed (gzip), single records, or events as EventBridge delivers them; one\n"
            "after another, each on one line or over several:\n\n"
            "  aws s3 cp s3://BUCKET/AWSLogs/…/FILE.json.gz - | engine translate\n\n"
            "Writes a resource line for each resource that a watched event names, to stdout\n"
            "or to an SQS queue (--sqs URL, SQS). An event that cannot be read is an error\n"
            "with its line and record; the rest is read, and the exit status is 1. Calls\n"
            "that failed, and changes that the engine itself made with the member role\n"
            "(MEMBER_ROLE), cause no line. If CloudTrail omitted the id from a watched event,\n"
            "a message requests a listing of its type (to POLL_QUEUE or stdout). Without a\n"
            "queue, needs no network.\n",
    .options = translate_options,
    .open = open_all,
    .run = run_translate,
};
