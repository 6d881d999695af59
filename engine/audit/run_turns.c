/* Lines that name the same resource (several events of one change, pages that overlap) must not be
 * repaired side by side: each takes its turn, and looks at what the one before it left. A plan
 * holds a resource once. Global types are the same resource in every region. */
#include "audit/run_turns.h"

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

/* JSON has no pointers; an integer holds one. */
static struct job *last_in_row(const struct run *run, const char *key)
{
    return (struct job *)(intptr_t)json_integer_value(json_object_get(run->turns, key));
}

/* A resource that cannot be looked up stands in the plan twice at worst, which makes nothing twice:
 * the second look finds nothing to do. */
static enum run_turn plan_once(struct run *run, const struct job *job, const char *key)
{
    struct err err = {0};
    bool before;
    if (seen_add(run->seen, key, &before, &err) != 0) {
        log_error("%s", err.message);
        run->status = 1;
    }
    if (before)
        log_debug("%s %s is planned once", job->resource->type, job->resource->id);
    return before ? TURN_NEVER : TURN_NOW;
}

static enum run_turn wait_in_row(struct run *run, struct job *job, const char *key)
{
    struct job *last = last_in_row(run, key);
    if (last != NULL)
        last->next_in_row = job;
    json_object_set_new_nocheck(run->turns, key, json_integer((json_int_t)(intptr_t)job));
    return last != NULL ? TURN_LATER : TURN_NOW;
}

enum run_turn run_take_turn(struct job *job)
{
    struct run *run = job->run;
    if (run->options.mode == RUN_AUDIT)
        return TURN_NOW;
    char *key = key_of(job);
    enum run_turn turn =
        run->options.mode == RUN_PLAN ? plan_once(run, job, key) : wait_in_row(run, job, key);
    mem_free(key);
    return turn;
}

struct job *run_give_turn(struct job *job)
{
    struct run *run = job->run;
    if (job->next_in_row == NULL && run->options.mode == RUN_CHANGE) {
        char *key = key_of(job);
        json_object_del(run->turns, key);
        mem_free(key);
    }
    return job->next_in_row;
}
