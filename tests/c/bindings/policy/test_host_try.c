/* What try may list: errors that mean that there is none, and refusals only if the policy declares
 * that it tolerates them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/tricks.h"
#include "value/json.h"

#define TRY(codes) "r.aws.sqs:try('GetQueueAttributes', { QueueUrl = 'q' }, " codes ")"
#define TOLERATES "tolerates = { ['sqs:GetQueueAttributes'] = { 'AccessDenied', why = 'test' } }, "

static const struct trick tries[] = {
    {"a refusal", TRICKS_AUDIT("return " TRY("'AccessDenied'") " == nil"),
     "~says nothing about the resource"},
    {"a refusal, in pcall",
     TRICKS_AUDIT("pcall(function() " TRY("'AccessDeniedException'") " end) return true"),
     "~says nothing about the resource"},
    {"a refusal among others",
     TRICKS_AUDIT("return " TRY("'QueueDoesNotExist', 'UnauthorizedOperation'") " == nil"),
     "~says nothing about the resource"},
    {"a throttle", TRICKS_AUDIT("return " TRY("'ThrottlingException'") " == nil"),
     "~says nothing about the resource"},
    {"a fault", TRICKS_AUDIT("return " TRY("'ServiceUnavailable'") " == nil"),
     "~says nothing about the resource"},
    {"another name of a refusal", TRICKS_AUDIT("return " TRY("'no'") " == nil"),
     "unknown: " TRICKS_NO ", compliant"},
    {"declared",
     TOLERATES TRICKS_AUDIT(
         "local x, code = " TRY("'AccessDenied'") " return code == 'AccessDenied'"),
     "unknown: " TRICKS_NO ", compliant"},
    {"declared and tolerant",
     TOLERATES
     "fetch = function() return {} end, checks = {\n"
     "check('a', function(r) return " TRY("'AccessDenied'") " == nil end, { tolerant = true }),\n"
                                                            "check('b', pass) }",
     "compliant, compliant"},
    {"declared for another operation",
     "tolerates = { ['sqs:ListQueues'] = { 'AccessDenied', why = 'x' } }, " TRICKS_AUDIT(
         "return " TRY("'AccessDenied'") " == nil"),
     "~says nothing about the resource"},
    {"declared, in fetch",
     TOLERATES "fetch = function(r) " TRY(
         "'AccessDenied'") " return {} end,\n"
                           "checks = { check('a', pass, { tolerant = true }), check('b', pass) }",
     "compliant, unknown: " TRICKS_NO},
    {"declared, and gone", TOLERATES TRICKS_FETCH("return " TRY("'AccessDenied'")),
     "failed: " TRICKS_NO},
    {"declared, in a part",
     TOLERATES
     "fetch = function() return {} end,\n"
     "reads = { t = function(r) return " TRY(
         "'AccessDenied'") " or { } end }, checks = {\n"
                           "check('a', function(_, s) return #s.t == 0 end),\n"
                           "check('b', function(_, s) return #s.t == 0 end, { tolerant = true }) }",
     "unknown: " TRICKS_NO ", compliant"},
};

static void refuses_codes_of_failures(void **state)
{
    (void)state;
    TRICKS_RUN(tries, NULL);
}

/* Whatever the code, a response with such a status is not accepted. */
static void recognizes_failures_by_the_status(void **state)
{
    static const int statuses[] = {401, 403, 500, 503};
    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        world_reply(&world, "GetQueueAttributes", statuses[i],
                    "{\"__type\":\"QueueDoesNotExist\"}");
        json_decref(world_audit(&world, tricks_load(TRICKS_FETCH("return {}")), NULL));
        char *found = tricks_short(world_audit(
            &world, tricks_load(TRICKS_AUDIT("return " TRY("'QueueDoesNotExist'") " == nil")),
            NULL));
        assert_memory_equal(found, "unknown: ", 9);
        mem_free(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_codes_of_failures, tricks_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(recognizes_failures_by_the_status, tricks_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
