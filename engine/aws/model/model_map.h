/* Maps compiled models. Every reference in a file is checked when it is followed, so a damaged file
 * gives empty results and never a read outside the mapping. Serves the other files of this room,
 * which read the mapped data. */
#ifndef AWS_MODEL_MODEL_MAP_H
#define AWS_MODEL_MODEL_MAP_H

#include <stddef.h>

#include "aws/model/model_format.h"
#include "base/err.h"

struct model;

/* Maps and checks a file. NULL with ERR_PARSE if it is not a compiled model, or ERR_IO. */
struct model *model_map(const char *path, struct err *err);
void model_unmap(struct model *model);

/* What is wrong with the head of a file of so many bytes, or NULL. */
const char *model_header_fault(const struct model_file_header *header, size_t size);

/* Maps a whole file. NULL if it cannot be opened (errno says why) or is empty. */
const void *model_map_file(const char *path, size_t *size);

/* A string of the pool; "" for an offset outside it. */
const char *model_text_at(const struct model *model, model_text offset);

/* A record of a section, or NULL beyond its end. The bounds of sections were checked at open. */
#define MODEL_RECORD(model, section, type, index)                                                  \
    ((index) < (model)->header->section.count                                                      \
         ? (const type *)(const void *)((model)->map + (model)->header->section.offset) + (index)  \
         : NULL)

#endif
