/* The requests before the work begins: the caller's account, whom the operator trusts, and which
 * accounts are in the units of REPAIR. */
#include "app/services/services_start.h"

#include "accounts/accounts.h"
#include "accounts/enabled_regions.h"
#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "app/services/recording.h"
#include "app/services/services.h"
#include "app/services/services_signals.h"
#include "aws/retry/retry.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/admission.h"
#include "change/admission_units.h"
#include "state/organization_list.h"
#include "value/json.h"

static void be_ready(struct services *services);

static void on_admission(void *arg, const struct err *err)
{
    struct services *services = arg;
    if (err != NULL) {
        services->failed = true;
        log_error("%s: repairs that depend on these units are held", err->message);
    }
    if (err != NULL && retry_is_transient(err) && services->untrusted.kind == ERR_NONE)
        services->untrusted = *err;
    be_ready(services);
}

static void load_admission(void *arg)
{
    struct services *services = arg;
    if (services->admission != NULL)
        admission_load(services->admission, &services->context, on_admission, services);
    else
        be_ready(services);
}

static void warn_of_doubt(struct services *services, const struct err *err)
{
    services->failed = true;
    services->untrusted = *err;
    log_warn("%s: checks that depend on it will be \"unknown\"", err->message);
}

static void on_organization(void *arg, const struct err *err)
{
    struct services *services = arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    trust_organization(services->trust, organization_list_known(services->organization));
    if (err != NULL) {
        err_prefix(&failure, "the organization of ORGANIZATION_ACCOUNT %s cannot be read",
                   json_get_string(services->settings.for_policies, "organization_account", ""));
        warn_of_doubt(services, &failure);
    }
    load_admission(services);
}

static void load_organization(struct services *services)
{
    if (services->organization == NULL)
        loop_defer(services->loop, load_admission, services);
    else
        organization_list_load(services->organization, &services->context, on_organization,
                               services);
}

static void keep_caller(struct services *services, const char *account, const char *arn)
{
    mem_free(services->caller);
    mem_free(services->caller_arn);
    services->caller = mem_strdup(account);
    services->caller_arn = mem_strdup(arn);
    if (services->made_by != NULL)
        json_object_set_new(services->made_by, "caller", json_string_nocheck(arn));
    sessions_set_caller(services->sessions, account);
    if (services->trust != NULL)
        trust_caller(services->trust, account);
}

/* Without the caller's account the run cannot start. */
static void on_caller(void *arg, const char *account, const char *arn, const struct err *err)
{
    struct services *services = arg;
    if (err != NULL) {
        services->err = *err;
        return;
    }
    keep_caller(services, account, arn);
    load_organization(services);
}

/* Without trust, the caller's account decides nothing. */
static void on_own_account(void *arg, const char *account, const char *arn, const struct err *err)
{
    struct services *services = arg;
    if (err == NULL) {
        keep_caller(services, account, arn);
    } else if (services->trust == NULL) {
        log_info("the caller is not known (%s)", err->message);
    } else {
        if (!services->stopped)
            log_warn("the caller's account is not known (%s): fixes that would remove an account "
                     "are held",
                     err->message);
        trust_caller(services->trust, NULL);
    }
    loop_fn known = services->known;
    services->known = NULL;
    known(services->known_arg);
}

static void ask_caller(struct services *services, message_caller done)
{
    const char *region = services->settings.region;
    message_whoami(services->message, region != NULL ? region : "us-east-1", done, services);
}

void services_find_caller(void *arg, loop_fn done, void *done_arg)
{
    struct services *services = arg;
    if (services->caller != NULL) {
        loop_defer(services->loop, done, done_arg);
        return;
    }
    services->known = done;
    services->known_arg = done_arg;
    ask_caller(services, on_own_account);
}

static void on_named(void *arg, const char *account, const char *arn, const struct err *err)
{
    if (err == NULL)
        keep_caller(arg, account, arn);
    else
        log_info("the caller is not known (%s)", err->message);
}

void services_name_caller(struct services *services)
{
    if (services->caller == NULL && !services->stopped)
        ask_caller(services, on_named);
}

void services_stop_listing(struct services *services)
{
    if (services->organization != NULL)
        organization_list_stop(services->organization);
    if (services->admission != NULL)
        admission_stop(services->admission);
}

/* ---- then the work begins ---- */

static void start(void *arg)
{
    struct services *services = arg;
    services->started = true;
    if (!services->stopped)
        services->ready(services->ready_arg);
}

static void be_ready(struct services *services)
{
    if (services->names_caller && !services->stopped)
        services_find_caller(services, start, services);
    else
        start(services);
}

static void end_listing(struct services *services, const struct err *err)
{
    services->listing = false;
    services->chosen(services->chosen_arg, err);
}

static void on_regions(void *arg)
{
    end_listing(arg, NULL);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct services *services = arg;
    if (err != NULL || !services->settings.all_regions) {
        end_listing(services, err);
        return;
    }
    services->listing = true;
    services->context.regions = services->regions =
        enabled_regions_load(&services->context, services->caller, on_regions, services);
}

/* The organization may have been listed a moment ago, to find out who is trusted. */
static bool use_known_organization(struct services *services, struct err *err)
{
    return services->organization != NULL &&
           accounts_from_known(services->accounts, organization_list_known(services->organization),
                               err);
}

void services_list_accounts(struct services *services,
                            void (*done)(void *arg, const struct err *err), void *arg)
{
    struct err err = {0};
    enabled_regions_free(services->regions);
    services->context.regions = services->regions = NULL;
    accounts_free(services->accounts);
    services->accounts = accounts_new(&services->settings, &err);
    services->context.accounts = NULL;
    if (services->accounts == NULL) {
        done(arg, &err);
        return;
    }
    services->context.accounts = accounts_list(services->accounts);
    services->listing =
        accounts_ask_organization(services->accounts) && !use_known_organization(services, &err);
    services->chosen = done;
    services->chosen_arg = arg;
    if (services->listing)
        accounts_load(services->accounts, services->loop, services->client, services->sessions,
                      on_accounts, services);
    else
        on_accounts(services, err.kind != ERR_NONE ? &err : NULL);
}

/* Runs the loop until nothing is left to do. Jobs that could never end fail, and the loop runs once
 * more for them. */
static void run_loop(struct services *services)
{
    const struct evaluator *evaluator = services->context.evaluator;
    do
        loop_run(services->loop);
    while (!loop_was_stopped(services->loop) && evaluator != NULL &&
           evaluator->strand(evaluator->self));
    if (!services->started && !services->stopped && !loop_was_stopped(services->loop) &&
        services->err.kind == ERR_NONE)
        err_set(
            &services->err, ERR_INTERNAL,
            "internal error: a response never came, so nothing was started; please report this");
}

static int result_of(const struct services *services, struct err *err)
{
    if (services->err.kind == ERR_NONE)
        return 0;
    *err = services->err;
    return -1;
}

int services_run(struct services *services, bool need_caller, struct err *err, loop_fn ready,
                 void *arg)
{
    services->ready = ready;
    services->ready_arg = arg;
    services->started = false;
    if (need_caller || services->settings.no_assume_role)
        ask_caller(services, on_caller);
    else
        load_organization(services);
    run_loop(services);
    recording_finish(services);
    return result_of(services, err);
}

int services_run_plainly(struct services *services, struct err *err, loop_fn ready, void *arg)
{
    services_watch_signals(services);
    services->started = true;
    loop_defer(services->loop, ready, arg);
    loop_run(services->loop);
    return result_of(services, err);
}

void services_let_end(void *arg)
{
    (void)arg;
}
