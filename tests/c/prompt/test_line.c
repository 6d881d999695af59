/* The line being typed, and how a terminal shows it: characters of several bytes and columns, a
 * line longer than a row, a terminal that changed its width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prompt/character.h"
#include "prompt/draw.h"
#include "prompt/line.h"

static struct line line;

static int set_up(void **state)
{
    (void)state;
    line_init(&line);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    line_clear(&line);
    return 0;
}

static void press(enum key_kind kind)
{
    const struct key key = {.kind = kind};
    assert_true(line_key(&line, &key));
}

static void expect(const char *text, size_t cursor)
{
    assert_string_equal(buf_text(&line.text), text);
    assert_int_equal(line.cursor, cursor);
}

static void test_editing(void **state)
{
    (void)state;
    line_set(&line, "aws.sqs:Get", 11);
    press(KEY_WORD_LEFT);
    expect("aws.sqs:Get", 8);
    press(KEY_DELETE_WORD);
    expect("aws.Get", 4);
    press(KEY_DELETE);
    expect("aws.et", 4);
    assert_true(line_insert(&line, "x", 1));
    expect("aws.xet", 5);
    press(KEY_LEFT);
    press(KEY_DELETE_END);
    expect("aws.", 4);
    assert_true(line_replace(&line, 2, "bc", 2));
    expect("awbc", 4);
    press(KEY_HOME);
    press(KEY_BACKSPACE);
    press(KEY_LEFT);
    expect("awbc", 0);
    press(KEY_WORD_RIGHT);
    expect("awbc", 4);
    press(KEY_RIGHT);
    press(KEY_DELETE);
    press(KEY_DELETE_START);
    expect("", 0);
    const struct key enter = {.kind = KEY_ENTER};
    assert_false(line_key(&line, &enter));
}

/* e and a combining accent are one step, as is a character of four bytes. */
static void test_characters_are_steps(void **state)
{
    (void)state;
    const char *text = "e\xcc\x81\xf0\x9f\x98\x80";
    line_set(&line, text, strlen(text));
    press(KEY_LEFT);
    expect(text, 3);
    press(KEY_LEFT);
    expect(text, 0);
    press(KEY_END);
    press(KEY_BACKSPACE);
    press(KEY_BACKSPACE);
    expect("", 0);
    assert_int_equal(character_columns(text, 7, 0, 3), 1);
    assert_int_equal(character_columns(text, 7, 3, 7), 2);
    assert_int_equal(character_columns(text, 7, 7, 7), 0);
}

static void test_a_line_has_a_maximum(void **state)
{
    (void)state;
    static char text[LINE_MAX_BYTES];
    memset(text, 'x', sizeof text);
    line_set(&line, text, sizeof text);
    assert_false(line_insert(&line, "y", 1));
    assert_false(line_replace(&line, line.cursor, "y", 1));
    assert_int_equal(line.text.len, sizeof text);
    assert_int_equal(line.cursor, sizeof text);
}

static void draws(struct draw *draw, size_t columns, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    draw_line(draw, "> ", &line, columns, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void test_rows(void **state)
{
    (void)state;
    struct draw draw = {0};
    line_set(&line, "abcdef", 6);
    draws(&draw, 10, "\r\033[J> abcdef\r\033[8C");
    line_set(&line, "abcdefgh", 8); /* fills the row */
    draws(&draw, 10, "\r\033[J> abcdefgh \r\r");
    assert_int_equal(draw.cursor_columns, 10);
    line.cursor = 1;
    draws(&draw, 10, "\033[1A\r\033[J> abcdefgh \r\033[1A\r\033[3C");
    draws(&draw, 10, "\r\033[J> abcdefgh \r\033[1A\r\033[3C");
    draws(&draw, 2, "\033[1A\r\033[J> abcdefgh \r\033[4A\r\033[1C"); /* now narrower */
}

/* A wide character that does not fit starts the next row. */
static void test_wide_characters(void **state)
{
    (void)state;
    struct draw draw = {0};
    line_set(&line, "a\xe4\xb8\xad", 4);
    draws(&draw, 4, "\r\033[J> a\xe4\xb8\xad\r\033[2C");
    assert_int_equal(draw.cursor_columns, 6);
}

static void test_control_characters_are_not_obeyed(void **state)
{
    (void)state;
    struct draw draw = {0};
    line_set(&line, "a\033\tb", 4);
    draws(&draw, 80, "\r\033[J> a\xef\xbf\xbd b\r\033[6C");
}

static void test_words_stand_in_columns(void **state)
{
    (void)state;
    char *items[] = {"one", "two", "three", "four", "five"};
    const struct text_list words = {.items = items, .count = 5};
    struct buf out;
    buf_init(&out, 4096);
    draw_words(&words, 14, &out);
    assert_string_equal(buf_text(&out), "one    four\ntwo    five\nthree\n");
    buf_reset(&out);
    draw_words(&words, 3, &out);
    assert_string_equal(buf_text(&out), "one\ntwo\nthree\nfour\nfive\n");
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_editing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_characters_are_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_line_has_a_maximum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wide_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_control_characters_are_not_obeyed, set_up, tear_down),
        cmocka_unit_test(test_words_stand_in_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
