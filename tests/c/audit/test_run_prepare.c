/* What the resources of a run wait for: it begins with the first resource, once, and never without
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"

static struct run *run;
static struct source_target target;
static int lines, given, prepared, settled, again;
static size_t asked; /* requests before it was ready */
static bool stops, done;
static loop_fn when_ready;
static void *when_ready_arg;

static void give(void *arg)
{
    (void)arg;
    if (given++ < lines) {
        char id[16];
        snprintf(id, sizeof id, "q%d", given);
        target.resource(target.arg, resource_new("111122223333", "us-east-1", "sqs", id));
    } else {
        target.end(target.arg);
    }
}

static void pull(void *self)
{
    loop_defer(fake_aws.loop, give, self);
}

static void be_ready(void *arg)
{
    (void)arg;
    assert_int_equal(run_world.audits, 0);
    asked = fake_aws.count;
    if (stops)
        run_stop(run);
    when_ready(when_ready_arg);
}

static void prepare(void *arg, loop_fn ready, void *ready_arg)
{
    prepared++;
    when_ready = ready;
    when_ready_arg = ready_arg;
    assert_ptr_equal(arg, &prepared);
    loop_after(fake_aws.loop, 1000, be_ready, NULL);
}

static void on_settled(void *arg, const struct resource *resource, bool comes_again)
{
    (void)arg, (void)resource;
    settled++;
    again += comes_again;
}

static void on_done(void *arg)
{
    (void)arg;
    done = true;
}

static void run_all(int count, bool stopped)
{
    struct err err = {0};
    struct report *report = report_open(&run_world.settings, &err);
    struct run_options options = {.context = &run_world.context,
                                  .mode = RUN_AUDIT,
                                  .report = report,
                                  .settled = on_settled,
                                  .prepare = prepare,
                                  .prepare_arg = &prepared};
    lines = count;
    stops = stopped;
    given = prepared = settled = again = 0;
    done = false;
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_GOOD("sqs.public")));
    run = run_new(&options);
    target = run_target(run);
    run_start(run, (struct source){.pull = pull}, on_done, NULL);
    fake_aws_run();
    assert_true(done);
    run_free(run);
    report_close(report, &err);
}

static void waits_with_the_first(void **state)
{
    (void)state;
    run_all(3, false);
    assert_int_equal(prepared, 1);
    assert_int_equal(run_world.audits, 3);
    assert_int_equal(settled, 3);
    assert_int_equal(again, 0);
}

static void prepares_nothing_without_a_resource(void **state)
{
    (void)state;
    run_all(0, false);
    assert_int_equal(prepared, 0);
}

/* Resources that still wait are not begun. */
static void is_stopped_meanwhile(void **state)
{
    (void)state;
    run_all(3, true);
    assert_int_equal(prepared, 1);
    assert_int_equal(run_world.audits, 0);
    assert_int_equal(settled, again);
    assert_true(settled > 0);
}

/* The session of the first resource is opened meanwhile; the end of the run does not wait for it.
 */
static void opens_a_session_meanwhile(void **state)
{
    (void)state;
    run_world.settings.no_assume_role = false;
    run_world.settings.member_role = "reader";
    run_all(3, false);
    assert_true(asked > 0);
    assert_string_equal(fake_form(&fake_aws.requests[0], "Action"), "AssumeRole");
    assert_string_equal(fake_form(&fake_aws.requests[0], "RoleArn"),
                        "arn:aws:iam::111122223333:role/reader");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(waits_with_the_first), TEST(prepares_nothing_without_a_resource),
        TEST(is_stopped_meanwhile), TEST(opens_a_session_meanwhile)};
    mem_install();
    return cmocka_run_group_tests_name("run prepare", tests, NULL, NULL);
}
