/* An audit runs no fix unless its steps are requested; a plan and a change run the fixes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define HELD                                                                                       \
    "{\"id\":\"sqs.shared\",\"status\":\"non_compliant\",\"summary\":\"s\",\"evidence\":\"e\","    \
    "\"fix\":\"held\",\"held\":\"not now\"}"

#define UNKNOWN                                                                                    \
    "{\"id\":\"sqs.shared\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\",\"message\":"       \
    "\"no\"},"                                                                                     \
    "\"fix\":\"none\"}"

static void run_in(enum run_mode mode)
{
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e") "," HELD));
    run_world_run(mode, "");
    assert_int_equal(run_world.status, 2);
}

static void says(const char *check, const char *remediation, const char *held)
{
    assert_string_equal(run_world_says(check, "remediation"), remediation);
    assert_string_equal(run_world_says(check, "held"), held);
}

static size_t steps(void)
{
    return json_array_size(json_object_get(json_array_get(run_world.findings, 0), "steps"));
}

static void an_audit_runs_no_fix(void **state)
{
    (void)state;
    run_in(RUN_AUDIT);
    says("sqs.public", "available", "");
    says("sqs.shared", "available", "");
    assert_int_equal(steps(), 0);
}

static void an_audit_with_steps_runs_the_fixes(void **state)
{
    (void)state;
    run_world.settings.steps = true;
    run_in(RUN_AUDIT);
    says("sqs.public", "available", "");
    says("sqs.shared", "held", "not now");
    assert_int_equal(steps(), 1);
}

static void a_plan_runs_the_fixes(void **state)
{
    (void)state;
    run_in(RUN_PLAN);
    says("sqs.public", "planned", "");
    says("sqs.shared", "held", "not now");
    assert_int_equal(steps(), 1);
}

/* A part of the state could not be read: the check that used it is unknown, and not repaired. The
 * other check is repaired. */
static void an_unknown_check_holds_no_other(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", UNKNOWN "," RUN_WORLD_BAD("sqs.public", "e")));
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_BAD("sqs.public", "e")));
    run_world_answer(RUN_WORLD_OK("d2", RUN_WORLD_GOOD("sqs.public")));
    run_world_run(RUN_CHANGE, "");
    says("sqs.shared", "none", "");
    says("sqs.public", "fixed", "");
    assert_string_equal(run_world_says("sqs.shared", "status"), "unknown");
    assert_int_equal(fake_aws.count, 1);
    assert_int_equal(run_world.status, 1);
}

/* Nor does it cause a change by itself, whatever the policy's entry says. */
static void an_unknown_check_is_not_repaired(void **state)
{
    (void)state;
    run_world_answer(RUN_WORLD_OK("d1", "{\"id\":\"sqs.public\",\"status\":\"unknown\",\"error\":{"
                                        "\"kind\":\"api\",\"message\":\"no\"},\"fix\":\"steps\","
                                        "\"steps\":[" RUN_WORLD_STEP "]}"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "none", "");
    assert_int_equal(fake_aws.count, 0);
    assert_int_equal(run_world.status, 1);
}

int main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, run_world_set_up, run_world_tear_down)
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(an_audit_runs_no_fix),
        TEST(an_audit_with_steps_runs_the_fixes),
        TEST(a_plan_runs_the_fixes),
        TEST(an_unknown_check_holds_no_other),
        TEST(an_unknown_check_is_not_repaired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
