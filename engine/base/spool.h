/* Temporary files without a name: gone with the descriptor, whatever ends the process. Serves what
 * keeps more than belongs into memory. */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A descriptor for reading and writing, in TMPDIR or /tmp, for its owner alone; where neither can
 * be written (a read-only container) in memory. -1 with ERR_IO. */
int spool_open(struct err *err);

/* All of it or an error: ERR_IO. */
int spool_write(int fd, uint64_t offset, const void *bytes, size_t length, struct err *err);
/* Bytes beyond the end read as zero. */
int spool_read(int fd, uint64_t offset, void *bytes, size_t length, struct err *err);
void spool_empty(int fd);

#endif
