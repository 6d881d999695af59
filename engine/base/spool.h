/* Temporary files without a name: they disappear when the descriptor is closed, however the process
 * ends. Serves code whose data does not fit into memory. */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Opens a file for reading and writing in TMPDIR or /tmp, accessible to its owner only. If neither
 * can be written (a read-only container), it is in memory. -1 with ERR_IO. */
int spool_open(struct err *err);

/* Writes everything, or returns ERR_IO. */
int spool_write(int fd, uint64_t offset, const void *bytes, size_t length, struct err *err);
/* Bytes beyond the end are read as zero. */
int spool_read(int fd, uint64_t offset, void *bytes, size_t length, struct err *err);
void spool_empty(int fd);

#endif
