/* Every line gets an answer, even if its audit never ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/run_world.h"
#include "value/json.h"

#define MANY 30 /* more than a lane begins with */
#define LINE(id)                                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"" id "\"}\n"

static struct evaluation *(*audit_plainly)(void *self, const struct policy *policy,
                                           const struct resource *resource,
                                           const struct scope *scope,
                                           const struct audit_options *options,
                                           evaluator_audited done, void *arg);

static struct evaluation *audit(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited done,
                                void *arg)
{
    if (strcmp(resource->id, "lost") == 0)
        return NULL;
    return audit_plainly(self, policy, resource, scope, options, done, arg);
}

static void run_lines(enum run_mode mode, const char *lines)
{
    audit_plainly = run_world.evaluator.audit;
    run_world.evaluator.audit = audit;
    run_world_answer(RUN_WORLD_OK("d", RUN_WORLD_GOOD("sqs.public")));
    run_world_unfinished(mode, lines);
    run_world.evaluator.audit = audit_plainly;
    assert_int_equal(run_world.status, 1);
}

static void expect(size_t index, const char *id, const char *status)
{
    const json_t *finding = json_array_get(run_world.findings, index);
    assert_string_equal(json_get_string(finding, "id", ""), id);
    assert_string_equal(json_get_string(finding, "status", ""), status);
}

static void test_an_unanswered_line_is_unknown(void **state)
{
    (void)state;
    run_lines(RUN_AUDIT, LINE("a") LINE("lost") LINE("b"));
    assert_int_equal(json_array_size(run_world.findings), 4);
    expect(0, "a", "compliant");
    expect(1, "lost", "unknown");
    expect(2, "lost", "unknown");
    expect(3, "b", "compliant");
    const json_t *error = json_object_get(json_array_get(run_world.findings, 1), "error");
    assert_string_equal(json_get_string(error, "kind", ""), "internal");
}

/* A line that waits for its turn after it is not audited either. */
static void test_lines_that_wait_for_it_are_unknown(void **state)
{
    (void)state;
    run_lines(RUN_CHANGE, LINE("lost") LINE("a") LINE("lost"));
    expect(0, "lost", "unknown");
    expect(2, "a", "compliant");
    expect(3, "lost", "unknown");
}

/* So many that no further line is read. */
static void test_lines_that_are_not_read(void **state)
{
    (void)state;
    run_world.settings.concurrency = 1;
    run_lines(RUN_AUDIT, LINE("lost") LINE("lost") LINE("lost") LINE("lost"));
    assert_int_equal(json_array_size(run_world.findings), 2 * 2 + 1);
    assert_string_equal(run_world_says("run.complete", "status"), "unknown");
}

/* So many that some have no room in their lane, and wait as text. */
static void test_lines_that_wait_for_room_are_unknown(void **state)
{
    (void)state;
    char lines[MANY * sizeof LINE("lost") + 1] = "";
    for (int i = 0; i < MANY; i++)
        strcat(lines, LINE("lost"));
    run_world.settings.concurrency = MANY;
    run_lines(RUN_AUDIT, lines);
    assert_int_equal(json_array_size(run_world.findings), 2 * MANY);
    expect(2 * MANY - 1, "lost", "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_world_set_up, run_world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_an_unanswered_line_is_unknown), TEST(test_lines_that_wait_for_it_are_unknown),
        TEST(test_lines_that_are_not_read), TEST(test_lines_that_wait_for_room_are_unknown)};
    mem_install();
    return cmocka_run_group_tests_name("run unanswered", tests, NULL, NULL);
}
