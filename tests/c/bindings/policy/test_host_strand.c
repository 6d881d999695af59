/* A job that waits for something that never comes fails when nothing else is left to do, wherever
 * it waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"

static const struct policy *policy;
static const struct resource resource = {.account = "1", .region = "r", .type = "t", .id = "i"};
static int failed, started_again;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    failed = started_again = 0;
    return 0;
}

static void load(const char *fetch)
{
    char text[600];
    snprintf(text, sizeof text,
             "return policy { type = 't', title = 'T', permissions = { read = {"
             "'sqs:ListQueues', 'sqs:GetQueueAttributes' } }, checks = { { id = 't.a',"
             "title = 'A', severity = 'low', audit = function() return true end } },"
             "discover = function(s) s.aws.sqs:ListQueues() end, fetch = function(r) %s end }",
             fetch);
    policy = world_load(&world, "t", text);
    world.session.allowed = policy->reads;
    world.mute = true;
}

static void on_done(void *arg, const struct err *err)
{
    (void)arg;
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_INTERNAL);
    failed++;
}

static void on_audited(void *arg, const json_t *outcome, const struct err *err)
{
    assert_null(outcome);
    on_done(arg, err);
}

static void audit(evaluator_audited done)
{
    world.evaluator->audit(world.evaluator->self, policy, &resource, &world.scope, NULL, done,
                           NULL);
}

static bool strand(void)
{
    loop_run(world.loop);
    return world.evaluator->strand(world.evaluator->self);
}

static void test_wherever_it_waits(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "return r.aws.sqs:GetQueueAttributes{ QueueUrl = 'x' }",
        "pcall(function() r.aws.sqs:ListQueues() end) return {}",
        "for p in r.aws.sqs:pages('ListQueues') do end",
        "r:map({ 1, 2, 3 }, function() r.aws.sqs:ListQueues() end)",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        world_tear_down(state);
        set_up(state);
        load(bodies[i]);
        audit(on_audited);
        audit(on_audited);
        assert_true(strand());
        assert_int_equal(failed, 2);
        assert_int_equal(world.in_flight, 0);
        assert_false(strand());
    }
}

static void test_discovery(void **state)
{
    (void)state;
    load("return {}");
    world.evaluator->discover(world.evaluator->self, policy, &world.scope, NULL, on_done, NULL);
    assert_true(strand());
    assert_int_equal(failed, 1);
}

static void begin_again(void *arg, const json_t *outcome, const struct err *err)
{
    on_audited(arg, outcome, err);
    if (started_again++ < 2)
        audit(begin_again);
}

/* A callback may start another job, which gets its own turn. */
static void test_once_each(void **state)
{
    (void)state;
    load("return r.aws.sqs:ListQueues()");
    audit(begin_again);
    for (int i = 1; i <= 3; i++) {
        assert_true(strand());
        assert_int_equal(failed, i);
    }
    assert_false(strand());
}

static void on_fine(void *arg, const json_t *outcome, const struct err *err)
{
    (void)arg, (void)err;
    assert_non_null(outcome);
    failed--;
}

static void test_a_run_without_waiting_jobs(void **state)
{
    (void)state;
    load("return {}");
    assert_false(strand());
    audit(on_fine);
    assert_false(world.evaluator->strand(world.evaluator->self)); /* not begun yet */
    assert_false(strand());
    assert_int_equal(failed, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_wherever_it_waits), TEST(test_discovery),
                                              TEST(test_once_each),
                                              TEST(test_a_run_without_waiting_jobs)};
    mem_install();
    return cmocka_run_group_tests_name("strand", tests, NULL, NULL);
}
