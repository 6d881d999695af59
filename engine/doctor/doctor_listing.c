#include "doctor/doctor_listing.h"

#include <string.h>

#include "aws/operations/opset.h"
#include "aws/operations/refusal.h"
#include "base/mem.h"
#include "doctor/doctor_hosts.h"
#include "doctor/doctor_refusal.h"
#include "value/json.h"

#define MOST_AT_A_TIME 8
#define PROBE "listing"

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

/* One cause for all targets that it concerns, of {key: {"why", …, "regions": {…}, "types": {…}}};
 * NULL if it is not there yet. */
static json_t *add_target(json_t *cause, const struct list_job *job)
{
    if (cause != NULL) {
        json_object_set_new(json_object_get(cause, "regions"), job->target->region, json_true());
        json_object_set_new(json_object_get(cause, "types"), job->target->policy->type,
                            json_true());
    }
    return cause;
}

/* A cause that is new; `more` of its members is taken. */
static void add_cause(json_t *causes, const char *key, const struct list_job *job, json_t *more)
{
    json_object_set_new(more, "regions", json_object());
    json_object_set_new(more, "types", json_object());
    json_object_set_new_nocheck(causes, key, more);
    add_target(more, job);
}

static void add_refusal(json_t *refusals, const struct list_job *job)
{
    const char *action = action_of(job);
    if (json_object_get(job->listing->account->refused, action) != NULL)
        return; /* the simulator has reported it already */
    char *why = doctor_refusal(action, &job->err);
    if (add_target(json_object_get(refusals, why), job) == NULL)
        add_cause(refusals, why, job, json_pack("{s:s, s:s}", "action", action, "why", why));
    mem_free(why);
}

/* The message without the operation, which differs between types. */
static const char *bare_message(const struct err *err)
{
    size_t length = strlen(err->operation);
    bool named = length > 0 && strncmp(err->message, err->operation, length) == 0 &&
                 strncmp(err->message + length, ": ", 2) == 0;
    return named ? err->message + length + 2 : err->message;
}

static void add_failure(json_t *failures, const struct list_job *job)
{
    bool asked = job->unasked == NULL;
    const char *bare = asked ? bare_message(&job->err) : job->unasked;
    const char *key = asked && job->err.code[0] != '\0' ? job->err.code : bare;
    if (add_target(json_object_get(failures, key), job) != NULL)
        return;
    char *why = asked ? doctor_refusal(job->err.operation, &job->err) : mem_strdup(bare);
    json_t *cause = json_pack("{s:b}", "asked", asked);
    json_object_set_new_nocheck(cause, "why", json_string_nocheck(why));
    json_object_set_new_nocheck(cause, "bare", json_string_nocheck(bare));
    add_cause(failures, key, job, cause);
    mem_free(why);
}

static json_t *tell_cause(const struct doctor_account *account, enum doctor_status status,
                          const json_t *cause)
{
    char *types, *regions;
    json_t *type_list = doctor_keys(json_object_get(cause, "types"), &types);
    json_t *region_list = doctor_keys(json_object_get(cause, "regions"), &regions);
    const char *why = json_get_string(cause, "why", "");
    if (json_array_size(type_list) > 1)
        why = json_get_string(cause, "bare", why);
    json_t *item = doctor_add(account->section, status, PROBE, "%s in %s: %s", types, regions, why);
    const json_t *action = json_object_get(cause, "action");
    if (action != NULL)
        doctor_set(item, "actions", json_pack("[O]", action));
    doctor_set(item, "types", type_list);
    doctor_set(item, "regions", region_list);
    mem_free(types);
    mem_free(regions);
    return item;
}

static void tell_refusals(const struct doctor_account *account, json_t *refusals)
{
    const char *why;
    json_t *refusal;
    json_object_foreach (refusals, why, refusal) {
        json_t *item = tell_cause(account, DOCTOR_MISSING, refusal);
        doctor_advise_permission(item, account->principal);
    }
}

static void tell_failures(const struct doctor_account *account, json_t *failures)
{
    const char *key;
    json_t *failure;
    json_object_foreach (failures, key, failure)
        tell_cause(account,
                   json_get_bool(failure, "asked", true) ? DOCTOR_FAILED : DOCTOR_NOT_CHECKED,
                   failure);
}

/* `sound`: {number of types: {region: true}}. */
static void tell_sound(const struct doctor_listing *listing, json_t *sound)
{
    const char *count;
    json_t *found;
    json_object_foreach (sound, count, found) {
        char *words;
        json_t *regions = doctor_keys(found, &words);
        json_t *item =
            doctor_add(listing->account->section, DOCTOR_OK, PROBE, "%s type%s can be listed in %s",
                       count, strcmp(count, "1") == 0 ? "" : "s", words);
        doctor_set(item, "regions", regions);
        mem_free(words);
    }
}

static void add_sound(json_t *sound, size_t count, const char *region)
{
    if (count == 0)
        return;
    char *key = mem_printf("%zu", count);
    if (json_object_get(sound, key) == NULL)
        json_object_set_new(sound, key, json_object());
    json_object_set_new(json_object_get(sound, key), region, json_true());
    mem_free(key);
}

/* Targets are sorted by region. */
static void tell(const struct doctor_listing *listing)
{
    json_t *refusals = json_object(), *failures = json_object(), *sound = json_object();
    size_t here = 0;
    for (size_t i = 0; i < listing->count; i++) {
        const struct list_job *job = &listing->items[i];
        const char *region = job->target->region;
        if (refusal_of_permission(&job->err))
            add_refusal(refusals, job);
        else if (job->err.kind != ERR_NONE || job->unasked != NULL)
            add_failure(failures, job);
        else
            here++;
        if (i + 1 < listing->count && strcmp(listing->items[i + 1].target->region, region) == 0)
            continue;
        add_sound(sound, here, region);
        here = 0;
    }
    tell_sound(listing, sound);
    tell_failures(listing->account, failures);
    tell_refusals(listing->account, refusals);
    json_decref(sound);
    json_decref(refusals);
    json_decref(failures);
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

static bool is_enough(void *arg, enum listing_point point)
{
    const struct list_job *job = arg;
    (void)point;
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
