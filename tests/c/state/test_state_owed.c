/* Repairs, which no later audit finds: what happens to one that SNS does not accept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "support/notify_world.h"
#include "value/json.h"

static int repair(void)
{
    int before = fake_table.published;
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_OK("d1", NOTIFY_BAD("one")));
    run_world_answer(RUN_WORLD_OK("d1", NOTIFY_BAD("one")));
    run_world_answer(RUN_WORLD_OK("d2", NOTIFY_GOOD));
    run_world_run(RUN_CHANGE, "");
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    return fake_table.published - before;
}

static void owes(size_t count)
{
    json_t *now = notify_content();
    assert_int_equal(json_array_size(json_object_get(now, "owed")), count);
    assert_string_equal(
        json_get_string(json_object_get(fake_table_item("resource/"), "open_checks"), "N", ""),
        count > 0 ? "1" : "0");
    json_decref(now);
}

/* At the next audit the resource is compliant, which by itself is not news. */
static void a_repair_that_is_not_accepted_is_notified_later(void **state)
{
    (void)state;
    fake_table.mute = true;
    assert_int_equal(repair(), 0);
    assert_int_equal(run_world.status, 1);
    owes(1);
    assert_int_equal(notify_audit_good(), 0);
    owes(1);
    fake_table.mute = false;
    assert_int_equal(notify_audit_good(), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed] high sqs.public 111122223333"));
    owes(0);
    assert_int_equal(notify_audit_good(), 0);
}

static void what_it_was_before_is_not_resolved_as_well(void **state)
{
    (void)state;
    notify_audit_bad("one");
    fake_table.mute = true;
    repair();
    fake_table.mute = false;
    assert_int_equal(notify_audit_good(), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed]"));
    assert_null(strstr(fake_table.subjects, "[resolved]"));
}

static void what_broke_again_is_notified_too(void **state)
{
    (void)state;
    fake_table.mute = true;
    repair();
    fake_table.mute = false;
    assert_int_equal(notify_audit_bad("one"), 2);
    assert_int_equal(notify_audit_bad("one"), 0);
}

/* A process that dies before SNS has answered has stored what it owes. */
static void a_repair_is_owed_before_it_is_notified(void **state)
{
    (void)state;
    assert_int_equal(repair(), 1);
    size_t at = 0;
    while (strstr(fake_aws.requests[at].url, "://sns.") == NULL)
        at++;
    const struct fake_request *claim = &fake_aws.requests[at - 1];
    assert_non_null(strstr(claim->target, "PutItem"));
    assert_non_null(strstr(claim->body, "\\\"owed\\\":[{\\\"account\\\""));
    owes(0);
}

static void a_fault_of_sns_is_waited_for(void **state)
{
    (void)state;
    fake_table.busy = 3;
    assert_int_equal(repair(), 1);
    assert_int_equal(run_world.status, 0);
    fake_table.busy = 4;
    assert_int_equal(repair(), 0);
    assert_int_equal(run_world.status, 1);
    assert_int_equal(notify_audit_good(), 1);
    fake_table.busy = 1; /* the next audit notifies what is found again */
    assert_int_equal(notify_audit_bad("one"), 0);
    assert_int_equal(notify_audit_bad("one"), 1);
}

/* ---- repairs that show later, or whose process died before it notified them ---- */

static int change(const char *fresh, const char *after)
{
    int before = fake_table.published;
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_OK("d1", NOTIFY_BAD("one")));
    run_world_answer(fresh);
    run_world_answer(after);
    run_world_run(RUN_CHANGE, "");
    return fake_table.published - before;
}

static size_t begun(void)
{
    json_t *now = notify_content();
    size_t count = json_object_size(json_object_get(now, "begun"));
    json_decref(now);
    return count;
}

static void what_shows_later_is_notified_then(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    assert_int_equal(change(bad, bad), 0);
    assert_string_equal(run_world_says("sqs.public", "status"), "pending");
    assert_int_equal(begun(), 1);
    assert_int_equal(notify_audit_good(), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed] high sqs.public"));
    assert_int_equal(begun(), 0);
    owes(0);
    assert_int_equal(notify_audit_good(), 0);
}

/* For example, if the repair is to delete it. */
static void what_is_gone_afterwards_is_notified(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    assert_int_equal(change(bad, bad), 0);
    assert_int_equal(notify_audit("{\"state\":\"gone\"}"), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed] high sqs.public"));
    assert_int_equal(begun(), 0);
}

/* Its own process is alive, as far as anyone knows, and notifies it. */
static void a_repair_in_progress_is_left_to_its_process(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    change(bad, bad);
    json_t *now = notify_content();
    json_t *entry = json_object_get(json_object_get(now, "begun"), "sqs.public");
    assert_null(json_object_get(entry, "until"));
    int64_t until_s = notify_world.wall_ms / 1000 + 100;
    json_object_set_new(entry, "until", json_integer((json_int_t)until_s));
    char *text = json_dumps(now, 0);
    json_object_set_new(json_object_get(fake_table_item("resource/"), "content"), "S",
                        json_string(text));
    mem_free(text);
    json_decref(now);
    assert_int_equal(notify_audit_good(), 0);
    assert_int_equal(begun(), 1);
    notify_world.wall_ms += 101 * 1000;
    assert_int_equal(notify_audit_good(), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed] high sqs.public"));
}

/* For example, if the repair makes the check no longer apply. */
static void what_does_not_apply_afterwards_is_notified(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    change(bad, bad);
    assert_int_equal(notify_audit(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.shared"))), 1);
    assert_non_null(strstr(fake_table.subjects, "[fixed] high sqs.public"));
}

static void what_does_not_show_is_not_a_repair(void **state)
{
    (void)state;
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    change(bad, bad);
    assert_int_equal(notify_audit_bad("one"), 1);
    assert_int_equal(begun(), 0);
    assert_int_equal(notify_audit_good(), 1);
    assert_null(strstr(fake_table.subjects, "[fixed]"));
}

/* Somebody else was faster: no call was made. */
static void what_was_not_made_is_not_a_repair(void **state)
{
    (void)state;
    const char *good = RUN_WORLD_OK("d2", NOTIFY_GOOD);
    assert_int_equal(change(good, good), 0);
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
    assert_null(json_object_get(json_array_get(run_world.findings, 0), "unmade"));
    assert_int_equal(begun(), 0);
    assert_int_equal(notify_audit_good(), 0);
}

/* It is stored before the first call. */
static void a_repair_is_stored_before_it_is_made(void **state)
{
    (void)state;
    assert_int_equal(repair(), 1);
    size_t at = 0;
    while (strstr(fake_aws.requests[at].target, "SetQueueAttributes") == NULL)
        at++;
    const struct fake_request *before = &fake_aws.requests[at - 1];
    assert_non_null(strstr(before->target, "PutItem"));
    assert_non_null(strstr(before->body, "\\\"begun\\\":{\\\"sqs.public\\\""));
    assert_int_equal(begun(), 0);
}

static void nothing_is_changed_that_cannot_be_stored(void **state)
{
    (void)state;
    fake_table.refused = "PutItem";
    fake_table.refused_key = "resource/";
    const char *bad = RUN_WORLD_OK("d1", NOTIFY_BAD("one"));
    assert_int_equal(change(bad, bad), 1);
    assert_string_equal(run_world_says("sqs.public", "remediation"), "held");
    for (size_t i = 0; i < fake_aws.count; i++)
        assert_null(strstr(fake_aws.requests[i].target, "SetQueueAttributes"));
}

static char logged[4096];

static void note_log(enum log_level level, const char *line)
{
    if (level == LOG_ERROR)
        snprintf(logged, sizeof logged, "%s", line);
    if (strstr(line, "a repair was not notified") == NULL)
        return;
    assert_string_equal(log_current_subject()->id, RUN_WORLD_ID);
    log_set_sink(notify_silence);
}

static void without_a_table_the_log_has_it(void **state)
{
    (void)state;
    struct state_table *table = run_world.context.state;
    run_world.context.state = NULL;
    fake_table.mute = true;
    log_set_sink(note_log);
    repair();
    run_world.context.state = table;
    assert_int_equal(run_world.status, 1);
    assert_non_null(strstr(logged, "{\"account\":\"111122223333\""));
    assert_non_null(strstr(logged, "\"id\":\"" RUN_WORLD_ID "\",\"check\":\"sqs.public\""));
    assert_non_null(strstr(logged, "\"evidence\":\"one\""));
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, notify_world_set_up, notify_world_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(a_repair_that_is_not_accepted_is_notified_later),
        TEST(what_it_was_before_is_not_resolved_as_well),
        TEST(what_broke_again_is_notified_too),
        TEST(a_repair_is_owed_before_it_is_notified),
        TEST(a_fault_of_sns_is_waited_for),
        TEST(what_shows_later_is_notified_then),
        TEST(what_is_gone_afterwards_is_notified),
        TEST(a_repair_in_progress_is_left_to_its_process),
        TEST(what_does_not_apply_afterwards_is_notified),
        TEST(what_does_not_show_is_not_a_repair),
        TEST(what_was_not_made_is_not_a_repair),
        TEST(a_repair_is_stored_before_it_is_made),
        TEST(nothing_is_changed_that_cannot_be_stored),
        TEST(without_a_table_the_log_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
