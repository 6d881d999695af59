/* Responses have the shapes of the API model: a member that no shape has raises an error, wherever
 * it is read; in every other way, a response is plain data. */
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

#define GET "local r = resource.aws.sqs:GetQueueAttributes { QueueUrl = 'q' }\n"

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"b\"]}");
    world_reply(&world, "GetQueueAttributes", 200,
                "{\"Attributes\":{\"Policy\":\"p\"},\"Names\":[],\"Owner\":{\"Name\":\"o\","
                "\"Deputy\":{\"Name\":\"d\"}},\"Owners\":[{\"Name\":\"1\"}],"
                "\"ByName\":{\"x\":{\"Tags\":{}}},\"Free\":{\"any\":{\"thing\":1}}}");
    return 0;
}

static void check(const char *body, const char *expected)
{
    const char *found = world_try(&world, body);
    if (strstr(found, expected) == NULL)
        fail_msg("%s: \"%s\" instead of \"%s\"", body, found, expected);
}

static void raises_an_error_for_a_member_of_no_shape(void **state)
{
    (void)state;
    check("local r = resource.aws.sqs:ListQueues() return #(r.QueueURLs or {}) == 0",
          "sqs: ListQueuesResult has no member \"QueueURLs\", did you mean \"QueueUrls\"?");
    check(GET "return r.Attribute == nil", "did you mean \"Attributes\"?");
    check(GET "return r.Owner.name == nil", "sqs: Owner has no member \"name\"");
    check(GET "return r.Owner.Deputy.Nam == nil", "did you mean \"Name\"?");
    check(GET "return r.Owners[1].Tag == nil", "did you mean \"Tags\"?");
    check(GET "return r.ByName.x.Tag == nil", "did you mean \"Tags\"?");
    check(GET "return r.Owner[1] == nil", "sqs: Owner is a structure, not a list: it has no [1]");
    check(GET "for _ in ipairs(r.Owner) do end return true", "is a structure, not a list");
    check("for page in resource.aws.sqs:pages('ListQueues') do\n"
          "if page.queueUrls == nil then return true end end",
          "did you mean \"QueueUrls\"?");
    check("local r = resource.aws.sqs:try('ListQueues', {}, 'Other') return r.Urls == nil",
          "sqs: ListQueuesResult has no member \"Urls\"");
    /* The message names the line of the policy. */
    check("local r = resource.aws.sqs:ListQueues()\nreturn r.Urls", "policies/try");
}

static void gives_nil_for_an_absent_member(void **state)
{
    (void)state;
    check(GET "return r.Count == nil and r.Owner.Tags == nil and r.Owners[2] == nil\n"
              "and r.Owners[1].Deputy == nil and r.ByName.y == nil and r.Attributes.Else == nil\n"
              "and r.Free.any.other == nil and r.Free.other == nil and r.Names[1] == nil\n"
              "and r.ByName.x.Tags.t == nil and #r.Owners == 1",
          "compliant");
}

static void is_plain_data_otherwise(void **state)
{
    (void)state;
    check(GET "local names = {} for name in pairs(r.Owner) do names[#names + 1] = name end\n"
              "return #names == 2 and next(r.Owner) ~= nil and rawget(r, 'Nothing') == nil",
          "compliant");
    check(GET "return json.encode(r.Owner) == '{\"Deputy\":{\"Name\":\"d\"},\"Name\":\"o\"}' and\n"
              "json.encode(r.Owners) == '[{\"Name\":\"1\"}]' and json.encode(r.Names) == '[]'",
          "compliant");
    /* Members that a policy adds exist, and are written out. */
    check(GET "r.Owner.mine = 1 return r.Owner.mine == 1\n"
              "and json.encode(r.Owner):find('\"mine\":1', 1, true) ~= nil",
          "compliant");
    check(GET "resource.aws.sqs:GetQueueAttributes { QueueUrl = 'q', AttributeNames = r.Names }\n"
              "return true",
          "compliant");
}

/* As a state, as evidence, in a step, and in the digest. */
static void can_be_used_like_any_data(void **state)
{
    (void)state;
    static const char text[] =
        "return policy { type = 'goes', title = 'T', permissions = {\n"
        "read = { 'sqs:GetQueueAttributes' }, write = { 'sqs:SetQueueAttributes' } },\n"
        "fetch = function(r) return r.aws.sqs:GetQueueAttributes { QueueUrl = r.id } end,\n"
        "tags = function(_, state) return state.ByName.x.Tags end,\n"
        "checks = { { id = 'goes.a', title = 'A', severity = 'low',\n"
        "audit = function(_, state) return false, state.Owner.Name, state.Owner end,\n"
        "fix = function(r, state) local with = { QueueUrl = r.id, Attributes = state.Attributes }\n"
        "local call = 'sqs:SetQueueAttributes'\n"
        "return { { call = call, with = with, undo = { call = call, with = with } } } end } } }";
    const struct audit_options options = {.want_fixes = true};
    json_t *outcome = world_audit(&world, world_load(&world, "goes", text), &options);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    char *evidence = json_text(json_object_get(check, "evidence"));
    char *step = json_text(json_array_get(json_object_get(check, "steps"), 0));
    assert_string_equal(evidence, "{\"Deputy\":{\"Name\":\"d\"},\"Name\":\"o\"}");
    assert_non_null(strstr(step, "\"Attributes\":{\"Policy\":\"p\"}"));
    assert_string_equal(json_get_string(check, "summary", ""), "o");
    mem_free(evidence);
    mem_free(step);
    json_decref(outcome);
}

/* A mistyped member of the state is an error as well, as far as the state is the response. */
static void raises_in_the_state(void **state)
{
    (void)state;
    static const char text[] =
        "return policy { type = 'typo', title = 'T',\n"
        "permissions = { read = { 'sqs:GetQueueAttributes' } },\n"
        "fetch = function(r)\n"
        "return { owner = r.aws.sqs:GetQueueAttributes({ QueueUrl = r.id }).Owner } end,\n"
        "checks = { { id = 'typo.a', title = 'A', severity = 'low',\n"
        "audit = function(_, state) return state.owner.Nmae == nil end } } }";
    json_t *outcome = world_audit(&world, world_load(&world, "typo", text), NULL);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    assert_string_equal(json_get_string(check, "status", ""), "unknown");
    assert_non_null(strstr(json_get_string(json_object_get(check, "error"), "message", ""),
                           "policies/typo.lua:6: sqs: Owner has no member \"Nmae\", did you mean "
                           "\"Name\"?"));
    json_decref(outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(raises_an_error_for_a_member_of_no_shape, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(gives_nil_for_an_absent_member, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_plain_data_otherwise, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(can_be_used_like_any_data, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(raises_in_the_state, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
