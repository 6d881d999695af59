/* A set of any number of texts, on disk, so memory does not grow. It stores a cryptographic digest
 * of each text, so two texts are never confused. Serves run and poll; calls base/spool. */
#ifndef BASE_SEEN_H
#define BASE_SEEN_H

#include <stdbool.h>

#include "base/err.h"

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *seen);
/* *before: the text was already in the set. ERR_IO if that cannot be determined. */
int seen_add(struct seen *seen, const char *text, bool *before, struct err *err);

#endif
