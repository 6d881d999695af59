/* A thousand accounts in 17 regions, audited by one process: how much longer than an ideal schedule
 * it takes. Time is simulated. The pacers and the limits of lanes are the engine's own; the rest is
 * a model of run_lanes.c (which resources are in progress) and of client_pace.c (whose call is
 * next). Each resource takes one call, in the order in which `engine scan` lists them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_lanes.h"
#include "aws/retry/pacer.h"
#include "base/mem.h"

#define REGIONS 17
#define IN_FLIGHT 200
#define MOST (IN_FLIGHT * 5 / 4 + 1) /* resources in progress, as in run.c */
#define TRIP_MS 50
#define CALLS_PER_MS 6.0 /* as fast as one process makes calls */
#define SPAN 8192        /* milliseconds that the calendar holds */
#define HOUR_MS 3600000

/* The calls of 1,000 resources of an account, and the token buckets of the services. */
static const struct fleet_service {
    int calls; /* in all regions together */
    double rate, burst;
    bool global; /* in the first region only */
} services[] = {
    {300, 20, 50, true},     /* IAM */
    {260, 1000, 1000, true}, /* S3 */
    {170, 15, 30, false},    /* Lambda */
    {102, 20, 100, false},   /* SQS */
    {51, 20, 100, false},    /* EC2, one operation */
    {34, 20, 100, false},    /* EC2, another one */
    {68, 20, 50, false},     /* KMS */
    {17, 20, 50, false},     /* RDS */
};
#define SERVICES (int)(sizeof services / sizeof *services)

/* Calls that AWS limits together; here, also a lane. */
struct fleet_key {
    const struct fleet_service *service;
    struct fleet_account *account;
    struct pacer pacer;
    double tokens;
    int64_t filled_ms;
    size_t active, limit, parked;
    struct fleet_call *first, **last; /* the waiting calls */
    struct fleet_key *next_ready, *next_timed, *next_parking;
    bool ready, timed, crowded, parking;
    int left; /* resources that are not listed yet */
};

struct fleet_account {
    size_t active, limit;
};

struct fleet_call {
    struct fleet_call *next;
    struct fleet_key *key;
    int64_t entered_ms;
    unsigned epoch;
    enum pacer_outcome outcome;
};

static struct fleet {
    int accounts;
    int times; /* as many regional resources as usual, each account */
    int random_percent;
    struct fleet_account *account;
    struct fleet_key *keys, *next_listed;
    size_t key_count;
    struct fleet_call *due[SPAN];
    struct fleet_key *timers[SPAN];
    struct fleet_key *ready, **ready_tail, *parking;
    size_t started, parked, crowded;
    int in_flight;
    double budget; /* calls for which the process has had time */
    long calls, sent, throttled, done;
    int64_t now_ms;
    uint32_t seed;
} fleet;

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
        int64_t slot = (fleet.now_ms + (wait < SPAN ? wait : SPAN - 1)) % SPAN;
        key->timed = true;
        key->next_timed = fleet.timers[slot];
        fleet.timers[slot] = key;
    }
}

static void wait_in_line(struct fleet_call *call, bool again)
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
    key->tokens += key->service->rate * (double)(fleet.now_ms - key->filled_ms) / 1000;
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
    int64_t slot = (fleet.now_ms + TRIP_MS) % SPAN;
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

static void dispatch(void)
{
    while (fleet.ready != NULL && fleet.in_flight < IN_FLIGHT && fleet.budget >= 1) {
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

static bool has_room(const struct fleet_key *key)
{
    return key->active < key->limit && key->account->active < key->account->limit &&
           fleet.started <= RUN_CROWD * MOST;
}

static void enter(struct fleet_key *key)
{
    struct fleet_call *call = mem_alloc(sizeof *call);
    call->key = key;
    call->entered_ms = fleet.now_ms;
    key->active++;
    key->account->active++;
    fleet.started++;
    wait_in_line(call, false);
}

static void leave(struct fleet_call *call)
{
    struct fleet_key *key = call->key;
    bool slow = fleet.crowded > 0;
    key->active--;
    key->account->active--;
    fleet.started--;
    key->limit = run_lane_limit(key->limit, MOST, slow, fleet.now_ms - call->entered_ms);
    key->account->limit = run_lane_limit(key->account->limit, (size_t)2 * MOST, slow, 0);
    fleet.done++;
    mem_free(call);
}

static void park(struct fleet_key *key)
{
    key->parked++;
    fleet.parked++;
    if (key->parking)
        return;
    key->parking = true;
    key->next_parking = fleet.parking;
    fleet.parking = key;
}

static void enter_parked(void)
{
    for (struct fleet_key **link = &fleet.parking; *link != NULL;) {
        struct fleet_key *key = *link;
        for (; key->parked > 0 && has_room(key); key->parked--, fleet.parked--)
            enter(key);
        key->parking = key->parked > 0;
        if (key->parking)
            link = &key->next_parking;
        else
            *link = key->next_parking;
    }
}

static bool may_list(void)
{
    return fleet.next_listed < fleet.keys + fleet.key_count && fleet.parked < RUN_MOST_PARKED &&
           (fleet.started < MOST || (fleet.started < RUN_CROWD * MOST && fleet.crowded > 0));
}

static void list(void)
{
    while (may_list()) {
        struct fleet_key *key = fleet.next_listed;
        if (key->left == 0) {
            fleet.next_listed++;
            continue;
        }
        key->left--;
        if (key->parked == 0 && has_room(key))
            enter(key);
        else
            park(key);
    }
}

static void receive(void)
{
    struct fleet_call *call = fleet.due[fleet.now_ms % SPAN];
    fleet.due[fleet.now_ms % SPAN] = NULL;
    while (call != NULL) {
        struct fleet_call *next = call->next;
        struct fleet_key *key = call->key;
        fleet.in_flight--;
        pacer_end(&key->pacer, call->epoch, call->outcome, 0, fleet.now_ms);
        if (call->outcome == PACER_PASSED) {
            leave(call);
        } else {
            fleet.throttled++;
            wait_in_line(call, true);
        }
        schedule(key);
        call = next;
    }
}

static void fire_timers(void)
{
    struct fleet_key *key = fleet.timers[fleet.now_ms % SPAN];
    fleet.timers[fleet.now_ms % SPAN] = NULL;
    while (key != NULL) {
        struct fleet_key *next = key->next_timed;
        key->timed = false;
        schedule(key);
        key = next;
    }
}

static int calls_of(const struct fleet_service *service)
{
    return service->global ? service->calls : service->calls / REGIONS * fleet.times;
}

static void add_key(struct fleet_account *account, const struct fleet_service *service)
{
    int calls = calls_of(service);
    struct fleet_key *key = &fleet.keys[fleet.key_count++];
    *key = (struct fleet_key){.service = service,
                              .account = account,
                              .tokens = service->burst,
                              .limit = RUN_LANE_FIRST,
                              .left = calls};
    key->last = &key->first;
    pacer_init(&key->pacer, 0);
    fleet.calls += calls;
}

static void add_account(struct fleet_account *account)
{
    account->limit = RUN_ACCOUNT_FIRST;
    for (int region = 0; region < REGIONS; region++) {
        for (int i = 0; i < SERVICES; i++) {
            if (region == 0 || !services[i].global)
                add_key(account, &services[i]);
        }
    }
}

/* The milliseconds that no schedule can avoid: those of the fullest bucket, of the process, or of
 * waiting for all calls. */
static double ideal_ms(void)
{
    double most = (double)fleet.calls / CALLS_PER_MS;
    double waiting = (double)fleet.calls * TRIP_MS / IN_FLIGHT;
    most = waiting > most ? waiting : most;
    for (int i = 0; i < SERVICES; i++) {
        double bucket = 1000 * (calls_of(&services[i]) - services[i].burst) / services[i].rate;
        most = bucket > most ? bucket : most;
    }
    return most;
}

static void run_fleet(void)
{
    for (; fleet.done < fleet.calls && fleet.now_ms < HOUR_MS; fleet.now_ms++) {
        fleet.budget += CALLS_PER_MS;
        if (fleet.budget > CALLS_PER_MS * TRIP_MS)
            fleet.budget = CALLS_PER_MS * TRIP_MS;
        receive();
        fire_timers();
        enter_parked();
        list();
        dispatch();
    }
}

static void audit_fleet(int accounts, int times, int random_percent, double most, double vain)
{
    fleet = (struct fleet){
        .accounts = accounts, .times = times, .random_percent = random_percent, .seed = 1};
    fleet.ready_tail = &fleet.ready;
    fleet.account = mem_alloc((size_t)accounts * sizeof *fleet.account);
    fleet.keys = mem_alloc((size_t)accounts * REGIONS * SERVICES * sizeof *fleet.keys);
    fleet.next_listed = fleet.keys;
    for (int i = 0; i < accounts; i++)
        add_account(&fleet.account[i]);
    run_fleet();
    double ratio = (double)fleet.now_ms / ideal_ms();
    double share = 100.0 * (double)fleet.throttled / (double)fleet.sent;
    printf("%d accounts, %ld calls, %d %% at random: %.0f s, %.2f times the ideal, %.1f %% "
           "throttled\n",
           accounts, fleet.calls, random_percent, (double)fleet.now_ms / 1000, ratio, share);
    mem_free(fleet.keys);
    mem_free(fleet.account);
    assert_int_equal(fleet.done, fleet.calls);
    assert_true(ratio <= most);
    assert_true(share <= vain);
}

static void a_thousand_resources_of_each_account(void **state)
{
    (void)state;
    audit_fleet(1000, 1, 0, 1.2, 10);
}

/* IAM and S3 are global: they do not grow with the number of regions. */
static void a_thousand_resources_of_each_account_and_region(void **state)
{
    (void)state;
    audit_fleet(120, REGIONS, 0, 1.2, 10);
}

static void services_that_throttle_at_random(void **state)
{
    (void)state;
    audit_fleet(500, 1, 5, 2, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_resources_of_each_account),
        cmocka_unit_test(a_thousand_resources_of_each_account_and_region),
        cmocka_unit_test(services_that_throttle_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
