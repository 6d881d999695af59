/* Which parts of a state undo compares, and what it says of those that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "change/gate_states.h"

static json_t *fix;
static struct gate_history history;

static json_t *json(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

/* A fix of one step that leads from one state to the other, and perhaps says to which. */
static void fix_leads(const char *before, const char *expected)
{
    fix = json_pack("{s:o, s:[{s:b}], s:s}", "before", json(before), "steps", "done", 1, "result",
                    "fixed");
    json_t *step = json_array_get(json_object_get(fix, "steps"), 0);
    if (expected != NULL)
        json_object_set_new(step, "expected", json(expected));
    assert_true(gate_history_init(&history, fix, NULL));
}

/* The state that was read at the end. */
static void fix_ended(const char *after)
{
    json_object_set_new(fix, "after", json(after));
    gate_history_clear(&history);
    assert_true(gate_history_init(&history, fix, NULL));
}

static int forget(void **state)
{
    (void)state;
    gate_history_clear(&history);
    json_decref(fix);
    fix = NULL;
    return 0;
}

/* `made`: the steps that were made in that state; -1: it is none of the fix. */
static void assert_made(int made, const char *found)
{
    json_t *digests = json(found);
    assert_int_equal(gate_history_find(&history, digests), made);
    json_decref(digests);
}

static void assert_differing(const char *names, const char *found)
{
    json_t *digests = json(found);
    char *differing = gate_history_differing(&history, digests, NULL);
    assert_string_equal(differing, names);
    mem_free(differing);
    json_decref(digests);
}

/* Anyone may tag a resource between the fix and its undo. */
static void tags_of_others_do_not_matter(void **state)
{
    (void)state;
    fix_leads("{\"policy\":\"1\",\"tags\":\"a\"}", "{\"policy\":\"2\",\"tags\":\"a\"}");
    assert_made(1, "{\"policy\":\"2\",\"tags\":\"b\"}");
    assert_made(0, "{\"policy\":\"1\",\"tags\":\"b\"}");
    assert_made(0, "{\"policy\":\"1\"}");
    assert_made(-1, "{\"policy\":\"3\",\"tags\":\"a\"}");
}

/* If a fix leaves nothing to examine, its policy no longer reads the tags. */
static void tags_that_are_not_read_do_not_matter(void **state)
{
    (void)state;
    fix_leads("{\"grants\":\"1\",\"tags\":\"a\"}", "{\"grants\":\"2\"}");
    assert_made(1, "{\"grants\":\"2\"}");
    assert_made(0, "{\"grants\":\"1\",\"tags\":\"b\"}");
}

static void tags_that_the_fix_sets_are_compared(void **state)
{
    (void)state;
    fix_leads("{\"policy\":\"1\",\"tags\":\"a\"}", "{\"policy\":\"1\",\"tags\":\"b\"}");
    assert_made(1, "{\"policy\":\"1\",\"tags\":\"b\"}");
    assert_made(-1, "{\"policy\":\"1\",\"tags\":\"c\"}");
    assert_differing("tags", "{\"policy\":\"1\",\"tags\":\"c\"}");
}

static void tags_that_the_fix_makes_are_compared(void **state)
{
    (void)state;
    fix_leads("{\"policy\":\"1\"}", "{\"policy\":\"1\",\"tags\":\"b\"}");
    assert_made(0, "{\"policy\":\"1\"}");
    assert_made(-1, "{\"policy\":\"1\",\"tags\":\"c\"}");
}

/* Any other part counts, whether the fix changes it or not: its inverse may contain it. */
static void other_parts_are_compared(void **state)
{
    (void)state;
    fix_leads("{\"address\":\"1\",\"subnets\":\"1\"}", "{\"address\":\"2\",\"subnets\":\"1\"}");
    assert_made(-1, "{\"address\":\"2\",\"subnets\":\"2\"}");
}

static void the_nearest_state_says_what_differs(void **state)
{
    (void)state;
    fix_leads("{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\"}", "{\"a\":\"2\",\"b\":\"2\",\"c\":\"1\"}");
    assert_differing("c", "{\"a\":\"1\",\"b\":\"1\",\"c\":\"2\"}");
    assert_differing("c", "{\"a\":\"2\",\"b\":\"2\",\"c\":\"2\"}");
    assert_differing("b", "{\"a\":\"2\",\"b\":\"3\",\"c\":\"1\"}");
    assert_differing("a, b, c", "{}");
}

/* The fix does not say what its call leads to, and the call made a part that did not exist: what it
 * left is not the state from before. */
static void a_part_that_the_call_made(void **state)
{
    (void)state;
    fix_leads("{\"bytes\":\"1\"}", NULL);
    assert_made(0, "{\"bytes\":\"1\"}");
    assert_made(-1, "{\"bytes\":\"1\",\"days\":\"2\"}");
    assert_differing("days", "{\"bytes\":\"1\",\"days\":\"2\"}");
    fix_ended("{\"bytes\":\"1\",\"days\":\"2\"}");
    assert_made(1, "{\"bytes\":\"1\",\"days\":\"2\"}");
    assert_made(1, "{\"bytes\":\"1\",\"days\":\"2\",\"tags\":\"a\"}");
    assert_made(0, "{\"bytes\":\"1\"}");
    assert_made(-1, "{\"bytes\":\"1\",\"days\":\"3\"}");
}

/* The effect came after the end of the fix. */
static void a_part_that_came_late(void **state)
{
    (void)state;
    fix_leads("{\"bytes\":\"1\"}", NULL);
    fix_ended("{\"bytes\":\"1\"}");
    assert_made(-1, "{\"bytes\":\"1\",\"days\":\"2\"}");
}

static void a_part_that_the_fix_called_by_a_wrong_name(void **state)
{
    (void)state;
    fix_leads("{\"bytes\":\"1\"}", "{\"bytes\":\"1\",\"dayz\":\"2\"}");
    assert_made(-1, "{\"bytes\":\"1\",\"days\":\"2\"}");
    fix_ended("{\"bytes\":\"1\",\"days\":\"2\"}");
    assert_made(1, "{\"bytes\":\"1\",\"days\":\"2\"}");
    assert_made(0, "{\"bytes\":\"1\"}");
}

/* Nothing used the part before the fix. */
/* The fix sets tags, and does not say what its call leads to. */
static void tags_of_a_fix_that_says_nothing(void **state)
{
    (void)state;
    fix_leads("{\"a\":\"1\",\"tags\":\"t\"}", NULL);
    fix_ended("{\"a\":\"1\",\"tags\":\"u\"}");
    assert_made(1, "{\"a\":\"1\",\"tags\":\"u\"}");
    assert_made(0, "{\"a\":\"1\",\"tags\":\"t\"}");
    assert_made(-1, "{\"a\":\"1\",\"tags\":\"v\"}");
    assert_differing("tags", "{\"a\":\"1\",\"tags\":\"v\"}");
}

/* The same without tags before, and without a record of the end. */
static void first_tags_of_a_fix_that_says_nothing(void **state)
{
    (void)state;
    fix_leads("{\"a\":\"1\"}", NULL);
    assert_made(-1, "{\"a\":\"1\",\"tags\":\"u\"}");
    assert_made(0, "{\"a\":\"1\"}");
}

static void a_part_that_is_read_on_first_use(void **state)
{
    (void)state;
    json_t *reads = json("[\"size\"]");
    fix_leads("{\"bytes\":\"1\"}", NULL);
    history.reads = reads;
    assert_made(0, "{\"bytes\":\"1\",\"size\":\"2\"}");
    json_decref(reads);
}

static void a_part_that_only_a_newer_policy_has(void **state)
{
    (void)state;
    fix_leads("{\"a\":\"1\"}", "{\"a\":\"2\"}");
    fix_ended("{\"a\":\"2\"}");
    assert_made(1, "{\"a\":\"2\",\"more\":\"1\"}");
    assert_made(0, "{\"a\":\"1\",\"more\":\"1\"}");
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tags_of_others_do_not_matter),
        TEST(tags_that_are_not_read_do_not_matter),
        TEST(tags_that_the_fix_sets_are_compared),
        TEST(tags_that_the_fix_makes_are_compared),
        TEST(other_parts_are_compared),
        TEST(the_nearest_state_says_what_differs),
        TEST(a_part_that_the_call_made),
        TEST(a_part_that_came_late),
        TEST(a_part_that_the_fix_called_by_a_wrong_name),
        TEST(tags_of_a_fix_that_says_nothing),
        TEST(first_tags_of_a_fix_that_says_nothing),
        TEST(a_part_that_is_read_on_first_use),
        TEST(a_part_that_only_a_newer_policy_has),
    };
    mem_install();
    return cmocka_run_group_tests_name("gate_states", tests, NULL, NULL);
}
