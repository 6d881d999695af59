/* Bytes of a terminal as keys: sequences in parts, paste, UTF-8 that is cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prompt/keys.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The last key of the bytes, and how many there were. */
static size_t feed(struct keys *keys, const char *bytes, struct key *last)
{
    size_t count = 0;
    for (; *bytes != '\0'; bytes++) {
        struct key key = {0};
        if (keys_add(keys, *bytes, &key)) {
            *last = key;
            count++;
        }
    }
    return count;
}

static void test_one_key(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum key_kind kind;
    } cases[] = {
        {"a", KEY_TEXT},
        {"\xc3\xa9", KEY_TEXT},
        {"\xf0\x9f\x98\x80", KEY_TEXT},
        {"\r", KEY_ENTER},
        {"\n", KEY_ENTER},
        {"\t", KEY_TAB},
        {"\x03", KEY_INTERRUPT},
        {"\x04", KEY_END_OF_INPUT},
        {"\x1a", KEY_SUSPEND},
        {"\x7f", KEY_BACKSPACE},
        {"\x17", KEY_DELETE_WORD},
        {"\x0b", KEY_DELETE_END},
        {"\x1f", KEY_NONE},
        {"\033[A", KEY_UP},
        {"\033OB", KEY_DOWN},
        {"\033[1~", KEY_HOME},
        {"\033[F", KEY_END},
        {"\033[3~", KEY_DELETE},
        {"\033[1;5C", KEY_WORD_RIGHT},
        {"\033b", KEY_WORD_LEFT},
        {"\033[15~", KEY_NONE},
        {"\033[1;2;3;4;5;6;7;8;9;10;11;12m", KEY_NONE},
        {"\xff\x80\x80\x80", KEY_NONE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct keys keys = {0};
        struct key key = {0};
        assert_int_equal(feed(&keys, cases[i].bytes, &key), 1);
        assert_int_equal(key.kind, cases[i].kind);
        assert_int_equal(keys.length, 0);
        if (key.kind == KEY_TEXT)
            assert_memory_equal(key.text, cases[i].bytes, strlen(cases[i].bytes));
    }
}

/* What was cut off takes nothing away from what follows it. */
static void test_after_a_part(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum key_kind kind;
    } cases[] = {
        {"\033\x03", KEY_INTERRUPT},     {"\033[\x03", KEY_INTERRUPT},  {"\033[1;\r", KEY_ENTER},
        {"\033O\x04", KEY_END_OF_INPUT}, {"\033[3\x7f", KEY_BACKSPACE}, {"\033\033[A", KEY_UP},
        {"\033[1\033[B", KEY_DOWN},      {"\x80z", KEY_TEXT},           {"\xe9z", KEY_TEXT},
        {"\xf0\x9fz", KEY_TEXT},         {"\xc3\x03", KEY_INTERRUPT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct keys keys = {0};
        struct key key = {0};
        assert_true(feed(&keys, cases[i].bytes, &key) > 0);
        assert_int_equal(key.kind, cases[i].kind);
        assert_int_equal(keys.length, 0);
        if (key.kind == KEY_TEXT)
            assert_memory_equal(key.text, "z", 1);
    }
}

static void test_paste_is_text(void **state)
{
    (void)state;
    struct keys keys = {0};
    struct key key = {0};
    assert_int_equal(feed(&keys, "\033[200~a\tb", &key), 4);
    assert_int_equal(key.kind, KEY_TEXT);
    assert_int_equal(feed(&keys, "\t", &key), 1);
    assert_int_equal(key.kind, KEY_TEXT);
    assert_int_equal(feed(&keys, "\x03", &key), 1);
    assert_int_equal(key.kind, KEY_NONE);
    assert_int_equal(feed(&keys, "\033[A", &key), 1);
    assert_int_equal(key.kind, KEY_NONE);
    assert_int_equal(feed(&keys, "\r", &key), 1);
    assert_int_equal(key.kind, KEY_ENTER);
    assert_int_equal(feed(&keys, "\033[201~\t", &key), 2);
    assert_int_equal(key.kind, KEY_TAB);
}

static void test_a_character_that_is_cut_off(void **state)
{
    (void)state;
    struct keys keys = {0};
    struct key key = {0};
    assert_int_equal(feed(&keys, "\xc3\r", &key), 1);
    assert_int_equal(key.kind, KEY_ENTER);
    assert_int_equal(feed(&keys, "x", &key), 1);
    assert_int_equal(key.kind, KEY_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_key),
        cmocka_unit_test(test_after_a_part),
        cmocka_unit_test(test_paste_is_text),
        cmocka_unit_test(test_a_character_that_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
