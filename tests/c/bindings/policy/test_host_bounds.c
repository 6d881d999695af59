/* The limits of what a policy may use: work in C counts by its length, memory used by C counts as
 * the policy's, what it reports about a resource is limited, and the loop gets its turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "support/host_world.h"
#include "support/slowed.h"
#include "value/json.h"

#define FEW_LOOPS 2 /* of those that are slow with valgrind */

/* The time that this process has computed, however busy the machine is. */
static int64_t computed_ms(void)
{
    return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

static int set_up_small(void **state)
{
    (void)state;
    const struct host_options limits = {
        .memory_max = 24 << 20, .instructions_max = 3000000, .run_ms_max = 600000};
    world_open(&world, &limits);
    return 0;
}

static int set_up_narrow(void **state)
{
    (void)state;
    const struct host_options limits = {.memory_max = 24 << 20, .run_ms_max = 600000};
    world_open(&world, &limits);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    return 0;
}

/* Time does not end these, however slow the machine is. */
static int set_up_patient(void **state)
{
    (void)state;
    const struct host_options limits = {.run_ms_max = 600000};
    world_open(&world, &limits);
    return 0;
}

static void check(const char *body, const char *expected)
{
    const char *found = world_try(&world, body);
    if (strstr(found, expected) == NULL)
        fail_msg("%s: \"%s\" instead of \"%s\"", body, found, expected);
}

/* ---- work ---- */

/* Each instruction here processes up to a MiB; counted by instructions alone, they would take
 * minutes. With valgrind, the time limit may end first. */
static void counts_work_in_c_by_its_length(void **state)
{
    (void)state;
    static const char *const loops[] = {
        "local x = s:rep(4)",
        "local x = s .. s",
        "local x = s:upper()",
        "local x = s:reverse()",
        "local x = s:sub(2)",
        "local x = ('%s%s'):format(s, s)",
        "local x = table.concat(list)",
        "local x = json.encode(list)",
        "local x = json.decode(text)",
        "local x = utf8.len(s)",
        "local x = tonumber(digits)",
        "local x = uri.encode(s)",
        "table.insert(list, 1, 1) table.remove(list, 1)",
        "table.sort(list)",
        "local x = table.pack(table.unpack(list))",
        "local x = next(list)",
        "local x = pairs(list)",
    };
    size_t count = sizeof loops / sizeof *loops;
    for (size_t i = 0; i < (is_slowed() ? FEW_LOOPS : count); i++) {
        char body[400];
        snprintf(body, sizeof body,
                 "local s, digits = ('x'):rep(2^18 | 0), ('1'):rep(2^18 | 0)\n"
                 "local list = {} for i = 1, 20000 do list[i] = i end\n"
                 "local text = json.encode(list)\nwhile true do %s end",
                 loops[i]);
        int64_t from = computed_ms();
        check(body, is_slowed() ? "its budget of" : "its budget of instructions is used up");
        if (!is_slowed() && computed_ms() - from > 20000)
            fail_msg("%s: takes %lld ms", loops[i], (long long)(computed_ms() - from));
    }
}

/* Between two calls the code runs too shortly for a tick, and is charged by time: if only the
 * resume were, there would be thousands of calls. */
static void charges_short_runs_by_time(void **state)
{
    (void)state;
    check("while true do resource.aws.sqs:ListQueues() for j = 1, 20000 do end end",
          "its budget of instructions is used up");
    assert_in_range(world_count(&world, "ListQueues"), 2, 2000);
}

static void stop_for_a_while(enum log_level level, const char *line)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    (void)level, (void)line;
    nanosleep(&pause, NULL);
}

/* The first run stops for longer than what is charged at most for a run without the hook; the
 * second needs more than that would leave. With valgrind, it needs too much in any case. */
static void charges_only_time_in_which_it_runs(void **state)
{
    (void)state;
    if (is_slowed())
        return;
    log_set_level(LOG_INFO);
    log_set_sink(stop_for_a_while);
    check(
        "resource:log('stop') resource.aws.sqs:ListQueues() for i = 1, 1200000 do end return true",
        "compliant");
    log_set_sink(NULL);
    log_set_level(LOG_WARN);
}

static struct resource *resource(void)
{
    static char account[] = "1", region[] = "r", type[] = "t", id[] = "i";
    static struct resource one = {.account = account, .region = region, .type = type, .id = id};
    return &one;
}

static int reported;
static char last[1100];

static void on_told(void *arg, const json_t *outcome, const struct err *err)
{
    (void)arg, (void)outcome;
    snprintf(last, sizeof last, "%s", err != NULL ? err->message : "");
    reported++;
}

static void start(const struct policy *policy)
{
    world.session.allowed = policy->reads;
    world.evaluator->audit(world.evaluator->self, policy, resource(), &world.scope, NULL, on_told,
                           NULL);
}

static const struct policy *load_endless(const char *name)
{
    char text[600];
    snprintf(text, sizeof text,
             "return policy { type = '%s', title = 'T', permissions = { read = {\n"
             "'sqs:ListQueues' } }, fetch = function() return {} end,\n"
             "checks = { { id = '%s.a', title = 'A', severity = 'low',\n"
             "audit = function() while true do end end } } }",
             name, name);
    return world_load(&world, name, text);
}

static int turns;

static void count_turn(void *arg)
{
    turns++;
    if (reported < 3)
        loop_after(world.loop, 0, count_turn, arg);
}

/* Three are stopped, in three turns of the loop; the others fail with that reason, until the next
 * run. */
static void stops_a_policy_that_runs_too_long_again_and_again(void **state)
{
    (void)state;
    const struct policy *policy = load_endless("endless");
    reported = turns = 0;
    for (int i = 0; i < 5; i++)
        start(policy);
    count_turn(NULL);
    while (reported < 5 && loop_turn(world.loop, -1))
        continue;
    assert_int_equal(reported, 5);
    assert_non_null(
        strstr(last, "was stopped 3 times for running too long: it is not called again"));
    assert_true(turns >= 2);
    world.evaluator->forget(world.evaluator->self);
    start(policy);
    while (reported < 6 && loop_turn(world.loop, -1))
        continue;
    assert_non_null(strstr(last, is_slowed() ? "budget of" : "budget of instructions"));
}

static bool yes(void *arg)
{
    (void)arg;
    return true;
}

/* For a waiting signal, or the end of the time: the hook checks, wherever the policy is. */
static void ends_when_the_loop_is_needed(void **state)
{
    (void)state;
    const struct policy *policy = load_endless("needed");
    int64_t from = computed_ms();
    loop_on_urgent(world.loop, yes, NULL);
    reported = 0;
    start(policy);
    while (reported < 1 && loop_turn(world.loop, -1))
        continue;
    assert_non_null(strstr(last, "because the run is ending"));
    assert_true(computed_ms() - from < 20000);
    check("table.sort({ 1, 2, 3 }, function() while true do end end) return true",
          "because the run is ending");
}

/* ---- memory ---- */

static void counts_requests_in_progress(void **state)
{
    (void)state;
    world.reply_ms = 60000;
    check("local names = {} for j = 1, 4 do names[j] = ('x'):rep(2^20 - 1) end\n"
          "resource:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function()\n"
          "resource.aws.sqs:GetQueueAttributes { QueueUrl = 'q', AttributeNames = names } end)\n"
          "return true",
          "memory");
    world.reply_ms = 1;
    check("resource.aws.sqs:GetQueueAttributes { QueueUrl = 'q',\n"
          "AttributeNames = { ('x'):rep(2^20 | 0) } } return true",
          "compliant");
}

#define FINDS(name, body)                                                                          \
    "return policy { type = '" name "', title = 'T', permissions = { read = {\n"                   \
    "'sqs:ListQueues' } }, fetch = function() return {} end,\n"                                    \
    "checks = { { id = '" name ".a', title = 'A', severity = 'low',\n"                             \
    "audit = function() return true end } }, discover = function(scope) " body " end }"

static void counts_what_was_found(void **state)
{
    (void)state;
    json_t *failed =
        world_discover(&world, world_load(&world, "found",
                                          FINDS("found", "local i = 0 while true do i = i + 1\n"
                                                         "scope:found(('x'):rep(4000) .. i) end")));
    if (strstr(json_get_string(failed, "failed", ""), "not enough memory") == NULL)
        fail_msg("%s", json_get_string(failed, "failed", ""));
    assert_true(json_array_size(world.found) > 1000 && json_array_size(world.found) < 7000);
    json_decref(failed);
    failed = world_discover(
        &world, world_load(&world, "long", FINDS("long", "scope:found(('x'):rep(4097))")));
    assert_non_null(strstr(json_get_string(failed, "failed", ""), "longer than 4096 bytes"));
    json_decref(failed);
    check("return true", "compliant");
}

static int asked;

static bool full_for_a_while(void *arg, enum listing_point point)
{
    (void)arg;
    assert_int_equal(point, LISTING_FOUND);
    return ++asked < 4;
}

static void waits_while_there_is_no_room_for_what_is_found(void **state)
{
    (void)state;
    world.scope.full = full_for_a_while;
    asked = 0;
    json_decref(world_discover(&world, world_load(&world, "waits",
                                                  FINDS("waits", "scope:found('a')\n"
                                                                 "scope:found({ 'b', 'c' })"))));
    assert_int_equal(json_array_size(world.found), 3);
    assert_int_equal(asked, 5);
}

/* ---- what is reported ---- */

static void cuts_what_is_too_long_for_a_finding(void **state)
{
    (void)state;
    const struct policy *policy =
        world_load(&world, "says",
                   "return policy { type = 'says', title = 'T', permissions = { read = {\n"
                   "'sqs:ListQueues' } }, fetch = function() return {} end, checks = {\n"
                   "{ id = 'says.evidence', title = 'A', severity = 'low', audit = function()\n"
                   "local list = {} for i = 1, 16 do list[i] = ('x'):rep(2^20 - i) end\n"
                   "return false, 'x', list end },\n"
                   "{ id = 'says.summary', title = 'A', severity = 'low', audit = function()\n"
                   "return false, 'x' .. ('é'):rep(2^19 | 0) end },\n"
                   "{ id = 'says.plain', title = 'A', severity = 'low', audit = function()\n"
                   "return false, 'é', { 1 } end } } }");
    json_t *outcome = world_audit(&world, policy, NULL),
           *checks = json_object_get(outcome, "checks");
    const json_t *evidence = json_array_get(checks, 0), *summary = json_array_get(checks, 1);
    const json_t *plain = json_array_get(checks, 2);
    assert_string_equal(json_get_string(evidence, "status", ""), "non_compliant");
    assert_string_equal(json_get_string(evidence, "evidence", ""),
                        "omitted: the evidence is too long; at most 262144 bytes are reported");
    const char *text = json_get_string(summary, "summary", "");
    assert_int_equal(strlen(text), 1023 + strlen(" … (cut)"));
    assert_string_equal(text + 1021, "é … (cut)");
    assert_string_equal(json_get_string(plain, "summary", ""), "é");
    assert_int_equal(json_array_size(json_object_get(plain, "evidence")), 1);
    json_decref(outcome);
}

static int lines;
static char last_line[200];

static void note_line(enum log_level level, const char *line)
{
    (void)level;
    lines++;
    snprintf(last_line, sizeof last_line, "%.190s", line);
}

static void bounds_what_is_logged(void **state)
{
    (void)state;
    lines = 0;
    log_set_level(LOG_INFO);
    log_set_sink(note_line);
    check("for i = 1, 500 do resource:log(i) end return true", "compliant");
    log_set_sink(NULL);
    log_set_level(LOG_WARN);
    assert_int_equal(lines, 101);
    assert_non_null(strstr(last_line, "logs more than 100 lines: the rest is omitted"));
}

static void shows_tables_that_are_logged(void **state)
{
    (void)state;
    log_set_level(LOG_INFO);
    log_set_sink(note_line);
    check("resource:log('got', { b = { 1, 'x' }, a = true }) return true", "compliant");
    assert_non_null(strstr(last_line, "got {\"a\":true,\"b\":[1,\"x\"]}"));
    check("resource:log({ f = ipairs }) return true", "compliant");
    assert_non_null(strstr(last_line, "table: "));
    log_set_sink(NULL);
    log_set_level(LOG_WARN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_work_in_c_by_its_length, set_up_small,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(charges_short_runs_by_time, set_up_small, world_tear_down),
        cmocka_unit_test_setup_teardown(charges_only_time_in_which_it_runs, set_up_small,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(stops_a_policy_that_runs_too_long_again_and_again,
                                        set_up_small, world_tear_down),
        cmocka_unit_test_setup_teardown(ends_when_the_loop_is_needed, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(counts_requests_in_progress, set_up_narrow,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(counts_what_was_found, set_up_narrow, world_tear_down),
        cmocka_unit_test_setup_teardown(waits_while_there_is_no_room_for_what_is_found, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(cuts_what_is_too_long_for_a_finding, set_up_patient,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(bounds_what_is_logged, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(shows_tables_that_are_logged, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
