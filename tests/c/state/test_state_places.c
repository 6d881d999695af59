/* Places that could not be listed: notified once, and resolved when they can be listed, or when
 * nobody polls them any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/notify_world.h"
#include "value/json.h"

static struct err listing; /* of the following ones */
static int listings;

struct notify_listing {
    evaluator_done done;
    void *arg;
};

static void end_listing(void *arg)
{
    struct notify_listing reported = *(struct notify_listing *)arg;
    mem_free(arg);
    reported.done(reported.arg, listing.kind != ERR_NONE ? &listing : NULL);
}

static struct evaluation *discover(void *self, const struct policy *policy,
                                   const struct scope *scope, evaluator_found found,
                                   evaluator_done done, void *arg)
{
    struct notify_listing *reported = mem_alloc(sizeof *reported);
    (void)self;
    assert_string_equal(policy->type, "sqs");
    assert_string_equal(scope->account, "111122223333");
    *reported = (struct notify_listing){.done = done, .arg = arg};
    found(arg, RUN_WORLD_ID, NULL);
    listings++;
    loop_defer(fake_aws.loop, end_listing, reported);
    return NULL;
}

static void can_be_listed(void)
{
    run_world.evaluator.discover = discover;
    json_object_set_new((json_t *)(uintptr_t)run_world.policy.meta, "discover", json_true());
    listing = (struct err){0};
    listings = 0;
}

/* A line about the place; returns how many notifications it caused. */
static int place(const char *more)
{
    int before = fake_table.published;
    char *line = mem_printf("{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":"
                            "\"sqs\",\"id\":\"*\"%s}\n",
                            more);
    run_world_lines(RUN_CHANGE, line);
    mem_free(line);
    return fake_table.published - before;
}

#define REFUSED(code, words)                                                                       \
    ",\"error\":{\"kind\":\"api\",\"code\":\"" code "\",\"message\":\"" words "\"}"

static void a_target_is_notified_once(void **state)
{
    (void)state;
    can_be_listed();
    assert_int_equal(place(REFUSED("AccessDenied", "request 1")), 1);
    assert_int_equal(place(REFUSED("AccessDenied", "request 2")), 0);
    assert_int_equal(place(REFUSED("Throttling", "request 3")), 1);
    assert_non_null(strstr(fake_table.subjects, "[unknown] high sqs.listed"));
    const json_t *item = fake_table_item("resource/");
    assert_string_equal(json_get_string(json_object_get(item, "open_checks"), "N", ""), "1");
    assert_int_equal(listings, 0);
}

static void a_target_that_can_be_listed_is_resolved(void **state)
{
    (void)state;
    can_be_listed();
    assert_int_equal(place(""), 0); /* it was never notified */
    place(REFUSED("AccessDenied", "no"));
    assert_int_equal(place(""), 1);
    assert_non_null(strstr(fake_table.subjects, "[resolved] high sqs.listed"));
    assert_int_equal(place(""), 0);
    assert_int_equal(listings, 3);
    assert_int_equal(run_world.status, 0);
    assert_int_equal(place(REFUSED("AccessDenied", "no")), 1);
}

/* For a temporary reason: listed once more at the end of the run. */
static void a_target_is_listed_again(void **state)
{
    (void)state;
    can_be_listed();
    place(REFUSED("AccessDenied", "no"));
    err_set(&listing, ERR_TIMEOUT, "no answer");
    assert_int_equal(place(""), 1); /* unknown as before, for another reason */
    assert_int_equal(listings, 2);
    assert_string_equal(run_world_says("sqs.listed", "status"), "unknown");
}

static void a_target_that_is_no_longer_polled_is_resolved(void **state)
{
    (void)state;
    can_be_listed();
    place(REFUSED("AccessDenied", "no"));
    err_set(&listing, ERR_API, "no");
    snprintf(listing.code, sizeof listing.code, "AccessDenied");
    for (int day = 0; day < 7; day++) {
        assert_int_equal(place(""), 0);
        notify_world.wall_ms += NOTIFY_DAY_MS;
    }
    assert_int_equal(place(REFUSED("AccessDenied", "no")), 0); /* one round */
    notify_world.wall_ms += 6 * NOTIFY_DAY_MS;
    assert_int_equal(place(""), 0);
    notify_world.wall_ms += 2 * NOTIFY_DAY_MS;
    assert_int_equal(place(""), 1);
    assert_non_null(strstr(fake_table.subjects, "[resolved] high sqs.listed"));
    assert_int_equal(place(REFUSED("AccessDenied", "no")), 1);
}

static void a_type_that_is_not_listed(void **state)
{
    (void)state;
    assert_int_equal(place(""), 1);
    assert_string_equal(run_world_says("sqs.listed", "status"), "unknown");
    assert_int_equal(run_world.audits, 0);
}

/* ---- accounts that cannot be entered ---- */

#define NOT_ENTERED                                                                                \
    ",\"error\":{\"kind\":\"credentials\",\"code\":\"AccessDenied\",\"message\":\"role "           \
    "arn:aws:iam::111122223333:role/member_remediator could not be assumed\"}"

static void an_account_is_notified_once(void **state)
{
    (void)state;
    assert_int_equal(place(NOT_ENTERED), 1);
    assert_int_equal(place(NOT_ENTERED ",\"places\":40"), 0);
    assert_non_null(strstr(fake_table.subjects, "[unknown] high account.entered"));
    assert_non_null(strstr(fake_table.subjects, " 111122223333 "));
    assert_string_equal(run_world_says("account.entered", "account"), "111122223333");
}

/* By any resource that can be read, and by a place that can be listed. */
static void an_account_that_can_be_entered_is_resolved(void **state)
{
    (void)state;
    can_be_listed();
    place(NOT_ENTERED);
    assert_int_equal(notify_audit_good(), 1);
    assert_non_null(strstr(fake_table.subjects, "[resolved] high account.entered"));
    assert_int_equal(notify_audit_good(), 0);
    assert_int_equal(place(NOT_ENTERED), 1);
    assert_int_equal(place(""), 1);
}

/* Nobody asks for it again: if no poll reports it for a week, it is no longer polled. */
static void an_account_is_kept_for_a_week(void **state)
{
    (void)state;
    place(NOT_ENTERED);
    const json_t *item = fake_table_item("resource/");
    const char *text = json_get_string(json_object_get(item, "expires_at"), "N", "");
    assert_in_range(strtoll(text, NULL, 10) - notify_world.wall_ms / 1000, 6 * 86400, 8 * 86400);
}

/* Each resource that can be read would ask. */
static void the_table_is_asked_rarely(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        notify_audit_good();
    assert_int_equal(fake_table_count("GetItem"), 5 + 1 + 1); /* and one for the summary */
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, notify_world_set_up, notify_world_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(a_target_is_notified_once),
        TEST(a_target_that_can_be_listed_is_resolved),
        TEST(a_target_is_listed_again),
        TEST(a_target_that_is_no_longer_polled_is_resolved),
        TEST(a_type_that_is_not_listed),
        TEST(an_account_is_notified_once),
        TEST(an_account_that_can_be_entered_is_resolved),
        TEST(an_account_is_kept_for_a_week),
        TEST(the_table_is_asked_rarely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
