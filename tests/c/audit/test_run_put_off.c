/* Lines that are put off to the end of a run take no room from those that wait for some: neither
 * when the run is stopped, nor while lines are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audit/run_lanes.h"
#include "base/log.h"
#include "base/mem.h"
#include "change/gate.h"
#include "support/run_world.h"

#define UNKNOWN                                                                                    \
    RUN_WORLD_OK("d", "{\"id\":\"sqs.public\",\"status\":\"unknown\",\"error\":{\"kind\":\"api\"," \
                      "\"code\":\"InternalFailure\",\"message\":\"no\",\"operation\":"             \
                      "\"sqs:GetQueueAttributes\",\"transient\":true},\"fix\":\"none\"}")
#define PAUSE 200 /* turns of the loop: enough to audit what was read */

/* Lines, in their order: `first` for resources that are put off, then `others`. */
static struct run *run;
static struct source_target target;
static struct {
    size_t first, others, given;
    bool same;  /* the others name the resource of the first line */
    bool stops; /* audits of the others end only when the run is stopped, after the last line */
} lines;
static struct {
    evaluator_audited done;
    void *arg;
} held[RUN_LANE_FIRST];
static size_t held_count, put_off, parked;
static int turns;
static bool done;
static struct evaluation *(*audit_now)(void *self, const struct policy *policy,
                                       const struct resource *resource, const struct scope *scope,
                                       const struct audit_options *options, evaluator_audited done,
                                       void *arg);

static void silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static void stop(void)
{
    static const struct err late = {.kind = ERR_DENIED, .message = "late"};
    put_off = run->put_off_count;
    parked = run->parked_count;
    run_stop(run);
    for (size_t i = 0; i < held_count; i++)
        held[i].done(held[i].arg, NULL, &late);
}

static void give(void *arg)
{
    char id[32];
    bool first = lines.given < lines.first;
    bool waits = lines.given == lines.first || lines.given == lines.first + lines.others;
    if (waits && turns++ < PAUSE) {
        loop_defer(fake_aws.loop, give, arg);
        return;
    }
    turns = 0;
    if (lines.given == lines.first + lines.others) {
        if (lines.stops)
            stop();
        else
            target.end(target.arg);
        return;
    }
    snprintf(id, sizeof id, "q%zu", !first && lines.same ? 0 : lines.given);
    lines.given++;
    target.resource(
        target.arg,
        resource_new("111122223333", first || lines.same ? "us-east-1" : "eu-west-1", "sqs", id));
}

static void pull(void *self)
{
    loop_defer(fake_aws.loop, give, self);
}

static struct evaluation *audit(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited audited,
                                void *arg)
{
    if (!lines.stops || strcmp(resource->region, "eu-west-1") != 0)
        return audit_now(self, policy, resource, scope, options, audited, arg);
    assert_true(held_count < RUN_LANE_FIRST);
    held[held_count].done = audited;
    held[held_count++].arg = arg;
    return NULL;
}

static void on_done(void *arg)
{
    (void)arg;
    done = true;
}

static void run_all(enum run_mode mode)
{
    struct err err = {0};
    struct journal *journal = journal_new(run_world.journal);
    struct gate *gate = gate_new(&run_world.context, journal);
    struct report *report = report_open(&run_world.settings, &err);
    const struct run_options options = {
        .context = &run_world.context, .mode = mode, .report = report, .gate = gate};
    held_count = 0;
    turns = 0;
    done = false;
    audit_now = run_world.evaluator.audit;
    run_world.evaluator.audit = audit;
    run_world_answer(UNKNOWN);
    run = run_new(&options);
    target = run_target(run);
    run_start(run, (struct source){.pull = pull}, on_done, NULL);
    fake_aws_run();
    assert_true(done);
    assert_int_equal(run->parked_count, 0);
    assert_int_equal(run->put_off_count, 0);
    run_free(run);
    assert_int_equal(report_close(report, &err), 0);
    gate_free(gate);
    journal_free(journal);
}

/* More are put off than jobs may exist while the waiting lines are taken. */
static void test_stopped(void **state)
{
    (void)state;
    run_world.settings.concurrency = 50;
    lines.first = RUN_CROWD * 63 + 50;
    lines.others = 100;
    lines.given = 0;
    lines.same = false;
    lines.stops = true;
    run_all(RUN_AUDIT);
    assert_int_equal(put_off, lines.first);
    assert_int_equal(parked, lines.others - RUN_LANE_FIRST);
}

/* More lines than may be in progress wait for a resource that was put off. */
static void test_more_lines_of_the_resource(void **state)
{
    (void)state;
    run_world.settings.concurrency = 1;
    lines.first = 1;
    lines.others = 20;
    lines.given = 0;
    lines.same = true;
    lines.stops = false;
    run_all(RUN_CHANGE);
    assert_int_equal(lines.given, 21);
}

static int set_up(void **state)
{
    log_set_sink(silence);
    return run_world_set_up(state);
}

static int tear_down(void **state)
{
    log_set_sink(NULL);
    return run_world_tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_stopped),
                                              TEST(test_more_lines_of_the_resource)};
    mem_install();
    return cmocka_run_group_tests_name("run put off", tests, NULL, NULL);
}
