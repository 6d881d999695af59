/* A queue of any length (first in, first out): items that do not fit into a small amount of memory
 * are kept in a temporary file. Serves scan; calls spool. */
#ifndef BASE_BACKLOG_H
#define BASE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct backlog;
struct backlog *backlog_new(void);
void backlog_free(struct backlog *backlog);
/* Never fails: if no file can be written, the item is kept in memory. */
void backlog_put(struct backlog *backlog, const void *bytes, size_t length);
/* Takes the oldest item, valid until the next call. NULL: there is none, or *err says why it is
 * lost. */
const void *backlog_take(struct backlog *backlog, size_t *length, struct err *err);

#endif
