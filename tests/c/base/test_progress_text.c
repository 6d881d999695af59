/* The words of a progress line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/progress_text.h"

static struct buf line;

static void expect(const char *want)
{
    assert_string_equal(buf_text(&line), want);
    buf_reset(&line);
}

static void test_counts(void **state)
{
    (void)state;
    static const struct {
        uint64_t count;
        const char *text;
    } counts[] = {
        {0, "0"},        {999, "999"},           {1000, "1,000"},
        {1204, "1,204"}, {1000002, "1,000,002"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        progress_text_count(&line, counts[i].count);
        expect(counts[i].text);
    }
    progress_text_throttled(&line, 0);
    expect("");
    progress_text_throttled(&line, 1200);
    expect(", 1,200 throttled");
}

static void test_time_left(void **state)
{
    (void)state;
    static const struct {
        size_t done, total;
        int64_t elapsed_ms;
        const char *text;
    } times[] = {
        {0, 100, 60000, ""},
        {10, 0, 60000, ""},
        {100, 100, 60000, ""},
        {50, 100, 4999, ""},
        {50, 100, 5000, ", about 5 s left"},
        {99, 100, 5000, ", about 5 s left"},
        {50, 100, 32000, ", about 30 s left"},
        {50, 100, 58000, ", about 60 s left"},
        {50, 100, 60000, ", about 1 min left"},
        {1204, 3000, 80000, ", about 2 min left"},
        {1, 100, 60000, ", about 99 min left"},
        {1, 1001, 36000, ", about 10 h left"},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        progress_text_left(&line, times[i].done, times[i].total, times[i].elapsed_ms);
        expect(times[i].text);
    }
}

static int set_up(void **state)
{
    (void)state;
    buf_init(&line, 200);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_clear(&line);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_time_left),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
