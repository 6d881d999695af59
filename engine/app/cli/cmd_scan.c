/* engine scan: poll and remediate in one process. */
#include "app/cli/cmd_scan.h"

#include <stdio.h>

#include "app/services/change_run.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/run_report.h"
#include "audit/scan.h"
#include "intake/poll.h"

struct scan_job {
    struct services *services;
    struct change_run change_run;
    struct poll *poll;
    struct scan *scan;
};

static void stop(void *arg)
{
    scan_stop(arg);
}

/* The first audit needs the caller, but there may have been nothing to audit. */
static void on_scanned(void *arg)
{
    struct scan_job *job = arg;
    if (change_run_shows_scope(&job->change_run))
        services_name_caller(job->services);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct scan_job *job = arg;
    struct services *services = job->services;
    if (err != NULL)
        services->err = *err;
    if (err != NULL || services->stopped)
        return;
    job->poll = poll_new(&services->context, services->caller, NULL, &services->err);
    if (job->poll == NULL)
        return;
    job->scan = scan_new(services->loop, job->poll, job->change_run.run);
    services_on_stop(services, stop, job->scan);
    scan_start(job->scan, on_scanned, job);
}

static void on_ready(void *arg)
{
    struct scan_job *job = arg;
    services_list_accounts(job->services, on_accounts, job);
}

static int open_run(struct scan_job *job, struct err *err)
{
    struct services *services = job->services;
    struct settings *settings = &services->settings;
    if (!settings->format_given && settings->format == FORMAT_TABLE)
        settings->format = FORMAT_SUMMARY;
    job->change_run.mode = change_run_mode(services);
    job->change_run.lists = true;
    job->change_run.looks_at_all = settings->types.count == 0 && services->selected == NULL;
    if (settings->output == NULL)
        services_watch_stdout(services, job->change_run.mode == RUN_CHANGE);
    return change_run_open_default(&job->change_run, err);
}

/* Says so if there was nothing to audit, because the output looks as if all were compliant. */
static void report_empty(const struct scan_job *job)
{
    const struct services *services = job->services;
    if (!services->settings.quiet && !services->stopped && job->poll != NULL &&
        poll_status(job->poll) == 0 && run_finished(job->change_run.run) == 0)
        log_note("no resources found in %zu place%s: nothing was audited", poll_targets(job->poll),
                 poll_targets(job->poll) == 1 ? "" : "s");
}

static int run_scan(struct services *services, const struct text_list *words, struct err *err)
{
    struct scan_job job = {.services = services, .change_run = {.services = services}};
    (void)words;
    int result = open_run(&job, err);
    if (result == 0)
        result =
            services_run(services, services->settings.accounts.count == 0, err, on_ready, &job);
    if (result == 0)
        report_empty(&job);
    job.change_run.dropped = result != 0;
    int status = change_run_close(&job.change_run);
    scan_free(job.scan);
    poll_free(job.poll);
    return result == 0 ? status : -1;
}

static const char *const scan_options[] = {
    "accounts",    "regions", "types",      "checks",   "severity",       "only-use-test-resources",
    "policies",    "models",  "exceptions", "baseline", "compliance",     "fail-on",
    "format",      "output",  "all",        "explain",  "steps",          "concurrency",
    "patience",    "wait",    "remediate",  "dry-run",  "repair",         "hold-irreversible",
    "max-changes", "journal", "record",     "replay",   "no-assume-role", "quiet",
    "log-level",   "profile", "scope",      NULL};

const struct command command_scan = {
    .name = "scan",
    .arguments = "",
    .summary = "list resources and audit them",
    .help = "Lists the resources of the selected accounts, regions and types, and audits each\n"
            "by the policy of its type as soon as it is found: engine poll and engine\n"
            "remediate in one process. If something could not be listed, the report says so,\n"
            "and the exit status is 1.\n"
            "With --dry-run --output FILE it writes a plan for engine apply.\n" COMMAND_SELECTION,
    .options = scan_options,
    .open = services_open_to_repair,
    .run = run_scan,
};
