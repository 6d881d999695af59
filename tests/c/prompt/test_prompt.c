/* Lines read from a terminal: editing, recalling, completing, pasting, interrupting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "prompt/prompt.h"
#include "support/typing.h"

#define UP "\033[A"
#define DOWN "\033[B"
#define LEFT "\033[D"

static size_t complete(void *arg, const char *text, size_t length, struct text_list *words)
{
    const char *const *all = arg;
    size_t start = length;
    while (start > 0 && text[start - 1] != ' ')
        start--;
    for (; *all != NULL; all++) {
        if (strncmp(*all, text + start, length - start) == 0)
            text_list_add(words, *all);
    }
    return start;
}

static const char *all_words[] = {"print", "private", "quit", NULL};
static char *screen;

static int tear_down(void **state)
{
    (void)state;
    free(screen);
    screen = NULL;
    return 0;
}

/* Types the keys, and expects these results: a line, "^C" or "^D". */
static void types(const char *keys, const char *const *expected)
{
    struct err err = {0};
    struct prompt *prompt = prompt_new(NULL, complete, all_words, &err);
    char got[512] = "", wanted[512] = "";
    typing_begin(keys, 20);
    bool possible = prompt_is_possible();
    for (const char *const *line = expected; *line != NULL; line++) {
        const char *text = NULL;
        size_t length;
        enum prompt_result result = prompt_read(prompt, "> ", false, &text, &length);
        strcat(got, result == PROMPT_LINE ? text : result == PROMPT_END ? "^D" : "^C");
        strcat(strcat(wanted, *line), "|");
        strcat(got, "|");
    }
    free(screen);
    screen = typing_end();
    prompt_free(prompt);
    assert_true(possible);
    assert_string_equal(got, wanted);
}

#define TYPES(keys, ...)                                                                           \
    do {                                                                                           \
        static const char *const expected[] = {__VA_ARGS__, NULL};                                 \
        types(keys, expected);                                                                     \
    } while (0)

static void test_a_line(void **state)
{
    (void)state;
    TYPES("1 + 2" LEFT LEFT LEFT LEFT "0\r", "10 + 2");
    assert_non_null(strstr(screen, "\033[?2004h"));
    assert_non_null(strstr(screen, "> 10 + 2\r\033[8C\n\033[?2004l"));
}

static void test_interrupt_and_end(void **state)
{
    (void)state;
    TYPES("abc\x03"
          "ab" LEFT "\x04\x04\r\x04",
          "^C", "a", "^D");
}

static void test_recalling(void **state)
{
    (void)state;
    TYPES("aa\rb\rac\r" UP UP UP "\r", "aa", "b", "ac", "aa");
    TYPES("aa\rb\rac\ra" UP UP "\r", "aa", "b", "ac", "aa");
    TYPES("aa\rb\rx" UP DOWN "y\r", "aa", "b", "xy");
    TYPES("aa\rb\r" UP UP DOWN DOWN "z\r", "aa", "b", "z");
    TYPES("aa\r" UP "b" UP "\r", "aa", "aab");
    assert_non_null(strchr(screen, '\a'));
}

static void test_completing(void **state)
{
    (void)state;
    TYPES("q\t\r", "quit");
    TYPES("x p\t\r", "x pri");
    TYPES("z\t\r", "z");
    assert_non_null(strchr(screen, '\a'));
    TYPES("pri\tn\t()\r", "print()");
    assert_non_null(strstr(screen, "print    private\n"));
}

static void test_pasting_several_lines(void **state)
{
    (void)state;
    TYPES("\033[200~q\t1\rsecond\033[201~q\t\r", "q\t1", "secondq");
    TYPES("one\rtwo\r", "one", "two");
}

static void test_clearing_the_screen(void **state)
{
    (void)state;
    TYPES("ab\x0c"
          "c\r",
          "abc");
    assert_non_null(strstr(screen, "\033[H\033[2J\r\033[J> abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_line, tear_down),
        cmocka_unit_test_teardown(test_interrupt_and_end, tear_down),
        cmocka_unit_test_teardown(test_recalling, tear_down),
        cmocka_unit_test_teardown(test_completing, tear_down),
        cmocka_unit_test_teardown(test_pasting_several_lines, tear_down),
        cmocka_unit_test_teardown(test_clearing_the_screen, tear_down),
    };
    setenv("TERM", "xterm", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
