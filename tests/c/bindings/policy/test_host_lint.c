/* What `engine check` finds beyond loading: tests/e2e/test_check.py checks the shipped policies,
 * this test small texts. */
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

/* Everything that is found in a policy whose fetch has this body. mem_free. */
static char *found_in(const char *body)
{
    char name[32], text[2000];
    snprintf(name, sizeof name, "lint%d", ++world.files);
    snprintf(text, sizeof text,
             "local helper = require 'lib.helper'\n"
             "local function id_of(queue) return queue.id end\n"
             "return policy { type = '%s', title = 'T', permissions = {\n"
             "read = { 'sqs:GetQueueAttributes', 'sqs:ListQueues' },\n"
             "write = { 'sqs:SetQueueAttributes' } },\n"
             "events = { ['sqs:SetQueueAttributes'] = 'requestParameters.queueUrl' },\n"
             "discover = function(scope) for page in scope.aws.sqs:pages('ListQueues') do\n"
             "scope:found(page.QueueUrls) end end,\n"
             "fetch = function(queue)\n%s\nend,\n"
             "checks = { { id = '%s.a', title = 'A', severity = 'low',\n"
             "audit = function(queue, state) return helper.is_good(state.got) end,\n"
             "fix = function(queue) local with = { QueueUrl = id_of(queue), Attributes = {} }\n"
             "return { { call = 'sqs:SetQueueAttributes', with = with, irreversible = 'x' } } end "
             "} } }",
             name, body, name);
    const struct policy *policy = world_load(&world, name, text);
    json_t *found = world.evaluator->lint(world.evaluator->self, policy);
    char *shown = json_text(found);
    json_decref(found);
    return shown;
}

static void check(const char *body, const char *expected)
{
    char *found = found_in(body);
    if (expected == NULL ? strcmp(found, "[]") != 0 : strstr(found, expected) == NULL)
        fail_msg("%s: %s instead of %s", body, found, expected != NULL ? expected : "nothing");
    mem_free(found);
}

#define GET "local r = queue.aws.sqs:GetQueueAttributes { QueueUrl = queue.id }\n"

static void finds_nothing_in_a_correct_policy(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function() return true end }");
    check(GET "return { got = r.Attributes, owner = r.Owner and r.Owner.Name }", NULL);
    check("-- 'sqs:ListQueue' --[[ x ]]\n" GET
          "local n = 0x1F + 1.5e-3 // 2 local s = [==[ ]] ]==] .. 'a\\'b' goto out ::out::\n"
          "for i = 1, #s do n = n + i end repeat local x = 1 until x > n\n"
          "for _, owner in ipairs(r.Owners or {}) do n = owner.Name end\n"
          "while n do if n == 1 then break elseif n then n = nil else n = false end end\n"
          "return { got = (r.Names or {})[1], other = -n, more = not n and r.ByName.x.Tags.y }",
          NULL);
}

static void finds_what_no_model_and_no_permission_contains(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function() return true end }");
    check("return { got = queue.aws.sqs:GetQueueAttribute { QueueUrl = 'q' } }",
          "did you mean \\\"GetQueueAttributes\\\"?");
    check("return { got = queue.aws.sqs:ListQueueTags { QueueUrl = 'q' } }",
          "sqs:ListQueueTags is not declared in permissions.read");
    check("return { got = queue.aws.sqs:SetQueueAttributes { QueueUrl = 'q', Attributes = {} } }",
          "changes things: return it as a step of fix");
    check("return { got = queue.aws.sqs:GetQueueAttributes { QueueURL = 'q' } }",
          "did you mean \\\"QueueUrl\\\"?");
    check("return { got = queue.aws.sqs:GetQueueAttributes { QueueUrl = 'q',\n"
          "AttributeNames = { 'All', 'Polcy' } } }",
          "\"level\":\"warning\",\"line\":11,\"message\":\"policies/lint5.lua:11: sqs: "
          "\\\"Polcy\\\" is not one of the values of "
          "Attribute, did you mean \\\"Policy\\\"?\"");
    check("return { got = { call = 'sqs:SetQueueAttributes', with = { QueueUrl = 'q',\n"
          "Attributes = { Polcy = '' } } } }",
          "\"level\":\"error\",\"line\":11,\"message\":\"policies/lint6.lua:11: sqs: \\\"Polcy\\\" "
          "is not one of the values of "
          "Attribute, did you mean \\\"Policy\\\"?\"");
    check("return { got = queue.aws.sqs:GetQueueAttributes {} }",
          "needs the parameter \\\"QueueUrl");
    check(
        "return { got = queue.aws.sqs:try('GetQueueAttributes', { QueueUrl = 'q' }, 'QueueGone') }",
        "has the code \\\"QueueGone");
    check("return { got = queue.aws.sqs:try('GetQueueAttributes', { QueueUrl = 'q' },\n"
          "'AccessDenied') }",
          ":11: try: AccessDenied says nothing about the resource");
    check("return { got = { call = 'sqs:GetQueueAttributes', with = { QueueUrl = 'q' } } }",
          "sqs:GetQueueAttributes is not declared in permissions.write, did you mean "
          "\\\"sqs:SetQueueAttributes\\\"?");
    check("return { got = queue.aws.sqs:SetQueueAttribute {} }", "did you mean");
    check(GET "return { got = r.Owner.Nam }", "did you mean \\\"Name\\\"?");
    check(GET "for _, o in ipairs(r.Owners) do o = o.Tag end return { got = 1 }",
          "did you mean \\\"Tags\\\"?");
    check("return { got = queue.acount }", "did you mean \\\"account\\\"?");
    check("return { got = queue.settings.known_acounts }", "did you mean \\\"known_accounts\\\"?");
    check("return { got = helper.is_god() }", "did you mean \\\"is_good\\\"?");
    check("return { got = quue.id }",
          "there is no variable \\\"quue\\\", did you mean \\\"queue\\\"?");
    check("print(queue.id) return { got = 1 }",
          "there is no variable \\\"print\\\": resource:log(…) and scope:log(…) log values");
    check("quue = 1 return { got = 1 }", "there is no variable \\\"quue\\\", did you mean");
    check("found = 1 return { got = 1 }",
          "there is no variable \\\"found\\\": a policy has only local variables");
    check("return { gto = 1 }", "the state that fetch returns has no \\\"got\\\"");
    check("return { got = { cal = 'sqs:SetQueueAttributes', with = {} } }",
          "a step has no \\\"cal");
    check("return { got = queue.aws.sqs:pages('GetQueueAttributes', { QueueUrl = 'q' }) }",
          "has no pages: call it directly");
}

#define ONE(list, rest)                                                                            \
    "local r = queue.aws.sqs:one('GetQueueAttributes', " list ", queue.id" rest ")\n"
#define WITH ", { with = { QueueUrl = queue.id }, most = 3 }"

/* The parameters of a call that gathers ids: `with`, and the list with the ids. */
static void checks_the_calls_that_gather_ids(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function() return true end }");
    check(
        ONE("'AttributeNames'", WITH ", 'QueueDoesNotExist'") "return { got = r and r.Attributes }",
        NULL);
    check("local how = { with = { QueueUrl = queue.id } }\n" ONE("'AttributeNames'",
                                                                 ", how") "return { got = r }",
          NULL);
    check(ONE("'AttributeNames'", ", queue.settings") "return { got = r }", NULL);
    check("return { got = queue.aws.sqs:one('ListQueue', 'QueueUrls', queue.id) }", "ListQueue");
    check("return { got = queue.aws.sqs:one('GetQueueAttributes', 'AttributeNames') }",
          "one needs an id");
    check("return { got = queue.aws.sqs:one('ListQueues', 'QueueNamePrefx', queue.id) }",
          "has no \\\"QueueNamePrefx\\\"");
    check("return { got = queue.aws.sqs:one('ListQueues', 'QueueNamePrefix', queue.id) }",
          "\\\"QueueNamePrefix\\\" is no list");
    check(ONE("'AttributeNames'", "") "return { got = r }",
          "sqs:GetQueueAttributes needs the parameter \\\"QueueUrl\\\"");
    check(ONE("'AttributeNames'", ", 'QueueDoesNotExist'") "return { got = r }",
          "needs the parameter \\\"QueueUrl\\\"");
    check(ONE("'AttributeNames'",
              ", { with = { QueueUrl = 'q', Atributes = {} } }") "return { got = r }",
          "has no \\\"Atributes\\\"");
    check("local with = { QueueUl = 'q' }\n" ONE("'AttributeNames'",
                                                 ", { with = with }") "return { got = r }",
          "has no \\\"QueueUl\\\", did you mean \\\"QueueUrl\\\"?");
    check("local how = { with = { QueueUl = 'q' } }\n" ONE("'AttributeNames'",
                                                           ", how") "return { got = r }",
          "has no \\\"QueueUl\\\"");
    check(ONE("'AttributeNames'",
              ", { with = { QueueUrl = 'q', AttributeNames = { 'All' } } }") "return { got = r }",
          "one fills in \\\"AttributeNames\\\": leave it out of `with`");
    check(ONE("'AttributeNames'", ", { with = { QueueUrl = 'q' }, mst = 3 }") "return { got = r }",
          "one has no option \\\"mst\\\", did you mean \\\"most\\\"?\"}]");
    check(ONE("'AttributeNames'", ", { wiht = { QueueUrl = 'q' } }") "return { got = r }",
          "one has no option \\\"wiht\\\", did you mean \\\"with\\\"?");
    check("local r = queue.aws.sqs:one('GetQueueAttributes', 'AttributeNames', 'Polcy'" WITH
          ") return { got = r }",
          "\\\"Polcy\\\" is not one of the values of ");
    check(ONE("'AttributeNames'", WITH ", 'QueueDoesNotExst'") "return { got = r }",
          "QueueDoesNotExst");
    check(ONE("'AttributeNames'", WITH) "return { got = r.Attribtes }",
          "has no member \\\"Attribtes\\\"");
}

/* A module may make the call. */
static void finds_calls_in_modules(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function(q) return q.aws.sqs:GetQueueAttributes {} end }");
    check("return { got = queue.id }", NULL);
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function(q) return q.aws.sqs:try('GetQueueAttributes') end }");
    check("return { got = queue.id }", NULL);
}

static void finds_unused_declarations(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/helper.lua",
                "return { is_good = function() return true end }");
    check("return { got = queue.id }", ":4: sqs:GetQueueAttributes is declared and never called");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_nothing_in_a_correct_policy, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(finds_what_no_model_and_no_permission_contains,
                                        world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(checks_the_calls_that_gather_ids, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(finds_calls_in_modules, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(finds_unused_declarations, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
