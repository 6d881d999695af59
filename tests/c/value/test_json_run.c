/* The part of a text that stands in JSON as it is: every byte at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "value/json_run.h"

#define LONGEST 20

static int is_special(int byte)
{
    return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

static void test_every_byte(void **state)
{
    char text[LONGEST];
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < LONGEST; at++) {
            memset(text, 'a', sizeof text);
            text[at] = (char)byte;
            assert_int_equal(json_run(text, sizeof text), is_special(byte) ? at : sizeof text);
            assert_int_equal(json_run(text, at), at);
        }
    }
}

/* The first of two counts, whatever the second one is. */
static void test_every_pair(void **state)
{
    char text[8] = "aaaaaaaa";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        for (int next = 0; next < 256; next++) {
            text[3] = (char)byte;
            text[4] = (char)next;
            size_t want = is_special(byte) ? 3 : is_special(next) ? 4 : 8;
            assert_int_equal(json_run(text, sizeof text), want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
