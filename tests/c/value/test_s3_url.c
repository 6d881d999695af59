/* s3://bucket/key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "value/s3_url.h"

static void test_object(void **state)
{
    (void)state;
    struct s3_url url;
    struct err err = {0};
    assert_int_equal(s3_url_parse("s3://my.bucket-1/a/b c?d#e%20", &url, &err), 0);
    assert_string_equal(url.bucket, "my.bucket-1");
    assert_string_equal(url.key, "a/b c?d#e%20");
    assert_true(s3_url_is("s3://"));
    assert_false(s3_url_is("s3:/a/b"));
    assert_false(s3_url_is("./s3://a/b"));
}

static void test_prefix(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"s3://plans", ""},
                                           {"s3://plans/", ""},
                                           {"s3://plans/a/b", "a/b/"},
                                           {"s3://plans/a/", "a/"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct s3_url url;
        struct err err = {0};
        assert_int_equal(s3_url_parse_prefix(pairs[i][0], &url, &err), 0);
        assert_string_equal(url.bucket, "plans");
        assert_string_equal(url.key, pairs[i][1]);
    }
}

static void test_wrong(void **state)
{
    (void)state;
    static const char *const wrong[] = {"s3://plans",      "s3://plans/", "s3://plans/a/",
                                        "s3:///a",         "s3://ab/a",   "s3://Plans/a",
                                        "s3://plans-/a",   "s3://.ab/a",  "s3://a_bc/d",
                                        "https://plans/a", "plan"};
    struct s3_url url;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        assert_int_equal(s3_url_parse(wrong[i], &url, &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, wrong[i]));
    }
}

static void test_lengths(void **state)
{
    (void)state;
    char text[1100] = "s3://plans/";
    struct s3_url url;
    struct err err = {0};
    memset(text + strlen(text), 'k', 1024);
    assert_int_equal(s3_url_parse(text, &url, &err), 0);
    assert_int_equal(s3_url_parse_prefix(text, &url, &err), -1);
    strcat(text, "k");
    assert_int_equal(s3_url_parse(text, &url, &err), -1);
    err_clear(&err);
    memset(text, 'b', 63 + 5);
    memcpy(text, "s3://", 5);
    strcpy(text + 5 + 63, "/k");
    assert_int_equal(s3_url_parse(text, &url, &err), 0);
    strcpy(text + 5 + 63, "b/k");
    assert_int_equal(s3_url_parse(text, &url, &err), -1);
}

static void test_words_of_a_shell(void **state)
{
    struct s3_url url = {"plans", "a/it's b"};
    (void)state;
    char *word = s3_url_shell(&url);
    assert_string_equal(word, "'s3://plans/a/it'\\''s b'");
    mem_free(word);
}

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_words_of_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
