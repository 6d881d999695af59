/* What one audit keeps gives no access in another audit, and harms no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"
#include "support/slowed.h"
#include "value/json.h"

static int set_up(void **state)
{
    (void)state;
    const struct host_options limits = {.memory_max = 6 << 20};
    world_open(&world, &limits);
    return 0;
}

static void check_kept(const char *type, const char *keep)
{
    char text[1200];
    snprintf(text, sizeof text,
             "local kept = {}\nreturn policy { type = '%s', title = 'T',\n"
             "permissions = { read = { 'sqs:ListQueues', 'sqs:GetQueueAttributes' } },\n"
             "fetch = function() return {} end,\n"
             "checks = { { id = '%s.a', title = 'A', severity = 'low', audit = function(resource)\n"
             "if pcall(function() %s end) or next(kept) ~= nil then return false, 'kept' end\n"
             "return true end } } }",
             type, type, keep);
    const struct policy *policy = world_load(&world, type, text);
    for (int i = 0; i < 2; i++) {
        json_t *outcome = world_audit(&world, policy, NULL);
        const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
        assert_string_equal(json_get_string(check, "status", ""), "compliant");
        json_decref(outcome);
    }
}

static void keeps_doors_apart(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    check_kept("kept_resource", "kept.it = resource");
    check_kept("kept_aws", "kept[1] = resource.aws");
    check_kept("kept_service", "table.insert(kept, resource.aws.sqs)");
    check_kept("kept_pages", "kept[resource.aws.sqs:pages('ListQueues')] = true");
    check_kept("kept_function", "kept.it = function() return resource end");
}

/* Two audits at the same time: one waits while the other tries to keep its resource. */
static int reported;

static void on_told(void *arg, const json_t *outcome, const struct err *err)
{
    (void)err;
    char *text = json_text(outcome);
    if (strstr(text, arg) == NULL)
        fail_msg("%s", text);
    mem_free(text);
    reported++;
}

static void keeps_audits_apart_that_run_at_once(void **state)
{
    (void)state;
    char first[] = "frozen after the file has run", second[] = "frozen after the file has run";
    struct resource resource = {.account = "1", .region = "r", .type = "t", .id = "i"};
    const struct policy *policy = world_load(
        &world, "at_once",
        "local kept = {}\nreturn policy { type = 'at_once', title = 'T',\n"
        "permissions = { read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
        "checks = { { id = 'at_once.a', title = 'A', severity = 'low', audit = function(r)\n"
        "if kept[1] then return kept[1].aws ~= nil end\n"
        "r.aws.sqs:ListQueues() kept[1] = r return true end } } }");
    world.session.allowed = policy->reads;
    world.evaluator->audit(world.evaluator->self, policy, &resource, &world.scope, NULL, on_told,
                           first);
    world.evaluator->audit(world.evaluator->self, policy, &resource, &world.scope, NULL, on_told,
                           second);
    while (reported < 2 && loop_turn(world.loop, -1))
        continue;
    assert_int_equal(reported, 2);
}

/* The memory that an audit uses is available again for the next. */
static void recovers_from_hoarding(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "hoards",
        "return policy { type = 'hoards', title = 'T',\n"
        "permissions = { read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
        "checks = { { id = 'hoards.a', title = 'A', severity = 'low', audit = function(r)\n"
        "local hoard = {} for i = 1, 10 do hoard[#hoard + 1] = ('x'):rep(2^18 | 0) .. #hoard end\n"
        "return true end } } }");
    int good = 0, rounds = is_slowed() ? 6 : 48;
    for (int i = 0; i < rounds; i++) {
        json_t *outcome = world_audit(&world, policy, NULL);
        const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
        good += strcmp(json_get_string(check, "status", ""), "compliant") == 0;
        json_decref(outcome);
    }
    assert_int_equal(good, rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_doors_apart, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_audits_apart_that_run_at_once, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(recovers_from_hoarding, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
