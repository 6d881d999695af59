/* Texts of `engine explain` in the columns of a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "generate/lines.h"

static void wraps(const char *text, size_t width, const char *expected)
{
    struct buf out;
    buf_init(&out, 4096);
    lines_wrap(text, width, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void test_width(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 4096);
    lines_labelled(&out, "Risk:", "anyone may read the objects");
    lines_labelled(&out, "See:", "");
    lines_labelled(&out, "A long label of it:", "text");
    buf_addc(&out, '\n');
    wraps(buf_text(&out), 80,
          "Risk:         anyone may read the objects\nA long label of it: text\n\n");
    wraps(buf_text(&out), 41,
          "Risk:         anyone may read the objects\nA long label of it: text\n\n");
    wraps(buf_text(&out), 40,
          "Risk:         anyone may read the\n              objects\n"
          "A long label of it: text\n\n");
    wraps(buf_text(&out), 24,
          "Risk:         anyone may\n              read the\n              objects\n"
          "A long label of it: text\n\n");
    buf_clear(&out);
}

/* A word longer than a line is not cut: it may be a path or an action. */
static void test_long_words(void **state)
{
    (void)state;
    wraps("", 40, "");
    wraps("Policy:       /a/very/long/path to it", 20,
          "Policy:       /a/very/long/path\n              to it");
    wraps("s3_bucket.public_policy", 20, "s3_bucket.public_policy");
    wraps("a  b", 3, "a  b");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_width),
                                              cmocka_unit_test(test_long_words)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
