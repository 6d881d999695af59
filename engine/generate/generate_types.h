/* Editor annotations. Serves `engine generate types`. */
#ifndef GENERATE_GENERATE_TYPES_H
#define GENERATE_GENERATE_TYPES_H

#include "generate/generate.h"

/* Annotations for the operations that the policies declare, with the structures of their parameters
 * and results if `models` is not NULL. Those of the language itself come from the language, and are
 * written before them. */
struct model_set;
void generate_types(const struct generate_input *input, struct model_set *models, struct buf *out);

#endif
