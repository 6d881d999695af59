/* Blocks of all sizes that are taken, resized and freed in random order keep their bytes, are
 * aligned, and are zeroed where mem_alloc promises that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <cmocka.h>

#include "base/mem.h"
#include "support/slowed.h"

#define SLOTS 600
#define ROUNDS 60000

static struct slot {
    unsigned char *bytes;
    size_t size;
    unsigned char mark;
} slots[SLOTS];

static unsigned seed = 7;

static size_t random_below(size_t limit)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % limit;
}

/* Mostly small ones; some where small ends and large begins. */
static size_t random_size(void)
{
    static const size_t most[] = {40, 40, 300, 530, 5000};
    return random_below(most[random_below(5)]);
}

static void expect_bytes(const struct slot *slot, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(slot->bytes[i], slot->mark);
}

static void fill(struct slot *slot, unsigned char *bytes, size_t size)
{
    assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
    slot->bytes = bytes;
    slot->size = size;
    slot->mark = (unsigned char)(1 + random_below(255));
    memset(bytes, slot->mark, size);
}

static void take(struct slot *slot)
{
    size_t size = random_size();
    unsigned char *bytes = mem_alloc(size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
    fill(slot, bytes, size);
}

static void resize(struct slot *slot)
{
    size_t size = random_size();
    slot->bytes = mem_resize(slot->bytes, size);
    expect_bytes(slot, size < slot->size ? size : slot->size);
    fill(slot, slot->bytes, size);
}

static void drop(struct slot *slot)
{
    expect_bytes(slot, slot->size);
    mem_free(slot->bytes);
    slot->bytes = NULL;
}

static void test_random(void **state)
{
    (void)state;
    for (size_t round = slowed_rounds(ROUNDS); round > 0; round--) {
        struct slot *slot = &slots[random_below(SLOTS)];
        if (slot->bytes == NULL)
            take(slot);
        else if (random_below(2) == 0)
            resize(slot);
        else
            drop(slot);
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (slots[i].bytes != NULL)
            drop(&slots[i]);
}

static void test_formats(void **state)
{
    (void)state;
    char *text = mem_printf("%s-%d", "a", 7);
    assert_string_equal(text, "a-7");
    mem_free(text);
    for (int length = 250; length < 260; length++) {
        text = mem_printf("%*d", length, 7);
        assert_int_equal(strlen(text), length);
        assert_int_equal(text[length - 1], '7');
        mem_free(text);
    }
}

/* Texts of jansson are freed like all others. */
static void test_jansson(void **state)
{
    (void)state;
    mem_install();
    json_t *value = json_pack("{s:[i, i], s:s}", "list", 1, 2, "text", "t");
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"list\":[1,2],\"text\":\"t\"}");
    mem_free(text);
    json_decref(value);
}

#ifdef NDEBUG
/* A block of the C library must not get into the lists. With valgrind there are none. */
static void test_foreign_block(void **state)
{
    (void)state;
    if (is_slowed())
        return;
    pid_t child = fork();
    if (child == 0) {
        unsigned char *block = calloc(1, 64);
        memset(block, 0xff, 64);
        mem_free(block + 16);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_jansson),
#ifdef NDEBUG
        cmocka_unit_test(test_foreign_block),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
