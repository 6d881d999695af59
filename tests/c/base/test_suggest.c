/* Did-you-mean: which words are similar enough to be suggested, and which are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/suggest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void test_suggestions(void **state)
{
    (void)state;
    static const char *const names[] = {"ListQueues", "ListQueueTags", "GetQueueUrl", "elbv2"};
    static const struct {
        const char *wrong, *best;
    } cases[] = {
        {"ListQueue", "ListQueues"},
        {"list_queues", "ListQueues"},
        {"LIST-QUEUES", "ListQueues"},
        {"ListQeuues", "ListQueues"},
        {"GetQueueURL", "GetQueueUrl"},
        {"elb2", "elbv2"},
        {"ListQueueTag", "ListQueueTags"},
        {"Receive", NULL},
        {"", NULL},
        {"x", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct suggest suggest;
        char text[SUGGEST_TEXT];
        suggest_init(&suggest, cases[i].wrong);
        for (size_t j = 0; j < COUNT(names); j++)
            suggest_offer(&suggest, names[j]);
        if (cases[i].best == NULL) {
            assert_null(suggest.best);
        } else {
            assert_non_null(suggest.best);
            assert_string_equal(suggest.best, cases[i].best);
        }
        suggest_text(&suggest, text);
        assert_int_equal(text[0] != '\0', cases[i].best != NULL);
    }
}

static void test_refusal(void **state)
{
    (void)state;
    static const char *const names[] = {"read", "write"};
    struct err err = {0};
    assert_int_equal(suggest_refuse("--access", "raed", names, COUNT(names), &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message,
                        "--access: \"raed\" is not one of read, write, did you mean \"read\"?");
    suggest_refuse("--access", "all", names, COUNT(names), &err);
    assert_string_equal(err.message, "--access: \"all\" is not one of read, write");
}

static void test_too_long(void **state)
{
    (void)state;
    struct suggest longest;
    char many[500];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    suggest_init(&longest, many);
    suggest_offer(&longest, many);
    assert_null(longest.best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_refusal),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
