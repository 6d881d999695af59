/* Editor annotations. Serves `engine generate types`. */
#ifndef GENERATE_GENERATE_TYPES_H
#define GENERATE_GENERATE_TYPES_H

#include "generate/generate.h"

/* Annotations for the operations that the policies declare. Those of the language itself come from
 * the language, and are written before them. */
void generate_types(const struct generate_input *input, struct buf *out);

#endif
