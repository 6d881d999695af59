/* Shapes and their contents. Serves operations and compile; calls members. */
#ifndef AWS_MODEL_COMPILER_SHAPES_H
#define AWS_MODEL_COMPILER_SHAPES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct builder;

/* Adds all shapes that have a handle, and those that they reach. */
int shapes_add_all(struct builder *builder, struct err *err);
/* Marks shapes that hold a sensitive value. Call it after all shapes were added. */
void shapes_guard(struct builder *builder);
/* Does a structure have a member that is an event stream? */
bool shape_streams_events(const struct builder *builder, const json_t *reference);

#endif
