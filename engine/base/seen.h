/* A set of texts of any number, on disk: memory stays flat. What it holds is a digest of each,
 * which nobody can make two of. Serves run and poll; calls base/spool. */
#ifndef BASE_SEEN_H
#define BASE_SEEN_H

#include <stdbool.h>

#include "base/err.h"

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *seen);
/* *before: it was there already. ERR_IO when that cannot be told. */
int seen_add(struct seen *seen, const char *text, bool *before, struct err *err);

#endif
