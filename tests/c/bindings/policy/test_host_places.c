/* Errors of a policy say where they were raised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/host_world.h"

static void errors_say_where_they_are(void **state)
{
    static const char *const bad[][2] = {
        {"error()", "raised nil"},
        {"error({})", "raised an error without a message"},
        {"error(pairs)", "raised a function"},
        {"return false, 'x', { f = pairs }", "evidence.f is a function"},
        {"resource.aws.sqs:GetQueueAttributes { Queue = 'x' }", "Queue: unknown parameter"},
        {"resource.aws.sqs:GetQueueAttributes { QueueUrl = pairs }", "QueueUrl is a function"},
        {"local function deep(n)\n"
         "resource:map({ 1, 2 }, function() deep(n - 1) end) end deep(20)",
         "more than 500 coroutines"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *found = world_try(&world, bad[i][0]);
        if (strstr(found, bad[i][1]) == NULL || strstr(found, ".lua:") == NULL)
            fail_msg("%s: %s", bad[i][0], found);
    }
}

static void what_the_policy_says_stays(void **state)
{
    (void)state;
    assert_string_equal(world_try(&world, "error('so it is', 0)"), "so it is");
    assert_string_equal(world_try(&world, "error({ message = 'so it is', code = 'X' })"),
                        "so it is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(errors_say_where_they_are, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(what_the_policy_says_stays, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
