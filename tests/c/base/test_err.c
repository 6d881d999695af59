/* Errors: what they contain, and how they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void test_err(void **state)
{
    struct err err = {.status = 7, .code = "old"};
    (void)state;
    assert_int_equal(err_set(&err, ERR_PARSE, "line %d", 3), -1);
    assert_int_equal(err.kind, ERR_PARSE);
    assert_int_equal(err.status, 0);
    assert_string_equal(err.code, "");
    assert_string_equal(err.message, "line 3");
    assert_int_equal(err_prefix(&err, "%s %s", "a", "file"), -1);
    assert_string_equal(err.message, "a file: line 3");
    err_clear(&err);
    assert_int_equal(err.kind, ERR_NONE);
    assert_string_equal(err.message, "");
    assert_int_equal(err_set(NULL, ERR_PARSE, "x"), -1);
    assert_int_equal(err_prefix(NULL, "x"), -1);
    err_clear(NULL);
}

/* Messages are cut, at either end of the prefix. */
static void test_err_is_cut(void **state)
{
    struct err err = {0};
    char *text = mem_alloc(5000);
    (void)state;
    memset(text, 'm', 4999);
    err_set(&err, ERR_IO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    err_prefix(&err, "p");
    assert_memory_equal(err.message, "p: mmm", 6);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    err_prefix(&err, "%s", text);
    assert_memory_equal(err.message, "mmm", 3);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    mem_free(text);
}

/* If a character would be cut, the message ends before it. */
static void test_err_is_cut_at_a_character(void **state)
{
    static const char *const characters[] = {"\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80"};
    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        size_t size = strlen(characters[i]);
        struct buf text;
        buf_init(&text, 5000);
        while (text.len < 2000)
            buf_adds(&text, characters[i]);
        for (int front = 0; front < 5; front++) {
            struct err err = {0}, behind = {0};
            size_t most = sizeof err.message - 1 - (size_t)front;
            err_set(&err, ERR_IO, "%.*s%s", front, "mmmmm", buf_text(&text));
            assert_int_equal(strlen(err.message), (size_t)front + most / size * size);
            err_set(&behind, ERR_IO, "x");
            err_prefix(&behind, "%.*s%s", front, "mmmmm", buf_text(&text));
            assert_string_equal(behind.message, err.message);
        }
        buf_clear(&text);
    }
}

static void test_err_names(void **state)
{
    static const struct {
        enum err_kind kind;
        const char *name;
    } cases[] = {
        {ERR_NONE, "none"},     {ERR_INTERNAL, "internal"},
        {ERR_USAGE, "usage"},   {ERR_IO, "io"},
        {ERR_LIMIT, "limit"},   {ERR_PARSE, "parse"},
        {ERR_PARAM, "param"},   {ERR_CREDS, "credentials"},
        {ERR_NET, "network"},   {ERR_TIMEOUT, "timeout"},
        {ERR_API, "api"},       {ERR_DENIED, "denied"},
        {ERR_POLICY, "policy"}, {ERR_CANCELLED, "cancelled"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(err_kind_name(cases[i].kind), cases[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_err_is_cut),
        cmocka_unit_test(test_err_is_cut_at_a_character),
        cmocka_unit_test(test_err_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
