/* A set on disk: it recognizes what was added, however much that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/seen.h"

static bool before(struct seen *seen, size_t number)
{
    char text[64];
    bool there;
    struct err err = {0};
    snprintf(text, sizeof text, "111122223333 sqs us-east-1 queue-%zu", number);
    assert_int_equal(seen_add(seen, text, &there, &err), 0);
    return there;
}

static void test_many(void **state)
{
    (void)state;
    struct seen *seen = seen_new();
    for (size_t i = 0; i < 20000; i++) {
        assert_false(before(seen, i));
        assert_true(before(seen, i / 2));
    }
    for (size_t i = 0; i < 20000; i++)
        assert_true(before(seen, i));
    seen_free(seen);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_many)};
    mem_install();
    return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
