#include "doctor/doctor_simulation.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "aws/operations/refusal.h"
#include "base/mem.h"
#include "doctor/doctor_principal.h"
#include "doctor/doctor_refusal.h"
#include "doctor/doctor_wanted.h"
#include "value/json.h"

struct doctor_simulation {
    struct doctor_account *account;
    const char *access; /* "read" or "write"; the probe is "reads" or "writes" */
    json_t *wanted;
    size_t actions;    /* how many different ones */
    json_t *resources; /* the keys of `wanted`, and which is asked about */
    size_t at;
    json_t *missing;   /* maps a reason to {action: {type: true}} */
    json_t *undecided; /* maps condition keys to the same */
    struct client_pages *pages;
    struct doctor_principal *principal;
    loop_fn done;
    void *arg;
};

/* ---- the responses ---- */

static const char *reason_of(const json_t *result)
{
    const json_t *organization = json_object_get(result, "OrganizationsDecisionDetail");
    const json_t *boundary = json_object_get(result, "PermissionsBoundaryDecisionDetail");
    if (json_is_false(json_object_get(organization, "AllowedByOrganizations")))
        return "the organization's service control policies do not allow";
    if (json_is_false(json_object_get(boundary, "AllowedByPermissionsBoundary")))
        return "the permissions boundary does not allow";
    if (strcmp(json_get_string(result, "EvalDecision", ""), "explicitDeny") == 0)
        return "a policy denies";
    return "no policy allows";
}

static void add_names(json_t *names, const json_t *list)
{
    size_t i;
    json_t *name;
    json_array_foreach (list, i, name)
        json_object_set_new(names, json_string_value(name), json_true());
}

/* The condition keys that a real request would have, new; "" if there are none. */
static char *keys_of(const json_t *result)
{
    json_t *names = json_object(), *specific;
    char *words;
    size_t i;
    add_names(names, json_object_get(result, "MissingContextValues"));
    json_array_foreach (json_object_get(result, "ResourceSpecificResults"), i, specific)
        add_names(names, json_object_get(specific, "MissingContextValues"));
    json_decref(doctor_keys(names, &words));
    json_decref(names);
    return words;
}

static void keep(json_t *under, const char *reason, const char *action, const json_t *types)
{
    json_t *actions = json_object_get(under, reason);
    if (actions == NULL) {
        actions = json_object();
        json_object_set_new(under, reason, actions);
    }
    json_t *known = json_object_get(actions, action);
    if (known == NULL)
        json_object_set_new(actions, action, json_deep_copy(types));
    else
        json_object_update(known, (json_t *)(uintptr_t)types);
}

static void take(struct doctor_simulation *simulation, const json_t *result)
{
    const char *resource = json_string_value(json_array_get(simulation->resources, simulation->at));
    const char *action = json_get_string(result, "EvalActionName", "");
    const json_t *types = json_object_get(json_object_get(simulation->wanted, resource), action);
    bool allowed = strcmp(json_get_string(result, "EvalDecision", ""), "allowed") == 0;
    char *keys = keys_of(result);
    if (types != NULL && keys[0] != '\0') {
        keep(simulation->undecided, keys, action, types);
    } else if (types != NULL && !allowed) {
        keep(simulation->missing, reason_of(result), action, types);
        json_object_set_new(simulation->account->refused, action, json_true());
    }
    mem_free(keys);
}

/* ---- what they mean ---- */

static json_t *types_of(const json_t *actions)
{
    json_t *all = json_object(), *types;
    const char *action;
    json_object_foreach ((json_t *)(uintptr_t)actions, action, types)
        json_object_update(all, types);
    return all;
}

static json_t *add_item(const struct doctor_simulation *simulation, enum doctor_status status,
                        const char *text)
{
    char probe[16];
    snprintf(probe, sizeof probe, "%ss", simulation->access);
    return doctor_add(simulation->account->section, status, probe, "%s", text);
}

static json_t *tell_some(const struct doctor_simulation *simulation, enum doctor_status status,
                         const char *reason, const json_t *actions)
{
    char *names, *type_names;
    json_t *types = types_of(actions);
    json_t *action_list = doctor_keys(actions, &names);
    json_t *type_list = doctor_keys(types, &type_names);
    char *text = mem_printf("%s %s (for %s)", reason, names, type_names);
    json_t *item = add_item(simulation, status, text);
    doctor_set(item, "actions", action_list);
    doctor_set(item, "types", type_list);
    json_decref(types);
    mem_free(text);
    mem_free(names);
    mem_free(type_names);
    return item;
}

static void tell_missing(const struct doctor_simulation *simulation)
{
    const char *reason;
    json_t *actions;
    json_object_foreach (simulation->missing, reason, actions) {
        json_t *item = tell_some(simulation, DOCTOR_MISSING, reason, actions);
        doctor_advise_permission(item, simulation->account->principal);
    }
    json_object_foreach (simulation->undecided, reason, actions) {
        char *text = mem_printf("policies depend on the condition keys %s, which only a real "
                                "request has:",
                                reason);
        tell_some(simulation, DOCTOR_NOT_CHECKED, text, actions);
        mem_free(text);
    }
}

static void tell(const struct doctor_simulation *simulation)
{
    tell_missing(simulation);
    if (json_object_size(simulation->missing) + json_object_size(simulation->undecided) > 0)
        return;
    char *text = mem_printf("IAM's simulator allows all %zu declared %ss", simulation->actions,
                            simulation->access);
    add_item(simulation, DOCTOR_OK, text);
    mem_free(text);
}

/* A write is not tried. */
static json_t *tell_not_checked(const struct doctor_simulation *simulation, const char *why)
{
    bool reads = strcmp(simulation->access, "read") == 0;
    char *text =
        mem_printf("of %zu declared %ss, %s: %s", simulation->actions, simulation->access,
                   reads ? "only those that listing makes are tried" : "none is tried", why);
    json_t *item = add_item(simulation, DOCTOR_NOT_CHECKED, text);
    mem_free(text);
    return item;
}

static void tell_failure(const struct doctor_simulation *simulation, const struct err *err)
{
    char *why = doctor_refusal("iam:SimulatePrincipalPolicy", err);
    json_t *item = tell_not_checked(simulation, why);
    if (refusal_of_permission(err))
        doctor_advise(item, "allow iam:SimulatePrincipalPolicy to %s",
                      simulation->account->principal);
    mem_free(why);
}

/* ---- asking ---- */

static void ask(struct doctor_simulation *simulation);

static void finish(struct doctor_simulation *simulation)
{
    simulation->done(simulation->arg);
}

static void on_page(void *arg, json_t *result, const struct err *err)
{
    struct doctor_simulation *simulation = arg;
    size_t i;
    json_t *one;
    if (err != NULL) {
        tell_missing(simulation);
        tell_failure(simulation, err);
        finish(simulation);
        return;
    }
    json_array_foreach (json_object_get(result, "EvaluationResults"), i, one)
        take(simulation, one);
    ask(simulation);
}

static json_t *params_of(const struct doctor_simulation *simulation, const char *resource)
{
    json_t *actions = json_array(), *types;
    const char *action;
    json_object_foreach (json_object_get(simulation->wanted, resource), action, types)
        json_array_append_new(actions, json_string(action));
    json_t *params = json_pack("{s:s, s:o}", "PolicySourceArn", simulation->account->principal,
                               "ActionNames", actions);
    if (strcmp(resource, "*") != 0)
        json_object_set_new(params, "ResourceArns", json_pack("[s]", resource));
    return params;
}

static struct client_pages *pages_of(const struct doctor_simulation *simulation,
                                     const char *resource, struct err *err)
{
    const struct context *context = simulation->account->doctor->context;
    json_t *params = params_of(simulation, resource);
    const struct call first = {.session = &simulation->account->session,
                               .region = context->settings->master_region,
                               .service = "iam",
                               .operation = "SimulatePrincipalPolicy",
                               .params = params};
    struct client_pages *pages = client_pages_new(context->client, &first, err);
    json_decref(params);
    return pages;
}

/* The next page about this resource, or the first about the next one. */
static void ask(struct doctor_simulation *simulation)
{
    struct err err = {0};
    while (simulation->at < json_array_size(simulation->resources)) {
        const char *resource =
            json_string_value(json_array_get(simulation->resources, simulation->at));
        if (simulation->pages == NULL)
            simulation->pages = pages_of(simulation, resource, &err);
        if (simulation->pages != NULL &&
            client_pages_next(simulation->pages, &err, on_page, simulation))
            return;
        if (err.kind != ERR_NONE) {
            on_page(simulation, NULL, &err);
            return;
        }
        client_pages_free(simulation->pages);
        simulation->pages = NULL;
        simulation->at++;
    }
    tell(simulation);
    finish(simulation);
}

static void on_principal(void *arg, const char *arn, const char *why)
{
    struct doctor_simulation *simulation = arg;
    if (arn == NULL) {
        tell_not_checked(simulation, why);
        finish(simulation);
        return;
    }
    char *kept = mem_strdup(arn);
    mem_free(simulation->account->principal);
    simulation->account->principal = kept;
    ask(simulation);
}

struct doctor_simulation *doctor_simulation_start(struct doctor_account *account,
                                                  const char *access, loop_fn done, void *arg)
{
    struct doctor_simulation *simulation = mem_alloc(sizeof *simulation);
    const char *resource;
    json_t *actions;
    *simulation = (struct doctor_simulation){.account = account,
                                             .access = access,
                                             .resources = json_array(),
                                             .missing = json_object(),
                                             .undecided = json_object(),
                                             .done = done,
                                             .arg = arg};
    simulation->wanted = doctor_wanted(account, access, &simulation->actions);
    json_object_foreach (simulation->wanted, resource, actions)
        json_array_append_new(simulation->resources, json_string(resource));
    simulation->principal = doctor_principal_start(account, on_principal, simulation);
    return simulation;
}

void doctor_simulation_free(struct doctor_simulation *simulation)
{
    if (simulation == NULL)
        return;
    client_pages_free(simulation->pages);
    doctor_principal_free(simulation->principal);
    json_decref(simulation->wanted);
    json_decref(simulation->resources);
    json_decref(simulation->missing);
    json_decref(simulation->undecided);
    mem_free(simulation);
}
