/* A member of a structure together with its shape, for code that walks responses: it meets the same
 * few members again and again. The model keeps each that was found. Serves the protocols and the
 * bindings; calls model_shape. */
#ifndef AWS_MODEL_MODEL_FIELD_H
#define AWS_MODEL_MODEL_FIELD_H

#include <stdbool.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"

struct model_field {
    struct model_member member;
    struct model_shape_info shape; /* as the member sees it: model_member_shape */
};

/* As model_member_find and model_member_by_wire; NULL if there is none. The field belongs to the
 * model. */
const struct model_field *model_field_find(const struct model *model, model_shape structure,
                                           const char *name);
const struct model_field *model_field_by_wire(const struct model *model, model_shape structure,
                                              const char *wire);

#endif
