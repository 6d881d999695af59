#include "support/json_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

void json_case_all_are_read(json_case_fn reads, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!reads(texts[i], strlen(texts[i])))
            fail_msg("not read: %s", texts[i]);
    }
}

void json_case_none_is_read(json_case_fn reads, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (reads(texts[i], strlen(texts[i])))
            fail_msg("read: %s", texts[i]);
    }
    assert_false(reads("\"a\0b\"", 5));
}

void json_case_depth(json_case_fn reads)
{
    char text[400];
    for (size_t depth = 1; depth < 200; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(reads(text, 2 * depth), depth <= 64);
    }
}

static uint32_t next_random(void)
{
    static uint32_t seed = 20261123;
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Returns the new length. */
static size_t spoil(char *text, size_t length)
{
    static const char bytes[] = "{}[]\":,\\/ntu019-.eE \n\x7f\xc3";
    for (uint32_t i = next_random() % 3 + 1; i > 0 && length > 0; i--) {
        size_t at = next_random() % length;
        if (next_random() % 4 == 0)
            memmove(text + at, text + at + 1, --length - at);
        else
            text[at] = bytes[next_random() % (sizeof bytes - 1)];
    }
    return length;
}

void json_case_spoilt(json_case_fn reads, const char *const *texts, size_t count, size_t rounds)
{
    size_t read = 0;
    for (size_t round = 0; round < rounds; round++) {
        char *text = mem_strdup(texts[next_random() % count]);
        size_t length = spoil(text, strlen(text));
        text = mem_resize(text, length); /* so that a tool notices reads beyond it */
        read += reads(text, length) ? 1 : 0;
        mem_free(text);
    }
    assert_in_range(read, rounds / 100, rounds / 2);
}
