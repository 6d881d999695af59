/* Lines that name the same resource (several events of one change, pages that overlap) must not be
 * repaired side by side: each takes its turn, and looks at what the one before it left. A plan
 * holds a resource once. Global types are the same resource in every region. */
#include <stdint.h>

#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"
#include "work/run_internal.h"

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

enum run_turn run_take_turn(struct job *job)
{
    struct run *run = job->run;
    if (run->options.mode == RUN_AUDIT)
        return TURN_NOW;
    char *key = key_of(job);
    struct job *last = last_in_row(run, key);
    enum run_turn turn = last == NULL                    ? TURN_NOW
                         : run->options.mode == RUN_PLAN ? TURN_NEVER
                                                         : TURN_LATER;
    if (turn == TURN_LATER)
        last->next_in_row = job;
    if (turn == TURN_NEVER)
        log_debug("%s %s is planned once", job->resource->type, job->resource->id);
    else
        json_object_set_new_nocheck(run->turns, key, json_integer((json_int_t)(intptr_t)job));
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
