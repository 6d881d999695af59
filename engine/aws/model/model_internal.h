/* The reader's own: model_open.c and model_map.c map files, model.c, model_shape.c and
 * model_endpoint.c read them. Every reference
 * found in a file is checked when it is followed, so that a damaged file gives empty answers and
 * never a read beyond the mapping. */
#ifndef AWS_MODEL_MODEL_INTERNAL_H
#define AWS_MODEL_MODEL_INTERNAL_H

#include "aws/model/model.h"
#include "aws/model/model_format.h"

struct model {
    const unsigned char *map;
    size_t size;
    const struct model_file_header *header;
    struct model_info info;
};

/* Maps and checks a file: NULL with ERR_PARSE when it is none of ours, ERR_IO. */
struct model *model_map(const char *path, struct err *err);
void model_unmap(struct model *model);

/* Maps a whole file; NULL when it cannot be opened (errno says why) or is empty. */
const void *model_map_file(const char *path, size_t *size);

/* Where a service is reached from one region, or one partition's other regions. */
struct model_endpoint {
    const char *url;            /* with "{region}" */
    const char *signing_region; /* or "" */
    const char *signing_name;   /* or "" */
};
/* One of the ways to a service (0: the usual one), and bits of enum endpoint_variant. */
struct model_way {
    unsigned number;
    unsigned variant;
};
/* By the region's or the partition's name; false when the file says nothing of it. */
bool model_endpoint(const struct model *model, const struct model_way *way, const char *name,
                    struct model_endpoint *endpoint);
/* The way that an operation takes. */
unsigned model_operation_way(const struct model *model, model_operation operation);

/* A string of the pool; "" for an offset that lies outside. */
const char *model_text_at(const struct model *model, model_text offset);

/* A record of a section, or NULL beyond its end. The sections' own bounds were checked at open. */
#define MODEL_RECORD(model, section, type, index)                                                  \
    ((index) < (model)->header->section.count                                                      \
         ? (const type *)(const void *)((model)->map + (model)->header->section.offset) + (index)  \
         : NULL)

#endif
