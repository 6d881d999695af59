/* The paginators of operations. Serves operations. */
#ifndef AWS_MODEL_COMPILER_PAGINATORS_H
#define AWS_MODEL_COMPILER_PAGINATORS_H

#include <stdint.h>

#include "base/err.h"

struct builder;

/* Adds the paginator of an operation; *paginator is MODEL_NOTHING if it has none. */
int paginator_add(struct builder *builder, const char *operation, uint32_t *paginator,
                  struct err *err);

#endif
