/* Text from outside: nothing in it controls a terminal or changes the direction of the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clean_text.h"
#include "base/log.h"
#include "base/mem.h"

#define GONE "\xef\xbf\xbd"

static const struct {
    const char *text, *clean;
} cases[] = {
    {"", ""},
    {"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain \xc3\xa9 \xf0\x9f\x98\x80"},
    {"a\x1b[2Jb\x7f", "a" GONE "[2Jb" GONE},
    {"two\n  lines\tand\r\nthree", "two lines and three"},
    {"c1 \xc2\x9b"
     "31m \xc2\x85",
     "c1 " GONE "31m " GONE},
    {"txt\xe2\x80\xae"
     "exe \xe2\x81\xa6 \xd8\x9c \xe2\x80\x8f",
     "txt" GONE "exe " GONE " " GONE " " GONE},
    {"bare \x9b \xff \xc0\x80", "bare " GONE " " GONE " " GONE GONE},
};

static char logged[400];

static void collect(enum log_level level, const char *line)
{
    (void)level;
    snprintf(logged, sizeof logged, "%s", line);
}

static void test_cleaned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 1000);
        text_clean(&out, cases[i].text, strlen(cases[i].text));
        assert_string_equal(buf_text(&out), cases[i].clean);
        buf_clear(&out);
    }
}

static void test_logged(void **state)
{
    (void)state;
    log_set_sink(collect);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        log_error("%s", cases[i].text);
        assert_string_equal(logged, cases[i].clean);
    }
    log_set_sink(NULL);
}

/* A log line has a limit; if it cuts a character, no part of the character stays. */
static void test_logged_at_the_limit(void **state)
{
    static char text[8000];
    (void)state;
    log_set_sink(collect);
    for (size_t length = 4088; length < 4098; length++) {
        memset(text, ' ', length);
        snprintf(text + length, sizeof text - length, "\xe2\x82\xac");
        log_error("%s", text);
        assert_true(strcmp(logged, " \xe2\x82\xac") == 0 || strcmp(logged, " " GONE) == 0 ||
                    strcmp(logged, " " GONE GONE) == 0 || strcmp(logged, " ") == 0);
    }
    log_set_sink(NULL);
}

static void test_layout_stays(void **state)
{
    static const char text[] = "two\n  lines\tand\x1b\r\n";
    struct buf out;
    (void)state;
    buf_init(&out, 1000);
    text_legible(&out, text, strlen(text));
    assert_string_equal(buf_text(&out), "two\n  lines\tand" GONE "\r\n");
    buf_clear(&out);
}

/* POSIX Shell Command Language, 2.2: these would otherwise be expanded, or separate words. */
static void test_words_of_a_shell(void **state)
{
    static const char *const words[][2] = {
        {"s3://a-b/C_d/2026=11+30,x@y:%z.jsonl", "s3://a-b/C_d/2026=11+30,x@y:%z.jsonl"},
        {"", "''"},
        {"two words", "'two words'"},
        {"it's", "'it'\\''s'"},
        {"$HOME;`x`&\"*~", "'$HOME;`x`&\"*~'"},
        {"\xc3\xa9", "'\xc3\xa9'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *word = text_shell(words[i][0]);
        assert_string_equal(word, words[i][1]);
        mem_free(word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cleaned),
        cmocka_unit_test(test_logged),
        cmocka_unit_test(test_logged_at_the_limit),
        cmocka_unit_test(test_layout_stays),
        cmocka_unit_test(test_words_of_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
