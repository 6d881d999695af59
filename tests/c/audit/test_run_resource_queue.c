/* Several lines about one resource are audited one after the other; and what happens to the waiting
 * ones if the run is stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"

#define LINES 3

static struct run *run;
static struct source_target target;
static int given, settled, again, under_way, most_at_once;
static bool stops, done;
static struct evaluation *(*audit_plainly)(void *self, const struct policy *policy,
                                           const struct resource *resource,
                                           const struct scope *scope,
                                           const struct audit_options *options,
                                           evaluator_audited done, void *arg);

static void give(void *arg)
{
    (void)arg;
    if (given++ < LINES)
        target.resource(target.arg, resource_new("111122223333", "us-east-1", "sqs", RUN_WORLD_ID));
    else
        target.end(target.arg);
}

static void pull(void *self)
{
    loop_defer(fake_aws.loop, give, self);
}

static void stop(void *arg)
{
    (void)arg;
    run_stop(run);
}

/* Stopped while the first line is being audited, and all others wait. */
static struct evaluation *audit(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited reported,
                                void *arg)
{
    under_way++;
    most_at_once = under_way > most_at_once ? under_way : most_at_once;
    if (stops && given >= LINES)
        loop_defer(fake_aws.loop, stop, NULL);
    return audit_plainly(self, policy, resource, scope, options, reported, arg);
}

static void on_settled(void *arg, const struct resource *resource, bool comes_again)
{
    (void)arg, (void)resource;
    under_way = 0;
    settled++;
    again += comes_again;
}

static void on_done(void *arg)
{
    (void)arg;
    done = true;
}

static void run_all(void)
{
    struct err err = {0};
    struct journal *journal = journal_new(run_world.journal);
    struct gate *gate = gate_new(&run_world.context, journal);
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {.context = &run_world.context,
                                  .mode = RUN_CHANGE,
                                  .report = report,
                                  .gate = gate,
                                  .settled = on_settled};
    given = settled = again = under_way = most_at_once = 0;
    done = false;
    audit_plainly = run_world.evaluator.audit;
    run_world.evaluator.audit = audit;
    run = run_new(&options);
    target = run_target(run);
    run_start(run, (struct source){.pull = pull}, on_done, NULL);
    fake_aws_run();
    assert_true(done);
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
    gate_free(gate);
    journal_free(journal);
}

static void test_one_after_the_other(void **state)
{
    (void)state;
    stops = false;
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_all();
    assert_int_equal(settled, LINES);
    assert_int_equal(again, 0);
    assert_int_equal(run_world.audits, LINES);
    assert_int_equal(most_at_once, 1);
}

/* The line in progress is finished; the others are not begun, and are reported. */
static void test_stopped(void **state)
{
    (void)state;
    stops = true;
    run_world_answer(RUN_WORLD_LATER("600"));
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_world.settings.wait_s = 600;
    run_all();
    assert_int_equal(settled, LINES);
    assert_int_equal(again, LINES - 1);
    assert_int_equal(run_world.audits, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_one_after_the_other), TEST(test_stopped)};
    mem_install();
    return cmocka_run_group_tests_name("run turns", tests, NULL, NULL);
}
