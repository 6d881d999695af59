/* Whether the lines of a poll are complete, and what the poll could not list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define BEGIN "{\"poll\":\"begin\",\"places\":2}\n"
#define END "{\"poll\":\"end\",\"failed\":[]}\n"
#define PLACE "\"account\":\"111122223333\",\"region\":\"eu-west-1\",\"type\":\"sqs\""
#define LINE                                                                                       \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"q\"}\n"

static void run_lines(const char *lines, int status, size_t findings)
{
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_world_lines(RUN_AUDIT, lines);
    assert_int_equal(run_world.status, status);
    assert_int_equal(json_array_size(run_world.findings), findings);
}

static void test_whole(void **state)
{
    (void)state;
    run_lines(BEGIN LINE END, 0, 1);
    run_lines(BEGIN LINE END BEGIN END, 0, 1);
    run_lines(BEGIN END LINE, 0, 1); /* sorted */
    run_lines(LINE, 0, 1);           /* a plain list */
}

static void expect_cut(const char *lines)
{
    run_lines(lines, 1, 2);
    assert_string_equal(run_world_says("run.complete", "status"), "unknown");
    assert_non_null(strstr(run_world_says("run.complete", "summary"), "incomplete"));
}

static void test_cut(void **state)
{
    (void)state;
    expect_cut(BEGIN LINE);
    expect_cut(LINE END);
    expect_cut(BEGIN LINE BEGIN END);
}

static void test_failed_places(void **state)
{
    (void)state;
    run_lines(BEGIN LINE "{\"poll\":\"end\",\"failed\":[{" PLACE ",\"error\":{\"kind\":\"api\","
                         "\"code\":\"AccessDenied\",\"message\":\"no\"}}]}",
              1, 2);
    assert_string_equal(run_world_says("sqs.listed", "status"), "unknown");
    assert_string_equal(run_world_says("sqs.listed", "severity"), "high");
    assert_string_equal(run_world_says("sqs.listed", "id"), "*");
    assert_string_equal(run_world_says("sqs.listed", "region"), "eu-west-1");
    assert_string_equal(run_world_says("sqs.listed", "summary"),
                        "sqs in eu-west-1 of account 111122223333 cannot be listed: no");
}

/* Edited by hand: an error in words, and a line for those that do not fit into the last one. */
static void test_failed_in_words(void **state)
{
    (void)state;
    run_lines(BEGIN "{\"poll\":\"failed\",\"failed\":[{" PLACE ",\"error\":\"no\"}]}\n" LINE END, 1,
              2);
    assert_non_null(strstr(run_world_says("sqs.listed", "summary"), "cannot be listed: no"));
}

static void test_failed_without_place(void **state)
{
    (void)state;
    run_lines(BEGIN LINE "{\"poll\":\"end\",\"failed\":[{\"error\":\"no\"},7]}", 1, 2);
    assert_non_null(strstr(run_world_says("run.complete", "summary"), "2 lines"));
}

static void test_bad_lines(void **state)
{
    (void)state;
    run_lines("nonsense\n" LINE, 1, 2);
    assert_non_null(strstr(run_world_says("run.complete", "summary"), "line 1: this is not JSON"));
}

/* SNS is notified as of any other finding. */
static void test_notified(void **state)
{
    (void)state;
    run_world.settings.notification_topic = mem_strdup("arn:aws:sns:us-east-1:111122223333:t");
    run_lines("{\"poll\":\"end\",\"failed\":[{" PLACE ",\"error\":\"no\"}]}\n" BEGIN, 1, 1);
    mem_free(run_world.settings.notification_topic);
    assert_int_equal(fake_aws.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_whole),
                                              TEST(test_cut),
                                              TEST(test_failed_places),
                                              TEST(test_failed_in_words),
                                              TEST(test_failed_without_place),
                                              TEST(test_bad_lines),
                                              TEST(test_notified)};
    mem_install();
    return cmocka_run_group_tests_name("run lists", tests, NULL, NULL);
}
