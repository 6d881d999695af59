/* The fast reader of JSON compared with jansson: what it accepts, jansson accepts with the same
 * result, order and types included; what it leaves to jansson is nothing that AWS usually sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/json_case.h"
#include "support/slowed.h"
#include "value/json_plain.h"

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)
#define ROUNDS 50000

/* True if it was read; fails if jansson reads something else. */
static bool agrees(const char *text, size_t length)
{
    json_t *value = json_plain(text, length);
    if (value == NULL)
        return false;
    json_t *expected = json_loadb(text, length, FLAGS, NULL);
    if (expected == NULL)
        fail_msg("jansson refuses: %.*s", (int)length, text);
    char *one = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    char *other = json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT);
    assert_true(json_equal(value, expected));
    assert_string_equal(one, other);
    mem_free(one);
    mem_free(other);
    json_decref(value);
    json_decref(expected);
    return true;
}

static const char *const usual[] = {
    "{\"Attributes\":{\"Policy\":\"{\\\"Version\\\":\\\"2012\\\",\\\"a\\\":[\\n]}\"},\"n\":-12}",
    " [ 1 , {\"a\" : [ ] , \"b\" : { } } , null , true, false ,\"\\\\ \\/ \\b\\f\\r\\t\" ]\r\n",
    "\"text\"",
    "\"a longer text, \x7f included\"",
    "0",
    "-0",
    "999999999999999999",
    "{}",
    "[]",
    "\"\"",
    "{\"\":\"\"}",
    "{\"a\":{\"b\":{\"c\":[[[[\"d\"]]]]}},\"e\":1,\"f\":{\"e\":2}}",
};
#define USUAL (sizeof usual / sizeof *usual)

static void test_texts_that_it_reads(void **state)
{
    (void)state;
    json_case_all_are_read(agrees, usual, USUAL);
}

static void test_texts_that_it_leaves_to_jansson(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{1:2}",
        "{\"a\":1,}",
        "{\"a\":1]",
        "[1}",
        "\"a",
        "\"a\\",
        "\"\\u00e9\"",
        "\"\\x\"",
        "\"\xc3\xa9\"",
        "\"\x01\"",
        "\"a\nb\"",
        "01",
        "-",
        "--1",
        "1.5",
        "1e3",
        "1E3",
        "+1",
        "tru",
        "truex",
        "nul",
        "1 2",
        "[1 2]",
        "{} {}",
        "1000000000000000000",
        "{\"a\":1,\"a\":2}",
        "{\"a\":[tru]}",
    };
    (void)state;
    json_case_none_is_read(agrees, texts, sizeof texts / sizeof *texts);
    assert_false(agrees("1\0", 2));
}

static void test_it_stops_at_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < USUAL; i++) {
        for (size_t length = 0; length < strlen(usual[i]); length++) {
            char *text = malloc(length + 1); /* so that a tool notices reads beyond it */
            assert_non_null(text);
            memcpy(text, usual[i], length);
            char *exact = realloc(text, length > 0 ? length : 1);
            assert_non_null(exact);
            agrees(exact, length);
            free(exact);
        }
    }
}

static void test_depth(void **state)
{
    (void)state;
    json_case_depth(agrees);
}

static void test_long_keys(void **state)
{
    char text[400];
    (void)state;
    for (size_t length = 250; length < 260; length++) {
        text[0] = '{';
        memset(text + 1, 'k', length + 2);
        text[1] = text[length + 2] = '"';
        memcpy(text + length + 3, ":1}", 4);
        assert_int_equal(agrees(text, strlen(text)), length < 256);
    }
}

static void test_spoilt_texts(void **state)
{
    (void)state;
    json_case_spoilt(agrees, usual, USUAL, slowed_rounds(ROUNDS));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_that_it_reads),
        cmocka_unit_test(test_texts_that_it_leaves_to_jansson),
        cmocka_unit_test(test_it_stops_at_the_end),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_long_keys),
        cmocka_unit_test(test_spoilt_texts),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
