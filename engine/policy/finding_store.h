/* Findings that are needed again later, and in another order: a temporary file keeps them, so
 * memory does not grow. Serves report; calls base/spool. */
#ifndef POLICY_FINDING_STORE_H
#define POLICY_FINDING_STORE_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct finding_store;
struct finding_store *finding_store_new(void);
void finding_store_free(struct finding_store *store);
/* The first has the index 0. Never fails: if no file can be written, it is kept in memory. */
void finding_store_put(struct finding_store *store, const json_t *finding);
size_t finding_store_count(const struct finding_store *store);
/* New reference; NULL with ERR_IO. */
json_t *finding_store_get(struct finding_store *store, size_t index, struct err *err);
void finding_store_empty(struct finding_store *store);

#endif
