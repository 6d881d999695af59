/* intake/listing_schedule: many events without an id cause few listings, and each event is followed
 * by a listing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "intake/listing_schedule.h"
#include "support/slowed.h"

#define START INT64_C(1795900000000)
#define APART (LISTING_INTERVAL_S * 1000)

static json_t *place(const char *type)
{
    return json_pack("{s:s, s:s}", "account", "111122223333", "resource_type", type);
}

static int ask(struct listing_schedule *schedule, const char *type, int64_t after_ms)
{
    json_t *message = place(type);
    int when = listing_schedule_delay(schedule, message, START + after_ms);
    json_decref(message);
    return when;
}

static void test_first_at_once_then_one_to_come(void **state)
{
    (void)state;
    struct listing_schedule *schedule = listing_schedule_new();
    assert_int_equal(ask(schedule, "sqs", 0), 0);
    assert_int_equal(ask(schedule, "iam_role", 0), 0);
    assert_int_equal(ask(schedule, "sqs", 1), LISTING_INTERVAL_S);
    assert_int_equal(ask(schedule, "sqs", 2), -1);
    assert_int_equal(ask(schedule, "sqs", APART - 1), -1);
    assert_int_equal(ask(schedule, "sqs", APART + 1),
                     LISTING_INTERVAL_S); /* that listing may have begun */
    assert_int_equal(ask(schedule, "sqs", 10 * APART), 0);
    listing_schedule_free(schedule);
}

/* Whatever their times: a listing begins after each event, and listings are never closer than the
 * interval. */
static void test_each_event_is_before_a_list(void **state)
{
    (void)state;
    struct listing_schedule *schedule = listing_schedule_new();
    int64_t last_ms = -APART, now_ms = 0;
    unsigned seed = 7, lists = 0;
    for (size_t i = slowed_rounds(100000); i > 0; i--) {
        seed = seed * 1103515245u + 12345u;
        now_ms += seed >> 24;
        int when = ask(schedule, "iam_role", now_ms);
        if (when < 0) {
            assert_true(last_ms > now_ms);
            continue;
        }
        int64_t due_ms = now_ms + (int64_t)when * 1000;
        assert_true(when <= LISTING_INTERVAL_S && due_ms >= last_ms + APART);
        last_ms = due_ms;
        lists++;
    }
    assert_true(lists > 1 && lists <= 2 + (unsigned)(now_ms / APART));
    listing_schedule_free(schedule);
}

static void test_forgotten_places_are_listed_again(void **state)
{
    (void)state;
    struct listing_schedule *schedule = listing_schedule_new();
    assert_int_equal(ask(schedule, "sqs", 0), 0);
    listing_schedule_forget(schedule);
    assert_int_equal(ask(schedule, "sqs", 1), 0);
    listing_schedule_free(schedule);
    listing_schedule_free(NULL);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct listing_schedule *schedule = listing_schedule_new();
    char type[32];
    for (int i = 0; i < 25000; i++) {
        snprintf(type, sizeof type, "t%d", i);
        assert_int_equal(ask(schedule, type, 0), 0);
    }
    assert_int_equal(ask(schedule, "t24999", 1), LISTING_INTERVAL_S);
    assert_int_equal(ask(schedule, "t0", 1), 0); /* once more than necessary, never once too few */
    listing_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_at_once_then_one_to_come),
        cmocka_unit_test(test_each_event_is_before_a_list),
        cmocka_unit_test(test_forgotten_places_are_listed_again),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
