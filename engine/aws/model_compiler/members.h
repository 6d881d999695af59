/* The members of structures, with their traits and two indexes. Serves shapes. */
#ifndef AWS_MODEL_COMPILER_MEMBERS_H
#define AWS_MODEL_COMPILER_MEMBERS_H

#include <jansson.h>
#include <stdint.h>

#include "aws/model/model_format.h"
#include "base/err.h"

struct builder;

/* Adds the members of a structure. */
int members_add(struct builder *builder, const json_t *structure, struct model_file_shape *shape,
                struct err *err);
/* The enum model_time of a member or shape. */
uint8_t time_format(const json_t *traits);
/* Sets the uri of the namespace, and its prefix if it has one. */
void namespace_texts(struct builder *builder, const json_t *traits, model_text *uri,
                     model_text *prefix);

#endif
