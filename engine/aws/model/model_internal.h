/* The layout of a mapped model, for the files of this room only. */
#ifndef AWS_MODEL_MODEL_INTERNAL_H
#define AWS_MODEL_MODEL_INTERNAL_H

#include <stddef.h>

#include "aws/model/model.h"

struct model_file_header;

struct model {
    const unsigned char *map;
    size_t size;
    const struct model_file_header *header;
    struct model_info info;
};

#endif
