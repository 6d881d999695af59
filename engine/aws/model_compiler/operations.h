/* Operations, their errors and requests. Serves compile; calls shapes, paginators and endpoints. */
#ifndef AWS_MODEL_COMPILER_OPERATIONS_H
#define AWS_MODEL_COMPILER_OPERATIONS_H

#include "base/err.h"

struct builder;

/* Lays down all operations, and with them the shapes that they reach. */
int operations_lay(struct builder *builder, struct err *err);

#endif
