/* One pending operation for each object: what two coroutines of a policy do to one iterator, and to
 * each other, while they wait. Also run with the sanitizers and valgrind. */
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

#define PAGES "local it, _, _, closer = resource.aws.sqs:pages('ListQueues', {})\n"
#define ONE_AT_A_TIME "another coroutine already waits for the next of these pages"
#define NOT_CLOSED "these pages cannot be closed while another coroutine waits for one"

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"b\"]}");
    return 0;
}

static void check(const char *body, const char *expected)
{
    const char *found = world_try(&world, body);
    if (strstr(found, expected) == NULL)
        fail_msg("\"%s\" instead of \"%s\"", found, expected);
}

static void refuses_a_second_reader(void **state)
{
    (void)state;
    check(PAGES "resource:map({ 1, 2, 3 }, function() it() it() end) return true", ONE_AT_A_TIME);
    check(PAGES "resource:map({ 1, 2 }, function() for _ in it do end end) return true",
          ONE_AT_A_TIME);
    /* The refusal is an error like any other: even if it is caught, it counts. */
    check(PAGES "local got = resource:map({ 1, 2 }, function()\n"
                "local ok, page = pcall(it) return ok and #page.QueueUrls == 1 end)\n"
                "return got[1] and not got[2]",
          ONE_AT_A_TIME);
}

static void refuses_to_close_under_a_reader(void **state)
{
    (void)state;
    check(PAGES "resource:map({ 1, 2 }, function(i) if i == 1 then it() else\n"
                "for _ in function() return nil end, nil, nil, closer do end end end)\n"
                "return true",
          NOT_CLOSED);
    check(PAGES "resource:map({ 1, 2 }, function(i) if i == 1 then it() else\n"
                "for _ in function() return 1 end, nil, nil, closer do break end end end)\n"
                "return true",
          NOT_CLOSED);
    check(PAGES "resource:map({ 1, 2 }, function(i) if i == 1 then it() return end\n"
                "for _ in function() return 1 end, nil, nil, closer do goto out end ::out:: end)\n"
                "return true",
          NOT_CLOSED);
    check(PAGES "resource:map({ 1, 2 }, function(i) if i == 1 then it() return end\n"
                "local mine <close> = closer end) return true",
          NOT_CLOSED);
    /* A caught refusal has no other effect: the reader gets its page, and closing ends the listing.
     * */
    check(PAGES "local got = resource:map({ 1, 2 }, function(i)\n"
                "if i == 1 then return #it().QueueUrls end\n"
                "pcall(function() local mine <close> = closer end) end)\n"
                "return got[1] == 1",
          "compliant");
}

/* The loop's own error is reported, not that its pages could not be closed. */
static void keeps_the_error_that_ends_a_loop(void **state)
{
    (void)state;
    check(PAGES "resource:map({ 1, 2 }, function(i) if i == 1 then it() else\n"
                "for _ in function() return 1 end, nil, nil, closer do error('mine') end end end)\n"
                "return true",
          "mine");
}

static void continues_after_a_close_between_answers(void **state)
{
    (void)state;
    check(PAGES "it() do local mine <close> = closer end return it() == nil", "compliant");
    check("for page in resource.aws.sqs:pages('ListQueues') do\n"
          "if page then goto out end end ::out::\n"
          "for _ in resource.aws.sqs:pages('ListQueues') do break end return true",
          "compliant");
}

/* Only the loop over the pages itself lets its page go. */
static void other_loops_keep_what_they_have(void **state)
{
    (void)state;
    check("local it = resource.aws.sqs:pages('ListQueues', {})\n"
          "local list, turns = { 1, 2 }, 0\n"
          "for _, n in next, list, nil do turns = turns + n it(nil, list) end\n"
          "return turns == 3",
          "compliant");
}

static int turned;

static bool full_before_a_page(void *arg, enum listing_point point)
{
    (void)arg;
    turned += point == LISTING_TURNS_PAGE;
    return point == LISTING_TURNS_PAGE && turned < 4;
}

/* Not after the last page, of which nothing may be left but the answer that it is the last. */
static void waits_before_it_asks_for_a_page(void **state)
{
    (void)state;
    const struct policy *policy =
        world_load(&world, "turns",
                   "return policy { type = 'turns', title = 'T', permissions = { read = {\n"
                   "'sqs:ListQueues' } }, fetch = function() return {} end,\n"
                   "checks = { { id = 'turns.a', title = 'A', severity = 'low',\n"
                   "audit = function() return true end } }, discover = function(scope)\n"
                   "for page in scope.aws.sqs:pages('ListQueues', {}) do\n"
                   "scope:found(page.QueueUrls) end end }");
    world.scope.full = full_before_a_page;
    turned = 0;
    json_decref(world_discover(&world, policy));
    assert_int_equal(json_array_size(world.found), 2);
    assert_int_equal(world_count(&world, "ListQueues"), 2);
    assert_int_equal(turned, 5);
}

/* When one worker fails, the others are waiting for pages, calls and maps of their own. */
static void cancels_all_waiting_coroutines(void **state)
{
    (void)state;
    check("local aws = resource.aws\n"
          "resource:map({ 1, 2, 3, 4, 5, 6 }, function(i)\n"
          "  if i == 1 then for _ in aws.sqs:pages('ListQueues') do end end\n"
          "  if i == 2 then aws.sqs:ListQueues() end\n"
          "  if i == 3 then resource:map({ 1, 2, 3 }, function() aws.sqs:ListQueues() end) end\n"
          "  if i == 5 then resource:map({ 1, 2 }, function()\n"
          "    resource:map({ 1, 2 }, function() aws.sqs:ListQueues() end) end) end\n"
          "  if i == 6 then error('the sixth') end\n"
          "end) return true",
          "the sixth");
    /* Maps within maps, until there are too many coroutines: the error is caught, and the policy
     * continues. */
    check("local function deeper() resource:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function()\n"
          "pcall(deeper) resource.aws.sqs:ListQueues() end) end\n"
          "pcall(deeper) resource.aws.sqs:ListQueues() error('after all')",
          "after all");
}

#define GOT                                                                                        \
    "local got = resource:map({ 1, 2, 3 }, function() return resource:caller() end)\n"             \
    "assert(got[1] == got[3])\n"
#define ASKS GOT "return got[1] == 'arn:aws:iam::1:user/me'"

/* The caller is requested once for each session, however many wait for it; an error is not an
 * answer. */
static void requests_the_caller_once(void **state)
{
    (void)state;
    world_reply(&world, "GetCallerIdentity", 403, "{\"__type\":\"AccessDenied\"}");
    world_reply(&world, "GetCallerIdentity", 200, "{\"Arn\":\"arn:aws:iam::1:user/me\"}");
    check("local ok, e = pcall(resource.caller, resource)\n"
          "return not ok and e.code == 'AccessDenied'",
          "allow what this call needs, sts:GetCallerIdentity"); /* it counts even if caught */
    check(ASKS, "compliant");
    check(ASKS, "compliant");
    assert_int_equal(world_count(&world, "GetCallerIdentity"), 2);
    world.evaluator->forget(world.evaluator->self);
    check(ASKS, "compliant");
    assert_int_equal(world_count(&world, "GetCallerIdentity"), 3);
}

/* The coroutine that made the request is dropped while others wait, and then all of them; then
 * another one makes a new request. */
static void continues_for_the_remaining_waiters(void **state)
{
    (void)state;
    world_reply(&world, "GetCallerIdentity", 200, "{\"Arn\":\"arn:aws:iam::1:user/me\"}");
    check("pcall(function() resource:map({ 1, 2 }, function(i)\n"
          "if i == 2 then error('x') end resource:caller() end) end)\n" GOT "error(got[1], 0)",
          "arn:aws:iam::1:user/me");
    check("resource:map({ 1, 2 }, function(i) if i == 2 then\n"
          "pcall(resource.map, resource, { 1, 2 }, function(j)\n"
          "if j == 2 then error('x') end resource:caller() end) end\n"
          "resource:caller() end) error('all have the ARN', 0)",
          "all have the ARN");
}

#define KEEPER                                                                                     \
    "local kept = {}\nreturn policy { type = 'keeper', title = 'T',\n"                             \
    "permissions = { read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"           \
    "checks = { { id = 'keeper.a', title = 'A', severity = 'low', audit = function(r)\n"           \
    "if kept[1] then kept[1]() return true end\n"                                                  \
    "local it = r.aws.sqs:pages('ListQueues') it() kept[1] = it return true end } } }"

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

static struct evaluation *start(const struct policy *policy, const struct resource *resource,
                                char *expected)
{
    return world.evaluator->audit(world.evaluator->self, policy, resource, &world.scope, NULL,
                                  on_told, expected);
}

static void run_until(int count)
{
    while (reported < count && loop_turn(world.loop, -1))
        continue;
    assert_int_equal(reported, count);
}

/* An iterator that one audit waits on, used by another audit, and by one that comes after both. */
static void keeps_iterators_apart(void **state)
{
    (void)state;
    char refused[] = "frozen after the file has run";
    struct resource resource = {.account = "1", .region = "r", .type = "t", .id = "i"};
    const struct policy *policy = world_load(&world, "keeper", KEEPER);
    world.session.allowed = policy->reads;
    reported = 0;
    start(policy, &resource, refused);
    start(policy, &resource, refused);
    run_until(2);
    start(policy, &resource, refused);
    run_until(3);
}

/* Cancelled while two of its coroutines wait, one of them for a page. */
static void cancels_what_waits(void **state)
{
    (void)state;
    char none[] = "no answer is expected";
    struct resource resource = {.account = "1", .region = "r", .type = "t", .id = "i"};
    const struct policy *policy = world_load(
        &world, "off",
        "return policy { type = 'off', title = 'T',\n"
        "permissions = { read = { 'sqs:ListQueues' } }, fetch = function() return {} end,\n"
        "checks = { { id = 'off.a', title = 'A', severity = 'low', audit = function(r)\n"
        "r:map({ 1, 2 }, function(i) for _ in r.aws.sqs:pages('ListQueues') do end end)\n"
        "return true end } } }");
    world.session.allowed = policy->reads;
    reported = 0;
    struct evaluation *job = start(policy, &resource, none);
    while (world.in_flight < 2 && loop_turn(world.loop, -1))
        continue;
    world.evaluator->cancel(world.evaluator->self, job);
    assert_int_equal(world.in_flight, 0);
    assert_int_equal(reported, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_a_second_reader, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_to_close_under_a_reader, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_error_that_ends_a_loop, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(continues_after_a_close_between_answers, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(other_loops_keep_what_they_have, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(waits_before_it_asks_for_a_page, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cancels_all_waiting_coroutines, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(requests_the_caller_once, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(continues_for_the_remaining_waiters, set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_iterators_apart, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cancels_what_waits, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
