/* The lowest room: memory, buffers, the clock and the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void test_mem(void **state)
{
    (void)state;
    unsigned char *bytes = mem_alloc(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(bytes[i], 0);
    memset(bytes, 7, 1000);
    bytes = mem_resize(bytes, 2000);
    assert_int_equal(bytes[999], 7);
    mem_free(bytes);
    mem_free(mem_alloc(0));
    mem_free(mem_resize(NULL, 0));
    mem_free(NULL);
    assert_null(mem_strdup(NULL));
    char *text = mem_strdup("text");
    assert_string_equal(text, "text");
    mem_free_secret(text);
    mem_free_secret(NULL);
    text = mem_strndup("text", 2);
    assert_string_equal(text, "te");
    mem_free(text);
    text = mem_strndup(NULL, 0);
    assert_string_equal(text, "");
    mem_free(text);
    text = mem_printf("%s-%d", "a", 12);
    assert_string_equal(text, "a-12");
    mem_free(text);
}

static void test_buf_grows(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 1000);
    assert_string_equal(buf_text(&buf), "");
    assert_null(buf.data);
    for (int i = 0; i < 100; i++)
        assert_int_equal(buf_addf(&buf, "%02d", i), 0);
    assert_int_equal(buf.len, 200);
    assert_int_equal(strlen(buf.data), 200);
    assert_memory_equal(buf.data + 194, "979899", 7);
    buf_reset(&buf);
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf_add(&buf, "a\0b", 3), 0);
    assert_int_equal(buf_addc(&buf, 'c'), 0);
    assert_int_equal(buf_adds(&buf, ""), 0);
    assert_int_equal(buf_add(&buf, NULL, 0), 0);
    assert_memory_equal(buf.data, "a\0bc", 5);
    buf_cut(&buf, 9);
    assert_int_equal(buf.len, 4);
    buf_cut(&buf, 1);
    assert_string_equal(buf.data, "a");
    buf_clear(&buf);
    buf_cut(&buf, 0);
    assert_int_equal(buf.max, 1000);
    buf_clear(&buf);
}

/* The maximum is exact to the byte, a failure is permanent, and the content stays. */
static void test_buf_maximum(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 5);
    assert_int_equal(buf_adds(&buf, "12345"), 0);
    assert_int_equal(buf_add(&buf, "", 0), 0);
    assert_false(buf.failed);
    assert_int_equal(buf_addc(&buf, '6'), -1);
    assert_true(buf.failed);
    assert_string_equal(buf.data, "12345");
    assert_int_equal(buf_add(&buf, "", 0), -1);
    buf_reset(&buf);
    assert_false(buf.failed);
    assert_int_equal(buf_addf(&buf, "%d", 123456), -1);
    assert_int_equal(buf.len, 0);
    buf_reset(&buf);
    assert_int_equal(buf_add(&buf, "x", SIZE_MAX), -1);
    buf_clear(&buf);
    assert_false(buf.failed);
    assert_int_equal(buf_adds(&buf, "again"), 0);
    buf_clear(&buf);
}

static void test_buf_take(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 100);
    char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    mem_free(empty);
    buf_adds(&buf, "mine");
    char *text = buf_take(&buf);
    assert_string_equal(text, "mine");
    mem_free(text);
    assert_int_equal(buf.len, 0);
    assert_null(buf.data);
    assert_int_equal(buf_adds(&buf, "next"), 0);
    buf_clear(&buf);
}

static int64_t fake_wall(void)
{
    return 1;
}

static int64_t fake_mono(void)
{
    return 2;
}

static void test_clock_is_replaced(void **state)
{
    (void)state;
    clock_replace(fake_wall, fake_mono);
    assert_int_equal(clock_wall_ms(), 1);
    assert_int_equal(clock_mono_ms(), 2);
    clock_replace(NULL, NULL);
    assert_true(clock_wall_ms() > 1600000000000);
    int64_t start = clock_mono_ms();
    usleep(3000);
    assert_in_range(clock_mono_ms() - start, 2, 5000);
}

static void test_clock_texts(void **state)
{
    static const struct {
        int64_t ms;
        const char *rfc3339, *basic, *http;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z", "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
        {1795428000999, "2026-11-23T10:00:00Z", "20261123T100000Z",
         "Mon, 23 Nov 2026 10:00:00 GMT"},
        {951782400000, "2000-02-29T00:00:00Z", "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT"},
        {-1, "1969-12-31T23:59:59Z", "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
        {-1000, "1969-12-31T23:59:59Z", "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
    };
    char text[CLOCK_TEXT];
    int64_t ms;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        clock_rfc3339(cases[i].ms, text);
        assert_string_equal(text, cases[i].rfc3339);
        assert_int_equal(clock_parse_rfc3339(text, &ms), 0);
        assert_true(ms <= cases[i].ms && cases[i].ms - ms < 1000);
        clock_basic(cases[i].ms, text);
        assert_string_equal(text, cases[i].basic);
        clock_http_date(cases[i].ms, text);
        assert_string_equal(text, cases[i].http);
        assert_int_equal(clock_parse_http_date(text, &ms), 0);
        assert_true(ms <= cases[i].ms && cases[i].ms - ms < 1000);
    }
    clock_http_date(INT64_MAX, text); /* longer than fits */
    assert_string_equal(text, "");
}

static void test_clock_reads_rfc3339(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"2026-11-23T10:00:00Z", 1795428000000},
        {"2026-11-23t10:00:00z", 1795428000000},
        {"2026-11-23 10:00:00Z", 1795428000000},
        {"2026-11-23T10:00:00.5Z", 1795428000500},
        {"2026-11-23T10:00:00.1239Z", 1795428000123},
        {"2026-11-23T11:30:00+01:30", 1795428000000},
        {"2026-11-23T02:00:00-08:00", 1795428000000},
        {"2026-11-23T10:00:00.25+00:00", 1795428000250},
        {"1969-12-31T23:59:59Z", -1000},
    };
    static const char *const bad[] = {"",
                                      "2026-11-23",
                                      "2026-11-23T10:00Z",
                                      "2026-11-23T10:00:00",
                                      "2026-11-23T10:00:00X",
                                      "2026-11-23T10:00:00Zz",
                                      "2026-13-23T10:00:00Z",
                                      "2027-02-29T10:00:00Z",
                                      "2026-11-23T25:00:00Z",
                                      "2026-11-23T10:60:00Z",
                                      "2026-11-23T10:00:61Z",
                                      "2026-11-23T10:00:00+1",
                                      "2026-11-23T10:00:00+01:00x",
                                      "2026-11-23T10:00:00+24:00",
                                      "2026-11-23T10:00:00+01:60",
                                      "2026-11-23T10:00:00+01:-5",
                                      "2026-11-23T10:00:00++1:00",
                                      "now"};
    int64_t ms;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(clock_parse_rfc3339(cases[i].text, &ms), 0);
        if (ms != cases[i].ms)
            fail_msg("%s: %lld", cases[i].text, (long long)ms);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (clock_parse_rfc3339(bad[i], &ms) == 0)
            fail_msg("%s", bad[i]);
    }
}

static void test_clock_reads_http_dates(void **state)
{
    static const char *const bad[] = {"", "Mon, 23 Nov 2026", "Mon, 23 Nix 2026 10:00:00 GMT",
                                      "Mon, 23 Nov 2026 24:00:00 GMT", "2026-11-23T10:00:00Z"};
    int64_t ms;
    (void)state;
    assert_int_equal(clock_parse_http_date("Mon, 23 Nov 2026 10:00:00 GMT", &ms), 0);
    assert_int_equal(ms, 1795428000000);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(clock_parse_http_date(bad[i], &ms), -1);
}

static char lines[400];

static void collect(enum log_level level, const char *line)
{
    size_t used = strlen(lines);
    snprintf(lines + used, sizeof lines - used, "%d %s\n", (int)level, line);
}

static void log_all(void)
{
    log_error("e%d", 1);
    log_warn("w%d", 2);
    log_info("i%d", 3);
    log_debug("d%d", 4);
}

static void test_log_levels(void **state)
{
    (void)state;
    log_set_sink(collect);
    log_all();
    assert_string_equal(lines, "0 e1\n1 w2\n");
    lines[0] = '\0';
    log_set_level(LOG_DEBUG);
    log_all();
    assert_string_equal(lines, "0 e1\n1 w2\n2 i3\n3 d4\n");
    assert_true(log_enabled(LOG_DEBUG));
    log_set_level(LOG_ERROR);
    assert_false(log_enabled(LOG_WARN));
    log_set_level(LOG_WARN);
    log_set_sink(NULL);
}

static void test_log_level_names(void **state)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    enum log_level level;
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(log_level_parse(names[i], &level), 0);
        assert_int_equal((int)level, (int)i);
    }
    assert_int_equal(log_level_parse("warning", &level), 0);
    assert_int_equal((int)level, LOG_WARN);
    assert_int_equal(log_level_parse("WARN", &level), -1);
    assert_int_equal(log_level_parse("", &level), -1);
}

/* What a child process writes to stderr, and how it ended. */
static int run_child(void (*body)(void), char *out, size_t size)
{
    int ends[2];
    int status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body();
        _exit(0);
    }
    close(ends[1]);
    FILE *file = fdopen(ends[0], "r");
    out[fread(out, 1, size - 1, file)] = '\0'; /* to its end: the child writes in pieces */
    fclose(file);
    waitpid(child, &status, 0);
    return status;
}

static void test_log_to_stderr(void **state)
{
    char out[200];
    (void)state;
    log_set_level(LOG_DEBUG);
    assert_int_equal(run_child(log_all, out, sizeof out), 0);
    log_set_level(LOG_WARN);
    assert_string_equal(out, "engine: error: e1\nengine: warning: w2\nengine: i3\n"
                             "engine: debug: d4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mem),
        cmocka_unit_test(test_buf_grows),
        cmocka_unit_test(test_buf_maximum),
        cmocka_unit_test(test_buf_take),
        cmocka_unit_test(test_clock_is_replaced),
        cmocka_unit_test(test_clock_texts),
        cmocka_unit_test(test_clock_reads_rfc3339),
        cmocka_unit_test(test_clock_reads_http_dates),
        cmocka_unit_test(test_log_levels),
        cmocka_unit_test(test_log_level_names),
        cmocka_unit_test(test_log_to_stderr),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
