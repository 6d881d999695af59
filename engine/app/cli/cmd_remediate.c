/* engine remediate, engine plan, and engine --policy P --resource ID: one run, three commands. */
#include "app/cli/cmd_remediate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/services/change_run.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/run_report.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/words.h"

struct remediation {
    struct services *services;
    struct change_run change_run;
    bool single;
    /* The resource of --resource: its policy and region. */
    const struct policy *policy;
    const char *region;
    struct source_target target; /* where the lines go */
    bool warned;                 /* of a line that --accounts or --regions does not name */
};

static void stop(void *arg)
{
    run_stop(arg);
}

/* The only policy of a file that --policy names; else by type or alias, where a name may have the
 * suffix of a policy file ("s3.lua"). */
static const struct policy *find_policy(const struct services *services, const char *name)
{
    struct evaluator *evaluator = services->context.evaluator;
    size_t count, length = strlen(name);
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    char *path = services_policy_path(services, name);
    const struct policy *policy =
        path != NULL && count == 1 ? all[0] : evaluator->find(evaluator->self, name);
    mem_free(path);
    if (policy != NULL || length < 5 || strcmp(name + length - 4, ".lua") != 0)
        return policy;
    char *bare = mem_strndup(name, length - 4);
    policy = evaluator->find(evaluator->self, bare);
    mem_free(bare);
    return policy;
}

static int refuse_policy(const struct remediation *job, struct err *err)
{
    const struct settings *settings = &job->services->settings;
    char hint[SUGGEST_TEXT];
    words_type_hint(job->services->context.evaluator, settings->policy, hint);
    return err_set(err, ERR_USAGE, "--policy %s: no such file, type or alias in %s%s",
                   settings->policy, settings->policies, hint);
}

/* Before anything is sent: a mistake on the command line is named even if no call succeeds. */
static int find_single(struct remediation *job, struct err *err)
{
    const struct settings *settings = &job->services->settings;
    job->policy = find_policy(job->services, settings->policy);
    if (job->policy == NULL)
        return refuse_policy(job, err);
    job->region = job->policy->global && settings->region == NULL ? settings->master_region
                                                                  : settings->region;
    if (job->region == NULL)
        return err_set(err, ERR_USAGE,
                       "no region: set --region or AWS_REGION, or a region in the profile");
    return 0;
}

/* The account comes from the options, else from the caller. */
static struct resource *single_resource(const struct remediation *job)
{
    const struct services *services = job->services;
    const struct settings *settings = &services->settings;
    const char *account = settings->account != NULL ? settings->account : services->caller;
    return resource_new(account, job->region, job->policy->type, settings->resource);
}

/* ---- lines that the options do not name ---- */

/* The accounts of an organization or a unit are not known here: they may include this one. */
static bool names_account(const struct text_list *accounts, const char *account)
{
    bool found = accounts->count == 0;
    for (size_t i = 0; i < accounts->count; i++) {
        const char *word = accounts->items[i];
        if (word[0] == '!' && strcmp(word + 1, account) == 0)
            return false;
        found |= strncmp(word, "org", 3) == 0 || strcmp(word, account) == 0;
    }
    return found;
}

static bool names_region(const struct remediation *job, const struct resource *resource)
{
    const struct evaluator *evaluator = job->services->context.evaluator;
    const struct policy *policy = evaluator->find(evaluator->self, resource->type);
    const struct text_list *regions = &job->services->settings.regions;
    bool found = regions->count == 0 || policy == NULL || policy->global;
    for (size_t i = 0; i < regions->count; i++)
        found |= strcmp(regions->items[i], "all") == 0 ||
                 strcmp(regions->items[i], resource->region) == 0;
    return found;
}

static void check_selection(struct remediation *job, const struct resource *resource)
{
    const struct settings *settings = &job->services->settings;
    if (!settings->selection_given || job->warned ||
        (names_account(&settings->accounts, resource->account) && names_region(job, resource)))
        return;
    job->warned = true;
    log_warn("--accounts and --regions do not select lines: a line of account %s in %s is audited, "
             "too (they select places in engine scan and engine poll; the accounts are trusted, "
             "though)",
             resource->account, resource->region);
}

static void on_resource(void *arg, struct resource *resource)
{
    struct remediation *job = arg;
    check_selection(job, resource);
    job->target.resource(job->target.arg, resource);
}

static void on_bad(void *arg, const struct err *err)
{
    struct remediation *job = arg;
    job->target.bad(job->target.arg, err);
}

static void on_end(void *arg)
{
    struct remediation *job = arg;
    job->target.end(job->target.arg);
}

static void on_mark(void *arg, const json_t *line)
{
    struct remediation *job = arg;
    job->target.mark(job->target.arg, line);
}

static void on_ready(void *arg)
{
    struct remediation *job = arg;
    struct loop *loop = job->services->loop;
    const struct source_target target = {
        .resource = on_resource, .bad = on_bad, .end = on_end, .arg = job, .mark = on_mark};
    struct source source;
    job->target = run_target(job->change_run.run);
    if (job->single)
        source = source_single(loop, single_resource(job), &job->target);
    else
        source = source_lines(loop, STDIN_FILENO, &target);
    services_on_stop(job->services, stop, job->change_run.run);
    run_start(job->change_run.run, source, services_let_end, NULL);
}

static int open_run(struct remediation *job, bool plan, struct err *err)
{
    struct services *services = job->services;
    job->change_run.mode = plan ? RUN_PLAN : change_run_mode(services);
    job->change_run.looks_at_all = !job->single && services->selected == NULL;
    if (services->settings.output == NULL)
        services_watch_stdout(services, job->change_run.mode == RUN_CHANGE);
    if (change_run_open_default(&job->change_run, err) != 0)
        return -1;
    if (!job->single && isatty(STDIN_FILENO) && !services->settings.quiet)
        log_note("reading resource lines from the terminal (end with Ctrl-D); engine scan lists "
                 "and audits in one step");
    return 0;
}

/* Says so if there was nothing to audit, because the output looks as if all were compliant. */
static void report_input(const struct remediation *job, int status)
{
    const struct services *services = job->services;
    if (!job->single && !services->settings.quiet && status == 0 && !services->stopped &&
        run_finished(job->change_run.run) == 0)
        log_note("no resource lines on stdin: nothing was audited (engine poll writes them)");
}

static int remediate(struct services *services, bool plan, bool single, struct err *err)
{
    struct remediation job = {
        .services = services, .change_run = {.services = services}, .single = single};
    if (single && find_single(&job, err) != 0)
        return -1;
    int result = open_run(&job, plan, err);
    if (result == 0)
        result = services_run(services, single && services->settings.account == NULL, err, on_ready,
                              &job);
    if (result == 0)
        report_input(&job, run_status(job.change_run.run));
    job.change_run.dropped = result != 0;
    int status = change_run_close(&job.change_run);
    return result == 0 ? status : -1;
}

static int run_remediate(struct services *services, const struct text_list *words, struct err *err)
{
    (void)words;
    return remediate(services, false, false, err);
}

static int run_plan(struct services *services, const struct text_list *words, struct err *err)
{
    (void)words;
    return remediate(services, true, services->settings.policy != NULL, err);
}

static int run_single(struct services *services, const struct text_list *words, struct err *err)
{
    (void)words;
    return remediate(services, false, true, err);
}

static int refuse_half(struct err *err)
{
    return err_set(
        err, ERR_USAGE,
        "--policy and --resource must be given together: --policy s3.lua --resource my-bucket");
}

static int check_plan(const struct services *services, const struct text_list *words,
                      struct err *err)
{
    const struct settings *settings = &services->settings;
    (void)words;
    if ((settings->policy == NULL) != (settings->resource == NULL))
        return refuse_half(err);
    if (settings->output != NULL && settings->format_given && settings->format != FORMAT_JSONL &&
        settings->format != FORMAT_JSON)
        return err_set(
            err, ERR_USAGE,
            "a plan file must be jsonl or json, so that `engine apply` can read it: omit --format");
    return 0;
}

static int check_single(const struct services *services, const struct text_list *words,
                        struct err *err)
{
    (void)words;
    if (services->settings.policy == NULL || services->settings.resource == NULL)
        return refuse_half(err);
    return 0;
}

#define COMMON                                                                                     \
    "checks", "severity", "policies", "models", "exceptions", "baseline", "compliance", "format",  \
        "output", "all", "explain", "concurrency", "patience", "wait", "repair",                   \
        "hold-irreversible", "no-assume-role", "quiet", "log-level", "record", "replay",           \
        "profile", "scope"

static const char *const remediate_options[] = {COMMON,    "fail-on",   "regions", "accounts",
                                                "steps",   "remediate", "dry-run", "max-changes",
                                                "journal", NULL};
static const char *const plan_options[] = {COMMON,   "regions",  "accounts",
                                           "policy", "resource", NULL};
static const char *const single_options[] = {COMMON,    "fail-on",     "region",  "account",
                                             "policy",  "resource",    "steps",   "remediate",
                                             "dry-run", "max-changes", "journal", NULL};

const struct command command_remediate = {
    .name = "remediate",
    .arguments = "",
    .summary = "audit resource lines (--remediate: repair)",
    .help =
        "Reads resource lines ({\"account\",\"region\",\"type\",\"id\"}) from stdin and audits\n"
        "each by the policy of its type. With --remediate, makes the repairs, keeps a\n"
        "journal of every call with its inverse, and reads back what was changed. Repairs\n"
        "that stop or delete something are made only if --repair names their check or\n"
        "type (or all); those that cannot be undone, only with --hold-irreversible=false.\n",
    .options = remediate_options,
    .open = services_open_to_repair,
    .run = run_remediate,
};

const struct command command_plan = {
    .name = "plan",
    .arguments = "",
    .summary = "write the calls of the repairs; make none",
    .help = "Reads resource lines from stdin (or one resource: --policy P --resource ID) and\n"
            "writes findings with their steps: a plan for `engine apply`. Changes nothing.\n"
            "Repairs that stop or delete something are planned only if --repair names their\n"
            "check or type (or all).\n",
    .options = plan_options,
    .check = check_plan,
    .open = services_open_to_repair,
    .run = run_plan,
};

const struct command command_single = {
    .name = "",
    .arguments = "--policy P --resource ID",
    .summary = "audit one resource with one policy",
    .help = "P is a path, a file name or a type in the policies directory (s3_bucket.lua, s3).\n",
    .options = single_options,
    .check = check_single,
    .open = services_open_to_repair,
    .run = run_single,
};
