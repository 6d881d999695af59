/* engine apply PLAN: makes exactly the calls of a plan, after proving that there is no drift. */
#include "app/cli/cmd_apply.h"

#include "app/services/change_run.h"
#include "app/services/s3_change.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/plan.h"
#include "audit/plan_hold.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"

struct application_job {
    struct services *services;
    const char *name; /* of the plan: a file or s3://… */
    struct change_run change_run;
    struct s3_change remote; /* the plan is in S3 */
    struct plan_hold hold;
    struct plan *plan;
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
    if (job->remote.services != NULL)
        s3_change_follow(&job->remote);
    apply_start(job->apply, services_let_end, NULL);
}

/* A plan contains only what REPAIR admitted when it was written; if REPAIR is set now, it narrows
 * the plan. */
static void admit_the_plan(struct settings *settings)
{
    if (settings->repair == NULL)
        settings->repair = mem_strdup("all");
}

/* Reads the plan, which stays locked, before anything else is opened. */
static int read_plan(struct application_job *job, const char *path, struct err *err)
{
    job->plan = plan_hold(&job->hold, path, err) == 0 ? plan_read(path, job->name, err) : NULL;
    if (job->plan == NULL || plan_hold_check(&job->hold, path, err) != 0)
        return -1;
    if (plan_count(job->plan) > 0)
        return plan_hold_claim(&job->hold, path, err);
    if (!job->services->settings.quiet)
        log_note("the plan %s contains no calls: there is nothing to do", job->name);
    return 0;
}

static int open_remote(struct application_job *job, struct err *err)
{
    struct services *services = job->services;
    if (services_connect(services, err) != 0 ||
        s3_change_plan(&job->remote, services, job->name, services->settings.journal, err) != 0 ||
        read_plan(job, job->remote.plan_path, err) != 0)
        return -1;
    return services_to_repair(services, err);
}

static int open_local(struct application_job *job, struct err *err)
{
    return read_plan(job, job->name, err) == 0 ? services_open_to_repair(job->services, err) : -1;
}

static char *journal_path(const struct application_job *job)
{
    const char *given = job->services->settings.journal;
    if (job->remote.journal_path != NULL)
        return mem_strdup(job->remote.journal_path);
    return given != NULL ? mem_strdup(given) : mem_printf("%s.journal", job->name);
}

static int open_all(struct application_job *job, struct err *err)
{
    struct services *services = job->services;
    admit_the_plan(&services->settings);
    if ((s3_url_is(job->name) ? open_remote(job, err) : open_local(job, err)) != 0)
        return -1;
    if (services->audit_only)
        return err_set(err, ERR_USAGE, "the exceptions cannot be read, so nothing is applied");
    services_without_trust(services); /* the plan says who is trusted */
    char *journal = journal_path(job);
    job->change_run.mode = RUN_CHANGE;
    job->change_run.plan = job->hold.digest;
    int result = change_run_open(&job->change_run, journal, err);
    mem_free(journal);
    if (result == 0)
        job->apply = apply_new(&services->context, job->change_run.gate, job->change_run.run,
                               job->plan, err);
    return job->apply != NULL ? 0 : -1;
}

/* 1 if the plan could not be read to its end, which the report says then. */
static int report_failure(const struct application_job *job)
{
    const struct err *failure = job->apply != NULL ? apply_failure(job->apply) : NULL;
    if (failure == NULL)
        return 0;
    char *text = mem_printf("%s: repairs that are not in this report were not made (to make them, "
                            "apply the same plan again)",
                            failure->message);
    report_missing(job->change_run.report, "cut", text);
    log_error("%s", text);
    mem_free(text);
    return 1;
}

/* The run ended, but everything was repaired meanwhile, exempt or held. */
static bool changed_nothing(const struct application_job *job)
{
    return plan_count(job->plan) > 0 && journal_written(job->change_run.journal) == NULL;
}

static int run_apply(struct services *services, const struct text_list *words, struct err *err)
{
    struct application_job job = {.services = services,
                                  .name = words->items[0],
                                  .change_run = {.services = services},
                                  .remote = S3_CHANGE_NONE,
                                  .hold = {.name = words->items[0], .fd = -1, .claim = -1}};
    int result = open_all(&job, err);
    if (result == 0)
        result = services_run(services, false, err, on_ready, &job);
    job.change_run.dropped = result != 0;
    bool unchanged = result == 0 && changed_nothing(&job);
    int failed = report_failure(&job);
    int status = finding_worse(change_run_close(&job.change_run), failed);
    if (unchanged && !services->settings.quiet)
        log_note("no call was made (--all also lists what is compliant by now)");
    apply_free(job.apply);
    plan_free(job.plan);
    plan_release(&job.hold);
    status = finding_worse(status, s3_change_close(&job.remote));
    return result == 0 ? status : -1;
}

static int check_apply(const struct services *services, const struct text_list *words,
                       struct err *err)
{
    (void)words;
    return change_run_check(&services->settings, err);
}

static const char *const apply_options[] = {
    "policies", "profile",        "models",   "exceptions",  "format", "output",
    "all",      "concurrency",    "patience", "max-changes", "repair", "hold-irreversible",
    "journal",  "no-assume-role", "quiet",    "log-level",   "scope",  NULL};

const struct command command_apply = {
    .name = "apply",
    .arguments = "PLAN",
    .summary = "make a plan's calls if nothing has drifted",
    .help = "PLAN is a file or an s3:// object written by `engine plan --output PLAN`. Each\n"
            "resource is first read, audited and planned again. Calls that differ from the\n"
            "plan in any byte are held; so are calls that cannot be undone, unless\n"
            "--hold-irreversible=false. --repair limits what may be repaired. Writes\n"
            "PLAN.journal; for a plan in S3, a file in the working directory and an object.\n",
    .options = apply_options,
    .words = COMMAND_ONE_WORD,
    .check = check_apply,
    .run = run_apply,
};
