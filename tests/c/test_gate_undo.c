/* Taking back: an inverse is made only when it is its fix's own, and the resource is ready. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define TWO_BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")
#define GOOD_STATE(digest)                                                                         \
    RUN_WORLD_OK(digest, RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared"))
#define DAYS_S 86400

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static int set_up(void **state)
{
    log_set_sink(silence);
    run_world_set_up(state);
    run_world.settings.verify_s = 60 * DAYS_S;
    return 0;
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

/* Requests of the operation. */
static int count(const char *operation)
{
    int found = 0;
    for (size_t i = 0; i < fake_aws.count; i++)
        found += strstr(fake_aws.requests[i].target, operation) != NULL;
    return found;
}

#define WAY_BACK(call, queue)                                                                      \
    "{\"call\":\"" call "\",\"with\":{\"QueueUrl\":\"" queue                                       \
    "\",\"Attributes\":{\"Policy\":\"open\"}}}"
#define STEP_WITH(way_back)                                                                        \
    "{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\",\"evidence\":1,"     \
    "\"fix\":\"steps\",\"steps\":[{\"call\":\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":"    \
    "\"" RUN_WORLD_ID "\",\"Attributes\":{\"Policy\":\"\"}},\"undo\":" way_back "}]}"

static void undo_after(const char *bad, const char *result, const char *why)
{
    json_array_clear(run_world.outcomes);
    run_world_answer(bad);
    run_world_answer(bad);
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    assert_string_equal(run_world_says("sqs.public", "remediation"), "fixed");
    int writes = count("SetQueueAttributes");
    json_array_clear(run_world.outcomes);
    run_world_answer(GOOD_STATE("d2"));
    run_world_answer(bad);
    json_t *results = run_world_undo();
    const json_t *first = json_array_get(results, 0);
    assert_int_equal(json_array_size(results), 1);
    assert_string_equal(json_get_string(first, "result", ""), result);
    if (strstr(json_get_string(first, "why", ""), why) == NULL)
        fail_msg("%s", json_get_string(first, "why", ""));
    bool undone = strcmp(result, "undone") == 0;
    assert_int_equal(count("SetQueueAttributes"), writes + undone);
    json_decref(results);
}

static void takes_back(void **state)
{
    (void)state;
    undo_after(RUN_WORLD_OK("d1", STEP_WITH(WAY_BACK("sqs:SetQueueAttributes", RUN_WORLD_ID))),
               "undone", "");
}

static void does_not_take_back_by_an_undeclared_call(void **state)
{
    (void)state;
    undo_after(RUN_WORLD_OK("d1", STEP_WITH(WAY_BACK("sqs:DeleteQueue", RUN_WORLD_ID))), "held",
               "sqs:DeleteQueue, which policies/sqs.lua does not declare");
}

static void does_not_take_back_in_another_place(void **state)
{
    (void)state;
    undo_after(
        RUN_WORLD_OK("d1", STEP_WITH(WAY_BACK("sqs:SetQueueAttributes", RUN_WORLD_ID "-other"))),
        "held", "does not name this resource");
}

static void does_not_take_back_without_a_name(void **state)
{
    (void)state;
    undo_after(RUN_WORLD_OK("d1", STEP_WITH("{\"call\":\"sqs:SetQueueAttributes\",\"with\":{}}")),
               "held", "does not name this resource");
    assert_int_equal(count("DeleteQueue"), 0);
}

static void does_not_take_back_what_is_not_ready(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    json_array_clear(run_world.outcomes);
    run_world_answer(RUN_WORLD_LATER("60"));
    json_t *results = run_world_undo();
    const json_t *first = json_array_get(results, 0);
    assert_string_equal(json_get_string(first, "result", ""), "held");
    assert_string_equal(json_get_string(first, "why", ""), "the resource is not ready yet");
    json_decref(results);
}

/* The engine was killed before the answer: nobody knows whether the call was made. */
static void does_not_take_back_what_was_not_answered(void **state)
{
    static const char *const lines[] = {
        "{\"fix\":\"F\",\"state\":\"begin\",\"account\":\"111122223333\",\"region\":"
        "\"us-east-1\",\"type\":\"sqs\",\"id\":\"" RUN_WORLD_ID
        "\",\"check\":\"sqs.public\",\"before\":\"d1\"}",
        "{\"fix\":\"F\",\"state\":\"step\",\"step\":0,\"call\":\"sqs:SetQueueAttributes\",\"with\":"
        "{\"QueueUrl\":\"" RUN_WORLD_ID
        "\"},\"undo\":" WAY_BACK("sqs:SetQueueAttributes", RUN_WORLD_ID) "}",
    };
    struct err err = {0};
    struct journal *journal = journal_new(run_world.journal);
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(journal_write(journal, json_loads(lines[i], 0, NULL), &err), 0);
    journal_free(journal);
    json_t *results = run_world_undo();
    const json_t *first = json_array_get(results, 0);
    assert_string_equal(json_get_string(first, "result", ""), "held");
    assert_non_null(strstr(json_get_string(first, "why", ""), "may have been made"));
    assert_int_equal(fake_aws.count, 0);
    json_decref(results);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(takes_back),
        TEST(does_not_take_back_by_an_undeclared_call),
        TEST(does_not_take_back_in_another_place),
        TEST(does_not_take_back_without_a_name),
        TEST(does_not_take_back_what_is_not_ready),
        TEST(does_not_take_back_what_was_not_answered),
    };
    mem_install();
    return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
