/* The pacer with token buckets and a clock of its own: how much longer than the bucket it needs,
 * and how many calls are throttled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/retry/pacer.h"

#define MOST_IN_FLIGHT 4000
#define HOUR_MS 3600000

/* A service, and its callers. */
struct world {
    int calls; /* calls to be made */
    double rate, burst;
    int trip_ms, jitter_ms; /* round-trip time */
    int most;               /* number of concurrent callers */
    int random_percent;     /* percent of calls that are throttled in any case */
    int stall_ms;           /* about once a second, this machine does nothing for up to this time */

    double tokens;
    int64_t filled_ms;
    struct flight {
        int64_t due_ms;
        unsigned epoch;
        enum pacer_outcome outcome;
    } flights[MOST_IN_FLIGHT];
    int in_flight, peak, sent, throttled, done;
    int64_t took_ms;
};

static uint32_t seed;

static int chance(int below)
{
    seed = seed * 1664525u + 1013904223u;
    return (int)((seed >> 8) % (uint32_t)below);
}

static bool take_token(struct world *world, int64_t now_ms)
{
    world->tokens += world->rate * (double)(now_ms - world->filled_ms) / 1000;
    world->filled_ms = now_ms;
    if (world->tokens > world->burst)
        world->tokens = world->burst;
    if (world->tokens < 1)
        return false;
    world->tokens--;
    return true;
}

static void send_one(struct world *world, struct pacer *pacer, int64_t now_ms)
{
    struct flight *flight = &world->flights[world->in_flight++];
    int trip = world->trip_ms + (world->jitter_ms > 0 ? chance(world->jitter_ms) : 0);
    bool refused = chance(100) < world->random_percent || !take_token(world, now_ms);
    *flight = (struct flight){.due_ms = now_ms + trip,
                              .epoch = pacer_begin(pacer, now_ms),
                              .outcome = refused ? PACER_THROTTLED : PACER_PASSED};
    world->sent++;
    if (world->in_flight > world->peak)
        world->peak = world->in_flight;
}

static void receive(struct world *world, struct pacer *pacer, int64_t now_ms)
{
    for (int i = 0; i < world->in_flight;) {
        struct flight flight = world->flights[i];
        if (flight.due_ms > now_ms) {
            i++;
            continue;
        }
        world->flights[i] = world->flights[--world->in_flight];
        world->done += flight.outcome == PACER_PASSED;
        world->throttled += flight.outcome == PACER_THROTTLED;
        pacer_end(pacer, flight.epoch, flight.outcome, 0, now_ms);
    }
}

/* Runs from that time on; returns when all calls are done. */
static int64_t run(struct world *world, struct pacer *pacer, int64_t start_ms)
{
    int64_t now_ms = start_ms;
    for (; world->done < world->calls && now_ms - start_ms < HOUR_MS; now_ms++) {
        if (world->stall_ms > 0 && chance(1000) == 0)
            now_ms += chance(world->stall_ms);
        receive(world, pacer, now_ms);
        while (world->in_flight < world->most && world->done + world->in_flight < world->calls &&
               pacer_wait(pacer, now_ms) == 0)
            send_one(world, pacer, now_ms);
    }
    world->took_ms = now_ms - start_ms;
    assert_int_equal(world->done, world->calls);
    return now_ms;
}

/* The four cases with documented limits. */
static const struct bucket {
    int calls;
    double rate, burst;
} buckets[] = {
    {1000, 20, 100}, /* EC2, 1,000 snapshots */
    {1000, 20, 50},  /* IAM, 1,000 roles */
    {2000, 20, 100}, /* SQS, 1,000 queues */
    {600, 15, 30},   /* Lambda, 100 functions of 3 versions */
};

static struct world world_of(const struct bucket *bucket, int times)
{
    return (struct world){.calls = bucket->calls,
                          .rate = bucket->rate * times,
                          .burst = bucket->burst,
                          .tokens = bucket->burst,
                          .most = 200};
}

static void try_bucket(const struct bucket *bucket, int times, int trip_ms, int jitter_ms,
                       int stall_ms)
{
    struct pacer pacer;
    struct world world = world_of(bucket, times);
    world.trip_ms = trip_ms;
    world.jitter_ms = jitter_ms;
    world.stall_ms = stall_ms;
    pacer_init(&pacer, 0);
    run(&world, &pacer, 0);
    double ideal = 1000 * (world.calls - world.burst) / world.rate;
    if ((double)world.took_ms > 1.1 * ideal || world.throttled * 10 > world.sent)
        fail_msg("%d calls at %g/s, burst %g, trip %d ms: %lld ms of %g, %d of %d throttled",
                 world.calls, world.rate, world.burst, trip_ms, (long long)world.took_ms, ideal,
                 world.throttled, world.sent);
}

#define EACH_BUCKET(bucket)                                                                        \
    for (const struct bucket *bucket = buckets; bucket < buckets + 4; bucket++)

static void keeps_to_buckets(void **state)
{
    static const int trips[] = {1, 5, 20, 50, 100};
    (void)state;
    EACH_BUCKET(bucket)
    {
        for (size_t i = 0; i < sizeof trips / sizeof *trips; i++) {
            try_bucket(bucket, 1, trips[i], 0, 0);
            for (seed = 1; seed < 2000; seed += 97) {
                uint32_t kept = seed;
                try_bucket(bucket, 1, trips[i], trips[i] / 2, 150);
                seed = kept;
            }
        }
    }
}

static void keeps_to_fast_buckets(void **state)
{
    (void)state;
    EACH_BUCKET(bucket)
    {
        try_bucket(bucket, 20, 1, 0, 0);
        try_bucket(bucket, 20, 5, 2, 0);
    }
}

/* Twenty at first, then twice as many with each round; otherwise as fast as without a pacer. */
static void slows_nothing_without_a_throttle(void **state)
{
    struct pacer pacer;
    struct world world = {
        .calls = 4000, .rate = 1e6, .burst = 1e6, .tokens = 1e6, .trip_ms = 50, .most = 200};
    (void)state;
    pacer_init(&pacer, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pacer_wait(&pacer, 0), 0);
        pacer_begin(&pacer, 0);
    }
    assert_int_equal(pacer_wait(&pacer, 0), -1);
    pacer_init(&pacer, 0);
    run(&world, &pacer, 0);
    assert_int_equal(world.peak, 200);
    assert_true(world.took_ms <= 1000 + 5 * 50);
}

/* A call that hangs affects neither the round nor how a throttle is judged. */
static void waits_for_no_straggler(void **state)
{
    struct pacer pacer;
    (void)state;
    pacer_init(&pacer, 0);
    unsigned epoch = 0;
    for (int i = 0; i < 20; i++)
        epoch = pacer_begin(&pacer, 0);
    for (int i = 0; i < 18; i++)
        pacer_end(&pacer, epoch, PACER_PASSED, 0, 50);
    assert_true(pacer_wait(&pacer, 50) > 0);
    assert_true(pacer_wait(&pacer, 50) <= 100);
    assert_int_equal(pacer_wait(&pacer, 150), 0);
    epoch = pacer_begin(&pacer, 150);
    pacer_end(&pacer, epoch, PACER_THROTTLED, 0, 200);
    assert_true(pacer_is_slow(&pacer));
    assert_true(pacer_wait(&pacer, 200) > 0);
    assert_int_equal(pacer_wait(&pacer, 1201), 0);
}

static struct world world_of_random(int percent, int trip_ms, double rate)
{
    double burst = rate < 1e5 ? 100 : rate;
    return (struct world){.calls = rate < 100 ? 1500 : 4000,
                          .rate = rate,
                          .burst = burst,
                          .tokens = burst,
                          .trip_ms = trip_ms,
                          .jitter_ms = trip_ms / 4,
                          .random_percent = percent,
                          .most = 200};
}

/* How many times as long as the bucket, or as 200 calls at a time, the calls take: the worst of
 * five series. The share of all calls that the bucket refused in vain is added up in `vain`. */
static double worst_of_random(int percent, int trip_ms, double rate, double *vain)
{
    double worst = 0;
    int sent = 0, throttled = 0;
    for (uint32_t series = 1; series <= 5; series++) {
        struct pacer pacer;
        struct world world = world_of_random(percent, trip_ms, rate);
        seed = series * 199;
        pacer_init(&pacer, 0);
        run(&world, &pacer, 0);
        double ideal = 1000 * (world.calls - world.burst) / world.rate;
        double waiting = world.calls * (trip_ms * 1.125) / world.most;
        double ratio = (double)world.took_ms / (ideal > waiting ? ideal : waiting);
        worst = ratio > worst ? ratio : worst;
        sent += world.sent;
        throttled += world.throttled;
    }
    *vain = 100.0 * throttled / sent - percent;
    return worst;
}

/* Throttles at random, because other tenants use the service, indicate no bucket: the pacer does
 * not slow down, and they do not add up. With a bucket besides, it finds the bucket's rate. */
static void tolerates_random_throttles(void **state)
{
    static const struct {
        double rate, most, vain;
    } cases[] = {{1e6, 4, 1}, {200, 3, 25}, {20, 2, 30}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int percent = 1; percent <= 9; percent += 2) {
            for (int trip_ms = 5; trip_ms <= 50; trip_ms += 15) {
                double vain;
                double worst = worst_of_random(percent, trip_ms, cases[i].rate, &vain);
                if (worst > cases[i].most || vain > cases[i].vain)
                    fail_msg("%g/s, %d %% at random, trip %d ms: %.2f times, %.1f %% more",
                             cases[i].rate, percent, trip_ms, worst, vain);
            }
        }
    }
}

/* Other callers use the same bucket: less is left for a while, then more again. */
static void follows_the_bucket(void **state)
{
    struct pacer pacer;
    struct world world = world_of(&buckets[0], 1);
    (void)state;
    world.trip_ms = 20;
    pacer_init(&pacer, 0);
    int64_t now_ms = run(&world, &pacer, 0);
    world.rate = 5;
    world.calls += 200;
    now_ms = run(&world, &pacer, now_ms);
    assert_true(world.took_ms < 48000);
    world.rate = 100;
    world.calls += 2000;
    run(&world, &pacer, now_ms);
    assert_true(world.took_ms < 4 * 20000);
    assert_true(world.throttled * 10 < world.sent);
}

static void waits_longer_if_nothing_gets_through(void **state)
{
    struct pacer pacer;
    int sent = 0;
    int64_t now_ms = 0;
    (void)state;
    pacer_init(&pacer, 0);
    for (; now_ms < 900000; now_ms++) {
        if (pacer_wait(&pacer, now_ms) == 0) {
            unsigned epoch = pacer_begin(&pacer, now_ms);
            pacer_end(&pacer, epoch, PACER_THROTTLED, 0, now_ms);
            sent++;
        }
    }
    assert_true(sent > 900 / 6);
    assert_true(sent < 900 / 5 + 20);
    assert_int_equal(pacer_stuck_ms(&pacer, now_ms), 900000);
    unsigned epoch = pacer_begin(&pacer, now_ms);
    pacer_end(&pacer, epoch, PACER_PASSED, 0, now_ms);
    assert_int_equal(pacer_stuck_ms(&pacer, now_ms + 1000), 0);
}

/* Longer than the pacer would wait. */
static void waits_as_the_server_asks(void **state)
{
    struct pacer pacer;
    (void)state;
    pacer_init(&pacer, 0);
    unsigned epoch = pacer_begin(&pacer, 0);
    pacer_end(&pacer, epoch, PACER_THROTTLED, 7000, 0);
    assert_true(pacer_wait(&pacer, 6999) > 0);
    assert_int_equal(pacer_wait(&pacer, 7001), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_to_buckets),
        cmocka_unit_test(keeps_to_fast_buckets),
        cmocka_unit_test(slows_nothing_without_a_throttle),
        cmocka_unit_test(waits_for_no_straggler),
        cmocka_unit_test(tolerates_random_throttles),
        cmocka_unit_test(follows_the_bucket),
        cmocka_unit_test(waits_longer_if_nothing_gets_through),
        cmocka_unit_test(waits_as_the_server_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
