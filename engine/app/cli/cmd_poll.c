/* engine poll: resource lines of all chosen accounts, regions and types. */
#include "app/cli/cmd_poll.h"

#include <stdio.h>

#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "base/log.h"
#include "intake/line_sink.h"
#include "intake/poll_list.h"
#include "policy/finding.h"

struct poll_job {
    struct services *services;
    struct line_sink *lines;
    struct poll *poll;
    struct poll_list *list; /* on stdout */
    bool listed;
    size_t sent; /* lines, to a queue */
    int status;
};

/* Nothing else says what went to a queue. */
static void tell_sent(const struct poll_job *job)
{
    const struct settings *settings = &job->services->settings;
    if (job->listed && job->list == NULL && !settings->quiet)
        log_note("%zu resource line%s sent to %s", job->sent, job->sent == 1 ? "" : "s",
                 settings_queue(settings, true));
}

static void on_sent(void *arg, const struct err *err)
{
    struct poll_job *job = arg;
    if (err == NULL)
        tell_sent(job);
    if (err == NULL || (job->list != NULL && services_reader_left(job->services)))
        return;
    log_error("%s", err->message);
    job->status = 1;
}

static void on_listed(void *arg)
{
    struct poll_job *job = arg;
    job->listed = true;
    job->status = finding_worse(job->status, poll_status(job->poll));
    if (job->list != NULL && poll_list_end(job->list) != 0)
        job->status = 1;
    job->sent = line_sink_count(job->lines);
    line_sink_close(job->lines, job->services->loop, on_sent, job);
}

static void stop(void *arg)
{
    poll_stop(arg);
}

static void begin(struct poll_job *job)
{
    struct services *services = job->services;
    const char *queue = settings_queue(&services->settings, true);
    job->lines = line_sink_open(services->message, queue, &services->err);
    if (job->lines == NULL)
        return;
    job->poll = poll_new(&services->context, services->caller, job->lines, &services->err);
    if (job->poll == NULL) {
        line_sink_close(job->lines, services->loop, on_sent, job);
        return;
    }
    services_on_stop(services, stop, job->poll);
    if (queue == NULL)
        services_watch_stdout(services, false);
    if (queue == NULL)
        job->list = poll_list_begin(job->poll, job->lines);
    poll_start(job->poll, on_listed, job);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct poll_job *job = arg;
    if (err != NULL)
        job->services->err = *err;
    else if (!job->services->stopped)
        begin(job);
}

static void on_ready(void *arg)
{
    struct poll_job *job = arg;
    services_list_accounts(job->services, on_accounts, job);
}

static int run_poll(struct services *services, const struct text_list *words, struct err *err)
{
    struct poll_job job = {.services = services};
    (void)words;
    int result =
        services_run(services, services->settings.accounts.count == 0, err, on_ready, &job);
    if (result == 0 && job.poll != NULL && !job.listed)
        result = err_set(err, ERR_INTERNAL,
                         "internal error: not every place was answered; please report this");
    poll_free(job.poll);
    return result != 0 ? -1 : services->failed ? 1 : job.status;
}

static const char *const poll_options[] = {
    "accounts", "regions", "types",          "sqs",     "stdout",    "only-use-test-resources",
    "policies", "models",  "no-assume-role", "quiet",   "log-level", "concurrency",
    "patience", "record",  "replay",         "profile", NULL};

const struct command command_poll = {
    .name = "poll",
    .arguments = "",
    .summary = "list resources, one JSON line for each",
    .help = "Writes one line for each resource to stdout, or sends the lines to an SQS queue\n"
            "(--sqs URL). On stdout, the line {\"poll\":\"begin\"} comes first, and the line\n"
            "{\"poll\":\"end\"} last; it names the places (a type in an account and region)\n"
            "that could not be listed.\n" COMMAND_SELECTION,
    .options = poll_options,
    .open = services_open_to_list,
    .run = run_poll,
};
