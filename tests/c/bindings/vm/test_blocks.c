/* bindings/vm/blocks.c: blocks keep their bytes, are reused, and are all freed with the state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bindings/vm/blocks.h"

#define MOST 400

static void fill(unsigned char *block, size_t size, unsigned char seed)
{
    for (size_t i = 0; i < size; i++)
        block[i] = (unsigned char)(seed + i);
}

static void check(const unsigned char *block, size_t size, unsigned char seed)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(block[i], (unsigned char)(seed + i));
}

static void test_every_size_and_change_of_size(void **state)
{
    (void)state;
    struct blocks blocks = {0};
    for (size_t size = 1; size < MOST; size += 7) {
        for (size_t next = 1; next < MOST; next += 13) {
            unsigned char *block = blocks_resize(&blocks, NULL, 0, size);
            fill(block, size, (unsigned char)next);
            block = blocks_resize(&blocks, block, size, next);
            check(block, size < next ? size : next, (unsigned char)next);
            assert_null(blocks_resize(&blocks, block, next, 0));
        }
    }
    blocks_clear(&blocks);
}

static void test_blocks_do_not_overlap(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static unsigned char *held[COUNT];
    struct blocks blocks = {0};
    for (size_t i = 0; i < COUNT; i++) {
        size_t size = 1 + i % MOST;
        held[i] = blocks_resize(&blocks, NULL, 0, size);
        assert_int_equal((uintptr_t)held[i] % BLOCKS_GRAIN, 0);
        fill(held[i], size, (unsigned char)i);
    }
    for (size_t i = 0; i < COUNT; i++)
        check(held[i], 1 + i % MOST, (unsigned char)i);
    for (size_t i = 0; i < COUNT; i++)
        blocks_resize(&blocks, held[i], 1 + i % MOST, 0);
    blocks_clear(&blocks);
}

static void test_freed_blocks_are_reused(void **state)
{
    (void)state;
    struct blocks blocks = {0};
    void *first = blocks_resize(&blocks, NULL, 0, 40);
    void *second = blocks_resize(&blocks, NULL, 0, 40);
    assert_ptr_not_equal(first, second);
    blocks_resize(&blocks, first, 40, 0);
    assert_ptr_equal(blocks_resize(&blocks, NULL, 0, 33), first); /* of the same class */
    assert_null(blocks_resize(&blocks, NULL, 0, 0));
    blocks_clear(&blocks);
    assert_null(blocks.chunks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size_and_change_of_size),
        cmocka_unit_test(test_blocks_do_not_overlap),
        cmocka_unit_test(test_freed_blocks_are_reused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
