/* Annotations for the structures of an API: parameters and results of operations. Serves
 * generate_types. */
#ifndef GENERATE_GENERATE_SHAPES_H
#define GENERATE_GENERATE_SHAPES_H

#include "aws/model/model.h"
#include "base/buf.h"

/* The structures of one service that were named so far. A struct of zeros has none. */
struct generate_shapes {
    const struct model *model; /* NULL: every type is a table */
    const char *service;       /* as in Lua: "sso_admin" */
    model_shape *shapes;
    size_t count;
};

/* Appends the type of a shape ("engine.aws.sqs.CreateQueueResult", "string[]"). */
void generate_shapes_name(struct generate_shapes *shapes, model_shape shape, struct buf *out);
/* Appends a class for each structure that was named, and for those within them. Frees. */
void generate_shapes_write(struct generate_shapes *shapes, struct buf *out);

#endif
