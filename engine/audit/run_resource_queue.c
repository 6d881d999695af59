/* Several lines may name the same resource (several events of one change, pages that overlap).
 * Their jobs must not repair it at the same time: each takes its turn, and audits the state that
 * the previous one left. A plan contains a resource once. A resource of a global type is the same
 * in every region. */
#include "audit/run_resource_queue.h"

#include <stdint.h>

#include "audit/run_internal.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"

static char *key_of(const struct job *job)
{
    const struct resource *resource = job->resource;
    return mem_printf("%s %s %s %s", resource->account, resource->type,
                      job->policy->global ? "" : resource->region, resource->id);
}

/* JSON has no pointers, so an integer holds one. */
static struct job *last_of_resource(const struct run *run, const char *key)
{
    return (struct job *)(intptr_t)json_integer_value(json_object_get(run->resource_queues, key));
}

/* If a resource cannot be looked up, the plan contains it twice at worst. No call is made twice for
 * that: the second audit finds nothing to do. */
static enum run_turn plan_once(struct run *run, const struct job *job, const char *key)
{
    struct err err = {0};
    bool before;
    const struct log_subject subject = resource_subject(job->resource);
    if (seen_add(run->seen, key, &before, &err) != 0) {
        log_about(LOG_ERROR, &subject, "%s", err.message);
        run->status = 1;
    }
    if (before)
        log_about(LOG_DEBUG, &subject, "%s %s is planned once", subject.type, subject.id);
    return before ? TURN_NEVER : TURN_NOW;
}

static enum run_turn wait_for_resource(struct run *run, struct job *job, const char *key)
{
    struct job *last = last_of_resource(run, key);
    if (last != NULL)
        last->next_of_resource = job;
    json_object_set_new_nocheck(run->resource_queues, key, json_integer((json_int_t)(intptr_t)job));
    return last != NULL ? TURN_LATER : TURN_NOW;
}

enum run_turn run_take_turn(struct job *job)
{
    struct run *run = job->run;
    if (run->options.mode == RUN_AUDIT)
        return TURN_NOW;
    char *key = key_of(job);
    enum run_turn turn =
        run->options.mode == RUN_PLAN ? plan_once(run, job, key) : wait_for_resource(run, job, key);
    mem_free(key);
    return turn;
}

struct job *run_give_turn(struct job *job)
{
    struct run *run = job->run;
    if (job->next_of_resource == NULL && run->options.mode == RUN_CHANGE) {
        char *key = key_of(job);
        if (last_of_resource(run, key) == job) /* a job that never started took no turn */
            json_object_del(run->resource_queues, key);
        mem_free(key);
    }
    return job->next_of_resource;
}
