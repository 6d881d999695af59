/* engine apply PLAN: makes exactly the calls of a plan, after proving that there is no drift. */
#include "app/cli/cmd_apply.h"

#include <stdio.h>

#include "app/services/change_run.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/plan.h"
#include "audit/plan_hold.h"
#include "base/mem.h"

struct application_job {
    struct services *services;
    struct change_run change_run;
    struct plan_hold hold;
    json_t *plan;
    struct apply *apply;
};

static void stop(void *arg)
{
    apply_stop(arg);
}

static void on_ready(void *arg)
{
    struct application_job *job = arg;
    services_on_stop(job->services, stop, job->apply);
    apply_start(job->apply, services_let_end, NULL);
}

/* A plan contains only what REPAIR admitted when it was written; if REPAIR is set now, it narrows
 * the plan. */
static void admit_the_plan(struct settings *settings)
{
    if (settings->repair == NULL)
        settings->repair = mem_strdup("all");
}

static int open_all(struct application_job *job, const char *path, struct err *err)
{
    struct services *services = job->services;
    if (plan_hold(&job->hold, path, err) != 0)
        return -1;
    admit_the_plan(&services->settings);
    job->plan = plan_read(path, err);
    if (job->plan != NULL && plan_hold_check(&job->hold, path, err) != 0)
        return -1;
    if (job->plan != NULL && json_array_size(job->plan) == 0 && !services->settings.quiet)
        fprintf(stderr, "engine: the plan %s contains no calls: there is nothing to do\n", path);
    if (job->plan == NULL || services_open_to_repair(services, err) != 0)
        return -1;
    if (services->audit_only)
        return err_set(err, ERR_USAGE, "the exceptions cannot be read, so nothing is applied");
    services_without_trust(services); /* the plan says who is trusted */
    const char *given = services->settings.journal;
    char *journal = given != NULL ? mem_strdup(given) : mem_printf("%s.journal", path);
    job->change_run.mode = RUN_CHANGE;
    job->change_run.plan = job->hold.digest;
    int result = change_run_open(&job->change_run, journal, err);
    mem_free(journal);
    if (result == 0)
        job->apply = apply_new(&services->context, job->change_run.gate, job->change_run.run,
                               job->plan, err);
    return job->apply != NULL ? 0 : -1;
}

/* The plan is read before anything is opened. */
static int run_apply(struct services *services, const struct text_list *words, struct err *err)
{
    struct application_job job = {.services = services,
                                  .change_run = {.services = services},
                                  .hold = {.fd = -1, .claim = -1}};
    int result = open_all(&job, words->items[0], err);
    if (result == 0)
        result = services_run(services, false, err, on_ready, &job);
    job.change_run.dropped = result != 0;
    int status = change_run_close(&job.change_run);
    apply_free(job.apply);
    json_decref(job.plan);
    plan_release(&job.hold);
    return result == 0 ? status : -1;
}

static const char *const apply_options[] = {
    "policies", "profile",        "models",   "exceptions",  "format", "output",
    "all",      "concurrency",    "patience", "max-changes", "repair", "hold-irreversible",
    "journal",  "no-assume-role", "quiet",    "log-level",   NULL};

const struct command command_apply = {
    .name = "apply",
    .arguments = "PLAN",
    .summary = "make a plan's calls if nothing has drifted",
    .help = "PLAN is a file written by `engine plan --output PLAN`. Each resource is first\n"
            "read, audited and planned again. Calls that differ from the plan in any byte\n"
            "are held; so are calls that cannot be undone, unless --hold-irreversible=false.\n"
            "--repair limits what may be repaired. Writes PLAN.journal.\n",
    .options = apply_options,
    .words = COMMAND_ONE_WORD,
    .run = run_apply,
};
