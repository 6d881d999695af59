#include "aws/model_compiler/pool.h"

#include <string.h>

#include "base/mem.h"

#define FIRST_SLOTS 4096

void pool_init(struct pool *pool)
{
    memset(pool, 0, sizeof *pool);
    buf_init(&pool->bytes, MODEL_FILE_MAX);
    buf_add(&pool->bytes, "", 1);
    pool->slot_count = FIRST_SLOTS;
    pool->slots = mem_alloc(FIRST_SLOTS * sizeof *pool->slots);
}

void pool_clear(struct pool *pool)
{
    buf_clear(&pool->bytes);
    mem_free(pool->slots);
}

/* The slot of a text, or the free slot for it. */
static uint32_t *slot_of(const struct pool *pool, const char *text)
{
    size_t at = model_file_checksum(text, (uint32_t)strlen(text)) & (pool->slot_count - 1);
    while (pool->slots[at] != 0 && strcmp(pool->bytes.data + pool->slots[at], text) != 0)
        at = (at + 1) & (pool->slot_count - 1);
    return &pool->slots[at];
}

static void grow(struct pool *pool)
{
    uint32_t *old = pool->slots;
    size_t old_count = pool->slot_count;
    pool->slot_count *= 2;
    pool->slots = mem_alloc(pool->slot_count * sizeof *pool->slots);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != 0)
            *slot_of(pool, pool->bytes.data + old[i]) = old[i];
    }
    mem_free(old);
}

model_text pool_add(struct pool *pool, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    uint32_t *slot = slot_of(pool, text);
    if (*slot != 0)
        return *slot;
    uint32_t offset = (uint32_t)pool->bytes.len;
    if (buf_add(&pool->bytes, text, strlen(text) + 1) != 0)
        return 0; /* the buffer has `failed` set */
    *slot = offset;
    if (++pool->used * 2 > pool->slot_count)
        grow(pool);
    return offset;
}
