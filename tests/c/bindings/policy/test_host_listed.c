/* resource.listed: what a listing returns about a resource is passed to its audit, and to no other.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/host_world.h"
#include "value/json.h"

#define PAGE                                                                                       \
    "{\"Queues\":[{\"QueueUrl\":\"a\",\"Policy\":\"open\"},{\"QueueUrl\":\"b\",\"Policy\":\"x\"}]" \
    "}"

static const struct policy *policy;

static void load(const char *discover, const char *audit)
{
    char text[3000], name[32];
    snprintf(name, sizeof name, "listed%d", ++world.files);
    snprintf(text, sizeof text,
             "return policy { type = '%s', title = 'Listed', permissions = { read = {\n"
             "  ['sqs:DescribeQueues'] = { reviewed = 'made up' } } },\n"
             "discover = function(scope)\n%s\nend,\n"
             "fetch = function(resource) return { listed = resource.listed } end,\n"
             "checks = { { id = '%s.check', title = 'Check', severity = 'low',\n"
             "audit = function(resource, state)\n%s\nend } } }\n",
             name, discover, name, audit);
    policy = world_load(&world, name, text);
}

#define FIND_ALL                                                                                   \
    "for _, queue in ipairs(scope.aws.sqs:DescribeQueues {}.Queues) do\n"                          \
    "  scope:found(queue.QueueUrl, { test = true, listed = queue })\nend"

/* The data about the resource at this position in the list of found resources; borrowed. */
static const json_t *said(size_t index)
{
    const json_t *found = json_array_get(world.found, index);
    return json_object_get(json_object_get(found, "options"), "listed");
}

static const char *discover(void)
{
    static char text[300];
    json_t *failed = world_discover(&world, policy);
    snprintf(text, sizeof text, "%s", json_get_string(failed, "failed", ""));
    json_decref(failed);
    return text;
}

static void assert_audit(const json_t *listed, const char *expected)
{
    const struct audit_options options = {.listed = listed};
    world_expect(&world, policy, &options, expected);
}

static void reaches_the_audit(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, PAGE);
    world.scope.wants_listed = true;
    load(FIND_ALL, "assert(state.listed.QueueUrl == 'b') return state.listed.Policy == 'x'");
    assert_string_equal(discover(), "");
    assert_audit(said(1), "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 1);
}

static void is_nil_without_listed_data(void **state)
{
    (void)state;
    load(FIND_ALL, "return state.listed == nil");
    assert_audit(NULL, "compliant");
}

/* Otherwise, a mistyped member would read as "none". */
static void keeps_its_shape(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, PAGE);
    world.scope.wants_listed = true;
    load(FIND_ALL, "return state.listed.Polcy == nil");
    assert_string_equal(discover(), "");
    assert_audit(said(0), "Queue has no member \"Polcy\"");
}

static void is_read_only(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, PAGE);
    world.scope.wants_listed = true;
    load(FIND_ALL, "resource.listed.Policy = 'y' return true");
    assert_string_equal(discover(), "");
    assert_audit(said(0), "read-only");
}

static void a_table_of_the_policy_has_no_shape(void **state)
{
    (void)state;
    world.scope.wants_listed = true;
    load("scope:found('a', { listed = { open = true, list = {} } })",
         "assert(state.listed.open and state.listed.more == nil)\n"
         "return #state.listed.list == 0");
    assert_string_equal(discover(), "");
    assert_audit(said(0), "compliant");
}

/* A command that only lists does not pay for it. */
static void is_left_out_if_it_is_not_needed(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, PAGE);
    load(FIND_ALL, "return true");
    assert_string_equal(discover(), "");
    assert_int_equal(json_array_size(world.found), 2);
    assert_null(said(0));
    assert_null(said(1));
}

/* A listing requests more where audits use it. */
static void a_scope_says_whether_it_is_needed(void **state)
{
    (void)state;
    load("scope:found(scope.wants_listed and 'more' or 'less')",
         "return pcall(function() return resource.wants_listed end) == false");
    for (int wanted = 0; wanted <= 1; wanted++) {
        world.scope.wants_listed = wanted;
        assert_string_equal(discover(), "");
        const json_t *found = json_array_get(world.found, 0);
        assert_string_equal(json_get_string(found, "id", ""), wanted ? "more" : "less");
    }
    assert_audit(NULL, "compliant");
}

static void refuses_what_is_not_data(void **state)
{
    static const char *const wrong[][2] = {
        {"scope:found('a', { listed = { f = function() end } })", "listed"},
        {"scope:found('a', { listed = 'text' })", "option \"listed\""},
        {"scope:found({ 'a', 'b' }, { listed = {} })", "option \"listed\""},
        {"scope:found('a', { lsted = {} })", "option \"lsted\""},
        {"scope:found({ id = 'a' })", "an id is a string; this is a table with \"id\""},
        {"scope:found(scope.settings)", "an id is a string; this is a table with"},
    };
    (void)state;
    world.scope.wants_listed = true;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        load(wrong[i][0], "return true");
        if (strstr(discover(), wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], discover());
        assert_int_equal(json_array_size(world.found), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(reaches_the_audit),
        TEST(is_nil_without_listed_data),
        TEST(keeps_its_shape),
        TEST(is_read_only),
        TEST(a_table_of_the_policy_has_no_shape),
        TEST(is_left_out_if_it_is_not_needed),
        TEST(a_scope_says_whether_it_is_needed),
        TEST(refuses_what_is_not_data),
    };
    return cmocka_run_group_tests_name("host listed", tests, NULL, NULL);
}
