/* The host as the core sees it: discovery, audits, calls, waiting, later, gone, errors, events. */
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

#define HEAD(type)                                                                                 \
    "return policy { type = '" type "', title = 'T', permissions = {\n"                            \
    "read = { 'sqs:ListQueues', 'sqs:GetQueueAttributes' }, write = { 'sqs:SetQueueAttributes' }"  \
    "},\n"
#define PASSES(type)                                                                               \
    "checks = { { id = '" type ".a', title = 'A', severity = 'low',\n"                             \
    "audit = function() return true end } },\n"

static void check_json(json_t *value, const char *expected)
{
    char *text = json_text(value);
    assert_string_equal(text, expected);
    mem_free(text);
    json_decref(value);
}

static void check_outcome(json_t *outcome, const char *expected)
{
    json_object_del(outcome, "digests");
    check_json(outcome, expected);
}

static void discovers_page_by_page(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "pages",
        HEAD("pages") PASSES(
            "pages") "fetch = function() return {} end,\n"
                     "discover = function(scope)\n"
                     "  for page in scope.aws.sqs:pages('ListQueues', { MaxResults = 2 }) do\n"
                     "    scope:found(page.QueueUrls, { test = #page.QueueUrls == 1, region = "
                     "scope.region })\n"
                     "  end\n"
                     "  scope:found('last')\n"
                     "end }");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\",\"b\"],\"NextToken\":\"n\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"c\"]}");
    check_json(world_discover(&world, policy), "{}");
    check_json(json_incref(world.found),
               "[{\"id\":\"a\",\"options\":{\"region\":\"eu-west-1\",\"test\":false}},"
               "{\"id\":\"b\",\"options\":{\"region\":\"eu-west-1\",\"test\":false}},"
               "{\"id\":\"c\",\"options\":{\"region\":\"eu-west-1\",\"test\":true}},"
               "{\"id\":\"last\"}]");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

static void can_leave_a_loop_over_pages(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "breaks",
        HEAD("breaks")
            PASSES("breaks") "fetch = function() return {} end,\n"
                             "discover = function(scope)\n"
                             "  for _ in scope.aws.sqs:pages('ListQueues') do break end\n"
                             "  local next_page = scope.aws.sqs:pages('ListQueues')\n"
                             "  next_page()\n"
                             "end }");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    check_json(world_discover(&world, policy), "{}");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

static void refuses_pages_that_repeat(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    assert_non_null(strstr(
        world_try(&world, "for _ in resource.aws.sqs:pages('ListQueues') do end return true"),
        "returned no new token"));
    assert_int_equal(world_count(&world, "ListQueues"), 2);
    assert_non_null(
        strstr(world_try(&world, "for _ in resource.aws.sqs:pages('GetQueueAttributes') do end"),
               "has no pages: call it directly"));
}

#define FETCHES(type, body) HEAD(type) PASSES(type) "fetch = function(r) " body " end }"

static json_t *audit(const char *type, const char *text)
{
    return world_audit(&world, world_load(&world, type, text), NULL);
}

static void distinguishes_gone_from_forgotten(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 400, "{\"__type\":\"com#QueueDoesNotExist\"}");
    check_outcome(
        audit("gone", FETCHES("gone", "local reply, code = r.aws.sqs:try('GetQueueAttributes', {"
                                      "QueueUrl = r.id }, 'Other', 'QueueDoesNotExist')\n"
                                      "assert(reply == nil and code == 'QueueDoesNotExist')\n"
                                      "return nil")),
        "{\"checks\":[],\"state\":\"gone\"}");
    json_t *outcome = audit("forgot", FETCHES("forgot", "local x = r.id"));
    assert_non_null(strstr(json_get_string(outcome, "failed", ""),
                           "policies/forgot.lua:5: fetch returned nothing"));
    json_decref(outcome);
}

static void asks_to_be_audited_later(void **state)
{
    (void)state;
    check_outcome(audit("later", FETCHES("later", "pcall(r.later, r, 300) return {}")),
                  "{\"state\":\"later\",\"delay\":300,\"tags\":null,\"checks\":[]}");
    check_outcome(audit("sorted", FETCHES("sorted", "table.sort({ 1, 2, 3 }, function(a, b)\n"
                                                    "r:later(5) return a < b end)")),
                  "{\"state\":\"later\",\"delay\":5,\"tags\":null,\"checks\":[]}");
}

static void reports_an_error_of_the_api(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 403,
                "{\"__type\":\"AccessDenied\",\"message\":\"no\"}");
    json_t *outcome =
        audit("denied", FETCHES("denied", "return r.aws.sqs:GetQueueAttributes{ QueueUrl = 'x' }"));
    assert_string_equal(json_get_string(outcome, "kind", ""), "api");
    assert_non_null(strstr(json_get_string(outcome, "failed", ""), "no"));
    json_decref(outcome);
}

static void gives_errors_as_tables(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 403,
                "{\"__type\":\"AccessDenied\",\"message\":\"no\"}");
    const struct policy *policy = world_load(
        &world, "errors",
        HEAD("errors")
            PASSES("errors") "fetch = function() return {} end,\n"
                             "discover = function(scope)\n"
                             "local ok, e = pcall(function() return\n"
                             "scope.aws.sqs:GetQueueAttributes{ QueueUrl = 'x' } end)\n"
                             "scope:found(table.concat({ tostring(ok), e.code, e.status,\n"
                             "e.operation, tostring(e):match('^%w+') }, ' ')) end }");
    json_decref(world_discover(&world, policy));
    assert_string_equal(json_get_string(json_array_get(world.found, 0), "id", ""),
                        "false AccessDenied 403 sqs:GetQueueAttributes AccessDenied");
}

static void checks_parameters_before_sending(void **state)
{
    (void)state;
    assert_non_null(
        strstr(world_try(&world, "return resource.aws.sqs:GetQueueAttributes{ QueueURL = 'x' }"),
               "QueueURL"));
    assert_non_null(
        strstr(world_try(&world, "return resource.aws.sqs:GetQueueAttributes{ QueueUrl = print }"),
               "there is no global \"print\""));
    assert_non_null(strstr(world_try(&world, "return resource.aws.sqs:GetQueueAttributes{\n"
                                             "QueueUrl = 'x', AttributeNames = { 'a', pairs } }"),
                           "GetQueueAttributes.AttributeNames[2] is a function"));
    assert_int_equal(json_array_size(world.requests), 0);
}

static void asks_in_another_region(void **state)
{
    (void)state;
    assert_string_equal(world_try(&world, "resource.aws:in_region('us-west-2').sqs:ListQueues()\n"
                                          "return true"),
                        "compliant");
    const json_t *request = json_array_get(world.requests, 0);
    assert_non_null(strstr(json_get_string(request, "authorization", ""), "/us-west-2/sqs/"));
    assert_string_equal(world_try(&world, "resource.aws.sqs:ListQueues() return true"),
                        "compliant");
    request = json_array_get(world.requests, 1);
    assert_non_null(strstr(json_get_string(request, "authorization", ""), "/eu-west-1/sqs/"));
}

static void shows_what_a_resource_has(void **state)
{
    (void)state;
    world.trusted = 1;
    assert_string_equal(
        world_try(&world,
                  "local r = resource\n"
                  "return false, table.concat({ r.account, r.region, r.id, r.type:sub(1, 3),"
                  "r.now, r.settings.known_accounts[2], #r.settings.known_accounts,\n"
                  "tostring(r:trusted('222222222222')), tostring(r:trusted('x')) }, ' ')"),
        "111122223333 eu-west-1 https://queue/1 try 1700000000 2 2 true false");
    assert_string_equal(world_try(&world, "return false, tostring(select(2, "
                                          "resource:trusted('222222222222'))) .. ' ' .. "
                                          "select(2, resource:trusted('doubted'))"),
                        "nil it may be your own");
    world.trusted = -1;
    assert_string_equal(world_try(&world, "return resource:trusted('222222222222') == nil"),
                        "compliant");
}

static void maps_concurrently(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 200, "{\"Attributes\":{\"a\":\"b\"}}");
    assert_string_equal(world_try(&world,
                                  "local list = {} for i = 1, 25 do list[i] = i end\n"
                                  "local out = resource:map(list, function(i)\n"
                                  "resource.aws.sqs:GetQueueAttributes{ QueueUrl = 'q' .. i }\n"
                                  "return i * 2 end)\n"
                                  "for i = 1, 25 do assert(out[i] == 2 * i) end\n"
                                  "assert(#out == 25 and #resource:map({}, pairs) == 0)\n"
                                  "return true"),
                        "compliant");
    assert_int_equal(world_count(&world, "GetQueueAttributes"), 25);
    assert_int_equal(world.most_in_flight, 10);
}

static void ends_a_map_at_its_first_error(void **state)
{
    (void)state;
    assert_string_equal(
        world_try(&world, "local ok, e = pcall(resource.map, resource, { 1, 2, 3 }, function(i)\n"
                          "if i == 2 then error('second', 0) end\n"
                          "resource.aws.sqs:GetQueueAttributes{ QueueUrl = 'q' .. i }\n"
                          "end)\n"
                          "local again = resource:map({ 1, 2 }, function(i)\n"
                          "return #resource:map({ i, i }, function(j) return j end) end)\n"
                          "error(tostring(ok) .. e .. again[1] .. again[2], 0)"),
        "falsesecond22");
    assert_int_equal(world.in_flight, 0);
}

static void audits_need_a_verdict(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", "nothing"},
        {"return nil", "nil"},
        {"return true, 'x'", "true and a string"},
        {"return false", "false alone"},
        {"return false, ''", "false and an empty summary"},
        {"return false, 7", "false and a number"},
        {"return false, 'a', 'b', 'c'", "false and 3 more values"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char expected[120];
        const char *found = world_try(&world, bad[i][0]);
        snprintf(expected, sizeof expected, " returned %s; it must return true, or false",
                 bad[i][1]);
        if (strstr(found, expected) == NULL)
            fail_msg("%s: %s", bad[i][0], found);
    }
    assert_non_null(
        strstr(world_try(&world, "return false, 'x', { f = pairs }"), "evidence.f is a function"));
}

static int finish_count;

static void never_done(void *arg, const json_t *outcome, const struct err *err)
{
    (void)arg;
    (void)outcome;
    (void)err;
    finish_count++;
}

static void can_be_cancelled(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "return r.aws.sqs:GetQueueAttributes{ QueueUrl = 'x' }",
        "for p in r.aws.sqs:pages('ListQueues') do end",
        "r:map({ 1, 2, 3 }, function() r.aws.sqs:ListQueues() end)",
    };
    const struct resource resource = {.account = "1", .region = "r", .type = "t", .id = "i"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char name[16], text[600];
        snprintf(name, sizeof name, "cancel%zu", i);
        snprintf(text, sizeof text,
                 "return policy { type = '%s', title = 'T', permissions = { read = {"
                 "'sqs:ListQueues', 'sqs:GetQueueAttributes' } }, checks = { { id = '%s.a',"
                 "title = 'A', severity = 'low', audit = function() return true end } },"
                 "fetch = function(r) %s end }",
                 name, name, bodies[i]);
        const struct policy *policy = world_load(&world, name, text);
        world.session.allowed = policy->reads;
        for (int turns = 0; turns < 2; turns++) {
            struct evaluation *job = world.evaluator->audit(
                world.evaluator->self, policy, &resource, &world.scope, NULL, never_done, NULL);
            for (int turn = 0; turn < turns; turn++)
                loop_turn(world.loop, 0);
            world.evaluator->cancel(world.evaluator->self, job);
            assert_int_equal(world.in_flight, 0);
        }
        if (i == 2) /* this one ends with the host */
            world.evaluator->audit(world.evaluator->self, policy, &resource, &world.scope, NULL,
                                   never_done, NULL);
        loop_turn(world.loop, 0);
    }
    assert_int_equal(finish_count, 0);
}

static void digests_what_was_fetched(void **state)
{
    (void)state;
    json_t *one = audit("digest1", FETCHES("digest1", "return { a = 1, b = { 2 }, f = pairs }"));
    json_t *two = audit("digest2", FETCHES("digest2", "return { b = { 2 }, a = 1 }"));
    json_t *three = audit("digest3", FETCHES("digest3", "return { b = { 3 }, a = 1 }"));
    const json_t *digests = json_object_get(one, "digests");
    assert_int_equal(json_object_size(digests), 2);
    assert_int_equal(strlen(json_get_string(digests, "a", "")), 64);
    assert_true(json_equal(digests, json_object_get(two, "digests")));
    const json_t *other = json_object_get(three, "digests");
    assert_string_equal(json_get_string(digests, "a", ""), json_get_string(other, "a", "?"));
    assert_string_not_equal(json_get_string(digests, "b", ""), json_get_string(other, "b", ""));
    json_decref(one);
    json_decref(two);
    json_decref(three);
}

static bool passes(const struct policy *policy)
{
    json_t *outcome = world_audit(&world, policy, NULL);
    const json_t *check = json_array_get(json_object_get(outcome, "checks"), 0);
    bool compliant = strcmp(json_get_string(check, "status", ""), "compliant") == 0;
    json_decref(outcome);
    return compliant;
}

/* Nothing of the file lasts from one audit to the next, and the host can be told to forget at any
 * time. */
static void forgets_what_policies_keep(void **state)
{
    (void)state;
    const struct policy *policy =
        world_load(&world, "counting",
                   "local seen = {}\n"
                   "return policy { type = 'counting', title = 't', permissions = { read = {} },\n"
                   "  fetch = function() pcall(function() seen.n = (seen.n or 0) + 1 end)\n"
                   "    return { seen = seen.n or 0 } end,\n"
                   "  checks = { { id = 'counting.first', title = 't', severity = 'low',\n"
                   "    audit = function(_, state)\n"
                   "      if state.seen == 0 then return true end return false, 'seen' end } } }");
    for (int i = 0; i < 3; i++) {
        assert_true(passes(policy));
        assert_true(passes(policy));
        world.evaluator->forget(world.evaluator->self);
        world.evaluator->forget(world.evaluator->self);
    }
}

static void refuses_an_invalid_region(void **state)
{
    (void)state;
    const struct policy *policy = world_load(
        &world, "nowhere",
        HEAD("nowhere") PASSES("nowhere") "fetch = function() return {} end,\n"
                                          "discover = function(scope)\n"
                                          "  scope:found('here', { region = 'eu-west-1' })\n"
                                          "  scope:found('there', { region = 'nowhere' })\n"
                                          "end }");
    json_t *outcome = world_discover(&world, policy);
    const char *why = json_get_string(outcome, "failed", "");
    if (strstr(why, "option \"region\" is not") == NULL)
        fail_msg("%s", why);
    assert_int_equal(json_array_size(world.found), 1);
    json_decref(outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(discovers_page_by_page, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_an_invalid_region, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(can_leave_a_loop_over_pages, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_pages_that_repeat, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(distinguishes_gone_from_forgotten, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(asks_to_be_audited_later, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(reports_an_error_of_the_api, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(gives_errors_as_tables, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(checks_parameters_before_sending, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(asks_in_another_region, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(shows_what_a_resource_has, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(maps_concurrently, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(ends_a_map_at_its_first_error, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(audits_need_a_verdict, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(can_be_cancelled, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(digests_what_was_fetched, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(forgets_what_policies_keep, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
