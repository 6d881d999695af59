/* Lines that wait for room in their lane: they are kept as text, in order, each gets an answer, and
 * one resource is planned once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_lanes.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define LINES 1500
#define TURNS 4000 /* of the loop, while no audit ends: enough to read all lines */
#define MOST_BYTES 400

struct held {
    evaluator_audited done;
    void *arg;
};

static struct run *run;
static struct source_target target;
static struct held held[LINES];
static int held_count, given, turns, settled, again, ids;
static size_t run_most, most_leaving, most_jobs, parked, bytes;
static bool done, stops;
static struct evaluation *(*audit_now)(void *self, const struct policy *policy,
                                       const struct resource *resource, const struct scope *scope,
                                       const struct audit_options *options, evaluator_audited done,
                                       void *arg);

static void give(void *arg)
{
    (void)arg;
    if (given++ >= LINES) {
        target.end(target.arg);
        return;
    }
    struct err err = {0};
    char line[160];
    snprintf(line, sizeof line,
             "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
             "\"id\":\"q%04d\",\"attempt\":3}",
             given % ids);
    struct resource *resource = resource_parse(line, strlen(line), &err);
    assert_non_null(resource);
    target.resource(target.arg, resource);
}

static void pull(void *self)
{
    loop_defer(fake_aws.loop, give, self);
}

static struct evaluation *hold(void *self, const struct policy *policy,
                               const struct resource *resource, const struct scope *scope,
                               const struct audit_options *options, evaluator_audited audited,
                               void *arg)
{
    assert_int_equal(resource->attempt, 3);
    assert_non_null(json_object_get(resource->line, "attempt"));
    if (turns > TURNS)
        return audit_now(self, policy, resource, scope, options, audited, arg);
    held[held_count++] = (struct held){audited, arg};
    return NULL;
}

static void turn(void *arg)
{
    static const struct err late = {.kind = ERR_API, .message = "late"};
    if (turns++ < TURNS) {
        loop_defer(fake_aws.loop, turn, arg);
        return;
    }
    for (const struct job *job = run->jobs; job != NULL; job = job->next_job)
        most_jobs++;
    parked = run->parked_count;
    bytes = run->parked_bytes;
    if (stops)
        run_stop(run);
    for (int i = 0; i < held_count; i++)
        held[i].done(held[i].arg, NULL, &late);
}

static void on_settled(void *arg, const struct resource *resource, bool comes_again)
{
    (void)arg;
    size_t jobs = 0;
    assert_int_equal(strlen(resource->id), 5);
    for (const struct job *job = run->jobs; job != NULL; job = job->next_job)
        jobs++;
    most_leaving = jobs > most_leaving ? jobs : most_leaving;
    settled++;
    again += comes_again;
}

static void on_done(void *arg)
{
    (void)arg;
    done = true;
}

static void run_all(enum run_mode mode)
{
    struct err err = {0};
    struct report *report = report_open(&run_world.settings, &err);
    const struct run_options options = {
        .context = &run_world.context, .mode = mode, .report = report, .settled = on_settled};
    held_count = given = turns = settled = again = 0;
    most_leaving = most_jobs = parked = bytes = 0;
    done = false;
    run_world.settings.concurrency = 50;
    audit_now = run_world.evaluator.audit;
    run_world.evaluator.audit = hold;
    run_world_answer(RUN_WORLD_OK("d1", RUN_WORLD_GOOD("sqs.public")));
    run = run_new(&options);
    run_most = run->most;
    target = run_target(run);
    run_start(run, (struct source){.pull = pull}, on_done, NULL);
    loop_defer(fake_aws.loop, turn, NULL);
    fake_aws_run();
    run_world.evaluator.audit = audit_now;
    assert_true(done);
    assert_int_equal(run->parked_count, 0);
    assert_int_equal(run->parked_bytes, 0);
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
}

static void test_waiting_lines_are_text(void **state)
{
    (void)state;
    ids = LINES;
    stops = false;
    run_all(RUN_AUDIT);
    assert_int_equal(held_count, RUN_LANE_FIRST);
    assert_int_equal(most_jobs, RUN_LANE_FIRST);
    assert_int_equal(parked, LINES - RUN_LANE_FIRST);
    assert_in_range(bytes / parked, 100, MOST_BYTES);
    assert_int_equal(settled, LINES);
    assert_int_equal(run_world.audits, LINES - RUN_LANE_FIRST);
}

/* Of each line that was not begun, the source hears that it must come again. */
static void test_stopped(void **state)
{
    (void)state;
    ids = LINES;
    stops = true;
    run_all(RUN_AUDIT);
    assert_int_equal(settled, LINES);
    assert_int_equal(again, LINES - RUN_LANE_FIRST);
    assert_int_equal(run_world.audits, 0);
    assert_in_range(most_leaving, 1, RUN_CROWD * run_most + 1);
}

/* Each resource is in 15 lines; most of them wait. */
static void test_planned_once(void **state)
{
    (void)state;
    ids = LINES / 15;
    stops = false;
    run_all(RUN_PLAN);
    assert_int_equal(settled, LINES);
    assert_int_equal(run_world.audits + held_count, ids);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

/* Accounts come one after the other, and nothing of them ends: each finds some room, and all
 * together take little more than is allowed. */
static void test_accounts_share_what_is_in_progress(void **state)
{
    (void)state;
    const size_t most = 251, all = RUN_CROWD * most;
    size_t started = 0, first = run_account_share(0, most);
    assert_true(first >= 2 * most);
    for (int account = 0; account < 100; account++) {
        size_t share = run_account_share(started, most);
        assert_in_range(share, 4, first);
        started += share;
    }
    assert_in_range(started, all - 100, all + 400);
    assert_int_equal(run_account_share(2 * all, most), 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_waiting_lines_are_text), TEST(test_stopped), TEST(test_planned_once),
        cmocka_unit_test(test_accounts_share_what_is_in_progress)};
    mem_install();
    return cmocka_run_group_tests_name("run lanes", tests, NULL, NULL);
}
