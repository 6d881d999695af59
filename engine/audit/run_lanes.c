/* Limits how many resources of each type, region and account are in progress. A lane begins with a
 * few, and each finished resource makes room for more. So resources whose calls are throttled take
 * no room from others, and one account takes none from another. A resource without room waits here,
 * in order. */
#include "audit/run_lanes.h"

#include <stdint.h>

#include "audit/run_internal.h"
#include "base/mem.h"
#include "value/json.h"

#define FIRST 64
#define FIRST_OF_ACCOUNT 128
#define MORE 2 /* how much each finished resource raises the limit */
#define ALL 8  /* times as many as usual, while accounts are throttled */
#define MOST_PARKED 20000

struct lane {
    struct lane *next;
    struct lane *account; /* the account's lane; NULL: this is one */
    size_t active, limit, most;
    struct job *parked, **tail;
};

static struct lane *lane_named(struct run *run, const char *name, struct lane *account)
{
    /* JSON has no pointers, so an integer holds one. */
    struct lane *lane =
        (struct lane *)(intptr_t)json_integer_value(json_object_get(run->lane_index, name));
    if (lane != NULL)
        return lane;
    size_t first = account != NULL ? FIRST : FIRST_OF_ACCOUNT;
    lane = mem_alloc(sizeof *lane);
    lane->account = account;
    lane->most = account != NULL ? run->most : 2 * run->most;
    lane->limit = lane->most < first ? lane->most : first;
    lane->tail = &lane->parked;
    lane->next = run->lanes;
    run->lanes = lane;
    json_object_set_new_nocheck(run->lane_index, name, json_integer((json_int_t)(intptr_t)lane));
    return lane;
}

static struct lane *lane_of(struct job *job)
{
    const struct resource *resource = job->resource;
    struct lane *account = lane_named(job->run, resource->account, NULL);
    char *name = mem_printf("%s %s %s", resource->account, resource->region, resource->type);
    struct lane *lane = lane_named(job->run, name, account);
    mem_free(name);
    return lane;
}

static size_t started(const struct run *run)
{
    return run->active - run->parked_count - run->waiting_count - run->put_off_count;
}

static void on_prepared(void *arg)
{
    struct run *run = arg;
    run->readiness = RUN_PREPARED;
    run->pump->go_on(run);
}

/* A run without resources needs no preparation. */
static void prepare(struct run *run)
{
    if (run->readiness != RUN_FRESH)
        return;
    run->readiness = run->options.prepare != NULL ? RUN_PREPARING : RUN_PREPARED;
    if (run->options.prepare != NULL)
        run->options.prepare(run->options.prepare_arg, on_prepared, run);
}

static bool has_room(const struct run *run, const struct lane *lane)
{
    return run->readiness == RUN_PREPARED && lane->active < lane->limit &&
           lane->account->active < lane->account->limit && started(run) <= ALL * run->most;
}

bool run_may_pull(const struct run *run)
{
    if (run->parked_count >= MOST_PARKED || run->readiness == RUN_PREPARING)
        return false;
    return started(run) < run->most ||
           (started(run) < ALL * run->most && client_is_slow(run->options.context->client));
}

static void take_room(struct job *job, struct lane *lane)
{
    job->lane = lane;
    lane->active++;
    lane->account->active++;
}

bool run_enter(struct job *job)
{
    struct run *run = job->run;
    struct lane *lane = lane_of(job);
    prepare(run);
    if (lane->parked == NULL && has_room(run, lane)) {
        take_room(job, lane);
        return true;
    }
    job->next_parked = NULL;
    *lane->tail = job;
    lane->tail = &job->next_parked;
    run->parked_count++;
    return false;
}

static struct job *unpark(struct run *run, struct lane *lane)
{
    struct job *job = lane->parked;
    lane->parked = job->next_parked;
    if (lane->parked == NULL)
        lane->tail = &lane->parked;
    run->parked_count--;
    return job;
}

static void give_room(struct lane *lane)
{
    lane->active--;
    if (lane->limit < lane->most)
        lane->limit += MORE;
}

void run_leave(struct job *job)
{
    struct lane *lane = job->lane;
    if (lane == NULL)
        return;
    give_room(lane);
    give_room(lane->account);
    job->lane = NULL;
}

struct job *run_next_parked(struct run *run)
{
    for (struct lane *lane = run->lanes; lane != NULL && run->parked_count > 0; lane = lane->next) {
        if (lane->parked == NULL || (!run->stopped && !has_room(run, lane)))
            continue;
        struct job *job = unpark(run, lane);
        take_room(job, lane);
        return job;
    }
    return NULL;
}

void run_free_lanes(struct run *run)
{
    while (run->lanes != NULL) {
        struct lane *lane = run->lanes;
        run->lanes = lane->next;
        mem_free(lane);
    }
    json_decref(run->lane_index);
}
