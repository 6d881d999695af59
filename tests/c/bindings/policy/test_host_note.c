/* The note of a check that passes: what the pass depends on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

static char name[32]; /* of the policy that was loaded last */

static const struct policy *load(const char *audit)
{
    char text[1000];
    snprintf(name, sizeof name, "note%d", ++world.files);
    snprintf(text, sizeof text,
             "return policy { type = '%s', title = 'Note', permissions = { read = {\n"
             "  'sqs:ListQueues' } }, fetch = function() return { part = { 'a' } } end,\n"
             "checks = { { id = '%s.check', title = 'Check', severity = 'low',\n"
             "audit = function(_, state) %s end } } }\n",
             name, name, audit);
    return world_load(&world, name, text);
}

/* The only check of an audit, as JSON. */
static void assert_noted(const char *audit, const char *expected)
{
    json_t *outcome = world_audit(&world, load(audit), NULL);
    json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    json_object_del(check, "id");
    char *reported = json_text(check);
    if (strstr(reported, expected) == NULL)
        fail_msg("%s instead of %s", reported, expected);
    mem_free(reported);
    json_decref(outcome);
}

static void is_reported_with_its_evidence(void **state)
{
    (void)state;
    assert_noted("return true, { summary = 'held off', evidence = { by = state.part[1] } }",
                 "\"status\":\"compliant\",\"summary\":\"held off\",\"evidence\":{\"by\":\"a\"}");
    assert_noted("return true, { summary = 'held off' }", "\"summary\":\"held off\"}");
}

static void has_no_other_members(void **state)
{
    (void)state;
    assert_noted("return true, { evidence = { 1 } }", "\"status\":\"unknown\"");
    assert_noted("return true, { summary = 's', proof = 1 }", "\"status\":\"unknown\"");
    assert_noted("return true, { summary = 's', evidence = { f = function() end } }",
                 "\"status\":\"unknown\"");
}

/* The gate audits one check: a verdict that holds for a minute proves a repair or an undo. */
static void is_a_verdict_for_now(void **state)
{
    static char check[40];
    (void)state;
    const struct policy *policy = load("return true, { summary = 'for now', later = 60 }");
    snprintf(check, sizeof check, "%s.check", name);
    json_t *outcome = world_audit(&world, policy, &(struct audit_options){.only_check = check});
    assert_string_equal(json_get_string(outcome, "state", ""), "ok");
    const json_t *entry = json_array_get(json_object_get(outcome, "checks"), 0);
    assert_string_equal(json_get_string(entry, "status", ""), "compliant");
    assert_int_equal(json_get_integer(entry, "later", 0), 60);
    json_decref(outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_reported_with_its_evidence, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(has_no_other_members, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_a_verdict_for_now, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
