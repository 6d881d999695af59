/* First in, first out, of any length: what does not fit into a little memory waits in a temporary
 * file. Serves scan; calls spool. */
#ifndef BASE_BACKLOG_H
#define BASE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct backlog;
struct backlog *backlog_new(void);
void backlog_free(struct backlog *backlog);
/* Never fails: where no file can be written, it waits in memory. */
void backlog_put(struct backlog *backlog, const void *bytes, size_t length);
/* The oldest one, until the next call; NULL: there is none, or *err says why it is lost. */
const void *backlog_take(struct backlog *backlog, size_t *length, struct err *err);

#endif
