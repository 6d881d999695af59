/* JSON in and out: the rules of value/json.h on top of jansson's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s: %s", text, err.message);
    return value;
}

static void expect_text(const json_t *value, const char *want)
{
    char *text = json_text(value);
    assert_string_equal(text, want);
    mem_free(text);
}

/* Texts that already have the form of the writer. */
static void test_same_text(void **state)
{
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "-7",
        "\"\"",
        "[]",
        "{}",
        "[[],{},[[]]]",
        "{\"z\":1,\"a\":{\"y\":[],\"b\":null}}",
        "9223372036854775807",
        "-9223372036854775808",
        "9007199254740993",
        "\"\\u0000\\u0001\\b\\f\\n\\r\\t\\u001f\\\"\\\\/\"",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "{\"\":\"\"}",
        "1.5",
        "0.1",
        "-0.0",
        "0.0",
        "2.2250738585072014e-308",
        "100.0",
        "1e+300",
        "5e-324",
        "0.30000000000000004",
        "1.7976931348623157e+308",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        json_t *value = parse(texts[i]);
        expect_text(value, texts[i]);
        json_decref(value);
    }
}

static void test_other_text(void **state)
{
    static const char *const cases[][2] = {
        {" [ 1 , 2 ]\n", "[1,2]"},
        {"\"\\u00e9\\/\"", "\"\xc3\xa9/\""},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
        {"1E2", "100.0"},
        {"-0", "0"},
        {"2.50", "2.5"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *value = parse(cases[i][0]);
        expect_text(value, cases[i][1]);
        json_decref(value);
    }
}

static void test_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "line 1 column 0: "},
        {"[1,]", "line 1 column 4: "},
        {"[1] 2", "line 1 column 5: end of file expected"},
        {"{\"a\":1,\n\"a\":2}", "line 2 column 3: duplicate object key"},
        {"{\"a\":{\"b\":1,\"b\":1}}", "line 1 column 15: duplicate object key"},
        {"\"\xff\"", "line 1 column 1: "},
        {"\"\xed\xa0\x80\"", "line 1 column 1: "},
        {"\"\\ud800\"", "line 1 column 8: "},
        {"99999999999999999999", "line 1 column 20: too big integer"},
        {"1e999", "line 1 column 5: real number overflow"},
        {"nul", "line 1 column 3: invalid token"},
        {"NaN", "line 1 column 3: invalid token"},
        {"'a'", "line 1 column 1: invalid token"},
        {"{a:1}", "line 1 column 2: "},
        {"{\"a\\u0000b\":1}", "line 1 column 11: "},
        {"\"a\nb\"", "line 1 column 2: unexpected newline"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        assert_null(json_parse(cases[i][0], strlen(cases[i][0]), &err));
        assert_int_equal(err.kind, ERR_PARSE);
        if (strncmp(err.message, cases[i][1], strlen(cases[i][1])) != 0)
            fail_msg("%s: %s, want %s", cases[i][0], err.message, cases[i][1]);
    }
}

/* Credentials are JSON as well. */
static void test_errors_quote_nothing(void **state)
{
    static const char text[] = "{\"SecretAccessKey\": wJalrXUtnFEMI}";
    struct err err = {0};
    (void)state;
    assert_null(json_parse(text, strlen(text), &err));
    assert_null(strstr(err.message, "wJalr"));
}

static char *nested(size_t depth, char open, char close, size_t *length)
{
    char *text = mem_alloc(depth * 2 + 1);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    *length = depth * 2;
    return text;
}

static void test_nesting(void **state)
{
    struct err err = {0};
    size_t length;
    (void)state;
    char *text = nested(JSON_MAX_NESTING, '[', ']', &length);
    json_t *value = json_parse(text, length, &err);
    assert_non_null(value);
    expect_text(value, text);
    json_decref(value);
    mem_free(text);
    text = nested(JSON_MAX_NESTING + 1, '[', ']', &length);
    assert_null(json_parse(text, length, &err));
    assert_string_equal(err.message, "line 1 column 513: nested deeper than 512 levels");
    mem_free(text);
    text = nested(100000, '{', '}', &length);
    assert_null(json_parse(text, length, &err));
    assert_string_equal(err.message, "line 1 column 513: nested deeper than 512 levels");
    mem_free(text);
}

/* Brackets in strings do not nest, however the string is escaped. */
static void test_brackets_in_strings(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 100000);
    buf_adds(&text, "[\"\\\\\\\"");
    for (int i = 0; i < 2000; i++)
        buf_addc(&text, i % 2 == 0 ? '[' : '{');
    buf_adds(&text, "\\\\\",\n\"[\"]");
    json_t *value = parse(buf_text(&text));
    assert_int_equal(json_array_size(value), 2);
    json_decref(value);
    buf_clear(&text);
}

/* Lines are counted up to the place where the nesting is too deep, columns in characters. */
static void test_place_of_nesting(void **state)
{
    struct buf text;
    struct err err = {0};
    (void)state;
    buf_init(&text, 100000);
    buf_adds(&text, "[\n \"\xc3\xa9\\\"\",");
    for (int i = 0; i < 600; i++)
        buf_addc(&text, '[');
    assert_null(json_parse(buf_text(&text), text.len, &err));
    assert_string_equal(err.message, "line 2 column 519: nested deeper than 512 levels");
    buf_clear(&text);
}

static void test_raw_bytes(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *want;
    } cases[] = {
        {"\xff", 1, "\"\xef\xbf\xbd\""},
        {"a\x80z", 3, "\"a\xef\xbf\xbdz\""},
        {"\xc3", 1, "\"\xef\xbf\xbd\""},
        {"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe0\x80\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf0\x80\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xf5\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe2\x82q", 3, "\"\xef\xbf\xbd\xef\xbf\xbdq\""},
        {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},
        {"a\0b", 3, "\"a\\u0000b\""},
        {"\x7f", 1, "\"\x7f\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *value = json_stringn_nocheck(cases[i].bytes, cases[i].length);
        expect_text(value, cases[i].want);
        json_decref(value);
        struct err err = {0};
        value = json_parse(cases[i].want, strlen(cases[i].want), &err);
        assert_non_null(value); /* what is written can be read */
        json_decref(value);
    }
}

static void test_canonical(void **state)
{
    (void)state;
    json_t *left = parse("{\"b\":[{\"d\":1,\"c\":2}],\"a\":\"x\",\"ab\":0,\"B\":null}");
    json_t *right = parse("{\"B\":null,\"a\":\"x\",\"b\":[{\"c\":2,\"d\":1}],\"ab\":0}");
    char *one = json_text_canonical(left);
    char *two = json_text_canonical(right);
    assert_string_equal(one, "{\"B\":null,\"a\":\"x\",\"ab\":0,\"b\":[{\"c\":2,\"d\":1}]}");
    assert_string_equal(one, two);
    mem_free(one);
    mem_free(two);
    json_decref(left);
    json_decref(right);
    json_t *empty = json_object();
    one = json_text_canonical(empty);
    assert_string_equal(one, "{}");
    mem_free(one);
    json_decref(empty);
}

static void test_full_buffer(void **state)
{
    struct buf out;
    (void)state;
    json_t *value = parse("[1,2,3]");
    buf_init(&out, 7);
    assert_int_equal(json_write(value, &out), 0);
    assert_string_equal(out.data, "[1,2,3]");
    assert_int_equal(json_write(value, &out), -1);
    buf_clear(&out);
    json_decref(value);
}

static void test_members(void **state)
{
    (void)state;
    json_t *object = parse("{\"s\":\"text\",\"t\":true,\"f\":false,\"i\":42,\"r\":1.5}");
    assert_string_equal(json_get_string(object, "s", "no"), "text");
    assert_string_equal(json_get_string(object, "i", "no"), "no");
    assert_null(json_get_string(object, "none", NULL));
    assert_true(json_get_bool(object, "t", false));
    assert_false(json_get_bool(object, "f", true));
    assert_true(json_get_bool(object, "s", true));
    assert_int_equal(json_get_integer(object, "i", 0), 42);
    assert_int_equal(json_get_integer(object, "r", 7), 7);
    assert_int_equal(json_get_integer(NULL, "i", 8), 8);
    json_decref(object);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_files(void **state)
{
    char path[] = "/tmp/test_json.XXXXXX";
    char want[100];
    struct err err = {0};
    (void)state;
    close(mkstemp(path));
    write_file(path, "{\"a\":[1]}\n");
    json_t *value = json_load_path(path, 10, &err);
    assert_non_null(value);
    expect_text(value, "{\"a\":[1]}");
    json_decref(value);
    assert_null(json_load_path(path, 9, &err));
    assert_int_equal(err.kind, ERR_LIMIT);
    snprintf(want, sizeof want, "%s: larger than 9 bytes", path);
    assert_string_equal(err.message, want);
    write_file(path, "{\"a\":");
    assert_null(json_load_path(path, 100, &err));
    assert_int_equal(err.kind, ERR_PARSE);
    snprintf(want, sizeof want, "%s: line 1 column 5: ", path);
    assert_memory_equal(err.message, want, strlen(want));
    unlink(path);
    assert_null(json_load_path(path, 100, &err));
    assert_int_equal(err.kind, ERR_IO);
    snprintf(want, sizeof want, "%s: No such file or directory", path);
    assert_string_equal(err.message, want);
    assert_null(json_load_path("/tmp", 100, &err));
    assert_string_equal(err.message, "/tmp: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_text),        cmocka_unit_test(test_other_text),
        cmocka_unit_test(test_refused),          cmocka_unit_test(test_errors_quote_nothing),
        cmocka_unit_test(test_nesting),          cmocka_unit_test(test_brackets_in_strings),
        cmocka_unit_test(test_place_of_nesting), cmocka_unit_test(test_raw_bytes),
        cmocka_unit_test(test_canonical),        cmocka_unit_test(test_full_buffer),
        cmocka_unit_test(test_members),          cmocka_unit_test(test_files),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
