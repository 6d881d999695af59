/* The texts of a compiled model, each stored once. Serves builder. The lowest file of this room. */
#ifndef AWS_MODEL_COMPILER_POOL_H
#define AWS_MODEL_COMPILER_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "aws/model/model_format.h"
#include "base/buf.h"

/* Texts, each stored once. */
struct pool {
    struct buf bytes;
    uint32_t *slots; /* open addressing: offsets; 0 is free */
    size_t slot_count;
    size_t used;
};
void pool_init(struct pool *pool);
void pool_clear(struct pool *pool);
/* Returns the offset of the text; NULL is "". */
model_text pool_add(struct pool *pool, const char *text);

#endif
