/* A thousand accounts in 17 regions, listed and audited by one process: how much longer than an
 * ideal schedule it takes, also if AWS throttles some accounts hard. Time is simulated. The pacers,
 * the limits of lanes and the turns of listings are the engine's own; the rest is a model of
 * run_lanes.c (which resources are in progress), of scan.c (which listings wait) and of
 * client_pace.c (whose call is next). Each resource takes one call, and each page of a listing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_lanes.h"
#include "base/mem.h"
#include "intake/found_lines.h"
#include "support/fleet.h"
#include "support/slowed.h"

#define REGIONS 17
#define MOST (FLEET_IN_FLIGHT * 5 / 4 + 1) /* resources in progress, as in run.c */
#define HOUR_MS 3600000
#define PAGE 100
#define LARGE_PAGE 1000
/* As in scan.c. */
#define MOST_OF_A_TARGET 64
#define BUSY 4096
#define SLOW 0.02 /* times the usual rate of a bucket */
#define FULL_WAIT_MS 20

/* The calls of 1,000 resources of an account, and the token buckets of the services. */
static const struct fleet_service services[] = {
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

static bool may_pull(void)
{
    return fleet.started < MOST || fleet.crowded > 0;
}

static bool has_room(const struct fleet_key *key)
{
    const struct fleet_account *account = key->account;
    return key->active < key->limit && account->active < account->limit &&
           account->active < run_account_share(fleet.started, MOST) && may_pull();
}

static void call(struct fleet_key *key, bool lists)
{
    struct fleet_call *made = mem_alloc(sizeof *made);
    made->key = key;
    made->lists = lists;
    made->entered_ms = fleet.now_ms;
    fleet_wait(made, false);
}

static void enter(struct fleet_key *key)
{
    key->active++;
    key->account->active++;
    fleet.started++;
    call(key, false);
}

static void count_audited(struct fleet_account *account)
{
    fleet.done++;
    if (--account->left == 0 && account->speed >= 1 && --fleet.usual_left == 0)
        fleet.usual_ms = fleet.now_ms;
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
    count_audited(key->account);
}

/* ---- resources that wait for their audits ---- */

static void park(struct fleet_key *key)
{
    fleet.parked++;
    if (++key->parked <= FOUND_LINES_COUNTED) {
        fleet.counted++;
        fleet.parked_accounts += key->account->counted++ == 0;
    }
    if (key->parking)
        return;
    key->parking = true;
    fleet_queue_parking(key);
}

static void unpark(struct fleet_key *key)
{
    fleet.parked--;
    if (key->parked-- <= FOUND_LINES_COUNTED) {
        fleet.counted--;
        fleet.parked_accounts -= --key->account->counted == 0;
    }
    fleet.starved = false;
    enter(key);
}

static void enter_parked(void)
{
    fleet.starved = may_pull() && fleet.in_flight < FLEET_IN_FLIGHT * 3 / 4;
    for (struct fleet_key **link = &fleet.parking; *link != NULL;) {
        struct fleet_key *key = *link;
        if (!has_room(key)) {
            link = &key->next_parking;
            continue;
        }
        unpark(key);
        fleet_leave_parking(link);
        key->parking = key->parked > 0;
        if (key->parking)
            fleet_queue_parking(key);
    }
}

/* ---- listings ---- */

static bool has_its_share(const struct fleet_account *account)
{
    size_t share = BUSY / (fleet.parked_accounts + (account->counted == 0) + 1);
    return account->counted >= (share > MOST_OF_A_TARGET ? share : MOST_OF_A_TARGET);
}

static bool is_full(const struct fleet_key *key)
{
    return key->parked >= MOST_OF_A_TARGET || (key->parked > 0 && has_its_share(key->account));
}

static bool may_list(void *arg, size_t target)
{
    const struct fleet_account *account = fleet.keys[target].account;
    (void)arg;
    if (fleet.counted < BUSY)
        return !has_its_share(account);
    return fleet.starved && account->counted == 0;
}

static void list_more(void)
{
    size_t target;
    while (listing_turns_next(fleet.turns, may_list, NULL, &target)) {
        struct fleet_key *key = &fleet.keys[target];
        listing_turns_begin(fleet.turns, &key->turn, target, fleet.now_ms);
        fleet.listing++;
        call(key, true);
    }
}

static void turn_page(struct fleet_key *key)
{
    if (is_full(key)) {
        key->next_full = fleet.full;
        fleet.full = key;
    } else if (key->left > 0) {
        call(key, true);
    } else {
        listing_turns_end(fleet.turns, &key->turn);
        fleet.listing--;
    }
}

static void find(struct fleet_key *key)
{
    for (int i = 0; i < fleet.page && key->left > 0; i++, key->left--) {
        listing_turns_moved(&key->turn, fleet.now_ms);
        park(key);
    }
    turn_page(key);
}

static void look_at_listings(void)
{
    if (fleet.now_ms % FULL_WAIT_MS != 0)
        return;
    struct fleet_key *key = fleet.full;
    fleet.full = NULL;
    while (key != NULL) {
        struct fleet_key *next = key->next_full;
        turn_page(key);
        key = next;
    }
    listing_turns_look(fleet.turns, fleet.now_ms);
}

static void answer(struct fleet_call *call)
{
    if (call->outcome == PACER_THROTTLED) {
        fleet.throttled++;
        fleet_wait(call, true);
        return;
    }
    if (call->lists)
        find(call->key);
    else
        leave(call);
    mem_free(call);
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
    account->left += calls;
    fleet.targets.items[fleet.targets.count++].account = account->name;
}

static void add_account(int number)
{
    struct fleet_account *account = &fleet.account[number];
    account->limit = RUN_ACCOUNT_FIRST;
    account->speed = number < fleet.slow_accounts ? SLOW : 1;
    fleet.usual_left += account->speed >= 1;
    snprintf(account->name, sizeof account->name, "%d", number);
    for (int region = 0; region < REGIONS; region++) {
        for (int i = 0; i < SERVICES; i++) {
            if (region == 0 || !services[i].global)
                add_key(account, &services[i]);
        }
    }
}

static int pages_of(const struct fleet_service *service)
{
    int calls = calls_of(service);
    return calls > fleet.page ? (calls + fleet.page - 1) / fleet.page : 1;
}

/* The milliseconds that no schedule can avoid for the usual accounts: those of the fullest bucket,
 * of the process, or of waiting for all calls. */
static double ideal_ms(void)
{
    double calls = 0, most = 0;
    for (int i = 0; i < SERVICES; i++) {
        int each = calls_of(&services[i]) + pages_of(&services[i]);
        double bucket = 1000 * (each - services[i].burst) / services[i].rate;
        most = bucket > most ? bucket : most;
        calls += each * (services[i].global ? 1 : REGIONS);
    }
    calls *= fleet.accounts - fleet.slow_accounts;
    double waiting = calls * FLEET_TRIP_MS / FLEET_IN_FLIGHT;
    most = waiting > most ? waiting : most;
    return most > calls / FLEET_CALLS_PER_MS ? most : calls / FLEET_CALLS_PER_MS;
}

static void run_fleet(void)
{
    for (; fleet.done < fleet.calls && fleet.now_ms < HOUR_MS; fleet.now_ms++) {
        fleet.budget += FLEET_CALLS_PER_MS;
        if (fleet.budget > FLEET_CALLS_PER_MS * FLEET_TRIP_MS)
            fleet.budget = FLEET_CALLS_PER_MS * FLEET_TRIP_MS;
        fleet_receive();
        fleet_fire_timers();
        look_at_listings();
        enter_parked();
        list_more();
        fleet_dispatch();
        fleet.most_parked = fleet.parked > fleet.most_parked ? fleet.parked : fleet.most_parked;
        fleet.most_started =
            fleet.started > fleet.most_started ? fleet.started : fleet.most_started;
        fleet.most_listing =
            fleet.listing > fleet.most_listing ? fleet.listing : fleet.most_listing;
    }
}

static void make_fleet(const struct fleet *given)
{
    fleet = *given;
    fleet.accounts = (int)slowed_rounds((size_t)given->accounts);
    if (given->slow_accounts > 1)
        fleet.slow_accounts = (int)slowed_rounds((size_t)given->slow_accounts);
    fleet.seed = 1;
    fleet.page = fleet.page > 0 ? fleet.page : PAGE;
    fleet.answer = answer;
    fleet.ready_tail = &fleet.ready;
    fleet.parking_tail = &fleet.parking;
    size_t keys = (size_t)fleet.accounts * REGIONS * SERVICES;
    fleet.account = mem_alloc((size_t)fleet.accounts * sizeof *fleet.account);
    fleet.keys = mem_alloc(keys * sizeof *fleet.keys);
    fleet.targets.items = mem_alloc(keys * sizeof *fleet.targets.items);
    for (int i = 0; i < fleet.accounts; i++)
        add_account(i);
    fleet.turns = listing_turns_new(&fleet.targets);
}

static void free_fleet(void)
{
    listing_turns_free(fleet.turns);
    mem_free(fleet.targets.items);
    mem_free(fleet.keys);
    mem_free(fleet.account);
}

/* most: times the ideal, until all usual accounts are audited; vain: percent of the calls of usual
 * accounts alone. */
static void audit_fleet(const struct fleet *given, double most, double vain)
{
    make_fleet(given);
    run_fleet();
    double ratio = (double)fleet.usual_ms / ideal_ms();
    double share = 100.0 * (double)fleet.throttled / (double)fleet.sent;
    printf("%d accounts (%d slow), %ld resources, pages of %d, %d %% at random: %.0f s, %.2f times "
           "the ideal (all: %.0f s), %.1f %% throttled; at most %zu listings, %zu resources wait, "
           "%zu in progress\n",
           fleet.accounts, fleet.slow_accounts, fleet.calls, fleet.page, fleet.random_percent,
           (double)fleet.usual_ms / 1000, ratio, (double)fleet.now_ms / 1000, share,
           fleet.most_listing, fleet.most_parked, fleet.most_started);
    free_fleet();
    assert_int_equal(fleet.done, fleet.calls);
    assert_true(ratio <= most || is_slowed()); /* few accounts cannot use all buckets */
    assert_true(share <= vain);
}

static void a_thousand_resources_of_each_account(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 1000, .times = 1}, 1.2, 10);
}

/* IAM and S3 are global: they do not grow with the number of regions. */
static void a_thousand_resources_of_each_account_and_region(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 120, .times = REGIONS}, 1.3, 10);
}

static void listings_that_hand_over_large_pages(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 1, .times = REGIONS, .page = LARGE_PAGE}, 1.1, 15);
    audit_fleet(&(struct fleet){.accounts = 3, .times = REGIONS, .page = LARGE_PAGE}, 1.35, 15);
    audit_fleet(&(struct fleet){.accounts = 120, .times = REGIONS, .page = LARGE_PAGE}, 1.3, 10);
}

static void services_that_throttle_at_random(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 500, .times = 1, .random_percent = 5}, 2, 10);
}

static void one_account_that_is_throttled(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 1000, .times = 1, .slow_accounts = 1}, 1.2, 10);
}

static void a_hundred_accounts_that_are_throttled(void **state)
{
    (void)state;
    audit_fleet(&(struct fleet){.accounts = 1000, .times = 1, .slow_accounts = 100}, 1.3, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_resources_of_each_account),
        cmocka_unit_test(a_thousand_resources_of_each_account_and_region),
        cmocka_unit_test(listings_that_hand_over_large_pages),
        cmocka_unit_test(services_that_throttle_at_random),
        cmocka_unit_test(one_account_that_is_throttled),
        cmocka_unit_test(a_hundred_accounts_that_are_throttled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
