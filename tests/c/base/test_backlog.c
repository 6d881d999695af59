/* First in, first out, whether the backlog is in memory or in a file. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/backlog.h"
#include "base/mem.h"

static char text[200000];

static void put(struct backlog *backlog, size_t number, size_t length)
{
    memset(text, 'x', length);
    int head = snprintf(text, sizeof text, "%zu", number);
    text[head] = ' ';
    backlog_put(backlog, text, length);
}

static void expect(struct backlog *backlog, size_t number, size_t want)
{
    struct err err = {0};
    size_t length, got = SIZE_MAX;
    const char *bytes = backlog_take(backlog, &length, &err);
    assert_non_null(bytes);
    assert_int_equal(length, want);
    assert_int_equal(sscanf(bytes, "%zu ", &got), 1);
    assert_int_equal(got, number);
}

static void expect_none(struct backlog *backlog)
{
    struct err err = {0};
    size_t length;
    assert_null(backlog_take(backlog, &length, &err));
    assert_int_equal(err.kind, ERR_NONE);
}

static size_t length_of(size_t number)
{
    return number % 1000 == 7 ? 150000 : 20 + number % 300;
}

/* Additions and removals alternate at different rates. */
static void test_turns(void **state)
{
    (void)state;
    struct backlog *backlog = backlog_new();
    size_t in = 0, out = 0;
    expect_none(backlog);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 1000; i++, in++)
            put(backlog, in, length_of(in));
        for (int i = 0; i < 300 + 80 * round && out < in; i++, out++)
            expect(backlog, out, length_of(out));
    }
    for (; out < in; out++)
        expect(backlog, out, length_of(out));
    expect_none(backlog);
    put(backlog, 1, 20);
    expect(backlog, 1, 20);
    backlog_free(backlog);
}

/* Nothing is lost if no file can be written. */
static void test_full_disk(void **state)
{
    (void)state;
    const struct rlimit tight = {1000, RLIM_INFINITY}, wide = {RLIM_INFINITY, RLIM_INFINITY};
    struct backlog *backlog = backlog_new();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (size_t i = 0; i < 5000; i++)
        put(backlog, i, length_of(i));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &wide), 0);
    for (size_t i = 0; i < 5000; i++)
        expect(backlog, i, length_of(i));
    expect_none(backlog);
    backlog_free(backlog);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_turns),
                                              cmocka_unit_test(test_full_disk)};
    mem_install();
    return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
