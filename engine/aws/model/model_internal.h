/* The layout of a mapped model, for the files of this room only. */
#ifndef AWS_MODEL_MODEL_INTERNAL_H
#define AWS_MODEL_MODEL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/model/model.h"
#include "aws/model/model_field.h"

struct model_file_header;

#define MODEL_PLACES 256u

struct model_found {
    struct model_found *next;
    model_shape structure;
    bool by_wire;
    struct model_field field;
};

struct model {
    const unsigned char *map;
    size_t size;
    const struct model_file_header *header;
    struct model_info info;
    struct model_found **found; /* MODEL_PLACES lists: the fields that were looked up */
};

#endif
