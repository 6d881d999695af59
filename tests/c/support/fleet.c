#include "support/fleet.h"

struct fleet fleet;

static void count_crowded(struct fleet_key *key)
{
    bool crowded = key->first != NULL && pacer_is_slow(&key->pacer);
    if (crowded != key->crowded)
        fleet.crowded += crowded ? 1 : (size_t)-1;
    key->crowded = crowded;
}

static void schedule(struct fleet_key *key)
{
    count_crowded(key);
    if (key->first == NULL || key->ready || key->timed)
        return;
    int64_t wait = pacer_wait(&key->pacer, fleet.now_ms);
    if (wait == 0) {
        key->ready = true;
        key->next_ready = NULL;
        *fleet.ready_tail = key;
        fleet.ready_tail = &key->next_ready;
    } else if (wait > 0) {
        int64_t slot = (fleet.now_ms + (wait < FLEET_SPAN ? wait : FLEET_SPAN - 1)) % FLEET_SPAN;
        key->timed = true;
        key->next_timed = fleet.timers[slot];
        fleet.timers[slot] = key;
    }
}

void fleet_wait(struct fleet_call *call, bool again)
{
    struct fleet_key *key = call->key;
    if (again) {
        call->next = key->first;
        key->first = call;
        if (call->next == NULL)
            key->last = &call->next;
    } else {
        call->next = NULL;
        *key->last = call;
        key->last = &call->next;
    }
    schedule(key);
}

static bool is_refused(struct fleet_key *key)
{
    fleet.seed = fleet.seed * 1664525u + 1013904223u;
    if ((int)((fleet.seed >> 8) % 100) < fleet.random_percent)
        return true;
    key->tokens +=
        key->service->rate * key->account->speed * (double)(fleet.now_ms - key->filled_ms) / 1000;
    key->filled_ms = fleet.now_ms;
    if (key->tokens > key->service->burst)
        key->tokens = key->service->burst;
    if (key->tokens < 1)
        return true;
    key->tokens--;
    return false;
}

static void send_first(struct fleet_key *key)
{
    struct fleet_call *call = key->first;
    int64_t slot = (fleet.now_ms + FLEET_TRIP_MS) % FLEET_SPAN;
    key->first = call->next;
    if (key->first == NULL)
        key->last = &key->first;
    call->epoch = pacer_begin(&key->pacer, fleet.now_ms);
    call->outcome = is_refused(key) ? PACER_THROTTLED : PACER_PASSED;
    call->next = fleet.due[slot];
    fleet.due[slot] = call;
    fleet.in_flight++;
    fleet.sent++;
    fleet.budget--;
}

void fleet_dispatch(void)
{
    while (fleet.ready != NULL && fleet.in_flight < FLEET_IN_FLIGHT && fleet.budget >= 1) {
        struct fleet_key *key = fleet.ready;
        fleet.ready = key->next_ready;
        if (fleet.ready == NULL)
            fleet.ready_tail = &fleet.ready;
        key->ready = false;
        if (key->first != NULL && pacer_wait(&key->pacer, fleet.now_ms) == 0)
            send_first(key);
        schedule(key);
    }
}

void fleet_receive(void)
{
    struct fleet_call *call = fleet.due[fleet.now_ms % FLEET_SPAN];
    fleet.due[fleet.now_ms % FLEET_SPAN] = NULL;
    while (call != NULL) {
        struct fleet_call *next = call->next;
        struct fleet_key *key = call->key;
        fleet.in_flight--;
        pacer_end(&key->pacer, call->epoch, call->outcome, 0, fleet.now_ms);
        fleet.answer(call);
        schedule(key);
        call = next;
    }
}

void fleet_fire_timers(void)
{
    struct fleet_key *key = fleet.timers[fleet.now_ms % FLEET_SPAN];
    fleet.timers[fleet.now_ms % FLEET_SPAN] = NULL;
    while (key != NULL) {
        struct fleet_key *next = key->next_timed;
        key->timed = false;
        schedule(key);
        key = next;
    }
}

void fleet_queue_parking(struct fleet_key *key)
{
    key->next_parking = NULL;
    *fleet.parking_tail = key;
    fleet.parking_tail = &key->next_parking;
}

void fleet_leave_parking(struct fleet_key **link)
{
    *link = (*link)->next_parking;
    if (*link == NULL)
        fleet.parking_tail = link;
}
