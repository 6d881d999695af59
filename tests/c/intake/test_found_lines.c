/* The waiting lines of a scan: targets take turns, and one that is held back holds up no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "intake/found_lines.h"

#define TARGETS 4

static bool any(void *arg, size_t target)
{
    (void)arg, (void)target;
    return true;
}

static bool not_that(void *arg, size_t target)
{
    return target != *(size_t *)arg;
}

static void put(struct found_lines *lines, size_t target, const char *text)
{
    found_lines_put(lines, target, text, strlen(text) + 1);
}

static void expect(struct found_lines *lines, const char *text, bool (*may)(void *, size_t),
                   void *arg)
{
    struct err err = {0};
    size_t length = 0;
    const char *taken = found_lines_take(lines, &length, &err, may, arg);
    assert_int_equal(err.kind, ERR_NONE);
    if (text == NULL) {
        assert_null(taken);
        return;
    }
    assert_non_null(taken);
    assert_string_equal(taken, text);
    assert_int_equal(length, strlen(text) + 1);
}

static void test_turns(void **state)
{
    (void)state;
    struct found_lines *lines = found_lines_new(TARGETS);
    expect(lines, NULL, any, NULL);
    put(lines, 0, "a1");
    put(lines, 0, "a2");
    put(lines, 0, "a3");
    put(lines, 2, "c1");
    put(lines, 3, "d1");
    put(lines, 3, "d2");
    assert_int_equal(found_lines_count(lines), 6);
    assert_int_equal(found_lines_of(lines, 0), 3);
    assert_int_equal(found_lines_of(lines, 1), 0);
    expect(lines, "a1", any, NULL);
    expect(lines, "c1", any, NULL);
    expect(lines, "d1", any, NULL);
    expect(lines, "a2", any, NULL);
    put(lines, 2, "c2");
    expect(lines, "d2", any, NULL);
    expect(lines, "c2", any, NULL);
    expect(lines, "a3", any, NULL);
    expect(lines, NULL, any, NULL);
    assert_int_equal(found_lines_count(lines), 0);
    found_lines_free(lines);
}

static void test_held_back(void **state)
{
    (void)state;
    size_t held = 1;
    struct found_lines *lines = found_lines_new(TARGETS);
    put(lines, 1, "b1");
    put(lines, 2, "c1");
    put(lines, 2, "c2");
    expect(lines, "c1", not_that, &held);
    expect(lines, "c2", not_that, &held);
    expect(lines, NULL, not_that, &held);
    assert_int_equal(found_lines_count(lines), 1);
    held = 0;
    expect(lines, "b1", not_that, &held);
    put(lines, 1, "b2"); /* freed with the queue */
    found_lines_free(lines);
    found_lines_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_turns),
                                              cmocka_unit_test(test_held_back)};
    mem_install();
    return cmocka_run_group_tests_name("found_lines", tests, NULL, NULL);
}
