/* bindings/vm/blocks.c: blocks keep their bytes, are reused, and are all freed with the state. Also
 * bindings/vm/state.c: what a state reserves for them has a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bindings/vm/blocks.h"
#include "bindings/vm/state.h"

#define MOST 1400

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
    for (size_t size = 1; size < MOST; size += 17) {
        for (size_t next = 1; next < MOST; next += 31) {
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

static void test_the_end_of_a_chunk_is_used(void **state)
{
    (void)state;
    struct blocks blocks = {0};
    while (blocks.left != 512) /* of the first chunk, which these sizes fill */
        blocks_resize(&blocks, NULL, 0,
                      blocks.left >= 512 + BLOCKS_LARGEST || blocks.left == 0 ? BLOCKS_LARGEST
                                                                              : blocks.left - 512);
    size_t reserved = blocks.reserved;
    blocks_resize(&blocks, NULL, 0, BLOCKS_LARGEST);
    assert_int_equal(blocks.reserved, 2 * reserved);
    assert_non_null(blocks_take(&blocks, 512));
    blocks_clear(&blocks);
}

#define MAX_STATE (1u << 20)

/* Fills most of the memory with tables of each size in turn, and drops them. */
static int fill_by_size(lua_State *L)
{
    for (int members = 1; members < 60; members++) {
        lua_newtable(L);
        for (int i = 1; i < (int)(MAX_STATE / 2) / (56 + 16 + 16 * members); i++) {
            lua_createtable(L, members, 0);
            lua_rawseti(L, -2, i);
        }
        lua_pop(L, 1);
        lua_gc(L, LUA_GCCOLLECT);
    }
    return 0;
}

static void test_what_is_reserved_has_a_limit(void **state)
{
    (void)state;
    struct err err = {0};
    struct state *lua = state_new(NULL, MAX_STATE);
    assert_int_equal(state_protect(lua, &err, fill_by_size, NULL), -1);
    assert_string_equal(err.message, "not enough memory");
    assert_in_range(lua->blocks.reserved, 7 * MAX_STATE, 9 * MAX_STATE);
    lua->max = 0;
    assert_int_equal(state_protect(lua, &err, fill_by_size, NULL), 0);
    assert_true(lua->blocks.reserved > 9 * MAX_STATE);
    state_free(lua);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_size_and_change_of_size),
        cmocka_unit_test(test_blocks_do_not_overlap),
        cmocka_unit_test(test_freed_blocks_are_reused),
        cmocka_unit_test(test_the_end_of_a_chunk_is_used),
        cmocka_unit_test(test_what_is_reserved_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
