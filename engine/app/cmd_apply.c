/* engine apply PLAN: makes exactly the calls of a plan, after proving that nothing drifted. */
#include <stdio.h>

#include "app/command.h"
#include "base/log.h"
#include "base/mem.h"
#include "work/finding.h"
#include "work/gate.h"
#include "work/plan.h"
#include "work/report.h"
#include "work/run.h"

struct application_job {
    struct services *services;
    json_t *plan;
    struct journal *journal;
    struct gate *gate;
    struct report *report;
    struct run *run;
    struct apply *apply;
};

static void on_done(void *arg)
{
    (void)arg;
}

static void stop(void *arg)
{
    apply_stop(arg);
}

static void on_ready(void *arg)
{
    struct application_job *job = arg;
    services_on_stop(job->services, stop, job->apply);
    apply_start(job->apply, on_done, job);
}

static int open_all(struct application_job *job, const char *path, struct err *err)
{
    struct services *services = job->services;
    job->plan = plan_read(path, err);
    if (job->plan != NULL && json_array_size(job->plan) == 0 && !services->settings.quiet)
        fprintf(stderr, "engine: %s plans no calls: there is nothing to make\n", path);
    if (job->plan == NULL || services_connect(services, err) != 0 ||
        services_policies(services, err) != 0)
        return -1;
    if (services->audit_only)
        return err_set(err, ERR_USAGE, "the exceptions cannot be read, so nothing is applied");
    job->report = report_open(&services->settings, err);
    if (job->report == NULL)
        return -1;
    const char *given = services->settings.journal;
    char *journal = given != NULL ? mem_strdup(given) : mem_printf("%s.journal", path);
    job->journal = journal_new(journal);
    mem_free(journal);
    job->gate = gate_new(&services->context, job->journal);
    struct run_options options = {.context = &services->context,
                                  .mode = RUN_CHANGE,
                                  .report = job->report,
                                  .gate = job->gate};
    job->run = run_new(&options);
    job->apply = apply_new(&services->context, job->gate, job->run, job->plan, err);
    return job->apply != NULL ? 0 : -1;
}

static int close_all(struct application_job *job, int result)
{
    struct err err = {0};
    int status = job->run != NULL ? run_status(job->run) : 1;
    if (job->report != NULL && report_close(job->report, &err) != 0) {
        log_error("%s", err.message);
        status = 1;
    }
    if (job->journal != NULL && journal_written(job->journal) != NULL &&
        !job->services->settings.quiet)
        fprintf(stderr, "engine: journal: %s (take it back: engine undo %s)\n",
                journal_written(job->journal), journal_written(job->journal));
    apply_free(job->apply);
    run_free(job->run);
    gate_free(job->gate);
    journal_free(job->journal);
    json_decref(job->plan);
    return result != 0 ? -1 : job->services->failed ? finding_worse(status, 1) : status;
}

static int run_apply(struct services *services, const struct text_list *rest, struct err *err)
{
    struct application_job job = {.services = services};
    const char *path = command_only_argument(&command_apply, rest, err);
    if (path == NULL)
        return -1;
    int result = open_all(&job, path, err);
    if (result == 0)
        result = services_run(services, false, on_ready, &job, err);
    return close_all(&job, result);
}

static const char *const apply_options[] = {
    "policies",    "models",  "exceptions",     "format", "output",    "all", "concurrency",
    "max-changes", "journal", "no-assume-role", "quiet",  "log-level", NULL};

const struct command command_apply = {
    .name = "apply",
    .arguments = "PLAN",
    .summary = "make exactly the calls of a plan, after proving that nothing drifted",
    .help = "PLAN is what `engine plan --output PLAN` wrote. Each resource is read, audited and "
            "planned\nagain first: calls that differ in any byte are held. Writes PLAN.journal.\n",
    .options = apply_options,
    .takes_arguments = true,
    .run = run_apply,
};
