/* Policies and what belongs to them: where they are, the exception rules, and what must be fresh
 * when one process makes several runs. */
#include "app/services/services_policies.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "app/services/services.h"
#include "app/services/services_rules.h"
#include "app/services/services_state.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/region.h"
#include "baseline/baseline.h"
#include "baseline/fail_on.h"
#include "change/admission.h"
#include "change/admission_names.h"
#include "compliance/compliance.h"
#include "exceptions/exceptions_words.h"
#include "policy/selection.h"
#include "policy/words.h"
#include "state/organization_list.h"

#define MAX_PATHS (1u << 20)
/* If there are more sessions of accounts, they are not kept for the next run. */
#define MOST_SESSIONS 1000

char *services_lib_dir(const struct services *services)
{
    const struct text_list *folders = &services->settings.policy_folders;
    struct buf path;
    buf_init(&path, MAX_PATHS);
    for (size_t i = 0; i < folders->count; i++)
        buf_addf(&path, "%s%s/lib", i > 0 ? ":" : "", folders->items[i]);
    return folders->count > 0 ? buf_take(&path) : NULL;
}

static char *try_path(const char *format, const char *directory, const char *name)
{
    char *path = directory != NULL ? mem_printf(format, directory, name) : mem_strdup(name);
    if (access(path, R_OK) == 0)
        return path;
    mem_free(path);
    return NULL;
}

char *services_policy_path(const struct services *services, const char *policy)
{
    const struct text_list *folders = &services->settings.policy_folders;
    bool is_path = strchr(policy, '/') != NULL || access(policy, R_OK) == 0;
    char *path = is_path ? try_path(NULL, NULL, policy) : NULL;
    char *file = mem_printf("%s.lua", policy);
    for (size_t i = 0; i < folders->count && path == NULL; i++) {
        path = try_path("%s/%s", folders->items[i], policy);
        if (path == NULL)
            path = try_path("%s/%s", folders->items[i], file);
    }
    mem_free(file);
    return path;
}

int services_load_all(const struct services *services, struct evaluator *evaluator, struct err *err)
{
    const struct text_list *folders = &services->settings.policy_folders;
    if (folders->count == 0)
        return err_set(err, ERR_USAGE, "no policies found: set --policies DIR or ENGINE_POLICIES");
    for (size_t i = 0; i < folders->count; i++) {
        if (evaluator->load(evaluator->self, folders->items[i], err) != 0)
            return -1;
    }
    return 0;
}

/* Rules that cannot be understood protect nothing. A command fails with the reason and does
 * nothing; a Lambda function continues, but changes nothing. */
static int load_exceptions(struct services *services, struct err *err)
{
    struct err why = {0};
    struct evaluator *evaluator = services->context.evaluator;
    const struct exceptions_words words = {.evaluator = evaluator,
                                           .endpoints = services->endpoints,
                                           .some_types = services->settings.policy != NULL};
    struct exceptions_text text;
    bool remote = services_rules_are_remote(services->settings.exceptions);
    if (remote)
        services_rules_read(services, &text);
    exceptions_free(services->exceptions);
    services->context.exceptions = services->exceptions =
        exceptions_load(&services->settings, remote ? &text : NULL, evaluator, services_getenv,
                        services->context.now_ms, &why);
    if (!exceptions_audit_only(services->exceptions))
        exceptions_check(services->exceptions, &words, &why);
    services->audit_only = exceptions_audit_only(services->exceptions);
    services->rules_error = why;
    if (!services->audit_only)
        return 0;
    services->failed = true;
    if (!services->in_function) {
        *err = why;
        err->kind = ERR_USAGE;
        return -1;
    }
    log_error("%s: nothing will be changed, this run only audits", why.message);
    return 0;
}

/* For a path, only that file is loaded; for an alias, all files must be loaded. */
static int load_policies(struct services *services, struct evaluator *evaluator, struct err *err)
{
    const char *policy = services->settings.policy;
    char *path = policy != NULL ? services_policy_path(services, policy) : NULL;
    int result = path != NULL ? evaluator->load(evaluator->self, path, err)
                              : services_load_all(services, evaluator, err);
    mem_free(path);
    return result;
}

static int need_policies(const struct settings *settings, struct err *err)
{
    if (settings->policies != NULL || settings->policy != NULL)
        return 0;
    return err_set(err, ERR_USAGE, "no policies found: set --policies DIR or ENGINE_POLICIES");
}

static int check_region(const struct services *services, const char *label, const char *region,
                        struct err *err)
{
    return region != NULL
               ? words_region(services->endpoints, &(struct word){label, region, false}, err)
               : 0;
}

/* AWS_REGION and the region of a profile are not refused: every AWS tool accepts them as they are.
 * A mistyped one would end in the name of a host that does not exist. */
static void doubt_region(const struct services *services)
{
    char hint[SUGGEST_TEXT];
    const struct settings *settings = &services->settings;
    if (!settings->region_given && settings->region != NULL &&
        !words_has_region(services->endpoints, settings->region, hint))
        log_warn("the region of AWS_REGION or the profile, \"%s\", is not in the API models%s",
                 settings->region, hint);
}

static int check_regions(const struct services *services, struct err *err)
{
    const struct settings *settings = &services->settings;
    doubt_region(services);
    for (size_t i = 0; i < settings->regions.count; i++) {
        const char *region = settings->regions.items[i];
        if (strcmp(region, REGION_ALL) == 0)
            return err_set(err, ERR_USAGE,
                           "--regions (REGIONS): all includes every enabled region: name either "
                           "all or regions");
        if (check_region(services, "--regions", region, err) != 0)
            return -1;
    }
    if (settings->master_region_given &&
        check_region(services, "MASTER_REGION", settings->master_region, err) != 0)
        return -1;
    if (settings->region_given && check_region(services, "--region", settings->region, err) != 0)
        return -1;
    return check_region(services, "REMEDIATOR_REGION", settings->remediator_region, err);
}

/* Checks only the words; the accounts that they mean are known when they are listed. */
static int check_accounts(const struct services *services, struct err *err)
{
    struct accounts *accounts = accounts_new(&services->settings, err);
    bool sound = accounts != NULL;
    accounts_free(accounts);
    return sound ? 0 : -1;
}

static int check_types(const struct services *services, struct err *err)
{
    const struct text_list *types = &services->settings.types;
    for (size_t i = 0; i < types->count; i++) {
        if (words_type(services->context.evaluator,
                       &(struct word){"--types", types->items[i], false}, err) != 0)
            return -1;
    }
    return 0;
}

static void make_host(struct services *services)
{
    char *lib_dir = services_lib_dir(services);
    services->host = services->language->host_new(services->loop, lib_dir, services->models, false);
    mem_free(lib_dir);
}

int services_declared(struct services *services, struct err *err)
{
    services_offline(services);
    make_host(services);
    return services_load_all(services, services->language->evaluator(services->host), err);
}

int services_events(struct services *services, struct err *err)
{
    if (need_policies(&services->settings, err) != 0)
        return -1;
    make_host(services);
    services->context = (struct context){.loop = services->loop,
                                         .evaluator = services->language->evaluator(services->host),
                                         .message = services->message,
                                         .settings = &services->settings};
    return load_policies(services, services->context.evaluator, err);
}

int services_policies(struct services *services, struct err *err)
{
    if (need_policies(&services->settings, err) != 0)
        return -1;
    make_host(services);
    services->context = (struct context){
        .loop = services->loop,
        .client = services->client,
        .evaluator = services->language->evaluator(services->host),
        .sessions = services->sessions,
        .trust = services->trust,
        .message = services->message,
        .settings = &services->settings,
        .now_ms = clock_stamp_ms(),
    };
    sessions_share(services->sessions, services->context.evaluator, NULL);
    if (load_policies(services, services->context.evaluator, err) != 0 ||
        check_accounts(services, err) != 0 || check_types(services, err) != 0 ||
        check_regions(services, err) != 0)
        return -1;
    return load_exceptions(services, err);
}

/* Names are checked when the policies are loaded; with a single file, only names of its own
 * type. */
static int resolve_admission(struct services *services, struct err *err)
{
    struct evaluator *evaluator = services->context.evaluator;
    size_t count;
    evaluator->all(evaluator->self, &count);
    bool some_only = services->settings.policy != NULL && count == 1;
    return admission_resolve(services->admission, evaluator, some_only, err);
}

/* Before anything is sent: a file that cannot be read is a usage error. */
static int open_baseline(struct services *services, struct err *err)
{
    const struct settings *settings = &services->settings;
    if (fail_on_check(settings, err) != 0)
        return -1;
    if (settings->baseline == NULL)
        return 0;
    services->context.baseline = services->baseline =
        baseline_open(settings->baseline, settings, services->context.evaluator, err);
    return services->baseline != NULL ? 0 : -1;
}

static int open_compliance(struct services *services, struct err *err)
{
    const struct settings *settings = &services->settings;
    if (settings->compliance == NULL)
        return 0;
    struct evaluator *evaluator = services->context.evaluator;
    services->context.compliance = services->compliance =
        compliance_open(&settings->policy_folders, settings->compliance, evaluator, err);
    if (services->compliance == NULL)
        return -1;
    compliance_select(services->compliance, evaluator, services->selected, &settings->types);
    return 0;
}

int services_to_repair(struct services *services, struct err *err)
{
    admission_free(services->admission);
    services->admission = admission_new(&services->settings, err);
    if (services->admission == NULL || services_policies(services, err) != 0)
        return -1;
    services->context.admission = services->admission;
    if (services_state(services, err) != 0)
        return -1;
    json_decref(services->selected);
    if (selection_make(&services->settings, services->context.evaluator, &services->selected,
                       err) != 0)
        return -1;
    services->context.selected = services->selected;
    sessions_share(services->sessions, services->context.evaluator, services->selected);
    if (open_baseline(services, err) != 0 || open_compliance(services, err) != 0)
        return -1;
    return resolve_admission(services, err);
}

void services_without_trust(struct services *services)
{
    trust_free(services->trust);
    organization_list_free(services->organization);
    services->context.trust = services->trust = NULL;
    services->organization = NULL;
}

int services_open_to_list(struct services *services, struct err *err)
{
    if (services_connect(services, err) != 0 || services_policies(services, err) != 0)
        return -1;
    services_without_trust(services);
    return 0;
}

int services_open_to_repair(struct services *services, struct err *err)
{
    return services_connect(services, err) == 0 ? services_to_repair(services, err) : -1;
}

/* ---- the next run ---- */

void services_renew(struct services *services)
{
    struct context *context = &services->context;
    context->evaluator->forget(context->evaluator->self);
    client_renew(services->client);
    context->now_ms = clock_stamp_ms();
    services->failed = false;
    services->err = (struct err){0};
    services->untrusted = (struct err){0};
    if (services->exceptions == NULL)
        return;
    load_exceptions(services, &services->err);
    if (sessions_count(services->sessions) > MOST_SESSIONS)
        sessions_forget(services->sessions);
}
