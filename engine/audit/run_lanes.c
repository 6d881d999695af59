/* Limits how many resources of each type, region and account are in progress. A lane begins with a
 * few, and each finished resource makes room for more, unless it was in progress for long because
 * calls are throttled: then there is room for fewer. So resources whose calls are throttled take no
 * room from others, and one account takes none from another. A line without room waits here, in
 * order, as text: there may be many before the first of a lane is audited. */
#include "audit/run_lanes.h"

#include <stdint.h>

#include "accounts/early_session.h"
#include "audit/run_internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "policy/selection.h"
#include "value/json.h"

#define MORE                                                                                       \
    2 /* how much each finished resource raises the limit; half while calls are throttled */
#define FEWEST 8
/* What is in progress may leave so many shares free: n accounts that are throttled take n shares of
 * n + SHARES. An account may have FEW in any case. */
#define SHARES 2
#define FEW 4
#define LONG_MS 400 /* longer than without a throttle, usually */

struct parked {
    struct parked *next;
    struct resource *resource; /* packed */
    size_t slot, bytes;
};

struct lane {
    struct lane *next;
    struct lane *account; /* the account's lane; NULL: this is one */
    size_t active, limit, most;
    struct parked *parked, **tail;
    struct lane *next_parking, **link; /* in run->parking */
};

static struct lane *lane_named(struct run *run, const char *name, struct lane *account)
{
    /* JSON has no pointers, so an integer holds one. */
    struct lane *lane =
        (struct lane *)(intptr_t)json_integer_value(json_object_get(run->lane_index, name));
    if (lane != NULL)
        return lane;
    size_t first = account != NULL ? RUN_LANE_FIRST : RUN_ACCOUNT_FIRST;
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

struct lane *run_lane(struct run *run, const char *account, const char *region, const char *type)
{
    struct lane *whole = lane_named(run, account, NULL);
    char *name = mem_printf("%s %s %s", account, region, type);
    struct lane *lane = lane_named(run, name, whole);
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

/* While the run is prepared, which takes a round trip to STS, the session that the first audit will
 * need is opened with another one. */
static void open_early(struct run *run, const struct resource *resource, const char *type)
{
    const struct context *context = run->options.context;
    const struct policy *policy = context->evaluator->find(context->evaluator->self, type);
    if (selection_has_any(context->selected, policy))
        run->early = early_session_open(context, policy, resource->account, resource->region);
}

void run_drop_early(struct run *run)
{
    early_session_drop(run->early);
    run->early = NULL;
}

/* A run without resources needs no preparation. */
static void prepare(struct run *run, const struct resource *resource, const char *type)
{
    if (run->readiness != RUN_FRESH)
        return;
    run->readiness = run->options.prepare != NULL ? RUN_PREPARING : RUN_PREPARED;
    if (run->options.prepare == NULL)
        return;
    run->options.prepare(run->options.prepare_arg, on_prepared, run);
    open_early(run, resource, type);
}

static bool is_within_limits(const struct run *run, const struct lane *lane)
{
    const struct lane *account = lane->account;
    return lane->active < lane->limit && account->active < account->limit &&
           account->active < run_account_share(started(run), run->most);
}

static bool has_room(const struct run *run, const struct lane *lane)
{
    return run->readiness == RUN_PREPARED && is_within_limits(run, lane);
}

bool run_lane_has_room(const struct run *run, const struct lane *lane)
{
    return lane->parked == NULL && is_within_limits(run, lane);
}

bool run_may_pull(const struct run *run)
{
    if (run->parked_count >= RUN_MOST_PARKED || run->parked_bytes >= RUN_MOST_PARKED_BYTES ||
        run->readiness == RUN_PREPARING)
        return false;
    return started(run) < run->most || client_is_slow(run->options.context->client);
}

/* Those that were put off, or wait for one that was, are not finished before no line waits. */
bool run_may_leave(const struct run *run)
{
    return started(run) < RUN_CROWD * run->most + run->waiting_for_resource;
}

bool run_is_idle(const struct run *run)
{
    return client_has_room(run->options.context->client);
}

void run_tell_room(struct run *run)
{
    if (run->pulling && run->source.room != NULL)
        run->source.room(run->source.self);
}

static void take_room(struct lane *lane)
{
    lane->active++;
    lane->account->active++;
}

static void park(struct run *run, struct lane *lane, struct resource *resource, size_t slot)
{
    if (lane->parked == NULL) {
        struct lane **link = &run->parking;
        lane->next_parking = *link;
        if (*link != NULL)
            (*link)->link = &lane->next_parking;
        lane->link = link;
        *link = lane;
    }
    struct parked *parked = mem_alloc(sizeof *parked);
    *parked = (struct parked){.resource = resource, .slot = slot};
    parked->bytes = sizeof *parked + resource_pack(resource);
    *lane->tail = parked;
    lane->tail = &parked->next;
    run->parked_count++;
    run->parked_bytes += parked->bytes;
}

bool run_enter(struct run *run, const char *type, struct resource *resource, size_t slot,
               struct entrant *entrant)
{
    struct lane *lane = run_lane(run, resource->account, resource->region, type);
    prepare(run, resource, type);
    if (lane->parked != NULL || !has_room(run, lane)) {
        park(run, lane, resource, slot);
        return false;
    }
    take_room(lane);
    *entrant = (struct entrant){.resource = resource, .slot = slot, .lane = lane};
    return true;
}

static void unpark(struct run *run, struct lane *lane, struct entrant *entrant)
{
    struct parked *parked = lane->parked;
    *entrant = (struct entrant){.resource = parked->resource, .slot = parked->slot, .lane = lane};
    resource_unpack(entrant->resource);
    lane->parked = parked->next;
    run->parked_count--;
    run->parked_bytes -= parked->bytes;
    mem_free(parked);
    if (lane->parked != NULL)
        return;
    lane->tail = &lane->parked;
    *lane->link = lane->next_parking;
    if (lane->next_parking != NULL)
        lane->next_parking->link = lane->link;
}

size_t run_lane_limit(size_t limit, size_t most, bool slow, int64_t took_ms)
{
    if (slow && took_ms > LONG_MS) {
        size_t fewer = limit / 2;
        return fewer > FEWEST ? fewer : limit < FEWEST ? limit : FEWEST;
    }
    size_t more = limit + (slow ? MORE / 2 : MORE);
    return more < most ? more : most;
}

size_t run_account_share(size_t started, size_t most)
{
    size_t all = RUN_CROWD * most;
    size_t share = started < all ? (all - started) / SHARES : 0;
    return share > FEW ? share : FEW;
}

void run_leave(struct job *job)
{
    struct lane *lane = job->lane;
    if (lane == NULL)
        return;
    bool slow = client_is_slow(job->run->options.context->client);
    lane->active--;
    lane->limit = run_lane_limit(lane->limit, lane->most, slow, clock_mono_ms() - job->entered_ms);
    lane->account->active--;
    lane->account->limit = run_lane_limit(lane->account->limit, lane->account->most, slow, 0);
    job->lane = NULL;
}

void run_step_aside(struct job *job)
{
    job->lane->active--;
    job->lane->account->active--;
    job->lane = NULL;
}

void run_enter_again(struct job *job)
{
    const struct resource *resource = job->resource;
    job->lane = run_lane(job->run, resource->account, resource->region, job->policy->type);
    job->entered_ms = clock_mono_ms();
    take_room(job->lane);
}

bool run_next_parked(struct run *run, bool room, struct entrant *entrant)
{
    for (struct lane *lane = run->parking; lane != NULL; lane = lane->next_parking) {
        if (!room && !has_room(run, lane))
            continue;
        unpark(run, lane, entrant);
        take_room(lane);
        return true;
    }
    return false;
}

static void free_parked(struct lane *lane)
{
    while (lane->parked != NULL) {
        struct parked *parked = lane->parked;
        lane->parked = parked->next;
        resource_free(parked->resource);
        mem_free(parked);
    }
}

void run_free_lanes(struct run *run)
{
    run_drop_early(run);
    while (run->lanes != NULL) {
        struct lane *lane = run->lanes;
        run->lanes = lane->next;
        free_parked(lane);
        mem_free(lane);
    }
    json_decref(run->lane_index);
}
