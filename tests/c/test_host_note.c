/* `note` of a check: what a pass hangs on. It decides nothing. */
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

static struct world world;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

/* The one check of an audit, as JSON. */
static void assert_told(const char *audit, const char *note, const char *expected)
{
    char text[1000], name[32];
    snprintf(name, sizeof name, "note%d", ++world.files);
    snprintf(text, sizeof text,
             "return policy { type = '%s', title = 'Note', permissions = { read = {\n"
             "  'sqs:ListQueues' } }, fetch = function() return { part = { 'a' } } end,\n"
             "checks = { { id = '%s.check', title = 'Check', severity = 'low',\n"
             "audit = function(_, state) %s end, note = function(_, state) %s end } } }\n",
             name, name, audit, note);
    json_t *outcome = world_audit(&world, world_load(&world, name, text), NULL);
    json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    json_object_del(check, "id");
    char *told = json_text(check);
    if (strstr(told, expected) == NULL)
        fail_msg("%s instead of %s", told, expected);
    mem_free(told);
    json_decref(outcome);
}

static void is_the_evidence_of_a_pass(void **state)
{
    (void)state;
    assert_told("return true", "return { by = state.part[1] }",
                "{\"status\":\"compliant\",\"evidence\":{\"by\":\"a\"}}");
    assert_told("return true", "return nil", "{\"status\":\"compliant\"}");
    assert_told("return false, 'bad', { 1 }", "return { by = 'nobody' }",
                "\"summary\":\"bad\",\"evidence\":[1]");
}

/* What it raises, or what its calls do, makes the verdict unknown: half of a reason is none. */
static void may_not_fail(void **state)
{
    (void)state;
    assert_told("return true", "error('what it hangs on')", "what it hangs on");
    assert_told("return true", "return { f = function() end }", "\"status\":\"unknown\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_the_evidence_of_a_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(may_not_fail, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
