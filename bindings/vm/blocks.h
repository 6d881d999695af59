/* Memory for one Lua state: small blocks come from free lists by size, since Lua says how large a
 * block is when it gives it back; large ones from the library. Nothing is shared between states,
 * and all of it goes at once with the state. Serves state.c. */
#ifndef BINDINGS_VM_BLOCKS_H
#define BINDINGS_VM_BLOCKS_H

#include <stddef.h>

/* Lua's small objects: short strings, tables, closures, upvalues (lobject.h) are within it. */
#define BLOCKS_LARGEST 128
#define BLOCKS_GRAIN 16

struct blocks_block;
struct blocks_chunk;

struct blocks {
    struct blocks_block *free[BLOCKS_LARGEST / BLOCKS_GRAIN];
    struct blocks_chunk *chunks;
    size_t left; /* bytes at the end of the newest chunk that were never given out */
};

/* As realloc and free: old is NULL and old_size 0 for a new block, new_size 0 gives it back and
 * returns NULL. old_size must be what the block was asked for with. */
void *blocks_resize(struct blocks *blocks, void *old, size_t old_size, size_t new_size);
/* Gives back the small blocks, used or not. Large ones must have been given back before. */
void blocks_clear(struct blocks *blocks);

#endif
