#include "bindings/vm/blocks.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_BYTES 16384

struct blocks_chunk {
    struct blocks_chunk *next;
    alignas(BLOCKS_GRAIN) char bytes[CHUNK_BYTES];
};

static size_t class_of(size_t size)
{
    return (size - 1) / BLOCKS_GRAIN;
}

static void *unused(const struct blocks *blocks)
{
    return blocks->chunks->bytes + (CHUNK_BYTES - blocks->left);
}

/* What is left of the old chunk becomes one free block. */
static void add_chunk(struct blocks *blocks)
{
    struct blocks_chunk *chunk = mem_resize(NULL, sizeof *chunk);
    if (blocks->left > 0)
        blocks_give_back(blocks, unused(blocks), blocks->left);
    chunk->next = blocks->chunks;
    blocks->chunks = chunk;
    blocks->left = CHUNK_BYTES;
    blocks->reserved += CHUNK_BYTES;
}

static void *take_new(struct blocks *blocks, size_t bytes)
{
    if (blocks->left < bytes)
        add_chunk(blocks);
    void *block = unused(blocks);
    blocks->left -= bytes;
    return block;
}

static void *take(struct blocks *blocks, size_t size)
{
    void *block = blocks_take(blocks, size);
    return block != NULL ? block : take_new(blocks, (class_of(size) + 1) * BLOCKS_GRAIN);
}

static void *allocate(struct blocks *blocks, size_t size)
{
    return size <= BLOCKS_LARGEST ? take(blocks, size) : mem_resize(NULL, size);
}

static void release(struct blocks *blocks, void *old, size_t size)
{
    if (size > BLOCKS_LARGEST)
        mem_free(old);
    else if (size > 0)
        blocks_give_back(blocks, old, size);
}

void *blocks_resize(struct blocks *blocks, void *old, size_t old_size, size_t new_size)
{
    if (new_size == 0) {
        release(blocks, old, old_size);
        return NULL;
    }
    if (old == NULL || old_size == 0)
        return allocate(blocks, new_size);
    if (old_size > BLOCKS_LARGEST && new_size > BLOCKS_LARGEST)
        return mem_resize(old, new_size);
    if (old_size <= BLOCKS_LARGEST && new_size <= BLOCKS_LARGEST &&
        class_of(old_size) == class_of(new_size))
        return old;
    void *block = allocate(blocks, new_size);
    memcpy(block, old, old_size < new_size ? old_size : new_size);
    release(blocks, old, old_size);
    return block;
}

void blocks_clear(struct blocks *blocks)
{
    while (blocks->chunks != NULL) {
        struct blocks_chunk *next = blocks->chunks->next;
        mem_free(blocks->chunks);
        blocks->chunks = next;
    }
    memset(blocks, 0, sizeof *blocks);
}

void *spares_take(struct spares *spares)
{
    return spares->count > 0 ? spares->items[--spares->count] : NULL;
}

bool spares_keep(struct spares *spares, void *item)
{
    if (spares->count == SPARES_MOST)
        return false;
    spares->items[spares->count++] = item;
    return true;
}

void spares_clear(struct spares *spares)
{
    while (spares->count > 0)
        mem_free(spares_take(spares));
}
