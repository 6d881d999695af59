/* Editor annotations. Serves `engine generate types`. */
#ifndef GENERATE_GENERATE_TYPES_H
#define GENERATE_GENERATE_TYPES_H

#include "generate/generate.h"

/* Annotations of the operations that the policies declare; those of the language itself come
 * before them, and from it. */
void generate_types(const struct generate_input *input, struct buf *out);

#endif
