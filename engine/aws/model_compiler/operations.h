/* Operations, their errors and requests. Serves compile; calls shapes, paginators and endpoints. */
#ifndef AWS_MODEL_COMPILER_OPERATIONS_H
#define AWS_MODEL_COMPILER_OPERATIONS_H

#include "base/err.h"

struct builder;

/* Adds all operations, and handles for the shapes that they use. */
int operations_add(struct builder *builder, struct err *err);

#endif
