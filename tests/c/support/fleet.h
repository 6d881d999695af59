/* The simulated fleet of test_fleet.c, and a model of client_pace.c and of AWS: which call is sent
 * next, and whether AWS throttles it. Time is simulated; the pacers are the engine's own. */
#ifndef SUPPORT_FLEET_H
#define SUPPORT_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/retry/pacer.h"
#include "intake/listing_turns.h"

#define FLEET_IN_FLIGHT 200
#define FLEET_TRIP_MS 50
#define FLEET_CALLS_PER_MS 6.0 /* as fast as one process makes calls */
#define FLEET_SPAN 8192        /* milliseconds that the calendar holds */

/* The token buckets of a service in an account, one for each region. */
struct fleet_service {
    int calls; /* in all regions together */
    double rate, burst;
    bool global; /* in the first region only */
};

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
    struct listing_turn turn;
    struct fleet_key *next_full;
};

struct fleet_account {
    char name[16];
    size_t active, limit, counted;
    int left;     /* resources that are not audited */
    double speed; /* of its buckets: 1 is usual */
};

struct fleet_call {
    struct fleet_call *next;
    struct fleet_key *key;
    int64_t entered_ms;
    unsigned epoch;
    enum pacer_outcome outcome;
    bool lists;
};

struct fleet {
    int accounts;
    int times; /* as many regional resources as usual, each account */
    int page;  /* resources in a page of a listing */
    int random_percent;
    int slow_accounts; /* the first ones */
    struct fleet_account *account;
    struct fleet_key *keys; /* also the targets of listings */
    size_t key_count;
    struct poll_target_list targets;
    struct listing_turns *turns;
    struct fleet_key *full; /* their listings wait for audits */
    size_t listing, parked_accounts;
    bool starved;
    struct fleet_call *due[FLEET_SPAN];
    struct fleet_key *timers[FLEET_SPAN];
    struct fleet_key *ready, **ready_tail, *parking, **parking_tail;
    size_t started, parked, counted, crowded, most_parked, most_listing, most_started;
    int in_flight;
    double budget; /* calls for which the process has had time */
    long calls, sent, throttled, done;
    int64_t now_ms, usual_ms; /* usual_ms: when all usual accounts were audited */
    int usual_left;
    uint32_t seed;
    void (*answer)(struct fleet_call *call); /* a call was answered */
};

extern struct fleet fleet;

/* The call waits for its turn; `again`: before all others of its key, since it was throttled. */
void fleet_wait(struct fleet_call *call, bool again);
/* What is done in each millisecond: calls are answered, waiting times end, calls are sent. */
void fleet_receive(void);
void fleet_fire_timers(void);
void fleet_dispatch(void);

/* Keys with resources that wait take turns, as in found_lines.c: a key's next turn is after those
 * of all others. */
void fleet_queue_parking(struct fleet_key *key);
/* Takes the key that the link names out of its turn. */
void fleet_leave_parking(struct fleet_key **link);

#endif
