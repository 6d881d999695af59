#include "doctor/doctor_listing.h"

#include <stdint.h>
#include <string.h>

#include "aws/operations/opset.h"
#include "aws/operations/refusal.h"
#include "base/mem.h"
#include "doctor/doctor_hosts.h"
#include "doctor/doctor_refusal.h"
#include "value/json.h"

#define MOST_AT_A_TIME 8
#define CHECK "listing"

/* A type in a region. */
struct list_job {
    struct doctor_listing *listing;
    const struct poll_target *target;
    struct scope scope;
    struct evaluation *evaluation;
    bool found; /* something: that is enough */
    struct err err;
    const char *unasked; /* why it was not listed; NULL: it was */
};

struct doctor_listing {
    struct doctor_account *account;
    struct list_job *items;
    size_t count, next, active;
    loop_fn done;
    void *arg;
};

/* ---- what they say ---- */

/* The IAM action of the refused operation. */
static const char *action_of(const struct list_job *job)
{
    const char *operation = job->err.operation, *colon = strchr(operation, ':');
    if (colon == NULL)
        return operation;
    char *service = mem_strndup(operation, (size_t)(colon - operation));
    const char *action = opset_action(job->target->policy->reads, service, colon + 1);
    mem_free(service);
    return action != NULL ? action : operation;
}

/* {why: {"action", "regions": {…}, "types": {…}}}: one refusal for all targets that it concerns. */
static void add_refusal(json_t *refusals, const struct list_job *job)
{
    const char *action = action_of(job);
    if (json_object_get(job->listing->account->refused, action) != NULL)
        return; /* the simulator has reported it already */
    char *why = doctor_refusal(action, &job->err);
    json_t *refusal = json_object_get(refusals, why);
    if (refusal == NULL) {
        refusal = json_pack("{s:s, s:{}, s:{}}", "action", action, "regions", "types");
        json_object_set_new(refusals, why, refusal);
    }
    json_object_set_new(json_object_get(refusal, "regions"), job->target->region, json_true());
    json_object_set_new(json_object_get(refusal, "types"), job->target->policy->type, json_true());
    mem_free(why);
}

static void tell_refusals(const struct doctor_account *account, const json_t *refusals)
{
    const char *why;
    json_t *refusal;
    json_object_foreach ((json_t *)(uintptr_t)refusals, why, refusal) {
        char *types, *regions;
        json_t *type_list = doctor_keys(json_object_get(refusal, "types"), &types);
        json_t *region_list = doctor_keys(json_object_get(refusal, "regions"), &regions);
        const char *action = json_get_string(refusal, "action", "");
        json_t *item = doctor_add(account->section, DOCTOR_MISSING, CHECK, "%s in %s: %s", types,
                                  regions, why);
        doctor_advise_permission(item, account->principal);
        doctor_set(item, "actions", json_pack("[s]", action));
        doctor_set(item, "types", type_list);
        doctor_set(item, "regions", region_list);
        mem_free(types);
        mem_free(regions);
    }
}

static void tell_failure(const struct list_job *job)
{
    const struct poll_target *target = job->target;
    bool asked = job->unasked == NULL;
    char *why = asked ? doctor_refusal(job->err.operation, &job->err) : mem_strdup(job->unasked);
    json_t *item =
        doctor_add(job->listing->account->section, asked ? DOCTOR_FAILED : DOCTOR_NOT_CHECKED,
                   CHECK, "%s in %s: %s", target->policy->type, target->region, why);
    doctor_set(item, "regions", json_pack("[s]", target->region));
    doctor_set(item, "types", json_pack("[s]", target->policy->type));
    mem_free(why);
}

static void tell_sound(const struct doctor_listing *listing, const char *region, size_t count)
{
    if (count == 0)
        return;
    json_t *item =
        doctor_add(listing->account->section, DOCTOR_OK, CHECK, "%zu type%s can be listed in %s",
                   count, count == 1 ? "" : "s", region);
    doctor_set(item, "regions", json_pack("[s]", region));
}

/* Targets are sorted by region. */
static void tell(const struct doctor_listing *listing)
{
    json_t *refusals = json_object();
    size_t sound = 0;
    for (size_t i = 0; i < listing->count; i++) {
        const struct list_job *job = &listing->items[i];
        const char *region = job->target->region;
        if (refusal_of_permission(&job->err))
            add_refusal(refusals, job);
        else if (job->err.kind != ERR_NONE || job->unasked != NULL)
            tell_failure(job);
        else
            sound++;
        if (i + 1 < listing->count && strcmp(listing->items[i + 1].target->region, region) == 0)
            continue;
        tell_sound(listing, region, sound);
        sound = 0;
    }
    tell_refusals(listing->account, refusals);
    json_decref(refusals);
}

/* ---- listing ---- */

static void start_more(struct doctor_listing *listing);

static void finish(struct list_job *job)
{
    struct doctor_listing *listing = job->listing;
    job->evaluation = NULL;
    listing->active--;
    start_more(listing);
}

static void on_done(void *arg, const struct err *err)
{
    struct list_job *job = arg;
    if (err != NULL)
        job->err = *err;
    finish(job);
}

static void end_early(void *arg)
{
    struct list_job *job = arg;
    const struct evaluator *evaluator = job->listing->account->doctor->context->evaluator;
    if (job->evaluation == NULL)
        return;
    evaluator->cancel(evaluator->self, job->evaluation);
    finish(job);
}

static void on_found(void *arg, const char *id, const json_t *options)
{
    struct list_job *job = arg;
    (void)id, (void)options;
    if (!job->found)
        loop_defer(job->listing->account->doctor->context->loop, end_early, job);
    job->found = true;
}

static bool is_enough(void *arg)
{
    const struct list_job *job = arg;
    return job->found;
}

static void start(struct list_job *job)
{
    const struct doctor_account *account = job->listing->account;
    const struct context *context = account->doctor->context;
    const struct evaluator *evaluator = context->evaluator;
    const struct poll_target *target = job->target;
    if (context_scope(context, target->policy, account->id, target->region, &job->scope,
                      &job->err) != 0)
        return;
    job->scope.full = is_enough;
    job->scope.full_arg = job;
    job->listing->active++;
    job->evaluation =
        evaluator->discover(evaluator->self, target->policy, &job->scope, on_found, on_done, job);
}

static const char *why_not(const struct list_job *job)
{
    const struct doctor_account *account = job->listing->account;
    const struct poll_target *target = job->target;
    if (account->doctor->stopped)
        return "stopped before it was listed";
    if (!target->policy->global && account->enabled != NULL &&
        json_object_get(account->enabled, target->region) == NULL)
        return "the region is not enabled";
    if (doctor_hosts_dead(account->doctor->hosts, target->policy, target->region) != NULL)
        return "an endpoint does not respond";
    return NULL;
}

static void start_more(struct doctor_listing *listing)
{
    while (listing->active < MOST_AT_A_TIME && listing->next < listing->count) {
        struct list_job *job = &listing->items[listing->next++];
        job->unasked = why_not(job);
        if (job->unasked == NULL)
            start(job);
    }
    if (listing->active > 0 || listing->done == NULL)
        return;
    loop_fn done = listing->done;
    listing->done = NULL;
    tell(listing);
    done(listing->arg);
}

static void start_all(void *arg)
{
    start_more(arg);
}

struct doctor_listing *doctor_listing_start(struct doctor_account *account, loop_fn done, void *arg)
{
    struct doctor_listing *listing = mem_alloc(sizeof *listing);
    listing->account = account;
    listing->items = mem_alloc(account->count * sizeof *listing->items);
    listing->count = account->count;
    listing->done = done;
    listing->arg = arg;
    for (size_t i = 0; i < account->count; i++) {
        listing->items[i].listing = listing;
        listing->items[i].target = poll_target(account->targets, account->from + i);
    }
    loop_defer(account->doctor->context->loop, start_all, listing);
    return listing;
}

void doctor_listing_free(struct doctor_listing *listing)
{
    if (listing == NULL)
        return;
    mem_free(listing->items);
    mem_free(listing);
}
