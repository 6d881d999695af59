/* What the gate holds because of the operator's settings: checks that REPAIR does not name, and
 * steps that cannot be undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "change/admission.h"
#include "support/run_world.h"

#define TWO_BAD RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD("sqs.shared")
#define GOOD_STATE(digest)                                                                         \
    RUN_WORLD_OK(digest, RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared"))

/* Long enough for reading back: each look at the clock takes a day. */
static int set_up(void **state)
{
    run_world_set_up(state);
    run_world.settings.verify_s = 60 * 86400;
    return 0;
}

/* The number of requests for the operation. */
static int count(const char *operation)
{
    int found = 0;
    for (size_t i = 0; i < fake_aws.count; i++)
        found += strstr(fake_aws.requests[i].target, operation) != NULL;
    return found;
}

static void says(const char *check, const char *status, const char *remediation)
{
    assert_string_equal(run_world_says(check, "status"), status);
    assert_string_equal(run_world_says(check, "remediation"), remediation);
}

/* REPAIR names another check: nothing is changed, and the reason names the way out. */
static void not_admitted_is_held(void **state)
{
    static const enum run_mode modes[] = {RUN_AUDIT, RUN_PLAN, RUN_CHANGE};
    struct err err = {0};
    char other[] = "sqs.shared";
    (void)state;
    run_world.settings.repair = other;
    run_world.context.admission = admission_new(&run_world.settings, &err);
    for (size_t i = 0; i < 3; i++) {
        run_world_answer(RUN_WORLD_OK("d1", TWO_BAD));
        run_world_run(modes[i], "");
        says("sqs.public", "non_compliant", "held");
        assert_non_null(strstr(run_world_says("sqs.public", "held"), "not in REPAIR (--repair)"));
        says("sqs.shared", "compliant", "none");
        assert_int_equal(run_world.status, 2);
    }
    assert_int_equal(count("SetQueueAttributes"), 0);
    admission_free((struct admission *)(uintptr_t)run_world.context.admission);
}

/* A step that cannot be undone is held by default, and made if that is requested. */
static void irreversible_is_held(void **state)
{
    static const char bad[] = RUN_WORLD_OK(
        "d1", "{\"id\":\"sqs.public\",\"status\":\"non_compliant\",\"summary\":\"open\","
              "\"evidence\":\"e\",\"fix\":\"steps\",\"steps\":[{\"call\":"
              "\"sqs:SetQueueAttributes\",\"with\":{\"QueueUrl\":\"" RUN_WORLD_ID
              "\",\"Attributes\":{\"Policy\":\"\"}},\"irreversible\":\"cannot be restored\"}]}");
    (void)state;
    run_world.settings.hold_irreversible = true;
    run_world_answer(bad);
    run_world_run(RUN_PLAN, "");
    says("sqs.public", "non_compliant", "planned");
    run_world_answer(bad);
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "held");
    assert_non_null(strstr(run_world_says("sqs.public", "held"), "cannot be restored"));
    assert_non_null(strstr(run_world_says("sqs.public", "held"), "--hold-irreversible=false"));
    assert_int_equal(count("SetQueueAttributes"), 0);
    run_world.settings.hold_irreversible = false;
    run_world_answer(bad);
    run_world_answer(bad);
    run_world_answer(GOOD_STATE("d2"));
    run_world_run(RUN_CHANGE, "");
    says("sqs.public", "non_compliant", "fixed");
    assert_int_equal(count("SetQueueAttributes"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(not_admitted_is_held, set_up, run_world_tear_down),
        cmocka_unit_test_setup_teardown(irreversible_is_held, set_up, run_world_tear_down),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
