/* Limits that all runs share: what is counted before a change, returned, or held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "state/state_table.h"
#include "support/fake_table.h"
#include "support/run_world.h"
#include "value/json.h"

#define BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")
#define GOOD RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")
#define CONFLICT "ConditionalCheckFailedException"

static char metrics[200];

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static void note_metric(const char *metric)
{
    size_t used = strlen(metrics);
    snprintf(metrics + used, sizeof metrics - used, "%s ", metric);
}

static int set_up(void **state)
{
    static char table[] = "arn:aws:dynamodb:eu-west-1:111122223333:table/remediator-state";
    log_set_sink(silence);
    run_world_set_up(state);
    fake_table_set_up();
    fake_aws.answer = fake_table_answer;
    metrics[0] = '\0';
    run_world.settings.verify_s = 60 * 86400;
    run_world.settings.state_table = table;
    run_world.settings.max_changes_per_day = 5;
    run_world.settings.repair_rounds = 3;
    run_world.context.state = state_table_new(run_world.context.message, &run_world.settings);
    state_table_on_count(run_world.context.state, note_metric);
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    state_table_free(run_world.context.state);
    fake_table_tear_down();
    return run_world_tear_down(state);
}

static void repair(const char *before_the_change)
{
    run_world_answer(RUN_WORLD_OK("d1", BAD));
    run_world_answer(before_the_change);
    run_world_answer(RUN_WORLD_OK("d2", GOOD));
    run_world_run(RUN_CHANGE, "");
}

static int changes(void)
{
    int count = 0;
    for (size_t i = 0; i < fake_aws.count; i++)
        count += strstr(fake_aws.requests[i].target, "SetQueueAttributes") != NULL;
    return count;
}

static const char *update(int number, const char *member)
{
    return json_get_string(fake_table_request("UpdateItem", number), member, "");
}

static const char *value(int number, const char *name)
{
    const json_t *values =
        json_object_get(fake_table_request("UpdateItem", number), "ExpressionAttributeValues");
    const json_t *found = json_object_get(values, name);
    return json_get_string(found, "N", json_get_string(found, "S", ""));
}

static const char *key(int number)
{
    const json_t *found = json_object_get(fake_table_request("UpdateItem", number), "Key");
    return json_get_string(json_object_get(found, "pk"), "S", "");
}

static void refuse(const char *prefix, const char *code)
{
    fake_table.refused = "UpdateItem";
    fake_table.refused_key = prefix;
    fake_table.code = code;
}

static void held(const char *why)
{
    assert_int_equal(changes(), 0);
    assert_string_equal(run_world_says("sqs.public", "remediation"), "held");
    if (strstr(run_world_says("sqs.public", "held"), why) == NULL)
        fail_msg("%s", run_world_says("sqs.public", "held"));
}

static void is_counted_before_the_change(void **state)
{
    (void)state;
    repair(RUN_WORLD_OK("d1", BAD));
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    assert_int_equal(fake_aws.count, 3);
    assert_int_equal(changes(), 1);
    assert_non_null(strstr(fake_aws.requests[2].target, "SetQueueAttributes"));
    assert_non_null(strstr(fake_aws.requests[0].url, "//dynamodb.eu-west-1."));
    assert_int_equal(strncmp(key(0), "rounds/", 7), 0);
    assert_string_equal(value(0, ":most"), "3");
    assert_int_equal(strncmp(key(1), "changes/111122223333/20", 23), 0);
    assert_string_equal(update(1, "ConditionExpression"),
                        "attribute_not_exists(change_count) OR change_count <= :most");
    assert_string_equal(value(1, ":steps"), "1");
    assert_string_equal(value(1, ":most"), "4");
}

static void the_day_is_over_its_limit(void **state)
{
    (void)state;
    refuse("changes/", CONFLICT);
    repair(RUN_WORLD_OK("d1", BAD));
    held("the change limit of this day and account (5) is reached");
    assert_int_equal(run_world.audits, 1);
    assert_int_equal(fake_table_count("UpdateItem"), 3);
    assert_string_equal(key(2), key(0)); /* the round is returned */
    assert_string_equal(value(2, ":back"), "-1");
    assert_string_equal(metrics, "");
}

/* More steps than the limit: the count of the day is not needed. */
static void a_limit_of_nothing(void **state)
{
    (void)state;
    run_world.settings.max_changes_per_day = 0;
    repair(RUN_WORLD_OK("d1", BAD));
    held("the change limit of this day and account (0) is reached");
    assert_null(strstr(key(0), "changes/"));
    assert_null(strstr(key(1), "changes/"));
}

static void no_limit_of_a_day(void **state)
{
    (void)state;
    run_world.settings.max_changes_per_day = -1;
    repair(RUN_WORLD_OK("d1", BAD));
    assert_int_equal(changes(), 1);
    assert_int_equal(fake_table_count("UpdateItem"), 1);
}

static void nothing_is_changed_without_the_table(void **state)
{
    (void)state;
    static const char *const keys[] = {"rounds/", "changes/"};
    for (size_t i = 0; i < 2; i++) {
        json_array_clear(run_world.outcomes);
        metrics[0] = '\0';
        refuse(keys[i], NULL);
        repair(RUN_WORLD_OK("d1", BAD));
        held("nothing is changed while its limits cannot be counted in STATE_TABLE");
        assert_int_equal(run_world.audits, 1); /* a refusal is not temporary */
        run_world.audits = 0;
        assert_string_equal(metrics, "StateTableFailures ");
    }
}

/* It may have been counted or not: nothing is changed because of it, the count is taken back, and
 * the resource is audited once more. */
static void without_an_answer_it_is_audited_again(void **state)
{
    (void)state;
    refuse("changes/", "InternalServerError");
    fake_table.refusals = 1;
    run_world_answer(RUN_WORLD_OK("d1", BAD));
    repair(RUN_WORLD_OK("d1", BAD));
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    assert_int_equal(changes(), 1);
    assert_int_equal(run_world.audits, 4);
    assert_string_equal(key(2), key(1));
    assert_string_equal(update(2, "ConditionExpression"),
                        "counted_by = :token AND change_count >= :number");
    assert_string_equal(value(2, ":token"), value(1, ":token"));
    assert_string_equal(key(3), key(0)); /* the round was certainly counted */
    assert_string_equal(update(3, "ConditionExpression"), "change_count >= :number");
    assert_string_not_equal(value(4, ":token"), value(0, ":token"));
}

static void without_an_answer_nothing_is_changed(void **state)
{
    (void)state;
    refuse("rounds/", "InternalServerError");
    run_world_answer(RUN_WORLD_OK("d1", BAD));
    run_world_run(RUN_CHANGE, "");
    held("nothing is changed while its limits cannot be counted in STATE_TABLE");
    assert_int_equal(run_world.audits, 2);
    assert_int_equal(run_world.status, 2);
}

static void what_is_not_changed_is_not_counted(void **state)
{
    (void)state;
    repair(RUN_WORLD_OK("d2", GOOD));
    assert_string_equal(run_world_says("sqs.public", "status"), "compliant");
    assert_int_equal(changes(), 0);
    assert_int_equal(fake_table_count("UpdateItem"), 4);
    assert_string_equal(key(2), key(0));
    assert_string_equal(key(3), key(1));
    assert_string_equal(value(3, ":back"), "-1");
    assert_string_equal(update(3, "ConditionExpression"), "change_count >= :number");
}

/* The change was made, so it counts for the day; it is no round, because nothing was repaired. */
static void what_does_not_show_is_not_a_round(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", BAD));
    run_world_run(RUN_CHANGE, "");
    assert_string_equal(run_world_says("sqs.public", "status"), "pending");
    assert_int_equal(changes(), 1);
    assert_int_equal(fake_table_count("UpdateItem"), 3);
    assert_string_equal(key(2), key(0));
}

static void a_flip_flop_is_held(void **state)
{
    (void)state;
    refuse("rounds/", CONFLICT);
    fake_table.refusals = 2; /* too many rounds, and not long ago */
    repair(RUN_WORLD_OK("d1", BAD));
    held("it was repaired 3 times and is broken again");
    assert_string_equal(metrics, "FlipFlops ");
    assert_int_equal(fake_table_count("UpdateItem"), 3);
    assert_string_equal(update(1, "ConditionExpression"), "expires_at <= :now");
    assert_string_equal(update(2, "UpdateExpression"), "SET expires_at = :later");
    assert_string_equal(update(2, "ConditionExpression"), "attribute_exists(change_count)");
}

/* Its item expired, and was deleted, between the calls. */
static void a_flip_flop_whose_item_is_gone(void **state)
{
    (void)state;
    refuse("rounds/", CONFLICT);
    fake_table.refusals = 3;
    repair(RUN_WORLD_OK("d1", BAD));
    held("it was repaired 3 times and is broken again");
    assert_string_equal(metrics, "FlipFlops ");
}

static void rounds_of_long_ago_do_not_count(void **state)
{
    (void)state;
    refuse("rounds/", CONFLICT);
    fake_table.refusals = 1;
    repair(RUN_WORLD_OK("d1", BAD));
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    assert_string_equal(value(1, ":one"), "1");
    assert_string_equal(metrics, "");
}

static void audits_count_nothing(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", BAD));
    run_world_run(RUN_AUDIT, "");
    run_world_run(RUN_PLAN, "");
    assert_int_equal(fake_table_count("UpdateItem"), 0);
}

static int check(const char *table, int limit, const char *says)
{
    struct err err = {0};
    char *name = mem_strdup(table);
    const struct settings settings = {.state_table = name, .max_changes_per_day = limit};
    int result = state_table_check(&settings, &err);
    assert_int_equal(err.kind, result != 0 ? ERR_USAGE : ERR_NONE);
    assert_non_null(strstr(err.message, says));
    mem_free(name);
    return result;
}

static void invalid_settings_are_refused(void **state)
{
    (void)state;
    assert_int_equal(check(NULL, -1, ""), 0);
    assert_int_equal(check("engine-state_1.x", 10, ""), 0);
    assert_int_equal(check("arn:aws:dynamodb:us-east-1:111122223333:table/x.y", 0, ""), 0);
    assert_int_equal(check(NULL, 0, "MAX_CHANGES_PER_DAY"), -1);
    assert_int_equal(check("ab", -1, "STATE_TABLE"), -1);
    assert_int_equal(check("a table", -1, "STATE_TABLE"), -1);
    assert_int_equal(check("arn:aws:sqs:us-east-1:111122223333:table/abc", -1, "ARN"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(is_counted_before_the_change),
        TEST(the_day_is_over_its_limit),
        TEST(a_limit_of_nothing),
        TEST(no_limit_of_a_day),
        TEST(nothing_is_changed_without_the_table),
        TEST(without_an_answer_it_is_audited_again),
        TEST(without_an_answer_nothing_is_changed),
        TEST(what_is_not_changed_is_not_counted),
        TEST(what_does_not_show_is_not_a_round),
        TEST(a_flip_flop_is_held),
        TEST(a_flip_flop_whose_item_is_gone),
        TEST(rounds_of_long_ago_do_not_count),
        TEST(audits_count_nothing),
        TEST(invalid_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
