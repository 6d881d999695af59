/* Notified once: runs that share a table, and what they notify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "support/notify_world.h"
#include "value/json.h"

static void is_notified_once(void **state)
{
    (void)state;
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(notify_audit_bad("two"), 1);
    assert_int_equal(notify_audit_bad("two"), 0);
    assert_int_equal(notify_audit_good(), 1);
    assert_int_equal(notify_audit_good(), 0);
    assert_non_null(strstr(fake_table.subjects, "[resolved] high sqs.public"));
    assert_int_equal(notify_audit_bad("two"), 1);
}

/* Each notification has its event, which says what kind of change it is. */
static void events_go_with_notifications(void **state)
{
    static char bus[] = "findings";
    (void)state;
    run_world.settings.event_bus = bus;
    notify_audit_bad("one");
    notify_audit_bad("one");
    notify_audit_bad("two");
    notify_audit_good();
    notify_audit_good();
    assert_string_equal(fake_table.events,
                        "Finding - New\nFinding - Changed\nFinding - Resolved\n");
}

/* A bus alone is enough: no topic is needed. */
static void events_need_no_topic(void **state)
{
    static char bus[] = "findings";
    (void)state;
    run_world.settings.event_bus = bus;
    run_world.settings.notification_topic = NULL;
    notify_audit_bad("one");
    notify_audit_bad("one");
    assert_string_equal(fake_table.events, "Finding - New\n");
    assert_int_equal(fake_table.published, 0);
}

/* No event and no poll reports that the resource was deleted; the bus is to know it, too. */
static void a_bus_alone_has_old_findings_audited_again(void **state)
{
    static char bus[] = "findings";
    static char queue[] = "https://sqs.us-east-1.amazonaws.com/111122223333/resources";
    (void)state;
    run_world.settings.event_bus = bus;
    run_world.settings.sqs_queue = queue;
    run_world.settings.notification_topic = NULL;
    notify_audit_bad("one");
    notify_world.wall_ms += 4 * NOTIFY_DAY_MS;
    run_world_lines(RUN_AUDIT, "");
    assert_string_equal(fake_aws.requests[fake_aws.count - 2].target, "AmazonSQS.SendMessageBatch");
    assert_non_null(strstr(fake_aws.requests[fake_aws.count - 2].body, "111122223333/q"));
    assert_int_equal(fake_table.sums, 0);
}

/* Reading is cheaper than writing, and most audits find nothing new. */
static void what_did_not_change_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(notify_audit_good(), 0);
    /* the resource, its account (once), and the daily summary */
    assert_int_equal(fake_table_count("GetItem"), 3);
    notify_audit_bad("one");
    int writes = fake_table_count("PutItem");
    notify_audit_bad("one");
    assert_int_equal(fake_table_count("PutItem"), writes);
}

static void what_is_gone_is_resolved(void **state)
{
    (void)state;
    notify_audit_bad("one");
    assert_int_equal(notify_audit("{\"state\":\"gone\",\"checks\":[]}"), 1);
    assert_int_equal(notify_audit("{\"state\":\"gone\",\"checks\":[]}"), 0);
}

static void what_does_not_apply_is_resolved(void **state)
{
    (void)state;
    notify_audit_bad("one");
    assert_int_equal(notify_audit(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.shared"))), 1);
    assert_non_null(strstr(fake_table.subjects, "[resolved] high sqs.public"));
}

static void what_nothing_applies_to_is_resolved(void **state)
{
    (void)state;
    notify_audit_bad("one");
    assert_int_equal(notify_audit(RUN_WORLD_OK("d", "")), 1);
    assert_int_equal(notify_audit(RUN_WORLD_OK("d", "")), 0);
}

/* A line for one check says nothing about the others. */
static void an_audit_of_one_check_resolves_no_other(void **state)
{
    (void)state;
    notify_audit_bad("one");
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.shared")));
    run_world_run(RUN_AUDIT, ",\"check\":\"sqs.shared\"");
    assert_int_equal(fake_table.published, 1);
}

static void what_is_not_accepted_is_notified_again(void **state)
{
    (void)state;
    fake_table.mute = true;
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(run_world.status, 1);
    fake_table.mute = false;
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 0);
}

/* ---- a table that cannot be reached ---- */

static void refuse(const char *operation, const char *code)
{
    fake_table.refused = operation;
    fake_table.refused_key = "resource/";
    fake_table.code = code;
}

/* Notified twice rather than not at all. */
static void is_notified_if_the_table_cannot_be_read(void **state)
{
    (void)state;
    refuse("GetItem", NULL);
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_good(), 0);
    assert_int_equal(notify_world.failures, 4); /* one of them about the account */
    assert_int_equal(run_world.status, 0);
}

static void is_notified_if_the_table_cannot_be_written(void **state)
{
    (void)state;
    refuse("PutItem", NULL);
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_world.failures, 2);
}

/* Throttled calls are repeated, like any call. */
static void a_throttled_call_is_repeated(void **state)
{
    (void)state;
    refuse("GetItem", "ProvisionedThroughputExceededException");
    fake_table.refusals = 1;
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(notify_world.failures, 0);
}

/* ---- two processes ---- */

static int64_t seen_s(void)
{
    json_t *now = notify_content();
    int64_t seen = json_get_integer(now, "seen", 0);
    json_decref(now);
    return seen;
}

/* By this, the daily summary knows that it still exists. */
static void an_audit_is_recorded_twice_a_day(void **state)
{
    (void)state;
    notify_audit_bad("one");
    int64_t first_s = seen_s();
    assert_in_range(first_s, NOTIFY_NOW_MS / 1000, notify_world.wall_ms / 1000);
    notify_world.wall_ms += 11 * 3600 * 1000;
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(seen_s(), first_s);
    notify_world.wall_ms += 3600 * 1000;
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_true(seen_s() >= first_s + 12 * 3600);
}

/* Puts a claim into the item, as a process that died would leave it. */
static void claim_by(const char *token, int64_t until_s)
{
    json_t *now = notify_content();
    json_object_set_new(now, "claim",
                        json_pack("{s:s, s:I}", "token", token, "until", (json_int_t)until_s));
    char *text = json_dumps(now, 0);
    json_object_set_new(json_object_get(fake_table_item("resource/"), "content"), "S",
                        json_string(text));
    mem_free(text);
    json_decref(now);
}

static void waits_for_the_process_that_notifies(void **state)
{
    (void)state;
    notify_audit_bad("one");
    int64_t until_s = notify_world.wall_ms / 1000 + 40;
    claim_by("another", until_s);
    int reads = fake_table_count("GetItem");
    assert_int_equal(notify_audit_bad("two"), 1);
    assert_true(notify_world.wall_ms / 1000 >= until_s);
    assert_true(fake_table_count("GetItem") > reads + 3);
    json_t *now = notify_content();
    assert_null(json_object_get(now, "claim"));
    json_decref(now);
}

static void comes_again_when_its_time_is_over(void **state)
{
    (void)state;
    notify_audit_bad("one");
    claim_by("another", notify_world.wall_ms / 1000 + 100);
    run_world.context.stop_ms = notify_world.passed_ms + 30000;
    assert_int_equal(notify_audit_bad("two"), 0);
    assert_int_equal(run_world.status, 1);
}

/* Another process wrote between reading and writing: what it notified is not notified again. */
static struct fake_answer write_between(const struct fake_request *request, size_t index)
{
    static bool done;
    if (strstr(request->target, "PutItem") != NULL && !done &&
        strstr(request->body, "sqs.public") == NULL && strstr(request->body, "resource/") != NULL) {
        json_t *saved = json_deep_copy(json_object_get(request->json, "Item"));
        const char *key = json_get_string(json_object_get(saved, "pk"), "S", "");
        done = true;
        json_object_set_new(fake_table.items, key, saved);
    }
    return fake_table_answer(request, index);
}

static void after_a_conflict_the_item_is_read_again(void **state)
{
    (void)state;
    fake_aws.answer = write_between;
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(notify_world.failures, 0);
}

/* Another process begins a repair while the notification is being sent. */
static struct fake_answer begin_between(const struct fake_request *request, size_t index)
{
    static bool done;
    if (strstr(request->target, "PutItem") != NULL && !done &&
        strstr(request->body, "resource/") != NULL && strstr(request->body, "claim") == NULL) {
        json_t *item = fake_table_item("resource/"), *content = notify_content();
        json_int_t until_s = (json_int_t)notify_world.wall_ms / 1000 + 50;
        json_object_set_new(json_object_get(content, "begun"), "sqs.shared",
                            json_pack("{s:s, s:I}", "check", "sqs.shared", "until", until_s));
        char *text = json_dumps(content, 0);
        json_object_set_new(json_object_get(item, "content"), "S", json_string(text));
        json_object_set_new(json_object_get(item, "revision_no"), "N", json_string("9"));
        mem_free(text);
        json_decref(content);
        done = true;
    }
    return fake_table_answer(request, index);
}

static void a_repair_that_begins_meanwhile_is_kept(void **state)
{
    (void)state;
    fake_aws.answer = begin_between;
    assert_int_equal(notify_audit_bad("one"), 1);
    json_t *now = notify_content();
    assert_non_null(json_object_get(json_object_get(now, "begun"), "sqs.shared"));
    assert_null(json_object_get(now, "claim"));
    json_decref(now);
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(notify_world.failures, 0);
}

/* ---- time ---- */

static void an_expired_item_does_not_exist(void **state)
{
    (void)state;
    notify_audit_bad("one");
    notify_world.wall_ms += 91 * NOTIFY_DAY_MS;
    assert_int_equal(notify_audit_bad("one"), 1);
}

/* The item of a resource that is audited does not expire. */
static void an_audited_item_is_kept(void **state)
{
    (void)state;
    notify_audit_bad("one");
    for (int i = 0; i < 4; i++) {
        notify_world.wall_ms += 50 * NOTIFY_DAY_MS;
        assert_int_equal(notify_audit_bad("one"), 0);
    }
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, notify_world_set_up, notify_world_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(is_notified_once),
        TEST(events_go_with_notifications),
        TEST(events_need_no_topic),
        TEST(a_bus_alone_has_old_findings_audited_again),
        TEST(an_audit_is_recorded_twice_a_day),
        TEST(what_did_not_change_writes_nothing),
        TEST(what_is_gone_is_resolved),
        TEST(what_does_not_apply_is_resolved),
        TEST(what_nothing_applies_to_is_resolved),
        TEST(an_audit_of_one_check_resolves_no_other),
        TEST(what_is_not_accepted_is_notified_again),
        TEST(is_notified_if_the_table_cannot_be_read),
        TEST(is_notified_if_the_table_cannot_be_written),
        TEST(a_throttled_call_is_repeated),
        TEST(waits_for_the_process_that_notifies),
        TEST(comes_again_when_its_time_is_over),
        TEST(after_a_conflict_the_item_is_read_again),
        TEST(a_repair_that_begins_meanwhile_is_kept),
        TEST(an_expired_item_does_not_exist),
        TEST(an_audited_item_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
