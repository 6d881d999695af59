/* Reports are in the order of the lines, whatever is ready first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define LINES 40

struct late {
    evaluator_audited done;
    void *arg;
    json_t *outcome;
};

static struct late late[LINES];
static size_t waiting;
static const char *outcome_text;

/* The last request is answered first. */
static void deliver_last(void *arg)
{
    (void)arg;
    struct late one = late[--waiting];
    one.done(one.arg, one.outcome, NULL);
    json_decref(one.outcome);
}

static struct evaluation *audit(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited done,
                                void *arg)
{
    (void)self, (void)policy, (void)resource, (void)scope, (void)options;
    late[waiting++] = (struct late){done, arg, json_loads(outcome_text, JSON_ALLOW_NUL, NULL)};
    loop_after(fake_aws.loop, 20, deliver_last, NULL);
    return NULL;
}

static char *lines(void)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < LINES; i++)
        buf_addf(&text,
                 "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\","
                 "\"id\":\"q%d\"}\n%s",
                 i, i == LINES / 2 ? "nonsense\n" : "");
    return buf_take(&text);
}

static void run_backwards(enum run_mode mode, const char *outcome)
{
    char *text = lines();
    run_world.evaluator.audit = audit;
    run_world.settings.concurrency = LINES;
    outcome_text = outcome;
    run_world_lines(mode, text);
    mem_free(text);
}

static void expect_order(size_t each)
{
    for (size_t i = 0; i < LINES * each; i++) {
        char id[32];
        snprintf(id, sizeof id, "q%zu", i / each);
        assert_string_equal(json_get_string(json_array_get(run_world.findings, i), "id", ""), id);
    }
}

static void test_findings(void **state)
{
    (void)state;
    run_backwards(
        RUN_AUDIT,
        RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e\\u0000\\ud83d\\ude00") "," RUN_WORLD_GOOD(
                              "sqs.shared")));
    assert_int_equal(json_array_size(run_world.findings), 2 * LINES + 1);
    expect_order(2);
    const json_t *evidence = json_object_get(json_array_get(run_world.findings, 4), "evidence");
    assert_int_equal(json_string_length(evidence), 6);
}

/* Findings that are only counted wait for their turn, too, or resources would be counted twice. */
static void test_counts(void **state)
{
    (void)state;
    run_world.settings.all = false;
    run_backwards(RUN_AUDIT, RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e") "," RUN_WORLD_GOOD(
                                                   "sqs.shared")));
    assert_int_equal(json_array_size(run_world.findings), LINES + 1);
    expect_order(1);
}

static void test_plan(void **state)
{
    (void)state;
    run_backwards(RUN_PLAN, RUN_WORLD_OK("d", RUN_WORLD_BAD("sqs.public", "e")));
    expect_order(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {TEST(test_findings), TEST(test_counts),
                                              TEST(test_plan)};
    mem_install();
    return cmocka_run_group_tests_name("run order", tests, NULL, NULL);
}
