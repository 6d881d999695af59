/* Finds and reads the JSON of API models. Serves compile and endpoints. */
#ifndef AWS_MODEL_COMPILER_SOURCE_H
#define AWS_MODEL_COMPILER_SOURCE_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* A file's JSON, unpacked if it is compressed. New reference, or NULL. */
json_t *source_load(const char *path, struct err *err);
/* The same of DIR/STEM.json or DIR/STEM.json.gz. NULL without an error when there is neither. */
json_t *source_load_either(const char *directory, const char *stem, struct err *err);
/* The newest API version's directory of a service that has models (mem_free), or NULL. */
char *source_newest(const char *directory);
/* Sorted names of a directory's folders. */
struct source_names {
    char **names;
    size_t count;
};
int source_folders(const char *directory, struct source_names *names, struct err *err);
void source_names_clear(struct source_names *names);

#endif
