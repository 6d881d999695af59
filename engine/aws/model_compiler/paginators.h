/* How operations that answer in pages are continued. Serves operations. */
#ifndef AWS_MODEL_COMPILER_PAGINATORS_H
#define AWS_MODEL_COMPILER_PAGINATORS_H

#include <stdint.h>

#include "base/err.h"

struct builder;

/* How an operation goes from page to page; *paginator is MODEL_NOTHING when it does not. */
int paginator_lay(struct builder *builder, const char *operation, uint32_t *paginator,
                  struct err *err);

#endif
