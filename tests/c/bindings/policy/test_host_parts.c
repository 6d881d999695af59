/* Exceptions can exempt some of the resources that evidence names: the fix gets the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/host_world.h"
#include "value/json.h"

/* All may be changed, except those that are listed. */
static bool may_touch(void *arg, const struct audit_asked *asked)
{
    if (asked->part != NULL)
        assert_string_equal(asked->region, "eu-west-1");
    return asked->part == NULL || strstr(arg, asked->part) == NULL;
}

static void exempts_parts_of_the_evidence(void **state)
{
    static const char *const wants[][2] = {
        {"none", "non_compliant i-1,i-2 of 2"},
        {"i-1", "non_compliant i-2 of 2"},
        {"i-1 i-2", "compliant spared of 2"},
    };
    (void)state;
    const struct policy *policy = world_load(
        &world, "parts",
        "return policy { type = 'parts', title = 'P', scope = 'global',\n"
        "  permissions = { read = {}, write = { 'sqs:SetQueueAttributes' } },\n"
        "  region = function() return 'eu-west-1' end,\n"
        "  fetch = function() return { ids = { 'i-1', 'i-2' } } end,\n"
        "  checks = { { id = 'parts.a', title = 'A', severity = 'low',\n"
        "    audit = function(_, s) return false, 'shown', { ids = s.ids, more = 7 } end,\n"
        "    fix = function(_, _, e)\n"
        "      return { { call = 'sqs:SetQueueAttributes', irreversible = 'x',\n"
        "        with = { QueueUrl = table.concat(e.ids, ',') .. (e.more == 7 and '' or '!'),\n"
        "          Attributes = {} } } }\n"
        "    end } } }");
    for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++) {
        char text[128], left[16];
        snprintf(left, sizeof left, "%s", wants[i][0]);
        const struct audit_options options = {
            .want_fixes = true, .want_region = true, .may_fix = may_touch, .may_fix_arg = left};
        json_t *outcome = world_audit(&world, policy, &options);
        const json_t *entry = json_array_get(json_object_get(outcome, "checks"), 0);
        const json_t *step = json_array_get(json_object_get(entry, "steps"), 0);
        const json_t *ids = json_object_get(json_object_get(entry, "evidence"), "ids");
        snprintf(text, sizeof text, "%s %s of %zu", json_get_string(entry, "status", ""),
                 json_get_bool(entry, "spared", false)
                     ? "spared"
                     : json_get_string(json_object_get(step, "with"), "QueueUrl", ""),
                 json_array_size(ids));
        assert_string_equal(text, wants[i][1]);
        assert_string_equal(json_get_string(outcome, "region", ""), "eu-west-1");
        json_decref(outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exempts_parts_of_the_evidence, world_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
