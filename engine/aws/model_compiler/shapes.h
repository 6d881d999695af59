/* Shapes: what each is, and what it holds. Serves operations and compile; calls members. */
#ifndef AWS_MODEL_COMPILER_SHAPES_H
#define AWS_MODEL_COMPILER_SHAPES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct builder;

/* Lays down all that was given a handle, and what that reaches. */
int shapes_drain(struct builder *builder, struct err *err);
/* Marks, once all are laid, what holds something sensitive. */
void shapes_guard(struct builder *builder);
/* Does a structure have an event stream among its members? */
bool shape_streams_events(const struct builder *builder, const json_t *reference);

#endif
