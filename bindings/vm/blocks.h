/* The memory of one Lua state. Small blocks come from free lists by size, because Lua passes the
 * size of a block when it frees it; large blocks come from the C library. States share no memory,
 * and all small blocks are freed together with the state. Serves state.c. */
#ifndef BINDINGS_VM_BLOCKS_H
#define BINDINGS_VM_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

/* Lua's objects fit into it, and the stack of a new coroutine and the members of usual tables (see
 * lobject.h, lstate.h). */
#define BLOCKS_LARGEST 1024
#define BLOCKS_GRAIN 16

struct blocks_block {
    struct blocks_block *next;
};
struct blocks_chunk;

struct blocks {
    struct blocks_block *free[BLOCKS_LARGEST / BLOCKS_GRAIN];
    struct blocks_chunk *chunks;
    size_t reserved; /* bytes of all chunks: what is freed serves only blocks of the same size */
    size_t left;     /* unused bytes at the end of the newest chunk */
};

/* The two usual cases, to be tried before blocks_resize; inlined, because Lua allocates hundreds of
 * blocks for each resource. A free block of this size; NULL: there is none. */
static inline void *blocks_take(struct blocks *blocks, size_t size)
{
    struct blocks_block **list = &blocks->free[(size - 1) / BLOCKS_GRAIN], *block = *list;
    if (block != NULL) {
        *list = block->next;
        /* After a collection, free blocks are not in the cache. */
        __builtin_prefetch(block->next, 1);
    }
    return block;
}

/* Frees a small block. */
static inline void blocks_give_back(struct blocks *blocks, void *old, size_t size)
{
    struct blocks_block *block = old, **list = &blocks->free[(size - 1) / BLOCKS_GRAIN];
    block->next = *list;
    *list = block;
}

static inline bool blocks_is_small(size_t size)
{
    return size - 1 < BLOCKS_LARGEST;
}

/* Works like realloc and free: for a new block, old is NULL and old_size 0; new_size 0 frees the
 * block and returns NULL. old_size must be the size that was requested for the block. */
void *blocks_resize(struct blocks *blocks, void *old, size_t old_size, size_t new_size);
/* Frees the small blocks, used or not. Large blocks must have been freed before. */
void blocks_clear(struct blocks *blocks);

/* Objects of one type that have ended, kept for the next ones. */
#define SPARES_MOST 256

struct spares {
    void *items[SPARES_MOST];
    int count;
};

/* NULL: there is none. What the object holds is left from its last use. */
void *spares_take(struct spares *spares);
/* False if there is no room for it: the caller frees it. */
bool spares_keep(struct spares *spares, void *item);
/* Frees the memory of the objects. */
void spares_clear(struct spares *spares);

#endif
