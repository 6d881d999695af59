/* permissions.shared: calls that several resources of a type make in the same way are made once per
 * run, and answered for all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/operations/opset.h"
#include "base/clock.h"
#include "support/host_world.h"
#include "value/json.h"

#define REFUSED "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}"
#define BUSY "{\"__type\":\"InternalError\",\"message\":\"later\"}"
#define ASKS "local aws = resource.aws\n"
#define ONE "aws.sqs:ListQueues { QueueNamePrefix = 'a' }"

static const struct policy *policy;

/* A policy of one check with this audit. */
static void write_sharing(char *text, size_t size, const char *shared, const char *audit)
{
    int number = ++world.files;
    snprintf(text, size,
             "return policy { type = 'shared%d', title = 'Shared', permissions = {\n"
             "  read = { 'sqs:GetQueueAttributes', 'sqs:ListQueues' },\n"
             "  shared = { %s } },\n"
             "fetch = function() return {} end,\n"
             "checks = { { id = 'shared%d.check', title = 'Check', severity = 'low',\n"
             "audit = function(resource)\n%s\nend } } }\n",
             number, shared, number, audit);
}

static void load_sharing(const char *shared, const char *audit)
{
    char text[2000], name[32];
    write_sharing(text, sizeof text, shared, audit);
    snprintf(name, sizeof name, "shared%d", world.files);
    policy = world_load(&world, name, text);
}

static void load(const char *audit)
{
    load_sharing("'sqs:ListQueues'", audit);
}

static void is_called_once_per_run(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load(ASKS "resource:map({ 1, 2, 3, 4, 5 }, function() assert(" ONE
              ".QueueUrls[1] == 'a') end)\n"
              "return true");
    world_expect(&world, policy, NULL, "compliant");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 1);
    world.evaluator->forget(world.evaluator->self);
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

static int64_t now_ms;

static int64_t fake_clock(void)
{
    return now_ms++;
}

/* A run over lines of a pipe may have no end. */
static void is_called_again_after_five_minutes(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"b\"]}");
    load(ASKS "if " ONE ".QueueUrls[1] == 'a' then return true end return false, 'another'");
    now_ms = clock_mono_ms();
    clock_replace(NULL, fake_clock);
    world_expect(&world, policy, NULL, "compliant");
    now_ms += 290000;
    world_expect(&world, policy, NULL, "compliant");
    now_ms += 11000;
    world_expect(&world, policy, NULL, "non_compliant");
    clock_replace(NULL, NULL);
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

/* What counts as different: other parameters, another region, another account, an operation that is
 * not shared. */
static void distinguishes_what_differs(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    world_reply(&world, "GetQueueAttributes", 200, "{}");
    load(ASKS ONE " " ONE " aws.sqs:ListQueues {} aws:in_region('eu-west-3').sqs:ListQueues {}\n"
                  "for _ = 1, 2 do aws.sqs:GetQueueAttributes { QueueUrl = 'q' } end return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 3);
    assert_int_equal(world_count(&world, "GetQueueAttributes"), 2);
    struct session other = world.session;
    world.scope.session = &other;
    other.allowed = policy->reads;
    other.account = "444455556666";
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 6);
}

/* Each type has a session of its own in an account. */
static void is_shared_by_the_sessions_of_an_account(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load(ASKS "return " ONE ".QueueUrls[1] == 'a'");
    world_expect(&world, policy, NULL, "compliant");
    struct session other = world.session;
    world.scope.session = &other;
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 1);
    other.account = ""; /* not known */
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

/* What another session read is given to nobody who may not read it. */
static void is_refused_to_a_session_that_may_not_make_it(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load(ASKS "return " ONE ".QueueUrls[1] == 'a'");
    world_expect(&world, policy, NULL, "compliant");
    struct opset *nothing = opset_new();
    struct session other = world.session;
    other.allowed = nothing;
    world.scope.session = &other;
    world_expect(&world, policy, NULL, "is not signed: the policy's permissions do not declare it");
    opset_free(nothing);
    assert_int_equal(world_count(&world, "ListQueues"), 1);
}

/* The same member may be redacted in one result and shown in the other. */
static void is_apart_if_the_policy_sees_secrets(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load(ASKS "return " ONE ".QueueUrls[1] == 'a'");
    world_expect(&world, policy, NULL, "compliant");
    struct opset *secrets = opset_new();
    opset_add(secrets, "sqs", "ListQueues.QueueUrls");
    struct session other = world.session;
    other.sensitive = secrets;
    world.scope.session = &other;
    world_expect(&world, policy, NULL, "compliant");
    opset_free(secrets);
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

/* Before a change, the engine makes the call again, and shares the response with nobody. */
static void is_called_again_before_a_change(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"b\"]}");
    load(ASKS "if " ONE ".QueueUrls[1] == 'a' then return true end return false, 'another'");
    world_expect(&world, policy, NULL, "compliant");
    world_expect(&world, policy, &(struct audit_options){.fresh = true}, "non_compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

static void keeps_a_refusal_as_a_refusal(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 400, REFUSED);
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load(ASKS "return " ONE " ~= nil");
    world_expect(&world, policy, NULL, "no");
    world_expect(&world, policy, NULL, "no");
    assert_int_equal(world_count(&world, "ListQueues"), 1);
}

/* The client has retried; all later audits would wait as long for the same error. */
static void keeps_a_fault(void **state)
{
    static const char *const errors[] = {"later", "ListQueues", "is empty"};
    (void)state;
    load(ASKS "resource:map({ 1, 2, 3 }, function() return (pcall(function() " ONE
              " end)) end)\nreturn true");
    world_reply(&world, "ListQueues", 500, BUSY); /* the world's client makes one attempt */
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\": [");
    world_reply(&world, "ListQueues", 200, "");
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        world.evaluator->forget(world.evaluator->self);
        world_expect(&world, policy, NULL, errors[i]);
        world_expect(&world, policy, NULL, errors[i]);
        assert_int_equal(world_count(&world, "ListQueues"), i + 1);
    }
}

/* A second audit of a resource reads once more what failed, for all second audits together. */
static void makes_a_failed_read_once_more(void **state)
{
    static const struct audit_options again = {.alone = true};
    (void)state;
    load(ASKS "return " ONE ".QueueUrls[1] == 'a'");
    world_reply(&world, "ListQueues", 500, BUSY);
    world_reply(&world, "ListQueues", 500, BUSY);
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    world_expect(&world, policy, NULL, "later");
    world_expect(&world, policy, &again, "later");
    world_expect(&world, policy, &again, "later");
    world_expect(&world, policy, NULL, "later");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
    world.evaluator->forget(world.evaluator->self);
    world_expect(&world, policy, NULL, "compliant");
    world_expect(&world, policy, &again, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 3);
}

/* Only the client's queue decides how long throttled calls wait. */
static void keeps_no_throttle(void **state)
{
    (void)state;
    load(ASKS "return " ONE ".QueueUrls[1] == 'a'");
    world_reply(&world, "ListQueues", 400,
                "{\"__type\":\"LimitExceededException\",\"message\":\"busy\"}");
    world_reply(&world, "ListQueues", 400, "{\"__type\":\"ExpiredToken\",\"message\":\"old\"}");
    world_reply(&world, "ListQueues", 400, "{\"__type\":\"ExpiredToken\",\"message\":\"old\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    world_expect(&world, policy, NULL, "busy");
    world_expect(&world, policy, NULL, "old");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 4);
}

/* The first caller starts what those after it wait for; none of them gets its error. */
static void does_not_keep_that_there_is_no_response_yet(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 400, "{\"__type\":\"NotYet\",\"message\":\"not yet\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load_sharing("['sqs:ListQueues'] = { not_yet = { 'Other', 'NotYet' } }",
                 ASKS "local got = aws.sqs:try('ListQueues', { QueueNamePrefix = 'a' }, 'NotYet')\n"
                      "if got then return got.QueueUrls[1] == 'a' end return false, 'not yet'");
    world_expect(&world, policy, NULL, "non_compliant");
    world_expect(&world, policy, NULL, "compliant");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

/* A policy whose declaration lacks the codes comes first. */
static void uses_no_error_that_it_does_not_keep(void **state)
{
    static const char *const asks =
        ASKS "local got = aws.sqs:try('ListQueues', { QueueNamePrefix = 'a' }, 'NotYet')\n"
             "if got then return true end return false, 'not yet'";
    (void)state;
    world_reply(&world, "ListQueues", 400, "{\"__type\":\"NotYet\",\"message\":\"not yet\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    load_sharing("'sqs:ListQueues'", asks);
    const struct policy *other = policy;
    load_sharing("['sqs:ListQueues'] = { not_yet = { 'NotYet' } }", asks);
    world_expect(&world, other, NULL, "non_compliant");
    world_expect(&world, other, NULL, "non_compliant");
    world_expect(&world, policy, NULL, "compliant");
    world_expect(&world, other, NULL, "compliant");
    assert_int_equal(world_count(&world, "ListQueues"), 2);
}

static void refuses_odd_declarations(void **state)
{
    static const char *const odd[][2] = {
        {"'sqs:GetQueueURL'", "permissions.shared[1]: sqs:GetQueueURL is not declared"},
        {"['sqs:ListQueue'] = { not_yet = { 'A' } }", "permissions.shared.sqs:ListQueue: "},
        {"['sqs:ListQueues'] = 'A'", "permissions.shared.sqs:ListQueues: must be a table"},
        {"['sqs:ListQueues'] = {}", "permissions.shared.sqs:ListQueues.not_yet: is missing"},
        {"['sqs:ListQueues'] = { not_yet = {} }", "not_yet: names no error code"},
        {"['sqs:ListQueues'] = { not_yet = { 7 } }", "not_yet[1]: must be a string"},
        {"['sqs:ListQueues'] = { not_yet = { 'A' }, never = 1 }", "never: no such field"},
        {"7", "permissions.shared[1]: must be a string"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char text[2000];
        write_sharing(text, sizeof text, odd[i][0], "return true");
        const char *refusal = world_refusal(&world, text);
        if (strstr(refusal, odd[i][1]) == NULL)
            fail_msg("%s: %s", odd[i][0], refusal);
    }
}

/* The first caller is stopped: those who wait with it still get the response, and nothing is left
 * in progress (world_close checks it). */
static void is_cancelled_with_the_last_waiter(void **state)
{
    (void)state;
    world.mute = true;
    load(ASKS "resource:map({ 1, 2, 3 }, function(i)\n"
              "  if i == 3 then error('the third') end " ONE " end) return true");
    world_expect(&world, policy, NULL, "the third");
    assert_int_equal(world.in_flight, 0);
}

static void has_no_pages(void **state)
{
    (void)state;
    load("for _ in resource.aws.sqs:pages('ListQueues') do end return true");
    world_expect(&world, policy, NULL, "sqs:ListQueues is a shared read, which has no pages");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_called_once_per_run, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_called_again_after_five_minutes, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(distinguishes_what_differs, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_shared_by_the_sessions_of_an_account, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(is_refused_to_a_session_that_may_not_make_it, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(is_apart_if_the_policy_sees_secrets, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(is_called_again_before_a_change, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_refusal_as_a_refusal, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_a_fault, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(makes_a_failed_read_once_more, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_no_throttle, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(does_not_keep_that_there_is_no_response_yet, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(uses_no_error_that_it_does_not_keep, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_odd_declarations, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_cancelled_with_the_last_waiter, world_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(has_no_pages, world_set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
