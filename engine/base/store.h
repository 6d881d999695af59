/* Bytes that wait until they are taken, each once and in any order: in memory while they are few,
 * else in one temporary file, whose room is used again. So any number of queues share one file.
 * Serves found_lines; calls spool. */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stddef.h>

#include "base/err.h"

struct store;
/* `most`: bytes in memory; only if no file can be written, there are more. */
struct store *store_new(size_t most);
/* Everything that was put must have been taken or dropped. */
void store_free(struct store *store);

/* What was put; `next` is for the owner. */
struct stored {
    struct stored *next;
};
struct stored *store_put(struct store *store, const void *bytes, size_t length);
/* Returns the bytes (mem_free), and frees `stored`. NULL: *err says why they are lost. */
char *store_take(struct store *store, struct stored *stored, size_t *length, struct err *err);
void store_drop(struct store *store, struct stored *stored);

#endif
