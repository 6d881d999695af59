#include "doctor/doctor_account.h"

#include <string.h>

#include "accounts/own_reads.h"
#include "accounts/sessions.h"
#include "aws/endpoint/endpoint_partition.h"
#include "aws/operations/refusal.h"
#include "base/mem.h"
#include "doctor/doctor_ask.h"
#include "doctor/doctor_listing.h"
#include "doctor/doctor_refusal.h"
#include "doctor/doctor_simulation.h"
#include "value/json.h"

/* With the caller's own credentials, the path of the caller's role is not known, so it is read. */
static const char *const own_actions[] = {"ec2:DescribeRegions", "iam:SimulatePrincipalPolicy",
                                          "iam:GetRole", NULL};

static const char *home_of(const struct doctor_account *account)
{
    return account->doctor->context->settings->master_region;
}

static void finish(struct doctor_account *account)
{
    doctor_section_end(account->section);
    loop_defer(account->doctor->context->loop, account->done, account->arg);
}

/* ---- the last steps: what the role may do, and the listings ---- */

static void on_listed(void *arg)
{
    finish(arg);
}

static void on_simulated(void *arg)
{
    struct doctor_account *account = arg;
    account->listing = doctor_listing_start(account, on_listed, account);
}

/* What repairs need is only asked about if there are repairs. */
static void on_reads_simulated(void *arg)
{
    struct doctor_account *account = arg;
    if (account->doctor->context->settings->remediate)
        account->writing = doctor_simulation_start(account, "write", on_simulated, account);
    else
        on_simulated(account);
}

static void simulate(struct doctor_account *account)
{
    account->reading = doctor_simulation_start(account, "read", on_reads_simulated, account);
}

/* ---- regions ---- */

static bool is_told(const char *region, json_t *told)
{
    bool before = json_object_get(told, region) != NULL;
    json_object_set_new(told, region, json_true());
    return before;
}

static void tell_disabled(const struct doctor_account *account, const char *region)
{
    json_t *item = doctor_add(account->section, DOCTOR_FAILED, "regions",
                              "%s is not enabled in this account", region);
    doctor_advise(item, "enable it in the account's settings, or leave it out of --regions");
    doctor_set(item, "region", json_string(region));
}

static void tell_regions(const struct doctor_account *account)
{
    json_t *told = json_object();
    char *enabled = mem_strdup("");
    for (size_t i = 0; i < account->count; i++) {
        const struct poll_target *target = poll_target(account->targets, account->from + i);
        if (target->policy->global || is_told(target->region, told))
            continue;
        if (json_object_get(account->enabled, target->region) == NULL) {
            tell_disabled(account, target->region);
            continue;
        }
        char *longer =
            mem_printf("%s%s%s", enabled, enabled[0] != '\0' ? ", " : "", target->region);
        mem_free(enabled);
        enabled = longer;
    }
    if (enabled[0] != '\0')
        doctor_add(account->section, DOCTOR_OK, "regions", "enabled: %s", enabled);
    mem_free(enabled);
    json_decref(told);
}

static void tell_unknown(const struct doctor_account *account, const struct err *err)
{
    char *why = doctor_refusal("ec2:DescribeRegions", err);
    bool all = account->doctor->context->settings->all_regions; /* a scan would list none */
    json_t *item = doctor_add(account->section, all ? DOCTOR_FAILED : DOCTOR_NOT_CHECKED, "regions",
                              "%s", why);
    if (refusal_of_permission(err))
        doctor_advise(item, "allow ec2:DescribeRegions to %s", account->principal);
    mem_free(why);
}

static void on_regions(void *arg, json_t *result, const struct err *err)
{
    struct doctor_account *account = arg;
    size_t i;
    json_t *region;
    if (err != NULL) {
        tell_unknown(account, err);
        simulate(account);
        return;
    }
    account->enabled = json_object();
    json_array_foreach (json_object_get(result, "Regions"), i, region)
        json_object_set_new(account->enabled, json_get_string(region, "RegionName", ""),
                            json_true());
    tell_regions(account);
    simulate(account);
}

/* Source: EC2 API Reference, DescribeRegions: without AllRegions, only those that are enabled for
 * the account. */
static void ask_regions(struct doctor_account *account)
{
    doctor_ask(account, "ec2", "DescribeRegions", NULL, on_regions, account);
}

/* ---- the role ---- */

static char *role_arn(const struct doctor_account *account)
{
    const struct context *context = account->doctor->context;
    return mem_printf("arn:%s:iam::%s:role/%s",
                      endpoint_partition(client_endpoints(context->client), home_of(account)),
                      account->id, context->settings->member_role);
}

static void tell_refused(const struct doctor_account *account, const struct err *err)
{
    const struct settings *settings = account->doctor->context->settings;
    json_t *item = doctor_add(account->section, DOCTOR_FAILED, "role", "%s", err->message);
    if (!settings->no_assume_role)
        doctor_advise(item,
                      "MEMBER_ROLE is %s, EXTERNAL_ID is %s: correct these, or set up the role "
                      "(member_account_setup)",
                      settings->member_role, settings->external_id != NULL ? "set" : "not set");
    doctor_add(account->section, DOCTOR_NOT_CHECKED, "reads",
               "nothing can be read without credentials of this account");
}

static void on_creds(void *arg, struct creds *creds, const struct err *err)
{
    struct doctor_account *account = arg;
    account->waiter = NULL;
    if (creds == NULL) {
        tell_refused(account, err);
        finish(account);
        return;
    }
    if (account->doctor->context->settings->no_assume_role)
        doctor_add(account->section, DOCTOR_OK, "role",
                   "none is assumed: the caller's own credentials are used");
    else
        doctor_add(account->section, DOCTOR_OK, "role", "%s can be assumed", account->principal);
    ask_regions(account);
}

static void open_session(struct doctor_account *account, struct err *err)
{
    const struct context *context = account->doctor->context;
    bool own = context->settings->no_assume_role;
    const char *const *actions = own ? own_actions : own_reads_actions;
    account->provider =
        sessions_for_actions(context->sessions, account->id, home_of(account), actions, err);
    account->reads = own_reads_set(actions);
    account->principal = own ? mem_strdup(account->doctor->caller) : role_arn(account);
    account->refused = json_object();
    account->session = (struct session){.account = account->id,
                                        .provider = account->provider,
                                        .permit = PERMIT_READ,
                                        .allowed = account->reads};
}

void doctor_account_start(struct doctor_account *account)
{
    struct err err = {0};
    account->section = doctor_section_new(account->doctor->report, account->id);
    open_session(account, &err);
    if (account->provider == NULL) {
        on_creds(account, NULL, &err);
        return;
    }
    struct creds_waiter *waiter = creds_get(account->provider, on_creds, account);
    if (waiter != NULL)
        account->waiter = waiter;
}

void doctor_account_clear(struct doctor_account *account)
{
    if (account->waiter != NULL)
        creds_cancel(account->waiter);
    doctor_simulation_free(account->reading);
    doctor_simulation_free(account->writing);
    doctor_listing_free(account->listing);
    opset_free(account->reads);
    mem_free(account->principal);
    json_decref(account->enabled);
    json_decref(account->refused);
}
